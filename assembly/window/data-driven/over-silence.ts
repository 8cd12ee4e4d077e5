// Rows of OVER that silence brings out before their watermark does. They go on waiting, since a record that is in time may
// still come before them; what they stand for is read without a change to the key's window: the end of the window that
// is within their reach, and the rows that wait up to them. A mark in the row says what came out; a record that
// comes into its reach makes that untrue, and the row comes out again, by the next silence or when it is closed.
// A pass has a heap of its own over the keys that have such rows; then the heap is what it was before.
// Imports over, over-window, the heap, marks, slices.
import { MARK_REVISION, PIPE_SHOWS_ROWS, PLAN_KEYS_MAX, SLICE_OLDER, SLICE_STATES } from "../../layout";
import { mergeStates } from "../../aggregate/states";
import { u32At } from "../../memory/raw";
import { plan } from "../../memory/regions";
import { emitClock } from "../clocks";
import { keyCount } from "../keys";
import { clearMark, isClosed, noteContent } from "../marks";
import { groupPipeline, groupPlan, groupSpace, newerSlice, oldestSlice, pipeAt } from "../slices";
import { emptyHeap, heapCount, lower, raise, remove, topKey } from "./heap";
import { firstRow, goesByRows, heapOf, reachOf, timeOf, windowOf } from "./over";
import {
  aheadSum, aheadTo, beginAhead, cursorRow, endAhead, enteredAhead, leaveAhead, oldestAhead, rowsAhead, setAheadTo, setCursorRow,
  ordinalOf, timeRead,
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
    const row = nextShown(group, key, oldestSlice(group, key));
    if (row == 0) continue;
    beginAhead(group, windowOf(group, key), row);
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
  const row = cursorRow(window);
  const reach = reachOf(group);
  // The rows of its reach that wait, from `first` to `last`.
  let first = row;
  let last = row;
  let entered = <i64>enteredAhead(window);
  if (goesByRows(group)) {
    let waiting: i64 = 1;
    while (waiting <= reach && u32At(first + SLICE_OLDER) != 0) {
      first = <usize>u32At(first + SLICE_OLDER);
      waiting++;
    }
    while (entered > reach + 1 - waiting) {
      leaveAhead(window);
      entered--;
    }
  } else {
    const begin = timeOf(row) - reach;
    while (u32At(first + SLICE_OLDER) != 0 && timeOf(<usize>u32At(first + SLICE_OLDER)) >= begin) first = <usize>u32At(first + SLICE_OLDER);
    while (newerSlice(last) != 0 && timeOf(newerSlice(last)) == timeOf(row)) last = newerSlice(last);
    while (oldestAhead(window) != 0 && timeOf(oldestAhead(window)) < begin) leaveAhead(window);
  }
  rowsAhead(group, window, into);
  const sum = aheadSum(window);
  if (sum == 0 || first != oldestSlice(group, key)) {
    for (let one = first; one != newerSlice(last); one = newerSlice(one)) mergeStates(from, into, one);
    return;
  }
  // The next row's reach begins with the same one as long as it reaches back to the first that waits.
  let one = aheadTo(window) == 0 ? first : newerSlice(aheadTo(window));
  if (aheadTo(window) == last) one = newerSlice(last);
  for (; one != newerSlice(last); one = newerSlice(one)) mergeStates(from, sum, one);
  setAheadTo(window, last);
  mergeStates(from, into, sum);
}

/** Place of that row among those of equal time, from 1. */
export function ordinalOfShown(group: u32): u32 {
  const window = windowOf(group, keyOfShown(group));
  const time = timeOf(cursorRow(window));
  let ordinal = timeRead(window) == time ? ordinalOf(window) : 0;
  for (let row = cursorRow(window); row != 0 && timeOf(row) == time; row = <usize>u32At(row + SLICE_OLDER)) ordinal++;
  return ordinal;
}

/** That row is out. */
export function passShown(group: u32): void {
  const heap = heapOf(group);
  const key = topKey(heap);
  const window = windowOf(group, key);
  noteContent(markOfRow(cursorRow(window)), 0, true);
  const next = nextShown(group, key, newerSlice(cursorRow(window)));
  setCursorRow(window, next);
  if (next != 0) {
    raise(heap, keysMax(), key, timeOf(next), timeOf(next));
    return;
  }
  endAhead(group, window);
  remove(heap, keysMax(), key);
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

/** A new row stands in its place: it has a mark, and rows whose reach it is in are others now. */
export function markRow(group: u32, row: usize): void {
  if (!showsRows(group)) return;
  clearMark(markOfRow(row));
  const reach = reachOf(group);
  if (goesByRows(group)) {
    let behind: i64 = 0;
    for (let newer = newerSlice(row); newer != 0 && behind < reach; newer = newerSlice(newer)) {
      noteContent(markOfRow(newer), 0, false);
      behind++;
    }
    return;
  }
  for (let newer = newerSlice(row); newer != 0 && timeOf(newer) - reach <= timeOf(row); newer = newerSlice(newer)) {
    noteContent(markOfRow(newer), 0, false);
  }
  for (let older = <usize>u32At(row + SLICE_OLDER); older != 0 && timeOf(older) == timeOf(row); older = <usize>u32At(older + SLICE_OLDER)) {
    noteContent(markOfRow(older), 0, false);
  }
}
