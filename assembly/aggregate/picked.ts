// MIN_BY(x, y) and MAX_BY(x, y): x of the record in which y is least or most; of equal ones the first that arrived.
// Records that lack either are passed over. State, 24 bytes:
//   ┌ y f64 ┬ arrival i64 (−1: empty) ┬ x f64 ┐
// Exact, and mergeable in any order by the arrival number. Imports layout and raw access.
import { STATE_MIN_BY } from "../layout";
import { f64At, i64At, setF64, setI64, u32At } from "../memory/raw";

const BY: usize = 0;
const ARRIVAL: usize = 8;
const VALUE: usize = 16;
const EMPTY: i64 = -1;

export function initPicked(at: usize): void {
  setF64(at + BY, 0);
  setI64(at + ARRIVAL, EMPTY);
  setF64(at + VALUE, NaN);
}

export function addPicked(
  kind: u32, slices: usize, offset: u32, values: usize, seconds: usize, from: u32, to: u32, arrival: i64,
): void {
  const least = kind == STATE_MIN_BY;
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    const by = f64At(seconds + (<usize>row << 3));
    if (slice == 0 || value != value || by != by) continue;
    const at = slice + offset;
    const best = f64At(at + BY);
    if (i64At(at + ARRIVAL) != EMPTY && (least ? by >= best : by <= best)) continue;
    setF64(at + BY, by);
    setI64(at + ARRIVAL, arrival + row);
    setF64(at + VALUE, value);
  }
}

export function mergePicked(kind: u32, into: usize, from: usize): void {
  const arrival = i64At(from + ARRIVAL);
  if (arrival == EMPTY) return;
  if (i64At(into + ARRIVAL) != EMPTY) {
    const by = f64At(from + BY);
    const best = f64At(into + BY);
    if (kind == STATE_MIN_BY ? by > best : by < best) return;
    if (by == best && i64At(into + ARRIVAL) < arrival) return;
  }
  memory.copy(into, from, 24);
}

/** x where y is extreme; NaN (NULL) when empty. */
export function pickedValue(at: usize): f64 {
  return f64At(at + VALUE);
}
