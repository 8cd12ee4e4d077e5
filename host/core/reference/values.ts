// Values beyond numbers, texts and booleans: BIGINT as bigint, BYTES as the one Uint8Array that stands for these bytes, so
// that equal values are the same value. Imports bytes, types of core.
import { fromHex, toHex } from "../bytes.ts";
import type { Value } from "../engine.ts";

export const BIGINT_MAX = 2n ** 63n - 1n;

/** A whole number as BIGINT; null when it is beyond. */
export const asBigint = (value: bigint): bigint | null =>
  value > BIGINT_MAX || value < -BIGINT_MAX ? null : value;

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** The BIGINT that a number's text is; null when it is not whole, or beyond. */
export function bigintOfText(text: string): bigint | null {
  const match = NUMBER.exec(text);
  if (match === null) return null;
  const [, sign, whole, fraction = "", power = "0"] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  if (digits === "") return 0n;
  const zeros = BigInt(power) - BigInt(fraction.length);
  const kept = digits.replace(/0+$/, "");
  const scale = zeros + BigInt(digits.length - kept.length);
  if (scale < 0n || scale + BigInt(kept.length) > 19n) return null;
  const size = BigInt(kept) * 10n ** scale;
  return asBigint(sign === "-" ? -size : size);
}

/** The same of a text that is written as JSON writes numbers. */
export const bigintOfJson = (text: string): bigint | null =>
  JSON_NUMBER.test(text) ? bigintOfText(text) : null;

/** The same of a double that is finite. */
export const bigintOfDouble = (value: number): bigint | null =>
  Number.isInteger(value) ? asBigint(BigInt(value)) : null;

const all = new Map<string, Uint8Array>();

/** The value that stands for these bytes. */
export function bytesValue(bytes: Uint8Array): Uint8Array {
  const hex = toHex(bytes);
  const found = all.get(hex) ?? fromHex(hex);
  all.set(hex, found);
  return found;
}

/** The bytes of a text in base64; null when it is none, or not written as it would be. */
export function bytesOfBase64(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  const decoded = atob(text);
  return btoa(decoded) === text ? bytesValue(Uint8Array.from(decoded, (each) => each.charCodeAt(0))) : null;
}

/** Text of a key: keys are equal when their texts are. */
export const keyText = (values: Value[]): string =>
  JSON.stringify(values, (_key, value: unknown) => {
    if (typeof value === "bigint") return { bigint: `${value}` };
    return value instanceof Uint8Array ? { bytes: [...value] } : value;
  });
