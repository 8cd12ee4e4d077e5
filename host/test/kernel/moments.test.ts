// COVAR_POP, CORR and SLOPE against exact arithmetic on whole numbers, and against DuckDB; the form of a window (whole,
// or merged of slices) shows in no bit.
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import type { AggregateName, Expression, Plan, WindowPlan } from "../../core/plan/plan.ts";
import { kernels, type MemoryPlace, reference } from "../support/engines.ts";
import { Chance, planOf, unitsOf } from "./support.ts";

const engines = [...kernels, reference];
/** One engine at a time. */
const place: MemoryPlace = [];
const SECOND = 1_000_000_000n;
const column = (index: number): Expression => ({ kind: "column", type: "double", column: index });

/** A record: its time in ns and its values. */
type Reading = { t: bigint; x: number; y: number };

function windowed(names: AggregateName[], window: WindowPlan): Plan {
  const plan = planOf({ format: "json", unit: "ns", fields: { x: "double", y: "double" } });
  const aggregates = names.map((name) => ({
    name,
    argument: column(1),
    ...(name === "slope" ? {} : { second: column(2) }),
    parameter: null,
  }));
  const outputs = names.map((name, place) => ({ name, expression: column(3 + place), hidden: false }));
  plan.pipelines[0] = { ...plan.pipelines[0]!, window, aggregates, outputs };
  return plan;
}

const NAMES: AggregateName[] = ["covar_pop", "corr", "slope"];
const linesOf = (list: Reading[]): Uint8Array =>
  Buffer.from(list.map(({ t, x, y }) => `{"t":"${t}","x":${x},"y":${y}}\n`).join(""));

/** The three of one window that holds the whole list. */
function ofList(kind: (typeof engines)[number], list: Reading[], sizeNs: bigint): (number | null)[] {
  const engine = kind.create(windowed(NAMES, { kind: "tumble", sizeNs, offsetNs: 0n }), 4, place);
  const outputs = [...engine.push(linesOf(list)), ...engine.flush()];
  expect(outputs).toHaveLength(1);
  return outputs[0]!.values as (number | null)[];
}

/** a ÷ b as a double, good to 15 digits whatever the sizes. */
function ratio(a: bigint, b: bigint): number {
  const sign = a < 0n === b < 0n ? 1 : -1;
  const [top, bottom] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const shift = BigInt(Math.max(0, bottom.toString(2).length - top.toString(2).length + 64));
  const scaled = (top << shift) / bottom;
  const cut = Math.max(0, scaled.toString(2).length - 60);
  return sign * Number(scaled >> BigInt(cut)) * 2 ** (cut - Number(shift));
}

/** n·Σab − Σa·Σb, exactly. */
function moment(a: bigint[], b: bigint[]): bigint {
  const sum = (list: bigint[]): bigint => list.reduce((total, each) => total + each, 0n);
  return BigInt(a.length) * sum(a.map((each, index) => each * b[index]!)) - sum(a) * sum(b);
}

const SHAPES: Record<string, (chance: Chance) => { x: number; y: number }> = {
  readings: (chance) => ({ x: chance.whole(-5000, 12000) / 100, y: chance.whole(0, 1000) / 10 }),
  "small deviations of large means": (chance) => ({
    x: 1e6 + chance.bits() / 2 ** 32,
    y: -3e7 + 40 * (chance.bits() / 2 ** 32),
  }),
  "very different sizes": (chance) => ({ x: chance.bits() * 1e100, y: chance.bits() * 1e-120 }),
};
/** Largest step between records, and the size of the window. */
const PACES: [string, bigint, bigint][] = [
  ["seconds", 30n * SECOND, 3600n * SECOND],
  ["nanoseconds", 9n, 1000n],
  ["years", 15_000n * 3600n * SECOND, 2n ** 61n],
];

/** A list of readings within one window that begins far from 1970. */
function draw(
  chance: Chance,
  shape: (chance: Chance) => { x: number; y: number },
  stepNs: bigint,
  sizeNs: bigint,
): Reading[] {
  const count = chance.whole(2, 40);
  let t =
    sizeNs > 2n ** 60n ? 0n : ((BigInt(chance.whole(-2000, 2000)) * 1_000_003n * SECOND) / sizeNs) * sizeNs;
  return Array.from({ length: count }, () => {
    t += (stepNs * BigInt(chance.whole(0, 1000))) / 1000n;
    return { t, ...shape(chance) };
  });
}

describe.each(Object.entries(SHAPES))("%s", (_, shape) => {
  test.each(PACES)("over %s: within 1e-10 of the deviations", (_pace, stepNs, sizeNs) => {
    const chance = new Chance();
    for (let run = 0; run < 300; run++) {
      const list = draw(chance, shape, stepNs, sizeNs);
      const x = list.map((each) => unitsOf(each.x));
      const y = list.map((each) => unitsOf(each.y));
      const t = list.map((each) => each.t);
      const n2 = BigInt(list.length) ** 2n;
      const [xx, yy, tt] = [moment(x, x), moment(y, y), moment(t, t)];
      const deviation = (spread: bigint): number => Math.sqrt(ratio(spread, n2 << 2148n));
      const covariance = ratio(moment(x, y), n2 << 2148n);
      const correlation = covariance / deviation(xx) / deviation(yy);
      const slope = tt === 0n ? null : ratio(moment(t, x) * SECOND, tt << 1074n);
      const steepest = Math.sqrt(ratio(xx * SECOND * SECOND, tt === 0n ? 1n : tt << 2148n));
      for (const kind of run < 40 ? engines : kernels) {
        const found = ofList(kind, list, sizeNs);
        expect(Math.abs(found[0]! - covariance), `${kind.name}: COVAR_POP`).toBeLessThanOrEqual(
          1e-10 * deviation(xx) * deviation(yy),
        );
        if (found[1] === null) expect(xx === 0n || yy === 0n, `${kind.name}: CORR`).toBe(true);
        else expect(Math.abs(found[1]! - correlation), `${kind.name}: CORR`).toBeLessThanOrEqual(1e-10);
        if (slope === null) expect(found[2], `${kind.name}: SLOPE`).toBeNull();
        else expect(Math.abs(found[2]! - slope), `${kind.name}: SLOPE`).toBeLessThanOrEqual(1e-10 * steepest);
      }
    }
  });
});

test("one window is the same to the bit, cut into slices or not", () => {
  const chance = new Chance();
  const names: AggregateName[] = [...NAMES, "min_by", "max_by"];
  const list = Array.from({ length: 3000 }, (_, index) => ({
    t: 1_700_000_000n * SECOND + BigInt(index) * 7_000_001n,
    x: chance.whole(-50_000, 50_000) / 1000,
    y: chance.whole(-50, 50) / 10,
  }));
  const size = 4n * SECOND;
  for (const kernel of kernels) {
    const results = (window: WindowPlan): unknown[] => {
      const engine = kernel.create(windowed(names, window), 4, place);
      const outputs = [...engine.push(linesOf(list)), ...engine.flush()];
      const whole = outputs.filter(({ windowStart }) => windowStart % size === 0n);
      return whole.map(({ windowEnd, values }) => [windowEnd, values]);
    };
    const tumbling = results({ kind: "tumble", sizeNs: size, offsetNs: 0n });
    expect(tumbling).toHaveLength(6);
    expect(results({ kind: "hop", slideNs: SECOND / 4n, sizeNs: size, offsetNs: 0n })).toEqual(tumbling);
  }
});

test("DuckDB says the same of readings", async () => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const chance = new Chance();
  const list = Array.from({ length: 500 }, (_, index) => ({
    t: BigInt(index) * (SECOND / 4n),
    x: chance.whole(-5000, 12000) / 100,
    y: chance.whole(0, 1000) / 10 + index,
  }));
  await connection.run("CREATE TABLE r (s DOUBLE, x DOUBLE, y DOUBLE)");
  const rows = list.map(({ t, x, y }) => `(${Number(t) / 1e9}, ${x}, ${y})`).join(", ");
  await connection.run(`INSERT INTO r VALUES ${rows}`);
  const reader = await connection.runAndReadAll(
    "SELECT covar_pop(x, y), corr(x, y), regr_slope(x, s), arg_min(x, y), arg_max(x, y) FROM r",
  );
  const expected = reader.getRows()[0] as number[];
  for (const kernel of kernels) {
    const names: AggregateName[] = [...NAMES, "min_by", "max_by"];
    const engine = kernel.create(
      windowed(names, { kind: "tumble", sizeNs: 1000n * SECOND, offsetNs: 0n }),
      4,
      place,
    );
    const [output] = [...engine.push(linesOf(list)), ...engine.flush()];
    output!.values.forEach((value, index) => {
      expect(Math.abs((value as number) - expected[index]!), NAMES[index]).toBeLessThanOrEqual(
        Math.abs(expected[index]!) * 1e-10,
      );
    });
  }
  connection.closeSync();
});
