// Σx²: what variances are made of, besides Σx and the count. Each square is split into two doubles without
// loss (Veltkamp's split, Dekker's product) and both go into an exact sum. State, 24 bytes:
//   ┌ a f64 ┬ b f64 ┬ c f64 ┐   the sum is a + b + c exactly; or c is a wide accumulator, as in sum.ts
// Three doubles hold 159 bits: the squares of ordinary readings fit. Imports sum, wide and raw access.
import { f64At, setF64, u32At } from "../../memory/raw";
import { product, productLow } from "../../number/product";
import { flagInexact } from "../flag";
import { readScratch, setWide, wideOf } from "./sum";
import { giveWide, scratchWide, takeWide, wideAdd, wideMerge, wideRound } from "./wide";

const A: usize = 0;
const B: usize = 8;
const C: usize = 16;

export function initSquares(at: usize): void {
  setF64(at + A, 0);
  setF64(at + B, 0);
  setF64(at + C, 0);
}

export function addSquares(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice == 0 || value != value) continue;
    const high = product(value, value);
    const low = productLow;
    addPart(slice, slice + offset, high);
    if (low != 0) addPart(slice, slice + offset, low);
  }
}

/** Adds one double to a sum that is held like this one; exactly. */
export function addPart(slice: usize, at: usize, value: f64): void {
  const a = f64At(at + A);
  const b = f64At(at + B);
  const c = f64At(at + C);
  const nextA = a + value;
  const seenA = nextA - a;
  const restA = (a - (nextA - seenA)) + (value - seenA);
  const nextB = b + restA;
  const seenB = nextB - b;
  const restB = (b - (nextB - seenB)) + (restA - seenB);
  const nextC = c + restB;
  const seenC = nextC - c;
  const lost = (c - (nextC - seenC)) + (restB - seenC);
  if (lost == 0) {
    setF64(at + A, nextA);
    setF64(at + B, nextB);
    setF64(at + C, nextC);
    return;
  }
  const wide = squaresWide(slice, at);
  if (wide != 0) {
    wideAdd(wide, value);
    return;
  }
  setF64(at + A, nextA);
  setF64(at + B, nextB);
  setF64(at + C, nextC == nextC ? nextC : 0);
}

/** The state's wide accumulator, made if need be; 0 and the slice flagged when the pool has none left. */
export function squaresWide(slice: usize, at: usize): usize {
  let wide = wideOf(at + C);
  if (wide != 0) return wide;
  wide = takeWide();
  if (wide == 0) {
    flagInexact(slice);
    return 0;
  }
  wideAdd(wide, f64At(at + A));
  wideAdd(wide, f64At(at + B));
  wideAdd(wide, f64At(at + C));
  setF64(at + A, 0);
  setF64(at + B, 0);
  setWide(at + C, wide);
  return wide;
}

export function mergeSquares(slice: usize, into: usize, from: usize): void {
  const wide = wideOf(from + C);
  if (wide == 0) {
    if (f64At(from + A) != 0) addPart(slice, into, f64At(from + A));
    if (f64At(from + B) != 0) addPart(slice, into, f64At(from + B));
    if (f64At(from + C) != 0) addPart(slice, into, f64At(from + C));
    return;
  }
  const target = squaresWide(slice, into);
  if (target != 0) wideMerge(target, wide);
  else addPart(slice, into, wideRound(wide));
}

export function clearSquares(at: usize): void {
  const wide = wideOf(at + C);
  if (wide != 0) giveWide(wide);
}

/** Σx² rounded; what is left of it goes to sumLow of sum.ts. */
export function readSquares(at: usize): f64 {
  const sum = scratchWide();
  addSquaresTo(sum, at);
  return readScratch(sum);
}

/** Adds the state's sum to a wide accumulator. */
export function addSquaresTo(sum: usize, at: usize): void {
  const wide = wideOf(at + C);
  if (wide != 0) {
    wideMerge(sum, wide);
  } else {
    wideAdd(sum, f64At(at + A));
    wideAdd(sum, f64At(at + B));
    wideAdd(sum, f64At(at + C));
  }
}
