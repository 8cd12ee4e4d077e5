// What pipelines bring out whose windows come from the records themselves: sessions, rows of OVER, windows of rows. A
// pass asks each of their groups which of its windows comes out next, brings that out, and asks again. A window's
// end is its last instant here, or a session's last + gap; it belongs to the pass while its clock is behind that.
// Owns the window that was found last; nothing of it lasts longer than a pass. Imports the three, results, states.
import {
  CAUSE_FLUSH, CAUSE_RECORD, CAUSE_UPDATE, CAUSE_WATERMARK, COMPLETE_NOT, GROUP_OF_OVER, GROUP_OF_ROWS, PIPE_COMPLETE,
  SLICE_COUNT, SLICE_START,
} from "../../layout";
import { clearStates, initStates } from "../../aggregate/states";
import { i64At, setI64, u32At } from "../../memory/raw";
import { NONE } from "../bounds";
import { isDue } from "../clocks";
import { currentKey } from "../keys";
import { flushStage, stageFor, stageOrdinal, stageOwn, stageResult } from "../results";
import { groupKind, groupPipeline, groupPlan, groupSpace, pipeAt } from "../slices";
import { carriedAt, closeRow, firstRow, hasRows, keyOfNextRow, ordinalOfRow, readRow, refreshRows, timeOf } from "./over";
import {
  beginOpenWindows, closeFullWindow, fullWindow, hasOpenWindows, isFull, keyOfNextWindow, markOfPane, nextWindow,
  ordinalOfPane, passWindow, readWindow, releaseAll, rowsChanged, windowFirst, windowLast,
} from "./row-windows";
import { closeSession, firstSession, gapOf, hasSessions, keyOfNextSession, lastOf, refreshSessions } from "./sessions";

let cause: u32 = 0;
/** What ends before it comes out. */
let target: i64 = 0;
let everyKey: bool = false;
/** A slice to merge into. */
let merged: usize = 0;

/** The window that was found last: its first slice or 0, its key, its bounds. */
let ownWindow: usize = 0;
let ownKey: u32 = 0;
let ownFirst: i64 = 0;
let ownLast: i64 = 0;

/** Begins a pass: what it is, until which watermark, over all keys or the current ones; `into` is a slice to merge into. */
export function beginOwnPass(because: u32, until: i64, all: bool, into: usize): void {
  cause = because;
  target = until;
  everyKey = all;
  merged = into;
}

/** Begins the pass for one group. */
export function beginOwn(group: u32): void {
  if (groupKind(group) != GROUP_OF_ROWS || !bringsOpen(group)) return;
  const pipeline = groupPipeline(group, 0);
  beginOpenWindows(group, cause == CAUSE_UPDATE && u32At(pipeAt(pipeline) + PIPE_COMPLETE) == COMPLETE_NOT);
}

/** True when the pass brings out open windows of the group. */
// @ts-ignore: decorator
@inline function bringsOpen(group: u32): bool {
  return cause == CAUSE_FLUSH || (cause == CAUSE_UPDATE && isDue(groupPipeline(group, 0)));
}

/** End of the window of the group that comes out next; NONE when there is none. */
export function nextOwnEnd(group: u32): i64 { return find(group) ? ownLast : NONE; }

/** Start of that window. */
export function nextOwnStart(group: u32): i64 {
  find(group);
  return ownFirst;
}

function find(group: u32): bool {
  const kind = groupKind(group);
  ownWindow = 0;
  if (kind == GROUP_OF_ROWS) findRows(group);
  else if (cause == CAUSE_WATERMARK || cause == CAUSE_FLUSH) {
    // A session or a row comes out when its drop clock says so, and at a flush; once.
    if (kind == GROUP_OF_OVER) findOver(group);
    else findSession(group);
    if (ownWindow != 0 && ownLast >= target) ownWindow = 0;
  }
  return ownWindow != 0;
}

function findRows(group: u32): void {
  if (cause == CAUSE_WATERMARK) {
    ownKey = currentKey(groupSpace(group));
    if (isFull(group, ownKey)) ownWindow = fullWindow(group, ownKey);
  } else if (bringsOpen(group) && hasOpenWindows(group)) {
    ownWindow = nextWindow(group);
    ownKey = keyOfNextWindow(group);
  }
  ownFirst = windowFirst;
  ownLast = windowLast;
}

function findOver(group: u32): void {
  if (everyKey && !hasRows(group)) return;
  ownKey = everyKey ? keyOfNextRow(group) : currentKey(groupSpace(group));
  ownWindow = firstRow(group, ownKey);
  if (ownWindow == 0) return;
  ownFirst = timeOf(ownWindow);
  ownLast = ownFirst;
}

function findSession(group: u32): void {
  if (everyKey && !hasSessions(group)) return;
  ownKey = everyKey ? keyOfNextSession(group) : currentKey(groupSpace(group));
  ownWindow = firstSession(group, ownKey);
  if (ownWindow == 0) return;
  ownFirst = i64At(ownWindow + SLICE_START);
  ownLast = lastOf(ownWindow) + gapOf(group);
}

/** Stages the result of the group's window that comes out next; false when the result region must be drained first. */
export function emitOwn(pipeline: u32, group: u32): bool {
  const kind = groupKind(group);
  const rows = kind == GROUP_OF_ROWS;
  if (!stageFor(pipeline, rows && cause == CAUSE_WATERMARK ? <u32>CAUSE_RECORD : cause)) return false;
  find(group);
  if (rows) emitWindow(group);
  else if (kind == GROUP_OF_OVER) emitRow(group);
  else {
    stageResult(ownKey, ownWindow, ownFirst, ownLast, 0, false);
    closeSession(group, ownKey, ownWindow);
  }
  return true;
}

function emitRow(group: u32): void {
  const from = groupPlan(group);
  setI64(merged + SLICE_COUNT, 0);
  initStates(from, merged);
  readRow(group, ownKey, merged);
  stageResult(ownKey, merged, ownLast, ownLast, 0, false);
  stageOwn(carriedAt(group, ownWindow), ordinalOfRow(group, ownKey));
  clearStates(from, merged);
  closeRow(group, ownKey);
}

function emitWindow(group: u32): void {
  const mark = markOfPane(group, ownWindow);
  const slice = readWindow(group, ownWindow, merged);
  stageResult(ownKey, slice, ownFirst, ownLast, mark, cause == CAUSE_UPDATE && !rowsChanged(group, ownKey));
  stageOrdinal(ordinalOfPane(ownWindow));
  if (slice == merged) clearStates(groupPlan(group), merged);
  if (cause != CAUSE_WATERMARK) {
    passWindow(group);
    return;
  }
  // Its mark goes with its panes.
  if (mark != 0) flushStage();
  closeFullWindow(group, ownKey);
}

/** After a pass: gives back what the group does not need any more. */
export function finishOwn(group: u32): void {
  if (groupKind(group) == GROUP_OF_ROWS) {
    if (cause == CAUSE_FLUSH) releaseAll(group);
  } else if (everyKey) {
    if (groupKind(group) == GROUP_OF_OVER) refreshRows(group);
    else refreshSessions(group);
  }
}
