// Windows of rows: every `slide` records of a key, in the order of arrival, begin one of `size` records. Their records
// are cut into panes at every beginning and end, so each record is added once, and panes are merged as a queue of two
// stacks: a pane of the front holds itself and all of the front behind it, in place; the sum of the panes behind
// the front is at hand. When the front is used up, all panes become the front. So a window costs a few merges however
// many overlap. (F. Geng et al. call it "Two-Stacks Lite": K. Tangwongsan, M. Hirzel, S. Schneider, VLDB Journal 30,
// 2021. Not DABA, as in over-window.ts: here all open windows are read at a flush or a moment, and a front of
// everything is just that.) A full window comes out with the record that fills it, no clock closes one.
// Struct of a group (offsets G_*): ┌ keys u32 ┬ heap u32 ┬ size u32 ┬ slide u32 ┬ end in a slide u32 ┬ has marks u32 ┐
// of a key (offsets K_*):
//   ┌ windows begun i64 ┬ records in the slide u32 ┬ records until one is full u32 ┬ sum behind the front u32 ┬
//   ├ first pane behind the front u32 ┬ first one not in the sum u32 ┬ changed u32 ┬ pass: next u32 ┬ first u32 ┬ last u32 ┐
// A key's panes are its list of slices.ts; PANE_* of layout/. Imports slices, the heap, marks, aggregate states, pool.
import {
  GROUP_BYTES, GROUP_KIND, GROUP_OF_ROWS, GROUP_PIPELINES_AT, GROUP_SLICE_BYTES, HEADER_OPEN_SLICES, PANE_LAST, PANE_ORDINAL,
  PANE_STATES, PIPE_EVERY, PIPE_SIZE, PIPE_SLIDE, PLAN_GROUPS_AT, PLAN_GROUP_COUNT, PLAN_KEYS_MAX, SLICE_COUNT,
  SLICE_NEWER, SLICE_OLDER, SLICE_START,
} from "../../layout";
import { clearStates, initStates, mergeStates } from "../../aggregate/states";
import { give, take } from "../../memory/pool";
import { addI64, i64At, setI64, setU32, u32At } from "../../memory/raw";
import { align, header, plan } from "../../memory/regions";
import { keyOrders } from "../key-limit";
import { heapBytes, heapCount, lower, emptyHeap, openHeap, raise, remove, topKey } from "./heap";
import { keyCount } from "../keys";
import { clearMark } from "../marks";
import {
  entryAt, freeSlices, groupPlan, groupSpace, hasFreeSlices, newerSlice, newestSlice, oldestSlice, pipeAt, setNewest,
  setOldest,
} from "../slices";

const G_KEYS: usize = 0;
const G_HEAP: usize = 4;
const G_SIZE: usize = 8;
const G_SLIDE: usize = 12;
/** Where in a slide windows end, when that is not where they begin; NEVER else. */
const G_SPLIT: usize = 16;
const G_MARKED: usize = 20;
const G_BYTES: usize = 24;

const K_BEGUN: usize = 0;
const K_PLACE: usize = 8;
const K_LEFT: usize = 12;
const K_SUM: usize = 16;
const K_BEHIND: usize = 20;
const K_NOT_IN_SUM: usize = 24;
const K_CHANGED: usize = 28;
const K_NEXT: usize = 32;
const K_FIRST: usize = 36;
const K_LAST: usize = 40;
const K_BYTES: usize = 48;

const NEVER: u32 = 0xffffffff;

let groups: usize = 0;
let keysMax: usize = 0;

/** The window that was looked at last: its times, and what is to be merged with its first pane, or 0. */
export let windowFirst: i64 = 0;
export let windowLast: i64 = 0;
let windowRest: usize = 0;

/** Places the tables of these groups at `base`; returns the first byte behind them. */
export function openRowWindows(base: usize): usize {
  const count = u32At(plan + PLAN_GROUP_COUNT);
  keysMax = <usize>u32At(plan + PLAN_KEYS_MAX);
  groups = base;
  let at = align(base + <usize>count * G_BYTES);
  for (let group: u32 = 0; group < count; group++) {
    const from = plan + u32At(plan + PLAN_GROUPS_AT) + <usize>group * GROUP_BYTES;
    if (u32At(from + GROUP_KIND) != GROUP_OF_ROWS) continue;
    const to = groups + <usize>group * G_BYTES;
    const pipe = pipeAt(u32At(plan + u32At(from + GROUP_PIPELINES_AT)));
    const size = <u32>i64At(pipe + PIPE_SIZE);
    const slide = <u32>i64At(pipe + PIPE_SLIDE);
    setU32(to + G_SIZE, size);
    setU32(to + G_SLIDE, slide);
    setU32(to + G_SPLIT, size > slide && size % slide != 0 ? size % slide : NEVER);
    setU32(to + G_MARKED, i64At(pipe + PIPE_EVERY) != 0 ? 1 : 0);
    setU32(to + G_KEYS, <u32>at);
    memory.fill(at, 0, keysMax * K_BYTES);
    for (let key: usize = 0; key < keysMax; key++) setU32(at + key * K_BYTES + K_LEFT, size);
    at = align(at + keysMax * K_BYTES);
    setU32(to + G_HEAP, <u32>at);
    openHeap(at, keysMax, keyOrders(groupSpace(group)));
    at = align(at + heapBytes(keysMax));
  }
  return at;
}

// @ts-ignore: decorator
@inline function groupAt(group: u32): usize { return groups + <usize>group * G_BYTES; }
// @ts-ignore: decorator
@inline function keyAt(group: u32, key: u32): usize {
  return <usize>u32At(groupAt(group) + G_KEYS) + <usize>key * K_BYTES;
}
// @ts-ignore: decorator
@inline function heapOf(group: u32): usize { return <usize>u32At(groupAt(group) + G_HEAP); }
// @ts-ignore: decorator
@inline function sizeOf(group: u32): u32 { return u32At(groupAt(group) + G_SIZE); }
// @ts-ignore: decorator
@inline function slideOf(group: u32): u32 { return u32At(groupAt(group) + G_SLIDE); }
// @ts-ignore: decorator
@inline function overlaps(group: u32): bool { return sizeOf(group) > slideOf(group); }
// @ts-ignore: decorator
@inline export function ordinalOfPane(pane: usize): i64 { return i64At(pane + PANE_ORDINAL); }
// @ts-ignore: decorator
@inline export function markOfPane(group: u32, pane: usize): usize {
  return u32At(groupAt(group) + G_MARKED) != 0 ? pane + PANE_STATES : 0;
}
/** True when the key's records changed its open windows since they came out at a moment. */
// @ts-ignore: decorator
@inline export function rowsChanged(group: u32, key: u32): bool { return u32At(keyAt(group, key) + K_CHANGED) != 0; }

/** True when the key's next record begins a pane. */
function beginsPane(group: u32, at: usize): bool {
  const place = u32At(at + K_PLACE);
  return place == 0 || place == u32At(groupAt(group) + G_SPLIT);
}

/** True when the key's next record lies between two windows. */
function isInGap(group: u32, at: usize): bool {
  return !overlaps(group) && u32At(at + K_PLACE) >= sizeOf(group);
}

/** True when there is room for a record of the key: a pane where it begins one, and the sum of a new key. */
export function hasRoomForPane(group: u32, key: u32): bool {
  const at = keyAt(group, key);
  if (!beginsPane(group, at)) return true;
  return hasFreeSlices(group, overlaps(group) && u32At(at + K_SUM) == 0 ? 2 : 1);
}

/** True when the key's next record goes into its newest pane, and nothing more comes of it. */
// @ts-ignore: decorator
@inline export function isWithinPane(group: u32, key: u32): bool {
  const at = keyAt(group, key);
  return !beginsPane(group, at) && !isInGap(group, at) && u32At(at + K_LEFT) > 1;
}

/** Takes a record that isWithinPane speaks of. */
// @ts-ignore: decorator
@inline export function takeWithinPane(group: u32, key: u32, pane: usize, time: i64): void {
  enterPane(group, keyAt(group, key), pane, time);
}

// @ts-ignore: decorator
@inline function enterPane(group: u32, at: usize, pane: usize, time: i64): void {
  if (time < i64At(pane + SLICE_START)) setI64(pane + SLICE_START, time);
  if (time > i64At(pane + PANE_LAST)) setI64(pane + PANE_LAST, time);
  const place = u32At(at + K_PLACE) + 1;
  setU32(at + K_PLACE, place == slideOf(group) ? 0 : place);
  setU32(at + K_LEFT, u32At(at + K_LEFT) - 1);
  setU32(at + K_CHANGED, 1);
}

/** The pane that takes a record of the key, 0 when it lies between two windows; there is room. */
export function paneFor(group: u32, key: u32, time: i64): usize {
  const at = keyAt(group, key);
  if (isInGap(group, at)) {
    const place = u32At(at + K_PLACE) + 1;
    setU32(at + K_PLACE, place == slideOf(group) ? 0 : place);
    setU32(at + K_LEFT, u32At(at + K_LEFT) - 1);
    return 0;
  }
  const pane = beginsPane(group, at) ? beginPane(group, key, at, time) : newestSlice(entryAt(group, key));
  enterPane(group, at, pane, time);
  return pane;
}

/** True when the record that paneFor took last filled a window of the key, which is not out yet. */
// @ts-ignore: decorator
@inline export function isFull(group: u32, key: u32): bool { return u32At(keyAt(group, key) + K_LEFT) == 0; }

/** Sum of the panes behind the front, 0 when there is none. */
export function sumOf(group: u32, key: u32): usize { return <usize>u32At(keyAt(group, key) + K_SUM); }

function beginPane(group: u32, key: u32, at: usize, time: i64): usize {
  if (overlaps(group) && u32At(at + K_SUM) == 0) {
    const sum = take(freeSlices(group), u32At(groupPlan(group) + GROUP_SLICE_BYTES));
    assert(sum != 0);
    empty(group, sum);
    setU32(at + K_SUM, <u32>sum);
  }
  const pane = take(freeSlices(group), u32At(groupPlan(group) + GROUP_SLICE_BYTES));
  assert(pane != 0);
  empty(group, pane);
  let ordinal: i64 = 0;
  if (u32At(at + K_PLACE) == 0) {
    addI64(at + K_BEGUN, 1);
    ordinal = i64At(at + K_BEGUN);
  }
  setI64(pane + PANE_ORDINAL, ordinal);
  if (markOfPane(group, pane) != 0) clearMark(markOfPane(group, pane));
  const entry = entryAt(group, key);
  const older = newestSlice(entry);
  setU32(pane + SLICE_OLDER, <u32>older);
  setU32(pane + SLICE_NEWER, 0);
  if (older != 0) setU32(older + SLICE_NEWER, <u32>pane);
  else setOldest(entry, pane);
  setNewest(entry, pane);
  if (u32At(at + K_BEHIND) == 0) setU32(at + K_BEHIND, <u32>pane);
  if (u32At(at + K_NOT_IN_SUM) == 0) setU32(at + K_NOT_IN_SUM, <u32>pane);
  setU32(header + HEADER_OPEN_SLICES, u32At(header + HEADER_OPEN_SLICES) + 1);
  return pane;
}

function empty(group: u32, slice: usize): void {
  setI64(slice + SLICE_START, i64.MAX_VALUE);
  setI64(slice + PANE_LAST, i64.MIN_VALUE);
  setI64(slice + SLICE_COUNT, 0);
  initStates(groupPlan(group), slice);
}

function merge(group: u32, into: usize, pane: usize): void {
  mergeStates(groupPlan(group), into, pane);
  setI64(into + SLICE_START, min(i64At(into + SLICE_START), i64At(pane + SLICE_START)));
  setI64(into + PANE_LAST, max(i64At(into + PANE_LAST), i64At(pane + PANE_LAST)));
}

/** All panes but one that is not finished become the front. */
function refront(group: u32, key: u32, at: usize): void {
  const newest = newestSlice(entryAt(group, key));
  const unfinished = newest != 0 && !beginsPane(group, at) && !isInGap(group, at) ? newest : 0;
  const behind = <usize>u32At(at + K_BEHIND);
  if (behind == unfinished) return;
  let last = unfinished != 0 ? <usize>u32At(unfinished + SLICE_OLDER) : newest;
  let pane = <usize>u32At(last + SLICE_OLDER);
  // What was behind the front, pane by pane; then the old front, which holds all of itself already.
  let front = last == behind;
  while (pane != 0) {
    merge(group, pane, front ? behind : last);
    if (pane == behind) front = true;
    last = pane;
    pane = <usize>u32At(pane + SLICE_OLDER);
  }
  setU32(at + K_BEHIND, <u32>unfinished);
  setU32(at + K_NOT_IN_SUM, <u32>unfinished);
  const sum = <usize>u32At(at + K_SUM);
  if (sum == 0) return;
  clearStates(groupPlan(group), sum);
  empty(group, sum);
}

/** Looks at the window that the record at hand filled: its first pane. The record is added. */
export function fullWindow(group: u32, key: u32): usize {
  const at = keyAt(group, key);
  const pane = oldestSlice(group, key);
  if (u32At(at + K_BEHIND) == <u32>pane) refront(group, key, at);
  while (u32At(at + K_NOT_IN_SUM) != 0) {
    const next = <usize>u32At(at + K_NOT_IN_SUM);
    merge(group, <usize>u32At(at + K_SUM), next);
    setU32(at + K_NOT_IN_SUM, <u32>newerSlice(next));
  }
  look(pane, u32At(at + K_BEHIND) == 0 ? 0 : <usize>u32At(at + K_SUM));
  return pane;
}

/** Looks at the window that begins with `pane` and holds `rest` as well, or 0. */
function look(pane: usize, rest: usize): void {
  windowFirst = i64At(pane + SLICE_START);
  windowLast = i64At(pane + PANE_LAST);
  windowRest = rest;
  if (rest == 0) return;
  windowFirst = min(windowFirst, i64At(rest + SLICE_START));
  windowLast = max(windowLast, i64At(rest + PANE_LAST));
}

/** The slice that the window looked at is read from: `pane`, or `into` with all of it merged, to be cleared then. */
export function readWindow(group: u32, pane: usize, into: usize): usize {
  if (windowRest == 0) return pane;
  empty(group, into);
  mergeStates(groupPlan(group), into, pane);
  mergeStates(groupPlan(group), into, windowRest);
  return into;
}

/** The full window is out: panes that only it held are given back. */
export function closeFullWindow(group: u32, key: u32): void {
  setU32(keyAt(group, key) + K_LEFT, slideOf(group));
  do releaseOldest(group, key);
  while (oldestSlice(group, key) != 0 && ordinalOfPane(oldestSlice(group, key)) == 0);
}

function releaseOldest(group: u32, key: u32): void {
  const entry = entryAt(group, key);
  const pane = oldestSlice(group, key);
  const next = newerSlice(pane);
  const at = keyAt(group, key);
  // The front is used up then, so that the sum is made anew before it is asked for.
  if (u32At(at + K_BEHIND) == <u32>pane) setU32(at + K_BEHIND, <u32>next);
  if (u32At(at + K_NOT_IN_SUM) == <u32>pane) setU32(at + K_NOT_IN_SUM, <u32>next);
  setOldest(entry, next);
  if (next != 0) setU32(next + SLICE_OLDER, 0);
  else setNewest(entry, 0);
  clearStates(groupPlan(group), pane);
  give(freeSlices(group), pane);
  setU32(header + HEADER_OPEN_SLICES, u32At(header + HEADER_OPEN_SLICES) - 1);
}

/** Begins a pass over the open windows of all keys, or of those that changed. */
export function beginOpenWindows(group: u32, changedOnly: bool): void {
  const heap = heapOf(group);
  emptyHeap(heap, keysMax);
  const keys = keyCount(groupSpace(group));
  for (let key: u32 = 0; key < keys; key++) {
    const newest = newestSlice(entryAt(group, key));
    if (newest == 0 || (changedOnly && !rowsChanged(group, key))) continue;
    const at = keyAt(group, key);
    refront(group, key, at);
    setU32(at + K_FIRST, 0);
    beginRun(group, key, windowPaneFrom(newest));
    lookAtNext(group, key);
    lower(heap, keysMax, key, windowLast, windowFirst);
  }
}

/** The pane itself or the nearest one before it that begins a window, or 0. */
function windowPaneFrom(pane: usize): usize {
  let at = pane;
  while (at != 0 && ordinalOfPane(at) == 0) at = <usize>u32At(at + SLICE_OLDER);
  return at;
}

/** Windows of one end come out by start, so from the first that has it; `last` is the last one. */
function beginRun(group: u32, key: u32, last: usize): void {
  const at = keyAt(group, key);
  lookAt(group, key, last);
  const end = windowLast;
  let first = last;
  while (true) {
    const before = windowPaneFrom(<usize>u32At(first + SLICE_OLDER));
    if (before == 0) break;
    lookAt(group, key, before);
    if (windowLast != end) break;
    first = before;
  }
  setU32(at + K_NEXT, <u32>first);
  setU32(at + K_FIRST, <u32>first);
  setU32(at + K_LAST, <u32>last);
}

function lookAt(group: u32, key: u32, pane: usize): void {
  const behind = <usize>u32At(keyAt(group, key) + K_BEHIND);
  look(pane, pane == behind ? 0 : behind);
}

function lookAtNext(group: u32, key: u32): usize {
  const next = <usize>u32At(keyAt(group, key) + K_NEXT);
  lookAt(group, key, next);
  return next;
}

export function hasOpenWindows(group: u32): bool { return heapCount(heapOf(group)) != 0; }

/** Key of the pass's next window. */
export function keyOfNextWindow(group: u32): u32 { return topKey(heapOf(group)); }

/** Looks at the pass's next window, which is one of that key: its first pane. */
export function nextWindow(group: u32): usize { return lookAtNext(group, keyOfNextWindow(group)); }

/** The window that nextWindow gave is out. */
export function passWindow(group: u32): void {
  const key = keyOfNextWindow(group);
  const at = keyAt(group, key);
  const heap = heapOf(group);
  let next = <usize>u32At(at + K_NEXT);
  if (<u32>next != u32At(at + K_LAST)) {
    do next = newerSlice(next);
    while (ordinalOfPane(next) == 0);
    setU32(at + K_NEXT, <u32>next);
  } else {
    next = windowPaneFrom(<usize>u32At(<usize>u32At(at + K_FIRST) + SLICE_OLDER));
    if (next == 0) {
      remove(heap, keysMax, key);
      setU32(at + K_CHANGED, 0);
      return;
    }
    beginRun(group, key, next);
  }
  lookAtNext(group, key);
  raise(heap, keysMax, key, windowLast, windowFirst);
}

/** After a flush nothing is open. */
export function releaseAll(group: u32): void {
  const keys = keyCount(groupSpace(group));
  for (let key: u32 = 0; key < keys; key++) beginAnew(group, key);
}

/** The key is not known any more. */
export function forgetRowWindows(group: u32, key: u32): void {
  beginAnew(group, key);
  setI64(keyAt(group, key) + K_BEGUN, 0);
}

/** Gives back what is open of a key: its next record begins a window. */
function beginAnew(group: u32, key: u32): void {
  const at = keyAt(group, key);
  while (oldestSlice(group, key) != 0) releaseOldest(group, key);
  if (u32At(at + K_SUM) != 0) {
    clearStates(groupPlan(group), <usize>u32At(at + K_SUM));
    empty(group, <usize>u32At(at + K_SUM));
  }
  setU32(at + K_BEHIND, 0);
  setU32(at + K_NOT_IN_SUM, 0);
  setU32(at + K_PLACE, 0);
  setU32(at + K_LEFT, sizeOf(group));
  setU32(at + K_CHANGED, 0);
}
