// What depends on the order of the values: INCREASE, RATE, TIME_WEIGHTED_AVG, TIME_IN. Read from a SERIES; a value holds
// until the next one, the last one until the window's end; with `carry` what held before the window (carry.ts) until the first.
// Sums are exact, in the scratch accumulator. All answer NaN for NULL. Those whose name ends in Whole are of BIGINT.
// Imports series, places, the exact sums and product.
import { NULL_WHOLE } from "../../memory/raw";
import { product, productLow } from "../../number/product";
import { readScratch } from "../exact/sum";
import { addWholeValue, initWholeSum, readWholeSum } from "../exact/whole";
import { scratchWide, wideAdd, wideAddWhole } from "../exact/wide";
import { isPlaced, placedValue } from "../places";
import { beginSeries, entryTime, entryValue, entryWhole, nextEntry } from "./series";

/** Nanoseconds between the first and the last value that readIncrease saw. */
export let coveredNs: i64 = 0;

/** How much a counter has grown; where it falls it began again from 0. */
export function readIncrease(at: usize): f64 {
  beginSeries(at);
  if (!nextEntry()) return NaN;
  const first = entryTime;
  let before = entryValue;
  const sum = scratchWide();
  while (nextEntry()) {
    wideAdd(sum, entryValue);
    if (entryValue >= before) wideAdd(sum, -before);
    before = entryValue;
  }
  coveredNs = entryTime - first;
  return readScratch(sum);
}

const wholeSum = memory.data(16);

/** readIncrease of BIGINTs; NULL also when it is beyond BIGINT. */
export function readIncreaseWhole(at: usize): i64 {
  beginSeries(at);
  if (!nextEntry()) return NULL_WHOLE;
  let before = entryWhole;
  initWholeSum(wholeSum);
  addWholeValue(wholeSum, 0);
  while (nextEntry()) {
    addWholeValue(wholeSum, entryWhole);
    // A value is never the smallest i64, so its negative is one too.
    if (entryWhole >= before) addWholeValue(wholeSum, -before);
    before = entryWhole;
  }
  return readWholeSum(wholeSum);
}

/** The exact increase of BIGINTs as a double. */
function readIncreaseRounded(at: usize): f64 {
  beginSeries(at);
  if (!nextEntry()) return NaN;
  const first = entryTime;
  let before = entryWhole;
  const sum = scratchWide();
  while (nextEntry()) {
    wideAddWhole(sum, entryWhole);
    if (entryWhole >= before) wideAddWhole(sum, -before);
    before = entryWhole;
  }
  coveredNs = entryTime - first;
  return readScratch(sum);
}

/** The increase a second of the time between the first and the last value; NULL when there is none. */
export function readRate(at: usize, whole: bool): f64 {
  const increase = whole ? readIncreaseRounded(at) : readIncrease(at);
  if (increase != increase || coveredNs == 0) return NaN;
  return increase / (<f64>coveredNs / 1e9);
}

/** Values from here on are weighed as 2^-128 of themselves, so that no product is beyond double. About 2^896 */
const LARGE: f64 = 5e269;
/** 2^-128, 2^128 */
const SHRINK: f64 = 2.938735877055719e-39;
const STRETCH: f64 = 3.402823669209385e38;

/** Value that holds from `holdsFrom` on, until the next entry. */
let holding: f64 = 0;
let holdsFrom: i64 = 0;

/**
 * Begins with what holds first: what `held`, a LATEST state, has held since `start`, or without one (0 or empty) the first
 * value. False when there is none.
 */
function beginHolding(at: usize, start: i64, held: usize): bool {
  beginSeries(at);
  if (held != 0 && isPlaced(held)) {
    holding = placedValue(held);
    holdsFrom = start;
    return true;
  }
  if (!nextEntry()) return false;
  hold();
  return true;
}

function hold(): void {
  holding = entryValue;
  holdsFrom = entryTime;
}

function anyLarge(at: usize, start: i64, held: usize): bool {
  if (!beginHolding(at, start, held)) return false;
  if (Math.abs(holding) >= LARGE) return true;
  while (nextEntry()) if (Math.abs(entryValue) >= LARGE) return true;
  return false;
}

/** Mean over time in the window [start, end), from the first value on, or all of it with a held one. */
export function readWeighted(at: usize, start: i64, end: i64, held: usize): f64 {
  const large = anyLarge(at, start, held);
  if (!beginHolding(at, start, held)) return NaN;
  const first = holdsFrom;
  const sum = scratchWide();
  while (true) {
    const from = holdsFrom;
    const value = large ? holding * SHRINK : holding;
    const more = nextEntry();
    if (more) hold();
    addSpan(sum, value, (more ? holdsFrom : end) - from);
    if (!more) break;
  }
  const mean = readScratch(sum) / <f64>(end - first);
  return large ? mean * STRETCH : mean;
}

/** Adds value · ns, exactly: a span of 63 bits is two doubles. */
function addSpan(sum: usize, value: f64, ns: i64): void {
  const upper = <f64>(ns >> 31) * 2147483648.0;
  const lower = <f64>(ns & 0x7fffffff);
  wideAdd(sum, product(value, upper));
  wideAdd(sum, productLow);
  wideAdd(sum, product(value, lower));
  wideAdd(sum, productLow);
}

/** Seconds of the window [start, end) during which the values, 0 or 1, were 1. */
export function readTimeIn(at: usize, start: i64, end: i64, held: usize): f64 {
  if (!beginHolding(at, start, held)) return NaN;
  let ns: i64 = 0;
  while (true) {
    const from = holdsFrom;
    const isIn = holding != 0;
    const more = nextEntry();
    if (more) hold();
    if (isIn) ns += (more ? holdsFrom : end) - from;
    if (!more) return <f64>ns / 1e9;
  }
}
