// MIN and MAX. State of each: f64, 8 bytes, +∞ or −∞ while no value came. A BOOLEAN is 0 or 1; texts have states of their
// own, an id each, NaN while none came; a BIGINT is kept as i64, NULL while none came. Exact in any order.
// NULL is NaN, which compares as false and so is skipped without a test. Imports raw access.
import { STATE_MIN_TEXT } from "../layout";
import { textIsLess } from "../memory/dictionary";
import { NULL_WHOLE, f64At, i64At, setF64, setI64, u32At, vectorAt } from "../memory/raw";
import { RUN_BEGIN, RUN_BYTES, RUN_END, RUN_SLICE, runs } from "./runs";

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

/** addMin, run by run. */
export function addMinRuns(count: u32, offset: u32, values: usize): void {
  for (let run = runs; run < runs + <usize>count * RUN_BYTES; run += RUN_BYTES) {
    const end = values + (<usize>u32At(run + RUN_END) << 3);
    const cell = <usize>u32At(run + RUN_SLICE) + offset;
    let at = values + (<usize>u32At(run + RUN_BEGIN) << 3);
    let least = f64At(cell);
    if (ASC_FEATURE_SIMD) {
      let both = f64x2.splat(least);
      let others = both;
      for (; at + 32 <= end; at += 32) {
        both = f64x2.pmin(both, vectorAt(at));
        others = f64x2.pmin(others, vectorAt(at + 16));
      }
      both = f64x2.pmin(both, others);
      least = f64x2.extract_lane(both, 0);
      if (f64x2.extract_lane(both, 1) < least) least = f64x2.extract_lane(both, 1);
    }
    for (; at < end; at += 8) {
      if (f64At(at) < least) least = f64At(at);
    }
    setF64(cell, least);
  }
}

/** addMax, likewise. */
export function addMaxRuns(count: u32, offset: u32, values: usize): void {
  for (let run = runs; run < runs + <usize>count * RUN_BYTES; run += RUN_BYTES) {
    const end = values + (<usize>u32At(run + RUN_END) << 3);
    const cell = <usize>u32At(run + RUN_SLICE) + offset;
    let at = values + (<usize>u32At(run + RUN_BEGIN) << 3);
    let most = f64At(cell);
    if (ASC_FEATURE_SIMD) {
      let both = f64x2.splat(most);
      let others = both;
      for (; at + 32 <= end; at += 32) {
        both = f64x2.pmax(both, vectorAt(at));
        others = f64x2.pmax(others, vectorAt(at + 16));
      }
      both = f64x2.pmax(both, others);
      most = f64x2.extract_lane(both, 0);
      if (f64x2.extract_lane(both, 1) > most) most = f64x2.extract_lane(both, 1);
    }
    for (; at < end; at += 8) {
      if (f64At(at) > most) most = f64At(at);
    }
    setF64(cell, most);
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

// NULL is the smallest i64, so the largest value needs no look at it.
// @ts-ignore: decorator
@inline function takeWhole(least: bool, at: usize, value: i64): void {
  const best = i64At(at);
  if (least ? best == NULL_WHOLE || value < best : value > best) setI64(at, value);
}

export function addWhole(least: bool, slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = i64At(values + (<usize>row << 3));
    if (slice != 0 && value != NULL_WHOLE) takeWhole(least, slice + offset, value);
  }
}

export function mergeWhole(least: bool, into: usize, from: usize): void {
  if (i64At(from) != NULL_WHOLE) takeWhole(least, into, i64At(from));
}
