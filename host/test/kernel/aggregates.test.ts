// Aggregates over one window against exact arithmetic on whole numbers of 2^-1074: SUM is the exact sum rounded once,
// AVG and the variances stay within what docs/sql.md promises, QUANTILE within 1 % of the sorted values' rank.
import { describe, expect, test } from "vitest";
import type { AggregateName, AggregatePlan, Expression, Plan } from "../../core/plan/plan.ts";
import { kernels, reference } from "../support/engines.ts";
import { Chance, SEED, nearest, outward, planOf, spacing, unitsOf } from "./support.ts";

const MAX = Number.MAX_VALUE;
const engines = [...kernels, reference];
const QUANTILES = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1];

/** One result a window, of 1 s: the aggregates of x in their order. */
function windowed(names: AggregateName[]): Plan {
  const plan = planOf({ format: "json", unit: "s", fields: { x: "double" } });
  const argument: Expression = { kind: "column", type: "double", column: 1 };
  const aggregates = names.flatMap((name): AggregatePlan[] =>
    (name === "quantile" ? QUANTILES : [null]).map((parameter) => ({ name, argument, parameter })),
  );
  const outputs = aggregates.map((_, place) => ({
    name: `a${place}`,
    expression: { kind: "column", type: "double", column: 3 + place } as Expression,
    hidden: false,
  }));
  plan.pipelines[0] = {
    ...plan.pipelines[0]!,
    window: { kind: "tumble", sizeNs: 1_000_000_000n, offsetNs: 0n },
    aggregates,
    outputs,
  };
  return plan;
}

interface Outcome {
  values: (number | null)[];
  inexact: boolean;
}

/** The aggregates of each list of values. */
function aggregated(kind: (typeof engines)[number], names: AggregateName[], lists: number[][]): Outcome[] {
  const engine = kind.create(windowed(names));
  const lines = lists.flatMap((list, second) => list.map((x) => `{"t":${second},"x":${x}}\n`));
  const outputs = [...engine.push(Buffer.from(lines.join(""))), ...engine.flush()];
  expect(outputs.length).toBe(lists.length);
  return outputs.map((output) => ({
    values: output.values as (number | null)[],
    inexact: output.kind === "result" && output.inexact,
  }));
}

const shown = (list: number[]): string =>
  list.length > 12 ? `${list.slice(0, 12).join(", ")}, … (${list.length})` : list.join(", ");

function expectEach(
  lists: number[][],
  outcomes: Outcome[],
  problem: (list: number[], outcome: Outcome) => string | null,
): void {
  lists.forEach((list, index) => {
    const found = problem(list, outcomes[index]!);
    if (found !== null) throw new Error(`${found}: of ${shown(list)} (MILLRACE_SEED=${SEED})`);
  });
}

const sumOf = (list: number[]): bigint => list.reduce((sum, value) => sum + unitsOf(value), 0n);
const sizeOf = (value: bigint): bigint => (value < 0n ? -value : value);

const lengthOf = (chance: Chance): number => chance.pick([1, 2, 3, 5, chance.whole(4, 40)]);
const listOf = (chance: Chance, draw: () => number): number[] =>
  Array.from({ length: lengthOf(chance) }, draw);
const signed = (chance: Chance, value: number): number => (chance.whole(0, 1) === 0 ? value : -value);

const SUMS: Record<string, (chance: Chance) => number[]> = {
  "readings with two decimals": (chance) => listOf(chance, () => chance.whole(-5000, 12000) / 100),
  "any doubles": (chance) => listOf(chance, () => chance.double()),
  "large ones that cancel and small ones that stay": (chance) => {
    const list = listOf(chance, () => chance.double());
    return [...list, chance.bits() / 2 ** 40, ...list.map((value) => -value), chance.bits() * 2 ** -1060];
  },
  "exponents that lie far apart": (chance) =>
    listOf(chance, () =>
      signed(chance, chance.bits() * 2 ** chance.pick([-1074, -900, -500, -53, 0, 53, 500, 960, 991])),
    ),
  "beside a tie by less than any double-double holds": (chance) => [
    1,
    2 ** -53,
    signed(chance, 2 ** -chance.whole(107, 1074)),
    chance.pick([0, 2 ** -52]),
  ],
  subnormals: (chance) => listOf(chance, () => signed(chance, chance.whole(0, 2 ** 30) * 5e-324)),
  "near the ends of the range": (chance) =>
    listOf(chance, () => signed(chance, outward(MAX, -chance.whole(0, 5)))),
};

describe("SUM and AVG", () => {
  test.each(Object.entries(SUMS))("%s", (_, draw) => {
    const chance = new Chance();
    const lists = Array.from({ length: 2000 }, () => draw(chance));
    for (const kind of engines) {
      const some = kind === reference ? lists.slice(0, 300) : lists;
      expectEach(
        some,
        aggregated(kind, ["sum", "avg"], some),
        (list, { values: [sum, average], inexact }) => {
          const exact = sumOf(list);
          const rounded = nearest(exact);
          const expected = Number.isFinite(rounded) ? rounded + 0 : null;
          if (!Object.is(sum, expected)) return `${kind.name}: SUM is ${sum}, not ${expected}`;
          if (average === null) return `${kind.name}: AVG is NULL`;
          // Rounded once from the unrounded sum: half a spacing away, and a millionth for the quotient's own rest.
          const n = BigInt(list.length);
          const off = sizeOf(unitsOf(average!) * n - exact) * 2_000_000n;
          if (off > spacing(exact / n) * n * 1_000_001n)
            return `${kind.name}: AVG is ${average}, not nearest to the mean`;
          return inexact ? `${kind.name}: flagged inexact` : null;
        },
      );
    }
  });

  test("the order and the size of the list do not matter", () => {
    const chance = new Chance();
    const list = Array.from({ length: 20_000 }, () =>
      signed(chance, chance.bits() * 2 ** chance.whole(-300, 300)),
    );
    const shuffled = list.map((_, place) => list[(place * 7919) % list.length]!);
    const sorted = [...list].sort((a, b) => a - b);
    for (const kernel of kernels) {
      const [first, ...others] = aggregated(
        kernel,
        ["sum", "avg", "var_samp"],
        [list, shuffled, sorted, [...sorted].reverse()],
      );
      expect(first!.values[0]).toBe(nearest(sumOf(list)));
      for (const other of others) expect(other).toEqual(first);
    }
  });

  test("a mean is there although the sum is beyond double", () => {
    for (const kind of engines) {
      const lists = [
        [MAX, MAX],
        [MAX, MAX, -MAX],
        [-MAX, -MAX, -MAX, MAX],
        [1e308],
        [1e308, 1e308, 1e308, -3e307],
      ];
      expect(
        aggregated(kind, ["sum", "avg"], lists).map(({ values }) => values),
        kind.name,
      ).toEqual([
        [null, MAX],
        [MAX, MAX / 3],
        [null, -MAX / 2],
        [1e308, 1e308],
        [null, 6.75e307],
      ]);
    }
  });
});

const VARIANCES: Record<string, (chance: Chance) => number[]> = {
  readings: (chance) => listOf(chance, () => chance.whole(-5000, 12000) / 100),
  "a small spread around a large mean": (chance) => {
    const mean = signed(chance, chance.bits() * 2 ** chance.whole(-300, 300));
    return listOf(chance, () => mean + mean * (chance.bits() / 2 ** 32 - 0.5) * 2 ** -chance.whole(0, 20));
  },
  "any size from 1e-140 to 1e140": (chance) =>
    listOf(chance, () =>
      signed(chance, Number(`${chance.whole(1, 9)}.${chance.digits(16)}e${chance.whole(-140, 140)}`)),
    ),
  "one far from the others": (chance) => [1e9, ...listOf(chance, () => chance.bits() / 2 ** 32)],
};

describe("variance and standard deviation", () => {
  test.each(Object.entries(VARIANCES))("%s: within 1e-10 while mean ÷ deviation ≤ 1e6", (_, draw) => {
    const chance = new Chance();
    const lists = Array.from({ length: 2000 }, () => draw(chance));
    let judged = 0;
    for (const kind of engines) {
      const some = kind === reference ? lists.slice(0, 300) : lists;
      const names: AggregateName[] = ["var_pop", "var_samp", "stddev_pop", "stddev_samp"];
      expectEach(some, aggregated(kind, names, some), (list, { values }) => {
        const n = BigInt(list.length);
        const sum = sumOf(list);
        // n²·variance, in units of 2^-2148.
        const spread = n * list.reduce((total, value) => total + unitsOf(value) ** 2n, 0n) - sum * sum;
        if (n === 1n)
          return values[0] === 0 && values[2] === 0 && values[1] === null && values[3] === null
            ? null
            : `${kind.name}: one record has ${values.join()}`;
        if (spread * 10n ** 12n < sum * sum) return null;
        judged++;
        for (const [place, divisor] of [n * n, n * (n - 1n)].entries()) {
          const variance = values[place]!;
          // The result twice: once as it is, once as the root squared.
          const asIs = (unitsOf(variance) << 1074n) * divisor;
          const squared = unitsOf(values[place + 2]!) ** 2n * divisor;
          if (sizeOf(asIs - spread) * 10n ** 10n > spread)
            return `${kind.name}: variance ${variance} is off by more than 1e-10`;
          if (sizeOf(squared - spread) * 10n ** 10n > spread * 2n)
            return `${kind.name}: deviation ${values[place + 2]} is off by more than 1e-10`;
        }
        return null;
      });
    }
    expect(judged).toBeGreaterThan(1000);
  });

  test("equal values have a variance of 0, however large the mean", () => {
    const chance = new Chance();
    const lists = Array.from({ length: 2000 }, () => {
      const value = signed(
        chance,
        Number(`${chance.whole(1, 9)}.${chance.digits(16)}e${chance.whole(-140, 140)}`),
      );
      return Array.from({ length: chance.whole(2, 50) }, () => value);
    });
    for (const kernel of kernels) {
      expectEach(lists, aggregated(kernel, ["var_pop", "stddev_samp"], lists), (_, { values }) =>
        values.every((value) => value === 0) ? null : `${kernel.name}: ${values.join()}`,
      );
    }
  });
});

const DISTRIBUTIONS: Record<string, (chance: Chance) => () => number> = {
  constant: (chance) => {
    const value = signed(chance, chance.double());
    return () => value;
  },
  uniform: (chance) => () => chance.bits() / 2 ** 32,
  "negative and positive": (chance) => () => chance.bits() / 2 ** 31 - 1,
  "all negative": (chance) => () => -1 - chance.bits() / 2 ** 22,
  "skewed: many small, few huge": (chance) => () => 1 / (chance.bits() / 2 ** 32 + 1e-9) ** 2,
  "a tiny range around a large value": (chance) => () => 1e6 + chance.bits() / 2 ** 52,
  "many equal ones, zero among them": (chance) => () => chance.pick([0, 0, 0, 1, -1, 5, 0.001]),
  "within the smallest normal numbers": (chance) => () => (1 + chance.bits() / 2 ** 32) * 2 ** -1022,
  "near the largest numbers": (chance) => () => signed(chance, MAX * (0.5 + chance.bits() / 2 ** 33)),
};

/** What QUANTILE stands for: the value of rank ⌊q·(n−1)⌋. */
const ranked = (list: number[], q: number): number =>
  [...list].sort((a, b) => a - b)[Math.floor(q * (list.length - 1))]!;

describe("QUANTILE", () => {
  test.each(Object.entries(DISTRIBUTIONS))("%s: within 1 % of the value", (name, draw) => {
    const chance = new Chance();
    const lists = Array.from({ length: 16 }, () => {
      const next = draw(chance);
      return Array.from({ length: chance.pick([1, 2, 3, 10, 101, 1000]) }, next);
    });
    for (const kind of engines) {
      expectEach(lists, aggregated(kind, ["quantile", "min", "max"], lists), (list, { values, inexact }) => {
        for (const [place, q] of QUANTILES.entries()) {
          const expected = ranked(list, q);
          const found = values[place]!;
          if (!(Math.abs(found - expected) <= Math.abs(expected) * 0.008))
            return `${kind.name}: QUANTILE(x, ${q}) is ${found}, rank has ${expected}`;
          if (name === "constant" && found !== expected)
            return `${kind.name}: ${found} of equal values ${expected}`;
        }
        if (values.at(-2) !== ranked(list, 0) || values.at(-1) !== ranked(list, 1))
          return `${kind.name}: MIN or MAX`;
        return inexact ? `${kind.name}: flagged inexact` : null;
      });
    }
  });

  test("past its buckets the large values keep the bound, the result is flagged, and the order does not matter", () => {
    const chance = new Chance();
    const list = Array.from({ length: 3500 }, () => chance.double());
    for (const kernel of kernels) {
      const [first, second] = aggregated(kernel, ["quantile"], [list, [...list].reverse()]);
      expect(first!.inexact).toBe(true);
      expect(second).toEqual(first);
      for (const q of [0, 0.01, 0.99, 0.999, 1]) {
        const expected = ranked(list, q);
        expect(Math.abs(first!.values[QUANTILES.indexOf(q)]! - expected)).toBeLessThanOrEqual(
          Math.abs(expected) * 0.008,
        );
      }
    }
  });
});
