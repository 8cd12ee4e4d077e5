// Texts that expressions make: doubles as JavaScript writes them, for every pattern of bits; BIGINTs; casts of texts, and
// text functions against DuckDB and the language's own.
import { describe, expect, it } from "vitest";
import type { Expression, Type } from "../../core/plan/plan.ts";
import { Chance, SEED, outward, planOf, rowsOf } from "../kernel/support.ts";
import { kernels } from "../support/engines.ts";

const SLAB = 20_000;

/** The value of a call of the column x, for each of its values. */
function computed(type: Type, expression: Expression, values: unknown[]): unknown[] {
  const plan = planOf({ format: "json", fields: { x: type }, select: [expression] });
  plan.limits = { keys: 10, memoryBytes: 256 << 20, dictionaryBytes: 48 << 20 };
  const found: unknown[] = [];
  for (let from = 0; from < values.length; from += SLAB) {
    const lines = values.slice(from, from + SLAB).map((x) => `{"x":${x}}\n`);
    for (const row of rowsOf(kernels[1]!.create(plan, 4), Buffer.from(lines.join("")))) found.push(row[0]);
  }
  return found;
}

const column = (type: Type): Expression => ({ kind: "column", type, column: 1 });
const toText = (type: Type): Expression => ({
  kind: "call",
  type: "string",
  operator: "toText",
  arguments: [column(type)],
});

function drawDouble(chance: Chance, kind: number): number {
  if (kind === 0) return chance.whole(-1e9, 1e9) / 10 ** chance.whole(0, 9);
  if (kind === 1) return outward(2 ** chance.whole(-1074, 1023), chance.whole(0, 4) - 2);
  if (kind === 2) return chance.bits() * 2 ** chance.whole(-1074, -1000);
  if (kind === 3)
    return Number(`${chance.whole(1, 9)}${chance.digits(chance.whole(0, 20))}e${chance.whole(-30, 25)}`);
  return chance.double();
}

describe("numbers as text", () => {
  it("are the shortest that read back, in JavaScript's form", { timeout: 120_000 }, () => {
    const chance = new Chance();
    const values = Array.from({ length: 200_000 }, (_, index) => drawDouble(chance, index % 6)).filter(
      Number.isFinite,
    );
    const corners = [
      0,
      1e21,
      1e20,
      123456789012345680000,
      1e-6,
      1e-7,
      1.5e-7,
      5e-324,
      Number.MAX_VALUE,
      2 ** 53,
      0.1,
      -0.3,
      4.35,
      9.5e-7,
    ];
    const all = [...corners, ...values].map((value) => value + 0);
    const found = computed(
      "double",
      toText("double"),
      all.map((value) => JSON.stringify(value)),
    );
    expect(found.length).toBe(all.length);
    all.forEach((value, index) => {
      if (found[index] !== String(value))
        throw new Error(`${value} is ${String(found[index])} (MILLRACE_SEED=${SEED})`);
    });
  });
});
