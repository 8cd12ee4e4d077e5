// MIN and MAX. A BOOLEAN is 0 or 1; texts have states of their own, an id each, NaN while none came. State of each: f64, 8 bytes, +∞ or −∞ while no value came. Exact in any order.
// NULL is NaN, which compares as false and so is skipped without a test. Imports raw access.
import { STATE_MIN_TEXT } from "../layout";
import { textIsLess } from "../memory/dictionary";
import { f64At, setF64, u32At } from "../memory/raw";

export function addMin(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice != 0 && value < f64At(slice + offset)) setF64(slice + offset, value);
  }
}

export function addMax(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice != 0 && value > f64At(slice + offset)) setF64(slice + offset, value);
  }
}

/** addMin, for rows of which many in a row go to one slice: its cell is read and written once for them. */
export function addMinRuns(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  let row = from;
  while (row < to) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    let least = slice == 0 ? <f64>0 : f64At(slice + offset);
    do {
      const value = f64At(values + (<usize>row << 3));
      if (value < least) least = value;
      row++;
    } while (row < to && u32At(slices + (<usize>row << 2)) == <u32>slice);
    if (slice != 0) setF64(slice + offset, least);
  }
}

/** addMax, likewise. */
export function addMaxRuns(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  let row = from;
  while (row < to) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    let most = slice == 0 ? <f64>0 : f64At(slice + offset);
    do {
      const value = f64At(values + (<usize>row << 3));
      if (value > most) most = value;
      row++;
    } while (row < to && u32At(slices + (<usize>row << 2)) == <u32>slice);
    if (slice != 0) setF64(slice + offset, most);
  }
}

export function mergeMin(into: usize, from: usize): void {
  if (f64At(from) < f64At(into)) setF64(into, f64At(from));
}

export function mergeMax(into: usize, from: usize): void {
  if (f64At(from) > f64At(into)) setF64(into, f64At(from));
}

// @ts-ignore: decorator
@inline function takeText(kind: u32, at: usize, value: f64): void {
  const best = f64At(at);
  if (best == best) {
    const better = kind == STATE_MIN_TEXT ? textIsLess(<u32>value, <u32>best) : textIsLess(<u32>best, <u32>value);
    if (!better) return;
  }
  setF64(at, value);
}

/** `values` are ids as doubles. */
export function addText(kind: u32, slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice != 0 && value == value) takeText(kind, slice + offset, value);
  }
}

export function mergeText(kind: u32, into: usize, from: usize): void {
  if (f64At(from) == f64At(from)) takeText(kind, into, f64At(from));
}
