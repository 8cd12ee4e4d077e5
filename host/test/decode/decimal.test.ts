// Decimal text to the nearest double, against the language's own Number(): a million texts of every kind that is
// hard, by each way into the kernel. A failure prints its text; MILLRACE_SEED draws others.
import { describe, expect, test } from "vitest";
import type { Expression, Format } from "../../core/plan/plan.ts";
import { kernels } from "../support/engines.ts";
import { Chance, SEED, outward, planOf, rowsOf, unitsOf } from "../kernel/support.ts";

const SLAB = 20_000;
const MAX = Number.MAX_VALUE;
const powersOfFive: bigint[] = [1n];
for (let power = 1; power <= 1075; power++) powersOfFive.push(powersOfFive.at(-1)! * 5n);

/** The exact decimal digits of a whole number of 2^-1075, in one of the ways to write them. */
function exactDecimal(units: bigint, chance: Chance): string {
  const size = units < 0n ? -units : units;
  let twos = 1075;
  let odd = size;
  while (twos > 0 && (odd & 1n) === 0n) {
    odd >>= 1n;
    twos--;
  }
  const digits = (odd * powersOfFive[twos]!).toString();
  const sign = units < 0n ? "-" : "";
  if (chance.whole(0, 1) === 0) return `${sign}${digits}e-${twos}`;
  const padded = digits.padStart(twos + 1, "0");
  return twos === 0 ? sign + digits : `${sign}${padded.slice(0, -twos)}.${padded.slice(-twos)}`;
}

/** Half way between a double and the next, or a digit beside it. */
function halfway(chance: Chance, value: number): string {
  const middle = exactDecimal(unitsOf(value) + unitsOf(outward(value)), chance);
  const [mantissa, exponent] = middle.split("e");
  const tail = exponent === undefined ? "" : `e${exponent}`;
  switch (chance.whole(0, 3)) {
    case 0:
      return middle;
    case 1:
      return exponent === undefined && mantissa!.includes(".")
        ? `${mantissa}${"0".repeat(chance.whole(0, 60))}1`
        : middle;
    case 2:
      return mantissa!.slice(0, -1) + String(Math.max(0, Number(mantissa!.at(-1)) - 1)) + tail;
    default:
      return mantissa!.slice(0, -1) + String(Math.min(9, Number(mantissa!.at(-1)) + 1)) + tail;
  }
}

const exponentOf = (chance: Chance): string =>
  chance.pick(["e", "E", "e+", "E+", "e-", "E-"]) + chance.whole(0, chance.pick([5, 30, 330, 400]));

const kinds: Record<string, { share: number; draw: (chance: Chance) => string }> = {
  "the shortest text of any double": { share: 0.3, draw: (chance) => String(chance.double()) },
  "15 to 30 digits of any double": {
    share: 0.2,
    draw: (chance) => chance.double().toPrecision(chance.whole(15, 30)),
  },
  "like a reading": {
    share: 0.1,
    draw: (chance) => (chance.bits() / 2 ** chance.whole(0, 32)).toFixed(chance.whole(0, 12)),
  },
  "1 to 25 digits and an exponent": {
    share: 0.2,
    draw: (chance) => `${chance.whole(1, 9)}.${chance.digits(chance.whole(1, 24))}${exponentOf(chance)}`,
  },
  "a whole number beyond 2^53": {
    share: 0.1,
    draw: (chance) => `${chance.whole(1, 9)}${chance.digits(chance.whole(15, 24))}`,
  },
  "half way between whole numbers beyond 2^53": {
    share: 0.02,
    draw: (chance) => {
      const shift = BigInt(chance.whole(1, 70));
      const half = (((1n << 52n) | BigInt(chance.bits())) * 2n + 1n) << (shift - 1n);
      return String(half + BigInt(chance.whole(-1, 1)));
    },
  },
  "a subnormal, or nearly": {
    share: 0.02,
    draw: (chance) =>
      `${chance.whole(0, 9)}.${chance.digits(chance.whole(1, 40))}e-${chance.whole(305, 326)}`,
  },
  "around the largest double": {
    share: 0.02,
    draw: (chance) => `1.797693134862315${chance.digits(chance.whole(1, 20))}e30${chance.whole(7, 9)}`,
  },
  "around a power of two": {
    share: 0.02,
    draw: (chance) =>
      exactDecimal(unitsOf(outward(2 ** chance.whole(-1022, 1023), chance.whole(-2, 2))) * 2n, chance),
  },
  "half way between two doubles": {
    share: 0.01,
    draw: (chance) => halfway(chance, Math.abs(chance.double()) / 4),
  },
  "half way between two subnormals": {
    share: 0.005,
    draw: (chance) => halfway(chance, chance.whole(0, 2 ** 30) * 5e-324),
  },
  "17 to 800 digits": {
    share: 0.005,
    draw: (chance) =>
      `${chance.whole(1, 9)}${chance.digits(chance.whole(0, 300))}.${chance.digits(chance.whole(17, 500))}${exponentOf(chance)}`,
  },
  "zeros in front, behind, or only": {
    share: 0.01,
    draw: (chance) =>
      `${chance.pick(["-", ""])}0.${"0".repeat(chance.whole(0, 400))}${chance.pick(["", chance.digits(20)])}${"0".repeat(chance.whole(0, 60))}0${chance.pick(["", exponentOf(chance)])}`,
  },
};

function drawTexts(
  share: { draw: (chance: Chance) => string; share: number },
  chance: Chance,
  total: number,
): string[] {
  return Array.from({ length: Math.round(total * share.share) }, () => share.draw(chance));
}

/** What the texts came to, in order; `format` says how they got in. */
function decode(kernel: (typeof kernels)[number], format: Format, texts: string[]): (number | null)[] {
  const plan = planOf({ format, fields: { x: "double" }, select: [x] });
  const lines = format === "json" ? texts.map((text) => `{"x":${text}}`) : texts;
  return rowsOf(kernel.create(plan), Buffer.from(`${lines.join("\n")}\n`)).map(
    (row) => row[0] as number | null,
  );
}
const x: Expression = { kind: "column", type: "double", column: 1 };

function check(kernel: (typeof kernels)[number], format: Format, texts: string[]): void {
  for (let from = 0; from < texts.length; from += SLAB) {
    const slab = texts.slice(from, from + SLAB);
    const found = decode(kernel, format, slab);
    expect(found.length).toBe(slab.length);
    slab.forEach((text, index) => {
      const value = Number(text) + 0;
      const expected = Number.isFinite(value) ? value : null;
      if (!Object.is(found[index], expected)) {
        throw new Error(
          `${format} ${text} is ${found[index]}, not ${expected} (${kernel.name}, MILLRACE_SEED=${SEED})`,
        );
      }
    });
  }
}

describe("decimal text to double", () => {
  const chance = new Chance();
  const million = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [name, drawTexts(kind, chance, 1_000_000)]),
  );

  test("there are a million texts", () => {
    expect(Object.values(million).flat().length).toBeGreaterThanOrEqual(1_000_000);
  });

  test.each(Object.keys(kinds))("%s", { timeout: 300_000 }, (name) => {
    check(kernels[0]!, "json", million[name]!);
    check(kernels[1]!, "json", million[name]!.slice(0, SLAB));
  });

  test("the same texts as CSV cells and as bare values, also with a sign, zeros or a bare point in front", () => {
    const texts = Object.values(million).flatMap((list) => list.slice(0, 1000));
    check(kernels[0]!, "csv", texts);
    check(kernels[0]!, "value", texts);
    const loose = texts.flatMap((text) => [
      `+${text.replace(/^-/, "")}`,
      `000${text.replace(/^-/, "")}`,
      text.replace(/^(-?)0\./, "$1."),
      text.replace(/\.\d+/, "."),
    ]);
    check(kernels[0]!, "csv", loose);
    check(kernels[0]!, "value", loose);
  });

  test("the corners", () => {
    const corners = [
      "0",
      "-0",
      "0.0",
      "-0e5",
      "0e400",
      "0e-999999999",
      "5e-324",
      "2.4703282292062327e-324",
      "2.4703282292062328e-324",
      "1e-400",
      "-1e-400",
      "1e400",
      "-1e400",
      "1e999999999999",
      "1e-999999999999",
      String(MAX),
      "1.7976931348623158e308",
      "1.7976931348623159e308",
      "179769313486231580793728971405301e276",
      "2.2250738585072011e-308",
      "2.2250738585072014e-308",
      "9007199254740993",
      "9007199254740992.9999999999999999999",
      "9007199254740993.0000000000000000001",
      "18446744073709551615",
      "18446744073709551616",
      "9999999999999999999",
      "10000000000000000000",
      "99999999999999999999",
      "1e22",
      "1e23",
      "8.5e22",
      "9007199254740993e22",
      "1234567890123456789e-22",
      `1${"0".repeat(400)}`,
      `1${"0".repeat(400)}e-400`,
      `0.${"0".repeat(400)}1e401`,
      `${"9".repeat(800)}e-800`,
      `${"1".repeat(1200)}.5e-1100`,
      `9007199254740992.${"0".repeat(780)}${"1".repeat(40)}e0`,
      `9007199254740993${"0".repeat(900)}1e-901`,
    ];
    for (const kernel of kernels) check(kernel, "json", corners);
  });

  test("a number that is not finite is NULL and counted", () => {
    for (const kernel of kernels) {
      const engine = kernel.create(planOf({ format: "json", fields: { x: "double" } }));
      rowsOf(engine, Buffer.from('{"x":1e400}\n{"x":-1e309}\n{"x":1e308}\n'));
      expect(engine.counters().nulled).toEqual({ type: 0, nonfinite: 2, dictionary: 0 });
    }
  });
});
