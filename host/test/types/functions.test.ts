// LN, LOG10, EXP, SIN, COS against whole-number arithmetic of 1,400 bits, whatever the size of the argument, and against
// DuckDB; the kernels against TypeScript, bit for bit. LIKE against DuckDB, with random patterns.
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import { cos, exp, ln, log10, sin } from "../../../assembly/number/functions.ts";
import type { Expression, Operator } from "../../core/plan/plan.ts";
import { Chance, SEED, planOf, rowsOf } from "../kernel/support.ts";
import { kernels } from "../support/engines.ts";

// Fixed-point numbers: whole numbers of 2^-BITS.
const BITS = 1400n;
const ONE = 1n << BITS;
const multiply = (a: bigint, b: bigint): bigint => (a * b) >> BITS;

function series(first: bigint, next: (term: bigint, n: bigint) => bigint): bigint {
  let sum = 0n;
  for (let term = first, n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term;
    term = next(term, n);
  }
  return sum;
}

/** artanh of 1 ÷ n, or arctan with `sign` −1. */
function inverse(n: bigint, sign: bigint): bigint {
  let sum = 0n;
  for (let term = ONE / n, k = 1n; term !== 0n && term !== -1n; k += 2n, term = (sign * term) / (n * n))
    sum += term / k;
  return sum;
}

const LN2 = 2n * inverse(3n, 1n);
const LN10 = 3n * LN2 + 2n * inverse(9n, 1n);
const PI = 4n * (4n * inverse(5n, -1n) - inverse(239n, -1n));

/** A double as fixed-point number; exact down to 2^-1400. */
function fixed(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const exponent = (word >> 52n) & 0x7ffn;
  const mantissa = (word & 0xfffffffffffffn) | (exponent === 0n ? 0n : 1n << 52n);
  const shift = BITS - 1075n + (exponent === 0n ? 1n : exponent);
  const size = mantissa << shift;
  return word >> 63n === 1n ? -size : size;
}

function exactLn(x: bigint): bigint {
  const power = BigInt(x.toString(2).length) - 1n - BITS;
  const mantissa = power > 0n ? x >> power : x << -power;
  const s = ((mantissa - ONE) << BITS) / (mantissa + ONE);
  const square = multiply(s, s);
  let sum = 0n;
  for (let term = s, k = 1n; term !== 0n && term !== -1n; k += 2n, term = multiply(term, square))
    sum += term / k;
  return 2n * sum + power * LN2;
}

function exactExp(x: bigint): bigint {
  const power = x / LN2;
  const rest = x - power * LN2;
  const value = series(ONE, (term, n) => multiply(term, rest) / n);
  return power >= 0n ? value << power : value >> -power;
}

function exactSin(x: bigint): bigint {
  const rest = ((x % (2n * PI)) + 2n * PI) % (2n * PI);
  const square = multiply(rest, rest);
  return series(rest, (term, n) => -multiply(term, square) / (2n * n * (2n * n + 1n)));
}

/** How many ulps a double is off, and half of that of the next one is a tie. */
function ulpsOff(found: number, exact: bigint): number {
  const size = Math.max(Math.abs(found), 2 ** -1022);
  const ulp = 2 ** (Math.floor(Math.log2(size) + 1e-12) - 52);
  const difference = exact - fixed(found);
  return Math.abs(Number((difference << 60n) / fixed(Math.max(ulp, 2 ** -1074))) / 2 ** 60);
}

const chance = new Chance(SEED);
const anyPositive = (): number => Math.abs(chance.double());
const sized = (bits: number): number =>
  (chance.whole(0, 1) * 2 - 1) *
  (1 + chance.bits() / 2 ** 32 + chance.bits() / 2 ** 64) *
  2 ** chance.whole(-bits, bits - 1);

/** Doubles near multiples of π/2, the first of them the nearest of all. */
const NEAR_HALF_PI = [
  6381956970095103 * 2 ** 797,
  5.319372648326541e255,
  ...Array.from({ length: 200 }, (_, n) => (n + 1) * 1.5707963267948966),
];

const CASES: {
  name: string;
  operator: Operator;
  ours: (x: number) => number;
  exact: (x: bigint) => bigint;
  arguments: number[];
}[] = [
  {
    name: "LN",
    operator: "ln",
    ours: ln,
    exact: exactLn,
    arguments: [
      1,
      2,
      10,
      5e-324,
      Number.MAX_VALUE,
      1 - 2 ** -53,
      1 + 2 ** -52,
      ...Array.from({ length: 1500 }, anyPositive),
      ...Array.from({ length: 500 }, () => Math.abs(sized(2))),
    ],
  },
  {
    name: "LOG10",
    operator: "log10",
    ours: log10,
    exact: (x) => (exactLn(x) << BITS) / LN10,
    arguments: [
      ...Array.from({ length: 309 }, (_, n) => Number(`1e${n}`)),
      ...Array.from({ length: 1000 }, anyPositive),
    ],
  },
  {
    name: "EXP",
    operator: "exp",
    ours: exp,
    exact: exactExp,
    arguments: [
      0,
      1,
      -1,
      709.782712893384,
      -708,
      1e-300,
      ...Array.from({ length: 2000 }, () => sized(30)).filter((x) => Math.abs(x) < 700),
    ],
  },
  {
    name: "SIN",
    operator: "sin",
    ours: sin,
    exact: exactSin,
    arguments: [
      0,
      1e-300,
      1e-9,
      0.7853981633974483,
      ...NEAR_HALF_PI,
      ...Array.from({ length: 1200 }, () => sized(1023)),
      ...Array.from({ length: 1200 }, () => sized(20)),
    ],
  },
  {
    name: "COS",
    operator: "cos",
    ours: cos,
    exact: (x) => exactSin(x + PI / 2n),
    arguments: [
      0,
      1e-300,
      0.7853981633974484,
      ...NEAR_HALF_PI,
      ...Array.from({ length: 1200 }, () => sized(1023)),
      ...Array.from({ length: 1200 }, () => sized(20)),
    ],
  },
];

const computed = (operator: Operator, values: number[], which: number): (number | null)[] => {
  const call: Expression = {
    kind: "call",
    type: "double",
    operator,
    arguments: [{ kind: "column", type: "double", column: 1 }],
  };
  const engine = kernels[which]!.create(planOf({ format: "json", fields: { x: "double" }, select: [call] }));
  return rowsOf(engine, Buffer.from(values.map((x) => `{"x":${JSON.stringify(x)}}\n`).join(""))).map(
    (row) => row[0] as number | null,
  );
};

describe.each(CASES)("$name", ({ operator, ours, exact, arguments: values }) => {
  it("is within 0.501 ulp", { timeout: 120_000 }, () => {
    for (const x of values) {
      const off = ulpsOff(ours(x), exact(fixed(x)));
      if (!(off <= 0.501)) throw new Error(`${operator}(${x}) is ${off} ulp off (MILLRACE_SEED=${SEED})`);
    }
  });

  it.each([0, 1])("is the same in kernel %i", (which) => {
    expect(computed(operator, values, which)).toEqual(values.map((x) => ours(x) + 0));
  });

  it("is what DuckDB has, but for the last bits", async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    const some = values.filter((x) => Math.abs(x) < 1e15).slice(0, 800);
    const rows = `VALUES ${some.map((x, at) => `(${at}, '${x}'::DOUBLE)`).join()}`;
    const reader = await connection.runAndReadAll(
      `SELECT ${operator}(x) AS y FROM (${rows}) AS v(place, x) ORDER BY place`,
    );
    reader.getRowObjectsJS().forEach((row, at) => {
      const theirs = row.y as number;
      expect(Math.abs(ours(some[at]!) - theirs), `${some[at]}`).toBeLessThanOrEqual(
        Math.abs(theirs) * 2 ** -51,
      );
    });
  });
});

it("what has no value is not finite", () => {
  expect([ln(0), log10(0), exp(710)]).toEqual([-Infinity, -Infinity, Infinity]);
  expect(
    [ln(-1), log10(-1), ln(NaN), sin(Infinity), cos(-Infinity), sin(NaN), exp(NaN)].every(Number.isNaN),
  ).toBe(true);
  expect([exp(-746), exp(-Infinity), ln(Infinity)]).toEqual([0, 0, Infinity]);
});

describe("LIKE", () => {
  const LETTERS = ["a", "b", "%", "_", "é", "😀", "!"];
  const draw = (most: number): string =>
    Array.from({ length: chance.whole(0, most) }, () => chance.pick(LETTERS)).join("");
  const pairs = Array.from({ length: 400 }, () => {
    const pattern = draw(6).replaceAll("!", (_, at: number) => (at % 2 === 0 ? "!%" : "!!"));
    return { pattern, texts: Array.from({ length: 20 }, () => draw(7)) };
  });

  it.each([0, 1])("is DuckDB's in kernel %i", { timeout: 120_000 }, async (which) => {
    const connection = await (await DuckDBInstance.create()).connect();
    const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
    const selects = pairs.flatMap(({ pattern, texts }, at) =>
      texts.map(
        (text, place) =>
          `SELECT ${at} AS a, ${place} AS p, ${quoted(text)} LIKE ${quoted(pattern)} ESCAPE '!' AS y`,
      ),
    );
    const theirs: boolean[] = [];
    for (let at = 0; at < selects.length; at += 500) {
      const reader = await connection.runAndReadAll(
        `${selects.slice(at, at + 500).join(" UNION ALL ")} ORDER BY a, p`,
      );
      theirs.push(...reader.getRowObjectsJS().map((row) => row.y as boolean));
    }
    const found = pairs.flatMap(({ pattern, texts }) => {
      const literal = (value: string): Expression => ({ kind: "literal", type: "string", value });
      const call: Expression = {
        kind: "call",
        type: "boolean",
        operator: "like",
        arguments: [{ kind: "column", type: "string", column: 1 }, literal(pattern), literal("!")],
      };
      const engine = kernels[which]!.create(
        planOf({ format: "json", fields: { x: "string" }, select: [call] }),
      );
      const lines = texts.map((x) => `${JSON.stringify({ x })}\n`).join("");
      return rowsOf(engine, Buffer.from(lines)).map((row) => row[0]);
    });
    expect(found).toEqual(theirs);
    expect(theirs.filter(Boolean).length).toBeGreaterThan(100);
  });
});
