// Σt, Σt² and Σt·x over the records that have x: what SLOPE is made of, besides the sum of x. A time of 62 bits is two
// doubles, its upper and its lower 31 bits, so that every product is exact. Times count from 1970 here and from the
// window's start when they are read: nothing is lost by it, and slices are merged by adding.
//   times         ┌ Σt as in sum.ts, 16 bytes ┬ Σt² as in squares.ts, 24 bytes ┐
//   time products ┌ Σt·x as in squares.ts, 24 bytes ┐
// Imports the exact sums, product and raw access.
import { f64At, i64At, u32At } from "../../memory/raw";
import { product, productLow } from "../../number/product";
import { addProduct } from "./products";
import { addSquaresTo, clearSquares, initSquares, mergeSquares } from "./squares";
import { addValue, clearSum, initSum, mergeSum, readScratch, readSum, sumLow } from "./sum";
import { scratchWide, wideAdd } from "./wide";

const SQUARES: usize = 16;

/** 2^31 */
const HALF: f64 = 2147483648.0;

// @ts-ignore: decorator
@inline function upper(time: i64): f64 { return <f64>(time >> 31) * HALF; }
// @ts-ignore: decorator
@inline function lower(time: i64): f64 { return <f64>(time & 0x7fffffff); }

export function initTimes(at: usize): void {
  initSum(at);
  initSquares(at + SQUARES);
}

export function addTimes(slices: usize, offset: u32, values: usize, from: u32, to: u32, times: usize): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice == 0 || value != value) continue;
    const at = slice + offset;
    const time = i64At(times + (<usize>row << 3));
    const high = upper(time);
    const low = lower(time);
    addValue(slice, at, high);
    addValue(slice, at, low);
    addProduct(slice, at + SQUARES, high, high);
    addProduct(slice, at + SQUARES, 2 * high, low);
    addProduct(slice, at + SQUARES, low, low);
  }
}

export function addTimeProducts(slices: usize, offset: u32, values: usize, from: u32, to: u32, times: usize): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice == 0 || value != value) continue;
    const time = i64At(times + (<usize>row << 3));
    addProduct(slice, slice + offset, upper(time), value);
    addProduct(slice, slice + offset, lower(time), value);
  }
}

export function mergeTimes(slice: usize, into: usize, from: usize): void {
  mergeSum(slice, into, from);
  mergeSquares(slice, into + SQUARES, from + SQUARES);
}

export function clearTimes(at: usize): void {
  clearSum(at);
  clearSquares(at + SQUARES);
}

function addExact(sum: usize, x: f64, y: f64): void {
  wideAdd(sum, product(x, y));
  wideAdd(sum, productLow);
}

/** Σ(t − start) rounded; what is left of it goes to sumLow of sum.ts. */
export function readTimes(at: usize, n: f64, start: i64): f64 {
  const high = readSum(at);
  const low = sumLow;
  const sum = scratchWide();
  wideAdd(sum, high);
  wideAdd(sum, low);
  addExact(sum, -n, upper(start));
  addExact(sum, -n, lower(start));
  return readScratch(sum);
}

/** Σ(t − start)², likewise: Σt² − 2·start·Σt + n·start². */
export function readTimeSquares(at: usize, n: f64, start: i64): f64 {
  const high = readSum(at);
  const low = sumLow;
  const from = upper(start);
  const rest = lower(start);
  const sum = scratchWide();
  addSquaresTo(sum, at + SQUARES);
  addExact(sum, -2 * from, high);
  addExact(sum, -2 * from, low);
  addExact(sum, -2 * rest, high);
  addExact(sum, -2 * rest, low);
  addScaled(sum, n, from, from);
  addScaled(sum, n, 2 * from, rest);
  addScaled(sum, n, rest, rest);
  return readScratch(sum);
}

/** Adds n·x·y. */
function addScaled(sum: usize, n: f64, x: f64, y: f64): void {
  const high = product(x, y);
  const low = productLow;
  addExact(sum, n, high);
  addExact(sum, n, low);
}

/** Σ(t − start)·x, likewise; `high` and `low` are Σx. */
export function readTimeProducts(at: usize, high: f64, low: f64, start: i64): f64 {
  const sum = scratchWide();
  addSquaresTo(sum, at);
  addExact(sum, -upper(start), high);
  addExact(sum, -upper(start), low);
  addExact(sum, -lower(start), high);
  addExact(sum, -lower(start), low);
  return readScratch(sum);
}
