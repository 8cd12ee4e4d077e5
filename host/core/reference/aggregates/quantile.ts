// QUANTILE from its definition: the bucket of the value of one rank, among all values sorted. Imports the results.
import type { AggregateResult } from "./aggregate.ts";

const BUCKETS_MAX = 2048;

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

/** The value of rank ⌊q·(n−1)⌋, as the middle of its bucket. */
export function quantile(values: number[], q: number): AggregateResult {
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
