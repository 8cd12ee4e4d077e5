// Operators that say TRUE or FALSE of a record: CHANGED, RISING, FALLING, DEADBAND. Each looks at one value of a series
// and at what is known of it; a NULL is no value: it says nothing and leaves the state as it is.
// Imports layout and raw access.
import { f64At, i64At, setF64, setI64, setU32, setU64, u32At, u64At } from "../memory/raw";
import { markText } from "../memory/collect";

const VALUE: usize = 8;
const TIME: usize = 8;
const TIMED_VALUE: usize = 16;

/** True for the first value, and for one that is not the one before. */
export function changed(state: usize, value: u64): bool {
  if (u32At(state) != 0 && u64At(state + VALUE) == value) return false;
  setU32(state, 1);
  setU64(state + VALUE, value);
  return true;
}

/** Marks the text of a state over texts. */
export function markChanged(state: usize): void { if (u32At(state) != 0) markText(<u32>u64At(state + VALUE)); }

/** True when the condition is `to` and was the opposite before. */
export function edge(state: usize, value: u64, to: u64): bool {
  const before = u32At(state);
  setU32(state, <u32>value + 1);
  return value == to && before == 2 - <u32>to;
}

/** True for the first value, one further than `band` from the one reported last, or reported `span` ago. */
export function leavesBand(state: usize, value: f64, time: i64, band: f64, span: i64): bool {
  if (u32At(state) != 0) {
    const last = i64At(state + TIME);
    const far = Math.abs(value - f64At(state + TIMED_VALUE)) > band;
    if (!far && (span == 0 || time - last < span)) return false;
    setI64(state + TIME, max(time, last));
  } else setI64(state + TIME, time);
  setU32(state, 1);
  setF64(state + TIMED_VALUE, value);
  return true;
}
