// Values as text: what JSON lines, keys of records, topics and the live page show of them. An instant is ISO 8601, a
// BIGINT its digits, BYTES are base64, a DOUBLE is JavaScript's shortest text. Portable: imports time, bytes.
import { toBase64 } from "./bytes.ts";
import type { Scalar, Value } from "./engine.ts";
import type { ScalarType, Type } from "./plan/plan.ts";
import { elementType, isArray } from "./plan/plan.ts";
import { formatInstant } from "./time.ts";

/** A value as text by itself; NULL is the empty text, an ARRAY a list with commas. */
export function valueText(value: Value, type: Type): string {
  if (Array.isArray(value)) return value.map((each) => scalarText(each, elementOf(type))).join();
  return scalarText(value, type as ScalarType);
}

function scalarText(value: Scalar, type: ScalarType): string {
  if (value === null) return "";
  if (typeof value === "bigint") return type === "instant" ? formatInstant(value) : `${value}`;
  return value instanceof Uint8Array ? toBase64(value) : String(value);
}

/** A value as JSON text. A BIGINT is a number of all its digits: readers that take it for a double round it. */
export function valueJson(value: Value, type: Type): string {
  if (Array.isArray(value)) return `[${value.map((each) => scalarJson(each, elementOf(type))).join()}]`;
  return scalarJson(value, type as ScalarType);
}

function scalarJson(value: Scalar, type: ScalarType): string {
  if (typeof value === "bigint") return type === "instant" ? `"${formatInstant(value)}"` : `${value}`;
  return value instanceof Uint8Array ? `"${toBase64(value)}"` : JSON.stringify(value);
}

const elementOf = (type: Type): ScalarType => (isArray(type) ? elementType(type) : (type as ScalarType));
