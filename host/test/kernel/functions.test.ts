// Functions and operators of expressions: POWER against whole-number arithmetic of 500 bits, ROUND against the digits
// of the text, the rest against the language; kernel and TypeScript give the same bits, which is what lets the
// reference, the kernel and the page agree.
import { describe, expect, test } from "vitest";
import { power, roundDigits, roundHalfAway } from "../../../assembly/number/math.ts";
import type { Expression, Operator } from "../../core/plan/plan.ts";
import { kernels } from "../support/engines.ts";
import { Chance, SEED, outward, planOf, rowsOf, spacing, unitsOf } from "./support.ts";

const column = (place: number): Expression => ({ kind: "column", type: "double", column: place });
const number = (value: number): Expression => ({ kind: "literal", type: "double", value });

type Pair = [number, number];

/** operator(x, y) for each pair as the kernel has it; null is NULL. */
function compute(
  kernel: (typeof kernels)[number],
  operator: Operator,
  pairs: Pair[],
  parts: Expression[],
): (number | null)[] {
  const call: Expression = { kind: "call", type: "double", operator, arguments: parts };
  const engine = kernel.create(
    planOf({ format: "json", fields: { x: "double", y: "double" }, select: [call] }),
  );
  const lines = pairs.map(([x, y]) => `{"x":${JSON.stringify(x)},"y":${JSON.stringify(y)}}\n`).join("");
  return rowsOf(engine, Buffer.from(lines)).map((row) => row[0] as number | null);
}

const settled = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);

function expectSame(
  operator: string,
  pairs: Pair[],
  found: (number | null)[],
  expected: (x: number, y: number) => number,
): void {
  expect(found.length).toBe(pairs.length);
  pairs.forEach(([x, y], index) => {
    const want = settled(expected(x, y));
    if (!Object.is(found[index], want))
      throw new Error(`${operator}(${x}, ${y}) is ${found[index]}, not ${want} (MILLRACE_SEED=${SEED})`);
  });
}

// Fixed-point numbers: whole numbers of 2^-BITS.
const BITS = 500n;
const ONE = 1n << BITS;

/** ln of a fixed-point number near 1: 2·artanh((m−1)/(m+1)). */
function ln(m: bigint): bigint {
  const s = ((m - ONE) << BITS) / (m + ONE);
  const square = (s * s) >> BITS;
  let sum = 0n;
  for (let term = s, n = 1n; term !== 0n && term !== -1n; n += 2n) {
    sum += term / n;
    term = (term * square) >> BITS;
  }
  return 2n * sum;
}

const LN2 = ln((ONE * 4n) / 3n) + ln((ONE * 3n) / 2n);

/** x^y for x > 0 in units of 2^-1074−128, by e^(y·ln x); null far beyond the range of double. */
function exactPower(x: number, y: number): bigint | null {
  const units = unitsOf(x);
  const length = units.toString(2).length;
  const mantissa = units << (BITS - BigInt(length - 1));
  const log = ln(mantissa) + (BigInt(length - 1) - 1074n) * LN2;
  const total = (unitsOf(y) * log) >> 1074n;
  const twos = total / LN2;
  if (twos > 1100n) return null;
  if (twos < -1200n) return 0n;
  const rest = total - twos * LN2;
  let sum = 0n;
  for (let term = ONE, n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term;
    term = ((term * rest) >> BITS) / n;
  }
  const shift = twos + 1074n + 128n - BITS;
  return shift >= 0n ? sum << shift : sum >> -shift;
}

/** Distance of a result from the exact one, in thousandths of the spacing of doubles there. */
function thousandths(result: number, exact: bigint): number {
  const distance = (unitsOf(result) << 128n) - exact;
  const size = distance < 0n ? -distance : distance;
  return Number((size * 1000n) / (spacing(exact >> 128n) << 128n));
}

const POWER_KINDS: Record<string, { draw: (chance: Chance) => Pair; bound: number }> = {
  "readings to small whole powers": {
    draw: (chance) => [chance.bits() / 2 ** chance.whole(0, 32), chance.whole(-12, 12)],
    bound: 501,
  },
  "anything to any power": {
    draw: (chance) => [Math.abs(chance.double()) || 1, chance.double()],
    bound: 501,
  },
  "anything to moderate powers": {
    draw: (chance) => [Math.abs(chance.double()) || 1, (chance.bits() - 2 ** 31) / 2 ** chance.whole(20, 40)],
    bound: 501,
  },
  "roots and halves": {
    draw: (chance) => [chance.bits() + 1, chance.pick([0.5, -0.5, 0.25, 1 / 3, 1.5, 2.5, 0.1])],
    bound: 501,
  },
  "near 1 to large powers": {
    draw: (chance) => [
      1 + (chance.bits() - 2 ** 31) / 2 ** chance.whole(40, 83),
      chance.bits() * 2 ** chance.whole(-10, 30),
    ],
    bound: 501,
  },
  "results that are subnormal": {
    draw: (chance) => [2 + chance.bits() / 2 ** 31, -chance.whole(350, 1070) + chance.bits() / 2 ** 32],
    bound: 1000,
  },
  "results next to the largest double": {
    draw: (chance) => [outward(2, chance.whole(0, 100)), 1024 - chance.bits() / 2 ** 40],
    bound: 501,
  },
};

describe("POWER", () => {
  test.each(Object.entries(POWER_KINDS))("%s", { timeout: 120_000 }, (name, { draw, bound }) => {
    const chance = new Chance();
    const pairs = Array.from({ length: 3000 }, () => draw(chance));
    let finite = 0;
    for (const [x, y] of pairs) {
      const exact = exactPower(x, y);
      const result = power(x, y);
      const overflow = exact === null || exact >> 128n >= unitsOf(Number.MAX_VALUE) + (1n << 2044n);
      if (overflow) {
        expect(result, `${x}^${y}`).toBe(Infinity);
        continue;
      }
      if (result === Infinity || thousandths(result, exact) > bound) {
        throw new Error(
          `${name}: ${x}^${y} is ${result}, off by ${result === Infinity ? "∞" : thousandths(result, exact)} thousandths (MILLRACE_SEED=${SEED})`,
        );
      }
      finite++;
    }
    expect(finite).toBeGreaterThan(name === "anything to any power" ? 500 : 1500);
  });

  test("whole powers are exact wherever the result is a double", () => {
    for (let base = 2n; base <= 40n; base++) {
      for (let exponent = 0n; base ** exponent < 1n << 53n; exponent++) {
        expect(power(Number(base), Number(exponent))).toBe(Number(base ** exponent));
        expect(power(-Number(base), Number(exponent))).toBe(Number((-base) ** exponent));
      }
    }
    for (let exponent = -1074; exponent < 1024; exponent++)
      expect(unitsOf(power(2, exponent))).toBe(1n << BigInt(exponent + 1074));
  });

  test("special cases are those of IEEE 754", () => {
    const values = [
      0,
      -0,
      1,
      -1,
      2,
      -2,
      0.5,
      -0.5,
      3,
      -3,
      2.5,
      -2.5,
      5e-324,
      -5e-324,
      1.7976931348623157e308,
      -1.7976931348623157e308,
      2 ** 53,
      2 ** 53 + 2,
      -(2 ** 53 - 1),
      Infinity,
      -Infinity,
      Number.NaN,
    ];
    for (const x of values) {
      for (const y of values) {
        // The language differs from IEEE 754 in these alone: there they are NaN.
        const expected = x === 1 || (x === -1 && !Number.isNaN(y) && !Number.isFinite(y)) ? 1 : x ** y;
        const found = power(x, y);
        const close = Math.abs(found - expected) <= Math.abs(expected) * 2.3e-16;
        expect(
          Object.is(found, expected) || (Number.isFinite(expected) && expected !== 0 && close),
          `${x}^${y}: ${found}, ${expected}`,
        ).toBe(true);
      }
    }
  });
});

/** A number's own text, rounded by its digits. */
function roundText(x: number, digits: number): number {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
    String(x),
  )!;
  // The value is units · 10^-places.
  const units = BigInt(whole! + fraction);
  const places = fraction.length - Number(exponent);
  if (places <= digits) return x + 0;
  const cut = 10n ** BigInt(places - digits);
  return Number(`${sign}${(units * 2n + cut) / (cut * 2n)}e-${digits}`) + 0;
}

describe("ROUND", () => {
  test("rounds the decimal text, halves away from zero", () => {
    const chance = new Chance();
    for (let turn = 0; turn < 200_000; turn++) {
      const digits = chance.whole(0, 15);
      const x = chance.pick([
        () =>
          Number(`${chance.pick(["", "-"])}${chance.digits(chance.whole(1, 6))}.${chance.digits(digits)}5`),
        () =>
          Number(
            `${chance.pick(["", "-"])}${chance.digits(chance.whole(1, 4))}.${chance.digits(chance.whole(1, 11))}`,
          ),
        () => chance.bits() / 2 ** chance.whole(0, 40),
        () => outward(Number(`${chance.whole(1, 99)}.${chance.digits(digits)}5`), chance.whole(-1, 1)),
        () => chance.double(),
      ])();
      // Where doubles are as far apart as the last place, a half is not a number that a double stands for.
      if (Math.abs(x) * 10 ** digits > 2 ** 46 && Math.abs(x) * 10 ** digits < 2 ** 53) continue;
      const found = roundDigits(x, digits);
      if (!Object.is(found + 0, roundText(x, digits)))
        throw new Error(
          `ROUND(${x}, ${digits}) is ${found}, not ${roundText(x, digits)} (MILLRACE_SEED=${SEED})`,
        );
      if (digits === 0) expect(roundHalfAway(x) + 0).toBe(roundText(x, 0));
    }
  });

  test.each([
    [1.005, 2, 1.01],
    [2.675, 2, 2.68],
    [-1.005, 2, -1.01],
    [0.285, 2, 0.29],
    [1.0049999999999997, 2, 1],
    [0.5, 0, 1],
    [-0.5, 0, -1],
    [2.5, 0, 3],
    [0.49999999999999994, 0, 0],
    [4503599627370495.5, 0, 4503599627370496],
    [1e300, 15, 1e300],
    [5e-324, 15, 0],
  ])("ROUND(%d, %d) is %d", (x, digits, expected) => {
    for (const kernel of kernels) {
      expect(compute(kernel, "round", [[x, 0]], [column(1), number(digits)])).toEqual([expected]);
    }
  });
});

describe("kernel and TypeScript give the same bits", () => {
  const chance = new Chance();
  const pairs = Array.from({ length: 20_000 }, (): Pair => {
    const draw = (): number =>
      chance.pick([
        chance.double(),
        (chance.bits() - 2 ** 31) / 2 ** chance.whole(0, 40),
        chance.whole(-40, 40),
        chance.whole(-40, 40) / 4,
      ]);
    return [draw(), draw()];
  });
  const powers = Object.values(POWER_KINDS).flatMap(({ draw }) =>
    Array.from({ length: 2000 }, () => draw(chance)),
  );
  const both = [column(1), column(2)];

  test.each([
    ["add", (x: number, y: number) => x + y],
    ["subtract", (x: number, y: number) => x - y],
    ["multiply", (x: number, y: number) => x * y],
    ["divide", (x: number, y: number) => x / y],
    ["modulo", (x: number, y: number) => x % y],
    ["power", power],
  ] as const)("%s", (operator, expected) => {
    for (const kernel of kernels) {
      const cases = operator === "power" ? [...pairs, ...powers] : pairs;
      expectSame(`${kernel.name}: ${operator}`, cases, compute(kernel, operator, cases, both), expected);
    }
  });

  test.each([
    ["negate", (x: number) => -x],
    ["abs", Math.abs],
    ["floor", Math.floor],
    ["ceil", Math.ceil],
    ["sqrt", Math.sqrt],
    ["round", roundHalfAway],
  ] as const)("%s", (operator, expected) => {
    for (const kernel of kernels)
      expectSame(
        `${kernel.name}: ${operator}`,
        pairs,
        compute(kernel, operator, pairs, [column(1)]),
        expected,
      );
  });

  test.each([1, 2, 5, 15])("round to %d digits", (digits) => {
    for (const kernel of kernels) {
      expectSame(
        `${kernel.name}: round ${digits}`,
        pairs,
        compute(kernel, "round", pairs, [column(1), number(digits)]),
        (x) => roundDigits(x, digits),
      );
    }
  });
});
