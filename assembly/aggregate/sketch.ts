// QUANTILE: a DDSketch whose buckets are cut from the bits of the double itself: sign, exponent and the top six
// mantissa bits. No logarithm, the same bits everywhere; a bucket is 2^-6 of its octave wide, so its middle is
// less than 0.8 % from any value in it. Counts lie in pages of 64, one page for each sign and exponent in use:
//   state  ┌ first page u32 ┬ buckets in use u32, bit 31: beyond its bound ┬ values i64 ┐        16 bytes
//   page   ┌ next u32 ┬ octave i32 (orders the pages by value) ┬ 64 counts u32 ┐      264 bytes
// A list of pages runs from the smallest value to the largest. Past QUANTILE_BUCKETS_MAX buckets in use the one
// nearest zero moves into the next one away from zero (negative before positive at equal distance), and the state
// says that it is over its bound (bit 31 of its buckets): what is kept does not depend on the order of the values. The
// same when the pool has no page left, and the value is not counted. Merged by adding counts.
// Source: Masson, Rim, Lee, "DDSketch" (VLDB 2019), with bit buckets. Imports pool and raw access.
import { QUANTILE_BUCKETS_MAX } from "../layout";
import { give, take } from "../memory/pool";
import { addI64, f64At, i32At, i64At, setI64, setU32, u32At } from "../memory/raw";

const FIRST: usize = 0;
const BUCKETS: usize = 4;
const VALUES: usize = 8;
/** In BUCKETS: over the bound. */
const OVER: u32 = 0x80000000;

const NEXT: usize = 0;
const OCTAVE: usize = 4;
const COUNTS: usize = 8;
const PAGE_BYTES: usize = 264;

let freeList: usize = 0;

/** Places the free list's head at `base`; returns the first byte behind. */
export function openSketches(base: usize): usize {
  freeList = base;
  setU32(freeList, 0);
  return base + 64;
}

export function initSketch(at: usize): void {
  setU32(at + FIRST, 0);
  setU32(at + BUCKETS, 0);
  setI64(at + VALUES, 0);
}

export function addSketch(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice != 0 && value == value) addBucket(slice + offset, bucketOf(value), 1);
  }
}

/** Bucket of a value: an i32 that orders as the values do; |bucket| is 0 for zero and subnormals near it. */
// @ts-ignore: decorator
@inline function bucketOf(value: f64): i32 {
  const magnitude = <i32>((reinterpret<u64>(value) >> 46) & 0x1ffff);
  return value < 0 ? -magnitude - 1 : magnitude;
}

/** Octave of a bucket: 0, 1, … for values ≥ 0 and −1, −2, … below; 64 buckets each. */
// @ts-ignore: decorator
@inline function octaveOf(bucket: i32): i32 { return bucket >> 6; }

// @ts-ignore: decorator
@inline function distanceOf(bucket: i32): i32 { return bucket >= 0 ? bucket : -bucket - 1; }

export function flagSketch(at: usize): void {
  setU32(at + BUCKETS, u32At(at + BUCKETS) | OVER);
}

export function sketchIsOver(at: usize): bool { return (u32At(at + BUCKETS) & OVER) != 0; }
export function sketchBuckets(at: usize): u32 { return u32At(at + BUCKETS) & ~OVER; }

/** The page of an octave, made where it is new; 0 when the pool is used up. */
function pageOf(at: usize, octave: i32): usize {
  let link = at + FIRST;
  let page = <usize>u32At(link);
  while (page != 0 && i32At(page + OCTAVE) < octave) {
    link = page + NEXT;
    page = <usize>u32At(link);
  }
  if (page != 0 && i32At(page + OCTAVE) == octave) return page;
  const fresh = take(freeList, PAGE_BYTES);
  if (fresh == 0) return 0;
  memory.fill(fresh + COUNTS, 0, 256);
  setU32(fresh + NEXT, <u32>page);
  setU32(fresh + OCTAVE, <u32>octave);
  setU32(link, <u32>fresh);
  return fresh;
}

/** Counts so many values of a bucket. */
export function addBucket(at: usize, bucket: i32, count: u32): void {
  const page = pageOf(at, octaveOf(bucket));
  if (page == 0) {
    flagSketch(at);
    return;
  }
  const cell = page + COUNTS + (<usize>(bucket & 63) << 2);
  const before = u32At(cell);
  const added = min(count, u32.MAX_VALUE - before);
  if (added != count) flagSketch(at);
  addI64(at + VALUES, added);
  setU32(cell, before + added);
  if (before != 0) return;
  const used = u32At(at + BUCKETS) + 1;
  setU32(at + BUCKETS, used);
  if ((used & ~OVER) > <u32>QUANTILE_BUCKETS_MAX) collapse(at);
}

/** The two buckets nearest zero, by rank; search() sets them. */
let nearest: i32 = 0;
let nearestRank: i32 = 0;
let second: i32 = 0;
let secondRank: i32 = 0;

/** At equal distance the negative bucket is nearer: it moves first. */
// @ts-ignore: decorator
@inline function rankOf(bucket: i32): i32 { return (distanceOf(bucket) << 1) + (bucket >= 0 ? 1 : 0); }

/** Looks for buckets nearer to zero on one page. */
function search(page: usize): void {
  if (page == 0) return;
  for (let place = 0; place < 64; place++) {
    if (u32At(page + COUNTS + (<usize>place << 2)) == 0) continue;
    const bucket = (i32At(page + OCTAVE) << 6) + place;
    const rank = rankOf(bucket);
    if (rank < nearestRank) {
      second = nearest;
      secondRank = nearestRank;
      nearest = bucket;
      nearestRank = rank;
    } else if (rank < secondRank) {
      second = bucket;
      secondRank = rank;
    }
  }
}

/**
 * Moves the bucket nearest zero into the next one away from zero. No page is empty, so the two are on the last two
 * pages below zero or the first two from it on.
 */
function collapse(at: usize): void {
  flagSketch(at);
  let lower: usize = 0;
  let below: usize = 0;
  let page = <usize>u32At(at + FIRST);
  while (page != 0 && i32At(page + OCTAVE) < 0) {
    lower = below;
    below = page;
    page = <usize>u32At(page + NEXT);
  }
  nearestRank = i32.MAX_VALUE;
  secondRank = i32.MAX_VALUE;
  search(lower);
  search(below);
  search(page);
  if (page != 0) search(<usize>u32At(page + NEXT));
  const from = pageOf(at, octaveOf(nearest));
  const count = from + COUNTS + (<usize>(nearest & 63) << 2);
  const to = pageOf(at, octaveOf(second)) + COUNTS + (<usize>(second & 63) << 2);
  const moved = min(u32At(count), u32.MAX_VALUE - u32At(to));
  addI64(at + VALUES, <i64>moved - <i64>u32At(count));
  setU32(to, u32At(to) + moved);
  setU32(count, 0);
  setU32(at + BUCKETS, u32At(at + BUCKETS) - 1);
  if (isEmpty(from)) unlink(at, from);
}

function isEmpty(page: usize): bool {
  for (let place: usize = 0; place < 64; place++) {
    if (u32At(page + COUNTS + (place << 2)) != 0) return false;
  }
  return true;
}

function unlink(at: usize, page: usize): void {
  let link = at + FIRST;
  while (<usize>u32At(link) != page) link = <usize>u32At(link) + NEXT;
  setU32(link, u32At(page + NEXT));
  give(freeList, page);
}

export function mergeSketch(into: usize, from: usize): void {
  if (sketchIsOver(from)) flagSketch(into);
  for (let page = <usize>u32At(from + FIRST); page != 0; page = <usize>u32At(page + NEXT)) {
    for (let place = 0; place < 64; place++) {
      const count = u32At(page + COUNTS + (<usize>place << 2));
      if (count != 0) addBucket(into, (i32At(page + OCTAVE) << 6) + place, count);
    }
  }
}

export function clearSketch(at: usize): void {
  let page = <usize>u32At(at + FIRST);
  while (page != 0) {
    const next = <usize>u32At(page + NEXT);
    give(freeList, page);
    page = next;
  }
  setU32(at + FIRST, 0);
}

/** A walk over the buckets from the smallest value on: beginBuckets, then nextBucket as long as it is true. */
export let walkedBucket: i32 = 0;
export let walkedCount: u32 = 0;
let walkedPage: usize = 0;
let walkedPlace: i32 = 0;

export function beginBuckets(at: usize): void {
  walkedPage = <usize>u32At(at + FIRST);
  walkedPlace = 0;
}

export function nextBucket(): bool {
  for (; walkedPage != 0; walkedPage = <usize>u32At(walkedPage + NEXT), walkedPlace = 0) {
    while (walkedPlace < 64) {
      const place = walkedPlace++;
      walkedCount = u32At(walkedPage + COUNTS + (<usize>place << 2));
      if (walkedCount == 0) continue;
      walkedBucket = (i32At(walkedPage + OCTAVE) << 6) + place;
      return true;
    }
  }
  return false;
}

/** Value of rank ⌊q·(n−1)⌋: the middle of its bucket, kept within [least, most]; NaN when empty. */
export function readQuantile(at: usize, q: f64, least: f64, most: f64): f64 {
  const values = i64At(at + VALUES);
  // Of partials that contradict themselves there may be no extremes.
  if (values == 0 || least == Infinity || most == -Infinity) return NaN;
  const rank = <i64>floor<f64>(q * <f64>(values - 1));
  let seen: i64 = 0;
  for (let page = <usize>u32At(at + FIRST); page != 0; page = <usize>u32At(page + NEXT)) {
    for (let place = 0; place < 64; place++) {
      seen += <i64>u32At(page + COUNTS + (<usize>place << 2));
      if (seen > rank) return min(max(middleOf((i32At(page + OCTAVE) << 6) + place), least), most);
    }
  }
  return NaN;
}

/** Exact arithmetic middle of a bucket; 0 for the one of zero. */
function middleOf(bucket: i32): f64 {
  const distance = distanceOf(bucket);
  if (distance >> 6 == 0) return 0;
  const middle = reinterpret<f64>((<u64>distance << 46) | (<u64>1 << 45));
  return bucket >= 0 ? middle : -middle;
}
