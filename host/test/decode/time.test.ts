// Times to nanoseconds since 1970: decimal text against whole-number arithmetic on its digits, ISO 8601 against the
// calendar of Date, binary numbers against their exact value. Each text is made from what it means, not parsed.
import { ExtData, encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import type { Engine } from "../../core/engine.ts";
import type { TimeUnit } from "../../core/plan/plan.ts";
import { kernels, reference } from "../support/engines.ts";
import { Chance, SEED, frame, planOf, unitsOf } from "../kernel/support.ts";

const LIMIT = 1n << 62n;
const PLACES: Record<string, number> = { s: 9, ms: 6, us: 3, ns: 0 };
const engines = [...kernels, reference];
/** The reference does the same with a list of records that only grows: a share of the cases is enough for it. */
const shareOf = (kind: (typeof engines)[number], cases: number): number =>
  kind === reference ? Math.min(cases, 4000) : cases;

/** What becomes of a record's time. */
type Fate = bigint | "time_range" | "time_format";

const inRange = (ns: bigint): Fate => (ns >= -LIMIT && ns <= LIMIT ? ns : "time_range");
const floorDivide = (a: bigint, b: bigint): bigint => a / b - (a % b < 0n ? 1n : 0n);

/** Runs the records, numbered by `i`, and compares each one's time or refusal with what is expected. */
function expectFates(
  engine: Engine,
  name: string,
  bytes: Uint8Array,
  cases: { text: string; fate: Fate }[],
): void {
  const outputs = [...engine.push(bytes), ...engine.flush()];
  const found = new Map(outputs.map((output) => [output.values[1], output.values[0]]));
  cases.forEach(({ text, fate }, index) => {
    const expected = typeof fate === "bigint" ? fate : undefined;
    if (found.get(index) !== expected) {
      throw new Error(`${text} is ${String(found.get(index))}, not ${fate} (${name}, MILLRACE_SEED=${SEED})`);
    }
  });
  const { refused } = engine.counters();
  expect(refused.time_range).toBe(cases.filter(({ fate }) => fate === "time_range").length);
  expect(refused.time_format).toBe(cases.filter(({ fate }) => fate === "time_format").length);
}

function decimalCase(chance: Chance, unit: TimeUnit): { text: string; fate: Fate } {
  const places = PLACES[unit]!;
  const sign = chance.pick(["", "", "-"]);
  const kind = chance.whole(0, 4);
  let digits = chance.digits(chance.whole(1, 30)).replace(/^0+(?=\d)/, "");
  let behind = chance.whole(0, digits.length - 1);
  if (kind < 2) {
    // A time of our days, with digits far below one nanosecond.
    digits = `1${chance.digits(18 + chance.whole(0, 20))}`;
    behind = digits.length - (19 - places);
  } else if (kind === 2) {
    // Around the ends of the range.
    digits = (LIMIT + BigInt(chance.whole(-2, 2))).toString() + chance.pick(["", "0", "000001", "5", "99"]);
    behind = digits.length - 19 + places;
  }
  const exponent = chance.pick([0, 0, 0, chance.whole(-25, 25)]);
  const padded = digits.padStart(behind + 1, "0");
  const plain = behind === 0 ? digits : `${padded.slice(0, -behind)}.${padded.slice(-behind)}`;
  const text = `${sign}${plain}${exponent === 0 ? "" : `${chance.pick(["e", "E"])}${exponent}`}`;
  // value in ns = digits · 10^(exponent − behind + places)
  const power = exponent - behind + places;
  const whole = BigInt(sign + digits);
  return {
    text,
    fate: inRange(power >= 0 ? whole * 10n ** BigInt(power) : floorDivide(whole, 10n ** BigInt(-power))),
  };
}

describe("decimal times", () => {
  test.each(["s", "ms", "us", "ns"] as const)(
    "in %s: exact from their digits, floored below 1 ns",
    (unit) => {
      const chance = new Chance();
      const cases = Array.from({ length: 30_000 }, () => decimalCase(chance, unit));
      expect(new Set(cases.map(({ fate }) => typeof fate)).size).toBe(2);
      for (const kind of engines) {
        const some = cases.slice(0, shareOf(kind, cases.length));
        const asNumbers = some.map(({ text }, i) => `{"t":${text},"i":${i}}`).join("\n");
        const asTexts = some.map(({ text }, i) => `{"i":${i},"t":"${text}"}`).join("\n");
        const asCells = some.map(({ text }, i) => `${text},${i}`).join("\n");
        const json = planOf({ format: "json", unit, fields: { i: "double" } });
        const csv = planOf({ format: "csv", unit, fields: { i: "double" } });
        expectFates(kind.create(json), kind.name, Buffer.from(asNumbers), some);
        expectFates(kind.create(json), kind.name, Buffer.from(asTexts), some);
        expectFates(kind.create(csv), kind.name, Buffer.from(asCells), some);
      }
    },
  );

  test("a text that is no number, and what is no text, are refused", () => {
    const bad = ['"x"', '""', '" 1"', '"1 "', '"1e"', '"0x10"', '"1_000"', '"Infinity"', "true", "[1]", "{}"];
    for (const kind of engines) {
      const lines = bad.map((text, i) => `{"t":${text},"i":${i}}`).join("\n");
      expectFates(
        kind.create(planOf({ format: "json", unit: "ms", fields: { i: "double" } })),
        kind.name,
        Buffer.from(lines),
        bad.map((text) => ({ text, fate: "time_format" })),
      );
    }
  });
});

/** A valid text and the instant that it stands for. */
function isoCase(chance: Chance): { text: string; fate: Fate } {
  const year = chance.pick([
    chance.whole(1822, 2117),
    chance.whole(1822, 2117),
    chance.whole(0, 9999),
    1900,
    2000,
    2024,
    2100,
  ]);
  const month = chance.whole(1, 12);
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  const day = chance.pick([date.getUTCDate(), chance.whole(1, date.getUTCDate())]);
  date.setUTCDate(day);
  const two = (value: number): string => `${value}`.padStart(2, "0");
  let text = `${`${year}`.padStart(4, "0")}-${two(month)}-${two(day)}`;
  let fraction = "";
  let east = 0;
  if (chance.whole(0, 9) > 0) {
    const [hour, minute] = [
      chance.pick([0, 23, chance.whole(0, 23)]),
      chance.pick([0, 59, chance.whole(0, 59)]),
    ];
    text += `${chance.pick(["T", "t", " "])}${two(hour)}:${two(minute)}`;
    date.setUTCHours(hour, minute);
    if (chance.whole(0, 5) > 0) {
      const second = chance.pick([0, 59, chance.whole(0, 59)]);
      text += `:${two(second)}`;
      date.setUTCSeconds(second);
      if (chance.whole(0, 3) > 0) {
        fraction = chance.digits(chance.whole(1, 25));
        text += chance.pick([".", ","]) + fraction;
      }
    }
    const zone = chance.whole(0, 4);
    if (zone === 1) text += chance.pick(["Z", "z"]);
    else if (zone > 1) {
      const [hours, minutes] = [
        chance.pick([0, 23, chance.whole(0, 23)]),
        zone === 4 ? 0 : chance.whole(0, 59),
      ];
      const sign = chance.pick(["+", "-"]);
      text += sign + two(hours) + (zone === 4 ? "" : chance.pick([":", ""]) + two(minutes));
      east = (hours * 60 + minutes) * (sign === "-" ? -1 : 1);
    }
  }
  const seconds = BigInt(date.getTime() / 1000 - east * 60);
  return { text, fate: inRange(seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9))) };
}

const BAD_ISO = [
  "",
  "2024",
  "2024-06",
  "2024-6-01",
  "2024-06-1",
  "20240601",
  "2024-06-01T",
  "2024-06-01T10",
  "2024-06-01T10:",
  "2024-06-01T1:00",
  "2024-06-01T10:0",
  "2024-06-01T10:00:",
  "2024-06-01T10:00:0",
  "2024-06-01T10:00:00.",
  "2024-06-01T10:00:00,Z",
  "2024-06-01T10:00:00.5.5",
  "2024-06-01T24:00",
  "2024-06-01T24:00:00Z",
  "2024-06-01T25:00",
  "2024-06-01T10:60",
  "2024-06-01T10:00:60",
  "2016-12-31T23:59:60Z",
  "2024-13-01",
  "2024-00-10",
  "2024-06-31",
  "2024-06-00",
  "2023-02-29",
  "1900-02-29",
  "2100-02-29T00:00",
  "2024-02-30",
  "2024-06-01T10:00+24:00",
  "2024-06-01T10:00+01:60",
  "2024-06-01T10:00+1",
  "2024-06-01T10:00+1:00",
  "2024-06-01T10:00+010",
  "2024-06-01T10:00+01:",
  "2024-06-01T10:00+01:000",
  "2024-06-01T10:00ZZ",
  "2024-06-01T10:00Z ",
  " 2024-06-01",
  "2024-06-01 ",
  "2024-06-01Z",
  "2024-06-01+01:00",
  "2024-06-01x10:00",
  "2024-06-01T10.00",
  "2024-06-01T10:00:00 Z",
  "2024-06-01T10:00 +01:00",
  "2024/06/01",
  "-2024-06-01",
  "+02024-06-01",
  "2024-W23-6",
  "2024-153",
  "٢٠٢٤-06-01",
  "2024-06-01T10:0٠",
  "20२4-06-01",
  "202a-06-01",
  "2024-06-01T10:00:00.1e5",
  "2024-06-01T10:00:00-",
  "now",
  "1717236000",
];

describe("ISO 8601", () => {
  test("dates, times, fractions of any length, offsets, leap years", () => {
    const chance = new Chance();
    const cases = Array.from({ length: 60_000 }, () => isoCase(chance));
    for (const kind of engines) {
      const some = cases.slice(0, shareOf(kind, cases.length));
      const plan = planOf({ format: "json", unit: "iso8601", fields: { i: "double" } });
      expectFates(
        kind.create(plan),
        kind.name,
        Buffer.from(some.map(({ text }, i) => `{"t":"${text}","i":${i}}`).join("\n")),
        some,
      );
      const quoted = some.map(({ text }, i) => `"${text}",${i}`).join("\n");
      expectFates(
        kind.create({ ...plan, source: { ...plan.source, format: "csv" } }),
        kind.name,
        Buffer.from(quoted),
        some,
      );
    }
  });

  test("anything else is refused, 24:00 and leap seconds too", () => {
    const cases = BAD_ISO.map((text) => ({ text, fate: "time_format" as const }));
    for (const kind of engines) {
      const lines = BAD_ISO.map((text, i) => JSON.stringify({ t: text, i })).join("\n");
      expectFates(
        kind.create(planOf({ format: "json", unit: "iso8601", fields: { i: "double" } })),
        kind.name,
        Buffer.from(lines),
        cases,
      );
    }
  });

  test("a byte changed anywhere: kernel and reference read the same", () => {
    const chance = new Chance();
    const texts = Array.from({ length: 5000 }, () => {
      const text = isoCase(chance).text;
      const at = chance.whole(0, text.length - 1);
      return (
        text.slice(0, at) + chance.pick([..."0123456789-+:.,TtZz "]) + text.slice(at + chance.whole(0, 1))
      );
    });
    const bytes = Buffer.from(texts.map((text, i) => `{"t":"${text}","i":${i}}`).join("\n"));
    const plan = planOf({ format: "json", unit: "iso8601", fields: { i: "double" } });
    const [plain, , other] = engines.map((kind) => {
      const engine = kind.create(plan);
      return {
        rows: [...engine.push(bytes), ...engine.flush()].map(({ values }) => values),
        refused: engine.counters().refused,
      };
    });
    expect(plain).toEqual(other);
    expect(plain!.refused.time_format).toBeGreaterThan(500);
    expect(plain!.rows.length).toBeGreaterThan(500);
  });
});

describe("binary times", () => {
  const packed = (cases: { value: unknown }[]): Uint8Array =>
    Buffer.concat(cases.map(({ value }, i) => frame("a", encode({ t: value, i }, { useBigInt64: true }))));

  test.each(["s", "ms", "us", "ns"] as const)("floats in %s: floored from their exact value", (unit) => {
    const chance = new Chance();
    const edge = Number(LIMIT) / 10 ** PLACES[unit]!;
    const cases = Array.from({ length: 5000 }, () => {
      const value = chance.pick([
        chance.double(),
        (chance.bits() - 2 ** 31) / 2 ** chance.whole(0, 40),
        (1.7e18 / 10 ** PLACES[unit]!) * (1 + chance.bits() / 2 ** 40),
        chance.pick([-1, 1]) * (edge + chance.whole(-3, 3) / chance.whole(1, 7)),
        chance.pick([-1, 1]) * 2 ** chance.whole(-60, 66),
      ]);
      const ns = floorDivide(unitsOf(value) * 10n ** BigInt(PLACES[unit]!), 1n << 1074n);
      return {
        value,
        text: `${value}`,
        fate:
          Number.isInteger(value) && Number.isSafeInteger(value)
            ? inRange(BigInt(value) * 10n ** BigInt(PLACES[unit]!))
            : inRange(ns),
      };
    });
    const plan = planOf({ format: "msgpack", framing: "mqtt", topic: ["#"], unit, fields: { i: "double" } });
    for (const kind of engines) expectFates(kind.create(plan), kind.name, packed(cases), cases);
  });

  test("64-bit whole numbers", () => {
    const chance = new Chance();
    const cases = Array.from({ length: 5000 }, () => {
      const value = chance.pick([
        BigInt.asIntN(64, (BigInt(chance.bits()) << 32n) | BigInt(chance.bits())) >>
          BigInt(chance.whole(0, 50)),
        (1n << 63n) + BigInt(chance.bits()) * 2n ** BigInt(chance.whole(0, 30)),
        chance.pick([LIMIT, -LIMIT]) / 1_000_000n + BigInt(chance.whole(-2, 2)),
      ]);
      return { value, text: `${value}`, fate: inRange(value * 1_000_000n) };
    });
    const plan = planOf({
      format: "msgpack",
      framing: "mqtt",
      topic: ["#"],
      unit: "ms",
      fields: { i: "double" },
    });
    for (const kind of engines) expectFates(kind.create(plan), kind.name, packed(cases), cases);
  });

  test("the timestamp extension, in its three sizes, whatever the unit", () => {
    const chance = new Chance();
    const timestamp = (seconds: bigint, nanoseconds: bigint, size: number): ExtData => {
      const bytes = Buffer.alloc(size);
      if (size === 4) bytes.writeUInt32BE(Number(seconds));
      else if (size === 8) bytes.writeBigUInt64BE((nanoseconds << 34n) | seconds);
      else {
        bytes.writeUInt32BE(Number(nanoseconds));
        bytes.writeBigInt64BE(seconds, 4);
      }
      return new ExtData(-1, bytes);
    };
    const cases = Array.from({ length: 5000 }, () => {
      const size = chance.pick([4, 8, 12]);
      const nanoseconds = size === 4 ? 0n : BigInt(chance.whole(0, 999_999_999));
      let seconds = BigInt(chance.bits());
      if (size === 8) seconds = (seconds << 2n) | BigInt(chance.whole(0, 3));
      if (size === 12) {
        seconds = chance.pick([
          BigInt(chance.bits()) - (1n << 31n),
          chance.pick([-1n, 1n]) * 4611686018n + BigInt(chance.whole(-2, 2)),
          BigInt.asIntN(64, (BigInt(chance.bits()) << 32n) | BigInt(chance.bits())),
        ]);
      }
      return {
        value: timestamp(seconds, nanoseconds, size),
        text: `${seconds} s ${nanoseconds} ns`,
        fate: inRange(seconds * 1_000_000_000n + nanoseconds),
      };
    });
    for (const unit of ["s", "ns", "iso8601"] as const) {
      const plan = planOf({
        format: "msgpack",
        framing: "mqtt",
        topic: ["#"],
        unit,
        fields: { i: "double" },
      });
      for (const kind of engines) expectFates(kind.create(plan), kind.name, packed(cases), cases);
    }
  });

  test("a timestamp with a second of nanoseconds, or of another size, is unreadable", () => {
    const bad = [
      new ExtData(-1, Buffer.from("ffffffff00000000", "hex")),
      new ExtData(-1, Buffer.from("3b9aca000000000000000000", "hex")),
      new ExtData(-1, Buffer.alloc(16)),
      new ExtData(-1, Buffer.alloc(0)),
      new ExtData(1, Buffer.alloc(4)),
      Number.NaN,
    ];
    const cases = bad.map((value) => ({ value, text: String(value), fate: "time_format" as const }));
    for (const kind of engines) {
      const plan = planOf({
        format: "msgpack",
        framing: "mqtt",
        topic: ["#"],
        unit: "ms",
        fields: { i: "double" },
      });
      expectFates(kind.create(plan), kind.name, packed(cases), cases);
    }
  });
});
