// The different values of a group and how often each came: COUNT(DISTINCT x), MODE, TOP_K. A hash table with linear
// probing, half full at most, in blocks of five sizes:
//   state ┌ table u32 ┬ slots u32 ┬ values u32 ┬ over u32 ┬ largest hash u64 (0: to be found) ┐      24 bytes
//   slot  ┌ hash u64 ┬ value u64 ┬ count i64 (0: free) ┐                                             24 bytes
// Exact up to VALUES_MAX values. Past it those of the smallest hashes stay, with exact counts: whoever leaves has that
// many smaller ones before it and never comes back, so what is kept depends neither on the order nor on slices. The
// state then says that it is over its bound; also when the pool has no block left. Merged by adding counts.
// Imports pool, cells and raw access.
import { VALUES_MAX } from "../../layout";
import { give, take } from "../../memory/pool";
import { f64At, i64At, setI64, setU32, setU64, u32At, u64At } from "../../memory/raw";
import { markWord } from "../../memory/collect";
import { hashOf, isLess, isNullWord, wordAt } from "../cells";

const TABLE: usize = 0;
const SLOTS: usize = 4;
const USED: usize = 8;
const OVER: usize = 12;
const LARGEST: usize = 16;

const HASH: usize = 0;
const VALUE: usize = 8;
const COUNT: usize = 16;
const SLOT_BYTES: usize = 24;
const FIRST_SLOTS: u32 = 8;

/** Heads of the free lists: tables of 8, 32, 128, 512, 2048 slots. */
let freeLists: usize = 0;

/** Places the free lists at `base`; returns the first byte behind. */
export function openValues(base: usize): usize {
  freeLists = base;
  memory.fill(freeLists, 0, 64);
  return base + 64;
}

// @ts-ignore: decorator
@inline function listOf(slots: u32): usize { return freeLists + (<usize>((ctz<u32>(slots) - 3) >> 1) << 2); }

export function initValues(at: usize): void {
  memory.fill(at, 0, 24);
}

export function addValues(slices: usize, offset: u32, values: usize, type: u32, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = wordAt(values, row);
    if (slice != 0 && !isNullWord(value, type)) count(slice + offset, hashOf(value, type), value, 1);
  }
}

export function mergeValues(into: usize, from: usize): void {
  if (u32At(from + OVER) != 0) setU32(into + OVER, 1);
  let slot = <usize>u32At(from + TABLE);
  const end = slot + <usize>u32At(from + SLOTS) * SLOT_BYTES;
  for (; slot < end; slot += SLOT_BYTES) {
    const times = i64At(slot + COUNT);
    if (times != 0) count(into, u64At(slot + HASH), u64At(slot + VALUE), times);
  }
}

export function clearValues(at: usize): void {
  if (u32At(at + SLOTS) != 0) give(listOf(u32At(at + SLOTS)), u32At(at + TABLE));
  setU32(at + SLOTS, 0);
}

/** Marks the texts of a state over texts. */
export function markValues(at: usize): void {
  let slot = <usize>u32At(at + TABLE);
  const end = slot + <usize>u32At(at + SLOTS) * SLOT_BYTES;
  for (; slot < end; slot += SLOT_BYTES) if (i64At(slot + COUNT) != 0) markWord(f64At(slot + VALUE));
}

/** Slot of a value, or the free one where it would go; the table has one. */
function slotOf(at: usize, hash: u64, value: u64): usize {
  const mask = u32At(at + SLOTS) - 1;
  let place = <u32>hash & mask;
  while (true) {
    const slot = <usize>u32At(at + TABLE) + <usize>place * SLOT_BYTES;
    if (i64At(slot + COUNT) == 0) return slot;
    if (u64At(slot + HASH) == hash && u64At(slot + VALUE) == value) return slot;
    place = (place + 1) & mask;
  }
}

/** Counts so many of a value. */
export function countValue(at: usize, value: u64, type: u32, times: i64): void {
  count(at, hashOf(value, type), value, times);
}

export function flagValues(at: usize): void { setU32(at + OVER, 1); }

function count(at: usize, hash: u64, value: u64, times: i64): void {
  if (u32At(at + SLOTS) == 0 && !grow(at, FIRST_SLOTS)) return;
  let slot = slotOf(at, hash, value);
  if (i64At(slot + COUNT) != 0) {
    setI64(slot + COUNT, i64At(slot + COUNT) + times);
    return;
  }
  const used = u32At(at + USED);
  if (used == <u32>VALUES_MAX) {
    setU32(at + OVER, 1);
    if (u64At(at + LARGEST) == 0) findLargest(at);
    if (hash >= u64At(at + LARGEST)) return;
    removeLargest(at);
    slot = slotOf(at, hash, value);
  } else if ((used + 1) * 2 > u32At(at + SLOTS)) {
    if (!grow(at, u32At(at + SLOTS) << 2)) return;
    slot = slotOf(at, hash, value);
  }
  setU64(slot + HASH, hash);
  setU64(slot + VALUE, value);
  setI64(slot + COUNT, times);
  setU32(at + USED, u32At(at + USED) + 1);
}

/** Moves the values into a table of so many slots; false, and over the bound, when the pool has none. */
function grow(at: usize, slots: u32): bool {
  const fresh = take(listOf(slots), <usize>slots * SLOT_BYTES);
  if (fresh == 0) {
    setU32(at + OVER, 1);
    return false;
  }
  memory.fill(fresh, 0, <usize>slots * SLOT_BYTES);
  const before = u32At(at + SLOTS);
  const old = <usize>u32At(at + TABLE);
  setU32(at + TABLE, <u32>fresh);
  setU32(at + SLOTS, slots);
  if (before == 0) return true;
  const end = old + <usize>before * SLOT_BYTES;
  for (let slot = old; slot < end; slot += SLOT_BYTES) {
    if (i64At(slot + COUNT) == 0) continue;
    memory.copy(slotOf(at, u64At(slot + HASH), u64At(slot + VALUE)), slot, SLOT_BYTES);
  }
  give(listOf(before), old);
  return true;
}

function findLargest(at: usize): void {
  let largest: u64 = 0;
  let slot = <usize>u32At(at + TABLE);
  const end = slot + <usize>u32At(at + SLOTS) * SLOT_BYTES;
  for (; slot < end; slot += SLOT_BYTES) {
    if (i64At(slot + COUNT) != 0 && u64At(slot + HASH) > largest) largest = u64At(slot + HASH);
  }
  setU64(at + LARGEST, largest);
}

/** Takes out the value of the largest hash and closes the gap: those behind it move up to where they are found. */
function removeLargest(at: usize): void {
  const table = <usize>u32At(at + TABLE);
  const mask = u32At(at + SLOTS) - 1;
  const largest = u64At(at + LARGEST);
  let hole = <u32>largest & mask;
  while (u64At(table + <usize>hole * SLOT_BYTES + HASH) != largest) hole = (hole + 1) & mask;
  let place = hole;
  while (true) {
    place = (place + 1) & mask;
    const slot = table + <usize>place * SLOT_BYTES;
    if (i64At(slot + COUNT) == 0) break;
    const home = <u32>u64At(slot + HASH) & mask;
    if (((place - home) & mask) < ((place - hole) & mask)) continue;
    memory.copy(table + <usize>hole * SLOT_BYTES, slot, SLOT_BYTES);
    hole = place;
  }
  memory.fill(table + <usize>hole * SLOT_BYTES, 0, SLOT_BYTES);
  setU32(at + USED, u32At(at + USED) - 1);
  setU64(at + LARGEST, 0);
}

/** Addresses of the used slots, by hash: for writing them down. */
const ordered = memory.data(4 * VALUES_MAX, 4);

/** Sorts the values by their hashes; how many they are. */
export function orderValues(at: usize): u32 {
  let found: u32 = 0;
  let slot = <usize>u32At(at + TABLE);
  const end = slot + <usize>u32At(at + SLOTS) * SLOT_BYTES;
  for (; slot < end; slot += SLOT_BYTES) {
    if (i64At(slot + COUNT) == 0) continue;
    setU32(ordered + (<usize>found << 2), <u32>slot);
    found++;
  }
  // Heapsort: Williams 1964.
  for (let root = <i32>(found >> 1) - 1; root >= 0; root--) sift(<u32>root, found);
  for (let last = found; last > 1; ) {
    last--;
    const largest = u32At(ordered);
    setU32(ordered, u32At(ordered + (<usize>last << 2)));
    setU32(ordered + (<usize>last << 2), largest);
    sift(0, last);
  }
  return found;
}

function hashAt(place: u32): u64 { return u64At(<usize>u32At(ordered + (<usize>place << 2)) + HASH); }

function sift(from: u32, count: u32): void {
  let place = from;
  while (true) {
    let child: u32 = 2 * place + 1;
    if (child >= count) return;
    if (child + 1 < count && hashAt(child + 1) > hashAt(child)) child++;
    if (hashAt(place) >= hashAt(child)) return;
    const moved = u32At(ordered + (<usize>place << 2));
    setU32(ordered + (<usize>place << 2), u32At(ordered + (<usize>child << 2)));
    setU32(ordered + (<usize>child << 2), moved);
    place = child;
  }
}

/** What orderValues sorted. */
export function orderedValue(place: u32): u64 { return u64At(<usize>u32At(ordered + (<usize>place << 2)) + VALUE); }
export function orderedCount(place: u32): i64 { return i64At(<usize>u32At(ordered + (<usize>place << 2)) + COUNT); }

export function valuesAreOver(at: usize): bool { return u32At(at + OVER) != 0; }
export function valueCount(at: usize): u32 { return u32At(at + USED); }

/**
 * The value that comes behind `value`, which came `times` times, when values are ordered by how often they came, most
 * first, then by size. Its count goes to `rankedTimes`, 0 when there is none. i64.MAX_VALUE times: the first one.
 */
export function nextRanked(at: usize, type: u32, value: u64, times: i64): u64 {
  let best: u64 = 0;
  rankedTimes = 0;
  let slot = <usize>u32At(at + TABLE);
  const end = slot + <usize>u32At(at + SLOTS) * SLOT_BYTES;
  for (; slot < end; slot += SLOT_BYTES) {
    const found = i64At(slot + COUNT);
    const candidate = u64At(slot + VALUE);
    if (found == 0 || found > times || found < rankedTimes) continue;
    if (found == times && !isLess(value, candidate, type)) continue;
    if (found == rankedTimes && !isLess(candidate, best, type)) continue;
    best = candidate;
    rankedTimes = found;
  }
  return best;
}
export let rankedTimes: i64 = 0;
