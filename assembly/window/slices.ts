// Slices: for each slice group (key space + filter) and key the list of its slices, oldest to newest. A slice
// is the stretch between two neighbouring window edges of the group, so that every window is a run of whole
// slices; it holds one partial state for each aggregate. Struct of a group (offsets G_*), then its key entries:
//   ┌ entries u32 ┬ free list u32 ┬ rows' slices u32 ┬ space u32 ┬ next close i64 ┬ plan u32 ┬
//   ├ filter u32 ┬ width of i64 ┬ width i64 ┬ keeper u32 ┬ any empty u32 ┐
//   entry: ┌ oldest u32 ┬ newest u32 ┬ next close i64 ┐  16 bytes a key
// Slice: SLICE_* of layout/. Imports memory, layout, aggregate states, bounds and keys.
import {
  BATCH_ROWS, EDGE_BYTES, EMPTY_SKIP, GROUP_BYTES, GROUP_EDGES_AT, GROUP_EDGE_COUNT,
  GROUP_FILTER, GROUP_KIND, GROUP_OF_OVER, GROUP_OF_ROWS, GROUP_OF_SESSIONS, GROUP_PIPELINES_AT, GROUP_PIPELINE_COUNT,
  GROUP_SLICE_BYTES, GROUP_SPACE, HEADER_OPEN_SLICES, NO_REGISTER, PIPE_ALLOW, PIPE_BYTES, PIPE_EMPTY, PIPE_WINDOW, PLAN_GROUPS_AT,
  PLAN_GROUP_COUNT, PLAN_KEYS_MAX, PLAN_PIPELINES_AT, SLICE_COUNT, SLICE_NEWER, SLICE_OLDER, SLICE_START, WINDOW_RUNNING,
} from "../layout";
import { forgetHeld, keepHeld } from "../aggregate/in-time/carry";
import { recordCount } from "../aggregate/results";
import { clearStates, initStates } from "../aggregate/states";
import { give, poolHas, take } from "../memory/pool";
import { i64At, setI64, setU32, u32At } from "../memory/raw";
import { align, header, plan, registerBase } from "../memory/regions";
import { BEFORE_ALL, NONE, RUNNING_END, edgeBehind, edgeUpTo, lastEnd, nextEnd, rasterEnd, startOf } from "./bounds";
import { currentKey, keyCount } from "./keys";
import { anyMarks, dropMarks, markEntry, missedUntil, newestAt, noteSlice, reachedAt } from "./marks";
import { hasRoomForRow } from "./data-driven/over";
import { hasRoomForPane } from "./data-driven/row-windows";
import { hasRoomForSession } from "./data-driven/sessions";
import { forgetGroup, forgetKey } from "./stacks";

const G_ENTRIES: usize = 0;
const G_FREE: usize = 4;
const G_ROW_SLICES: usize = 8;
const G_SPACE: usize = 12;
const G_NEXT_CLOSE: usize = 16;
const G_PLAN: usize = 24;
/** Cells of the group's WHERE, 0 when it has none. */
const G_FILTER: usize = 28;
/** The slice start whose width was asked for last, and that width. */
const G_WIDTH_START: usize = 32;
const G_WIDTH: usize = 40;
/** Place of the pipeline that kept a slice last. */
const G_KEEPER: usize = 48;
/** 1 when a pipeline of the group brings out empty windows. */
const G_EMPTY: usize = 52;
const G_BYTES: usize = 56;

const ENTRY_OLDEST: usize = 0;
const ENTRY_NEWEST: usize = 4;
const ENTRY_NEXT_CLOSE: usize = 8;
const ENTRY_BYTES: usize = 16;

let groups: usize = 0;
export let groupCount: u32 = 0;
/** Bytes that one row may take from the pool in the worst case. */
let worstRowBytes: usize = 0;

// @ts-ignore: decorator
@inline function groupAt(group: u32): usize { return groups + <usize>group * G_BYTES; }
// @ts-ignore: decorator
@inline export function groupPlan(group: u32): usize { return <usize>u32At(groupAt(group) + G_PLAN); }
// @ts-ignore: decorator
@inline export function groupSpace(group: u32): u32 { return u32At(groupAt(group) + G_SPACE); }
// @ts-ignore: decorator
@inline export function groupFilter(group: u32): usize { return <usize>u32At(groupAt(group) + G_FILTER); }
/** Addresses of the slices that the rows of the batch go to; 0 where a row goes to none. */
// @ts-ignore: decorator
@inline export function rowSlices(group: u32): usize { return <usize>u32At(groupAt(group) + G_ROW_SLICES); }
// @ts-ignore: decorator
@inline export function entryAt(group: u32, key: u32): usize {
  return entryOf(<usize>u32At(groupAt(group) + G_ENTRIES), key);
}
// @ts-ignore: decorator
@inline export function entryOf(entries: usize, key: u32): usize { return entries + <usize>key * ENTRY_BYTES; }
// @ts-ignore: decorator
@inline export function newestSlice(entry: usize): usize { return <usize>u32At(entry + ENTRY_NEWEST); }
// @ts-ignore: decorator
@inline export function nextCloseAt(entry: usize): usize { return entry + ENTRY_NEXT_CLOSE; }
// @ts-ignore: decorator
@inline export function oldestSlice(group: u32, key: u32): usize { return <usize>u32At(entryAt(group, key)); }
// @ts-ignore: decorator
@inline export function newerSlice(slice: usize): usize { return <usize>u32At(slice + SLICE_NEWER); }
// @ts-ignore: decorator
@inline export function freeSlices(group: u32): usize { return groupAt(group) + G_FREE; }
// @ts-ignore: decorator
@inline export function setOldest(entry: usize, slice: usize): void { setU32(entry + ENTRY_OLDEST, <u32>slice); }
// @ts-ignore: decorator
@inline export function setNewest(entry: usize, slice: usize): void { setU32(entry + ENTRY_NEWEST, <u32>slice); }
/** True when so many slices of the group are free. */
export function hasFreeSlices(group: u32, wanted: u32): bool {
  for (let free = <usize>u32At(freeSlices(group)); free != 0 && wanted > 0; free = <usize>u32At(free)) wanted--;
  return wanted == 0;
}
/** GROUP_OF_* */
// @ts-ignore: decorator
@inline export function groupKind(group: u32): u32 { return u32At(groupPlan(group) + GROUP_KIND); }
/** No window of the key's comes out before this instant; NONE when it has none. */
// @ts-ignore: decorator
@inline export function keyNextClose(group: u32, key: u32): i64 { return i64At(entryAt(group, key) + ENTRY_NEXT_CLOSE); }
/** A lower bound of keyNextClose over all keys of the group. */
// @ts-ignore: decorator
@inline export function groupNextClose(group: u32): i64 { return i64At(groupNextCloseAt(group)); }
// @ts-ignore: decorator
@inline export function groupNextCloseAt(group: u32): usize { return groupAt(group) + G_NEXT_CLOSE; }

/** Address of the PIPE_* struct of the group's n-th pipeline, and its number in the file. */
// @ts-ignore: decorator
@inline export function groupPipeline(group: u32, place: u32): u32 {
  return u32At(plan + u32At(groupPlan(group) + GROUP_PIPELINES_AT) + (<usize>place << 2));
}
// @ts-ignore: decorator
@inline export function pipeAt(pipeline: u32): usize {
  return plan + u32At(plan + PLAN_PIPELINES_AT) + <usize>pipeline * PIPE_BYTES;
}

/** Places groups and their key entries at `base`; returns the first byte behind them. */
export function openSlices(base: usize): usize {
  groupCount = u32At(plan + PLAN_GROUP_COUNT);
  groups = base;
  worstRowBytes = 0;
  const keysMax = <usize>u32At(plan + PLAN_KEYS_MAX);
  let at = align(base + <usize>groupCount * G_BYTES);
  for (let group: u32 = 0; group < groupCount; group++) {
    const to = groupAt(group);
    const from = plan + u32At(plan + PLAN_GROUPS_AT) + <usize>group * GROUP_BYTES;
    setU32(to + G_ENTRIES, <u32>at);
    setU32(to + G_FREE, 0);
    setU32(to + G_SPACE, u32At(from + GROUP_SPACE));
    setI64(to + G_NEXT_CLOSE, NONE);
    setU32(to + G_PLAN, <u32>from);
    const filter = u32At(from + GROUP_FILTER);
    setU32(to + G_FILTER, filter == NO_REGISTER ? 0 : <u32>registerBase(filter));
    setI64(to + G_WIDTH_START, 0);
    setI64(to + G_WIDTH, findWidth(from, 0));
    setU32(to + G_KEEPER, 0);
    setU32(to + G_EMPTY, emitsEmpty(from) ? 1 : 0);
    for (let key: usize = 0; key < keysMax; key++) {
      setI64(at + key * ENTRY_BYTES, 0);
      setI64(at + key * ENTRY_BYTES + ENTRY_NEXT_CLOSE, NONE);
    }
    at = align(at + keysMax * ENTRY_BYTES);
    setU32(to + G_ROW_SLICES, <u32>at);
    at = align(at + BATCH_ROWS * 4);
    // A key's first row of OVER takes two slices for the window besides, its first of a window of rows one.
    const kind = u32At(from + GROUP_KIND);
    worstRowBytes += u32At(from + GROUP_SLICE_BYTES) * (kind == GROUP_OF_OVER ? 3 : kind == GROUP_OF_ROWS ? 2 : 1);
  }
  setU32(header + HEADER_OPEN_SLICES, 0);
  return at;
}

function emitsEmpty(from: usize): bool {
  const numbers = plan + u32At(from + GROUP_PIPELINES_AT);
  for (let place: u32 = 0; place < u32At(from + GROUP_PIPELINE_COUNT); place++) {
    if (u32At(pipeAt(u32At(numbers + (<usize>place << 2))) + PIPE_EMPTY) != EMPTY_SKIP) return true;
  }
  return false;
}

/** True when the pool has room for whatever slices a row may need. */
// @ts-ignore: decorator
@inline export function surelyRoom(): bool { return poolHas(worstRowBytes); }

/** True when every group has or can open the slice for t: a row is taken by all pipelines or refused. */
export function roomForRow(t: i64): bool {
  if (surelyRoom()) return true;
  for (let group: u32 = 0; group < groupCount; group++) {
    const key = currentKey(groupSpace(group));
    const kind = groupKind(group);
    if (kind == GROUP_OF_OVER) {
      if (!hasRoomForRow(group, key)) return false;
    } else if (kind == GROUP_OF_ROWS) {
      if (!hasRoomForPane(group, key)) return false;
    } else if (u32At(groupAt(group) + G_FREE) != 0) continue;
    else if (kind == GROUP_OF_SESSIONS) {
      if (!hasRoomForSession(group, key, t)) return false;
    } else if (!hasSlice(group, key, t)) {
      // What is merged ahead gives way.
      forgetGroup(group, keyCount(groupSpace(group)));
      if (u32At(groupAt(group) + G_FREE) == 0) return false;
    }
  }
  return true;
}

/** True when a slice of the key holds t. */
function hasSlice(group: u32, key: u32, t: i64): bool {
  let slice = <usize>u32At(entryAt(group, key) + ENTRY_NEWEST);
  while (slice != 0 && i64At(slice + SLICE_START) > t) slice = <usize>u32At(slice + SLICE_OLDER);
  return slice != 0 && holds(group, slice, t);
}

/** True when t lies in a slice that begins at or before it. */
// @ts-ignore: decorator
@inline export function holds(group: u32, slice: usize, t: i64): bool {
  const start = i64At(slice + SLICE_START);
  // Unsigned: at the ends of time the distance takes all 64 bits.
  return <u64>(t - start) < <u64>widthOf(group, start);
}

/**
 * The slice of the key that holds t, opened where it is new; `closed` is the key's watermark before the row.
 * Records come mostly in order, so the search runs from the newest slice backwards.
 */
export function sliceFor(group: u32, key: u32, t: i64, closed: i64): usize {
  const entry = entryAt(group, key);
  let newer: usize = 0;
  let slice = <usize>u32At(entry + ENTRY_NEWEST);
  while (slice != 0 && i64At(slice + SLICE_START) > t) {
    newer = slice;
    slice = <usize>u32At(slice + SLICE_OLDER);
  }
  if (slice != 0 && holds(group, slice, t)) return slice;
  return openSlice(group, key, t, closed, slice, newer);
}

/** Distance from a slice's start to its end: the nearest edge after the start. */
// @ts-ignore: decorator
@inline export function widthOf(group: u32, start: i64): i64 {
  const at = groupAt(group);
  if (start != i64At(at + G_WIDTH_START)) {
    setI64(at + G_WIDTH, findWidth(groupPlan(group), start));
    setI64(at + G_WIDTH_START, start);
  }
  return i64At(at + G_WIDTH);
}

function findWidth(from: usize, start: i64): i64 {
  const count = u32At(from + GROUP_EDGE_COUNT);
  let edge = plan + u32At(from + GROUP_EDGES_AT);
  let end = NONE;
  for (let place: u32 = 0; place < count; place++) {
    end = min(end, edgeBehind(edge, start));
    edge += EDGE_BYTES;
  }
  return end - start;
}

function openSlice(group: u32, key: u32, t: i64, closed: i64, older: usize, newer: usize): usize {
  const from = groupPlan(group);
  const slice = take(groupAt(group) + G_FREE, u32At(from + GROUP_SLICE_BYTES));
  assert(slice != 0);
  const count = u32At(from + GROUP_EDGE_COUNT);
  let edge = plan + u32At(from + GROUP_EDGES_AT);
  let start = i64.MIN_VALUE;
  for (let place: u32 = 0; place < count; place++) {
    start = max(start, edgeUpTo(edge, t));
    edge += EDGE_BYTES;
  }
  setI64(slice + SLICE_START, start);
  setU32(slice + SLICE_OLDER, <u32>older);
  setU32(slice + SLICE_NEWER, <u32>newer);
  setI64(slice + SLICE_COUNT, 0);
  initStates(from, slice);
  const entry = entryAt(group, key);
  setU32(older != 0 ? older + SLICE_NEWER : entry + ENTRY_OLDEST, <u32>slice);
  setU32(newer != 0 ? newer + SLICE_OLDER : entry + ENTRY_NEWEST, <u32>slice);
  setU32(header + HEADER_OPEN_SLICES, u32At(header + HEADER_OPEN_SLICES) + 1);
  noteTakers(group, key, start, closed);
  const end = min(nextEdge(group, max(start, closed)), nextEmptyEnd(group, key, BEFORE_ALL));
  const next = min(keyNextClose(group, key), end);
  setI64(entry + ENTRY_NEXT_CLOSE, next);
  setI64(groupAt(group) + G_NEXT_CLOSE, min(groupNextClose(group), next));
  return slice;
}

/** Notes a new slice for the pipelines with empty windows that take it: for some it may hold late records only. */
function noteTakers(group: u32, key: u32, start: i64, closed: i64): void {
  if (u32At(groupAt(group) + G_EMPTY) == 0) return;
  const count = u32At(groupPlan(group) + GROUP_PIPELINE_COUNT);
  for (let place: u32 = 0; place < count; place++) {
    const pipeline = groupPipeline(group, place);
    const pipe = pipeAt(pipeline);
    if (u32At(pipe + PIPE_EMPTY) == EMPTY_SKIP) continue;
    const behind = missedUntil(pipe, pipeline, key, closed);
    if (nextEnd(pipe, start, behind) != NONE) noteSlice(markEntry(pipeline, key), start);
  }
}

/**
 * Smallest end in (after, until] of a window of one pipeline that holds a slice of the key; NONE if there is none.
 */
export function nextEndOfKey(pipe: usize, group: u32, key: u32, after: i64, until: i64): i64 {
  let slice = oldestSlice(group, key);
  if (slice == 0) return NONE;
  if (after > BEFORE_ALL && u32At(pipe + PIPE_WINDOW) != WINDOW_RUNNING) {
    const end = rasterEnd(pipe, after);
    if (end > until) return NONE;
    const last = newestBefore(group, key, end);
    if (last != 0) {
      if (i64At(last + SLICE_START) >= startOf(pipe, end)) return end;
      slice = newerSlice(last);
    }
  }
  for (; slice != 0; slice = newerSlice(slice)) {
    const end = nextEnd(pipe, i64At(slice + SLICE_START), after);
    if (end != NONE) return end <= until ? end : NONE;
  }
  return NONE;
}

/** The key's newest slice that begins before an instant, 0 if there is none. It is looked for from both sides. */
export function newestBefore(group: u32, key: u32, instant: i64): usize {
  let front = oldestSlice(group, key);
  if (front == 0 || i64At(front + SLICE_START) >= instant) return 0;
  let back = newestSlice(entryAt(group, key));
  while (i64At(back + SLICE_START) >= instant) {
    const next = newerSlice(front);
    if (i64At(next + SLICE_START) >= instant) return front;
    front = next;
    back = <usize>u32At(back + SLICE_OLDER);
  }
  return back;
}

/**
 * Smallest end > after of an empty window of one pipeline's key that comes out when it closes: behind the last
 * window that did, and before the newest one with records. NONE if there is none.
 */
export function nextEmpty(pipe: usize, pipeline: u32, group: u32, key: u32, after: i64): i64 {
  if (u32At(pipe + PIPE_EMPTY) == EMPTY_SKIP) return NONE;
  const reached = reachedAt(markEntry(pipeline, key));
  if (reached == BEFORE_ALL) return NONE;
  const end = rasterEnd(pipe, max(reached, after));
  return newestAt(markEntry(pipeline, key)) >= startOf(pipe, end) ? end : NONE;
}

function nextEmptyEnd(group: u32, key: u32, after: i64): i64 {
  if (u32At(groupAt(group) + G_EMPTY) == 0) return NONE;
  const count = u32At(groupPlan(group) + GROUP_PIPELINE_COUNT);
  let end = NONE;
  for (let place: u32 = 0; place < count; place++) {
    const pipeline = groupPipeline(group, place);
    end = min(end, nextEmpty(pipeAt(pipeline), pipeline, group, key, after));
  }
  return end;
}

/**
 * A lower bound of the ends > after of the key's windows that may come out, whichever pipeline's; NONE if there is
 * none. At most one pass for it finds nothing.
 */
export function nextOpenEnd(group: u32, key: u32, after: i64): i64 {
  let end = nextEmptyEnd(group, key, after);
  const newest = newestSlice(entryAt(group, key));
  if (newest == 0) return end;
  const start = i64At(newest + SLICE_START);
  const from = max(after, i64At(oldestSlice(group, key) + SLICE_START));
  // Every end is an edge of slices. While the key has records that will do, and asks no pipeline.
  if (start > after || holds(group, newest, after)) return min(end, nextEdge(group, from));
  const count = u32At(groupPlan(group) + GROUP_PIPELINE_COUNT);
  for (let place: u32 = 0; place < count; place++) {
    const pipe = pipeAt(groupPipeline(group, place));
    if (lastEnd(pipe, start) > after) end = min(end, rasterEnd(pipe, from));
  }
  return end;
}

/** The first edge of slices behind an instant. */
function nextEdge(group: u32, instant: i64): i64 {
  if (u32At(groupPlan(group) + GROUP_EDGE_COUNT) == 0) return RUNNING_END;
  return instant + findWidth(groupPlan(group), instant);
}

/** True when a pipeline still needs slices that begin at `start`, once all ends ≤ closed are closed. */
// @ts-ignore: decorator
@inline function keepsSlice(pipe: usize, start: i64, closed: i64): bool {
  return lastEnd(pipe, start) > closed - i64At(pipe + PIPE_ALLOW);
}

/** Records of a key's slices from `first` on that begin before `end`. */
export function recordsIn(first: usize, end: i64): i64 {
  let records: i64 = 0;
  for (let slice = first; slice != 0 && i64At(slice + SLICE_START) < end; slice = newerSlice(slice)) records += recordCount(slice);
  return records;
}

/** Frees the key's slices that no open window holds any more once all ends ≤ closed are closed. */
export function dropClosed(group: u32, key: u32, closed: i64): void {
  const entry = entryAt(group, key);
  const from = groupPlan(group);
  const count = u32At(from + GROUP_PIPELINE_COUNT);
  let slice = oldestSlice(group, key);
  // Who kept the last slice most likely keeps this one.
  let keeper = u32At(groupAt(group) + G_KEEPER);
  while (slice != 0) {
    const start = i64At(slice + SLICE_START);
    let tried: u32 = 0;
    while (tried < count && !keepsSlice(pipeAt(groupPipeline(group, keeper)), start, closed)) {
      keeper = keeper + 1 == count ? 0 : keeper + 1;
      tried++;
    }
    if (tried < count) break;
    const newer = newerSlice(slice);
    keepHeld(group, key, slice);
    clearStates(from, slice);
    give(groupAt(group) + G_FREE, slice);
    setU32(header + HEADER_OPEN_SLICES, u32At(header + HEADER_OPEN_SLICES) - 1);
    slice = newer;
  }
  setU32(groupAt(group) + G_KEEPER, keeper);
  setU32(entry + ENTRY_OLDEST, <u32>slice);
  if (slice != 0) setU32(slice + SLICE_OLDER, 0);
  else {
    setU32(entry + ENTRY_NEWEST, 0);
    forgetKey(group, key);
  }
  if (anyMarks) for (let place: u32 = 0; place < count; place++) {
    const pipeline = groupPipeline(group, place);
    const marks = markEntry(pipeline, key);
    if (marks != 0) dropMarks(marks, closed - i64At(pipeAt(pipeline) + PIPE_ALLOW));
  }
  setI64(entry + ENTRY_NEXT_CLOSE, nextOpenEnd(group, key, closed));
}

/** The key is not known any more: its slices are given back. */
export function releaseSlices(group: u32, key: u32): void {
  const entry = entryAt(group, key);
  let slice = oldestSlice(group, key);
  forgetKey(group, key);
  forgetHeld(group, key);
  while (slice != 0) {
    const newer = newerSlice(slice);
    clearStates(groupPlan(group), slice);
    give(groupAt(group) + G_FREE, slice);
    setU32(header + HEADER_OPEN_SLICES, u32At(header + HEADER_OPEN_SLICES) - 1);
    slice = newer;
  }
  setI64(entry + ENTRY_OLDEST, 0);
  setI64(entry + ENTRY_NEXT_CLOSE, NONE);
}

/** After a pass over all keys: the group's next close, exactly. */
export function refreshGroupNextClose(group: u32, keys: u32): void {
  let next = NONE;
  for (let key: u32 = 0; key < keys; key++) next = min(next, keyNextClose(group, key));
  setI64(groupAt(group) + G_NEXT_CLOSE, next);
}
