// An exact number as bytes: ┌ EXACT_* u8 ┬ below zero u8 ┬ shift u16 ┬ n u16 ┬ n bytes ┐, of which only the first when it
// is no number. Its size is that of the bytes, the lowest first, times 2^(8 · shift − 1074); neither the first nor the
// last byte is 0, so that equal numbers are equal bytes. Imports the exact sums, the output and layout.
import { EXACT_BYTES_MAX, EXACT_NONE, EXACT_NOT_FINITE, EXACT_NUMBER } from "../../layout";
import { u16At, u8At } from "../../memory/raw";
import { addPart, addSquaresTo, squaresWide } from "../exact/squares";
import { addSumTo, addValue, sumIsEmpty, sumWide } from "../exact/sum";
import { WIDE_BYTES_COUNT, scratchWide, wideAddByte, wideByte, wideIsFinite, wideSize } from "../exact/wide";
import { put16, put8 } from "./out";

/** Bytes of a number up to which it is added as doubles: three of 48 bits. */
const FEW: u32 = 18;

/** Writes the sum of a state as in exact/sum.ts. */
export function putSum(at: usize): void {
  if (sumIsEmpty(at)) {
    put8(EXACT_NONE);
    return;
  }
  const sum = scratchWide();
  addSumTo(sum, at);
  putWide(sum);
}

/** Writes the sum of a state as in exact/squares.ts. */
export function putSquares(at: usize): void {
  const sum = scratchWide();
  addSquaresTo(sum, at);
  putWide(sum);
}

function putWide(sum: usize): void {
  if (!wideIsFinite(sum)) {
    put8(EXACT_NOT_FINITE);
    return;
  }
  const negative = wideSize(sum);
  let first = 0;
  let end = WIDE_BYTES_COUNT;
  while (end > 0 && wideByte(sum, end - 1) == 0) end--;
  while (first < end && wideByte(sum, first) == 0) first++;
  put8(EXACT_NUMBER);
  put8(negative ? 1 : 0);
  put16(end == 0 ? 0 : first);
  put16(end - first);
  for (let index = first; index < end; index++) put8(wideByte(sum, index));
}

/** Bytes of the exact number at `at`; 0 when there is none that ends before `end`, or it is not as it would be written. */
export function exactBytes(at: usize, end: usize): u32 {
  if (end - at < 1) return 0;
  const form = u8At(at);
  if (form == EXACT_NONE || form == EXACT_NOT_FINITE) return 1;
  if (form != EXACT_NUMBER || end - at < 6) return 0;
  const negative = u8At(at + 1);
  const shift = u16At(at + 2);
  const count = u16At(at + 4);
  if (negative > 1 || shift + count > <u32>EXACT_BYTES_MAX || end - at - 6 < <usize>count) return 0;
  if (count == 0) return negative == 0 && shift == 0 ? 6 : 0;
  return u8At(at + 6) != 0 && u8At(at + 5 + count) != 0 ? 6 + count : 0;
}

/** Adds the exact number at `from`, checked before, to the state at `at`; `isSum`: one as in exact/sum.ts. */
export function addExact(slice: usize, at: usize, from: usize, isSum: bool): void {
  const form = u8At(from);
  if (form == EXACT_NONE) return;
  if (form == EXACT_NOT_FINITE) {
    add(slice, at, Infinity, isSum);
    return;
  }
  const negative = u8At(from + 1) != 0;
  const shift = u16At(from + 2);
  const count = u16At(from + 4);
  // A sum of 0 is one all the same.
  if (count == 0) add(slice, at, 0, isSum);
  else if (count > FEW || shift > 200) {
    const wide = isSum ? sumWide(slice, at) : squaresWide(slice, at);
    if (wide == 0) addFew(slice, at, from, isSum);
    else for (let index: u32 = 0; index < count; index++) wideAddByte(wide, shift + index, u8At(from + 6 + index), negative);
  } else addFew(slice, at, from, isSum);
}

// @ts-ignore: decorator
@inline function add(slice: usize, at: usize, value: f64, isSum: bool): void {
  if (isSum) addValue(slice, at, value);
  else addPart(slice, at, value);
}

/** Adds the number in pieces of six bytes, each of which is a double. */
function addFew(slice: usize, at: usize, from: usize, isSum: bool): void {
  const negative = u8At(from + 1) != 0;
  const shift = <i32>u16At(from + 2);
  const count = u16At(from + 4);
  for (let index: u32 = 0; index < count; index += 6) {
    let piece: u64 = 0;
    for (let place: u32 = 0; place < 6 && index + place < count; place++) {
      piece |= <u64>u8At(from + 6 + index + place) << <u64>(8 * place);
    }
    if (piece == 0) continue;
    const value = scaled(<f64>piece, 8 * (shift + <i32>index) - 1074);
    // Beyond double, and no wide accumulator was left: the slice is flagged already.
    if (value - value == 0) add(slice, at, negative ? -value : value, isSum);
  }
}

/** value · 2^power, for a piece of 48 bits: in two steps, none of which is rounded. */
function scaled(value: f64, power: i32): f64 {
  const half = power >> 1;
  return value * powerOfTwo(half) * powerOfTwo(power - half);
}

/** 2^power, of a normal number. */
// @ts-ignore: decorator
@inline function powerOfTwo(power: i32): f64 { return reinterpret<f64>(<u64>(power + 1023) << 52); }
