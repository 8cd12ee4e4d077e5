// What is read from a slice's states: one function for each RESULT_* code. A result that is not finite becomes
// NULL (NaN) and is counted. Imports the states' owners.
import {
  AGGREGATE_A, AGGREGATE_ARGUMENT_TYPE, AGGREGATE_B, AGGREGATE_C, AGGREGATE_CELLS, AGGREGATE_D, AGGREGATE_E,
  AGGREGATE_F, AGGREGATE_NUMBER, AGGREGATE_RESULT, HEADER_NULLED_NONFINITE, RESULT_APPROX_DISTINCT, RESULT_ARRAY_AGG,
  RESULT_AVG, RESULT_CORR, RESULT_COUNT, RESULT_COUNT_ALL, RESULT_COUNT_DISTINCT, RESULT_COVAR_POP, RESULT_COVERAGE,
  RESULT_DELTA, RESULT_EARLIEST, RESULT_FIRST, RESULT_HISTOGRAM, RESULT_INCREASE, RESULT_LAST, RESULT_LATEST, RESULT_MAX, RESULT_MAX_BY,
  RESULT_MIN, RESULT_MIN_BY, RESULT_MODE, RESULT_QUANTILE, RESULT_RANGE, RESULT_RATE, RESULT_SLOPE, RESULT_STDDEV_POP,
  RESULT_STDDEV_SAMP, RESULT_SUM, RESULT_TIME_IN, RESULT_TIME_WEIGHTED_AVG, RESULT_TOP_K, RESULT_VAR_POP, RESULT_VAR_SAMP, SLICE_COUNT,
  TYPE_BIGINT,
} from "../layout";
import { NULL_WHOLE, addI64, f64At, i64At, setU64, u32At } from "../memory/raw";
import { header } from "../memory/regions";
import { elementOf } from "./cells";
import { readRegisters, registersAreOver } from "./distinct/registers";
import { nextRanked, rankedTimes, valueCount, valuesAreOver } from "./distinct/values";
import { average, correlation, covariance, doesNotVary, slope, variance } from "./exact/moments";
import { readSum, sumIsEmpty } from "./exact/sum";
import { averageWhole, readWholeSum, wholeSumIsEmpty } from "./exact/whole";
import { readHistogram } from "./histogram";
import { pickedValue, pickedWhole } from "./picked";
import { isPlaced, placedValue, placedWhole } from "./places";
import { held } from "./in-time/carry";
import { coveredNs, readIncrease, readIncreaseWhole, readRate, readTimeIn, readWeighted } from "./in-time/ordered";
import { readSeries, seriesCount, seriesIsOver } from "./in-time/series";
import { partialIsOver, writePartial } from "./partial/write";
import { readQuantile, sketchIsOver } from "./sketch";
import { spanNs } from "./in-time/span";
import { INEXACT } from "./flag";

/** Something that was read since this was set to false went beyond its stated bound. */
export let beyondBound: bool = false;

export function forgetBounds(): void {
  beyondBound = false;
}

/** Records that a slice stands for. */
export function recordCount(slice: usize): i64 {
  return i64At(slice + SLICE_COUNT) & ~INEXACT;
}

export function isInexact(slice: usize): bool {
  return (i64At(slice + SLICE_COUNT) & INEXACT) != 0;
}

/**
 * Result of one AGGREGATE_* struct over a slice that stands for the window [start, end); NaN for NULL, a STRING as its
 * id, a BOOLEAN as 0 or 1.
 */
export function readAggregate(aggregate: usize, slice: usize, start: i64, end: i64): f64 {
  const a = slice + u32At(aggregate + AGGREGATE_A);
  const b = slice + u32At(aggregate + AGGREGATE_B);
  const c = slice + u32At(aggregate + AGGREGATE_C);
  const d = slice + u32At(aggregate + AGGREGATE_D);
  switch (u32At(aggregate + AGGREGATE_RESULT)) {
    case RESULT_COUNT_ALL: return <f64>recordCount(slice);
    case RESULT_COUNT: return <f64>i64At(a);
    case RESULT_SUM: return sumIsEmpty(a) ? NaN : finite(readSum(a));
    case RESULT_AVG:
      if (isOfWhole(aggregate)) return wholeSumIsEmpty(a) || i64At(b) == 0 ? NaN : averageWhole(a, i64At(b));
      return sumIsEmpty(a) || i64At(b) == 0 ? NaN : finite(average(a, <f64>i64At(b)));
    case RESULT_MIN: return f64At(a) == Infinity ? NaN : f64At(a);
    case RESULT_MAX: return f64At(a) == -Infinity ? NaN : f64At(a);
    case RESULT_RANGE: return f64At(a) == Infinity || f64At(b) == -Infinity ? NaN : finite(f64At(b) - f64At(a));
    case RESULT_VAR_POP: return readVariance(a, b, c, 0);
    case RESULT_VAR_SAMP: return readVariance(a, b, c, 1);
    case RESULT_STDDEV_POP: return Math.sqrt(readVariance(a, b, c, 0));
    case RESULT_STDDEV_SAMP: return Math.sqrt(readVariance(a, b, c, 1));
    case RESULT_FIRST:
    case RESULT_LAST:
    case RESULT_EARLIEST:
    case RESULT_LATEST: return placedValue(a);
    case RESULT_DELTA: return finiteUnlessNull(placedValue(b) - placedValue(a), placedValue(a) + 0 * placedValue(b));
    case RESULT_MIN_BY:
    case RESULT_MAX_BY: return pickedValue(a);
    case RESULT_QUANTILE:
      noteBound(sketchIsOver(a));
      return readQuantile(a, f64At(aggregate + AGGREGATE_NUMBER), f64At(b), f64At(c));
    case RESULT_COVAR_POP: return i64At(a) == 0 ? NaN : finite(covariance(a, b, c, d));
    case RESULT_CORR: return i64At(a) == 0 ? NaN : readCorrelation(aggregate, slice);
    case RESULT_SLOPE: return i64At(a) == 0 ? NaN : unlessSteady(slope(a, b, c, d, start));
    case RESULT_COVERAGE: return coverage(aggregate, slice, a, end - start);
    case RESULT_COUNT_DISTINCT: noteBound(valuesAreOver(a)); return <f64>valueCount(a);
    case RESULT_APPROX_DISTINCT: noteBound(registersAreOver(a)); return readRegisters(a);
    case RESULT_INCREASE:
    case RESULT_RATE:
    case RESULT_TIME_WEIGHTED_AVG:
    case RESULT_TIME_IN: return readOrdered(aggregate, a, start, end);
    case RESULT_MODE:
      noteBound(valuesAreOver(a));
      return readMode(aggregate, a);
    default: return unreachable();
  }
}

/** The first argument is a BIGINT. */
// @ts-ignore: decorator
@inline function isOfWhole(aggregate: usize): bool { return u32At(aggregate + AGGREGATE_ARGUMENT_TYPE) == TYPE_BIGINT; }

function readMode(aggregate: usize, values: usize): f64 {
  const word = nextRanked(values, u32At(aggregate + AGGREGATE_ARGUMENT_TYPE), 0, i64.MAX_VALUE);
  return rankedTimes == 0 ? NaN : reinterpret<f64>(word);
}

/** The result of one that gives a BIGINT. */
export function readWhole(aggregate: usize, slice: usize): i64 {
  const a = slice + u32At(aggregate + AGGREGATE_A);
  const b = slice + u32At(aggregate + AGGREGATE_B);
  switch (u32At(aggregate + AGGREGATE_RESULT)) {
    case RESULT_SUM: return wholeSumIsEmpty(a) ? NULL_WHOLE : fitting(readWholeSum(a));
    case RESULT_MIN:
    case RESULT_MAX: return i64At(a);
    case RESULT_RANGE: return difference(i64At(b), i64At(a));
    case RESULT_FIRST:
    case RESULT_LAST:
    case RESULT_EARLIEST:
    case RESULT_LATEST: return placedWhole(a);
    case RESULT_DELTA: return difference(placedWhole(b), placedWhole(a));
    case RESULT_MIN_BY:
    case RESULT_MAX_BY: return pickedWhole(a);
    case RESULT_INCREASE:
      noteBound(seriesIsOver(a));
      return seriesCount(a) == 0 ? NULL_WHOLE : fitting(readIncreaseWhole(a));
    case RESULT_MODE: {
      noteBound(valuesAreOver(a));
      const word = nextRanked(a, TYPE_BIGINT, 0, i64.MAX_VALUE);
      return rankedTimes == 0 ? NULL_WHOLE : <i64>word;
    }
    default: return unreachable();
  }
}

/** What is beyond BIGINT is NULL, and counted. */
function fitting(value: i64): i64 {
  if (value == NULL_WHOLE) addI64(header + HEADER_NULLED_NONFINITE, 1);
  return value;
}

function difference(x: i64, y: i64): i64 {
  if (x == NULL_WHOLE || y == NULL_WHOLE) return NULL_WHOLE;
  const value = x - y;
  return fitting(((x ^ y) & (x ^ value)) < 0 ? NULL_WHOLE : value);
}

// @ts-ignore: decorator
@inline function noteBound(over: bool): void {
  if (over) beyondBound = true;
}

function readOrdered(aggregate: usize, series: usize, start: i64, end: i64): f64 {
  noteBound(seriesIsOver(series));
  const result = u32At(aggregate + AGGREGATE_RESULT);
  // Only aggregates with `carry` have a second state.
  const before = u32At(aggregate + AGGREGATE_B) == 0 ? <usize>0 : held + u32At(aggregate + AGGREGATE_B);
  const isNull = seriesCount(series) == 0 && (before == 0 || !isPlaced(before));
  let value: f64;
  if (result == RESULT_INCREASE) value = readIncrease(series);
  else if (result == RESULT_RATE) value = readRate(series, isOfWhole(aggregate));
  else if (result == RESULT_TIME_IN) value = readTimeIn(series, start, end, before);
  else value = readWeighted(series, start, end, before);
  return isNull || (result == RESULT_RATE && coveredNs == 0) ? NaN : finite(value);
}

/** Writes the elements of an ARRAY result to `to`, 8 bytes each; how many they are, 0 for NULL. */
export function readArray(aggregate: usize, slice: usize, to: usize): u32 {
  const a = slice + u32At(aggregate + AGGREGATE_A);
  switch (u32At(aggregate + AGGREGATE_RESULT)) {
    case RESULT_HISTOGRAM: return readHistogram(u32At(aggregate + AGGREGATE_CELLS), a, to);
    case RESULT_ARRAY_AGG:
      noteBound(seriesIsOver(a));
      return readSeries(a, u32At(aggregate + AGGREGATE_ARGUMENT_TYPE), to);
    case RESULT_TOP_K:
      noteBound(valuesAreOver(a));
      return readTop(a, u32At(aggregate + AGGREGATE_ARGUMENT_TYPE), u32At(aggregate + AGGREGATE_CELLS), to);
    default: return unreachable();
  }
}

/** Writes the partial of an aggregate to `to`; returns its length, 0 when there is no room for it. */
export function readPartial(aggregate: usize, group: usize, slice: usize, to: usize): u32 {
  const length = writePartial(aggregate, group, slice, to);
  noteBound(partialIsOver);
  return length;
}

/** The k values that came most often. */
function readTop(at: usize, type: u32, k: u32, to: usize): u32 {
  let value: u64 = 0;
  let times = i64.MAX_VALUE;
  let found: u32 = 0;
  for (; found < k; found++) {
    value = nextRanked(at, type, value, times);
    if (rankedTimes == 0) break;
    times = rankedTimes;
    setU64(to + (<usize>found << 3), elementOf(value, type));
  }
  return found;
}

/** No result is −0. */
function finite(value: f64): f64 {
  if (value - value == 0) return value + 0;
  addI64(header + HEADER_NULLED_NONFINITE, 1);
  return NaN;
}

function finiteUnlessNull(value: f64, operand: f64): f64 {
  return operand != operand ? NaN : finite(value);
}

function unlessSteady(value: f64): f64 {
  return doesNotVary ? NaN : finite(value);
}

function readVariance(sum: usize, count: usize, squares: usize, dof: i64): f64 {
  return i64At(count) <= dof ? NaN : finite(variance(sum, count, squares, dof));
}

function readCorrelation(aggregate: usize, slice: usize): f64 {
  return unlessSteady(correlation(
    slice + u32At(aggregate + AGGREGATE_A), slice + u32At(aggregate + AGGREGATE_B),
    slice + u32At(aggregate + AGGREGATE_C), slice + u32At(aggregate + AGGREGATE_D),
    slice + u32At(aggregate + AGGREGATE_E), slice + u32At(aggregate + AGGREGATE_F),
  ));
}

/**
 * Records ÷ expected ones when the source says how often they come, else the share that their span has. Of partials
 * `span` is the count that they hold, or their span.
 */
function coverage(aggregate: usize, slice: usize, span: usize, size: i64): f64 {
  const every = f64At(aggregate + AGGREGATE_NUMBER);
  const ofPartials = u32At(aggregate + AGGREGATE_CELLS) != 0;
  const records = !ofPartials ? recordCount(slice) : every > 0 ? i64At(span) : spanNs(span) + 1;
  if (records == 0) return NaN;
  return every > 0 ? <f64>records / (<f64>size / every) : <f64>spanNs(span) / <f64>size;
}
