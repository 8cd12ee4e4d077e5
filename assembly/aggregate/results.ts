// What is read from a slice's states: one function for each RESULT_* code. A result that is not finite becomes
// NULL (NaN) and is counted. Means and variances are evaluated in double-double from the exact sums, in the
// order of operations that docs/semantics.md writes down. Imports the states' owners.
import {
  AGGREGATE_A, AGGREGATE_B, AGGREGATE_C, AGGREGATE_NUMBER, AGGREGATE_RESULT, HEADER_NULLED_NONFINITE, RESULT_AVG,
  RESULT_COUNT, RESULT_COUNT_ALL, RESULT_EARLIEST, RESULT_FIRST, RESULT_LAST, RESULT_LATEST, RESULT_MAX,
  RESULT_MIN, RESULT_QUANTILE, RESULT_STDDEV_POP, RESULT_STDDEV_SAMP, RESULT_SUM, RESULT_VAR_POP,
  RESULT_VAR_SAMP, SLICE_COUNT,
} from "../layout";
import { addI64, f64At, i64At, u32At } from "../memory/raw";
import { header } from "../memory/regions";
import { product, productLow } from "../number/product";
import { placedValue } from "./places";
import { readQuantile } from "./sketch";
import { readSquares } from "./squares";
import { INEXACT } from "./states";
import { readSmallerSum, readSum, sumIsEmpty, sumLow } from "./sum";

/** Below this share of Σx² a variance is rounding noise and reported as 0. 2^-98 */
const NOISE: f64 = 3.1554436208840472e-30;

/** Records that a slice stands for. */
export function recordCount(slice: usize): i64 {
  return i64At(slice + SLICE_COUNT) & ~INEXACT;
}

export function isInexact(slice: usize): bool {
  return (i64At(slice + SLICE_COUNT) & INEXACT) != 0;
}

/** Result of one AGGREGATE_* struct over a slice; NaN for NULL. */
export function readAggregate(aggregate: usize, slice: usize): f64 {
  const a = slice + u32At(aggregate + AGGREGATE_A);
  const b = slice + u32At(aggregate + AGGREGATE_B);
  const c = slice + u32At(aggregate + AGGREGATE_C);
  switch (u32At(aggregate + AGGREGATE_RESULT)) {
    case RESULT_COUNT_ALL: return <f64>recordCount(slice);
    case RESULT_COUNT: return <f64>i64At(a);
    case RESULT_SUM: return sumIsEmpty(a) ? NaN : finite(readSum(a));
    case RESULT_AVG: return sumIsEmpty(a) ? NaN : finite(average(a, <f64>i64At(b)));
    case RESULT_MIN: return f64At(a) == Infinity ? NaN : f64At(a);
    case RESULT_MAX: return f64At(a) == -Infinity ? NaN : f64At(a);
    case RESULT_VAR_POP: return variance(a, b, c, 0, false);
    case RESULT_VAR_SAMP: return variance(a, b, c, 1, false);
    case RESULT_STDDEV_POP: return variance(a, b, c, 0, true);
    case RESULT_STDDEV_SAMP: return variance(a, b, c, 1, true);
    case RESULT_FIRST:
    case RESULT_LAST:
    case RESULT_EARLIEST:
    case RESULT_LATEST: return placedValue(a);
    case RESULT_QUANTILE: return readQuantile(a, f64At(aggregate + AGGREGATE_NUMBER), f64At(b), f64At(c));
    default: return unreachable();
  }
}

function finite(value: f64): f64 {
  if (value - value == 0) return value;
  addI64(header + HEADER_NULLED_NONFINITE, 1);
  return NaN;
}

/** Sums from here on are divided as 2^-64 of themselves, so that nothing on the way is beyond double. 2^960 */
const LARGE: f64 = 9.7453140114e288;

/** (high + low) ÷ n rounded once, as high ÷ n plus the quotient of the exact remainder. */
function average(sum: usize, n: f64): f64 {
  const whole = readSum(sum);
  const large = !(Math.abs(whole) < LARGE);
  const high = large ? readSmallerSum(sum) : whole;
  const low = sumLow;
  const quotient = high / n;
  const back = product(quotient, n);
  const rest = ((high - back) - productLow) + low;
  const mean = quotient + rest / n;
  return large ? mean * 18446744073709551616.0 : mean;
}

/** (Σx² − (Σx)² ÷ n) ÷ (n − dof) in double-double; or its root. */
function variance(sum: usize, count: usize, squares: usize, dof: i64, root: bool): f64 {
  const n = i64At(count);
  if (n <= dof) return NaN;
  const high = readSum(sum);
  const low = sumLow;
  const squaresHigh = readSquares(squares);
  const squaresLow = sumLow;
  const count64 = <f64>n;
  let power = product(high, high);
  let powerLow = productLow + 2 * (high * low);
  const renormal = power + powerLow;
  powerLow = powerLow - (renormal - power);
  power = renormal;
  const quotient = power / count64;
  const back = product(quotient, count64);
  const rest = ((power - back) - productLow) + powerLow;
  const quotientLow = rest / count64;
  const meanHigh = quotient + quotientLow;
  const meanLow = quotientLow - (meanHigh - quotient);
  const difference = squaresHigh - meanHigh;
  const seen = difference - squaresHigh;
  let differenceLow = (squaresHigh - (difference - seen)) + (-meanHigh - seen);
  differenceLow = differenceLow + (squaresLow - meanLow);
  let moment = difference + differenceLow;
  if (moment <= squaresHigh * NOISE) moment = 0;
  const result = finite(moment / <f64>(n - dof));
  return root ? Math.sqrt(result) : result;
}
