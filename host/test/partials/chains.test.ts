// PARTIAL in one pipeline and MERGE in another, over one and two steps, give what one pipeline over the records gives: for
// every aggregate, to the bit. The way is that of a user: definitions, JSON lines, also partials that go out as text and
// come back as records of another definition.
import { describe, expect, test } from "vitest";
import type { Output, Value } from "../../core/engine.ts";
import { ReplayLines } from "../../encoders/replay-line.ts";
import { type EngineKind, kernels, reference } from "../support/engines.ts";
import { Chance } from "../kernel/support.ts";
import { PARTIALS, type PartialCase, planOf } from "./support.ts";

const engines = [reference, ...kernels];
const SIZE = 60;

const SETS = Object.entries(PARTIALS);

/** Each aggregate by a name of its own. */
const each = (list: PartialCase[], sql: (one: PartialCase, name: string) => string): string =>
  list.map((one, index) => `${sql(one, `p${index}`)} AS p${index}`).join(", ");

const definition = (list: PartialCase[], every = ""): string => `
version: 1
sources:
  s:
    file: s.ndjson
    format: json
    time: { field: t, unit: s }
    delay: 1000s
    fields: { k: string, x: double, y: double, i: bigint, j: bigint, s: string, b: boolean, z: bytes }
${every}
pipelines:
  fine:
    sql: |
      SELECT k, window_start, window_end, ${each(list, ({ sql }) => `PARTIAL(${sql})`)}
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '1' SECOND)) GROUP BY k, window_start, window_end
  ten:
    delay: 1000s
    sql: |
      SELECT k, window_start, window_end, ${each(list, (_, name) => `PARTIAL(MERGE(${name}))`)}
      FROM TABLE(TUMBLE(TABLE fine, DESCRIPTOR(window_time), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end
  whole:
    delay: 1000s
    sql: |
      SELECT k, window_start, window_end, ${each(list, (_, name) => `MERGE(${name})`)}
      FROM TABLE(TUMBLE(TABLE ten, DESCRIPTOR(window_time), INTERVAL '${SIZE}' SECOND)) GROUP BY k, window_start, window_end
  hopping:
    delay: 1000s
    sql: |
      SELECT k, window_start, window_end, ${each(list, (_, name) => `MERGE(${name})`)}
      FROM TABLE(HOP(TABLE fine, DESCRIPTOR(window_time), INTERVAL '5' SECOND, INTERVAL '20' SECOND))
      GROUP BY k, window_start, window_end
  direct:
    sql: |
      SELECT k, window_start, window_end, ${each(list, ({ sql }) => sql)}
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '${SIZE}' SECOND)) GROUP BY k, window_start, window_end
  direct_hopping:
    sql: |
      SELECT k, window_start, window_end, ${each(list, ({ sql }) => sql)}
      FROM TABLE(HOP(TABLE s, DESCRIPTOR(t), INTERVAL '5' SECOND, INTERVAL '20' SECOND))
      GROUP BY k, window_start, window_end
`;

/** A number of any kind of size, some of which cancel. */
function number(chance: Chance): number {
  const kind = chance.whole(0, 9);
  if (kind < 5) return chance.whole(-500, 500) / 10;
  if (kind < 8) return chance.whole(-5, 5);
  return kind === 8 ? chance.bits() * 2 ** chance.whole(-200, 200) : -1e15 + chance.bits();
}

/** Records of two keys within two minutes, out of order, with values that lack. */
function records(chance: Chance, count: number): Uint8Array {
  const some = (value: unknown): unknown => (chance.whole(0, 9) === 0 ? null : value);
  const lines = Array.from({ length: count }, () => {
    const big = BigInt(chance.bits()) * BigInt(chance.bits()) * (chance.whole(0, 1) === 0 ? 1n : -1n);
    return `${JSON.stringify({
      t: chance.whole(0, 4800) / 40,
      k: chance.pick(["a", "b"]),
      x: some(number(chance)),
      y: some(number(chance)),
      j: some(chance.whole(-50, 50)),
      s: some(chance.pick(["", "one", "two", "drei", "äöü", "zzz"])),
      b: some(chance.whole(0, 1) === 1),
      z: some(chance.pick(["", "AA==", "AQID", "/w=="])),
      i: "I",
    }).replace('"I"', chance.whole(0, 9) === 0 ? "null" : String(big / 2n))}\n`;
  });
  return Buffer.from(lines.join(""));
}

interface Found {
  /** By pipeline, key and window. */
  results: Map<string, { values: Value[]; inexact: boolean }>;
  outputs: Output[];
}

function run(kind: EngineKind, text: string, bytes: Uint8Array): Found & { plan: ReturnType<typeof planOf> } {
  const plan = planOf(text);
  const engine = kind.create(plan);
  const outputs = [...engine.push(bytes), ...engine.flush()];
  const results = new Map<string, { values: Value[]; inexact: boolean }>();
  for (const output of outputs) {
    if (output.kind !== "result") continue;
    const [key, ...values] = output.values;
    const { windowStart, windowEnd, inexact } = output;
    const name = plan.pipelines[output.pipeline]!.name;
    results.set(`${name} ${key} ${windowStart} ${windowEnd}`, { values: values.slice(2), inexact });
  }
  expect(engine.counters().nulled.type).toBe(0);
  for (const { nulled } of engine.counters().chained) expect(nulled.type).toBe(0);
  return { results, outputs, plan };
}

/** The results of one pipeline are those of another. */
function expectSame(list: PartialCase[], { results }: Found, merged: string, direct: string): void {
  const of = (name: string): string[] =>
    [...results.keys()].flatMap((id) => (id.startsWith(`${name} `) ? [id.slice(name.length)] : []));
  expect(of(merged).sort()).toEqual(of(direct).sort());
  for (const id of of(direct)) {
    const expected = results.get(direct + id)!;
    const found = results.get(merged + id)!;
    list.forEach(({ sql }, place) =>
      expect(found.values[place], `${sql} of${id}`).toEqual(expected.values[place]),
    );
    expect(found.inexact).toBe(expected.inexact);
  }
}

describe.each(engines)("$name", (kind) => {
  test.each(SETS)("%s: merged over one and two steps as one pipeline over the records", (_, list) => {
    const chance = new Chance();
    for (const every of ["", "    every: 250ms"]) {
      const bytes = records(chance, kind === reference ? 300 : 3000);
      const found = run(kind, definition(list, every), bytes);
      expectSame(list, found, "whole", "direct");
      expectSame(list, found, "hopping", "direct_hopping");
    }
  });
});

test.each(SETS)("%s: every engine writes the same bytes", (_, list) => {
  const bytes = records(new Chance(), 300);
  const [first, ...others] = engines.map((kind) => run(kind, definition(list), bytes).outputs);
  for (const other of others) expect(other).toEqual(first);
});

describe.each(engines)("$name", (kind) => {
  test.each(SETS)("%s: partials that went out as text come back in another definition", (_, list) => {
    const { outputs, plan, results } = run(kind, definition(list), records(new Chance(), 400));
    const lines = new ReplayLines(plan);
    const fine = outputs.filter(({ pipeline }) => plan.pipelines[pipeline]!.name === "fine");
    const rows = fine.map((output) => `${JSON.stringify(JSON.parse(lines.line(output)).row)}\n`);
    const elsewhere = `
version: 1
sources:
  fine:
    file: fine.ndjson
    format: json
    time: { field: beginning, unit: iso8601 }
    delay: 1000s
    fields: { k: string, ${list.map(({ type }, index) => `p${index}: "${type}"`).join(", ")} }
pipelines:
  whole:
    sql: |
      SELECT k, window_start, window_end, ${each(list, (_, name) => `MERGE(${name})`)}
      FROM TABLE(TUMBLE(TABLE fine, DESCRIPTOR(beginning), INTERVAL '${SIZE}' SECOND))
      GROUP BY k, window_start, window_end
`;
    const renamed = rows.map((row) => row.replace('"window_start":', '"beginning":'));
    const found = run(kind, elsewhere, Buffer.from(renamed.join("")));
    for (const [id, { values }] of found.results) {
      list.forEach(({ sql }, place) =>
        expect(values[place], `${sql} of ${id}`).toEqual(results.get(id)!.values[place]),
      );
    }
    expect(found.results.size).toBe([...results.keys()].filter((id) => id.startsWith("whole ")).length);
  });
});
