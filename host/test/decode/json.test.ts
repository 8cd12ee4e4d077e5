// JSON against JSON.parse: documents spelled in every way the grammar allows, and bytes changed anywhere. The kernel
// takes what JSON.parse takes (within 64 levels), and reads the same values from it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Engine, Value } from "../../core/engine.ts";
import { kernels, reference } from "../support/engines.ts";
import { Chance, emptied, planOf, refusedBy } from "../kernel/support.ts";

const engines = [...kernels, reference];
const plan = planOf({
  format: "json",
  fields: { d: "double", s: "string", b: "boolean", "n.d": "double", "n.m.s": "string", é: "string" },
});
const PATHS: [string, string[]][] = [
  ["double", ["d"]],
  ["string", ["s"]],
  ["boolean", ["b"]],
  ["double", ["n", "d"]],
  ["string", ["n", "m", "s"]],
  ["string", ["é"]],
];
const empty = new Map(engines.map((kind) => [kind, emptied(() => kind.create(plan))]));
const fresh = (kind: (typeof engines)[number]): Engine => empty.get(kind)!();

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const at = (value: unknown, path: string[]): unknown =>
  path.reduce<unknown>(
    (inside, name) => (isObject(inside) && Object.hasOwn(inside, name) ? inside[name] : undefined),
    value,
  );

interface Counted {
  rows: Value[][];
  refused: number;
  nulled: { type: number; nonfinite: number; dictionary: number };
}

/** What a line comes to, by JSON.parse and the rules of types. */
function expected(line: Uint8Array): Counted {
  const counted: Counted = { rows: [], refused: 0, nulled: { type: 0, nonfinite: 0, dictionary: 0 } };
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line));
  } catch {
    return { ...counted, refused: 1 };
  }
  const records = Array.isArray(parsed) ? parsed : [parsed];
  if (records.length === 0 || depth(parsed) > 64) return { ...counted, refused: 1 };
  for (const record of records) {
    if (!isObject(record)) counted.refused++;
    else counted.rows.push([0n, ...PATHS.map(([type, path]) => valueFor(type, at(record, path), counted))]);
  }
  return counted;
}

function valueFor(type: string, value: unknown, { nulled }: Counted): Value {
  if (value === undefined || value === null) return null;
  if (type === "double" && typeof value === "number") {
    if (Number.isFinite(value)) return value + 0;
    nulled.nonfinite++;
    return null;
  }
  if (type === "string" && typeof value === "string") return value.toWellFormed();
  if (type === "boolean" && typeof value === "boolean") return value;
  nulled.type++;
  return null;
}

function depth(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}

/** Runs lines and compares with what each comes to. */
function expectLines(kind: (typeof engines)[number], lines: Uint8Array[]): void {
  const engine = fresh(kind);
  engine.tick(0n);
  const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
  const rows = [...engine.push(bytes)].map(({ values }) => values);
  // A line of nothing but blanks is no record.
  const wanted = lines
    .filter((line) => !/^[ \t]*\r?$/.test(Buffer.from(line).toString("latin1")))
    .map(expected);
  expect(rows, kind.name).toEqual(wanted.flatMap((each) => each.rows));
  expect(engine.counters().refused.decode, kind.name).toBe(
    wanted.reduce((sum, each) => sum + each.refused, 0),
  );
  refusedBy(engine);
  expect(engine.counters().nulled, kind.name).toEqual({
    type: wanted.reduce((sum, each) => sum + each.nulled.type, 0),
    nonfinite: wanted.reduce((sum, each) => sum + each.nulled.nonfinite, 0),
    dictionary: 0,
  });
}

const SPACES = ["", "", "", " ", "\t", "  \t ", "\r"];
const SHORT: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "/": "\\/",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** A string in one of its many spellings; each unit by itself, so that surrogates part. */
function spellString(text: string, chance: Chance): string {
  const escape = (unit: string): string => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${chance.whole(0, 1) === 0 ? hex : hex.toUpperCase()}`;
  };
  const spelled = [...text].map((character) => {
    if (SHORT[character] !== undefined && (character === '"' || character === "\\" || chance.whole(0, 2) > 0))
      return character === "/" && chance.whole(0, 1) === 0 ? "/" : SHORT[character];
    const lone = character.length === 1 && character >= "\ud800" && character < "\ue000";
    return lone || character < " " || chance.whole(0, 3) === 0
      ? character.split("").map(escape).join("")
      : character;
  });
  return `"${spelled.join("")}"`;
}

/** A document with white space, spellings of numbers and members that come twice. */
function spell(value: unknown, chance: Chance): string {
  const space = (): string => chance.pick(SPACES);
  if (typeof value === "string") return spellString(value, chance);
  if (typeof value === "number")
    return chance.pick([
      () => JSON.stringify(value),
      () => value.toExponential(20),
      () => (Math.abs(value) < 1e20 ? value.toFixed(chance.whole(0, 30)) : `${value}`),
      () => value.toExponential().replace("e", "E"),
    ])();
  if (Array.isArray(value))
    return `[${space()}${value.map((each) => spell(each, chance)).join(`${space()},${space()}`)}${space()}]`;
  if (!isObject(value)) return String(value);
  const members = Object.entries(value).map(
    ([name, each]) => `${spellString(name, chance)}${space()}:${space()}${spell(each, chance)}`,
  );
  if (members.length > 0 && chance.whole(0, 3) === 0)
    members.unshift(
      `${spellString(Object.keys(value).at(-1)!, chance)}:${chance.pick(["null", '"first"', '{"d":1,"m":{"s":"x"}}', "1e999", "[[]]"])}`,
    );
  return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`;
}

const leaf = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.integer({ min: 0xd7ff, max: 0xe000 }), { maxLength: 6 })
    .map((units) => String.fromCharCode(...units)),
  fc.boolean(),
  fc.constant(null),
);
const any = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    leaf,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom("d", "s", "b", "n", "m", "é", "__proto__", "toString", ""),
        fc.string({ unit: "binary", maxLength: 8 }),
      ),
      tie("value"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;
const inner = fc.record(
  { d: any, m: fc.oneof(any, fc.record({ s: any }, { requiredKeys: [] })), s: any },
  { requiredKeys: [] },
);
const record = fc.record(
  { d: any, s: any, b: any, n: fc.oneof(any, inner), é: any, more: any },
  { requiredKeys: [] },
);
const message = fc.oneof(
  { weight: 4, arbitrary: record },
  fc.array(fc.oneof({ weight: 3, arbitrary: record }, any), { maxLength: 4 }),
  any,
);
const lines = fc.array(
  fc.tuple(message, fc.integer({ min: 1 })).map(([value, seed]) => spell(value, new Chance(seed))),
  { minLength: 1, maxLength: 5 },
);

describe("JSON", () => {
  test("documents in any spelling read as JSON.parse reads them", () => {
    fc.assert(
      fc.property(lines, (texts) => {
        for (const kind of engines)
          expectLines(
            kind,
            texts.map((text) => Buffer.from(text)),
          );
      }),
      { numRuns: 1000 },
    );
  });

  test("bytes changed, doubled or cut out: taken or refused as JSON.parse does", () => {
    const change = fc.tuple(
      fc.nat(),
      fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"\\{}[]:,0-+.eEtfn u/'))),
      fc.constantFrom("set", "insert", "delete"),
    );
    let taken = 0;
    let refused = 0;
    fc.assert(
      fc.property(lines, fc.array(change, { minLength: 1, maxLength: 3 }), (texts, changes) => {
        const mutated = texts.map((text) => {
          const bytes = [...Buffer.from(text)];
          for (const [place, byte, how] of changes) {
            const index = place % (bytes.length + 1);
            if (byte !== 10)
              bytes.splice(index, how === "insert" ? 0 : 1, ...(how === "delete" ? [] : [byte]));
          }
          return Buffer.from(bytes);
        });
        // A mark at the very beginning of the input is no part of the first line.
        const first = mutated[0]!;
        if (first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf) return;
        for (const kind of engines) expectLines(kind, mutated);
        refused += mutated.filter((line) => expected(line).refused > 0).length;
        taken += mutated.filter((line) => expected(line).refused === 0).length;
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(300);
  });

  test.each([
    ["64 levels", (open: string, close: string) => open.repeat(63) + close.repeat(63), true],
    ["65 levels", (open: string, close: string) => open.repeat(64) + close.repeat(64), false],
    ["65 levels that never close", (open: string) => open.repeat(64), false],
    ["100,000 levels", (open: string) => open.repeat(100_000), false],
  ])("%s, in members that are read and that are not", (_, nest, fine) => {
    for (const name of ["d", "n", "other"]) {
      for (const text of [
        `{"${name}":${nest("[", "]")}}`,
        `{"${name}":${nest('{"n":', "}").replace('"n":}', "}")}}`,
      ]) {
        for (const kind of engines) {
          const engine = fresh(kind);
          engine.tick(0n);
          engine.push(Buffer.from(`${text}\n{"d":1}\n`));
          expect(engine.counters().accepted, `${kind.name} ${name}`).toBe(fine ? 2 : 1);
        }
      }
    }
  });

  test.each([
    "{'d':1}",
    "{d:1}",
    '{"d":01}',
    '{"d":+1}',
    '{"d":.5}',
    '{"d":5.}',
    '{"d":1e}',
    '{"d":0x1}',
    '{"d":NaN}',
    '{"d":Infinity}',
    '{"d":1,}',
    '{,"d":1}',
    '{"d" 1}',
    '{"d":1 "s":2}',
    '{"d":1}}',
    '{"d":1} x',
    "[{},]",
    "[,{}]",
    '{"s":"\u0001"}',
    '{"s":"\t"}',
    '{"s":"\\x"}',
    '{"s":"\\u12g4"}',
    '{"s":"\\u123"}',
    '{"s":"',
    '{"s":"\\',
    '{"d":-}',
    '{"d":tru}',
    '{"b":True}',
    '{"d":1}\u00a0',
    "\ufeff{}",
    '{"d":1}//',
    "nul",
    '"text"',
    "5",
    "[5]",
    "[]",
    "{}{}",
  ])("%s is refused, and the next line is read", (text) => {
    for (const kind of engines) {
      const engine = fresh(kind);
      engine.tick(0n);
      const rows = [...engine.push(Buffer.from(`{"d":1}\n${text}\n{"d":2}\n`))];
      expect(
        rows.map(({ values }) => values[1]),
        kind.name,
      ).toEqual([1, 2]);
      expect(engine.counters().refused.decode).toBe(1);
    }
  });
});
