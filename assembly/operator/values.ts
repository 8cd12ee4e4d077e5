// Operators that give a value: LAG, FILL, DEBOUNCE, INCREASE and RATE. Values are 8 bytes (cells.ts).
// Imports layout and raw access.
import { HEADER_NULLED_NONFINITE, LAG_HEAD_BYTES } from "../layout";
import { NULL_WHOLE, addI64, f64At, i64At, setF64, setI64, setU32, setU64, u32At, u64At } from "../memory/raw";
import { header } from "../memory/regions";
import { markText } from "../memory/collect";

const TIME: usize = 8;
const VALUE: usize = 16;
const CANDIDATE: usize = 16;
const STABLE: usize = 24;

/** The value `count` records before, or `otherwise`; the record's own one takes its place. */
export function lag(state: usize, value: u64, count: u32, otherwise: u64): u64 {
  const place = u32At(state);
  const known = u32At(state + 4);
  const cell = state + LAG_HEAD_BYTES + (<usize>place << 3);
  const before = known < count ? otherwise : u64At(cell);
  setU64(cell, value);
  setU32(state, place + 1 == count ? 0 : place + 1);
  if (known < count) setU32(state + 4, known + 1);
  return before;
}

/** Marks the texts that LAG, FILL and DEBOUNCE know of a key. */
export function markLag(state: usize): void {
  for (let place: usize = 0; place < u32At(state + 4); place++) markText(<u32>u64At(state + LAG_HEAD_BYTES + (place << 3)));
}
export function markFilling(state: usize): void { if (u32At(state) != 0) markText(<u32>u64At(state + VALUE)); }
export function markDebounced(state: usize): void {
  if (u32At(state) == 0) return;
  markText(<u32>u64At(state + CANDIDATE));
  markText(<u32>u64At(state + STABLE));
}

/** Keeps a value that is not NULL, unless one of a later time is known. */
export function keepFilling(state: usize, value: u64, time: i64): void {
  if (u32At(state) != 0 && time < i64At(state + TIME)) return;
  setU32(state, 1);
  setI64(state + TIME, time);
  setU64(state + VALUE, value);
}

/** The value that is carried to `time`, or `none`. */
export function filled(state: usize, time: i64, span: i64, none: u64): u64 {
  if (u32At(state) == 0) return none;
  const age = time - i64At(state + TIME);
  return age < 0 || (span != 0 && age > span) ? none : u64At(state + VALUE);
}

/** The value that holds at `time`: one becomes it when it has been there for `span`. A NULL (`there` false) is none. */
export function debounced(state: usize, there: bool, value: u64, time: i64, span: i64, none: u64): u64 {
  if (u32At(state) == 0) {
    if (!there) return none;
    setU32(state, 1);
    setI64(state + TIME, time);
    setU64(state + CANDIDATE, value);
    setU64(state + STABLE, value);
    return value;
  }
  const since = i64At(state + TIME);
  const candidate = u64At(state + CANDIDATE);
  if (time - since >= span) setU64(state + STABLE, candidate);
  if (there && time >= since && value != candidate) {
    setU64(state + CANDIDATE, value);
    setI64(state + TIME, time);
  }
  return u64At(state + STABLE);
}

/** Growth of a counter since its value before, a second when `rate`; NaN for the first one, or without time between. */
export function growth(state: usize, value: f64, time: i64, rate: bool): f64 {
  const known = u32At(state) != 0;
  const last = i64At(state + TIME);
  if (known && time <= last) return NaN;
  const before = f64At(state + VALUE);
  setU32(state, 1);
  setI64(state + TIME, time);
  setF64(state + VALUE, value);
  if (!known) return NaN;
  const grown = value < before ? value : value - before;
  const result = rate ? grown / (<f64>(time - last) / 1e9) : grown;
  if (result - result == 0) return result + 0;
  addI64(header + HEADER_NULLED_NONFINITE, 1);
  return NaN;
}

/** The same of a BIGINT: a BIGINT, NULL when it is beyond; with `rate` a double. As 8 bytes. */
export function growthWhole(state: usize, value: i64, time: i64, rate: bool): u64 {
  const none = rate ? reinterpret<u64>(NaN) : <u64>NULL_WHOLE;
  const known = u32At(state) != 0;
  const last = i64At(state + TIME);
  if (known && time <= last) return none;
  const before = i64At(state + VALUE);
  setU32(state, 1);
  setI64(state + TIME, time);
  setI64(state + VALUE, value);
  if (!known) return none;
  const fell = value < before;
  const grown = fell ? value : value - before;
  // A growth is below 2^64: as a number without sign it is exact.
  if (rate) return reinterpret<u64>((fell ? <f64>grown : <f64><u64>grown) / (<f64>(time - last) / 1e9));
  if (fell || grown >= 0) return <u64>grown;
  addI64(header + HEADER_NULLED_NONFINITE, 1);
  return none;
}
