// The window of one key of OVER, as a queue: rows enter at its end and leave at its front, and the aggregate of all
// of them is at hand after a constant number of merges for each, however many they are. DABA Lite: K. Tangwongsan,
// M. Hirzel, S. Schneider, "In-order sliding-window aggregation in worst-case constant time", VLDB Journal 30 (2021);
// chosen because it asks no inverse of an aggregate, and never stops for the whole window as two stacks do.
// The queue is a list of rows by SLICE_OLDER and SLICE_NEWER; 0 is its end. Its stretches:
//   front ┌ F … L: row to B ┬ L … R: row to R ┬ R … A: the row alone ┬ A … B: row to B ┐ back ┌ B … end: alone ┐
// Each row's states hold the aggregate of what is said, in place. Struct (offsets W_*), cleared to begin with:
//   ┌ F ┬ newest ┬ L ┬ R ┬ A ┬ B ┬ R … B slice ┬ back's slice ┬ row to read ┬ rows entered (u32 each) ┬
//   ├ time read last i64 ┬ its ordinal u32, padding ┬ what is known of rows that wait, 8 · u32 ┐
// Imports slices, aggregate states, pool.
import { GROUP_SLICE_BYTES, HEADER_OPEN_SLICES, SLICE_COUNT, SLICE_NEWER, SLICE_OLDER } from "../../layout";
import { clearStates, initStates, mergeStates } from "../../aggregate/states";
import { give, take } from "../../memory/pool";
import { i64At, setI64, setU32, u32At } from "../../memory/raw";
import { header } from "../../memory/regions";
import { freeSlices, groupPlan, newerSlice } from "../slices";

const W_FRONT: usize = 0;
const W_NEWEST: usize = 4;
const W_L: usize = 8;
const W_R: usize = 12;
const W_A: usize = 16;
const W_B: usize = 20;
/** Aggregate of R … B. */
const W_MIDDLE: usize = 24;
/** Aggregate of B … end. */
const W_BACK: usize = 28;
const W_READ: usize = 32;
const W_ENTERED: usize = 36;
const W_TIME: usize = 40;
const W_ORDINAL: usize = 48;
// What is known of rows that wait, from one pass of silence to the next, until a row comes or enters (over-silence.ts):
/** The row that the pass brings out. */
const W_CURSOR: usize = 56;
/** The oldest row of the window within reach, its stretch, rows from there on. */
const W_FROM: usize = 60;
const W_STRETCH: usize = 64;
const W_LEFT: usize = 68;
/** The first row that waits within reach, the last one that is out, rows from one to the other; 0 where nothing is known. */
const W_FIRST: usize = 72;
const W_TO: usize = 76;
const W_COUNT: usize = 80;
/** A slice for the sum of the rows that wait up to W_TO, 0 where there was no room for it. */
const W_SUM: usize = 84;
export const WINDOW_STRUCT_BYTES: usize = 88;

// @ts-ignore: decorator
@inline function at(window: usize, place: usize): usize { return <usize>u32At(window + place); }
// @ts-ignore: decorator
@inline export function windowIsOpen(window: usize): bool { return at(window, W_BACK) != 0; }
// @ts-ignore: decorator
@inline export function oldestRow(window: usize): usize { return at(window, W_FRONT); }
// @ts-ignore: decorator
@inline export function newestRow(window: usize): usize { return at(window, W_NEWEST); }
/** Its two slices besides the rows, 0 before it is open. */
export function middleOf(window: usize): usize { return at(window, W_MIDDLE); }
export function backOf(window: usize): usize { return at(window, W_BACK); }
// @ts-ignore: decorator
@inline export function enteredRows(window: usize): u32 { return u32At(window + W_ENTERED); }
// @ts-ignore: decorator
@inline export function rowToRead(window: usize): usize { return at(window, W_READ); }
// @ts-ignore: decorator
@inline export function ordinalOf(window: usize): u32 { return u32At(window + W_ORDINAL); }

/** Takes the window's two slices; there is room. */
export function openWindow(group: u32, window: usize): void {
  setU32(window + W_MIDDLE, <u32>empty(group, take(freeSlices(group), sliceBytes(group))));
  setU32(window + W_BACK, <u32>empty(group, take(freeSlices(group), sliceBytes(group))));
  setI64(window + W_TIME, i64.MIN_VALUE);
}

// @ts-ignore: decorator
@inline function sliceBytes(group: u32): usize { return <usize>u32At(groupPlan(group) + GROUP_SLICE_BYTES); }

function empty(group: u32, slice: usize): usize {
  assert(slice != 0);
  setI64(slice + SLICE_COUNT, 0);
  initStates(groupPlan(group), slice);
  return slice;
}

/** The row that is read next, or 0: its place among those of equal time is counted here. */
export function setRowToRead(window: usize, row: usize, time: i64): void {
  setU32(window + W_READ, <u32>row);
  if (row == 0) return;
  setU32(window + W_ORDINAL, time == i64At(window + W_TIME) ? u32At(window + W_ORDINAL) + 1 : 1);
  setI64(window + W_TIME, time);
}

/** A row enters at the end. */
export function enter(group: u32, window: usize, row: usize): void {
  const newest = newestRow(window);
  setU32(row + SLICE_OLDER, <u32>newest);
  setU32(row + SLICE_NEWER, 0);
  if (newest != 0) setU32(newest + SLICE_NEWER, <u32>row);
  setU32(window + W_NEWEST, <u32>row);
  // Whatever stood at the end now stands at the row.
  for (let place = W_L; place <= W_B; place += 4) {
    if (at(window, place) == 0) setU32(window + place, <u32>row);
  }
  if (oldestRow(window) == 0) setU32(window + W_FRONT, <u32>row);
  setU32(window + W_ENTERED, enteredRows(window) + 1);
  mergeStates(groupPlan(group), at(window, W_BACK), row);
  step(group, window);
}

/** The front row leaves. */
export function leaveOldest(group: u32, window: usize): void {
  const row = oldestRow(window);
  const next = newerSlice(row);
  setU32(window + W_FRONT, <u32>next);
  if (next != 0) setU32(next + SLICE_OLDER, 0);
  else setU32(window + W_NEWEST, 0);
  release(group, window, row);
  step(group, window);
}

function release(group: u32, window: usize, row: usize): void {
  releaseRow(group, row);
  setU32(window + W_ENTERED, enteredRows(window) - 1);
}

/** Gives back a row. */
export function releaseRow(group: u32, row: usize): void {
  clearStates(groupPlan(group), row);
  give(freeSlices(group), row);
  setU32(header + HEADER_OPEN_SLICES, u32At(header + HEADER_OPEN_SLICES) - 1);
}

/** All rows leave, without a merge. */
export function leaveAll(group: u32, window: usize): void {
  let row = oldestRow(window);
  while (row != 0) {
    const next = newerSlice(row);
    release(group, window, row);
    row = next;
  }
  setU32(window + W_FRONT, 0);
  setU32(window + W_NEWEST, 0);
  setU32(window + W_B, 0);
  step(group, window);
}

/** All rows leave, and those to come are the first ones of their times. */
export function forgetWindow(group: u32, window: usize): void {
  leaveAll(group, window);
  setRowToRead(window, 0, 0);
  setI64(window + W_TIME, i64.MIN_VALUE);
}

/** Adds all rows of the window to `into`. */
export function rowsWithin(group: u32, window: usize, into: usize): void {
  const from = groupPlan(group);
  if (oldestRow(window) != at(window, W_B)) mergeStates(from, into, oldestRow(window));
  mergeStates(from, into, at(window, W_BACK));
}

// @ts-ignore: decorator
@inline export function timeRead(window: usize): i64 { return i64At(window + W_TIME); }
// @ts-ignore: decorator
@inline export function cursorRow(window: usize): usize { return at(window, W_CURSOR); }
// @ts-ignore: decorator
@inline export function setCursorRow(window: usize, row: usize): void { setU32(window + W_CURSOR, <u32>row); }
// @ts-ignore: decorator
@inline export function oldestAhead(window: usize): usize { return at(window, W_FROM); }
// @ts-ignore: decorator
@inline export function enteredAhead(window: usize): u32 { return u32At(window + W_LEFT); }
// @ts-ignore: decorator
@inline export function aheadSum(window: usize): usize { return at(window, W_SUM); }
// @ts-ignore: decorator
@inline export function aheadFirst(window: usize): usize { return at(window, W_FIRST); }
// @ts-ignore: decorator
@inline export function aheadTo(window: usize): usize { return at(window, W_TO); }
// @ts-ignore: decorator
@inline export function aheadCount(window: usize): u32 { return u32At(window + W_COUNT); }

/** Begins to look at what rows that wait will stand for, the first of which is `row`; the window stays as it is. */
export function beginAhead(group: u32, window: usize, row: usize): void {
  setU32(window + W_FROM, <u32>oldestRow(window));
  setU32(window + W_STRETCH, 0);
  setU32(window + W_LEFT, enteredRows(window));
  setU32(window + W_FIRST, <u32>row);
  setU32(window + W_TO, 0);
  setU32(window + W_COUNT, 0);
  const sum = take(freeSlices(group), sliceBytes(group));
  setU32(window + W_SUM, <u32>sum);
  if (sum != 0) empty(group, sum);
  findStretch(window);
}

/** What was known is not so any more. */
export function endAhead(group: u32, window: usize): void {
  setU32(window + W_TO, 0);
  const sum = aheadSum(window);
  if (sum == 0) return;
  clearStates(groupPlan(group), sum);
  give(freeSlices(group), sum);
  setU32(window + W_SUM, 0);
}

/** The next row that waits is taken in. */
export function takeAhead(window: usize, row: usize): void {
  setU32(window + W_TO, <u32>row);
  setU32(window + W_COUNT, aheadCount(window) + 1);
}

/** The first row that waits is out of reach. */
export function leaveFirst(window: usize): void {
  setU32(window + W_FIRST, <u32>newerSlice(aheadFirst(window)));
  setU32(window + W_COUNT, aheadCount(window) - 1);
}

/** The oldest row within reach is out of it for the rows behind. */
export function leaveAhead(window: usize): void {
  setU32(window + W_FROM, <u32>newerSlice(oldestAhead(window)));
  setU32(window + W_LEFT, enteredAhead(window) - 1);
  findStretch(window);
}

/** Of the stretches F … L, L … R, R … A, A … B, B … end: the one that the oldest row within reach is in, 0 to 4. */
function findStretch(window: usize): void {
  let stretch = u32At(window + W_STRETCH);
  while (stretch < 4 && oldestAhead(window) == at(window, W_L + (<usize>stretch << 2))) stretch++;
  setU32(window + W_STRETCH, stretch);
}

/** Adds the rows of the window that are within reach to `into`: a few merges, or one for each row that is alone. */
export function rowsAhead(group: u32, window: usize, into: usize): void {
  const from = groupPlan(group);
  const oldest = oldestAhead(window);
  if (oldest == 0) return;
  const stretch = u32At(window + W_STRETCH);
  if (stretch == 4) {
    for (let row = oldest; row != 0; row = newerSlice(row)) mergeStates(from, into, row);
    return;
  }
  if (stretch == 2) {
    const a = at(window, W_A);
    for (let row = oldest; row != a; row = newerSlice(row)) mergeStates(from, into, row);
    if (a != at(window, W_B)) mergeStates(from, into, a);
  } else mergeStates(from, into, oldest);
  if (stretch == 1) mergeStates(from, into, at(window, W_MIDDLE));
  mergeStates(from, into, at(window, W_BACK));
}

/** The one step after each entering and leaving that keeps the stretches as they are drawn above. */
function step(group: u32, window: usize): void {
  const from = groupPlan(group);
  const front = at(window, W_FRONT);
  if (front == at(window, W_B)) {
    // No row in front: the one behind, if any, is its own aggregate.
    for (let place = W_L; place <= W_B; place += 4) setU32(window + place, 0);
    renew(group, at(window, W_MIDDLE));
    renew(group, at(window, W_BACK));
    return;
  }
  if (at(window, W_L) == at(window, W_B)) {
    // Front and back are of one length: the back joins the front, and there is a new one.
    setU32(window + W_L, <u32>front);
    setU32(window + W_A, 0);
    setU32(window + W_B, 0);
    const middle = at(window, W_MIDDLE);
    setU32(window + W_MIDDLE, <u32>at(window, W_BACK));
    setU32(window + W_BACK, <u32>middle);
    renew(group, middle);
  }
  const l = at(window, W_L);
  if (l == at(window, W_R)) {
    const next = <u32>newerSlice(l);
    setU32(window + W_L, next);
    setU32(window + W_R, next);
    setU32(window + W_A, next);
    return;
  }
  mergeStates(from, l, at(window, W_MIDDLE));
  setU32(window + W_L, <u32>newerSlice(l));
  const a = at(window, W_A);
  const before = a != 0 ? <usize>u32At(a + SLICE_OLDER) : newestRow(window);
  if (a != at(window, W_B)) mergeStates(from, before, a);
  setU32(window + W_A, <u32>before);
}

function renew(group: u32, slice: usize): void {
  clearStates(groupPlan(group), slice);
  empty(group, slice);
}
