// A real mosquitto on a free port of loopback, as a child process: stopped, started again on the same port with its
// sessions kept, with TLS and passwords where a test asks for them.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.ts";
import { freePort, until } from "./ports.ts";

export interface MosquittoOptions {
  /** PEM files; the port then speaks TLS only. */
  tls?: { ca: string; cert: string; key: string; requireClientCertificate?: boolean };
  login?: { username: string; password: string };
  /** More lines of its configuration. */
  lines?: string[];
}

export interface Mosquitto {
  port: number;
  /** `mqtt://127.0.0.1:PORT`, or `mqtts://localhost:PORT`. */
  url: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

const program =
  ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path)) ?? "mosquitto";

export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-mosquitto-"));
  const port = await freePort();
  const { tls, login } = options;
  const lines = [
    `listener ${port} 127.0.0.1`,
    "user root",
    "persistence true",
    `persistence_location ${folder}/`,
    `allow_anonymous ${login === undefined}`,
    ...(options.lines ?? []),
  ];
  if (tls) {
    lines.push(`cafile ${tls.ca}`, `certfile ${tls.cert}`, `keyfile ${tls.key}`);
    if (tls.requireClientCertificate) lines.push("require_certificate true");
  }
  if (login) {
    const file = join(folder, "passwords");
    writeFileSync(file, "", { mode: 0o600 });
    execFileSync("mosquitto_passwd", ["-b", file, login.username, login.password], { stdio: "ignore" });
    lines.push(`password_file ${file}`);
  }
  const config = join(folder, "mosquitto.conf");
  writeFileSync(config, `${lines.join("\n")}\n`);
  let child: Child | null = null;
  const broker: Mosquitto = {
    port,
    url: tls ? `mqtts://localhost:${port}` : `mqtt://127.0.0.1:${port}`,
    start: async () => {
      const started = new Child(program, ["-c", config]);
      child = started;
      await until(`mosquitto on port ${port}`, () => {
        if (started.over) throw new Error(`mosquitto ended: ${started.output}`);
        return answers(port);
      });
    },
    stop: async (signal) => {
      await child?.stop(signal);
      child = null;
    },
    close: async () => {
      await broker.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await broker.start();
  return broker;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
