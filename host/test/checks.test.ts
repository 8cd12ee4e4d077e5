// Types, lint and the kernel's own checks, as tests: what an editor would show is a failure here.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

function run(command: string, args: string[]): { status: number | null; text: string } {
  const done = spawnSync(`${root}/node_modules/.bin/${command}`, args, { cwd: root, encoding: "utf8" });
  return { status: done.status, text: done.stdout + done.stderr };
}

test.each([
  ["types of host, sensors-sim and bench", "tsc", ["-p", "."]],
  ["types of the page", "tsc", ["-p", "host/browser"]],
  ["lint", "oxlint", ["--quiet"]],
])("%s", { timeout: 120_000 }, (_name, command, args) => {
  const { status, text } = run(command, args);
  expect(text.trim() === "" || status === 0, text).toBe(true);
  expect(status, text).toBe(0);
});
