// A proxy between page and gateway that understands the page's stream and may change it: what a broken gateway, or
// somebody in between, would do.
import { createServer } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { decodeMessage, encodeMessage, type StreamMessage } from "../../../core/stream-protocol.ts";

export interface StreamProxy {
  address: string;
  /** Changes a message on its way to the page; null drops it. */
  onMessage: (message: StreamMessage) => StreamMessage | null;
  /** Replaces the answer to a path. */
  onPath: (path: string) => { status: number; type: string; body: string } | null;
  close(): Promise<void>;
}

/** A proxy on a free port of loopback. */
export async function startStreamProxy(gateway: string): Promise<StreamProxy> {
  const server = createServer((request, response) => {
    const replaced = proxy.onPath(request.url!);
    const answer =
      replaced ??
      fetch(`${gateway}${request.url}`).then(async (reply) => ({
        status: reply.status,
        type: reply.headers.get("content-type") ?? "",
        body: new Uint8Array(await reply.arrayBuffer()),
      }));
    Promise.resolve(answer).then(
      ({ status, type, body }) => response.writeHead(status, { "content-type": type }).end(body),
      () => response.destroy(),
    );
  });
  const viewers = new WebSocketServer({ server });
  viewers.on("connection", (viewer, request) => {
    const upstream = new WebSocket(`${gateway.replace("http", "ws")}${request.url}`);
    upstream.on("message", (data) => {
      const message = proxy.onMessage(decodeMessage(new Uint8Array(data as Buffer)));
      if (message !== null) viewer.send(encodeMessage(message.kind, message.sequence, message.body));
    });
    viewer.on("message", (data) => upstream.send(String(data)));
    viewer.on("close", () => upstream.terminate());
    upstream.on("close", () => viewer.terminate());
    upstream.on("error", () => viewer.terminate());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const proxy: StreamProxy = {
    address: `http://127.0.0.1:${port}`,
    onMessage: (message) => message,
    onPath: () => null,
    close: async () => {
      for (const viewer of viewers.clients) viewer.terminate();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
  return proxy;
}
