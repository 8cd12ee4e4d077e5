// The wide accumulator: an exact sum of doubles of any exponents, for the groups whose sum does not fit a few
// doubles. A fixed-point number in limbs of 32 bits, each kept in an i64 so that carries are settled rarely:
//   ┌ adds since carry u32 ┬ not finite u32 ┬ 70 limbs i64: value = Σ limb[i] · 2^(32·i − 1074) ┐  568 bytes
// Method: R. Neal, "Fast exact summation using small and large superaccumulators" (2015), the small one.
// Blocks come from the pool. Exact in any order; merged by adding limbs. Imports memory.
import { give, take } from "../../memory/pool";
import { addI64, i64At, setI64, setU32, u32At } from "../../memory/raw";
import { align } from "../../memory/regions";

const ADDS: usize = 0;
const NOT_FINITE: usize = 4;
const LIMBS: usize = 8;
const LIMB_COUNT: i32 = 70;
const WIDE_BYTES: usize = 568;
/** A limb gains less than 2^32 with an add, so this many are safe before carries must be settled. */
const ADDS_MAX: u32 = 1 << 29;

let freeList: usize = 0;
let scratch: usize = 0;

/** Places the free list's head and the scratch accumulator at `base`; returns the first byte behind. */
export function openWide(base: usize): usize {
  freeList = base;
  setU32(freeList, 0);
  scratch = base + 64;
  return align(scratch + WIDE_BYTES);
}

/** A cleared accumulator, or 0 when the pool is used up. */
export function takeWide(): usize {
  const at = take(freeList, WIDE_BYTES);
  if (at != 0) memory.fill(at, 0, WIDE_BYTES);
  return at;
}

export function giveWide(at: usize): void {
  give(freeList, at);
}

/** The accumulator that results are read through, cleared; valid until the next call. */
export function scratchWide(): usize {
  memory.fill(scratch, 0, WIDE_BYTES);
  return scratch;
}

/** Adds one double, exactly; a value that is not finite makes the sum not finite. */
export function wideAdd(at: usize, value: f64): void {
  const bits = reinterpret<u64>(value);
  const exponent = <i32>((bits >> 52) & 0x7ff);
  if (exponent == 0x7ff) {
    setU32(at + NOT_FINITE, 1);
    return;
  }
  let mantissa = bits & 0xfffffffffffff;
  let position = 0;
  if (exponent != 0) {
    mantissa |= 0x10000000000000;
    position = exponent - 1;
  }
  if (mantissa == 0) return;
  const shift = <u64>(position & 31);
  const limb = at + LIMBS + (<usize>(position >> 5) << 3);
  const low = <i64>((mantissa << shift) & 0xffffffff);
  const middle = <i64>((mantissa >> (32 - shift)) & 0xffffffff);
  const high = shift == 0 ? <i64>0 : <i64>(mantissa >> (64 - shift));
  if (<i64>bits >= 0) {
    addI64(limb, low);
    addI64(limb + 8, middle);
    addI64(limb + 16, high);
  } else {
    addI64(limb, -low);
    addI64(limb + 8, -middle);
    addI64(limb + 16, -high);
  }
  const adds = u32At(at + ADDS) + 1;
  setU32(at + ADDS, adds);
  if (adds >= ADDS_MAX) settle(at);
}

/** Adds a whole number, exactly: its halves are doubles. */
export function wideAddWhole(at: usize, value: i64): void {
  wideAdd(at, <f64>(value >> 32) * 4294967296.0);
  wideAdd(at, <f64>(value & 0xffffffff));
}

/** Adds another accumulator. */
export function wideMerge(into: usize, from: usize): void {
  settle(into);
  settle(from);
  for (let index = 0; index < LIMB_COUNT; index++) {
    const offset = LIMBS + (<usize>index << 3);
    addI64(into + offset, i64At(from + offset));
  }
  setU32(into + ADDS, 2);
  if (u32At(from + NOT_FINITE) != 0) setU32(into + NOT_FINITE, 1);
}

/** Makes the sum 2^-64 of itself, floored to a whole number of 2^-1074. */
export function wideShrink(at: usize): void {
  settle(at);
  const limbs = at + LIMBS;
  memory.copy(limbs, limbs + 16, <usize>(LIMB_COUNT - 2) << 3);
  memory.fill(limbs + (<usize>(LIMB_COUNT - 2) << 3), 0, 16);
}

/** Settles carries: every limb but the last lies in [0, 2^32); the last carries the sign. */
function settle(at: usize): void {
  let carry: i64 = 0;
  for (let index = 0; index < LIMB_COUNT - 1; index++) {
    const limb = at + LIMBS + (<usize>index << 3);
    const value = i64At(limb) + carry;
    carry = value >> 32;
    setI64(limb, value & 0xffffffff);
  }
  addI64(at + LIMBS + (<usize>(LIMB_COUNT - 1) << 3), carry);
  setU32(at + ADDS, 0);
}

/** The sum rounded once to nearest even; NaN when something not finite was added, ±∞ beyond double. */
export function wideRound(at: usize): f64 {
  if (u32At(at + NOT_FINITE) != 0) return NaN;
  settle(at);
  const negative = i64At(at + LIMBS + (<usize>(LIMB_COUNT - 1) << 3)) < 0;
  if (negative) negate(at);
  const magnitude = roundMagnitude(at);
  if (negative) negate(at);
  return negative ? -magnitude : magnitude;
}

/** Bytes that a sum has, at most. */
export const WIDE_BYTES_COUNT: i32 = 4 * LIMB_COUNT;

export function wideIsFinite(at: usize): bool { return u32At(at + NOT_FINITE) == 0; }

/** Makes the sum its size, for wideByte; true when it was below zero. */
export function wideSize(at: usize): bool {
  settle(at);
  const negative = i64At(at + LIMBS + (<usize>(LIMB_COUNT - 1) << 3)) < 0;
  if (negative) negate(at);
  return negative;
}

/** Byte `index` of a sum's size, from the one of 2^-1074 on. */
export function wideByte(at: usize, index: i32): u32 {
  return <u32>(limbAt(at, index >> 2) >> <u64>((index & 3) << 3)) & 255;
}

/** Adds byte · 2^(8 · index − 1074), or takes it away. */
export function wideAddByte(at: usize, index: u32, byte: u32, negative: bool): void {
  const value = <i64>byte << <i64>((index & 3) << 3);
  addI64(at + LIMBS + (<usize>(index >> 2) << 3), negative ? -value : value);
  const adds = u32At(at + ADDS) + 1;
  setU32(at + ADDS, adds);
  if (adds >= ADDS_MAX) settle(at);
}

function negate(at: usize): void {
  for (let index = 0; index < LIMB_COUNT; index++) {
    const limb = at + LIMBS + (<usize>index << 3);
    setI64(limb, -i64At(limb));
  }
  settle(at);
}

// @ts-ignore: decorator
@inline function limbAt(at: usize, index: i32): u64 {
  return index < 0 ? 0 : <u64>i64At(at + LIMBS + (<usize>index << 3));
}

/** Rounds settled limbs that hold a number ≥ 0. */
function roundMagnitude(at: usize): f64 {
  let top = LIMB_COUNT - 1;
  while (top >= 0 && limbAt(at, top) == 0) top--;
  if (top < 0) return 0;
  const width = 32 - <i32>clz<u32>(<u32>limbAt(at, top));
  // The number's highest bit stands at 2^(highest − 1074); a double keeps bits from `lowest` on.
  const highest = 32 * top + width - 1;
  if (highest <= 52) return reinterpret<f64>((limbAt(at, 1) << 32) | limbAt(at, 0));
  const lowest = highest - 52;
  let mantissa = bitsFrom(at, lowest);
  const below = lowest - 1;
  const half = (limbAt(at, below >> 5) >> <u64>(below & 31)) & 1;
  if (half != 0 && ((mantissa & 1) != 0 || anyBelow(at, below))) mantissa++;
  let exponent = highest - 51;
  if (mantissa == 0x20000000000000) {
    mantissa >>= 1;
    exponent++;
  }
  if (exponent >= 0x7ff) return Infinity;
  return reinterpret<f64>((<u64>exponent << 52) | (mantissa & 0xfffffffffffff));
}

/** 53 bits from bit `lowest` upwards. */
function bitsFrom(at: usize, lowest: i32): u64 {
  const index = lowest >> 5;
  const shift = <u64>(lowest & 31);
  let bits = limbAt(at, index) >> shift;
  bits |= limbAt(at, index + 1) << (32 - shift);
  if (index + 2 < LIMB_COUNT && shift != 0) bits |= limbAt(at, index + 2) << (64 - shift);
  return bits & 0x1fffffffffffff;
}

function anyBelow(at: usize, bit: i32): bool {
  const index = bit >> 5;
  if ((limbAt(at, index) & (((<u64>1) << <u64>(bit & 31)) - 1)) != 0) return true;
  for (let lower = index - 1; lower >= 0; lower--) if (limbAt(at, lower) != 0) return true;
  return false;
}
