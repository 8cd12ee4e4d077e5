// `reorder` against sorting: records that come out of order by less than its delay give, for every kind of pipeline that
// goes by arrival, what the sorted records give without it. And its bounds: what a flood of records that wait for ever costs.
import { describe, expect, test } from "vitest";
import type { Plan } from "../../core/plan/plan.ts";
import { ReplayLines } from "../../encoders/replay-line.ts";
import { replayPlan } from "../../core/plan/replay-plan.ts";
import { readDefinition } from "../../language/index.ts";
import { drive } from "../support/drive.ts";
import { kernels, reference } from "../support/engines.ts";

const DELAY_S = 30;

/** Pipelines that go by arrival, and one with windows but without a delay. */
const definition = (reorder: string, held: number): Plan => {
  const text = `version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: s }, fields: { d: string, v: double }${reorder} }
pipelines:
  plain: { sql: "SELECT d, t, v FROM s" }
  operators:
    sql: |
      SELECT d, t, LAG(v, 2) OVER w AS l, CHANGED(v) OVER w AS c, DEADBAND(v, 3, INTERVAL '40' SECOND) OVER w AS b,
             DEBOUNCE(v, INTERVAL '20' SECOND) OVER w AS s, INCREASE(v) OVER w AS i
      FROM s WINDOW w AS (PARTITION BY d)
  filtered: { sql: "SELECT d, t FROM s WHERE DEDUP(v, INTERVAL '50' SECOND) OVER (PARTITION BY d)" }
  rows: { sql: "SELECT d, window_start, window_end, FIRST_VALUE(v) AS f, SUM(v) AS n FROM TABLE(TUMBLE_ROWS(TABLE s PARTITION BY d, 7)) GROUP BY d, window_start, window_end" }
  windows: { sql: "SELECT d, window_start, LAST_VALUE(v) AS l, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '60' SECOND)) GROUP BY d, window_start, window_end" }
limits: { held: ${held}, keys: 100, memory: 64MB }
`;
  const { definition: read, problems } = readDefinition(text, {
    fileName: "p.yaml",
    env: {},
    requireEnv: false,
  });
  if (read === null) throw new Error(problems.map(({ message }) => message).join("\n"));
  return replayPlan(read.plans[0]!, "json");
};

interface Reading {
  d: string;
  t: number;
  v: number;
}

/** A linear congruential generator: Numerical Recipes' constants. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Readings of five devices, clocks far apart, each device's in the order of its times, some times twice. */
function readings(seed: number): Reading[] {
  const random = randomOf(seed);
  const clocks = [0, 1000, -500, 70, 3600];
  return Array.from({ length: 3000 }, () => {
    const device = random(5);
    clocks[device]! += random(4);
    return { d: `d${device}`, t: clocks[device]!, v: random(12) };
  });
}

/** Out of order by at most `most` seconds: sorted by a time that is late by less than that. */
function shaken(all: Reading[], seed: number, most: number): Reading[] {
  const random = randomOf(seed);
  const devices = new Map<string, { reading: Reading; at: number }[]>();
  for (const reading of all) {
    const own = devices.get(reading.d) ?? [];
    own.push({ reading, at: reading.t + random(most) });
    devices.set(reading.d, own);
  }
  for (const own of devices.values()) own.sort((a, b) => a.at - b.at);
  return all.map(({ d }) => devices.get(d)!.shift()!.reading);
}

const lineOf = (reading: Reading): string => `${JSON.stringify(reading)}\n`;
const bytesOf = (all: Reading[]): Uint8Array => Buffer.from(all.map(lineOf).join(""));

/** What comes out, for each pipeline and device in its order; of equal times those that came first are first. */
function byDevice(
  plan: Plan,
  all: Reading[],
  kind: typeof reference,
): { lines: Map<string, string[]>; early: number } {
  const run = drive(kind.create(plan, 4), [{ kind: "bytes", bytes: bytesOf(all) }]);
  const encoder = new ReplayLines(plan);
  const lines = new Map<string, string[]>();
  for (const output of run.outputs) {
    const line = JSON.parse(encoder.line(output)) as { pipeline: string; cause: string; row: { d: string } };
    const key = `${line.pipeline} ${line.row.d}`;
    lines.set(key, [...(lines.get(key) ?? []), JSON.stringify(line.row)]);
  }
  expect(Object.values(run.counters.refused).every((count) => count === 0)).toBe(true);
  return { lines, early: run.counters.early };
}

describe("reorder", () => {
  test.each([1, 2, 3])("gives what the sorted records give without it (seed %i)", (seed) => {
    const came = shaken(readings(seed), seed + 100, DELAY_S);
    const sorted = came
      .map((reading, place) => ({ reading, place }))
      .sort((a, b) => a.reading.t - b.reading.t || a.place - b.place)
      .map(({ reading }) => reading);
    expect(came).not.toEqual(sorted);
    const wanted = byDevice(definition("", 1), sorted, reference).lines;
    const plain = byDevice(definition("", 1), came, reference).lines;
    expect(plain.get("operators d0")).not.toEqual(wanted.get("operators d0"));
    for (const kind of [reference, ...kernels]) {
      const found = byDevice(definition(`, reorder: { delay: ${DELAY_S}s, stream: d }`, 10_000), came, kind);
      expect(found.early, kind.name).toBe(0);
      expect([...found.lines].toSorted(), kind.name).toEqual([...wanted].toSorted());
    }
  });

  test("holds no more than its bounds, and loses nothing to them", () => {
    const plan = definition(", reorder: { delay: 1d, stream: d, records: 100 }", 250);
    const came = shaken(readings(9), 9, DELAY_S);
    for (const kind of kernels) {
      const engine = kind.create(plan, 4);
      let outputs = 0;
      for (let at = 0; at < came.length; at += 50) {
        outputs += [...engine.push(bytesOf(came.slice(at, at + 50)))].length;
        const { received, accepted, held, early } = engine.counters();
        expect(held).toBeLessThanOrEqual(250);
        expect([received, accepted]).toEqual([accepted + held, early]);
      }
      outputs += [...engine.flush()].length;
      const { pipelines } = engine.counters();
      expect(outputs).toBe(pipelines.reduce((sum, { results }) => sum + results, 0));
      expect(engine.counters()).toMatchObject({ received: 3000, accepted: 3000, held: 0, early: 2750 });
    }
  });

  test.each(["a tick", "the end"])("lets go of more at once than the result region holds, at %s", (when) => {
    const plan = definition(", idle: 10s, reorder: { delay: 1d, stream: d, records: 100000 }", 100_000);
    const came = Array.from({ length: 40_000 }, (_, place) => ({
      d: `d${place % 3}`,
      t: place - (place % 100) + 99 - (place % 100),
      v: 1,
    }));
    for (const kind of kernels) {
      const engine = kind.create(plan, 4);
      engine.tick(0n);
      expect([...engine.push(bytesOf(came))]).toEqual([]);
      expect(engine.counters().held).toBe(40_000);
      const outputs = [...(when === "a tick" ? engine.tick(200_000n * 1_000_000_000n) : engine.flush())];
      const times = outputs.flatMap((output) =>
        output.pipeline === 0 ? Number(output.values[1]) / 1e9 : [],
      );
      expect(times).toEqual(Array.from({ length: 40_000 }, (_, t) => t));
      expect(engine.counters()).toMatchObject({ accepted: 40_000, held: 0, early: 0 });
    }
  });
});
