// MessagePack as @msgpack/msgpack writes it: every type, in every width, nested, with extensions, against what went
// in; and bytes changed anywhere, where kernel and reference agree and nothing is lost.
import { ExtData, decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Engine, Value } from "../../core/engine.ts";
import { kernels, reference } from "../support/engines.ts";
import { emptied, frame, planOf, refusedBy } from "../kernel/support.ts";

const engines = [...kernels, reference];
const plan = planOf({
  format: "msgpack",
  framing: "mqtt",
  topic: ["#"],
  fields: { d: "double", s: "string", b: "boolean", "n.d": "double", "n.m.s": "string" },
});

const empty = new Map(engines.map((kind) => [kind, emptied(() => kind.create(plan))]));
const fresh = (kind: (typeof engines)[number]): Engine => empty.get(kind)!();

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
const extension = fc
  .tuple(fc.integer({ min: 0, max: 127 }), fc.uint8Array({ maxLength: 300 }))
  .map(([type, data]) => new ExtData(type, data));
const leaf = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.integer({ min: -140, max: 300 }),
  int64,
  fc.string({ unit: "binary", maxLength: 300 }).map((text) => text.toWellFormed()),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }),
  extension,
  fc.date({ noInvalidDate: true }),
);
const any = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    leaf,
    fc.array(tie("value"), { maxLength: 17 }),
    fc.dictionary(
      fc.constantFrom("d", "s", "b", "n", "m", "é", "other", "a long name of more than thirty-one bytes"),
      tie("value"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;
const inner = fc.record(
  { d: any, s: any, m: fc.oneof(any, fc.record({ s: any }, { requiredKeys: [] })), x: any },
  { requiredKeys: [] },
);
const message = fc.record(
  { d: any, s: any, b: any, n: fc.oneof(any, inner), more: any },
  { requiredKeys: [] },
);

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The value at a path of member names; undefined when it is absent. */
function at(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (inside, name) => (isMap(inside) && Object.hasOwn(inside, name) ? inside[name] : undefined),
    value,
  );
}

function valueFor(type: string, value: unknown): { value: Value; type: number; nonfinite: number } {
  const plain = (found: Value): ReturnType<typeof valueFor> => ({ value: found, type: 0, nonfinite: 0 });
  if (value === undefined || value === null) return plain(null);
  if (type === "double" && (typeof value === "number" || typeof value === "bigint")) {
    const number = Number(value);
    return Number.isFinite(number) ? plain(number + 0) : { value: null, type: 0, nonfinite: 1 };
  }
  if (type === "string" && typeof value === "string") return plain(value);
  if (type === "boolean" && typeof value === "boolean") return plain(value);
  return { value: null, type: 1, nonfinite: 0 };
}

const PATHS: [string, string[]][] = [
  ["double", ["d"]],
  ["string", ["s"]],
  ["boolean", ["b"]],
  ["double", ["n", "d"]],
  ["string", ["n", "m", "s"]],
];

describe("MessagePack", () => {
  test("what the library writes, in 64-bit integers, float32 or as it chooses, comes out as it went in", () => {
    const styles = fc.record({
      useBigInt64: fc.constant(true),
      forceFloat32: fc.boolean(),
      forceIntegerToFloat: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 5 }),
        styles,
        fc.boolean(),
        (messages, style, together) => {
          const bytes = together
            ? Buffer.from(frame("t", encode(messages, style)))
            : Buffer.concat(messages.map((each) => frame("t", encode(each, style))));
          // float32 rounds on the way: what the library itself reads back is what was sent.
          const sent = messages.map((each) => decode(encode(each, style), { useBigInt64: true }));
          const nulled = { type: 0, nonfinite: 0, dictionary: 0 };
          const expected = sent.map((each) => [
            0n,
            ...PATHS.map(([type, path]) => {
              const found = valueFor(type, at(each, path));
              nulled.type += found.type;
              nulled.nonfinite += found.nonfinite;
              return found.value;
            }),
          ]);
          for (const kind of engines) {
            const engine = fresh(kind);
            engine.tick(0n);
            expect(
              [...engine.push(bytes)].map(({ values }) => values),
              kind.name,
            ).toEqual(expected);
            expect(engine.counters().nulled, kind.name).toEqual(nulled);
            expect(refusedBy(engine)).toBe(0);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("a whole number for a STRING column is its digits, of any width", () => {
    const plan = planOf({
      format: "msgpack",
      framing: "mqtt",
      topic: ["#"],
      fields: { s: "string" },
      numberAsText: true,
    });
    const texts = new Map(engines.map((kind) => [kind, emptied(() => kind.create(plan))]));
    fc.assert(
      fc.property(
        fc.oneof(int64, fc.integer({ min: -300, max: 300 }).map(BigInt)),
        fc.boolean(),
        (value, asFloat) => {
          const safe = value >= -(2n ** 53n) && value <= 2n ** 53n;
          const sent =
            asFloat && safe
              ? encode({ s: Number(value) }, { forceIntegerToFloat: true })
              : encode({ s: value }, { useBigInt64: true });
          for (const kind of engines) {
            const engine = texts.get(kind)!();
            engine.tick(0n);
            expect(
              [...engine.push(frame("t", sent))].map(({ values }) => values[1]),
              kind.name,
            ).toEqual([value.toString()]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("bytes changed, cut off or added: kernel and reference agree, and every record is accounted for", () => {
    let refused = 0;
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 3 }),
        fc.array(
          fc.tuple(
            fc.nat(),
            fc.oneof(fc.nat(255), fc.constantFrom(0xc1, 0xc6, 0xc9, 0xdb, 0xdd, 0xdf, 0xd9, 0xff)),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        fc.nat(),
        (messages, changes, cut) => {
          const bytes = Buffer.from(
            encode(messages.length === 1 ? messages[0] : messages, { useBigInt64: true }),
          );
          for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
          const payload =
            cut % 4 === 0
              ? bytes.subarray(0, cut % bytes.length)
              : cut % 4 === 1
                ? Buffer.concat([bytes, Buffer.from([cut & 255])])
                : bytes;
          const runs = engines.map((kind) => {
            const engine = fresh(kind);
            engine.tick(0n);
            const rows = [...engine.push(frame("t", payload))].map(({ values }) => values);
            const { refused: reasons, nulled, received, accepted: taken } = engine.counters();
            refusedBy(engine);
            return { rows, reasons, nulled, received, taken };
          });
          expect(runs[0]).toEqual(runs.at(-1));
          expect(runs[1]).toEqual(runs.at(-1));
          if (runs[0]!.reasons.decode > 0) refused++;
          else accepted++;
        },
      ),
      { numRuns: 2000 },
    );
    expect(Math.min(refused, accepted)).toBeGreaterThan(100);
  });
});
