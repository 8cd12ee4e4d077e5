// A million sums against exact arithmetic: each kernel's SUM is within 1 ulp of the exact sum (in fact it is that sum,
// rounded once), whatever the values, their order and how much of them cancels. Rows of 64 columns, a window each few.
import { expect, test } from "vitest";
import type { AggregatePlan, Expression, Plan } from "../../core/plan/plan.ts";
import { kernels } from "../support/engines.ts";
import { Chance, SEED, nearest, planOf, unitsOf } from "./support.ts";

const CASES = 1_000_000;
const COLUMNS = 60;
const WINDOWS = Math.ceil(CASES / COLUMNS);
/** Windows of one push. */
const CHUNK = 400;
const SECOND = 1_000_000_000n;

/** Sums of all columns of rows that come as bytes. */
function sums(): Plan {
  const names = Array.from({ length: COLUMNS }, (_, index) => `x${index}`);
  const plan = planOf({
    format: "row",
    framing: "rows",
    unit: "ns",
    fields: Object.fromEntries(names.map((name) => [name, "double" as const])),
  });
  const aggregates = names.map((_, index): AggregatePlan => {
    const argument: Expression = { kind: "column", type: "double", column: index + 1 };
    return { name: "sum", argument, parameter: null };
  });
  const outputs = names.map((name, index) => {
    const expression: Expression = { kind: "column", type: "double", column: 3 + index };
    return { name, expression, hidden: false };
  });
  const window = { kind: "tumble", sizeNs: SECOND, offsetNs: 0n } as const;
  plan.pipelines[0] = { ...plan.pipelines[0]!, window, aggregates, outputs };
  plan.limits = { ...plan.limits, memoryBytes: 24 << 20 };
  return plan;
}

const signed = (chance: Chance, value: number): number => ((chance.bits() & 1) === 0 ? value : -value);
const sized = (chance: Chance, most: number): number =>
  signed(chance, chance.bits() * 2 ** (chance.whole(-most, most) - 32));

/** What a case is made of: its values, of which a row takes one after the other. */
const SHAPES: ((chance: Chance, count: number) => number[])[] = [
  (chance, count) => Array.from({ length: count }, () => chance.whole(-5000, 12000) / 100),
  (chance, count) => Array.from({ length: count }, () => sized(chance, 60)),
  (chance, count) => Array.from({ length: count }, () => sized(chance, 300)),
  // All but one cancel.
  (chance, count) => {
    const half = Array.from({ length: count >> 1 }, () => sized(chance, 90));
    return [...half, sized(chance, 90) * 2 ** -100, ...half.toReversed().map((value) => -value)];
  },
  // They cancel up to their last bits.
  (chance, count) => {
    const value = sized(chance, 40);
    return Array.from({ length: count }, (_, index) => (index % 2 === 0 ? value : -value * (1 - 2 ** -52)));
  },
  // Beside a tie by less than two doubles hold.
  (chance) => [1, 2 ** -53, signed(chance, 2 ** -chance.whole(107, 300)), (chance.bits() & 1) * 2 ** -52],
  (chance, count) => Array.from({ length: count }, () => signed(chance, (chance.bits() >>> 4) * 5e-324)),
];

/** The rows of one window: `lists` are its columns. */
function rowsOf(lists: number[][], second: number, view: DataView, at: number): number {
  const rows = lists.reduce((most, list) => Math.max(most, list.length), 0);
  let here = at;
  for (let row = 0; row < rows; row++) {
    view.setUint32(here, 8 * (1 + COLUMNS), true);
    view.setBigInt64(here + 4, BigInt(second) * SECOND + BigInt(row), true);
    here += 12;
    for (const list of lists) {
      view.setFloat64(here, list[row] ?? Number.NaN, true);
      here += 8;
    }
  }
  return here;
}

test(`${CASES} sums are the exact ones, rounded once`, { timeout: 120_000 }, () => {
  const chance = new Chance();
  const engines = kernels.map((kernel) => kernel.create(sums()));
  const buffer = new ArrayBuffer(CHUNK * 16 * (12 + 8 * COLUMNS));
  const view = new DataView(buffer);
  let judged = 0;
  for (let first = 0; first < WINDOWS; first += CHUNK) {
    const cases: number[][] = [];
    let end = 0;
    for (let second = first; second < Math.min(first + CHUNK, WINDOWS); second++) {
      const lists = Array.from({ length: COLUMNS }, () =>
        chance.pick(SHAPES)(chance, chance.whole(1, 6)).slice(0, 16),
      );
      cases.push(...lists);
      end = rowsOf(lists, second, view, end);
    }
    const bytes = new Uint8Array(buffer, 0, end);
    const expected = cases.map((list) => nearestOf(list));
    for (const [index, engine] of engines.entries()) {
      const found = [...engine.push(bytes), ...engine.flush()].flatMap(({ values }) => values as number[]);
      expect(found.length).toBe(expected.length);
      const wrong = found.findIndex((value, place) => !Object.is(value, expected[place]! + 0));
      if (wrong >= 0)
        throw new Error(
          `${kernels[index]!.name}: SUM of ${cases[wrong]!.join(", ")} is ${found[wrong]}, not ${expected[wrong]} (MILLRACE_SEED=${SEED})`,
        );
    }
    judged += expected.length;
  }
  expect(judged).toBeGreaterThanOrEqual(CASES);
});

/** The exact sum, rounded once. Values of ordinary size are whole numbers of 2^-1074 with many zeros, which are left out. */
function nearestOf(list: number[]): number {
  return nearest(list.reduce((sum, value) => sum + unitsOf(value), 0n));
}
