// MIN_BY(x, y) and MAX_BY(x, y): x of the record in which y is least or most; of equal ones the first that arrived.
// Records that lack either are passed over. State, 24 bytes:
//   ┌ y 8 bytes ┬ arrival i64 (−1: empty) ┬ x 8 bytes ┐
// T is the type of x, B that of y: f64, or i64 for a BIGINT. Exact, and mergeable in any order by the arrival number. Imports layout and raw access.
import { STATE_MIN_BY } from "../layout";
import { NULL_WHOLE, f64At, i64At, isNullValue, setF64, setI64, setValue, u32At, u64At, valueAt } from "../memory/raw";
import { isLess } from "./cells";

const BY: usize = 0;
const ARRIVAL: usize = 8;
const VALUE: usize = 16;
const EMPTY: i64 = -1;

export function initPicked(at: usize): void {
  setF64(at + BY, 0);
  setI64(at + ARRIVAL, EMPTY);
  setF64(at + VALUE, NaN);
}

export function addPicked<T, B>(
  kind: u32, slices: usize, offset: u32, values: usize, seconds: usize, from: u32, to: u32, arrival: i64,
): void {
  const least = kind == STATE_MIN_BY;
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = valueAt<T>(values + (<usize>row << 3));
    const by = valueAt<B>(seconds + (<usize>row << 3));
    if (slice == 0 || isNullValue<T>(value) || isNullValue<B>(by)) continue;
    const at = slice + offset;
    const best = valueAt<B>(at + BY);
    if (i64At(at + ARRIVAL) != EMPTY && (least ? by >= best : by <= best)) continue;
    setValue<B>(at + BY, by);
    setI64(at + ARRIVAL, arrival + row);
    setValue<T>(at + VALUE, value);
  }
}

/** `type` is that of x. Of one arrival number, in partials of several engines, the smaller x is taken. */
export function mergePicked<B>(kind: u32, into: usize, from: usize, type: u32): void {
  const arrival = i64At(from + ARRIVAL);
  if (arrival == EMPTY) return;
  if (i64At(into + ARRIVAL) != EMPTY) {
    const by = valueAt<B>(from + BY);
    const best = valueAt<B>(into + BY);
    if (kind == STATE_MIN_BY ? by > best : by < best) return;
    if (by == best) {
      if (i64At(into + ARRIVAL) < arrival) return;
      if (i64At(into + ARRIVAL) == arrival && !isLess(u64At(from + VALUE), u64At(into + VALUE), type)) return;
    }
  }
  memory.copy(into, from, 24);
}

/** x where y is extreme; NaN (NULL) when empty. */
export function pickedValue(at: usize): f64 {
  return f64At(at + VALUE);
}

/** The same of a BIGINT. */
export function pickedWhole(at: usize): i64 {
  return i64At(at + ARRIVAL) == EMPTY ? NULL_WHOLE : i64At(at + VALUE);
}
