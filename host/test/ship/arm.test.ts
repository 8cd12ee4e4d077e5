// The same bytes on another kind of machine: Node for aarch64 (emulated where this machine is none) gives what this
// machine's Node gives, on the reference, the plain and the SIMD kernel, to the bit.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { armNode } from "../../setup/services.mjs";
import { spawnChild } from "../services/children.ts";
import { readCases } from "../support/golden-case.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const here = [process.execPath];

/** Runs a script of this checkout on a Node and returns its stdout. Throws with its stderr when it fails. */
async function run(node: string[], args: string[]): Promise<string> {
  const [program, ...first] = node;
  const child = spawnChild(program!, [...first, "--disable-warning=ExperimentalWarning", ...args], {
    cwd: root,
  });
  const [chunks, said]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const status = await new Promise((resolve) => child.on("close", resolve));
  if (status !== 0)
    throw new Error(`${args[0]} ended with status ${String(status)}: ${Buffer.concat(said).toString()}`);
  return Buffer.concat(chunks).toString();
}

test("it is another machine", { timeout: 300_000 }, async () => {
  expect((await run(armNode, ["-p", "`${process.arch} ${process.version}`"])).trim()).toBe(
    `arm64 ${process.version}`,
  );
});

test("golden cases and random plans", { timeout: 600_000 }, async () => {
  const script = join(root, "host/test/ship/all-lines.ts");
  const texts = await Promise.all([run(here, [script]), run(armNode, [script])]);
  const [expected, found] = texts.map((text) => text.split("\n")) as [string[], string[]];
  const silent = readCases().filter(
    ({ name }) => !expected.some((line) => line.startsWith(`${name}, SIMD kernel: `)),
  );
  expect(silent.map(({ name }) => name)).toEqual([]);
  const first = expected.findIndex((line, index) => line !== found[index]);
  expect(found[first], `the first line that differs, of ${expected.length}`).toBe(expected[first]);
  expect(found.length).toBe(expected.length);
});

test("a replay of a real series gives the same bytes", { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-arm-"));
  const file = join(folder, "machine.yaml");
  writeFileSync(
    file,
    `version: 1
sources:
  machine:
    file: ${join(root, "sensors-sim/data/machine_temperature_system_failure.csv")}
    format: csv
    time: { field: timestamp, unit: iso8601 }
pipelines:
  hourly:
    sql: |
      SELECT window_start, COUNT(*) AS n, AVG(\`value\`) AS mean, STDDEV_SAMP(\`value\`) AS deviation, P99(\`value\`) AS p99,
             SUM(POWER(\`value\`, 1.7)) AS powers
      FROM TABLE(HOP(TABLE machine, DESCRIPTOR(\`timestamp\`), INTERVAL '15' MINUTE, INTERVAL '1' HOUR))
      GROUP BY window_start, window_end
`,
  );
  const args = [join(root, "host/cli/main.ts"), "replay", file];
  const expected = await run(here, args);
  expect(expected.split("\n").length).toBeGreaterThan(1000);
  expect((await run(armNode, args)) === expected).toBe(true);
  rmSync(folder, { recursive: true });
});
