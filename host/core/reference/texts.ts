// Texts that expressions make, and casts, from their definitions; and the share of the dictionary that each of them has.
// Imports plan-limits, text-cases, values.
import { textShare } from "../plan/plan-limits.ts";
import type { Limits, Operator, Type } from "../plan/plan.ts";
import { changedCase } from "../plan/bytes/text-cases.ts";
import type { Scalar } from "../engine.ts";
import { asBigint } from "./values.ts";

const encoder = new TextEncoder();
/** Longest text that is made. */
const LONGEST = 1_048_576;

/** What each expression has put into the dictionary. */
export class TextShares {
  private readonly limits: Limits;
  private readonly shares = new Map<string, { texts: Set<string>; bytes: number }>();
  /** Texts that found no room. */
  lost = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** The text, or NULL when the expression of that name has no room for it. */
  keep(name: string, text: string): string | null {
    const share = this.shares.get(name) ?? { texts: new Set<string>(), bytes: 0 };
    this.shares.set(name, share);
    if (share.texts.has(text)) return text;
    const { length } = encoder.encode(text);
    const most = textShare(this.limits);
    if (length > LONGEST || share.bytes + length > most.bytes || share.texts.size === most.entries) {
      this.lost++;
      return null;
    }
    share.texts.add(text);
    share.bytes += length;
    return text;
  }
}

/** The text that an operator makes of what is there; null is NULL. */
export function madeText(operator: Operator, parts: Scalar[]): string | null {
  const [first, start, count] = parts;
  switch (operator) {
    case "concat":
      return parts.join("");
    case "upper":
    case "lower":
      return [...(first as string)].map((each) => changedCase(each, operator === "upper")).join("");
    case "substring":
      return substring([...(first as string)], start as bigint, count as bigint | undefined);
    default:
      return typeof first === "boolean" ? String(first).toUpperCase() : String(first);
  }
}

function substring(characters: string[], start: bigint, count = BigInt(characters.length)): string | null {
  if (count < 0n) return null;
  const length = BigInt(characters.length);
  const from = start > 0n ? start - 1n : start < 0n ? length + start : 0n;
  if (from < 0n || from >= length) return "";
  const to = from + count > length ? length : from + count;
  return characters.slice(Number(from), Number(to)).join("");
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const TRUE = ["t", "true", "y", "yes", "1"];
const FALSE = ["f", "false", "n", "no", "0"];

/** A cast from STRING, BOOLEAN or BYTES, and to BOOLEAN: a value, or why it is NULL; undefined for other casts. */
export function cast(
  operator: Operator,
  value: Scalar,
  from: Type,
): Scalar | { lost: "type" | "nonfinite" } | undefined {
  if (operator === "toBoolean" && from !== "string") return Number(value) !== 0;
  if (operator === "toText" && value instanceof Uint8Array) return decoded(value);
  if (operator === "toBytes") return encoder.encode(value as string);
  if (from === "boolean" && operator === "toDouble") return Number(value);
  if (from === "boolean" && operator === "toBigint") return BigInt(value as boolean);
  if (from !== "string") return undefined;
  const text = value as string;
  if (operator === "toBoolean") {
    const word = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    return TRUE.includes(word) ? true : FALSE.includes(word) ? false : { lost: "type" };
  }
  if (operator !== "toDouble" && operator !== "toBigint") return undefined;
  const trimmed = text.replace(/^[ \t]+|[ \t]+$/g, "");
  if (!NUMBER.test(trimmed)) return { lost: "type" };
  if (operator === "toDouble") {
    const number = Number(trimmed);
    return Number.isFinite(number) ? number + 0 : { lost: "nonfinite" };
  }
  return truncated(trimmed) ?? { lost: "nonfinite" };
}

/** The digits of a number before its point; null beyond BIGINT. */
function truncated(text: string): bigint | null {
  const [, sign, whole, fraction = "", power = "0"] = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(
    text,
  )!;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const lost = (/^0*/.exec(`${whole}${fraction}`)![0] ?? "").length;
  const before = whole!.length - lost + Number(power);
  if (digits === "" || before <= 0) return 0n;
  if (before > 19) return null;
  const size = BigInt(digits.slice(0, before).padEnd(before, "0"));
  return asBigint(sign === "-" ? -size : size);
}

function decoded(bytes: Uint8Array): string | { lost: "type" } {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { lost: "type" };
  }
}
