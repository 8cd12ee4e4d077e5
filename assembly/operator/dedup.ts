// What DEDUP remembers of a key: the values that it let through, each with its time, in a ring that doubles as it
// fills, from RING_LEAST to DEDUP_MAX places. Those out of reach leave; when the most are within reach, or the pool has no
// larger ring, the one let through first is forgotten before its time, and counted.
//   state ┌ ring u32 ┬ size class u32 ┬ first place u32 ┬ count u32 ┬ newest time i64 ┐     ring ┌ value ┬ time i64 ┐ …
// Imports pool, layout and raw access.
import { DEDUP_MAX, HEADER_FORGOTTEN } from "../layout";
import { give, take } from "../memory/pool";
import { addI64, i64At, setI64, setU32, setU64, u32At, u64At } from "../memory/raw";
import { header } from "../memory/regions";
import { markText } from "../memory/collect";

const RING: usize = 0;
const CLASS: usize = 4;
const FIRST: usize = 8;
const COUNT: usize = 12;
const NEWEST: usize = 16;
const ENTRY_BYTES: usize = 16;
const RING_LEAST: u32 = 4;

/** Heads of the free lists of rings, one for each size class. */
let freeRings: usize = 0;

/** Places the free lists at `base`; returns the first byte behind them. */
export function openDedup(base: usize): usize {
  freeRings = base;
  memory.fill(base, 0, 64);
  return base + 64;
}

// @ts-ignore: decorator
@inline function placesOf(sizeClass: u32): u32 { return RING_LEAST << sizeClass; }
// @ts-ignore: decorator
@inline function entryAt(state: usize, place: u32): usize {
  const mask = placesOf(u32At(state + CLASS)) - 1;
  return <usize>u32At(state + RING) + <usize>((u32At(state + FIRST) + place) & mask) * ENTRY_BYTES;
}

/** True when the value is let through: no equal one was, less than `span` from `time`; it is remembered then. */
export function letThrough(state: usize, value: u64, time: i64, span: i64): bool {
  if (u32At(state + RING) == 0) {
    setI64(state + NEWEST, time);
  } else if (time > i64At(state + NEWEST)) setI64(state + NEWEST, time);
  const newest = i64At(state + NEWEST);
  while (u32At(state + COUNT) != 0 && newest - i64At(entryAt(state, 0) + 8) >= span) dropFirst(state);
  const count = u32At(state + COUNT);
  for (let place: u32 = 0; place < count; place++) {
    const entry = entryAt(state, place);
    if (u64At(entry) != value) continue;
    const seen = i64At(entry + 8);
    if (newest - seen < span && (time > seen ? time - seen : seen - time) < span) return false;
  }
  if (newest - time < span) remember(state, value, time, newest, span);
  return true;
}

// @ts-ignore: decorator
@inline function dropFirst(state: usize): void {
  setU32(state + FIRST, (u32At(state + FIRST) + 1) & (placesOf(u32At(state + CLASS)) - 1));
  setU32(state + COUNT, u32At(state + COUNT) - 1);
}

function remember(state: usize, value: u64, time: i64, newest: i64, span: i64): void {
  if (u32At(state + RING) == 0 || u32At(state + COUNT) == placesOf(u32At(state + CLASS))) {
    if (u32At(state + RING) != 0) leaveOut(state, newest, span);
    if (!makeRoom(state)) {
      addI64(header + HEADER_FORGOTTEN, 1);
      if (u32At(state + RING) == 0) return;
      dropFirst(state);
    }
  }
  const entry = entryAt(state, u32At(state + COUNT));
  setU64(entry, value);
  setI64(entry + 8, time);
  setU32(state + COUNT, u32At(state + COUNT) + 1);
}

/** Takes out what is out of reach behind others that are not. */
function leaveOut(state: usize, newest: i64, span: i64): void {
  const count = u32At(state + COUNT);
  let kept: u32 = 0;
  for (let place: u32 = 0; place < count; place++) {
    const from = entryAt(state, place);
    if (newest - i64At(from + 8) >= span) continue;
    memory.copy(entryAt(state, kept), from, ENTRY_BYTES);
    kept++;
  }
  setU32(state + COUNT, kept);
}

/** Marks the texts that a state over texts remembers. */
export function markDedup(state: usize): void {
  for (let place: u32 = 0; place < u32At(state + COUNT); place++) markText(<u32>u64At(entryAt(state, place)));
}

/** Gives back the ring of a state. */
export function forgetDedup(state: usize): void {
  const ring = <usize>u32At(state + RING);
  if (ring != 0) give(freeRings + (<usize>u32At(state + CLASS) << 2), ring);
}

/** Room for one more value; false when there is none, then nothing has changed. */
function makeRoom(state: usize): bool {
  const old = <usize>u32At(state + RING);
  const oldClass = u32At(state + CLASS);
  const count = u32At(state + COUNT);
  if (old != 0 && count < placesOf(oldClass)) return true;
  if (old != 0 && count == <u32>DEDUP_MAX) return false;
  const sizeClass = old == 0 ? 0 : oldClass + 1;
  const ring = take(freeRings + (<usize>sizeClass << 2), <usize>placesOf(sizeClass) * ENTRY_BYTES);
  if (ring == 0) return false;
  for (let place: u32 = 0; place < count; place++) {
    memory.copy(ring + <usize>place * ENTRY_BYTES, entryAt(state, place), ENTRY_BYTES);
  }
  if (old != 0) give(freeRings + (<usize>oldClass << 2), old);
  setU32(state + RING, <u32>ring);
  setU32(state + CLASS, sizeClass);
  setU32(state + FIRST, 0);
  return true;
}
