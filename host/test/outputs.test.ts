// Outputs are made while they are taken: whoever takes them may pause between any two, keep what it has, or never take
// the rest; and no call is taken before that.
import { describe, expect, test } from "vitest";
import type { Engine, Output, Outputs } from "../core/engine.ts";
import { replayPlan } from "../core/plan/replay-plan.ts";
import { fine } from "./language/read.ts";
import { drive, expectSameRun } from "./support/drive.ts";
import { kernels } from "./support/engines.ts";

const KEYS = 12_000;

/** Every record comes out, and a window for each key; `both` reads the windows as well. */
const definition = (both: boolean): string => `
version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: ms }, fields: { k: string, v: double }, delay: 1h }
limits: { keys: ${KEYS}, memory: 64MB, dictionary: 4MB }
pipelines:
  every: { sql: "SELECT k, v, t FROM s" }
  windows:
    sql: |
      SELECT k, window_start, COUNT(*) AS n, SUM(v) AS total, AVG(v) AS mean, MIN(v) AS least, MAX(v) AS most
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '1' SECOND)) GROUP BY k, window_start, window_end
${
  both
    ? `  tens:
    sql: |
      SELECT k, SUM(n) AS n, MAX(most) AS most
      FROM TABLE(TUMBLE(TABLE windows, DESCRIPTOR(window_time), INTERVAL '10' SECOND))
      GROUP BY k, window_start, window_end
  again: { sql: "SELECT k, total, mean FROM windows WHERE n > 1" }
`
    : ""
}`;

const planOf = (both: boolean): ReturnType<typeof replayPlan> =>
  replayPlan(fine(definition(both)).plans[0]!, "json");

/** More than a megabyte, the size of the kernel's input: it goes in in pieces. */
const records = Array.from(
  { length: 2 * KEYS },
  (_, n) =>
    `{"t":${(n * 7) % 5000},"k":"key-${n % KEYS}","v":${n / 8},"pad":"0123456789012345678901234567890123456789"}\n`,
).join("");
const bytes = (): Uint8Array => new TextEncoder().encode(records);

/** Takes so many of the outputs, and no more. */
function takeSome(outputs: Outputs, count: number): Output[] {
  const iterator = outputs[Symbol.iterator]();
  return Array.from({ length: count }, () => iterator.next().value as Output);
}

const refusedNow = (engine: Engine): void => {
  const calls = [
    () => engine.push(new Uint8Array(1)),
    () => engine.tick(1n),
    () => engine.endOfFile(),
    () => engine.flush(),
    () => engine.snapshot(),
  ];
  for (const call of calls) expect(call).toThrow("before all outputs of its last call were taken");
};

describe.each([
  { name: "one engine", both: false },
  { name: "a chain of engines", both: true },
])("$name", ({ both }) => {
  const plan = planOf(both);
  const pieces = (all: Uint8Array): Uint8Array[] =>
    Array.from({ length: all.length / 10_000 + 1 }, (_, n) => all.subarray(n * 10_000, (n + 1) * 10_000));
  const expected = drive(kernels[0]!.create(plan), [{ kind: "bytes", bytes: bytes() }], { cut: pieces });

  test.each(kernels)("$name: pauses, and goes on where it was", (kind) => {
    const engine = kind.create(plan);
    const chunk = bytes();
    const taken: Output[] = [];
    const outputs = engine.push(chunk);
    // What nobody has asked for is not made yet: much of the chunk was not even read.
    expect(engine.counters().received).toBeLessThan(2 * KEYS);
    for (let count = 1; taken.length < KEYS; count *= 2) {
      taken.push(...takeSome(outputs, Math.min(count, KEYS - taken.length)));
      refusedNow(engine);
    }
    taken.push(...outputs);
    // The chunk belongs to its owner again.
    chunk.fill(0);
    const closing = engine.flush();
    taken.push(...takeSome(closing, 5));
    expect(engine.counters().openSlices).toBeGreaterThan(0);
    refusedNow(engine);
    taken.push(...closing);
    expect([...closing]).toEqual([]);
    expect(engine.snapshot().length).toBeGreaterThan(0);
    expectSameRun(expected, { outputs: taken, counters: engine.counters(), streams: [] }, kind.name);
  });

  test.each(kernels)("$name: a restore forgets what was not taken", (kind) => {
    const engine = kind.create(plan);
    const empty = engine.snapshot();
    for (const count of [1, 100, KEYS + 1]) {
      takeSome(engine.push(bytes()), count);
      engine.restore(empty);
      const outputs = [...engine.push(bytes())];
      takeSome(engine.flush(), count);
      engine.restore(empty);
      expect([...engine.flush()]).toEqual([]);
      expect(outputs.length).toBe(2 * KEYS);
    }
    const run = { outputs: [...engine.push(bytes()), ...engine.flush()], counters: engine.counters() };
    expectSameRun(expected, { ...run, streams: [] }, kind.name);
  });
});
