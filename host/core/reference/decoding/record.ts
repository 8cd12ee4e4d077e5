// Decoded records as the reference engine sees them, and how a found value becomes a column's value. Each
// decoder hands over members; this file knows the rules of types. Imports core types, instant.
import type { Scalar, Value } from "../../engine.ts";
import type { ColumnPlan, PartialPlan, Plan, SourcePlan } from "../../plan/plan.ts";
import { isPartial } from "../partials/merged.ts";
import type { Time } from "./instant.ts";
import { timeOfDecimal, timeOfDouble, timeOfInteger, timeOfIso } from "./instant.ts";
import {
  asBigint,
  bigintOfDouble,
  bigintOfJson,
  bigintOfText,
  bytesOfBase64,
  bytesValue,
} from "../values.ts";

/** A value as a decoder finds it. `text` of a number is its own text. */
export type Found =
  | { kind: "null" }
  | { kind: "boolean"; value: boolean }
  | { kind: "number"; value: number; text: string; integer?: bigint; binary?: boolean }
  | { kind: "string"; value: string }
  | { kind: "bytes"; value: Uint8Array }
  | { kind: "instant"; ns: bigint | null }
  | { kind: "other" };

export interface DecodedRecord {
  time: Time;
  /** One for each column; those of context are NULL as yet. */
  values: Value[];
  nulledType: number;
  nulledNonfinite: number;
  /** Names of the fields that it has. */
  present: string[];
}

/** One record from its members; `find` gives the value at a column's path, undefined when it is absent. */
export function toRecord(
  plan: Plan,
  topicValues: Map<number, string>,
  find: (column: ColumnPlan) => Found | undefined,
): DecodedRecord {
  const { source } = plan;
  const record: DecodedRecord = {
    time: { kind: "absent" },
    values: [],
    nulledType: 0,
    nulledNonfinite: 0,
    present: [],
  };
  source.columns.forEach((column, index) => {
    if (column.from === "context") record.values.push(null);
    else if (column.from === "topic") record.values.push(topicValues.get(index) ?? null);
    else if (column.from === "time") {
      record.values.push(null);
      if (source.time.kind === "field") record.time = toTime(source, find(column));
    } else {
      const found = find(column);
      if (found !== undefined) record.present.push(column.name);
      record.values.push(toValue(column, found, record));
    }
  });
  return record;
}

/** A found value as the time of a record. */
export function toTime(source: SourcePlan, found: Found | undefined): Time {
  const unit = source.time.kind === "field" ? source.time.unit : "ns";
  if (found === undefined || found.kind === "null") return { kind: "absent" };
  if (found.kind === "string")
    return unit === "iso8601" ? timeOfIso(found.value) : timeOfDecimal(found.value, unit);
  if (found.kind === "instant")
    return found.ns === null ? { kind: "unreadable" } : timeOfInteger(found.ns, "ns");
  if (found.kind !== "number") return { kind: "unreadable" };
  if (found.integer !== undefined) return timeOfInteger(found.integer, unit);
  return found.binary ? timeOfDouble(found.value, unit) : timeOfDecimal(found.text, unit);
}

/** A found value as one of a stream's context; a number is its own text. */
export function toCell(type: "string" | "double", found: Found): Counted & { value: Scalar } {
  const counted = { nulledType: 0, nulledNonfinite: 0 };
  const value = toValue({ type, numberAsText: true }, found, counted) as Scalar;
  return { value, ...counted };
}

interface Counted {
  nulledType: number;
  nulledNonfinite: number;
}

type Typed = Pick<ColumnPlan, "type" | "numberAsText" | "partial">;

function toValue(column: Typed, found: Found | undefined, record: Counted): Value {
  if (found === undefined || found.kind === "null") return null;
  if (column.type === "double" && found.kind === "number") {
    if (Number.isFinite(found.value)) return found.value + 0;
    record.nulledNonfinite++;
    return null;
  }
  if (column.type === "string" && found.kind === "string") return found.value;
  if (column.type === "string" && found.kind === "number" && column.numberAsText) {
    if (!found.binary) return found.text;
    if (Number.isInteger(found.value) && Math.abs(found.value) <= 9007199254740992)
      return BigInt(found.value).toString();
  }
  if (column.type === "boolean" && found.kind === "boolean") return found.value;
  if (column.type === "bigint" && found.kind === "number" && isNonfinite(found)) {
    record.nulledNonfinite++;
    return null;
  }
  let value: Value = null;
  if (column.type === "bigint") value = toBigint(found);
  if (column.type === "bytes") value = toBytes(found);
  if (column.partial !== undefined) value = toPartial(column.partial, found);
  if (value !== null) return value;
  record.nulledType++;
  return null;
}

type FoundNumber = Extract<Found, { kind: "number" }>;

/** NaN or infinite by itself: digits beyond double are a number all the same. */
const isNonfinite = ({ value, text, binary, integer }: FoundNumber): boolean =>
  integer === undefined && !Number.isFinite(value) && (binary === true || !/\d/.test(text));

/** The whole number that is found, or whose digits are a text. */
function toBigint(found: Found): bigint | null {
  if (found.kind === "string") return bigintOfJson(found.value);
  if (found.kind !== "number") return null;
  if (found.integer !== undefined) return asBigint(found.integer);
  return found.binary ? bigintOfDouble(found.value) : bigintOfText(found.text);
}

/** Bytes, or base64, that are a partial of what the column holds. */
function toPartial(of: PartialPlan, found: Found): Uint8Array | null {
  const bytes = toBytes(found);
  return bytes !== null && isPartial(of, bytes) ? bytes : null;
}

/** Bytes, or a text that is base64. */
function toBytes(found: Found): Uint8Array | null {
  if (found.kind === "bytes") return bytesValue(found.value);
  return found.kind === "string" ? bytesOfBase64(found.value) : null;
}
