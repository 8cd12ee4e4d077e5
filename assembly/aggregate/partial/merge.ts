// Partials of a column into the states of slices. Their bytes were checked when they were decoded (check.ts), so nothing
// here asks whether they are sound. Imports the states' owners, memory.
import {
  PARTIAL_HEAD_BYTES, PART_HEAD_BYTES, PART_OVER, STATE_ARGUMENT, STATE_COUNT, STATE_EARLIEST, STATE_FIRST,
  STATE_HISTOGRAM, STATE_KIND, STATE_LAST, STATE_LATEST, STATE_MAX, STATE_MAX_BY, STATE_MAX_TEXT, STATE_MAX_WHOLE,
  STATE_MIN, STATE_MIN_BY, STATE_MIN_TEXT, STATE_MIN_WHOLE, STATE_OFFSET, STATE_PART, STATE_PRODUCTS, STATE_REGISTERS,
  STATE_SECOND_TYPE, STATE_SERIES, STATE_SKETCH, STATE_SPAN, STATE_SQUARES, STATE_SUM, STATE_SUM_WHOLE, STATE_TIMES,
  STATE_TIME_PRODUCTS, STATE_TYPE, STATE_VALUES, TYPE_BIGINT,
} from "../../layout";
import { addI64, i64At, setU64, u16At, u32At, u64At, u8At } from "../../memory/raw";
import { registerBase } from "../../memory/regions";
import { flagRegisters, raise } from "../distinct/registers";
import { countValue, flagValues } from "../distinct/values";
import { addWholeParts } from "../exact/whole";
import { mergeMax, mergeMin, mergeText, mergeWhole } from "../extremes";
import { mergePicked } from "../picked";
import { mergeEarliest, mergeFirst, mergeLast, mergeLatest } from "../places";
import { flagSeries, insertSeries } from "../in-time/series";
import { addBucket, flagSketch } from "../sketch";
import { mergeSpan } from "../in-time/span";
import { flagInexact } from "../flag";
import { addExact, exactBytes } from "./exact";
import { valueWord, wordBytes } from "./value";

const SQUARES_OF_TIMES: usize = 16;
const REGISTERS: u32 = 4096;
/** A state of one value, to be merged like any other. */
const single = memory.data(24, 8);

/** True when partials are merged into the state. */
// @ts-ignore: decorator
@inline export function isPart(state: usize): bool { return u32At(state + STATE_PART) >> 16 != 0; }

/** Merges the partials of rows [from, to) into the slices that they belong to. */
export function addPartials(state: usize, slices: usize, from: u32, to: u32): void {
  const cells = registerBase(u32At(state + STATE_ARGUMENT));
  const offset = u32At(state + STATE_OFFSET);
  const form = u32At(state + STATE_PART);
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const partial = <usize>u32At(cells + (<usize>row << 3));
    if (slice == 0 || partial == 0) continue;
    let part = partial + PARTIAL_HEAD_BYTES;
    for (let left = form >> 16; left > 1; left--) part += PART_HEAD_BYTES + u32At(part + 4);
    if ((u8At(part + 2) & PART_OVER) != 0) flag(state, slice, slice + offset);
    mergePart(state, slice, slice + offset, part + PART_HEAD_BYTES, (form >> 8) & 255);
  }
}

function flag(state: usize, slice: usize, at: usize): void {
  switch (u32At(state + STATE_KIND)) {
    case STATE_SKETCH: flagSketch(at); break;
    case STATE_VALUES: flagValues(at); break;
    case STATE_REGISTERS: flagRegisters(at); break;
    case STATE_SERIES: flagSeries(at); break;
    default: flagInexact(slice);
  }
}

/** Merges the content of a part at `from` into the state at `at`. */
function mergePart(state: usize, slice: usize, at: usize, from: usize, type: u32): void {
  const kind = u32At(state + STATE_KIND);
  const cells = u32At(state + STATE_TYPE);
  switch (kind) {
    case STATE_COUNT: addI64(at, i64At(from)); break;
    case STATE_SUM: addExact(slice, at, from, true); break;
    case STATE_SQUARES:
    case STATE_PRODUCTS:
    case STATE_TIME_PRODUCTS: addExact(slice, at, from, false); break;
    case STATE_TIMES:
      addExact(slice, at, from, true);
      addExact(slice, at + SQUARES_OF_TIMES, from + exactBytes(from, usize.MAX_VALUE), false);
      break;
    case STATE_SUM_WHOLE: if (u8At(from) != 0) addWholeParts(at, u64At(from + 1), i64At(from + 9)); break;
    case STATE_HISTOGRAM: mergeBins(at, from); break;
    case STATE_SKETCH: mergeBuckets(at, from); break;
    case STATE_VALUES: mergeList(at, from, type, cells); break;
    case STATE_REGISTERS: mergeRanks(at, from); break;
    case STATE_SERIES: mergeEntries(state, at, from, type); break;
    default: if (u8At(from) != 0) mergeSingle(state, kind, at, from + 1, type, cells);
  }
}

/** The states of one value, which is there. */
function mergeSingle(state: usize, kind: u32, at: usize, from: usize, type: u32, cells: u32): void {
  switch (kind) {
    case STATE_SPAN: mergeSpan(at, from); break;
    case STATE_MIN:
      setU64(single, valueWord(from, type));
      mergeMin(at, single);
      break;
    case STATE_MAX:
      setU64(single, valueWord(from, type));
      mergeMax(at, single);
      break;
    case STATE_MIN_TEXT:
    case STATE_MAX_TEXT:
      setU64(single, valueWord(from, type));
      mergeText(kind, at, single);
      break;
    case STATE_MIN_WHOLE:
    case STATE_MAX_WHOLE:
      setU64(single, valueWord(from, type));
      mergeWhole(kind == STATE_MIN_WHOLE, at, single);
      break;
    case STATE_FIRST:
    case STATE_LAST:
      setU64(single, u64At(from));
      setU64(single + 8, valueWord(from + 8, type));
      if (kind == STATE_FIRST) mergeFirst(at, single, cells);
      else mergeLast(at, single, cells);
      break;
    case STATE_EARLIEST:
    case STATE_LATEST:
      setU64(single, u64At(from));
      setU64(single + 16, u64At(from + 8));
      setU64(single + 8, valueWord(from + 16, type));
      if (kind == STATE_EARLIEST) mergeEarliest(at, single, cells);
      else mergeLatest(at, single, cells);
      break;
    case STATE_MIN_BY:
    case STATE_MAX_BY:
      setU64(single + 8, u64At(from));
      setU64(single, u64At(from + 9));
      setU64(single + 16, valueWord(from + 17, type));
      if (u32At(state + STATE_SECOND_TYPE) == TYPE_BIGINT) mergePicked<i64>(kind, at, single, cells);
      else mergePicked<f64>(kind, at, single, cells);
      break;
    default: unreachable();
  }
}

function mergeBins(at: usize, from: usize): void {
  const bins = u32At(from) + 2;
  for (let bin: usize = 0; bin < <usize>bins; bin++) addI64(at + (bin << 3), i64At(from + 20 + (bin << 3)));
}

function mergeBuckets(at: usize, from: usize): void {
  const end = from + 4 + (<usize>u32At(from) << 3);
  for (let here = from + 4; here < end; here += 8) addBucket(at, <i32>u32At(here), u32At(here + 4));
}

function mergeList(at: usize, from: usize, type: u32, cells: u32): void {
  let here = from + 4;
  for (let left = u32At(from); left > 0; left--) {
    const word = valueWord(here + 8, type);
    countValue(at, word, cells, i64At(here));
    here += 8 + wordBytes;
  }
}

function mergeRanks(at: usize, from: usize): void {
  if (u8At(from) != 0) {
    for (let register: u32 = 0; register < REGISTERS; register++) {
      const rank = u8At(from + 1 + register);
      if (rank != 0) raise(at, register, rank);
    }
    return;
  }
  const end = from + 3 + <usize>u16At(from + 1) * 3;
  for (let here = from + 3; here < end; here += 3) raise(at, u16At(here), u8At(here + 2));
}

function mergeEntries(state: usize, at: usize, from: usize, type: u32): void {
  let here = from + 4;
  for (let left = u32At(from); left > 0; left--) {
    const word = valueWord(here + 16, type);
    insertSeries(state, at, i64At(here), i64At(here + 8), word);
    here += 16 + wordBytes;
  }
}
