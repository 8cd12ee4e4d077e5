// Closing: bringing out every window that a new watermark (or the end of input) ends, in the defined order:
// window end, window start, place of the pipeline in the file, first-seen order of the key. A pass works
// towards one target instant; it stops whenever the result region is full and goes on where it stopped.
// Struct of a pipeline in the pass (offsets C_*): ┌ after i64 ┬ next end i64 ┐. The pass's own state is no part
// of a snapshot: one is taken only between calls. Imports keys, slices, results, aggregates.
import {
  CAUSE_FLUSH, GROUP_OF_SESSIONS, GROUP_SLICE_BYTES, PIPE_GROUP, PIPE_WINDOW, PLAN_CLOCK_SOURCE, PLAN_DELAY, PLAN_GROUPS_AT,
  PLAN_GROUP_COUNT, PLAN_PIPELINE_COUNT, SLICE_COUNT, SLICE_START, WINDOW_NONE, GROUP_BYTES,
} from "../layout";
import { clearStates, initStates, mergeStates } from "../aggregate/states";
import { i64At, setI64, u32At } from "../memory/raw";
import { align, plan } from "../memory/regions";
import { BEFORE_ALL, NONE, startOf } from "./bounds";
import { currentKey, keyCount, timeMax } from "./keys";
import { flushStage, stageFor, stageResult } from "./results";
import {
  closeSession, firstSession, gapOf, hasSessions, keyOfNextSession, lastOf, refreshSessions,
} from "./sessions";
import {
  dropClosed, groupCount, groupKind, groupNextClose, groupPlan, groupSpace, keyNextClose, newerSlice, nextEndOfKey,
  oldestSlice, pipeAt, refreshGroupNextClose,
} from "./slices";

const C_AFTER: usize = 0;
const C_NEXT: usize = 8;
const C_BYTES: usize = 16;

let cursors: usize = 0;
/** A slice that windows of several slices are merged into. */
let merged: usize = 0;
let sourceClock: bool = false;
let delay: i64 = 0;

let target: i64 = 0;
let cause: u32 = 0;
/** All keys, or only the current one of each space. */
let everyKey: bool = false;
let passPipeline: u32 = 0;
let passEnd: i64 = NONE;
let passKey: u32 = 0;

/** Places the pass's cursors and the merging slice at `base`; returns the first byte behind them. */
export function openClosing(base: usize): usize {
  sourceClock = u32At(plan + PLAN_CLOCK_SOURCE) != 0;
  delay = i64At(plan + PLAN_DELAY);
  cursors = base;
  merged = align(base + <usize>u32At(plan + PLAN_PIPELINE_COUNT) * C_BYTES);
  let largest: usize = 0;
  for (let group: u32 = 0; group < u32At(plan + PLAN_GROUP_COUNT); group++) {
    const from = plan + u32At(plan + PLAN_GROUPS_AT) + <usize>group * GROUP_BYTES;
    largest = max(largest, <usize>u32At(from + GROUP_SLICE_BYTES));
  }
  return align(merged + largest);
}

/** Watermark of a key: its clock minus the delay; BEFORE_ALL before its first record. */
export function watermark(space: u32, key: u32): i64 {
  const time = timeMax(space, key);
  return time == BEFORE_ALL ? BEFORE_ALL : time - delay;
}

/** True when the current record's new watermark ends a window. */
export function mustClose(newWatermark: i64): bool {
  for (let group: u32 = 0; group < groupCount; group++) {
    const next = sourceClock ? groupNextClose(group) : keyNextClose(group, currentKey(groupSpace(group)));
    if (next <= newWatermark) return true;
  }
  return false;
}

/** Begins a pass: to `until` for the current keys (or all, with `clock: source`), or of everything at a flush. */
export function beginPass(until: i64, because: u32): void {
  target = until;
  cause = because;
  everyKey = sourceClock || because == CAUSE_FLUSH;
  passEnd = NONE;
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    if (u32At(pipeAt(pipeline) + PIPE_WINDOW) == WINDOW_NONE) {
      setI64(cursors + <usize>pipeline * C_BYTES + C_NEXT, NONE);
      continue;
    }
    setI64(cursors + <usize>pipeline * C_BYTES + C_AFTER, BEFORE_ALL);
    findNext(pipeline);
  }
}

// @ts-ignore: decorator
@inline function firstKey(group: u32): u32 { return everyKey ? 0 : currentKey(groupSpace(group)); }
// @ts-ignore: decorator
@inline function keyLimit(group: u32): u32 {
  const space = groupSpace(group);
  return everyKey ? keyCount(space) : currentKey(space) + 1;
}

/** Finds the smallest end of a pipeline's windows that is not closed yet and lies behind its cursor. */
function findNext(pipeline: u32): void {
  const cursor = cursors + <usize>pipeline * C_BYTES;
  const pipe = pipeAt(pipeline);
  const group = u32At(pipe + PIPE_GROUP);
  if (groupKind(group) == GROUP_OF_SESSIONS) {
    const session = nextSession(group);
    const end = session == 0 ? NONE : lastOf(session) + gapOf(group);
    setI64(cursor + C_NEXT, end < target ? end : NONE);
    return;
  }
  const space = groupSpace(group);
  const after = i64At(cursor + C_AFTER);
  const limit = keyLimit(group);
  let next = NONE;
  for (let key = firstKey(group); key < limit; key++) {
    if (keyNextClose(group, key) > min(target, next)) continue;
    next = min(next, nextEndOfKey(pipe, group, key, max(after, watermark(space, key))));
  }
  setI64(cursor + C_NEXT, next);
}

/** The session of a group that ends next among the keys of the pass, or 0; `passKey` becomes its key. */
function nextSession(group: u32): usize {
  passKey = everyKey ? (hasSessions(group) ? keyOfNextSession(group) : 0) : currentKey(groupSpace(group));
  return everyKey && !hasSessions(group) ? 0 : firstSession(group, passKey);
}

/** Start of the pipeline's window that ends at `end` and comes out next. */
function startOfNext(pipe: usize, end: i64): i64 {
  const group = u32At(pipe + PIPE_GROUP);
  return groupKind(group) == GROUP_OF_SESSIONS ? i64At(nextSession(group) + SLICE_START) : startOf(pipe, end);
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
    if (groupKind(group) == GROUP_OF_SESSIONS) {
      if (everyKey) refreshSessions(group);
      continue;
    }
    if (everyKey && groupNextClose(group) > target) continue;
    const limit = keyLimit(group);
    for (let key = firstKey(group); key < limit; key++) {
      if (keyNextClose(group, key) <= target) dropClosed(group, key, target);
    }
    if (everyKey) refreshGroupNextClose(group, limit);
  }
  return true;
}

/** Chooses the window that comes out next: smallest end, then start, then place of the pipeline. */
function chooseNext(): bool {
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  let end = NONE;
  let start = NONE;
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    const next = i64At(cursors + <usize>pipeline * C_BYTES + C_NEXT);
    if (next > target || next > end || next == NONE) continue;
    const from = startOfNext(pipeAt(pipeline), next);
    if (next == end && from >= start) continue;
    end = next;
    start = from;
    passPipeline = pipeline;
  }
  if (end == NONE) return false;
  passEnd = end;
  passKey = firstKey(u32At(pipeAt(passPipeline) + PIPE_GROUP));
  return true;
}

/** Stages the chosen window's result for each key that has records in it. */
function emitWindow(): bool {
  const pipe = pipeAt(passPipeline);
  const group = u32At(pipe + PIPE_GROUP);
  if (groupKind(group) == GROUP_OF_SESSIONS) return emitSession(group);
  const space = groupSpace(group);
  const start = startOf(pipe, passEnd);
  const limit = keyLimit(group);
  for (; passKey < limit; passKey++) {
    if (keyNextClose(group, passKey) > passEnd || watermark(space, passKey) >= passEnd) continue;
    let slice = oldestSlice(group, passKey);
    while (slice != 0 && i64At(slice + SLICE_START) < start) slice = newerSlice(slice);
    if (slice == 0 || i64At(slice + SLICE_START) >= passEnd) continue;
    if (!stageFor(passPipeline, cause)) return false;
    const second = newerSlice(slice);
    if (second == 0 || i64At(second + SLICE_START) >= passEnd) {
      stageResult(passKey, slice, start, passEnd);
      continue;
    }
    const from = groupPlan(group);
    setI64(merged + SLICE_COUNT, 0);
    initStates(from, merged);
    while (slice != 0 && i64At(slice + SLICE_START) < passEnd) {
      mergeStates(from, merged, slice);
      slice = newerSlice(slice);
    }
    stageResult(passKey, merged, start, passEnd);
    clearStates(from, merged);
  }
  return true;
}

/** Stages the result of the group's session that ends next, and closes it. */
function emitSession(group: u32): bool {
  if (!stageFor(passPipeline, cause)) return false;
  const session = nextSession(group);
  stageResult(passKey, session, i64At(session + SLICE_START), passEnd);
  closeSession(group, passKey, session);
  return true;
}
