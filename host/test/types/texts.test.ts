// Texts that expressions make: doubles as JavaScript writes them, for every pattern of bits; BIGINTs; casts of texts, and
// text functions against DuckDB and the language's own.
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import type { Expression, Operator, Type } from "../../core/plan/plan.ts";
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
    const values = Array.from({ length: 30_000 }, (_, index) =>
      drawDouble(chance, [0, 3, 0, 3, 4, 0, 3, 0, 1, index % 50 === 9 ? 2 : 3][index % 10]!),
    ).filter(Number.isFinite);
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

const call = (type: Type, operator: Operator, ...parts: Expression[]): Expression => ({
  kind: "call",
  type,
  operator,
  arguments: parts,
});
const whole = (value: number): Expression => ({ kind: "literal", type: "bigint", value: String(value) });

/** The letters of other forms than one for one, and what is no letter of UPPER and LOWER, are left out. */
const CHARACTERS = [..."aZ kÉéÄöÑÿĀžŻǅΆκΣΩЖжёЁԱֆ0-.日€😀"];

function drawText(chance: Chance): string {
  return Array.from({ length: chance.whole(0, 12) }, () => chance.pick(CHARACTERS)).join("");
}

async function duckdb(sql: string, texts: string[]): Promise<unknown[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const rows = texts.map((text, at) => `(${at}, '${text.replaceAll("'", "''")}')`);
  const query = `SELECT ${sql} FROM (VALUES ${rows.join(", ")}) AS r(place, x) ORDER BY place`;
  const found = (await connection.runAndReadAll(query)).getRows().map(([value]) => value);
  connection.closeSync();
  return found;
}

describe("text functions against DuckDB", () => {
  const chance = new Chance();
  const texts = Array.from({ length: 3000 }, () => drawText(chance));
  const x = column("string");
  const functions: [string, Expression][] = [
    ["upper(replace(x, 'ǅ', ''))", call("string", "upper", x)],
    ["lower(x)", call("string", "lower", x)],
    ["x || '-' || x", call("string", "concat", x, { kind: "literal", type: "string", value: "-" }, x)],
    ["substring(x, 3)", call("string", "substring", x, whole(3))],
    ["substring(x, 2, 4)", call("string", "substring", x, whole(2), whole(4))],
    ["CASE WHEN length(x) < 3 THEN '' ELSE right(x, 3) END", call("string", "substring", x, whole(-3))],
    [
      "CASE WHEN length(x) < 5 THEN '' ELSE left(right(x, 5), 2) END",
      call("string", "substring", x, whole(-5), whole(2)),
    ],
  ];

  it.each(functions)("%s", async (sql, expression) => {
    const values = sql.startsWith("upper") ? texts.map((text) => text.replaceAll("ǅ", "")) : texts;
    const found = computed(
      "string",
      expression,
      values.map((text) => JSON.stringify(text)),
    );
    const wanted = await duckdb(sql, values);
    values.forEach((text, at) => {
      if (found[at] !== wanted[at])
        throw new Error(
          `${sql} of ${JSON.stringify(text)} is ${String(found[at])}, not ${String(wanted[at])}`,
        );
    });
  });
});

describe("casts of texts", () => {
  const chance = new Chance(SEED + 1);
  const parts = [
    "0",
    "7",
    "12",
    ".",
    "e",
    "E",
    "+",
    "-",
    " ",
    "\t",
    "00",
    "9223372036854775807",
    "5e",
    "x",
    "e400",
    ".",
  ];
  const texts = Array.from({ length: 30_000 }, () =>
    Array.from({ length: chance.whole(0, 5) }, () => chance.pick(parts)).join(""),
  );
  const quoted = texts.map((text) => JSON.stringify(text));
  const decimal = /^[ \t]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t]*$/;

  it("to DOUBLE are JavaScript's Number of a decimal, and nothing of anything else", () => {
    const found = computed("string", call("double", "toDouble", column("string")), quoted);
    texts.forEach((text, at) => {
      const number = decimal.test(text) ? Number(text) + 0 : Number.NaN;
      const wanted = Number.isFinite(number) ? number : null;
      if (!Object.is(found[at], wanted))
        throw new Error(`${quoted[at]} is ${String(found[at])}, not ${String(wanted)}`);
    });
  });

  it("to BIGINT are its digits before the point", () => {
    const found = computed("string", call("bigint", "toBigint", column("string")), quoted);
    texts.forEach((text, at) => {
      const wanted = wholeOf(decimal.exec(text)?.[1]);
      if (found[at] !== wanted)
        throw new Error(`${quoted[at]} is ${String(found[at])}, not ${String(wanted)}`);
    });
  });
});

/** A decimal without what is behind its point, by whole numbers alone. */
function wholeOf(text: string | undefined): bigint | null {
  if (text === undefined) return null;
  const [mantissa, power = "0"] = text.toLowerCase().split("e");
  const [front, behind = ""] = mantissa!.replace(/^[+-]/, "").split(".");
  const shift = Number(power) - behind.length;
  const digits = BigInt(`${front}${behind}`);
  if (digits === 0n) return 0n;
  if (shift > 30) return null;
  const size = shift >= 0 ? digits * 10n ** BigInt(shift) : shift < -60 ? 0n : digits / 10n ** BigInt(-shift);
  const value = text.startsWith("-") ? -size : size;
  return size < 2n ** 63n ? value : null;
}
