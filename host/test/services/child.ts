// A service of a test as a child process: its output is kept for error messages, it ends with the test run.
import type { ChildProcess } from "node:child_process";
import { spawnChild } from "./children.ts";

export class Child {
  readonly process: ChildProcess;
  output = "";
  /** Resolves with the exit status, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  over = false;

  constructor(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    this.process = spawnChild(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString()).slice(-100_000);
    };
    this.process.stdout!.on("data", keep);
    this.process.stderr!.on("data", keep);
    this.ended = new Promise((resolve) => {
      const end = (status: number | NodeJS.Signals): void => {
        this.over = true;
        resolve(status);
      };
      this.process.on("error", (error) => {
        this.output += error.message;
        end(127);
      });
      this.process.on("close", (status, signal) => end(status ?? signal ?? 1));
    });
  }

  /** Ends it, and resolves when it is gone. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (!this.over) this.process.kill(signal);
    const forced = setTimeout(() => this.process.kill("SIGKILL"), 20_000);
    await this.ended;
    clearTimeout(forced);
  }
}
