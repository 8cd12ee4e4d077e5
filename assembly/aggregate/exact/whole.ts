// SUM and AVG of BIGINT: the sum as a whole number of 128 bits, which no number of records fills. State, 16 bytes:
//   ┌ low u64 ┬ high i64 (the smallest i64: no value came) ┐
// Exact, so slices may be merged in any order. Imports raw access.
import { NULL_WHOLE, i64At, setI64, setU64, u32At, u64At } from "../../memory/raw";

const LOW: usize = 0;
const HIGH: usize = 8;

export function initWholeSum(at: usize): void {
  setU64(at + LOW, 0);
  setI64(at + HIGH, NULL_WHOLE);
}

/** Adds a sum of 128 bits. */
// @ts-ignore: decorator
@inline export function addWholeParts(at: usize, low: u64, high: i64): void {
  const before = u64At(at + LOW);
  const sum = before + low;
  const carry: i64 = sum < before ? 1 : 0;
  setU64(at + LOW, sum);
  setI64(at + HIGH, (i64At(at + HIGH) == NULL_WHOLE ? 0 : i64At(at + HIGH)) + high + carry);
}

/** Adds a value that is not NULL. */
// @ts-ignore: decorator
@inline export function addWholeValue(at: usize, value: i64): void { addWholeParts(at, <u64>value, value >> 63); }

export function addWholeSum(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = i64At(values + (<usize>row << 3));
    if (slice != 0 && value != NULL_WHOLE) addWholeValue(slice + offset, value);
  }
}

export function mergeWholeSum(into: usize, from: usize): void {
  if (!wholeSumIsEmpty(from)) addWholeParts(into, u64At(from + LOW), i64At(from + HIGH));
}

/** True while no value came. */
export function wholeSumIsEmpty(at: usize): bool {
  return i64At(at + HIGH) == NULL_WHOLE;
}

/** The sum; NULL when it is beyond BIGINT. Some value came. */
export function readWholeSum(at: usize): i64 {
  const low = <i64>u64At(at + LOW);
  return i64At(at + HIGH) == low >> 63 ? low : NULL_WHOLE;
}

/**
 * The sum divided by the number of its values, rounded once to nearest even: long division, bit by bit, to 55 bits of
 * the quotient or more, the last of which says whether anything was left over.
 */
export function averageWhole(at: usize, count: i64): f64 {
  const negative = i64At(at + HIGH) < 0;
  let low = u64At(at + LOW);
  let high = <u64>i64At(at + HIGH);
  if (negative) {
    low = 0 - low;
    high = ~high + (low == 0 ? 1 : 0);
  }
  const divisor = <u64>count;
  let rest: u64 = 0;
  let quotient: u64 = 0;
  for (let bit = 127; bit >= 0; bit--) {
    const word = bit >= 64 ? high : low;
    rest = (rest << 1) | ((word >> <u64>(bit & 63)) & 1);
    // No mean of BIGINTs: partials that contradict themselves.
    if (quotient >> 63 != 0) return NaN;
    quotient <<= 1;
    if (rest < divisor) continue;
    rest -= divisor;
    quotient |= 1;
  }
  if (quotient == 0 && rest == 0) return 0;
  let scale: f64 = 1;
  while (quotient >> 54 == 0) {
    rest <<= 1;
    quotient <<= 1;
    scale *= 0.5;
    if (rest < divisor) continue;
    rest -= divisor;
    quotient |= 1;
  }
  const value = <f64>(quotient | (rest != 0 ? 1 : 0)) * scale;
  return negative ? -value : value;
}
