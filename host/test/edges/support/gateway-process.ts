// `millrace run` as a real process for tests: its definition written to a folder of its own, its HTTP address, its
// signals. Imports nothing of the project: it is a user.
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnChild } from "../../services/children.ts";
import { until } from "../../services/ports.ts";

const main = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "millrace-run-"));
}

/** Gateways of a test, which end with it. */
export class Gateways {
  private readonly running: GatewayProcess[] = [];

  start(...args: ConstructorParameters<typeof GatewayProcess>): GatewayProcess {
    const gateway = new GatewayProcess(...args);
    this.running.push(gateway);
    return gateway;
  }

  async end(): Promise<void> {
    await Promise.all(this.running.splice(0).map((gateway) => gateway.stop("SIGKILL")));
  }
}

export interface Reply {
  status: number;
  text: string;
}

export class GatewayProcess {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly ended: Promise<number | NodeJS.Signals>;
  private over = false;

  /** Starts `millrace run` on `definition`, in `folder`, with an HTTP port of its own unless args say otherwise. */
  constructor(
    folder: string,
    definition: string,
    args: string[] = ["--http", "127.0.0.1:0"],
    env: Record<string, string> = {},
  ) {
    const file = join(folder, "pipeline.yaml");
    writeFileSync(file, definition);
    const argv = [
      "--disable-warning=ExperimentalWarning",
      main,
      "run",
      file,
      "--data",
      join(folder, "data"),
      ...args,
    ];
    this.child = spawnChild(process.execPath, argv, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.child.stdout!.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr!.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.child.on("close", (status, signal) => {
        this.over = true;
        resolve(status ?? signal ?? 1);
      });
    });
  }

  private alive(): void {
    if (this.over) throw new Error(`the gateway ended: ${this.stderr}`);
  }

  async address(): Promise<string> {
    const found = await until("the gateway's address", () => {
      const match = /http:\/\/[\d.:[\]a-f]+/.exec(this.stderr);
      if (match === null) this.alive();
      return match;
    });
    return found[0];
  }

  async get(path: string): Promise<Reply> {
    const response = await fetch(`${await this.address()}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** Resolves once /ready says 200. */
  async ready(): Promise<void> {
    await until("the gateway to be ready", async () => {
      this.alive();
      return (await this.get("/ready")).status === 200;
    });
  }

  async progress(): Promise<any> {
    return JSON.parse((await this.get("/progress")).text);
  }

  /** Resolves when the first source has received `count` records. */
  async received(count: number): Promise<void> {
    await until(`${count} records received`, async () => {
      this.alive();
      return (await this.progress()).sources[0].received >= count;
    });
  }

  /** Sends a signal and resolves with the exit status. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | NodeJS.Signals> {
    if (!this.over) this.child.kill(signal);
    const forced = setTimeout(() => this.child.kill("SIGKILL"), 30_000);
    const status = await this.ended;
    clearTimeout(forced);
    return status;
  }

  /** The lines of stdout. */
  lines(): string[] {
    return this.stdout.split("\n").filter((line) => line !== "");
  }
}
