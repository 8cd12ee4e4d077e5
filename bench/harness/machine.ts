// What a figure depends on besides the code: kept with every figure.
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

export interface Machine {
  cpu: string;
  cores: number;
  memoryMb: number;
  platform: string;
  node: string;
  v8: string;
  date: string;
  /** Of the checkout, with `+` when files differ from it; null outside one. */
  commit: string | null;
}

export function machine(): Machine {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  let commit: string | null = null;
  try {
    commit = git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+");
  } catch {
    // An unpacked archive has no history.
  }
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1048576),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    date: new Date().toISOString(),
    commit,
  };
}
