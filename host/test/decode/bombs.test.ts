// Input made to hurt: lengths that lie, depth without end, lines and frames beyond every limit, noise. The kernel
// never traps, loses no count, and reads the next good record; its memory cannot grow (it has its maximum from the
// start, and architecture.test.ts holds that nothing asks for more).
import { describe, expect, test } from "vitest";
import { INPUT_BYTES } from "../../core/layout.ts";
import type { Format as AnyFormat, Plan } from "../../core/plan/plan.ts";
import { kernels, reference } from "../support/engines.ts";
import { Chance, emptied, frame, planOf, refusedBy } from "../kernel/support.ts";

const engines = [...kernels, reference];
const fields = { d: "double", s: "string", "n.d": "double" } as const;
/** Rows come from another engine only. */
type Format = Exclude<AnyFormat, "row">;

const framed = (format: Format): Plan =>
  planOf({
    format,
    framing: "mqtt",
    topic: [{ column: "a" }, "#"],
    fields: format === "value" ? { d: "double" } : fields,
  });
const lined = (format: Format): Plan => planOf({ format, fields });
const hex = (...parts: (string | Uint8Array)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part.replaceAll(" ", ""), "hex") : part)),
  );
const text = (value: string): Buffer => Buffer.from(value);

/** A good record in each format. */
const GOOD: Record<Format, Buffer> = {
  json: text('{"d":1}'),
  msgpack: hex("81 a1 64 01"),
  csv: text("1"),
  value: text("1"),
};

const PAYLOADS: [string, Format, Buffer][] = [
  ...[
    "dbffffffff",
    "c6ffffffff",
    "c9ffffffff01",
    "ddffffffff",
    "dfffffffff",
    "df80000000",
    "dd7fffffff",
    "daffff",
    "dcffff",
    "deffff",
  ].map((head): [string, Format, Buffer] => [`a MessagePack value of ${head}`, "msgpack", hex(head, "00")]),
  ...["dbffffffff", "c6ffffffff", "c9ffffffffff", "ddffffffff", "dfffffffff", "d9ff", "c7ffff"].map(
    (head): [string, Format, Buffer] => [
      `a MessagePack member of ${head}`,
      "msgpack",
      hex("82 a1 64 01 a1 73", head, "61"),
    ],
  ),
  ...["dbffffffff", "c6ffffffff", "ddffffffff", "dfffffffff", "d9ff"].map(
    (head): [string, Format, Buffer] => [`a MessagePack key of ${head}`, "msgpack", hex("81", head, "61")],
  ),
  ["100,000 levels of MessagePack arrays", "msgpack", Buffer.alloc(100_000, 0x91)],
  ["100,000 levels of MessagePack maps", "msgpack", Buffer.alloc(100_000, "\x81\x01", "latin1")],
  ["100,000 levels of MessagePack keys", "msgpack", Buffer.alloc(100_000, 0x81)],
  ["100,000 levels in a column's place", "msgpack", hex("81 a1 6e", Buffer.alloc(100_000, 0x91))],
  ["100,000 levels of JSON arrays", "json", text("[".repeat(100_000))],
  ["100,000 levels of JSON objects", "json", text('{"n":'.repeat(100_000))],
  ["100,000 levels of JSON in a column's place", "json", text(`{"d":${"[".repeat(100_000)}`)],
  ["100,000 escapes without an end", "json", text(`{"s":"${"\\u0041".repeat(100_000)}`)],
  ["100,000 names", "json", text(`{${'"d":'.repeat(100_000)}`)],
  ["100,000 quotes", "csv", text('"'.repeat(100_001))],
  ["a bare value of 100,000 letters", "value", text("x".repeat(100_000))],
  ["a bare value of 100,000 signs", "value", text("-".repeat(100_000))],
  ["nothing at all, as JSON", "json", text("")],
  ["nothing at all, as MessagePack", "msgpack", text("")],
  ["nothing at all, as CSV", "csv", text("")],
  ["nothing at all, as a value", "value", text("")],
];

describe("payloads", () => {
  test.each(PAYLOADS)("%s", (_, format, payload) => {
    for (const kind of engines) {
      const engine = kind.create(framed(format));
      engine.tick(0n);
      const bytes = Buffer.concat([frame("t", payload), frame("t", GOOD[format])]);
      expect(
        [...engine.push(bytes)].map(({ values }) => values[2]),
        kind.name,
      ).toEqual([1]);
      expect(engine.counters().refused.decode).toBe(1);
      expect(refusedBy(engine)).toBe(1);
      expect(engine.counters().messages).toBe(2);
    }
  });

  test("numbers of 100,000 digits, in every place of a number", () => {
    const nines = "9".repeat(100_000);
    const zeros = "0".repeat(100_000);
    const numbers = [
      nines,
      `-${nines}`,
      `0.${zeros}1`,
      `1.${nines}`,
      `1${zeros}e-100000`,
      `0.${zeros}1e100001`,
      `1e${nines}`,
      `1e-${nines}`,
    ];
    for (const kind of engines) {
      const engine = kind.create(framed("value"));
      engine.tick(0n);
      const found = [...engine.push(Buffer.concat(numbers.map((number) => frame("t", number))))].map(
        ({ values }) => values[2],
      );
      expect(found, kind.name).toEqual([null, null, 0, 2, 1, 1, null, 0]);
    }
  });

  test("a million records in one message come out, and an array with a bad one is taken for the others", () => {
    const many = Buffer.concat([hex("dd 00 03 0d 40"), Buffer.alloc(200_000 * 4, GOOD.msgpack)]);
    const json = text(
      `[${Array.from({ length: 100_000 }, (_, index) => (index % 1000 === 7 ? "1" : '{"d":1}')).join(",")}]`,
    );
    for (const kernel of kernels) {
      const packed = kernel.create(framed("msgpack"));
      packed.tick(0n);
      expect([...packed.push(frame("t", many))].length).toBe(200_000);
      const plain = kernel.create(framed("json"));
      plain.tick(0n);
      expect([...plain.push(frame("t", json))].length).toBe(99_900);
      expect(plain.counters().refused.decode).toBe(100);
    }
  });
});

const FRAMES: [string, Buffer, Record<string, number>][] = [
  ["a topic longer than its frame", hex("30 05 ff ff 74 31 31"), { decode: 1 }],
  ["a frame too short for a topic's length", hex("30 01 00"), { decode: 1 }],
  ["a frame of nothing", hex("30 00"), { decode: 1 }],
  ["an empty topic", hex("30 03 00 00 31"), { decode: 1 }],
  ["a QoS 1 frame without room for its number", hex("32 03 00 01 74"), { decode: 1 }],
  ["a topic that is no UTF-8", hex("30 04 00 01 ff 31"), { topic: 1 }],
];

describe("frames", () => {
  test.each(FRAMES)("%s is refused, the next one read", (_, bytes, refused) => {
    for (const kind of engines) {
      const engine = kind.create(framed("value"));
      engine.tick(0n);
      expect(
        [...engine.push(Buffer.concat([bytes, frame("t", "1")]))].map(({ values }) => values[2]),
      ).toEqual([1]);
      expect(engine.counters().refused).toMatchObject(refused);
      expect(refusedBy(engine)).toBe(1);
    }
  });

  test.each(["ffffffff0f", "ff7f", "ffff7f"])("properties of %s bytes, as MQTT 5 writes them", (length) => {
    for (const kind of engines) {
      const engine = kind.create(framed("value"), 5);
      engine.tick(0n);
      const body = hex("00 01 74", length, "31");
      expect(
        [
          ...engine.push(Buffer.concat([hex("30", Buffer.from([body.length])), body, frame("t", "1", 5)])),
        ].map(({ values }) => values[2]),
      ).toEqual([1]);
      expect(engine.counters().refused.decode).toBe(1);
    }
  });

  test.each([INPUT_BYTES + 1, 16_777_216, 268_435_455])(
    "a frame of %i bytes is passed over as it comes, and counted once",
    (length) => {
      const head = hex(
        "30",
        Buffer.from([0, 7, 14, 21].map((shift) => ((length >> shift) & 127) | (shift < 21 ? 128 : 0))),
      );
      const piece = Buffer.alloc(1 << 20, 0x31);
      for (const kernel of kernels) {
        const engine = kernel.create(framed("value"));
        engine.tick(0n);
        engine.push(head);
        for (let left = length; left > 0; left -= piece.length)
          engine.push(piece.subarray(0, Math.min(left, piece.length)));
        expect([...engine.push(frame("t", "1"))].map(({ values }) => values[2])).toEqual([1]);
        expect(engine.counters().refused.oversized).toBe(1);
        expect(refusedBy(engine)).toBe(1);
      }
    },
  );

  test("topics of 65,535 bytes, and of 30,000 levels", () => {
    for (const kind of engines) {
      const plan = framed("value");
      const engine = kind.create({ ...plan, limits: { ...plan.limits, dictionaryBytes: 1 << 20 } });
      engine.tick(0n);
      const bytes = Buffer.concat([
        frame("t".repeat(65_535), "1"),
        frame("a/".repeat(30_000), "2"),
        frame("/".repeat(65_535), "3"),
      ]);
      expect(
        [...engine.push(bytes)].map(({ values }) => [(values[1] as string).length, values[2]]),
        kind.name,
      ).toEqual([
        [65_535, 1],
        [1, 2],
        [0, 3],
      ]);
    }
  });
});

describe("lines", () => {
  test.each(["json", "csv"] as const)("%s lines of 3 MiB, and just within the limit", (format) => {
    const long = Buffer.alloc(3 << 20, 0x78);
    const fits = text(
      format === "json"
        ? `{"d":2,"s":"${"x".repeat(1000)}","pad":"${"y".repeat(INPUT_BYTES - 1030)}"}`
        : `2,"${"x".repeat(1000)}",${"y".repeat(INPUT_BYTES - 1010)}`,
    );
    for (const kernel of kernels) {
      const engine = kernel.create(lined(format));
      engine.tick(0n);
      const good = Buffer.concat([GOOD[format], text("\n")]);
      const bytes = Buffer.concat([good, long, text("\n"), good, fits, text("\n"), long]);
      const outputs = [...engine.push(bytes), ...engine.flush()];
      expect(outputs.map(({ values }) => values[1])).toEqual([1, 1, 2]);
      expect(engine.counters().refused.oversized).toBe(2);
      expect(refusedBy(engine)).toBe(2);
    }
  });
});

describe("noise", () => {
  test.each(["json", "msgpack", "csv", "value"] as const)(
    "random bytes as %s, in frames and in lines: counts add up, nothing traps, kernels agree with the reference",
    (format) => {
      const chance = new Chance();
      const withLines = format === "json" || format === "csv";
      const runs = engines.map((kind) => ({
        framed: emptied(() => kind.create(framed(format))),
        lined: withLines ? emptied(() => kind.create(lined(format))) : null,
      }));
      for (let turn = 0; turn < 300; turn++) {
        const noise = Buffer.from(
          Array.from({ length: chance.whole(1, 2000) }, () =>
            turn % 2 === 0
              ? chance.bits() & 255
              : chance.pick([...Buffer.from('{}[]",:\\0123456789.eE+-nut \n\r\x81\xa1d')]),
          ),
        );
        const cut = chance.whole(0, noise.length);
        const seen = runs.map((run) =>
          [run.framed, run.lined].map((fresh, place) => {
            if (fresh === null) return null;
            const engine = fresh();
            engine.tick(0n);
            const bytes = place === 0 ? Buffer.concat([frame("t", noise), frame("t", GOOD[format])]) : noise;
            const outputs = [
              ...engine.push(bytes.subarray(0, cut)),
              ...engine.push(bytes.subarray(cut)),
              ...engine.flush(),
            ];
            refusedBy(engine);
            const { refused, received, nulled } = engine.counters();
            return { rows: outputs.map(({ values }) => values), refused, received, nulled };
          }),
        );
        expect(seen[0]).toEqual(seen[2]);
        expect(seen[1]).toEqual(seen[2]);
      }
    },
  );

  test("random bytes in place of frames: counts add up, and nothing traps", () => {
    const chance = new Chance();
    for (const kernel of kernels) {
      const fresh = emptied(() => kernel.create(framed("json")));
      for (let turn = 0; turn < 2000; turn++) {
        const engine = fresh();
        engine.tick(0n);
        for (let piece = 0; piece < 4; piece++)
          engine.push(
            Buffer.from(
              Array.from({ length: chance.whole(1, 500) }, () =>
                chance.pick([0x30, 0x32, chance.bits() & 255, 0, 5]),
              ),
            ),
          );
        engine.flush();
        refusedBy(engine);
      }
    }
  });
});
