// Partials that are damaged: bytes changed, cut off, added, put together anew. Each is either NULL, and counted, or merged;
// kernels and reference agree which, and on what comes out. Nothing of it stops an engine.
import { describe, expect, test } from "vitest";
import type { Engine } from "../../core/engine.ts";
import { exactText } from "../support/drive.ts";
import { kernels, reference } from "../support/engines.ts";
import { Chance, SEED } from "../kernel/support.ts";
import { PARTIALS, planOf } from "./support.ts";

const RUNS = Number(process.env.MILLRACE_RUNS ?? 2000);
const ALL = Object.values(PARTIALS).flat();

const source = (fields: string): string => `
version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: s }, fields: { ${fields} } }
pipelines:`;

/** Sound partials of windows of a few records. */
function sound(sql: string, chance: Chance): Uint8Array[] {
  const plan =
    planOf(`${source("x: double, y: double, i: bigint, j: bigint, s: string, b: boolean, z: bytes")}
  p:
    sql: |
      SELECT PARTIAL(${sql}) AS p FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '10' SECOND))
      GROUP BY window_start, window_end
    empty: emit
`);
  const engine = kernels[0]!.create(plan);
  const lines = Array.from({ length: 60 }, (_, index) => {
    const record = {
      t: index < 30 ? chance.whole(0, 29) : 50 + chance.whole(0, 9),
      x: chance.whole(-50, 50) / 4,
      y: chance.bits() * 2 ** chance.whole(-90, 90),
      i: chance.whole(-1000, 1000),
      j: chance.whole(-3, 3),
      s: chance.pick(["", "a", "b", "äö"]),
      b: chance.whole(0, 1) === 1,
      z: chance.pick(["", "AQ==", "/w=="]),
    };
    return `${JSON.stringify(record)}\n`;
  }).sort((a, b) => (JSON.parse(a) as { t: number }).t - (JSON.parse(b) as { t: number }).t);
  const outputs = [...engine.push(Buffer.from(lines.join(""))), ...engine.flush()];
  return outputs.map(({ values }) => values[0] as Uint8Array);
}

/** Bytes that were sound, and may be so still. */
function damage(chance: Chance, all: Uint8Array[]): Uint8Array {
  let bytes = [...chance.pick(all)];
  for (let times = chance.whole(0, 3); times > 0; times--) {
    const at = chance.whole(0, Math.max(bytes.length - 1, 0));
    const kind = chance.whole(0, 6);
    if (kind < 3) bytes[at] = chance.pick([0, 1, 2, 127, 128, 255, chance.whole(0, 255)]);
    else if (kind === 3) bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.whole(0, 7));
    else if (kind === 4) bytes = bytes.slice(0, at);
    else if (kind === 5) bytes.splice(at, 0, ...bytes.slice(at, at + chance.whole(1, 20)));
    else bytes = [...bytes.slice(0, at), ...chance.pick(all).slice(at)];
  }
  // That a sum is inexact is said of all that shares its slice: another test's matter.
  return Uint8Array.from(bytes);
}

describe.each(ALL)("$sql", ({ sql, type }) => {
  test("damaged or not: engines agree", { timeout: 60_000 }, () => {
    const chance = new Chance(SEED ^ sql.length);
    const all = sound(sql, chance);
    const plan = planOf(`${source(`p: "${type}"`)}
  one:
    sql: |
      SELECT MERGE(p) AS m FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '1' SECOND))
      GROUP BY window_start, window_end
  many:
    sql: |
      SELECT MERGE(p) AS m, PARTIAL(MERGE(p)) AS q FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '4' SECOND))
      GROUP BY window_start, window_end
`);
    const engines: Engine[] = [reference, ...kernels].map((kind) => kind.create(plan));
    let taken = 0;
    for (let run = 0; run < RUNS / 10; run++) {
      const bytes = damage(chance, all);
      const line = `{"t":${run},"p":"${Buffer.from(bytes).toString("base64")}"}\n`;
      const [expected, ...others] = engines.map((engine) =>
        JSON.stringify([[...engine.push(Buffer.from(line))], engine.counters().nulled], exactText),
      );
      for (const [index, other] of others.entries())
        expect(other, `${kernels[index]!.name}: ${line} MILLRACE_SEED=${SEED}`).toBe(expected);
      if (engines[0]!.counters().nulled.type === taken) continue;
      taken = engines[0]!.counters().nulled.type;
    }
    expect(taken).toBeGreaterThan(RUNS / 50);
    expect(taken).toBeLessThan(RUNS / 10);
  });
});
