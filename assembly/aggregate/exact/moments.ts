// What is made of exact sums: mean, variance, covariance, correlation, slope. Evaluated in double-double, in the order
// of operations that docs/semantics.md writes down. All answer NaN for NULL. Imports the exact sums and product.
import { i64At } from "../../memory/raw";
import { product, productLow } from "../../number/product";
import { readSquares } from "./squares";
import { readSmallerSum, readSum, sumLow } from "./sum";
import { readTimeProducts, readTimeSquares, readTimes } from "./times";

/** Below this share of what it is the difference of a moment is rounding noise and reported as 0. 2^-98 */
const NOISE: f64 = 3.1554436208840472e-30;

/** Sums from here on are divided as 2^-64 of themselves, so that nothing on the way is beyond double. 2^960 */
const LARGE: f64 = 9.7453140114e288;

/** (high + low) ÷ n rounded once, as high ÷ n plus the quotient of the exact remainder. */
export function average(sum: usize, n: f64): f64 {
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

/** The larger one of what `centered` took the difference of. */
let scale: f64 = 0;

/** cross − a·b ÷ n, each given as (nearest double, rest): Σ(x − x̄)(y − ȳ) of Σxy, Σx and Σy. */
function centered(a: f64, aLow: f64, b: f64, bLow: f64, n: f64, cross: f64, crossLow: f64): f64 {
  let power = product(a, b);
  let powerLow = productLow + (a * bLow + aLow * b);
  const renormal = power + powerLow;
  powerLow = powerLow - (renormal - power);
  power = renormal;
  const quotient = power / n;
  const back = product(quotient, n);
  const rest = ((power - back) - productLow) + powerLow;
  const quotientLow = rest / n;
  const meanHigh = quotient + quotientLow;
  const meanLow = quotientLow - (meanHigh - quotient);
  const difference = cross - meanHigh;
  const seen = difference - cross;
  let differenceLow = (cross - (difference - seen)) + (-meanHigh - seen);
  differenceLow = differenceLow + (crossLow - meanLow);
  scale = max(Math.abs(cross), Math.abs(meanHigh));
  return difference + differenceLow;
}

/** Σ(x − x̄)² of the states of Σx and Σx². */
function spread(sum: usize, squares: usize, n: f64): f64 {
  const high = readSum(sum);
  const low = sumLow;
  const cross = readSquares(squares);
  const moment = centered(high, low, high, low, n, cross, sumLow);
  return moment <= cross * NOISE ? 0 : moment;
}

/** Σ(x − x̄)(y − ȳ) of the states of Σx, Σy and Σxy. */
function comoment(x: usize, y: usize, products: usize, n: f64): f64 {
  const xHigh = readSum(x);
  const xLow = sumLow;
  const yHigh = readSum(y);
  const yLow = sumLow;
  const cross = readSquares(products);
  const moment = centered(xHigh, xLow, yHigh, yLow, n, cross, sumLow);
  return Math.abs(moment) <= scale * NOISE ? 0 : moment;
}

/** Σ(x − x̄)² ÷ (n − dof), of more than `dof` values. */
export function variance(sum: usize, count: usize, squares: usize, dof: i64): f64 {
  const n = i64At(count);
  return spread(sum, squares, <f64>n) / <f64>(n - dof);
}

export function covariance(count: usize, x: usize, y: usize, products: usize): f64 {
  const n = <f64>i64At(count);
  return comoment(x, y, products, n) / n;
}

/** Pearson's correlation; NULL when either does not vary, which `doesNotVary` then says. */
export let doesNotVary: bool = false;

export function correlation(
  count: usize, x: usize, y: usize, products: usize, xSquares: usize, ySquares: usize,
): f64 {
  const n = <f64>i64At(count);
  const xSpread = spread(x, xSquares, n);
  const ySpread = spread(y, ySquares, n);
  doesNotVary = xSpread == 0 || ySpread == 0;
  if (doesNotVary) return NaN;
  const moment = comoment(x, y, products, n);
  return min(max(moment / Math.sqrt(xSpread) / Math.sqrt(ySpread), -1), 1);
}

/** Least squares of x against event time, for each second; NULL when all times are equal. */
export function slope(count: usize, sum: usize, times: usize, products: usize, start: i64): f64 {
  const n = <f64>i64At(count);
  const time = readTimes(times, n, start);
  const timeLow = sumLow;
  const timeSquares = readTimeSquares(times, n, start);
  const spreadOfTime = centered(time, timeLow, time, timeLow, n, timeSquares, sumLow);
  doesNotVary = spreadOfTime <= timeSquares * NOISE;
  if (doesNotVary) return NaN;
  const high = readSum(sum);
  const low = sumLow;
  const cross = readTimeProducts(products, high, low, start);
  const moment = centered(time, timeLow, high, low, n, cross, sumLow);
  const steady = Math.abs(moment) <= scale * NOISE;
  return (steady ? 0 : moment / spreadOfTime) * 1e9;
}
