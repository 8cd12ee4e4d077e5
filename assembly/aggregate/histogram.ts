// HISTOGRAM(x, lo, hi, n): how many values lie below lo, in each of n bins of equal width, and from hi on. State:
//   ┌ below i64 ┬ n bins i64 ┬ from hi on i64 ┐   8·(n + 2) bytes in the slice
// The bin of x is ⌊(x − lo) · n ÷ (hi − lo)⌋ in that order of operations, n − 1 at most. Exact; merged by adding.
// Imports layout and raw access.
import { STATE_CELLS, STATE_HIGH, STATE_LOW } from "../layout";
import { addI64, f64At, i64At, setF64, u32At } from "../memory/raw";

export function initHistogram(state: usize, at: usize): void {
  memory.fill(at, 0, (<usize>u32At(state + STATE_CELLS) + 2) << 3);
}

/** `state` is the address of the STATE_* struct. */
export function addHistogram(
  state: usize, slices: usize, offset: u32, values: usize, from: u32, to: u32,
): void {
  const bins = u32At(state + STATE_CELLS);
  const low = f64At(state + STATE_LOW);
  const high = f64At(state + STATE_HIGH);
  const count = <f64>bins;
  const width = high - low;
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice == 0 || value != value) continue;
    let cell: u32 = 0;
    if (value >= high) cell = bins + 1;
    else if (value >= low) cell = 1 + min(<u32>floor<f64>((value - low) * count / width), bins - 1);
    addI64(slice + offset + (<usize>cell << 3), 1);
  }
}

export function mergeHistogram(state: usize, into: usize, from: usize): void {
  const end = (<usize>u32At(state + STATE_CELLS) + 2) << 3;
  for (let cell: usize = 0; cell < end; cell += 8) addI64(into + cell, i64At(from + cell));
}

/** Writes the counts as doubles to `to`; how many they are, 0 when no value came. */
export function readHistogram(bins: u32, at: usize, to: usize): u32 {
  const cells = bins + 2;
  let any: i64 = 0;
  for (let cell: usize = 0; cell < cells; cell++) {
    const count = i64At(at + (cell << 3));
    any |= count;
    setF64(to + (cell << 3), <f64>count);
  }
  return any == 0 ? 0 : cells;
}
