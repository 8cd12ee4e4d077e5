// The span of a slice's records: smallest and largest event time, for COVERAGE(). State, 16 bytes:
//   ┌ first i64 ┬ last i64 ┐   first > last while it is empty
// Exact in any order. Imports raw access.
import { i64At, setI64, u32At } from "../../memory/raw";

const FIRST: usize = 0;
const LAST: usize = 8;

export function initSpan(at: usize): void {
  setI64(at + FIRST, i64.MAX_VALUE);
  setI64(at + LAST, i64.MIN_VALUE);
}

export function addSpan(slices: usize, offset: u32, from: u32, to: u32, times: usize): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    if (slice == 0) continue;
    const time = i64At(times + (<usize>row << 3));
    if (time < i64At(slice + offset + FIRST)) setI64(slice + offset + FIRST, time);
    if (time > i64At(slice + offset + LAST)) setI64(slice + offset + LAST, time);
  }
}

export function mergeSpan(into: usize, from: usize): void {
  if (i64At(from + FIRST) < i64At(into + FIRST)) setI64(into + FIRST, i64At(from + FIRST));
  if (i64At(from + LAST) > i64At(into + LAST)) setI64(into + LAST, i64At(from + LAST));
}

/** Nanoseconds between the first and the last record; −1 without any. */
export function spanNs(at: usize): i64 {
  const first = i64At(at + FIRST);
  const last = i64At(at + LAST);
  return first > last ? -1 : last - first;
}
