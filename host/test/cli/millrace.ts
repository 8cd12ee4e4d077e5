// The command line as its users have it: a child process with files in a folder of its own, pipes, and an exit
// status. Imports nothing of the project: it is a user.
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnChild } from "../services/children.ts";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const MAIN = join(ROOT, "host/cli/main.ts");

export interface Ended {
  status: number | NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Options {
  cwd?: string;
  env?: Record<string, string>;
  /** Nothing: standard input is empty. */
  stdin?: string | Uint8Array;
}

/** A verb at work; `ended` resolves when it is gone and its output is read. */
export class Millrace {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ended>;

  /** `command` is the verb and its arguments. Standard input stays open until someone ends it. */
  constructor(command: string[], { cwd, env }: Options = {}) {
    this.child = spawnChild(process.execPath, [MAIN, ...command], { cwd, env: { ...process.env, ...env } });
    this.child.stdout!.on("data", (chunk: Buffer) => (this.stdout += chunk.toString("latin1")));
    this.child.stderr!.on("data", (chunk: Buffer) => (this.stderr += chunk.toString("latin1")));
    // A verb that ends early closes its end of the pipe.
    this.child.stdin!.on("error", () => {});
    this.ended = new Promise((resolve) => {
      this.child.on("close", (status, signal) => {
        resolve({ status: status ?? signal, stdout: utf8(this.stdout), stderr: utf8(this.stderr) });
      });
    });
  }
}

const utf8 = (latin1: string): string => Buffer.from(latin1, "latin1").toString("utf8");

/** Runs `millrace COMMAND…` to its end. */
export function millrace(command: string[], options: Options = {}): Promise<Ended> {
  const run = new Millrace(command, options);
  run.child.stdin!.end(options.stdin ?? "");
  return run.ended;
}

/** Runs a line of bash in which `millrace` is the command line. */
export function shell(line: string, cwd: string): Promise<Ended> {
  const script = `millrace() { ${quoted(process.execPath)} ${quoted(MAIN)} "$@"; }\n${line}`;
  const child = spawnChild("bash", ["-c", script], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const ended = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (ended.stdout += chunk.toString("latin1")));
  child.stderr.on("data", (chunk: Buffer) => (ended.stderr += chunk.toString("latin1")));
  return new Promise((resolve) => {
    child.on("close", (status, signal) => {
      resolve({ status: status ?? signal, stdout: utf8(ended.stdout), stderr: utf8(ended.stderr) });
    });
  });
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A folder with files, whose names may have folders in them. */
export function folderWith(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-cli-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** The JSON values of lines. */
export function parsed(lines: string): any[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}
