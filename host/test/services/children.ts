// Child processes of tests and benchmarks: none outlives the process that started it, nor (support/setup.ts) its test
// file, also when a test fails before it ends what it started. Imports nothing of the project.
import { type ChildProcess, spawn } from "node:child_process";

const running = new Set<ChildProcess>();

/** Kills what is still there. */
export function endChildren(): void {
  for (const child of running) child.kill("SIGKILL");
}

process.on("exit", endChildren);

/** node:child_process' spawn, for children that end with the tests. */
export const spawnChild = ((...args: Parameters<typeof spawn>): ChildProcess => {
  const child = spawn(...args);
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}) as typeof spawn;
