// Rows of OVER that silence brings out before their watermark does. They go on waiting, since a record that is in time may
// still come before them; what they stand for is read without a change to the key's window: the end of the window that
// is within their reach, and the rows that wait up to them. A mark in the row says what came out; a record that
// comes into its reach makes that untrue, and the row comes out again, by the next silence or when it is closed.
// What is known of the rows that are out lasts from one pass to the next, so that each costs its own merges only as long as
// their reach goes back to the first one that waits. A pass has a heap of its own over the keys that have such rows; then
// the heap is what it was before.
// Imports over, over-window, the heap, marks, slices.
import { MARK_END, MARK_REVISION, PIPE_SHOWS_ROWS, PLAN_KEYS_MAX, SLICE_OLDER, SLICE_STATES } from "../../layout";
import { mergeStates } from "../../aggregate/states";
import { i64At, setI64, u32At } from "../../memory/raw";
import { plan } from "../../memory/regions";
import { emitClock } from "../clocks";
import { keyCount } from "../keys";
import { clearMark, isClosed, noteContent } from "../marks";
import { groupPipeline, groupPlan, groupSpace, newerSlice, oldestSlice, pipeAt } from "../slices";
import { emptyHeap, heapCount, lower, raise, remove, topKey } from "./heap";
import { firstRow, goesByRows, heapOf, reachOf, timeOf, windowOf } from "./over";
import {
  aheadCount, aheadFirst, aheadSum, aheadTo, beginAhead, cursorRow, endAhead, enteredAhead, leaveAhead, leaveFirst, oldestAhead,
  ordinalOf, rowsAhead, setCursorRow, takeAhead, timeRead,
} from "./over-window";

// @ts-ignore: decorator
@inline function keysMax(): usize { return <usize>u32At(plan + PLAN_KEYS_MAX); }

/** True when silence brings out rows of the group. */
// @ts-ignore: decorator
@inline export function showsRows(group: u32): bool { return u32At(pipeAt(groupPipeline(group, 0)) + PIPE_SHOWS_ROWS) != 0; }

/** The row's mark, in groups that show rows. */
// @ts-ignore: decorator
@inline export function markOfRow(row: usize): usize { return row + SLICE_STATES; }
/** The row came out, and is what it was then. */
// @ts-ignore: decorator
@inline export function isShown(row: usize): bool { return isClosed(markOfRow(row)); }
/** The row came out, as it is or as it was. */
// @ts-ignore: decorator
@inline export function wasOut(row: usize): bool { return u32At(markOfRow(row) + MARK_REVISION) != 0; }

/** True when silence brought out all rows of the key that wait: by an emit clock, and they are what they were then. */
export function rowsAreOut(group: u32, key: u32, clock: i64): bool {
  if (!showsRows(group)) return false;
  for (let row = oldestSlice(group, key); row != 0; row = newerSlice(row)) {
    if (timeOf(row) >= clock || !isShown(row)) return false;
  }
  return true;
}

/** Begins a pass over the keys that are silent. */
export function beginShowing(group: u32): void {
  const heap = heapOf(group);
  emptyHeap(heap, keysMax());
  const keys = keyCount(groupSpace(group));
  for (let key: u32 = 0; key < keys; key++) {
    const window = windowOf(group, key);
    const oldest = oldestSlice(group, key);
    // What the last pass left is out as it is.
    const row = nextShown(group, key, aheadTo(window) == 0 ? oldest : newerSlice(aheadTo(window)));
    if (row == 0) continue;
    if (aheadTo(window) == 0) beginAhead(group, window, oldest);
    setCursorRow(window, row);
    lower(heap, keysMax(), key, timeOf(row), timeOf(row));
  }
}

/** The first of the key's waiting rows from `row` on that silence brings out now; 0 for none. */
function nextShown(group: u32, key: u32, row: usize): usize {
  const clock = emitClock(groupSpace(group), key);
  while (row != 0 && timeOf(row) < clock && isShown(row)) row = newerSlice(row);
  return row != 0 && timeOf(row) < clock ? row : 0;
}

export function hasShown(group: u32): bool { return heapCount(heapOf(group)) != 0; }
/** The key of the row that the pass brings out next; hasShown says that there is one. */
export function keyOfShown(group: u32): u32 { return topKey(heapOf(group)); }
export function rowOfShown(group: u32): usize { return cursorRow(windowOf(group, keyOfShown(group))); }

/** Adds what that row stands for to `into`, an empty slice. */
export function readShown(group: u32, into: usize): void {
  const from = groupPlan(group);
  const key = keyOfShown(group);
  const window = windowOf(group, key);
  const oldest = oldestSlice(group, key);
  takeUpTo(group, window, oldest, cursorRow(window));
  rowsAhead(group, window, into);
  const sum = aheadSum(window);
  if (sum != 0 && aheadFirst(window) == oldest) mergeStates(from, into, sum);
  else {
    const end = newerSlice(aheadTo(window));
    for (let row = aheadFirst(window); row != end; row = newerSlice(row)) mergeStates(from, into, row);
  }
}

/** Takes in the rows that wait up to `row`, with RANGE all of its time; what is out of its reach leaves. */
function takeUpTo(group: u32, window: usize, oldest: usize, row: usize): void {
  const from = groupPlan(group);
  const reach = reachOf(group);
  const byRows = goesByRows(group);
  const time = timeOf(row);
  let next = aheadTo(window) == 0 ? oldest : newerSlice(aheadTo(window));
  while (next != 0 && (byRows ? aheadTo(window) != row : timeOf(next) <= time)) {
    // The sum is of all that wait: it is read as long as those are within reach.
    if (aheadSum(window) != 0 && aheadFirst(window) == oldest) mergeStates(from, aheadSum(window), next);
    takeAhead(window, next);
    next = newerSlice(next);
  }
  if (byRows) {
    while (<i64>aheadCount(window) > reach + 1) leaveFirst(window);
    while (<i64>(enteredAhead(window) + aheadCount(window)) > reach + 1 && enteredAhead(window) != 0) leaveAhead(window);
    return;
  }
  while (timeOf(aheadFirst(window)) < time - reach) leaveFirst(window);
  while (oldestAhead(window) != 0 && timeOf(oldestAhead(window)) < time - reach) leaveAhead(window);
}

/** Place of that row among those of equal time, from 1. */
export function ordinalOfShown(group: u32): i64 { return i64At(markOfRow(rowOfShown(group)) + MARK_END); }

/** That row is out. */
export function passShown(group: u32): void {
  const heap = heapOf(group);
  const key = topKey(heap);
  const window = windowOf(group, key);
  noteContent(markOfRow(cursorRow(window)), 0, true);
  const next = nextShown(group, key, newerSlice(cursorRow(window)));
  setCursorRow(window, next);
  if (next != 0) raise(heap, keysMax(), key, timeOf(next), timeOf(next));
  else remove(heap, keysMax(), key);
}

/** After the pass: the heap as it was. */
export function finishShowing(group: u32): void {
  const heap = heapOf(group);
  emptyHeap(heap, keysMax());
  const keys = keyCount(groupSpace(group));
  for (let key: u32 = 0; key < keys; key++) {
    const row = firstRow(group, key);
    if (row != 0) lower(heap, keysMax(), key, timeOf(row), timeOf(row));
  }
}

/** Smallest emit clock above `after` at which a row of the key comes out; i64.MAX_VALUE when there is none. */
export function nextShownEnd(group: u32, key: u32, after: i64): i64 {
  let row = oldestSlice(group, key);
  while (row != 0 && timeOf(row) < after) row = newerSlice(row);
  return row == 0 ? i64.MAX_VALUE : timeOf(row) + 1;
}

/** A new row stands in its place: it has a mark with its ordinal, and rows whose reach it is in are others now. */
export function markRow(group: u32, key: u32, row: usize): void {
  if (!showsRows(group)) return;
  const window = windowOf(group, key);
  if (aheadTo(window) != 0) endAhead(group, window);
  const time = timeOf(row);
  const before = <usize>u32At(row + SLICE_OLDER);
  const isNext = before != 0 && timeOf(before) == time;
  clearMark(markOfRow(row));
  const known = isNext ? i64At(markOfRow(before) + MARK_END) : timeRead(window) == time ? <i64>ordinalOf(window) : 0;
  setI64(markOfRow(row) + MARK_END, known + 1);
  const reach = reachOf(group);
  const byRows = goesByRows(group);
  let behind: i64 = 0;
  for (let newer = newerSlice(row); newer != 0; newer = newerSlice(newer)) {
    if (byRows ? behind++ >= reach : timeOf(newer) - reach > time) break;
    noteContent(markOfRow(newer), 0, false);
  }
  // Rows of equal time came out together, and became others together.
  for (let older = before; !byRows && older != 0 && timeOf(older) == time && isShown(older); older = <usize>u32At(older + SLICE_OLDER)) {
    noteContent(markOfRow(older), 0, false);
  }
}
