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

export const average = (values: number[]): number => averageOf(exactSum(values), values.length);

/** The mean of n values whose exact sum is given. */
export function averageOf(sum: bigint, n: number): number {
  const large = !(Math.abs(fromUnits(sum)) < LARGE);
  const [high, low] = twoDoubles(large ? sum >> 64n : sum);
  const quotient = high / n;
  const [back, backLow] = twoProduct(quotient, n);
  const rest = high - back - backLow + low;
  const mean = quotient + rest / n;
  return large ? mean * 18446744073709551616 : mean;
}

/** An exact sum of products, null when one of them is not finite. */
export type Products = bigint | null;

const pairOf = (sum: Products): Pair => (sum === null ? [Number.NaN, 0] : twoDoubles(sum));

const exactOf = (parts: number[]): Products => (parts.every(Number.isFinite) ? exactSum(parts) : null);

/** Σxy of what both products are made of. */
export const productsOf = (x: number[], y: number[]): Products =>
  exactOf(x.flatMap((value, index) => twoProduct(value, y[index]!)));

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

/** Sums over n pairs of x and y, of which some look at one only. */
export interface Sums {
  n: number;
  x: bigint;
  y: bigint;
  xx: Products;
  yy: Products;
  xy: Products;
}

export const sumsOf = (x: number[], y: number[]): Sums => ({
  n: x.length,
  x: exactSum(x),
  y: exactSum(y),
  xx: productsOf(x, x),
  yy: productsOf(y, y),
  xy: productsOf(x, y),
});

/** Σ(x − x̄)². */
function spread(n: number, x: bigint, xx: Products): number {
  const sum = twoDoubles(x);
  const squares = pairOf(xx);
  const { moment } = centered(sum, sum, n, squares);
  return moment <= squares[0] * NOISE ? 0 : moment;
}

/** Σ(x − x̄)(y − ȳ). */
function comoment({ n, x, y, xy }: Sums): number {
  const { moment, scale } = centered(twoDoubles(x), twoDoubles(y), n, pairOf(xy));
  return Math.abs(moment) <= scale * NOISE ? 0 : moment;
}

/** Of more than `dof` values. */
export const variance = ({ n, x, xx }: Sums, dof: number): number => spread(n, x, xx) / (n - dof);

export const covariance = (sums: Sums): number => comoment(sums) / sums.n;

/** null when x or y does not vary. */
export function correlation(sums: Sums): number | null {
  const { n, x, y, xx, yy } = sums;
  const xSpread = spread(n, x, xx);
  const ySpread = spread(n, y, yy);
  if (xSpread === 0 || ySpread === 0) return null;
  return Math.min(Math.max(comoment(sums) / Math.sqrt(xSpread) / Math.sqrt(ySpread), -1), 1);
}

/** A whole number as pair: exactly what the doubles of units 2^-1074 make of it. */
const pairOfWhole = (whole: bigint): Pair => twoDoubles(whole << 1074n);

/** A time as its upper and lower 31 bits. */
const halves = (time: bigint): Pair => [Number((time >> 31n) << 31n), Number(time & 0x7fffffffn)];

/** Sums over n values x and their times t, in whole ns since 1970. */
export interface TimeSums {
  n: number;
  x: bigint;
  t: bigint;
  tt: bigint;
  tx: Products;
}

/** Each product is split without loss. */
export const timeSumsOf = (times: bigint[], x: number[]): TimeSums => ({
  n: x.length,
  x: exactSum(x),
  t: times.reduce((sum, each) => sum + each, 0n),
  tt: times.reduce((sum, each) => sum + each * each, 0n),
  tx: exactOf(times.flatMap((each, index) => halves(each).flatMap((half) => twoProduct(half, x[index]!)))),
});

/** Least squares of x against time, for each second; null when all times are equal. Times count from `startNs`. */
export function slope({ n, x, t, tt, tx }: TimeSums, startNs: bigint): number | null {
  const time = pairOfWhole(t - BigInt(n) * startNs);
  const squares = pairOfWhole(tt - 2n * startNs * t + BigInt(n) * startNs * startNs);
  const ofTime = centered(time, time, n, squares).moment;
  if (ofTime <= squares[0] * NOISE) return null;
  const sum = twoDoubles(x);
  // Σ(t − start)·x = Σt·x − start·Σx.
  const shift = exactOf(halves(startNs).flatMap((half) => sum.flatMap((part) => twoProduct(-half, part))));
  const product = tx === null || shift === null ? null : tx + shift;
  const { moment, scale } = centered(time, sum, n, pairOf(product));
  const steady = Math.abs(moment) <= scale * NOISE;
  return (steady ? 0 : moment / ofTime) * 1e9;
}
