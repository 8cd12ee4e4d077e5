// Distinct values and lists beyond their bounds, and the error of APPROX_COUNT_DISTINCT: kernel against reference and
// against what was drawn. The order of the values and how a window is cut into slices show in no bit.
import { describe, expect, test } from "vitest";
import type { Value } from "../../core/engine.ts";
import type { AggregatePlan, Expression, Plan, Type, WindowPlan } from "../../core/plan/plan.ts";
import { aggregateType } from "../../core/plan/plan.ts";
import { xxh64 } from "../../core/reference/aggregates/xxhash.ts";
import { kernels, reference } from "../support/engines.ts";
import { Chance, planOf } from "./support.ts";

const SECOND = 1_000_000_000n;
const TUMBLE = { kind: "tumble", sizeNs: 1000n * SECOND, offsetNs: 0n } as const;
/** The same window as TUMBLE, among others that cut it into ten slices. */
const SLICED: WindowPlan = { kind: "hop", slideNs: 100n * SECOND, sizeNs: 1000n * SECOND, offsetNs: 0n };

function windowed(names: AggregatePlan["name"][], type: Type, window: WindowPlan): Plan {
  const plan = planOf({ format: "json", unit: "s", fields: { x: type } });
  const argument: Expression = { kind: "column", type, column: 1 };
  const aggregates = names.map((name) => ({ name, argument, parameter: name === "top_k" ? 100 : null }));
  const outputs = aggregates.map((aggregate, place) => ({
    name: aggregate.name,
    expression: { kind: "column", type: aggregateType(aggregate), column: 3 + place } as Expression,
    hidden: false,
  }));
  plan.pipelines[0] = { ...plan.pipelines[0]!, window, aggregates, outputs };
  plan.limits = { keys: 10, memoryBytes: 24 << 20, dictionaryBytes: 4 << 20 };
  return plan;
}

interface Found {
  values: Value[];
  inexact: boolean;
}

/** Each pipeline's result of the window [0, 1000 s) over values at given seconds. */
function foundBy(
  kind: typeof reference,
  plan: Plan,
  values: [second: number, value: number | string][],
): Found[] {
  const engine = kind.create(plan);
  const lines = values.map(([second, value]) => `{"t":${second},"x":${JSON.stringify(value)}}\n`).join("");
  return [...engine.push(Buffer.from(lines)), ...engine.flush()]
    .filter(({ windowStart, windowEnd }) => windowStart === 0n && windowEnd === TUMBLE.sizeNs)
    .map((output) => {
      if (output.kind !== "result") throw new Error("no result");
      return { values: output.values, inexact: output.inexact };
    });
}

function found(
  kind: typeof reference,
  names: AggregatePlan["name"][],
  values: [second: number, value: number | string][],
  window: WindowPlan = TUMBLE,
): Found {
  const type = typeof values[0]![1] === "string" ? "string" : "double";
  return foundBy(kind, windowed(names, type, window), values)[0]!;
}

const shuffled = <T>(list: T[]): T[] => list.map((_, place) => list[(place * 7919) % list.length]!);

describe("beyond the bounds", () => {
  const kinds: [string, (index: number) => number | string][] = [
    ["numbers", (index) => index / 8],
    ["texts", (index) => `text ${index} of some length`],
  ];
  test.each(kinds)("%s: the same whatever the order and the slices, flagged", (_, valueOf) => {
    const chance = new Chance();
    const list = Array.from({ length: 2999 }, (): [number, number | string] => {
      return [chance.whole(0, 999), valueOf(Math.floor(chance.whole(1, 1500) ** 2 / 1500))];
    });
    const names: AggregatePlan["name"][] = ["count_distinct", "mode", "top_k"];
    const expected = found(reference, names, list);
    expect(expected.inexact).toBe(new Set(list.map(([, value]) => value)).size > 1000);
    const all = Array.from({ length: 2500 }, (__, index): [number, number | string] => [0, valueOf(index)]);
    const many = [...list, ...all];
    const beyond = found(reference, names, many);
    expect(beyond.inexact).toBe(true);
    expect(beyond.values[0]).toBe(1000);
    for (const kernel of kernels) {
      expect(found(kernel, names, list)).toEqual(expected);
      expect(found(kernel, names, many)).toEqual(beyond);
      expect(found(kernel, names, shuffled(many))).toEqual(beyond);
      expect(
        found(
          kernel,
          names,
          [...many].sort(([a], [b]) => a - b),
          SLICED,
        ),
      ).toEqual(beyond);
    }
  });

  test("ARRAY_AGG: the first by time and arrival, in any order", () => {
    const chance = new Chance();
    const list = Array.from({ length: 1700 }, (_, index): [number, number] => [chance.whole(0, 999), index]);
    const expected = found(reference, ["array_agg"], list);
    expect(expected.inexact).toBe(true);
    const whole = [...list].sort(([a, i], [b, j]) => a - b || i - j).map(([, value]) => value);
    expect(expected.values[0]).toEqual(whole.slice(0, 1000));
    const few = list.slice(0, 1000);
    for (const kernel of kernels) {
      expect(found(kernel, ["array_agg"], list)).toEqual(expected);
      expect(found(kernel, ["array_agg"], few)).toEqual(found(reference, ["array_agg"], few));
      const inOrder = [...list].sort(([a], [b]) => a - b);
      expect(found(kernel, ["array_agg"], inOrder, SLICED)).toEqual(found(reference, ["array_agg"], inOrder));
    }
  });

  test("quantiles: the same whatever the order and the slices, and no other pipeline is flagged", () => {
    const chance = new Chance();
    const list = Array.from({ length: 6000 }, (): [number, number] => {
      const magnitude = 2 ** (chance.whole(-2000, 2000) / 50);
      return [chance.whole(0, 999), chance.whole(0, 2) === 0 ? -magnitude : magnitude];
    });
    const inOrder = [...list].sort(([a], [b]) => a - b);
    const plan = (window: WindowPlan): Plan => {
      const one = windowed(["quantile"], "double", window);
      const [quantile] = one.pipelines;
      const aggregates = quantile!.aggregates.map((aggregate) => ({ ...aggregate, parameter: 0.4 }));
      const counted = windowed(["count"], "double", window).pipelines[0]!;
      return {
        ...one,
        pipelines: [
          { ...quantile!, aggregates },
          { ...counted, name: "counted" },
        ],
      };
    };
    const expected = foundBy(reference, plan(TUMBLE), list);
    expect(expected.map(({ inexact }) => inexact)).toEqual([true, false]);
    for (const kernel of kernels) {
      expect(foundBy(kernel, plan(TUMBLE), list)).toEqual(expected);
      expect(foundBy(kernel, plan(TUMBLE), shuffled(list))).toEqual(expected);
      expect(foundBy(kernel, plan(SLICED), inOrder)).toEqual(expected);
    }
  });

  test("what depends on the order: the first 10,000 values, in any order", () => {
    const chance = new Chance();
    const list = Array.from({ length: 10_500 }, (_, index): [number, number] => {
      return [chance.whole(0, 999), (index % 700) + chance.whole(0, 99) / 100];
    });
    const names: AggregatePlan["name"][] = ["increase", "rate", "time_weighted_avg"];
    const inOrder = [...list].sort(([a], [b]) => a - b);
    const expected = found(reference, names, list);
    expect(expected.inexact).toBe(true);
    const few = list.slice(0, 10_000);
    for (const kernel of kernels) {
      expect(found(kernel, names, list)).toEqual(expected);
      expect(found(kernel, names, few)).toEqual(found(reference, names, few));
      expect(found(kernel, names, inOrder, SLICED)).toEqual(found(reference, names, inOrder));
    }
    // As many as limits.values says.
    const more = (values: number): Plan => {
      const plan = windowed(names, "double", TUMBLE);
      return { ...plan, limits: { ...plan.limits, values } };
    };
    const whole = foundBy(reference, more(list.length), list);
    expect([whole[0]!.inexact, foundBy(reference, more(list.length - 1), list)[0]!.inexact]).toEqual([
      false,
      true,
    ]);
    for (const kernel of kernels) {
      expect(foundBy(kernel, more(list.length), list)).toEqual(whole);
      expect(foundBy(kernel, more(list.length), inOrder)[0]!.inexact).toBe(false);
    }
  });

  test("a pipeline that reads none of them is not flagged", () => {
    const list = Array.from({ length: 1500 }, (_, index): [number, number] => [0, index]);
    for (const kernel of kernels) {
      const plan = windowed(["count_distinct", "array_agg"], "double", TUMBLE);
      const other = { ...windowed(["max"], "double", TUMBLE).pipelines[0]!, name: "q" };
      const engine = kernel.create({ ...plan, pipelines: [plan.pipelines[0]!, other] });
      const lines = list.map(([second, value]) => `{"t":${second},"x":${value}}\n`).join("");
      const outputs = [...engine.push(Buffer.from(lines)), ...engine.flush()];
      expect(outputs.map((output) => output.kind === "result" && output.inexact)).toEqual([true, false]);
    }
  });
});

describe("APPROX_COUNT_DISTINCT", () => {
  const SHAPES: Record<string, (index: number, chance: Chance) => number> = {
    "whole numbers": (index) => index,
    "negative ones": (index) => -index / 3,
    "a tiny range": (index) => 1e6 + index * 2 ** -30,
    "any doubles": (_, chance) => chance.double(),
  };
  test.each(Object.entries(SHAPES))("%s: within 1.7 % on average, never beyond 7 %", (_, valueOf) => {
    const chance = new Chance();
    const errors: number[] = [];
    for (const size of [1, 2, 10, 100, 126, 127, 1000, 5000, 10_000, 20_000]) {
      for (let run = 0; run < (size > 1000 ? 6 : 12); run++) {
        const from = run * 1_000_000;
        const distinct = new Set(
          Array.from({ length: size }, (__, index) => valueOf(from + index, chance) + 0),
        );
        // Some come again and again.
        const list = [...distinct, ...[...distinct].slice(0, 50), ...[...distinct].slice(0, 50)];
        const rows = list.map((value): [number, number] => [chance.whole(0, 999), value]);
        const { values, inexact } = found(kernels[1]!, ["approx_count_distinct"], rows);
        expect(inexact).toBe(false);
        const error = (values[0] as number) / distinct.size - 1;
        if (size <= 2) expect(error).toBe(0);
        else errors.push(error);
        if (size > 10) expect(Math.abs(error)).toBeLessThan(0.07);
      }
    }
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
    expect(deviation).toBeLessThan(0.02);
  });

  test("kernels say what the reference says, of slices too", () => {
    const chance = new Chance();
    const list = Array.from({ length: 9000 }, (_, index): [number, string] => [
      Math.floor(index / 9),
      "é".repeat(chance.whole(0, 40)) + chance.whole(0, 3000),
    ]);
    const expected = found(reference, ["approx_count_distinct"], list);
    for (const kernel of kernels) {
      expect(found(kernel, ["approx_count_distinct"], list)).toEqual(expected);
      expect(found(kernel, ["approx_count_distinct"], list, SLICED)).toEqual(expected);
    }
  });
});

test("the hash is XXH64", () => {
  // From the specification's own test vectors (seed 0).
  const vectors: [string, bigint][] = [
    ["", 0xef46db3751d8e999n],
    ["a", 0xd24ec4f1a98c6e5bn],
    ["abc", 0x44bc2cf5ad770999n],
    ["Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1n],
  ];
  for (const [text, hash] of vectors) expect(xxh64(Buffer.from(text)), text).toBe(hash);
});
