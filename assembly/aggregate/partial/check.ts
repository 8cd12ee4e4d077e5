// Whether bytes are a partial of what a column is declared to hold: nothing that merge.ts reads may be beyond its bytes,
// or be what no state could hold. Takes texts into the dictionary. Imports layout, memory, exact and value.
import {
  COUNT_BITS, PARTIAL_BYTES_MAX, PARTIAL_HEAD_BYTES, PARTIAL_MARK, PARTIAL_VERSION, PARTS_BYTES, PARTS_CELLS,
  PARTS_HEAD_BYTES, PARTS_HIGH, PARTS_KIND, PARTS_LOW, PARTS_SECOND, PARTS_TYPE, PART_COUNT, PART_EARLIEST, PART_FIRST,
  PART_HEAD_BYTES, PART_HISTOGRAM, PART_LAST, PART_LATEST, PART_MAX, PART_MAX_BY, PART_MIN, PART_MIN_BY, PART_OVER,
  PART_PRODUCTS, PART_REGISTERS, PART_SERIES, PART_SKETCH, PART_SPAN, PART_SQUARES, PART_SUM, PART_TIMES,
  PART_TIME_PRODUCTS, PART_VALUES, EXACT_NOT_FINITE, QUANTILE_BUCKETS_MAX, REGISTERS_SPARSE_MAX, TIME_BITS,
  VALUES_MAX, VALUE_BIGINT,
} from "../../layout";
import { f64At, i32At, i64At, u16At, u32At, u8At } from "../../memory/raw";
import { exactBytes } from "./exact";
import { beginTexts, textsFit, valueBytes } from "./value";

export const DAMAGED: u32 = 0;
export const SOUND: u32 = 1;
/** Sound, but the dictionary has no room for its texts. */
export const NO_ROOM: u32 = 2;

const REGISTERS: usize = 4096;
const RANK_MAX: u32 = 53;
/** Buckets: sign, exponent, six bits. */
const BUCKET_END: i32 = 2047 << 6;

/** Flags of the partial's sums, before the first one. */
const UNKNOWN: u32 = 255;

// @ts-ignore: decorator
@inline function isSum(kind: u32): bool {
  return kind >= <u32>PART_SUM && kind <= <u32>PART_TIME_PRODUCTS;
}

/** True for parts that have a bound of their own. */
// @ts-ignore: decorator
@inline function isBounded(kind: u32): bool {
  return kind >= <u32>PART_SKETCH && kind <= <u32>PART_SERIES;
}

/** Checks `length` bytes against a list of PARTS_* structs. */
export function checkPartial(parts: usize, at: usize, length: u32): u32 {
  const count = u32At(parts);
  if (length < <u32>PARTIAL_HEAD_BYTES || length > <u32>PARTIAL_BYTES_MAX) return DAMAGED;
  if (u16At(at) != PARTIAL_MARK || u8At(at + 2) != PARTIAL_VERSION || u8At(at + 3) != count) return DAMAGED;
  beginTexts();
  const end = at + length;
  let sums = UNKNOWN;
  let here = at + PARTIAL_HEAD_BYTES;
  let part = parts + PARTS_HEAD_BYTES;
  for (let left = count; left > 0; left--) {
    if (end - here < <usize>PART_HEAD_BYTES) return DAMAGED;
    if (u8At(here) != u32At(part + PARTS_KIND) || u8At(here + 1) != u32At(part + PARTS_TYPE)) return DAMAGED;
    const flags = u8At(here + 2);
    if ((flags & ~(<u32>PART_OVER)) != 0 || u8At(here + 3) != 0) return DAMAGED;
    if (isSum(u8At(here))) {
      // What is said of one sum of a slice is said of all.
      if (sums != UNKNOWN && sums != flags) return DAMAGED;
      sums = flags;
    } else if (flags != 0 && !isBounded(u8At(here))) return DAMAGED;
    const bytes = <usize>u32At(here + 4);
    here += PART_HEAD_BYTES;
    if (end - here < bytes) return DAMAGED;
    if (contentEnd(part, here, here + bytes) != here + bytes) return DAMAGED;
    here += bytes;
    part += PARTS_BYTES;
  }
  if (here != end) return DAMAGED;
  return textsFit ? SOUND : NO_ROOM;
}

// @ts-ignore: decorator
@inline function isCount(value: i64): bool { return <u64>value >> COUNT_BITS == 0; }

function isTime(value: i64): bool {
  const limit: i64 = (<i64>1) << TIME_BITS;
  return value >= -limit && value <= limit;
}

/** Address behind a part's content, or 0 when it is damaged. */
function contentEnd(part: usize, at: usize, end: usize): usize {
  const kind = u32At(part + PARTS_KIND);
  const type = u32At(part + PARTS_TYPE);
  const left = end - at;
  switch (kind) {
    case PART_COUNT: return left >= 8 && isCount(i64At(at)) ? at + 8 : 0;
    case PART_SUM:
      return type == VALUE_BIGINT ? wholeEnd(at, end) : exactEnd(at, end, false);
    case PART_SQUARES:
    case PART_PRODUCTS:
    case PART_TIME_PRODUCTS: return exactEnd(at, end, true);
    case PART_TIMES: {
      const second = wholeNumberEnd(at, end);
      return second == 0 ? 0 : wholeNumberEnd(second, end);
    }
    case PART_HISTOGRAM: return binsEnd(part, at, end);
    case PART_SKETCH: return bucketsEnd(at, end);
    case PART_VALUES: return listEnd(at, end, type);
    case PART_REGISTERS: return ranksEnd(at, end);
    case PART_SERIES: return entriesEnd(at, end, type, u32At(part + PARTS_CELLS));
    default:
      if (left < 1 || u8At(at) > 1) return 0;
      return u8At(at) == 0 ? at + 1 : singleEnd(kind, at + 1, end, type, u32At(part + PARTS_SECOND));
  }
}

function exactEnd(at: usize, end: usize, mayOverflow: bool): usize {
  const bytes = exactBytes(at, end);
  return bytes == 0 || (!mayOverflow && u8At(at) == EXACT_NOT_FINITE) ? 0 : at + bytes;
}

/** Sums of times have nothing behind the point. */
function wholeNumberEnd(at: usize, end: usize): usize {
  const after = exactEnd(at, end, false);
  if (after <= at + 6) return after;
  const shift = u16At(at + 2);
  return shift > 134 || (shift == 134 && (u8At(at + 6) & 3) == 0) ? after : 0;
}

/** A sum of BIGINTs is far from the ends of 128 bits. */
function wholeEnd(at: usize, end: usize): usize {
  if (end - at < 1 || u8At(at) > 1) return 0;
  if (u8At(at) == 0) return at + 1;
  if (end - at < 17) return 0;
  const high = i64At(at + 9);
  return high >> COUNT_BITS == 0 || high >> COUNT_BITS == -1 ? at + 17 : 0;
}

function singleEnd(kind: u32, at: usize, end: usize, type: u32, second: u32): usize {
  const left = end - at;
  let value = at;
  switch (kind) {
    case PART_MIN:
    case PART_MAX: break;
    case PART_SPAN:
      return left >= 16 && isTime(i64At(at)) && isTime(i64At(at + 8)) && i64At(at) <= i64At(at + 8) ? at + 16 : 0;
    case PART_FIRST:
    case PART_LAST:
      if (left < 8 || !isCount(i64At(at))) return 0;
      value = at + 8;
      break;
    case PART_EARLIEST:
    case PART_LATEST:
      if (left < 16 || !isCount(i64At(at)) || !isTime(i64At(at + 8))) return 0;
      value = at + 16;
      break;
    case PART_MIN_BY:
    case PART_MAX_BY:
      if (left < 17 || !isCount(i64At(at)) || u8At(at + 8) != second) return 0;
      if (valueBytes(at + 9, end, second) == 0) return 0;
      value = at + 17;
      break;
    default: return 0;
  }
  const bytes = valueBytes(value, end, type);
  return bytes == 0 ? 0 : value + bytes;
}

function binsEnd(part: usize, at: usize, end: usize): usize {
  const bins = u32At(part + PARTS_CELLS);
  const bytes: usize = 20 + ((<usize>bins + 2) << 3);
  if (end - at < bytes || u32At(at) != bins) return 0;
  if (f64At(at + 4) != f64At(part + PARTS_LOW) || f64At(at + 12) != f64At(part + PARTS_HIGH)) return 0;
  for (let here = at + 20; here < at + bytes; here += 8) if (!isCount(i64At(here))) return 0;
  return at + bytes;
}

function bucketsEnd(at: usize, end: usize): usize {
  if (end - at < 4) return 0;
  const count = u32At(at);
  if (count > <u32>QUANTILE_BUCKETS_MAX || end - at - 4 < <usize>count << 3) return 0;
  let before = i32.MIN_VALUE;
  let here = at + 4;
  for (let left = count; left > 0; left--) {
    const bucket = i32At(here);
    if (bucket <= before || bucket >= BUCKET_END || bucket < -BUCKET_END || u32At(here + 4) == 0) return 0;
    before = bucket;
    here += 8;
  }
  return here;
}

function listEnd(at: usize, end: usize, type: u32): usize {
  if (end - at < 4 || u32At(at) > <u32>VALUES_MAX) return 0;
  let here = at + 4;
  for (let left = u32At(at); left > 0; left--) {
    if (end - here < 8 || !isCount(i64At(here)) || i64At(here) == 0) return 0;
    const bytes = valueBytes(here + 8, end, type);
    if (bytes == 0) return 0;
    here += 8 + bytes;
  }
  return here;
}

function ranksEnd(at: usize, end: usize): usize {
  if (end - at < 1 || u8At(at) > 1) return 0;
  if (u8At(at) == 1) {
    if (end - at - 1 < REGISTERS) return 0;
    for (let here = at + 1; here <= at + REGISTERS; here++) if (u8At(here) > RANK_MAX) return 0;
    return at + 1 + REGISTERS;
  }
  if (end - at < 3) return 0;
  const count = <usize>u16At(at + 1);
  if (count > <usize>REGISTERS_SPARSE_MAX || end - at - 3 < count * 3) return 0;
  let before: i32 = -1;
  let here = at + 3;
  for (let left = count; left > 0; left--) {
    const register = <i32>u16At(here);
    const rank = u8At(here + 2);
    if (register <= before || register >= <i32>REGISTERS || rank == 0 || rank > RANK_MAX) return 0;
    before = register;
    here += 3;
  }
  return here;
}

function entriesEnd(at: usize, end: usize, type: u32, most: u32): usize {
  if (end - at < 4 || u32At(at) > most) return 0;
  let here = at + 4;
  let before = i64.MIN_VALUE;
  for (let left = u32At(at); left > 0; left--) {
    if (end - here < 16 || !isTime(i64At(here)) || i64At(here) < before || !isCount(i64At(here + 8))) return 0;
    before = i64At(here);
    const bytes = valueBytes(here + 16, end, type);
    if (bytes == 0) return 0;
    here += 16 + bytes;
  }
  return here;
}
