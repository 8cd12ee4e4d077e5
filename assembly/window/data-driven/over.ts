// OVER: every record is a row over itself and records of its key before it. A row waits until the watermark is past
// its time, so that it is in its place among all others; then it enters its key's window (over-window.ts), what is
// out of reach leaves, and its result is read. Rows that wait are a list by (time, arrival): the key's entry of
// slices.ts. A row is a slice of one record, its time in place of the start, with the carried cells behind its states.
// Struct of a group (offsets G_*): ┌ windows u32 ┬ heap u32 ┬ reach i64 ┬ 1 for ROWS u32 ┬ instants u32 ┐; the group
// belongs to one pipeline. What RESAMPLE makes of rows is in resample.ts. Imports over-window, the heap, slices, aggregate states, pool.
import {
  COLUMN_BYTES, COLUMN_TYPE, GROUP_BYTES, GROUP_KIND, GROUP_OF_OVER, GROUP_PIPELINES_AT, GROUP_SLICE_BYTES,
  HEADER_OPEN_SLICES, PIPE_CARRIED_AT, PIPE_CARRIED_COUNT, PIPE_PERIOD, PIPE_SIZE, PIPE_SLIDE, PLAN_COLUMNS_AT, PLAN_GROUPS_AT,
  PLAN_GROUP_COUNT, PLAN_KEYS_MAX, SLICE_COUNT, SLICE_NEWER, SLICE_OLDER, SLICE_START, TYPE_BOOLEAN, TYPE_STRING,
} from "../../layout";
import { initStates } from "../../aggregate/states";
import { take } from "../../memory/pool";
import { i64At, setI64, setU32, setU64, u32At, u64At, u8At } from "../../memory/raw";
import { align, header, plan, registerBase } from "../../memory/regions";
import { NONE } from "../bounds";
import {
  WINDOW_STRUCT_BYTES, aheadTo, endAhead, enter, enteredRows, forgetWindow, leaveAll, leaveOldest, newestRow, oldestRow, openWindow, ordinalOf, releaseRow,
  rowToRead, rowsWithin, setRowToRead, windowIsOpen,
} from "./over-window";
import { keyOrders } from "../key-limit";
import { heapBytes, heapCount, lower, openHeap, raise, remove, topEnd, topIs, topKey } from "./heap";
import {
  entryAt, freeSlices, groupNextCloseAt, groupPipeline, groupPlan, groupSpace, hasFreeSlices, newerSlice, newestSlice, nextCloseAt, oldestSlice,
  pipeAt, setNewest, setOldest,
} from "../slices";

export const INSTANTS_BYTES: usize = 16;

const G_WINDOWS: usize = 0;
const G_HEAP: usize = 4;
const G_REACH: usize = 8;
const G_ROWS: usize = 16;
/** Of RESAMPLE, by key: ┌ next instant i64 ┬ instants since the last record i64, −1 before the first one ┐. */
const G_INSTANTS: usize = 20;
const G_BYTES: usize = 24;

let groups: usize = 0;
let keysMax: usize = 0;

/** Places the tables of OVER groups at `base`; returns the first byte behind them. */
export function openOver(base: usize): usize {
  const count = u32At(plan + PLAN_GROUP_COUNT);
  keysMax = <usize>u32At(plan + PLAN_KEYS_MAX);
  groups = base;
  let at = align(base + <usize>count * G_BYTES);
  for (let group: u32 = 0; group < count; group++) {
    const from = plan + u32At(plan + PLAN_GROUPS_AT) + <usize>group * GROUP_BYTES;
    if (u32At(from + GROUP_KIND) != GROUP_OF_OVER) continue;
    const to = groups + <usize>group * G_BYTES;
    const pipe = pipeAt(u32At(plan + u32At(from + GROUP_PIPELINES_AT)));
    setI64(to + G_REACH, i64At(pipe + PIPE_SIZE));
    setU32(to + G_ROWS, <u32>i64At(pipe + PIPE_SLIDE));
    setU32(to + G_WINDOWS, <u32>at);
    memory.fill(at, 0, keysMax * WINDOW_STRUCT_BYTES);
    at = align(at + keysMax * WINDOW_STRUCT_BYTES);
    setU32(to + G_HEAP, <u32>at);
    openHeap(at, keysMax, keyOrders(groupSpace(group)));
    at = align(at + heapBytes(keysMax));
    setU32(to + G_INSTANTS, 0);
    if (i64At(pipe + PIPE_PERIOD) == 0) continue;
    setU32(to + G_INSTANTS, <u32>at);
    memory.fill(at, 0xff, keysMax * INSTANTS_BYTES);
    at = align(at + keysMax * INSTANTS_BYTES);
  }
  return at;
}

// @ts-ignore: decorator
@inline export function heapOf(group: u32): usize { return <usize>u32At(groups + <usize>group * G_BYTES + G_HEAP); }
// @ts-ignore: decorator
@inline export function windowOf(group: u32, key: u32): usize {
  return <usize>u32At(groups + <usize>group * G_BYTES + G_WINDOWS) + <usize>key * WINDOW_STRUCT_BYTES;
}
/** How far rows reach back: ns, or so many rows. */
// @ts-ignore: decorator
@inline export function reachOf(group: u32): i64 { return i64At(groups + <usize>group * G_BYTES + G_REACH); }
/** True for ROWS. */
// @ts-ignore: decorator
@inline export function goesByRows(group: u32): bool { return u32At(groups + <usize>group * G_BYTES + G_ROWS) != 0; }
/** What RESAMPLE knows of a key. */
// @ts-ignore: decorator
@inline export function instantsOf(group: u32, key: u32): usize {
  return <usize>u32At(groups + <usize>group * G_BYTES + G_INSTANTS) + <usize>key * INSTANTS_BYTES;
}
/** The key's row that came out last, and is still held; 0 for none. */
export function rowBefore(group: u32, key: u32): usize { return newestRow(windowOf(group, key)); }
// @ts-ignore: decorator
@inline export function timeOf(row: usize): i64 { return i64At(row + SLICE_START); }

/** True when there is room for a row of the key: one block, and two more for the window of a new key. */
export function hasRoomForRow(group: u32, key: u32): bool {
  return hasFreeSlices(group, windowIsOpen(windowOf(group, key)) ? 1 : 3);
}

/** A new row for the batch's record `at`, in its place among those that wait; there is room. */
export function rowFor(group: u32, key: u32, at: u32, time: i64): usize {
  const from = groupPlan(group);
  const window = windowOf(group, key);
  if (!windowIsOpen(window)) openWindow(group, window);
  const row = take(freeSlices(group), u32At(from + GROUP_SLICE_BYTES));
  assert(row != 0);
  setI64(row + SLICE_START, time);
  setI64(row + SLICE_COUNT, 0);
  initStates(from, row);
  carry(group, row, at);
  const entry = entryAt(group, key);
  let newer: usize = 0;
  let older = newestSlice(entry);
  while (older != 0 && timeOf(older) > time) {
    newer = older;
    older = <usize>u32At(older + SLICE_OLDER);
  }
  setU32(row + SLICE_OLDER, <u32>older);
  setU32(row + SLICE_NEWER, <u32>newer);
  if (older != 0) setU32(older + SLICE_NEWER, <u32>row);
  else setOldest(entry, row);
  if (newer != 0) setU32(newer + SLICE_OLDER, <u32>row);
  else setNewest(entry, row);
  setU32(header + HEADER_OPEN_SLICES, u32At(header + HEADER_OPEN_SLICES) + 1);
  const first = timeOf(firstRow(group, key));
  const heap = heapOf(group);
  setI64(nextCloseAt(entry), first + 1);
  lower(heap, keysMax, key, first, first);
  setI64(groupNextCloseAt(group), topEnd(heap) + 1);
  return row;
}

/** Copies what the row carries from the batch, as cells of 8 bytes. */
function carry(group: u32, row: usize, at: u32): void {
  const pipe = pipeAt(groupPipeline(group, 0));
  const count = u32At(pipe + PIPE_CARRIED_COUNT);
  const columns = plan + u32At(pipe + PIPE_CARRIED_AT);
  let to = carriedAt(group, row);
  for (let place: u32 = 0; place < count; place++) {
    const column = u32At(columns + (<usize>place << 2));
    const type = u32At(plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES + COLUMN_TYPE);
    const cells = registerBase(column);
    if (type == TYPE_STRING) setU64(to, u32At(cells + (<usize>at << 2)));
    else if (type == TYPE_BOOLEAN) setU64(to, u8At(cells + at));
    else setU64(to, u64At(cells + (<usize>at << 3)));
    to += 8;
  }
}

/** Where a row's carried cells are. */
export function carriedAt(group: u32, row: usize): usize {
  const count = u32At(pipeAt(groupPipeline(group, 0)) + PIPE_CARRIED_COUNT);
  return row + u32At(groupPlan(group) + GROUP_SLICE_BYTES) - (<usize>count << 3);
}

/** The key's next row to come out: one that is in the window already, else the first that waits; 0 for none. */
export function firstRow(group: u32, key: u32): usize {
  const row = rowToRead(windowOf(group, key));
  return row != 0 ? row : oldestSlice(group, key);
}

export function hasRows(group: u32): bool { return heapCount(heapOf(group)) != 0; }

/** The key whose row comes out first in the whole group; hasRows says that there is one. */
export function keyOfNextRow(group: u32): u32 {
  const heap = heapOf(group);
  while (true) {
    const key = topKey(heap);
    const time = timeOf(firstRow(group, key));
    if (topIs(heap, time, time)) return key;
    raise(heap, keysMax, key, time, time);
  }
}

/** After a pass over all keys: the group's next close, exactly. */
export function refreshRows(group: u32): void {
  if (hasRows(group)) keyOfNextRow(group);
  setI64(groupNextCloseAt(group), hasRows(group) ? topEnd(heapOf(group)) + 1 : NONE);
}

/** The key is not known any more; rows that wait are out. */
export function forgetRowsOf(group: u32, key: u32): void {
  const window = windowOf(group, key);
  const entry = entryAt(group, key);
  let row = oldestSlice(group, key);
  if (row != 0) remove(heapOf(group), keysMax, key);
  while (row != 0) {
    const newer = newerSlice(row);
    releaseRow(group, row);
    row = newer;
  }
  setOldest(entry, 0);
  setNewest(entry, 0);
  setI64(nextCloseAt(entry), NONE);
  if (aheadTo(window) != 0) endAhead(group, window);
  if (windowIsOpen(window)) forgetWindow(group, window);
  if (u32At(groups + <usize>group * G_BYTES + G_INSTANTS) != 0) {
    memory.fill(instantsOf(group, key), 0xff, INSTANTS_BYTES);
  }
}

/** Brings the key's window to its next row, and adds what the row stands for to `into`, an empty slice. */
export function readRow(group: u32, key: u32, into: usize): void {
  const window = windowOf(group, key);
  if (rowToRead(window) == 0) bringIn(group, key, window);
  rowsWithin(group, window, into);
}

/** Place of the row that was read among those of equal time, from 1. */
export function ordinalOfRow(group: u32, key: u32): u32 { return ordinalOf(windowOf(group, key)); }

/** The first row that waits enters, with RANGE all of its time; what is out of their reach leaves. */
function bringIn(group: u32, key: u32, window: usize): void {
  if (aheadTo(window) != 0) endAhead(group, window);
  const reach = reachOf(group);
  const entry = entryAt(group, key);
  let row = oldestSlice(group, key);
  const time = timeOf(row);
  setRowToRead(window, row, time);
  if (goesByRows(group)) {
    while (oldestRow(window) != 0 && <i64>enteredRows(window) > reach) leaveOldest(group, window);
    row = enterOne(group, window, row);
  } else {
    if (newestRow(window) != 0 && timeOf(newestRow(window)) < time - reach) leaveAll(group, window);
    while (oldestRow(window) != 0 && timeOf(oldestRow(window)) < time - reach) leaveOldest(group, window);
    while (row != 0 && timeOf(row) == time) row = enterOne(group, window, row);
  }
  setOldest(entry, row);
  if (row != 0) setU32(row + SLICE_OLDER, 0);
  else setNewest(entry, 0);
}

/** Moves a row into the window; returns the one behind it. */
function enterOne(group: u32, window: usize, row: usize): usize {
  const next = newerSlice(row);
  enter(group, window, row);
  return next;
}

/** The row that was read is out: the next one of its time, if the window holds it, is to be read. */
export function closeRow(group: u32, key: u32): void {
  const window = windowOf(group, key);
  const time = timeOf(rowToRead(window));
  setRowToRead(window, newerSlice(rowToRead(window)), time);
  const heap = heapOf(group);
  const next = firstRow(group, key);
  if (next == 0) remove(heap, keysMax, key);
  else raise(heap, keysMax, key, timeOf(next), timeOf(next));
  setI64(nextCloseAt(entryAt(group, key)), next == 0 ? NONE : timeOf(next) + 1);
}
