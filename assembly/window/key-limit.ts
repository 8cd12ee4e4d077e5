// What becomes of keys beyond the limit, where the policy is to evict: which key was silent longest and has no open
// window, and what is forgotten when another one takes its number. Key numbers are then no longer in first-seen
// order, so that order is kept here: as a list, and as a number to compare.
// Struct of a space (offsets L_*): ┌ arrivals u32 ┬ links u32 ┬ orders u32 ┬ oldest u32 ┬ newest u32, padding ┬ next order i64 ┐
//   of a key:  arrival number of its last record i64 │ ┌ older u32 ┬ newer u32 ┐, NO_KEY at the ends │ order i64
// Imports keys and everything that holds something for each key.
import {
  GROUP_OF_OVER, GROUP_OF_ROWS, GROUP_OF_SESSIONS, GROUP_OF_SLICES, GROUP_PIPELINE_COUNT, HEADER_KEYS_EVICTED, KEYS_EVICT_IDLE, PIPE_ALLOW,
  PLAN_KEYS_MAX, PLAN_KEYS_POLICY, PLAN_SPACE_COUNT, SLICE_START,
} from "../layout";
import { findHeld } from "../aggregate/in-time/carry";
import { addI64, i64At, setI64, setU32, u32At } from "../memory/raw";
import { align, header, plan } from "../memory/regions";
import { forgetOperators } from "../operator/operators";
import { BEFORE_ALL, NONE, lastEnd, nextEnd, startOf } from "./bounds";
import { emitClock, forgetTick, watermark } from "./clocks";
import { forgetRowsOf } from "./data-driven/over";
import { rowsAreOut } from "./data-driven/over-silence";
import { forgetRowWindows } from "./data-driven/row-windows";
import { forgetSessions, sessionsAreOut } from "./data-driven/sessions";
import { NO_KEY, keyCount, rowKeys } from "./keys";
import { findMark, forgetWindows, isClosed, isUnchanged, markEntry } from "./marks";
import { forgetLate } from "./results";
import {
  entryAt, groupCount, groupKind, groupPipeline, groupPlan, groupSpace, newerSlice, newestBefore, newestSlice, nextEndOfKey,
  oldestSlice, pipeAt, recordsIn, releaseSlices,
} from "./slices";

const L_ARRIVALS: usize = 0;
const L_LINKS: usize = 4;
const L_ORDERS: usize = 8;
const L_OLDEST: usize = 12;
const L_NEWEST: usize = 16;
const L_NEXT_ORDER: usize = 24;
const L_BYTES: usize = 32;

let spaces: usize = 0;
/** Keys make room for others. */
let evicting: bool = false;
/** Arrival number of the batch's first row. */
let firstArrival: i64 = 0;

/** Places what eviction needs at `base`; returns the first byte behind it. */
export function openKeyLimit(base: usize): usize {
  evicting = u32At(plan + PLAN_KEYS_POLICY) == KEYS_EVICT_IDLE;
  spaces = base;
  if (!evicting) return base;
  const keysMax = <usize>u32At(plan + PLAN_KEYS_MAX);
  const count = u32At(plan + PLAN_SPACE_COUNT);
  let at = align(base + <usize>count * L_BYTES);
  for (let space: u32 = 0; space < count; space++) {
    const to = spaceAt(space);
    setU32(to + L_ARRIVALS, <u32>at);
    setU32(to + L_LINKS, <u32>(at + keysMax * 8));
    setU32(to + L_ORDERS, <u32>(at + keysMax * 16));
    setU32(to + L_OLDEST, NO_KEY);
    setU32(to + L_NEWEST, NO_KEY);
    setI64(to + L_NEXT_ORDER, 0);
    memory.fill(at, 0, keysMax * 24);
    at = align(at + keysMax * 24);
  }
  return at;
}

// @ts-ignore: decorator
@inline function spaceAt(space: u32): usize { return spaces + <usize>space * L_BYTES; }
// @ts-ignore: decorator
@inline export function evicts(): bool { return evicting; }
// @ts-ignore: decorator
@inline function arrivalAt(space: u32, key: u32): usize {
  return <usize>u32At(spaceAt(space) + L_ARRIVALS) + (<usize>key << 3);
}
// @ts-ignore: decorator
@inline function linkAt(space: u32, key: u32): usize {
  return <usize>u32At(spaceAt(space) + L_LINKS) + (<usize>key << 3);
}

/** Where the first-seen orders of the keys are, i64 each; 0 when their numbers are in that order. */
export function keyOrders(space: u32): usize { return evicting ? <usize>u32At(spaceAt(space) + L_ORDERS) : 0; }
/** The key that was seen first, and the one seen behind another; NO_KEY, or keyCount, when there is none. */
export function firstSeenKey(space: u32): u32 { return evicting ? u32At(spaceAt(space) + L_OLDEST) : 0; }
// @ts-ignore: decorator
@inline export function seenBehind(space: u32, key: u32): u32 {
  return evicting ? u32At(linkAt(space, key) + 4) : key + 1;
}

/** A batch begins whose first row has this arrival number. */
export function beginArrivals(first: i64): void { firstArrival = first; }

/** The row's record is the last one of its keys. */
export function noteArrivals(row: u32): void {
  for (let space: u32 = 0; space < u32At(plan + PLAN_SPACE_COUNT); space++) {
    noteArrival(space, u32At(rowKeys(space) + (<usize>row << 2)), row);
  }
}
// @ts-ignore: decorator
@inline export function noteArrival(space: u32, key: u32, row: u32): void {
  setI64(arrivalAt(space, key), firstArrival + row);
}

/** A new key is the one seen last. */
export function noteSeen(space: u32, key: u32): void {
  if (!evicting) return;
  const at = spaceAt(space);
  const newest = u32At(at + L_NEWEST);
  setU32(linkAt(space, key), newest);
  setU32(linkAt(space, key) + 4, NO_KEY);
  if (newest == NO_KEY) setU32(at + L_OLDEST, key);
  else setU32(linkAt(space, newest) + 4, key);
  setU32(at + L_NEWEST, key);
  setI64(<usize>u32At(at + L_ORDERS) + (<usize>key << 3), i64At(at + L_NEXT_ORDER));
  addI64(at + L_NEXT_ORDER, 1);
}

/** The key that was silent longest among those that have no open window, or NO_KEY. It looks at all of them. */
export function silentKey(space: u32): u32 {
  let chosen = NO_KEY;
  let earliest = NONE;
  const keys = keyCount(space);
  for (let key: u32 = 0; key < keys; key++) {
    const arrival = i64At(arrivalAt(space, key));
    if (arrival >= earliest || !isOut(space, key)) continue;
    chosen = key;
    earliest = arrival;
  }
  return chosen;
}

/** True when each window of the key came out, and takes no late record any more by the key's emit clock. */
function isOut(space: u32, key: u32): bool {
  for (let group: u32 = 0; group < groupCount; group++) {
    if (groupSpace(group) != space || oldestSlice(group, key) == 0) continue;
    const kind = groupKind(group);
    if (!isGroupOut(group, kind, space, key)) return false;
  }
  return true;
}

function isGroupOut(group: u32, kind: u32, space: u32, key: u32): bool {
  if (kind == GROUP_OF_SLICES) return slicesAreOut(group, space, key);
  const clock = emitClock(space, key);
  if (kind == GROUP_OF_SESSIONS) return sessionsAreOut(group, key, clock);
  return kind == GROUP_OF_OVER && rowsAreOut(group, key, clock);
}

function slicesAreOut(group: u32, space: u32, key: u32): bool {
  const newest = i64At(newestSlice(entryAt(group, key)) + SLICE_START);
  const closed = watermark(space, key);
  const until = emitClock(space, key);
  if (until == BEFORE_ALL) return false;
  const count = u32At(groupPlan(group) + GROUP_PIPELINE_COUNT);
  for (let place: u32 = 0; place < count; place++) {
    const pipeline = groupPipeline(group, place);
    const pipe = pipeAt(pipeline);
    const open = nextEnd(pipe, newest, newest) != NONE && lastEnd(pipe, newest) > until - i64At(pipe + PIPE_ALLOW);
    if (open || !cameOut(pipe, pipeline, group, key, closed, until)) return false;
  }
  return true;
}

/** True when the windows that end in (closed, until] came out: where memory is short idleness brings none out. */
function cameOut(pipe: usize, pipeline: u32, group: u32, key: u32, closed: i64, until: i64): bool {
  let end = closed;
  while (end < until) {
    end = nextEndOfKey(pipe, group, key, end, until);
    if (end == NONE) break;
    const mark = findMark(markEntry(pipeline, key), end);
    if (mark == 0 || !isClosed(mark) || !isUnchanged(mark, contentOf(group, key, startOf(pipe, end), end))) return false;
  }
  return true;
}

/** What a mark notes of the key's window. */
function contentOf(group: u32, key: u32, start: i64, end: i64): i64 {
  const before = newestBefore(group, key, start);
  const first = before == 0 ? oldestSlice(group, key) : newerSlice(before);
  return findHeld(group, key, before) + recordsIn(first, end);
}

/** Forgets all that there is of a key, but its cells; its number is free then. */
export function forgetKeyOf(space: u32, key: u32): void {
  for (let group: u32 = 0; group < groupCount; group++) {
    if (groupSpace(group) != space) continue;
    const kind = groupKind(group);
    if (kind == GROUP_OF_SLICES) releaseSlices(group, key);
    else if (kind == GROUP_OF_OVER) forgetRowsOf(group, key);
    else if (kind == GROUP_OF_ROWS) forgetRowWindows(group, key);
    else forgetSessions(group, key);
    const count = u32At(groupPlan(group) + GROUP_PIPELINE_COUNT);
    for (let place: u32 = 0; place < count; place++) {
      const pipeline = groupPipeline(group, place);
      if (markEntry(pipeline, key) != 0) forgetWindows(markEntry(pipeline, key));
      forgetLate(pipeline, key);
    }
  }
  forgetOperators(space, key);
  forgetTick(space, key);
  unlink(space, key);
  addI64(header + HEADER_KEYS_EVICTED, 1);
}

function unlink(space: u32, key: u32): void {
  const older = u32At(linkAt(space, key));
  const newer = u32At(linkAt(space, key) + 4);
  if (older == NO_KEY) setU32(spaceAt(space) + L_OLDEST, newer);
  else setU32(linkAt(space, older) + 4, newer);
  if (newer == NO_KEY) setU32(spaceAt(space) + L_NEWEST, older);
  else setU32(linkAt(space, newer), older);
}
