// The gateway's HTTP server: /live, /ready, /metrics, /progress, the live page and its stream. Meant for loopback;
// it answers only pages of its own origin. Imports the gateway, ws.
import { readFile } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { extname } from "node:path";
import { WebSocketServer } from "ws";
import { MillraceError } from "../core/errors.ts";
import { buildFolder } from "../effects/kernel-file.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { metricsText } from "./metrics.ts";
import { progressOf } from "./progress.ts";
import { serveViewer } from "./viewer.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};
const PAGE_FILES = ["index.html", "live.js", "worker.js", "live.css", "style.css"];
/** Ports tried behind the wanted one when it is taken. */
const PORTS_TRIED = 20;
const VIEWERS_MAX = 16;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]", "::1"]);

export interface ServerOptions {
  gateway: Gateway;
  kernel: Uint8Array;
  host: string;
  port: number;
  /** Take the next free port when the wanted one is taken. */
  nextFree: boolean;
  nowMs(): number;
}

export interface RunningServer {
  /** `http://127.0.0.1:8080` */
  address: string;
  close(): Promise<void>;
}

/** Starts listening. Throws MR303 when the port is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 4096,
    maxFragments: 16,
    perMessageDeflate: false,
  });
  server.on("upgrade", (request, socket, head) => {
    const url = urlOf(request);
    socket.on("error", () => socket.destroy());
    if (url?.pathname !== "/stream" || !sameOrigin(request) || !hostIsOurs(options, request)) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
      return;
    }
    if (sockets.clients.size >= VIEWERS_MAX) {
      socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (viewer) =>
      serveViewer(viewer, options.gateway, url.searchParams.get("source"), options.nowMs),
    );
  });
  const port = await listen(server, options);
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    address: `http://${host}:${port}`,
    close: async () => {
      for (const viewer of sockets.clients) viewer.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Path and query of a request; null for what is neither. */
function urlOf(request: IncomingMessage): URL | null {
  const text = request.url ?? "/";
  return text.startsWith("/") && URL.canParse(`http://gateway${text}`)
    ? new URL(`http://gateway${text}`)
    : null;
}

/** Browsers name the page that opens a connection: only our own may. */
function sameOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

export const isLoopback = (host: string): boolean => LOOPBACK.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host);

/**
 * On loopback only names of loopback are answered: a page of another site whose name is made to point here (DNS
 * rebinding) sends that name.
 */
function hostIsOurs(options: ServerOptions, request: IncomingMessage): boolean {
  if (!isLoopback(options.host)) return true;
  const name = (request.headers.host ?? "").replace(/:\d+$/, "");
  return isLoopback(name);
}

async function listen(server: Server, options: ServerOptions): Promise<number> {
  for (let port = options.port; ; port++) {
    const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      server.once("error", resolve);
      server.listen(port, options.host, () => {
        server.removeListener("error", resolve);
        resolve(null);
      });
    });
    if (error === null) {
      const address = server.address();
      return typeof address === "object" && address !== null ? address.port : port;
    }
    const retry = error.code === "EADDRINUSE" && options.nextFree && port < options.port + PORTS_TRIED;
    if (!retry) {
      const reason =
        error.code === "EADDRINUSE"
          ? "the port is taken: choose another with --http HOST:PORT"
          : error.message;
      throw new MillraceError("MR303", `cannot listen on ${options.host}:${port}: ${reason}`, {
        cause: error,
      });
    }
  }
}

async function answer(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pathname = urlOf(request)?.pathname ?? "";
  const send = (status: number, type: string, body: string | Uint8Array): void => {
    response.writeHead(status, {
      "content-type": type,
      "cache-control": "no-cache",
      "x-content-type-options": "nosniff",
    });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  if (!hostIsOurs(options, request))
    return send(403, "text/plain", "this gateway answers on loopback only\n");
  if (request.method !== "GET" && request.method !== "HEAD") return send(405, "text/plain", "only GET\n");
  switch (pathname) {
    case "/live":
      return send(200, "text/plain", "alive\n");
    case "/ready": {
      const reasons = options.gateway.notReady();
      return send(
        reasons.length === 0 ? 200 : 503,
        "application/json",
        `${JSON.stringify({ ready: reasons.length === 0, reasons })}\n`,
      );
    }
    case "/metrics":
      return send(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        metricsText(options.gateway, options.nowMs()),
      );
    case "/progress":
      return send(
        200,
        "application/json",
        `${JSON.stringify(progressOf(options.gateway, options.nowMs()))}\n`,
      );
    case "/kernel.wasm":
      return send(200, "application/wasm", options.kernel);
  }
  const name = pathname === "/" ? "index.html" : pathname.slice(1);
  if (!PAGE_FILES.includes(name))
    return send(404, "text/plain", "nothing here: /, /live, /ready, /metrics, /progress\n");
  send(200, TYPES[extname(name)]!, await readFile(new URL(`browser/${name}`, buildFolder)));
}
