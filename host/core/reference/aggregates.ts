// Aggregates over the list of a window's records, each from its definition. NULL values are left out before.
// The formulas of AVG and the variances are those of docs/semantics.md, operation by operation.
// Imports exact.
import type { AggregatePlan } from "../plan.ts";
import { fromUnits, toUnits, twoDoubles, twoProduct } from "./exact.ts";

/** A value of an aggregate's argument. */
export interface Sampled {
  timeNs: bigint;
  /** Arrival order. */
  arrival: number;
  value: number;
}

export interface AggregateResult {
  value: number | null;
  /** The value was not finite and became NULL. */
  nonfinite: boolean;
  inexact: boolean;
}

const BUCKETS_MAX = 2048;
/** 2^-98 */
const NOISE = 3.1554436208840472e-30;
/** Sums from here on are divided as 2^-64 of themselves, so that nothing on the way is beyond double. 2^960 */
const LARGE = 9.7453140114e288;

const plain = (value: number | null): AggregateResult => ({ value, nonfinite: false, inexact: false });
const finite = (value: number): AggregateResult =>
  Number.isFinite(value) ? plain(value) : { value: null, nonfinite: true, inexact: false };

/** The result over the values that are there, in arrival order; `count_all` and `count` are the caller's. */
export function aggregate(plan: AggregatePlan, samples: Sampled[]): AggregateResult {
  if (samples.length === 0) return plain(null);
  const values = samples.map((sample) => sample.value);
  const byTime = samples.toSorted((a, b) =>
    a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : a.arrival - b.arrival,
  );
  switch (plan.name) {
    case "sum":
      return finite(fromUnits(exactSum(values)));
    case "avg":
      return finite(average(values));
    case "min":
      return plain(values.reduce((a, b) => (b < a ? b : a)));
    case "max":
      return plain(values.reduce((a, b) => (b > a ? b : a)));
    case "first_value":
      return plain(values[0]!);
    case "last_value":
      return plain(values.at(-1)!);
    case "earliest":
      return plain(byTime[0]!.value);
    case "latest":
      return plain(byTime.at(-1)!.value);
    case "quantile":
      return quantile(values, plan.parameter!);
    case "var_pop":
      return variance(values, 0, false);
    case "var_samp":
      return variance(values, 1, false);
    case "stddev_pop":
      return variance(values, 0, true);
    case "stddev_samp":
      return variance(values, 1, true);
    default:
      throw new Error(`the aggregate ${plan.name} is unknown to the reference`);
  }
}

function exactSum(values: number[]): bigint {
  return values.reduce((sum, value) => sum + toUnits(value), 0n);
}

function average(values: number[]): number {
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

function variance(values: number[], dof: number, root: boolean): AggregateResult {
  const n = values.length;
  if (n <= dof) return plain(null);
  const squares = values.flatMap((value) => twoProduct(value, value));
  const [high, low] = twoDoubles(exactSum(values));
  const [squaresHigh, squaresLow] = squares.every(Number.isFinite)
    ? twoDoubles(exactSum(squares))
    : [Number.NaN, 0];
  let [power, powerLow] = twoProduct(high, high);
  powerLow += 2 * (high * low);
  const renormal = power + powerLow;
  powerLow -= renormal - power;
  power = renormal;
  const quotient = power / n;
  const [back, backLow] = twoProduct(quotient, n);
  const quotientLow = (power - back - backLow + powerLow) / n;
  const meanHigh = quotient + quotientLow;
  const meanLow = quotientLow - (meanHigh - quotient);
  const difference = squaresHigh - meanHigh;
  const seen = difference - squaresHigh;
  let differenceLow = squaresHigh - (difference - seen) + (-meanHigh - seen);
  differenceLow += squaresLow - meanLow;
  let moment = difference + differenceLow;
  if (moment <= squaresHigh * NOISE) moment = 0;
  const result = finite(moment / (n - dof));
  return root && result.value !== null ? plain(Math.sqrt(result.value)) : result;
}

const word = new DataView(new ArrayBuffer(8));

/** Bucket of a value: sign, exponent and top six mantissa bits. Magnitudes order as the buckets' numbers do. */
function bucketOf(value: number): { magnitude: number; negative: boolean } {
  word.setFloat64(0, Math.abs(value));
  return { magnitude: Math.floor(word.getUint32(0) / 16384), negative: value < 0 };
}

function middleOf(magnitude: number, negative: boolean): number {
  if (magnitude < 64) return 0;
  word.setUint32(0, magnitude * 16384 + 8192);
  word.setUint32(4, 0);
  return negative ? -word.getFloat64(0) : word.getFloat64(0);
}

function quantile(values: number[], q: number): AggregateResult {
  const buckets = values.map(bucketOf);
  // Distance from zero; at equal distance the negative bucket is nearer.
  const distance = (bucket: { magnitude: number; negative: boolean }): number =>
    bucket.magnitude * 2 + (bucket.negative ? 0 : 1);
  const distinct = [...new Set(buckets.map(distance))].sort((a, b) => b - a);
  const smallestKept = distinct[Math.min(distinct.length, BUCKETS_MAX) - 1]!;
  const middles = buckets
    .map((bucket) => Math.max(distance(bucket), smallestKept))
    .map((kept) => ({ magnitude: Math.floor(kept / 2), negative: kept % 2 === 0 }))
    .map(({ magnitude, negative }) => ({ order: negative ? -magnitude - 1 : magnitude, magnitude, negative }))
    .sort((a, b) => a.order - b.order);
  const chosen = middles[Math.floor(q * (values.length - 1))]!;
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  const value = Math.min(Math.max(middleOf(chosen.magnitude, chosen.negative), least), most);
  return { value, nonfinite: false, inexact: distinct.length > BUCKETS_MAX };
}
