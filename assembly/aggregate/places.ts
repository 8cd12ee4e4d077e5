// FIRST_VALUE and LAST_VALUE (by arrival), EARLIEST and LATEST (by event time, ties by arrival).
//   first, last      ┌ arrival i64 (−1: empty) ┬ value 8 bytes ┐              16 bytes
//   earliest, latest ┌ arrival i64 (−1: empty) ┬ value 8 bytes ┬ time i64 ┐   24 bytes
// T is f64, or i64 for a BIGINT. The arrival number makes them mergeable in any order of slices.
// Imports layout and raw access.
import { STATE_EARLIEST, STATE_LATEST } from "../layout";
import { NULL_WHOLE, f64At, i64At, isNullValue, setF64, setI64, setValue, u32At, u64At, valueAt } from "../memory/raw";
import { isLess } from "./cells";

const ARRIVAL: usize = 0;
const VALUE: usize = 8;
const TIME: usize = 16;
const EMPTY: i64 = -1;

export function initPlaced(kind: u32, at: usize): void {
  setI64(at + ARRIVAL, EMPTY);
  setF64(at + VALUE, NaN);
  if (kind == STATE_EARLIEST || kind == STATE_LATEST) setI64(at + TIME, 0);
}

export function addFirst<T>(slices: usize, offset: u32, values: usize, from: u32, to: u32, arrival: i64): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = valueAt<T>(values + (<usize>row << 3));
    if (slice == 0 || isNullValue<T>(value)) continue;
    const at = slice + offset;
    if (i64At(at + ARRIVAL) != EMPTY) continue;
    setI64(at + ARRIVAL, arrival + row);
    setValue<T>(at + VALUE, value);
  }
}

export function addLast<T>(slices: usize, offset: u32, values: usize, from: u32, to: u32, arrival: i64): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = valueAt<T>(values + (<usize>row << 3));
    if (slice == 0 || isNullValue<T>(value)) continue;
    setI64(slice + offset + ARRIVAL, arrival + row);
    setValue<T>(slice + offset + VALUE, value);
  }
}

// @ts-ignore: decorator
@inline function place<T>(at: usize, arrival: i64, value: T, time: i64): void {
  setI64(at + ARRIVAL, arrival);
  setValue<T>(at + VALUE, value);
  setI64(at + TIME, time);
}

export function addEarliest<T>(
  slices: usize, offset: u32, values: usize, from: u32, to: u32, times: usize, arrival: i64,
): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = valueAt<T>(values + (<usize>row << 3));
    if (slice == 0 || isNullValue<T>(value)) continue;
    const at = slice + offset;
    const time = i64At(times + (<usize>row << 3));
    if (i64At(at + ARRIVAL) == EMPTY || time < i64At(at + TIME)) place<T>(at, arrival + row, value, time);
  }
}

export function addLatest<T>(
  slices: usize, offset: u32, values: usize, from: u32, to: u32, times: usize, arrival: i64,
): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = valueAt<T>(values + (<usize>row << 3));
    if (slice == 0 || isNullValue<T>(value)) continue;
    const at = slice + offset;
    const time = i64At(times + (<usize>row << 3));
    if (i64At(at + ARRIVAL) == EMPTY || time >= i64At(at + TIME)) place<T>(at, arrival + row, value, time);
  }
}

// One arrival number is one record's, unless partials of several engines are merged: then the smaller value is taken.

/** Whether the value of one state comes before that of another of equal place. */
// @ts-ignore: decorator
@inline function isSmaller(from: usize, into: usize, type: u32): bool {
  return isLess(u64At(from + VALUE), u64At(into + VALUE), type);
}

export function mergeFirst(into: usize, from: usize, type: u32): void {
  const arrival = i64At(from + ARRIVAL);
  if (arrival == EMPTY) return;
  if (i64At(into + ARRIVAL) != EMPTY) {
    if (i64At(into + ARRIVAL) < arrival) return;
    if (i64At(into + ARRIVAL) == arrival && !isSmaller(from, into, type)) return;
  }
  memory.copy(into, from, 16);
}

export function mergeLast(into: usize, from: usize, type: u32): void {
  const arrival = i64At(from + ARRIVAL);
  if (arrival == EMPTY || arrival < i64At(into + ARRIVAL)) return;
  if (arrival == i64At(into + ARRIVAL) && !isSmaller(from, into, type)) return;
  memory.copy(into, from, 16);
}

export function mergeEarliest(into: usize, from: usize, type: u32): void {
  const arrival = i64At(from + ARRIVAL);
  if (arrival == EMPTY) return;
  if (i64At(into + ARRIVAL) != EMPTY) {
    const time = i64At(from + TIME);
    if (time > i64At(into + TIME)) return;
    if (time == i64At(into + TIME)) {
      if (arrival > i64At(into + ARRIVAL)) return;
      if (arrival == i64At(into + ARRIVAL) && !isSmaller(from, into, type)) return;
    }
  }
  memory.copy(into, from, 24);
}

export function mergeLatest(into: usize, from: usize, type: u32): void {
  const arrival = i64At(from + ARRIVAL);
  if (arrival == EMPTY) return;
  if (i64At(into + ARRIVAL) != EMPTY) {
    const time = i64At(from + TIME);
    if (time < i64At(into + TIME)) return;
    if (time == i64At(into + TIME)) {
      if (arrival < i64At(into + ARRIVAL)) return;
      if (arrival == i64At(into + ARRIVAL) && !isSmaller(from, into, type)) return;
    }
  }
  memory.copy(into, from, 24);
}

/** True when the state has a value. */
// @ts-ignore: decorator
@inline export function isPlaced(at: usize): bool { return i64At(at + ARRIVAL) != EMPTY; }
/** Arrival number of the state's value, −1 when it has none. */
// @ts-ignore: decorator
@inline export function placedArrival(at: usize): i64 { return i64At(at + ARRIVAL); }

/** Value of any of the four; NaN (NULL) when empty. */
export function placedValue(at: usize): f64 {
  return f64At(at + VALUE);
}

/** The same of a BIGINT. */
export function placedWhole(at: usize): i64 {
  return i64At(at + ARRIVAL) == EMPTY ? NULL_WHOLE : i64At(at + VALUE);
}
