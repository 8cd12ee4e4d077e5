// The states of an aggregate as a partial: bytes that other engines merge (docs/partials.md). Equal records give equal
// bytes, whatever their order and the slices they came in. Imports the states' owners and the output.
import {
  AGGREGATE_A, AGGREGATE_CELLS, AGGREGATE_NUMBER, GROUP_STATES_AT, PARTIAL_MARK, PARTIAL_VERSION, PART_COUNT, PART_OVER,
  REGISTERS_SPARSE_MAX, STATE_BYTES, STATE_CELLS, STATE_COUNT, STATE_EARLIEST, STATE_FIRST, STATE_HIGH, STATE_HISTOGRAM,
  STATE_KIND, STATE_LAST, STATE_LATEST, STATE_LOW, STATE_MAX, STATE_MAX_BY, STATE_MAX_TEXT, STATE_MAX_WHOLE, STATE_MIN,
  STATE_MIN_BY, STATE_MIN_TEXT, STATE_MIN_WHOLE, STATE_OFFSET, STATE_OF_RECORDS, STATE_PART, STATE_PRODUCTS,
  STATE_REGISTERS, STATE_SECOND_TYPE, STATE_SERIES, STATE_SKETCH, STATE_SPAN, STATE_SQUARES, STATE_SUM, STATE_SUM_WHOLE,
  STATE_TIMES, STATE_TIME_PRODUCTS, STATE_VALUES, SLICE_COUNT, TYPE_BIGINT, VALUE_BIGINT, VALUE_DOUBLE,
} from "../../layout";
import { NULL_WHOLE, f64At, i64At, u32At, u64At, u8At } from "../../memory/raw";
import { plan } from "../../memory/regions";
import { copyRegisters, registersAreOver } from "../distinct/registers";
import { orderValues, orderedCount, orderedValue, valuesAreOver } from "../distinct/values";
import { wholeSumIsEmpty } from "../exact/whole";
import { beginSeries, entryArrival, entryTime, entryWhole, nextEntry, seriesCount, seriesIsOver } from "../in-time/series";
import { beginBuckets, nextBucket, sketchBuckets, sketchIsOver, walkedBucket, walkedCount } from "../sketch";
import { INEXACT } from "../flag";
import { putSquares, putSum } from "./exact";
import { beginOut, isFull, leave32, outEnd, put16, put32, put64, put8, putBytes, putF64, putLength } from "./out";
import { putValue } from "./value";

/** What was written last is beyond a bound. */
export let partialIsOver: bool = false;

const SQUARES_OF_TIMES: usize = 16;
const REGISTERS: u32 = 4096;
const ranks = memory.data(4096);

/**
 * Writes the partial of an AGGREGATE_* struct over a slice to `to`; `group` is the address of the slice's GROUP_*
 * struct. Returns its length; 0, and over the bound, when it is longer than the struct allows.
 */
export function writePartial(aggregate: usize, group: usize, slice: usize, to: usize): u32 {
  const count = u32At(aggregate + AGGREGATE_CELLS);
  partialIsOver = false;
  beginOut(to, <u32>f64At(aggregate + AGGREGATE_NUMBER));
  put16(PARTIAL_MARK);
  put8(PARTIAL_VERSION);
  put8(count);
  const states = plan + u32At(group + GROUP_STATES_AT);
  for (let place: u32 = 0; place < count; place++) {
    const number = u32At(aggregate + AGGREGATE_A + (<usize>place << 2));
    if (number == <u32>STATE_OF_RECORDS) writeRecords(slice);
    else writePart(states + <usize>number * STATE_BYTES, slice);
  }
  if (isFull) partialIsOver = true;
  return isFull ? 0 : <u32>(outEnd() - to);
}

function writeRecords(slice: usize): void {
  put8(PART_COUNT);
  put8(0);
  put16(0);
  put32(8);
  put64(<u64>(i64At(slice + SLICE_COUNT) & ~INEXACT));
}

function writePart(state: usize, slice: usize): void {
  const form = u32At(state + STATE_PART);
  const type = (form >> 8) & 255;
  const at = slice + u32At(state + STATE_OFFSET);
  const over = isOver(u32At(state + STATE_KIND), slice, at);
  if (over) partialIsOver = true;
  put8(form & 255);
  put8(type);
  put8(over ? PART_OVER : 0);
  put8(0);
  const length = leave32();
  writeContent(state, at, type);
  putLength(length);
}

/** Sums have no place for it: what is said of them is said of their slice. */
function isOver(kind: u32, slice: usize, at: usize): bool {
  switch (kind) {
    case STATE_SKETCH: return sketchIsOver(at);
    case STATE_VALUES: return valuesAreOver(at);
    case STATE_REGISTERS: return registersAreOver(at);
    case STATE_SERIES: return seriesIsOver(at);
    case STATE_SUM:
    case STATE_SUM_WHOLE:
    case STATE_SQUARES:
    case STATE_PRODUCTS:
    case STATE_TIMES:
    case STATE_TIME_PRODUCTS: return (i64At(slice + SLICE_COUNT) & INEXACT) != 0;
    default: return false;
  }
}

function writeContent(state: usize, at: usize, type: u32): void {
  const kind = u32At(state + STATE_KIND);
  switch (kind) {
    case STATE_COUNT: put64(u64At(at)); break;
    case STATE_SUM: putSum(at); break;
    case STATE_SQUARES:
    case STATE_PRODUCTS:
    case STATE_TIME_PRODUCTS: putSquares(at); break;
    case STATE_TIMES:
      putSum(at);
      putSquares(at + SQUARES_OF_TIMES);
      break;
    case STATE_SUM_WHOLE: {
      const there = !wholeSumIsEmpty(at);
      put8(there ? 1 : 0);
      if (!there) break;
      put64(u64At(at));
      put64(u64At(at + 8));
      break;
    }
    case STATE_MIN:
    case STATE_MAX: putOptional(Math.abs(f64At(at)) != Infinity, u64At(at), type); break;
    case STATE_MIN_TEXT:
    case STATE_MAX_TEXT: putOptional(f64At(at) == f64At(at), u64At(at), type); break;
    case STATE_MIN_WHOLE:
    case STATE_MAX_WHOLE: putOptional(i64At(at) != NULL_WHOLE, u64At(at), type); break;
    case STATE_FIRST:
    case STATE_LAST: putPlaced(at, type, false); break;
    case STATE_EARLIEST:
    case STATE_LATEST: putPlaced(at, type, true); break;
    case STATE_MIN_BY:
    case STATE_MAX_BY: putPicked(at, type, u32At(state + STATE_SECOND_TYPE) == TYPE_BIGINT); break;
    case STATE_SKETCH: putSketch(at); break;
    case STATE_VALUES: putValues(at, type); break;
    case STATE_REGISTERS: putRegisters(at); break;
    case STATE_SERIES: putSeries(at, type); break;
    case STATE_HISTOGRAM:
      put32(u32At(state + STATE_CELLS));
      putF64(f64At(state + STATE_LOW));
      putF64(f64At(state + STATE_HIGH));
      putBytes(at, (u32At(state + STATE_CELLS) + 2) << 3);
      break;
    case STATE_SPAN: {
      const there = i64At(at) <= i64At(at + 8);
      put8(there ? 1 : 0);
      if (there) putBytes(at, 16);
      break;
    }
    default: unreachable();
  }
}

function putOptional(there: bool, word: u64, type: u32): void {
  put8(there ? 1 : 0);
  if (there) putValue(word, type);
}

/** ┌ arrival i64 ┬ value ┬ time i64 ┐, see places.ts. */
function putPlaced(at: usize, type: u32, timed: bool): void {
  const there = i64At(at) >= 0;
  put8(there ? 1 : 0);
  if (!there) return;
  put64(u64At(at));
  if (timed) put64(u64At(at + 16));
  putValue(u64At(at + 8), type);
}

/** ┌ y ┬ arrival i64 ┬ x ┐, see picked.ts. */
function putPicked(at: usize, type: u32, whole: bool): void {
  const there = i64At(at + 8) >= 0;
  put8(there ? 1 : 0);
  if (!there) return;
  put64(u64At(at + 8));
  put8(whole ? VALUE_BIGINT : VALUE_DOUBLE);
  put64(u64At(at));
  putValue(u64At(at + 16), type);
}

function putSketch(at: usize): void {
  put32(sketchBuckets(at));
  beginBuckets(at);
  while (nextBucket()) {
    put32(<u32>walkedBucket);
    put32(walkedCount);
  }
}

function putValues(at: usize, type: u32): void {
  const count = orderValues(at);
  put32(count);
  for (let place: u32 = 0; place < count; place++) {
    put64(<u64>orderedCount(place));
    putValue(orderedValue(place), type);
  }
}

function putRegisters(at: usize): void {
  const used = copyRegisters(at, ranks);
  if (used > <u32>REGISTERS_SPARSE_MAX) {
    put8(1);
    putBytes(ranks, REGISTERS);
    return;
  }
  put8(0);
  put16(used);
  for (let register: u32 = 0; register < REGISTERS; register++) {
    const rank = u8At(ranks + register);
    if (rank == 0) continue;
    put16(register);
    put8(rank);
  }
}

function putSeries(at: usize, type: u32): void {
  put32(seriesCount(at));
  beginSeries(at);
  while (nextEntry()) {
    put64(<u64>entryTime);
    put64(<u64>entryArrival);
    putValue(<u64>entryWhole, type);
  }
}
