// QUANTILE from its definition: the bucket of the value of one rank, among all values sorted. Imports the results.
import type { AggregateResult } from "./aggregate.ts";

const BUCKETS_MAX = 2048;
/** Values that a bucket counts. */
export const COUNT_MAX = 4_294_967_295;

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

/** Buckets by their order: how many values each has. */
export interface Buckets {
  counts: Map<number, number>;
  over: boolean;
}

const orderOf = ({ magnitude, negative }: { magnitude: number; negative: boolean }): number =>
  negative ? -magnitude - 1 : magnitude;

/** The buckets of values. */
export function bucketsOf(values: number[]): Buckets {
  const counts = new Map<number, number>();
  for (const order of values.map((value) => orderOf(bucketOf(value))))
    counts.set(order, (counts.get(order) ?? 0) + 1);
  return collapse({ counts, over: false });
}

/** Past the bound those nearest zero become one with the smallest that is kept. */
export function collapse({ counts, over }: Buckets): Buckets {
  const rank = (order: number): number => (order >= 0 ? order * 2 + 1 : (-order - 1) * 2);
  const orders = [...counts.keys()].sort((a, b) => rank(b) - rank(a));
  if (orders.length <= BUCKETS_MAX) return { counts, over };
  const kept = new Map<number, number>();
  const last = orders[BUCKETS_MAX - 1]!;
  orders.forEach((order, place) => {
    const to = place < BUCKETS_MAX ? order : last;
    kept.set(to, Math.min((kept.get(to) ?? 0) + counts.get(order)!, COUNT_MAX));
  });
  return { counts: kept, over: true };
}

/** The value of rank ⌊q·(n−1)⌋ among buckets, held within the extremes. */
export function quantileOf(
  { counts, over }: Buckets,
  q: number,
  least: number,
  most: number,
): AggregateResult {
  const orders = [...counts.keys()].sort((a, b) => a - b);
  const n = orders.reduce((sum, order) => sum + counts.get(order)!, 0);
  const rank = Math.floor(q * (n - 1));
  let seen = 0;
  const chosen = orders.find((order) => (seen += counts.get(order)!) > rank)!;
  const middle = chosen < 0 ? middleOf(-chosen - 1, true) : middleOf(chosen, false);
  return { value: Math.min(Math.max(middle, least), most), nonfinite: false, inexact: over };
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
