// Types, lint and formatting as tests: what an editor would show is a failure here. What was fine the last time and has
// not changed is not looked at again: build/ keeps that.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

function run(command: string, args: string[]): { status: number | null; text: string } {
  const done = spawnSync(`${root}/node_modules/.bin/${command}`, args, { cwd: root, encoding: "utf8" });
  return { status: done.status, text: done.stdout + done.stderr };
}

function incremental(name: string): string[] {
  return ["--incremental", "--tsBuildInfoFile", join(root, `build/types-${name}.tsbuildinfo`)];
}

test.each([
  ["types of host, sensors-sim and bench", "tsc", ["-p", ".", ...incremental("host")]],
  ["types of the page", "tsc", ["-p", "host/browser", ...incremental("browser")]],
  ["lint", "oxlint", ["--quiet"]],
  [
    "formatting: npm run format",
    "prettier",
    ["--check", ".", "--log-level=warn", "--cache", "--cache-location=build/.prettier"],
  ],
])("%s", { timeout: 120_000 }, (_name, command, args) => {
  const { status, text } = run(command, args);
  expect(status, text).toBe(0);
});
