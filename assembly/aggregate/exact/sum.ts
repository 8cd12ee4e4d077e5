// SUM: the exact sum of the values, rounded once when it is read. State, 16 bytes:
//   ┌ s f64 ┬ c f64 ┐   the sum is s + c exactly (double-double; Knuth's two-sum at each step)
// s = −0 says that no value came (values are never −0). As soon as a step loses a remainder the state moves to
// a wide accumulator, and c becomes a NaN whose low 32 bits are its address. When the pool has none left the
// remainder is dropped and the slice is flagged. Exact, so slices may be merged in any order.
// Method: Dekker 1971; Knuth, TAOCP 2, 4.2.2. Imports wide and raw access.
import { f64At, setF64, setU64, u32At, u64At, vectorAt } from "../../memory/raw";
import { RUN_BEGIN, RUN_BYTES, RUN_END, RUN_SLICE, runs } from "../runs";
import { flagInexact } from "../flag";
import { giveWide, scratchWide, takeWide, wideAdd, wideMerge, wideRound, wideShrink } from "./wide";

const SUM: usize = 0;
const CARRY: usize = 8;
const WIDE_TAG: u64 = 0x7ff8_0001;

/** Low part of the last sum read: the exact sum minus its rounded value, rounded. */
export let sumLow: f64 = 0;

export function initSum(at: usize): void {
  setF64(at + SUM, -0.0);
  setF64(at + CARRY, 0);
}

/** Address of the wide accumulator that the f64 at `at` stands for, or 0. */
// @ts-ignore: decorator
@inline export function wideOf(at: usize): usize {
  const bits = u64At(at);
  return bits >> 32 == WIDE_TAG ? <usize>(<u32>bits) : 0;
}

export function setWide(at: usize, wide: usize): void {
  setU64(at, (WIDE_TAG << 32) | <u64>wide);
}

export function addSum(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice != 0 && value == value) addValue(slice, slice + offset, value);
  }
}

// @ts-ignore: decorator
@inline export function addValue(slice: usize, at: usize, value: f64): void {
  const sum = f64At(at + SUM);
  const carry = f64At(at + CARRY);
  const next = sum + value;
  const seen = next - sum;
  const rest = (sum - (next - seen)) + (value - seen);
  const nextCarry = carry + rest;
  const seenCarry = nextCarry - carry;
  const lost = (carry - (nextCarry - seenCarry)) + (rest - seenCarry);
  if (lost == 0) {
    setF64(at + SUM, next);
    setF64(at + CARRY, nextCarry);
  } else addWide(slice, at, value, next, nextCarry);
}

/**
 * addSum, run by run: the even and the odd values in a chain each, since a step waits for the one before it. The sum is
 * exact, so that the order does not show.
 */
export function addSumRuns(count: u32, offset: u32, values: usize): void {
  for (let run = runs; run < runs + <usize>count * RUN_BYTES; run += RUN_BYTES) {
    const slice = <usize>u32At(run + RUN_SLICE);
    const end = values + (<usize>u32At(run + RUN_END) << 3);
    let at = values + (<usize>u32At(run + RUN_BEGIN) << 3);
    if (ASC_FEATURE_SIMD) at = addVectors(slice, slice + offset, at, end);
    at = addPairs(slice, slice + offset, at, end);
    for (; at < end; at += 8) {
      const value = f64At(at);
      if (value == value) addValue(slice, slice + offset, value);
    }
  }
}

/**
 * As addPairs, its two chains the lanes of vectors, for values of which none is NULL and no step loses a remainder: which
 * is seen behind the last one, and then nothing is added and `at` comes back.
 */
function addVectors(slice: usize, state: usize, at: usize, end: usize): usize {
  if (at + 16 > end) return at;
  let here = at;
  let sums = f64x2.replace_lane(f64x2.splat(0), 0, f64At(state + SUM));
  let carries = f64x2.replace_lane(f64x2.splat(0), 0, f64At(state + CARRY));
  let losses = i64x2.splat(0);
  for (; here + 16 <= end; here += 16) {
    const pair = vectorAt(here);
    const next = f64x2.add(sums, pair);
    const seen = f64x2.sub(next, sums);
    const rest = f64x2.add(f64x2.sub(sums, f64x2.sub(next, seen)), f64x2.sub(pair, seen));
    const nextCarry = f64x2.add(carries, rest);
    const seenCarry = f64x2.sub(nextCarry, carries);
    const lost = f64x2.add(f64x2.sub(carries, f64x2.sub(nextCarry, seenCarry)), f64x2.sub(rest, seenCarry));
    // Nothing lost is +0, whose bits are none.
    losses = v128.or(losses, lost);
    sums = next;
    carries = nextCarry;
  }
  if (v128.any_true(losses)) return at;
  setF64(state + SUM, f64x2.extract_lane(sums, 0));
  setF64(state + CARRY, f64x2.extract_lane(carries, 0));
  addValue(slice, state, f64x2.extract_lane(sums, 1));
  const carry = f64x2.extract_lane(carries, 1);
  if (carry != 0) addValue(slice, state, carry);
  return here;
}

/** Adds values from `at` on, two at a time, up to a NULL or a lost remainder; returns the first that is not added. */
function addPairs(slice: usize, state: usize, at: usize, end: usize): usize {
  let here = at;
  let sum = f64At(state + SUM);
  let carry = f64At(state + CARRY);
  let otherSum: f64 = 0;
  let otherCarry: f64 = 0;
  for (; here + 8 < end; here += 16) {
    const value = f64At(here);
    const next = sum + value;
    const seen = next - sum;
    const rest = (sum - (next - seen)) + (value - seen);
    const nextCarry = carry + rest;
    const seenCarry = nextCarry - carry;
    const lost = (carry - (nextCarry - seenCarry)) + (rest - seenCarry);
    const other = f64At(here + 8);
    const otherNext = otherSum + other;
    const otherSeen = otherNext - otherSum;
    const otherRest = (otherSum - (otherNext - otherSeen)) + (other - otherSeen);
    const otherNextCarry = otherCarry + otherRest;
    const otherSeenCarry = otherNextCarry - otherCarry;
    const otherLost = (otherCarry - (otherNextCarry - otherSeenCarry)) + (otherRest - otherSeenCarry);
    // NaN, of a NULL or a wide state, is not 0 either.
    if (lost != 0 || otherLost != 0) break;
    sum = next;
    carry = nextCarry;
    otherSum = otherNext;
    otherCarry = otherNextCarry;
  }
  // A wide state stays as it is: its carry is an address, which a move as a number might change.
  if (here == at) return at;
  setF64(state + SUM, sum);
  setF64(state + CARRY, carry);
  addValue(slice, state, otherSum);
  if (otherCarry != 0) addValue(slice, state, otherCarry);
  return here;
}

/** The step lost a remainder (or the state is wide already: then everything above is NaN). */
function addWide(slice: usize, at: usize, value: f64, next: f64, nextCarry: f64): void {
  let wide = wideOf(at + CARRY);
  if (wide == 0) {
    wide = takeWide();
    if (wide == 0) {
      flagInexact(slice);
      setF64(at + SUM, next);
      setF64(at + CARRY, nextCarry == nextCarry ? nextCarry : 0);
      return;
    }
    wideAdd(wide, f64At(at + SUM));
    wideAdd(wide, f64At(at + CARRY));
    setF64(at + SUM, 0);
    setWide(at + CARRY, wide);
  }
  wideAdd(wide, value);
}

export function mergeSum(slice: usize, into: usize, from: usize): void {
  const wide = wideOf(from + CARRY);
  if (wide == 0) {
    const sum = f64At(from + SUM);
    if (reinterpret<u64>(sum) == 0x8000000000000000) return;
    addValue(slice, into, sum);
    if (f64At(from + CARRY) != 0) addValue(slice, into, f64At(from + CARRY));
    return;
  }
  const target = sumWide(slice, into);
  if (target != 0) wideMerge(target, wide);
  else addValue(slice, into, wideRound(wide));
}

/** The state's wide accumulator, made if need be; 0 and the slice flagged when the pool has none left. */
export function sumWide(slice: usize, at: usize): usize {
  let wide = wideOf(at + CARRY);
  if (wide != 0) return wide;
  wide = takeWide();
  if (wide == 0) {
    flagInexact(slice);
    return 0;
  }
  wideAdd(wide, f64At(at + SUM));
  wideAdd(wide, f64At(at + CARRY));
  setF64(at + SUM, 0);
  setWide(at + CARRY, wide);
  return wide;
}

export function clearSum(at: usize): void {
  const wide = wideOf(at + CARRY);
  if (wide != 0) giveWide(wide);
}

/** True while no value came. */
export function sumIsEmpty(at: usize): bool {
  return u64At(at + SUM) == 0x8000000000000000;
}

/** The exact sum rounded to nearest even; what is left of it goes to sumLow. NaN or ±∞ when not finite. */
export function readSum(at: usize): f64 {
  const wide = wideOf(at + CARRY);
  if (wide != 0) return readWide(wide);
  const sum = f64At(at + SUM);
  const carry = f64At(at + CARRY);
  const high = sum + carry;
  const seen = high - sum;
  sumLow = (sum - (high - seen)) + (carry - seen);
  return high;
}

/** readSum of 2^-64 of the sum: for one that is beyond double, or nearly. */
export function readSmallerSum(at: usize): f64 {
  const copy = scratchWide();
  addSumTo(copy, at);
  wideShrink(copy);
  return readScratch(copy);
}

/** Adds the state's sum to a wide accumulator. */
export function addSumTo(sum: usize, at: usize): void {
  const wide = wideOf(at + CARRY);
  if (wide != 0) {
    wideMerge(sum, wide);
  } else {
    wideAdd(sum, f64At(at + SUM));
    wideAdd(sum, f64At(at + CARRY));
  }
}

/** Rounds a wide accumulator to a double and what is left of it to sumLow. */
function readWide(wide: usize): f64 {
  const copy = scratchWide();
  wideMerge(copy, wide);
  return readScratch(copy);
}

/** The same for the scratch accumulator, which is used up by it. */
export function readScratch(scratch: usize): f64 {
  const high = wideRound(scratch);
  sumLow = 0;
  if (high - high != 0) return high;
  wideAdd(scratch, -high);
  sumLow = wideRound(scratch);
  return high;
}
