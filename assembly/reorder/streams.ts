// The streams of a source whose records wait to be put in order: a bounded table from the cells of the key columns to
// what is known of the stream. When it is full the stream that was silent longest gives up its place. Streams and slots
// of records are numbered from 1; 0 is none. In memory:
//   an entry  ┌ next in its bucket u32 ┬ older u32 ┬ newer u32 ┬ first record u32 ┬ last record u32 ┬ records u32 ┬
//             ├ newest time i64 ┬ tick of its last record i64 ┬ key ids u32 … ┐
// "older" and "newer" chain streams by their last records. Imports memory, layout.
import { PLAN_REORDER_KEYS_AT, PLAN_REORDER_KEY_COUNT, PLAN_REORDER_STREAMS } from "../layout";
import { hashBytes, sameBytes } from "../memory/bytes";
import { setU32, u32At } from "../memory/raw";
import { align, plan } from "../memory/regions";
import { markText } from "../memory/collect";

const NEXT: usize = 0;
const OLDER: usize = 4;
const NEWER: usize = 8;
export const FIRST: usize = 12;
export const LAST: usize = 16;
export const RECORDS: usize = 20;
export const NEWEST_TIME: usize = 24;
export const LAST_TICK: usize = 32;
const KEY: usize = 40;

/** ┌ streams u32 ┬ silent longest u32 ┬ spoke last u32 ┬ padding u32 ┐ */
let head: usize = 0;
const COUNT: usize = 0;
const OLDEST: usize = 4;
const NEWEST: usize = 8;

let buckets: usize = 0;
let mask: u32 = 0;
let entries: usize = 0;
let entryBytes: usize = 0;
let keyBytes: u32 = 0;
let streamsMax: u32 = 0;
/** Key of the record at hand, and its bucket. */
let keyAt: usize = 0;
let bucket: usize = 0;

// @ts-ignore: decorator
@inline export function streamAt(stream: u32): usize { return entries + <usize>(stream - 1) * entryBytes; }
export function streamCount(): u32 { return u32At(head + COUNT); }

/** Sets up an empty table at `at`; returns its end. */
export function openStreams(at: usize): usize {
  keyBytes = u32At(plan + PLAN_REORDER_KEY_COUNT) << 2;
  streamsMax = u32At(plan + PLAN_REORDER_STREAMS);
  entryBytes = (KEY + keyBytes + 7) & ~7;
  let slots: u32 = 16;
  while (slots < streamsMax) slots <<= 1;
  mask = slots - 1;
  head = align(at);
  keyAt = head + 16;
  buckets = align(keyAt + keyBytes);
  entries = align(buckets + (<usize>slots << 2));
  memory.fill(head, 0, entries - head);
  return align(entries + <usize>streamsMax * entryBytes);
}

/** The stream of the record whose cells begin at `cells`, eight bytes each; 0 when it is not known. */
export function findStream(cells: usize): u32 {
  for (let place: usize = 0; place < keyBytes; place += 4) {
    const column = u32At(plan + u32At(plan + PLAN_REORDER_KEYS_AT) + place);
    setU32(keyAt + place, u32At(cells + (<usize>column << 3)));
  }
  bucket = buckets + (<usize>(hashBytes(keyAt, keyBytes) & mask) << 2);
  let stream = u32At(bucket);
  while (stream != 0 && !sameBytes(streamAt(stream) + KEY, keyAt, keyBytes)) stream = u32At(streamAt(stream) + NEXT);
  return stream;
}

/** Marks the texts of a stream's key. */
export function markStreamKey(stream: u32): void {
  for (let place: usize = 0; place < keyBytes; place += 4) markText(u32At(streamAt(stream) + KEY + place));
}

/** The stream that has to give up its place to the one just looked for; 0 while there is room. */
export function streamToEvict(): u32 {
  return u32At(head + COUNT) == streamsMax ? u32At(head + OLDEST) : 0;
}

/** Adds the stream just looked for; in the place of `evicted`, which has no records, unless that is 0. */
export function addStream(evicted: u32): u32 {
  let stream = evicted;
  if (stream == 0) {
    stream = u32At(head + COUNT) + 1;
    setU32(head + COUNT, stream);
  } else {
    unlink(stream);
    leaveBucket(stream);
  }
  const at = streamAt(stream);
  memory.fill(at, 0, KEY);
  memory.copy(at + KEY, keyAt, keyBytes);
  setU32(at + NEXT, u32At(bucket));
  setU32(bucket, stream);
  link(stream);
  return stream;
}

/** The stream spoke: it is the last one now that would give up its place. */
export function touchStream(stream: u32): void {
  if (u32At(head + NEWEST) == stream) return;
  unlink(stream);
  link(stream);
}

function leaveBucket(stream: u32): void {
  const at = streamAt(stream);
  let place = buckets + (<usize>(hashBytes(at + KEY, keyBytes) & mask) << 2);
  while (u32At(place) != stream) place = streamAt(u32At(place)) + NEXT;
  setU32(place, u32At(at + NEXT));
}

function unlink(stream: u32): void {
  const at = streamAt(stream);
  const older = u32At(at + OLDER);
  const newer = u32At(at + NEWER);
  setU32(older != 0 ? streamAt(older) + NEWER : head + OLDEST, newer);
  setU32(newer != 0 ? streamAt(newer) + OLDER : head + NEWEST, older);
}

function link(stream: u32): void {
  const at = streamAt(stream);
  const last = u32At(head + NEWEST);
  setU32(at + OLDER, last);
  setU32(at + NEWER, 0);
  setU32(last != 0 ? streamAt(last) + NEWER : head + OLDEST, stream);
  setU32(head + NEWEST, stream);
}
