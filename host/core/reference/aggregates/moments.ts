// Means, variances, covariance, correlation and slope: exact sums with BigInt, then the formulas of docs/semantics.md,
// operation by operation. Imports exact.
import { fromUnits, toUnits, twoDoubles, twoProduct } from "../exact.ts";

/** 2^-98 */
const NOISE = 3.1554436208840472e-30;
/** Sums from here on are divided as 2^-64 of themselves, so that nothing on the way is beyond double. 2^960 */
const LARGE = 9.7453140114e288;

/** A number as the nearest double and the nearest of what is left. */
type Pair = [high: number, low: number];

export function exactSum(values: number[]): bigint {
  return values.reduce((sum, value) => sum + toUnits(value), 0n);
}

export function average(values: number[]): number {
  const n = values.length;
  const sum = exactSum(values);
  const large = !(Math.abs(fromUnits(sum)) < LARGE);
  const [high, low] = twoDoubles(large ? sum >> 64n : sum);
  const quotient = high / n;
  const [back, backLow] = twoProduct(quotient, n);
  const rest = high - back - backLow + low;
  const mean = quotient + rest / n;
  return large ? mean * 18446744073709551616 : mean;
}

const pairOf = (parts: number[]): Pair =>
  parts.every(Number.isFinite) ? twoDoubles(exactSum(parts)) : [Number.NaN, 0];

const sumOf = (values: number[]): Pair => twoDoubles(exactSum(values));
const productsOf = (x: number[], y: number[]): Pair =>
  pairOf(x.flatMap((value, index) => twoProduct(value, y[index]!)));

/** Σxy − Σx·Σy ÷ n, and the larger one of the two. */
function centered(
  [a, aLow]: Pair,
  [b, bLow]: Pair,
  n: number,
  [cross, crossLow]: Pair,
): { moment: number; scale: number } {
  let [power, powerLow] = twoProduct(a, b);
  powerLow += a * bLow + aLow * b;
  const renormal = power + powerLow;
  powerLow -= renormal - power;
  power = renormal;
  const quotient = power / n;
  const [back, backLow] = twoProduct(quotient, n);
  const quotientLow = (power - back - backLow + powerLow) / n;
  const meanHigh = quotient + quotientLow;
  const meanLow = quotientLow - (meanHigh - quotient);
  const difference = cross - meanHigh;
  const seen = difference - cross;
  let differenceLow = cross - (difference - seen) + (-meanHigh - seen);
  differenceLow += crossLow - meanLow;
  return { moment: difference + differenceLow, scale: Math.max(Math.abs(cross), Math.abs(meanHigh)) };
}

/** Σ(x − x̄)². */
function spread(values: number[]): number {
  const sum = sumOf(values);
  const squares = productsOf(values, values);
  const { moment } = centered(sum, sum, values.length, squares);
  return moment <= squares[0] * NOISE ? 0 : moment;
}

/** Σ(x − x̄)(y − ȳ). */
function comoment(x: number[], y: number[]): number {
  const { moment, scale } = centered(sumOf(x), sumOf(y), x.length, productsOf(x, y));
  return Math.abs(moment) <= scale * NOISE ? 0 : moment;
}

/** Of more than `dof` values. */
export function variance(values: number[], dof: number): number {
  return spread(values) / (values.length - dof);
}

export function covariance(x: number[], y: number[]): number {
  return comoment(x, y) / x.length;
}

/** null when x or y does not vary. */
export function correlation(x: number[], y: number[]): number | null {
  const xSpread = spread(x);
  const ySpread = spread(y);
  if (xSpread === 0 || ySpread === 0) return null;
  return Math.min(Math.max(comoment(x, y) / Math.sqrt(xSpread) / Math.sqrt(ySpread), -1), 1);
}

/** A whole number as pair: exactly what the doubles of units 2^-1074 make of it. */
const pairOfWhole = (whole: bigint): Pair => twoDoubles(whole << 1074n);

/** A time as its upper and lower 31 bits. */
const halves = (time: bigint): Pair => [Number((time >> 31n) << 31n), Number(time & 0x7fffffffn)];

/** Least squares of x against time, for each second; null when all times are equal. Times count from `startNs`. */
export function slope(times: bigint[], x: number[], startNs: bigint): number | null {
  const n = x.length;
  const since = times.map((time) => time - startNs);
  const time = pairOfWhole(since.reduce((sum, each) => sum + each, 0n));
  const squares = pairOfWhole(since.reduce((sum, each) => sum + each * each, 0n));
  const ofTime = centered(time, time, n, squares).moment;
  if (ofTime <= squares[0] * NOISE) return null;
  const sum = sumOf(x);
  // Each product is split without loss, then Σ(t − start)·x = Σt·x − start·Σx.
  const whole = times.flatMap((each, index) => halves(each).flatMap((half) => twoProduct(half, x[index]!)));
  const shift = halves(startNs).flatMap((half) => sum.flatMap((part) => twoProduct(-half, part)));
  const { moment, scale } = centered(time, sum, n, pairOf([...whole, ...shift]));
  const steady = Math.abs(moment) <= scale * NOISE;
  return (steady ? 0 : moment / ofTime) * 1e9;
}
