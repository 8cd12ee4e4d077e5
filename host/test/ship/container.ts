// A container without an engine: process 1 of an image, what runs beside it, how it is stopped.
// Imports nothing of the project.
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { spawnChild } from "../services/children.ts";
import { type Finished, type Mount, type Stage, enter, finished } from "./stage.ts";

/** A container: the image's entry point as process 1, in namespaces of its own for processes, files and network. */
export class Container {
  stdout = "";
  stderr = "";
  /** Resolves with the exit status of process 1. */
  readonly ended: Promise<number | NodeJS.Signals>;
  private readonly image: Stage;
  private readonly outer: ChildProcess;

  constructor(image: Stage, mounts: Mount[], args: string[] = image.command) {
    this.image = image;
    const [command, ...rest] = enter(image, [...image.entryPoint, ...args], mounts, "own");
    this.outer = spawnChild(command!, rest, { stdio: ["ignore", "pipe", "pipe"] });
    this.outer.stdout!.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.outer.stderr!.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) => {
      this.outer.on("close", (status, signal) => {
        resolve(status ?? signal ?? 1);
      });
    });
  }

  /** Process 1 as this machine numbers it. Throws when there is none. */
  get pid(): number {
    const pid = Number(
      readFileSync(`/proc/${this.outer.pid}/task/${this.outer.pid}/children`, "utf8").trim(),
    );
    if (!(pid > 0)) throw new Error(`the container has ended: ${this.stderr}`);
    return pid;
  }

  /** Runs a command beside process 1, as `docker exec` does. Returns its status and what it printed. */
  exec(command: string[]): Promise<Finished> {
    const env = Object.entries(this.image.env).map(([name, value]) => `${name}=${value}`);
    const [uid, gid] = this.image.user.split(":");
    const into = `--target ${this.pid} --mount --pid --net --root --setuid ${uid} --setgid ${gid}`.split(" ");
    return finished(
      spawnChild("nsenter", [...into, "/usr/bin/env", "-i", "-C", this.image.workdir, ...env, ...command]),
    );
  }

  /** Sends the image's stop signal to process 1, as `docker stop` does, and resolves with the exit status. */
  async stop(): Promise<number | NodeJS.Signals> {
    process.kill(this.pid, this.image.stopSignal);
    const forced = setTimeout(() => this.outer.kill("SIGKILL"), 30_000);
    const status = await this.ended;
    clearTimeout(forced);
    return status;
  }

  kill(): void {
    this.outer.kill("SIGKILL");
  }
}
