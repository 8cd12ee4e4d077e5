// Time values to nanoseconds with BigInt: from decimal text, from binary numbers, from ISO 8601. `null` stands for
// unreadable. Imports core types.
import type { TimeUnit } from "../../plan/plan.ts";

const places: Record<Exclude<TimeUnit, "iso8601">, number> = { s: 9, ms: 6, us: 3, ns: 0 };
const LIMIT = 2n ** 62n;

export type Time =
  { kind: "good"; ns: bigint } | { kind: "unreadable" } | { kind: "range" } | { kind: "absent" };

const tenTo = (power: number): bigint => BigInt("1" + "0".repeat(power));

const floorDivide = (a: bigint, b: bigint): bigint => (a % b !== 0n && a < 0n ? a / b - 1n : a / b);

function ranged(ns: bigint): Time {
  return ns >= -LIMIT && ns <= LIMIT ? { kind: "good", ns } : { kind: "range" };
}

/** Decimal text in a unit: digits, a point, an exponent. */
export function timeOfDecimal(text: string, unit: TimeUnit): Time {
  if (unit === "iso8601") return { kind: "unreadable" };
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null || match[2]! + match[3]! === "") return { kind: "unreadable" };
  const digits = (match[2]! + match[3]!).replace(/^0+/, "");
  if (digits === "") return { kind: "good", ns: 0n };
  const exponent = Number(match[4] ?? "0") - match[3]!.length + places[unit];
  // More digits before the point than any time has, or none at all: no need for giant numbers.
  if (digits.length + exponent > 25) return { kind: "range" };
  if (digits.length + exponent < -5) return { kind: "good", ns: match[1] === "-" ? -1n : 0n };
  const value = BigInt(match[1] === "-" ? "-" + digits : digits);
  return ranged(exponent >= 0 ? value * tenTo(exponent) : floorDivide(value, tenTo(-exponent)));
}

export function timeOfInteger(value: bigint, unit: TimeUnit): Time {
  return unit === "iso8601" ? { kind: "unreadable" } : ranged(value * tenTo(places[unit]));
}

/** A binary number, from its exact value. */
export function timeOfDouble(value: number, unit: TimeUnit): Time {
  if (unit === "iso8601" || Number.isNaN(value)) return { kind: "unreadable" };
  if (!Number.isFinite(value)) return { kind: "range" };
  // Every double is a whole number of 2^-1074.
  let numerator = value;
  let denominator = 1n;
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    denominator *= 2n;
  }
  return ranged(floorDivide(BigInt(numerator) * tenTo(places[unit]), denominator));
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?([Zz]|[+-]\d\d(?::?\d\d)?)?)?$/;

export function timeOfIso(text: string): Time {
  const match = ISO.exec(text);
  if (match === null) return { kind: "unreadable" };
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const days = [
    31,
    year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28,
    31,
    30,
    31,
    30,
    31,
    31,
    30,
    31,
    30,
    31,
  ];
  if (month < 1 || month > 12 || day < 1 || day > days[month - 1]!) return { kind: "unreadable" };
  if (hour > 23 || minute > 59 || second > 59) return { kind: "unreadable" };
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  const zone = /^([+-])(\d\d):?(\d\d)?$/.exec(match[8] ?? "");
  if (zone !== null && (Number(zone[2]) > 23 || Number(zone[3] ?? 0) > 59)) return { kind: "unreadable" };
  const east =
    zone === null ? 0 : (zone[1] === "-" ? -60 : 60) * (Number(zone[2]) * 60 + Number(zone[3] ?? 0));
  const seconds = BigInt(date.getTime() / 1000 - east);
  const fraction = BigInt((match[7] ?? "").slice(0, 9).padEnd(9, "0"));
  return ranged(seconds * 1_000_000_000n + fraction);
}
