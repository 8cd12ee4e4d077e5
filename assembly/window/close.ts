// Bringing windows out: those that a new watermark, idleness or the end of input closes, closed ones that a late
// record changed, open ones whose moment came. Always in the defined order: window end, window start, place of the
// pipeline in the file, first-seen order of the key. A pass works from a lower to an upper instant of each key; it
// stops whenever the result region is full and goes on where it stopped.
// Struct of a pipeline in the pass (offsets C_*): ┌ after i64 ┬ next end i64 ┬ no end within (i64, i64] ┐. The pass's own state is no part
// of a snapshot: one is taken only between calls. Imports clocks, keys, marks, slices, results, aggregates.
import {
  CAUSE_FLUSH, CAUSE_IDLE, CAUSE_LATE, CAUSE_UPDATE, CAUSE_WATERMARK, COMPLETE_ALL, COMPLETE_NOT, EMPTY_PREVIOUS, EMPTY_SKIP, EMPTY_WINDOWS_MAX,
  GROUP_BYTES, GROUP_OF_SLICES, GROUP_SLICE_BYTES, PIPELINE_EMPTY_SKIPPED, PIPE_ALLOW,
  PIPE_COMPLETE, PIPE_EMPTY, PIPE_GROUP, PIPE_HANDS_OVER, PIPE_WINDOW, PLAN_CLOCK_SOURCE, PLAN_GROUPS_AT, PLAN_GROUP_COUNT,
  PLAN_PIPELINE_COUNT, SLICE_COUNT, SLICE_START, WINDOW_NONE, WINDOW_RUNNING,
} from "../layout";
import { findHeld, forgetHeld } from "../aggregate/in-time/carry";
import { clearStates, initStates, mergeStates } from "../aggregate/states";
import { addI64, i64At, setI64, setU32, u32At } from "../memory/raw";
import { align, plan } from "../memory/regions";
import { BEFORE_ALL, NONE, endsBetween, lastRasterEnd, rasterEnd, startOf } from "./bounds";
import { emitClock, isDue, present, watermark } from "./clocks";
import { firstSeenKey, seenBehind } from "./key-limit";
import { NO_KEY, currentKey, keyCount } from "./keys";
import {
  addMark, anyMarks, carriedFrom, emptyRun, findMark, forgetWindows, isClosed, isUnchanged, markEntry, missedUntil,
  noteContent, raiseBarrier, reach,
} from "./marks";
import { beginOwn, beginOwnPass, emitOwn, finishOwn, nextOwnEnd, nextOwnStart } from "./data-driven/own";
import { flushStage, keepCarried, pipelineCounter, stageCarried, stageFor, stageResult } from "./results";
import {
  dropClosed, groupCount, groupKind, groupNextClose, groupPlan, groupSpace, keyNextClose, newerSlice, newestBefore, nextEmpty, nextEndOfKey,
  oldestSlice, pipeAt, recordsIn, refreshGroupNextClose,
} from "./slices";
import { forgetGroup, windowWithin } from "./stacks";

const C_AFTER: usize = 0;
const C_NEXT: usize = 8;
/** Two neighbouring ends of the pipeline's raster, those asked for last: keys move on side by side. */
const C_LOW: usize = 16;
const C_HIGH: usize = 24;
const C_BYTES: usize = 32;

let cursors: usize = 0;
/** Numbers of the pipelines that have something to bring out in the pass, u32 each. */
let active: usize = 0;
let activeCount: u32 = 0;
/** A slice that windows of several slices are merged into. */
let merged: usize = 0;
let sourceClock: bool = false;

/** The watermark that the record at hand makes, of passes that one begins. */
let target: i64 = 0;
let cause: u32 = 0;
/** The record at hand was taken by windows that had closed: they come out again. */
let lateToo: bool = false;
/** All keys, or only the current one of each space. */
let everyKey: bool = false;
let passPipeline: u32 = 0;
let passEnd: i64 = NONE;
let passKey: u32 = 0;

/** Places the pass's cursors and the merging slice at `base`; returns the first byte behind them. */
export function openClosing(base: usize): usize {
  sourceClock = u32At(plan + PLAN_CLOCK_SOURCE) != 0;
  cursors = base;
  const count = <usize>u32At(plan + PLAN_PIPELINE_COUNT);
  memory.fill(base, 0, count * C_BYTES);
  active = base + count * C_BYTES;
  merged = align(active + (count << 2));
  let largest: usize = 0;
  for (let group: u32 = 0; group < u32At(plan + PLAN_GROUP_COUNT); group++) {
    const from = plan + u32At(plan + PLAN_GROUPS_AT) + <usize>group * GROUP_BYTES;
    largest = max(largest, <usize>u32At(from + GROUP_SLICE_BYTES));
  }
  return align(merged + largest);
}

/** True when the current record's new watermark ends a window, or there are some behind it that are new. */
export function mustClose(newWatermark: i64): bool {
  for (let group: u32 = 0; group < groupCount; group++) {
    const space = groupSpace(group);
    const key = currentKey(space);
    const next = sourceClock ? groupNextClose(group) : keyNextClose(group, key);
    if (next <= max(newWatermark, watermark(space, key))) return true;
  }
  return false;
}

/**
 * Begins the pass of a record: to the watermark `until` for the current keys (or all, with `clock: source`);
 * `late` when closed windows took the record.
 */
export function beginRecordPass(until: i64, late: bool): void {
  target = until;
  lateToo = late;
  beginPass(CAUSE_WATERMARK);
}

/** Begins a pass over all keys: of everything at a flush, of what idleness closes, of the open windows at a moment. */
export function beginPass(because: u32): void {
  cause = because;
  if (because == CAUSE_FLUSH) target = NONE - 1;
  if (because != CAUSE_WATERMARK) lateToo = false;
  everyKey = sourceClock || because != CAUSE_WATERMARK;
  passEnd = NONE;
  activeCount = 0;
  beginOwnPass(because, target, everyKey, merged);
  for (let group: u32 = 0; group < groupCount; group++) {
    if (groupKind(group) != GROUP_OF_SLICES) beginOwn(group);
  }
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    if (u32At(pipeAt(pipeline) + PIPE_WINDOW) == WINDOW_NONE) continue;
    const cursor = cursors + <usize>pipeline * C_BYTES;
    setI64(cursor + C_AFTER, BEFORE_ALL);
    findNext(pipeline);
    if (i64At(cursor + C_NEXT) == NONE) continue;
    setU32(active + (<usize>activeCount << 2), pipeline);
    activeCount++;
  }
}

// @ts-ignore: decorator
@inline function firstKey(group: u32): u32 { return everyKey ? 0 : currentKey(groupSpace(group)); }
// @ts-ignore: decorator
@inline function keyLimit(group: u32): u32 {
  const space = groupSpace(group);
  return everyKey ? keyCount(space) : currentKey(space) + 1;
}

/** The pass brings out windows of the key that end until here. */
// @ts-ignore: decorator
@inline function upperOf(space: u32, key: u32): i64 {
  if (cause == CAUSE_WATERMARK) return max(target, watermark(space, key));
  return cause == CAUSE_IDLE ? emitClock(space, key) : NONE - 1;
}

/** The pass brings out windows of the key that end behind here. */
function lowerOf(pipe: usize, pipeline: u32, space: u32, key: u32): i64 {
  const closed = watermark(space, key);
  return lateToo ? missedUntil(pipe, pipeline, key, closed) : closed;
}

/** Finds the smallest end of a pipeline's windows that may come out and lies behind its cursor. */
function findNext(pipeline: u32): void {
  const cursor = cursors + <usize>pipeline * C_BYTES;
  const pipe = pipeAt(pipeline);
  const group = u32At(pipe + PIPE_GROUP);
  if (groupKind(group) != GROUP_OF_SLICES) {
    setI64(cursor + C_NEXT, nextOwnEnd(group));
    return;
  }
  const space = groupSpace(group);
  const after = i64At(cursor + C_AFTER);
  // What readers of the pipeline get is closed by the drop clock.
  if (cause == CAUSE_IDLE && u32At(pipe + PIPE_HANDS_OVER) != 0) {
    setI64(cursor + C_NEXT, NONE);
    return;
  }
  const limit: u32 = cause == CAUSE_UPDATE && !isDue(pipeline) ? 0 : keyLimit(group);
  let next = NONE;
  // The pass of a full window of rows, say, closes nothing here: no key need be asked.
  const closesNone = cause == CAUSE_WATERMARK && everyKey && !lateToo && groupNextClose(group) > upperOf(space, 0);
  for (let key = closesNone ? limit : firstKey(group); key < limit; key++) {
    const upper = min(upperOf(space, key), next);
    if (!lateToo && cause != CAUSE_UPDATE && keyNextClose(group, key) > upper) continue;
    const lower = max(after, lowerOf(pipe, pipeline, space, key));
    let end = mayEnd(pipe, cursor, lower, upper) ? nextEndOfKey(pipe, group, key, lower, upper) : NONE;
    if (cause != CAUSE_UPDATE) end = min(end, nextEmpty(pipe, pipeline, group, key, after));
    if (end <= upper) next = end;
  }
  setI64(cursor + C_NEXT, next);
}

/** True when the pipeline's raster has an end in (lower, upper]. */
// @ts-ignore: decorator
@inline function mayEnd(pipe: usize, cursor: usize, lower: i64, upper: i64): bool {
  if (lower == BEFORE_ALL) return true;
  if (lower < i64At(cursor + C_LOW) || lower >= i64At(cursor + C_HIGH)) {
    setI64(cursor + C_LOW, lastRasterEnd(pipe, lower));
    setI64(cursor + C_HIGH, rasterEnd(pipe, lower));
  }
  return i64At(cursor + C_HIGH) <= upper;
}

/** Start of the pipeline's window that ends at `end` and comes out next. */
function startOfNext(pipe: usize, end: i64): i64 {
  const group = u32At(pipe + PIPE_GROUP);
  return groupKind(group) != GROUP_OF_SLICES ? nextOwnStart(group) : startOf(pipe, end);
}

/** Goes on with the pass: true when it is finished, false when the result region must be drained first. */
export function runPass(): bool {
  while (true) {
    if (passEnd == NONE && !chooseNext()) break;
    if (!emitWindow()) return false;
    setI64(cursors + <usize>passPipeline * C_BYTES + C_AFTER, passEnd);
    passEnd = NONE;
    findNext(passPipeline);
  }
  flushStage();
  for (let group: u32 = 0; group < groupCount; group++) {
    if (groupKind(group) != GROUP_OF_SLICES) finishOwn(group);
  }
  if (cause == CAUSE_WATERMARK || cause == CAUSE_FLUSH) dropAll();
  if (cause == CAUSE_FLUSH && anyMarks) forgetAll();
  return true;
}

/** Gives back what no window needs any more. */
function dropAll(): void {
  for (let group: u32 = 0; group < groupCount; group++) {
    if (groupKind(group) != GROUP_OF_SLICES) continue;
    const space = groupSpace(group);
    if (cause == CAUSE_WATERMARK && !lateToo && everyKey && groupNextClose(group) > upperOf(space, 0)) continue;
    const limit = keyLimit(group);
    for (let key = firstKey(group); key < limit; key++) {
      const upper = upperOf(space, key);
      // A late record's window may be a key's first: then empty ones behind it close earlier than was thought.
      if (cause == CAUSE_FLUSH || lateToo || keyNextClose(group, key) <= upper) dropClosed(group, key, upper);
      if (cause == CAUSE_FLUSH) forgetHeld(group, key);
    }
    if (cause == CAUSE_FLUSH) forgetGroup(group, limit);
    if (everyKey) refreshGroupNextClose(group, limit);
  }
}

function forgetAll(): void {
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    if (markEntry(pipeline, 0) == 0) continue;
    const keys = keyCount(groupSpace(u32At(pipeAt(pipeline) + PIPE_GROUP)));
    for (let key: u32 = 0; key < keys; key++) forgetWindows(markEntry(pipeline, key));
  }
}

/** Chooses the window that comes out next: smallest end, then start, then place of the pipeline. */
function chooseNext(): bool {
  let end = NONE;
  let start = NONE;
  for (let place: u32 = 0; place < activeCount; place++) {
    const pipeline = u32At(active + (<usize>place << 2));
    const next = i64At(cursors + <usize>pipeline * C_BYTES + C_NEXT);
    if (next > end || next == NONE) continue;
    const from = startOfNext(pipeAt(pipeline), next);
    if (next == end && from >= start) continue;
    end = next;
    start = from;
    passPipeline = pipeline;
  }
  if (end == NONE) return false;
  passEnd = end;
  const group = u32At(pipeAt(passPipeline) + PIPE_GROUP);
  passKey = everyKey ? firstSeenKey(groupSpace(group)) : firstKey(group);
  return true;
}

/** Stages the chosen window's result for each key that has records in it, or an empty one that comes out. */
function emitWindow(): bool {
  const pipe = pipeAt(passPipeline);
  const group = u32At(pipe + PIPE_GROUP);
  if (groupKind(group) != GROUP_OF_SLICES) return emitOwn(passPipeline, group);
  const space = groupSpace(group);
  const start = startOf(pipe, passEnd);
  const limit = keyLimit(group);
  for (; passKey < limit; passKey = everyKey ? seenBehind(space, passKey) : NO_KEY) {
    if (!lateToo && cause != CAUSE_UPDATE && keyNextClose(group, passKey) > passEnd) continue;
    if (passEnd > upperOf(space, passKey)) continue;
    const before = newestBefore(group, passKey, start);
    const slice = before == 0 ? oldestSlice(group, passKey) : newerSlice(before);
    // Slices of a window that took no record any more hold what was late for it, and in time for others.
    const empty = slice == 0 || i64At(slice + SLICE_START) >= passEnd
      || passEnd <= missedUntil(pipe, passPipeline, passKey, watermark(space, passKey));
    if (empty ? !emptyComesOut(pipe, group) : passEnd <= lowerOf(pipe, passPipeline, space, passKey)) continue;
    if (!stageFor(passPipeline, empty ? cause : causeOf(space))) return false;
    if (empty) emitEmpty(pipe, group, before, start);
    else emitRecords(pipe, group, before, slice, start);
  }
  return true;
}

/** A window of the key that had closed before can only have changed by a late record. */
function causeOf(space: u32): u32 {
  return cause == CAUSE_WATERMARK && passEnd <= watermark(space, passKey) && lateToo ? CAUSE_LATE : cause;
}

/** True when the window may come out again: it then needs a mark. */
function isKept(pipe: usize, space: u32): bool {
  if (cause == CAUSE_FLUSH) return false;
  return cause != CAUSE_WATERMARK || passEnd > upperOf(space, passKey) - i64At(pipe + PIPE_ALLOW);
}

/** A mark for the window at hand, where it is kept; false when there is no memory for it. */
function makeMark(pipe: usize, entry: usize, space: u32): bool {
  if (entry == 0 || !isKept(pipe, space)) return true;
  return addMark(entry, passEnd) != 0;
}

/** `before` is the key's newest slice before the window, or 0, `first` the first one in it. */
function emitRecords(pipe: usize, group: u32, before: usize, first: usize, start: i64): void {
  const from = groupPlan(group);
  const entry = markEntry(passPipeline, passKey);
  let mark: usize = 0;
  let again = false;
  const heldVersion = findHeld(group, passKey, before);
  if (entry != 0) {
    const content = heldVersion + recordsIn(first, passEnd);
    mark = findMark(entry, passEnd);
    if (mark != 0 && isUnchanged(mark, content)) {
      if (isClosed(mark)) return;
      if (cause == CAUSE_UPDATE && u32At(pipe + PIPE_COMPLETE) == COMPLETE_NOT) return;
      again = cause == CAUSE_UPDATE && u32At(pipe + PIPE_COMPLETE) == COMPLETE_ALL;
    }
    if (mark == 0) {
      if (makeMark(pipe, entry, groupSpace(group))) mark = findMark(entry, passEnd);
      // Without memory for its mark a window comes out when its watermark says so, and not before or again.
      else if (cause != CAUSE_WATERMARK) return;
      else raiseBarrier(entry, passEnd);
    }
    if (mark != 0) noteContent(mark, content, cause != CAUSE_UPDATE);
    if (cause != CAUSE_UPDATE) reach(entry, passEnd, false);
  }
  const second = newerSlice(first);
  let slice = first;
  if (second != 0 && i64At(second + SLICE_START) < passEnd) {
    setI64(merged + SLICE_COUNT, 0);
    initStates(from, merged);
    const inOrder = (cause == CAUSE_WATERMARK && !lateToo) || cause == CAUSE_FLUSH;
    if (!inOrder || !windowWithin(passPipeline, group, passKey, first, start, passEnd, merged)) {
      for (; slice != 0 && i64At(slice + SLICE_START) < passEnd; slice = newerSlice(slice)) mergeStates(from, merged, slice);
    }
    slice = merged;
  }
  // A running aggregate has no bounds of its own: it comes out with the instant at which it does.
  const running = u32At(pipe + PIPE_WINDOW) == WINDOW_RUNNING;
  stageResult(passKey, slice, running ? present() : start, running ? present() : passEnd, mark, again);
  if (slice == merged) clearStates(from, merged);
  if (u32At(pipe + PIPE_EMPTY) == EMPTY_PREVIOUS && cause != CAUSE_UPDATE) {
    const values = carriedFrom(entry, passEnd);
    if (values != 0) keepCarried(entry);
  }
}

/** True when the window without records lies between the key's first and newest one, and is not out yet. */
function emptyComesOut(pipe: usize, group: u32): bool {
  if (cause == CAUSE_UPDATE || u32At(pipe + PIPE_EMPTY) == EMPTY_SKIP) return false;
  return nextEmpty(pipe, passPipeline, group, passKey, BEFORE_ALL) == passEnd;
}

function emitEmpty(pipe: usize, group: u32, before: usize, start: i64): void {
  const entry = markEntry(passPipeline, passKey);
  const space = groupSpace(group);
  if (emptyRun(entry) >= <u32>EMPTY_WINDOWS_MAX) {
    // All others of the gap that close now, at once: there may be very many.
    const missed = missedUntil(pipe, passPipeline, passKey, watermark(space, passKey));
    const records = nextEndOfKey(pipe, group, passKey, max(passEnd, missed), NONE);
    const last = lastRasterEnd(pipe, min(upperOf(space, passKey), records - 1));
    addI64(pipelineCounter(passPipeline, PIPELINE_EMPTY_SKIPPED), endsBetween(pipe, passEnd, last) + 1);
    reach(entry, last, true);
    return;
  }
  let mark: usize = 0;
  if (makeMark(pipe, entry, space)) mark = findMark(entry, passEnd);
  else if (cause == CAUSE_WATERMARK) raiseBarrier(entry, passEnd);
  else return;
  if (mark != 0) noteContent(mark, 0, true);
  reach(entry, passEnd, true);
  if (u32At(pipe + PIPE_EMPTY) == EMPTY_PREVIOUS) {
    stageCarried(passKey, entry, start, passEnd, mark);
    return;
  }
  const from = groupPlan(group);
  setI64(merged + SLICE_COUNT, 0);
  initStates(from, merged);
  findHeld(group, passKey, before);
  stageResult(passKey, merged, start, passEnd, mark, false);
  clearStates(from, merged);
}
