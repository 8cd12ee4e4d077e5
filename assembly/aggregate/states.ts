// The table of aggregate states: which file owns which STATE_* kind. Each owner has init (an empty state),
// add over a run of rows, merge of one state into another, and, where it holds blocks of its own, clear.
// To add one: its file, a line in each switch here, its bytes in layout/. Imports the owners.
import {
  GROUP_STATES_AT, GROUP_STATE_COUNT, SLICE_COUNT, STATE_ARGUMENT, STATE_BYTES, STATE_COUNT, STATE_EARLIEST,
  STATE_FIRST, STATE_HISTOGRAM, STATE_KIND, STATE_LAST, STATE_LATEST, STATE_MAX, STATE_MAX_BY, STATE_MAX_TEXT,
  STATE_MAX_WHOLE, STATE_MIN, STATE_MIN_BY, STATE_MIN_TEXT, STATE_MIN_WHOLE, STATE_OFFSET, STATE_PRODUCTS,
  STATE_REGISTERS, STATE_SECOND, STATE_SECOND_TYPE, STATE_SERIES, STATE_SKETCH, STATE_SPAN, STATE_SQUARES, STATE_SUM,
  STATE_SUM_WHOLE, STATE_TIMES, STATE_TIME_PRODUCTS, STATE_TYPE, STATE_VALUES, TYPE_BIGINT, TYPE_DOUBLE,
} from "../layout";
import { NULL_WHOLE, addI64, i64At, setF64, setI64, u32At } from "../memory/raw";
import { plan, registerBase } from "../memory/regions";
import { numbersOf } from "./cells";
import { addCount, addCountRuns } from "./count";
import { addRegisters, clearRegisters, initRegisters, mergeRegisters } from "./distinct/registers";
import { addValues, clearValues, initValues, mergeValues } from "./distinct/values";
import { addProducts } from "./exact/products";
import { addSquares, clearSquares, initSquares, mergeSquares } from "./exact/squares";
import { addSum, addSumRuns, clearSum, initSum, mergeSum } from "./exact/sum";
import { addTimeProducts, addTimes, clearTimes, initTimes, mergeTimes } from "./exact/times";
import { addWholeSum, initWholeSum, mergeWholeSum } from "./exact/whole";
import {
  addMax, addMaxRuns, addMin, addMinRuns, addText, addWhole, mergeMax, mergeMin, mergeText, mergeWhole,
} from "./extremes";
import { addHistogram, initHistogram, mergeHistogram } from "./histogram";
import { addPartials, isPart } from "./partial/merge";
import { addPicked, initPicked, mergePicked } from "./picked";
import { addEarliest, addFirst, addLast, addLatest, initPlaced, mergeEarliest, mergeFirst, mergeLast, mergeLatest } from "./places";
import { RUNS_MANY, RUN_BEGIN, RUN_BYTES, RUN_END, RUN_SLICE, findRuns, runs } from "./runs";
import { addSeries, clearSeries, initSeries, mergeSeries } from "./in-time/series";
import { INEXACT } from "./flag";
import { addSketch, clearSketch, initSketch, mergeSketch } from "./sketch";
import { addSpan, initSpan, mergeSpan } from "./in-time/span";

/** Cells of a state's second argument. */
// @ts-ignore: decorator
@inline function second(state: usize): usize { return registerBase(u32At(state + STATE_SECOND)); }
// @ts-ignore: decorator
@inline function secondIsWhole(state: usize): bool { return u32At(state + STATE_SECOND_TYPE) == TYPE_BIGINT; }

/** Empty states for a new slice; `group` is the address of a GROUP_* struct. */
export function initStates(group: usize, slice: usize): void {
  let state = plan + u32At(group + GROUP_STATES_AT);
  const end = state + <usize>u32At(group + GROUP_STATE_COUNT) * STATE_BYTES;
  for (; state < end; state += STATE_BYTES) {
    const at = slice + u32At(state + STATE_OFFSET);
    switch (u32At(state + STATE_KIND)) {
      case STATE_COUNT: setI64(at, 0); break;
      case STATE_SUM: initSum(at); break;
      case STATE_PRODUCTS:
      case STATE_TIME_PRODUCTS:
      case STATE_SQUARES: initSquares(at); break;
      case STATE_TIMES: initTimes(at); break;
      case STATE_MIN_BY:
      case STATE_MAX_BY: initPicked(at); break;
      case STATE_SPAN: initSpan(at); break;
      case STATE_MIN_TEXT:
      case STATE_MAX_TEXT: setF64(at, NaN); break;
      case STATE_VALUES: initValues(at); break;
      case STATE_REGISTERS: initRegisters(at); break;
      case STATE_SERIES: initSeries(at); break;
      case STATE_HISTOGRAM: initHistogram(state, at); break;
      case STATE_MIN: setF64(at, Infinity); break;
      case STATE_MAX: setF64(at, -Infinity); break;
      case STATE_MIN_WHOLE:
      case STATE_MAX_WHOLE: setI64(at, NULL_WHOLE); break;
      case STATE_SUM_WHOLE: initWholeSum(at); break;
      case STATE_SKETCH: initSketch(at); break;
      default: initPlaced(u32At(state + STATE_KIND), at);
    }
  }
}

/**
 * Adds rows [from, to) of the batch to the slices they belong to (`slices`: an address a row, 0 for none).
 * `times` is the time column, `arrival` the arrival number of row 0.
 */
export function addRows(group: usize, slices: usize, from: u32, to: u32, times: usize, arrival: i64): void {
  const runCount = findRuns(slices, from, to);
  const inRuns = runCount != RUNS_MANY;
  if (inRuns) countRuns(runCount);
  else countRows(slices, from, to);
  let state = plan + u32At(group + GROUP_STATES_AT);
  const end = state + <usize>u32At(group + GROUP_STATE_COUNT) * STATE_BYTES;
  for (; state < end; state += STATE_BYTES) {
    const offset = u32At(state + STATE_OFFSET);
    const kind = u32At(state + STATE_KIND);
    const type = u32At(state + STATE_TYPE);
    if (isPart(state)) {
      addPartials(state, slices, from, to);
      continue;
    }
    let values = registerBase(u32At(state + STATE_ARGUMENT));
    if (type != TYPE_DOUBLE && kind != STATE_COUNT) values = numbersOf(u32At(state + STATE_ARGUMENT), type, from, to);
    switch (kind) {
      case STATE_COUNT:
        if (inRuns && type == TYPE_DOUBLE) addCountRuns(runCount, offset, values);
        else addCount(slices, offset, values, type, from, to);
        break;
      case STATE_SUM:
        if (inRuns) addSumRuns(runCount, offset, values);
        else addSum(slices, offset, values, from, to);
        break;
      case STATE_SQUARES: addSquares(slices, offset, values, from, to); break;
      case STATE_MIN:
        if (inRuns) addMinRuns(runCount, offset, values);
        else addMin(slices, offset, values, from, to);
        break;
      case STATE_MAX:
        if (inRuns) addMaxRuns(runCount, offset, values);
        else addMax(slices, offset, values, from, to);
        break;
      case STATE_MIN_WHOLE:
      case STATE_MAX_WHOLE: addWhole(kind == STATE_MIN_WHOLE, slices, offset, values, from, to); break;
      case STATE_SUM_WHOLE: addWholeSum(slices, offset, values, from, to); break;
      case STATE_FIRST:
      case STATE_LAST:
      case STATE_EARLIEST:
      case STATE_LATEST:
        if (type == TYPE_BIGINT) addPlaced<i64>(kind, slices, offset, values, from, to, times, arrival);
        else addPlaced<f64>(kind, slices, offset, values, from, to, times, arrival);
        break;
      case STATE_SKETCH: addSketch(slices, offset, values, from, to); break;
      case STATE_PRODUCTS: addProducts(slices, offset, values, second(state), from, to); break;
      case STATE_TIMES: addTimes(slices, offset, values, from, to, times); break;
      case STATE_TIME_PRODUCTS: addTimeProducts(slices, offset, values, from, to, times); break;
      case STATE_MIN_BY:
      case STATE_MAX_BY:
        if (type == TYPE_BIGINT) addPickedOf<i64>(state, slices, offset, values, from, to, arrival);
        else addPickedOf<f64>(state, slices, offset, values, from, to, arrival);
        break;
      case STATE_SPAN: addSpan(slices, offset, from, to, times); break;
      case STATE_MIN_TEXT:
      case STATE_MAX_TEXT: addText(kind, slices, offset, values, from, to); break;
      case STATE_VALUES: addValues(slices, offset, values, type, from, to); break;
      case STATE_REGISTERS: addRegisters(slices, offset, values, type, from, to); break;
      case STATE_SERIES: addSeries(state, slices, offset, values, from, to, times, arrival); break;
      case STATE_HISTOGRAM: addHistogram(state, slices, offset, values, from, to); break;
      default: unreachable();
    }
  }
}

// @ts-ignore: decorator
@inline function addPlaced<T>(
  kind: u32, slices: usize, offset: u32, values: usize, from: u32, to: u32, times: usize, arrival: i64,
): void {
  if (kind == STATE_FIRST) addFirst<T>(slices, offset, values, from, to, arrival);
  else if (kind == STATE_LAST) addLast<T>(slices, offset, values, from, to, arrival);
  else if (kind == STATE_EARLIEST) addEarliest<T>(slices, offset, values, from, to, times, arrival);
  else addLatest<T>(slices, offset, values, from, to, times, arrival);
}

function addPickedOf<T>(
  state: usize, slices: usize, offset: u32, values: usize, from: u32, to: u32, arrival: i64,
): void {
  const kind = u32At(state + STATE_KIND);
  if (secondIsWhole(state)) addPicked<T, i64>(kind, slices, offset, values, second(state), from, to, arrival);
  else addPicked<T, f64>(kind, slices, offset, values, second(state), from, to, arrival);
}

/** Counts rows [from, to) in their slices. */
function countRows(slices: usize, from: u32, to: u32): void {
  let row = from;
  while (row < to) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const begin = row++;
    while (row < to && u32At(slices + (<usize>row << 2)) == <u32>slice) row++;
    if (slice != 0) addI64(slice + SLICE_COUNT, row - begin);
  }
}

function countRuns(count: u32): void {
  for (let run = runs; run < runs + <usize>count * RUN_BYTES; run += RUN_BYTES) {
    addI64(<usize>u32At(run + RUN_SLICE) + SLICE_COUNT, u32At(run + RUN_END) - u32At(run + RUN_BEGIN));
  }
}

/** Merges every state of one slice into another, and its count. */
export function mergeStates(group: usize, into: usize, slice: usize): void {
  const flags = (i64At(into + SLICE_COUNT) | i64At(slice + SLICE_COUNT)) & INEXACT;
  const records = (i64At(into + SLICE_COUNT) & ~INEXACT) + (i64At(slice + SLICE_COUNT) & ~INEXACT);
  setI64(into + SLICE_COUNT, records | flags);
  let state = plan + u32At(group + GROUP_STATES_AT);
  const end = state + <usize>u32At(group + GROUP_STATE_COUNT) * STATE_BYTES;
  for (; state < end; state += STATE_BYTES) {
    const offset = u32At(state + STATE_OFFSET);
    const to = into + offset;
    const at = slice + offset;
    const type = u32At(state + STATE_TYPE);
    switch (u32At(state + STATE_KIND)) {
      case STATE_COUNT: addI64(to, i64At(at)); break;
      case STATE_SUM: mergeSum(into, to, at); break;
      case STATE_PRODUCTS:
      case STATE_TIME_PRODUCTS:
      case STATE_SQUARES: mergeSquares(into, to, at); break;
      case STATE_TIMES: mergeTimes(into, to, at); break;
      case STATE_MIN_BY:
      case STATE_MAX_BY:
        if (secondIsWhole(state)) mergePicked<i64>(u32At(state + STATE_KIND), to, at, type);
        else mergePicked<f64>(u32At(state + STATE_KIND), to, at, type);
        break;
      case STATE_SPAN: mergeSpan(to, at); break;
      case STATE_MIN_TEXT:
      case STATE_MAX_TEXT: mergeText(u32At(state + STATE_KIND), to, at); break;
      case STATE_VALUES: mergeValues(to, at); break;
      case STATE_REGISTERS: mergeRegisters(to, at); break;
      case STATE_SERIES: mergeSeries(state, to, at); break;
      case STATE_HISTOGRAM: mergeHistogram(state, to, at); break;
      case STATE_MIN: mergeMin(to, at); break;
      case STATE_MAX: mergeMax(to, at); break;
      case STATE_MIN_WHOLE: mergeWhole(true, to, at); break;
      case STATE_MAX_WHOLE: mergeWhole(false, to, at); break;
      case STATE_SUM_WHOLE: mergeWholeSum(to, at); break;
      case STATE_FIRST: mergeFirst(to, at, type); break;
      case STATE_LAST: mergeLast(to, at, type); break;
      case STATE_EARLIEST: mergeEarliest(to, at, type); break;
      case STATE_LATEST: mergeLatest(to, at, type); break;
      case STATE_SKETCH: mergeSketch(to, at); break;
      default: unreachable();
    }
  }
}

/** Gives back what the states hold outside the slice. */
export function clearStates(group: usize, slice: usize): void {
  let state = plan + u32At(group + GROUP_STATES_AT);
  const end = state + <usize>u32At(group + GROUP_STATE_COUNT) * STATE_BYTES;
  for (; state < end; state += STATE_BYTES) {
    const at = slice + u32At(state + STATE_OFFSET);
    switch (u32At(state + STATE_KIND)) {
      case STATE_SUM: clearSum(at); break;
      case STATE_PRODUCTS:
      case STATE_TIME_PRODUCTS:
      case STATE_SQUARES: clearSquares(at); break;
      case STATE_TIMES: clearTimes(at); break;
      case STATE_VALUES: clearValues(at); break;
      case STATE_REGISTERS: clearRegisters(at); break;
      case STATE_SERIES: clearSeries(at); break;
      case STATE_SKETCH: clearSketch(at); break;
      default: break;
    }
  }
}
