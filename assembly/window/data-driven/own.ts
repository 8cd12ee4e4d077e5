// What pipelines bring out whose windows come from the records themselves: sessions, rows of OVER, windows of rows. A
// pass asks each of their groups which of its windows comes out next, brings that out, and asks again. A window's
// end is its last instant here, or a session's last + gap; it belongs to the pass while its clock is behind that.
// Owns the window that was found last; nothing of it lasts longer than a pass. Imports the three, results, states.
import {
  CAUSE_FLUSH, CAUSE_IDLE, CAUSE_LATE, CAUSE_RECORD, CAUSE_UPDATE, CAUSE_WATERMARK, CAUSE_WITHDRAWN, COMPLETE_NOT,
  GROUP_OF_OVER, GROUP_OF_ROWS, GROUP_OF_SESSIONS, MARK_END, MARK_REVISION, PIPE_COMPLETE, PIPE_HANDS_OVER, SESSION_SETTLED,
  SESSION_SHOWN, SLICE_COUNT,
} from "../../layout";
import { clearStates, initStates } from "../../aggregate/states";
import { i64At, setI64, u32At } from "../../memory/raw";
import { NONE } from "../bounds";
import { isDue, watermark } from "../clocks";
import { currentKey } from "../keys";
import { WITHDRAWN, flushStage, stageFor, stageOrdinal, stageOwn, stageResult } from "../results";
import { groupKind, groupPipeline, groupPlan, groupSpace, pipeAt } from "../slices";
import { carriedAt, closeRow, firstRow, hasRows, keyOfNextRow, ordinalOfRow, readRow, refreshRows, timeOf } from "./over";
import {
  beginShowing, finishShowing, hasShown, isShown, keyOfShown, markOfRow, ordinalOfShown, passShown, readShown, rowOfShown, showsRows, wasOut,
} from "./over-silence";
import { hasInstant, instant, isResampled, readInstant } from "./resample";
import {
  beginOpenWindows, closeFullWindow, fullWindow, hasOpenWindows, isFull, keyOfNextWindow, markOfPane, nextWindow,
  ordinalOfPane, passWindow, readWindow, releaseAll, rowsChanged, windowFirst, windowLast,
} from "./row-windows";
import {
  beginSessions, closeSession, finishSessions, firstSession, hasSessions, keyOfNextSession, nextOfPass, passSession,
  refreshSessions, releaseSessions,
} from "./session-closing";
import {
  endOf, firstOf, forgetLate, heapOf, keepsSessions, lateSession, markOf, partSession, releasePart, stateOf,
} from "./sessions";
import { topKey } from "./heap";

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
let ownCause: u32 = 0;

/** Begins a pass: what it is, until which watermark, over all keys or the current ones; `into` is a slice to merge into. */
export function beginOwnPass(because: u32, until: i64, all: bool, into: usize): void {
  cause = because;
  target = until;
  everyKey = all;
  merged = into;
}

/** Begins the pass for one group. */
export function beginOwn(group: u32): void {
  if (groupKind(group) == GROUP_OF_SESSIONS && looksAtAll(group)) beginSessions(group, cause);
  if (groupKind(group) == GROUP_OF_OVER && cause == CAUSE_IDLE && showsRows(group)) beginShowing(group);
  if (groupKind(group) != GROUP_OF_ROWS || !bringsOpen(group)) return;
  const pipeline = groupPipeline(group, 0);
  beginOpenWindows(group, cause == CAUSE_UPDATE && u32At(pipeAt(pipeline) + PIPE_COMPLETE) == COMPLETE_NOT);
}

/** True when the pass is one over sessions that a watermark has not closed. */
// @ts-ignore: decorator
@inline function looksAtAll(group: u32): bool {
  if (cause == CAUSE_IDLE && u32At(pipeAt(groupPipeline(group, 0)) + PIPE_HANDS_OVER) != 0) return false;
  return keepsSessions(group) && (cause == CAUSE_IDLE || (cause == CAUSE_UPDATE && isDue(groupPipeline(group, 0))));
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
  ownCause = cause;
  if (kind == GROUP_OF_ROWS) findRows(group);
  else if (kind == GROUP_OF_SESSIONS) findSession(group);
  else if (cause == CAUSE_WATERMARK || cause == CAUSE_FLUSH) {
    findOver(group);
    if (ownWindow != 0 && ownLast >= target) ownWindow = 0;
  } else if (cause == CAUSE_IDLE && showsRows(group) && hasShown(group)) {
    ownKey = keyOfShown(group);
    ownWindow = rowOfShown(group);
    ownFirst = timeOf(ownWindow);
    ownLast = ownFirst;
  }
  return ownWindow != 0;
}

function findRows(group: u32): void {
  if (cause == CAUSE_WATERMARK) {
    ownKey = currentKey(groupSpace(group));
    ownCause = CAUSE_RECORD;
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
  if (cause != CAUSE_WATERMARK && cause != CAUSE_FLUSH) {
    if (looksAtAll(group) && hasSessions(group)) offer(group, nextOfPass(group), topKey(heapOf(group)), cause);
    return;
  }
  const current = currentKey(groupSpace(group));
  if (!everyKey || hasSessions(group)) {
    const key = everyKey ? keyOfNextSession(group) : current;
    const session = firstSession(group, key);
    if (session != 0 && endOf(group, session) < closedUntil(group, key)) offer(group, session, key, cause);
  }
  if (cause != CAUSE_WATERMARK) return;
  if (lateSession(group) != 0) offer(group, lateSession(group), current, CAUSE_LATE);
  if (partSession(group) != 0) offer(group, partSession(group), current, CAUSE_WITHDRAWN);
}

/** The watermark of a key by which the pass closes sessions. */
// @ts-ignore: decorator
@inline function closedUntil(group: u32, key: u32): i64 {
  return cause == CAUSE_FLUSH ? target : max(target, watermark(groupSpace(group), key));
}

/** The session is the one that comes out next unless that is known to be before it: by end, start, key. */
function offer(group: u32, session: usize, key: u32, because: u32): void {
  const first = firstOf(session);
  const last = endOf(group, session);
  if (ownWindow != 0 && ownWindow != session) {
    if (last > ownLast || (last == ownLast && (first > ownFirst || (first == ownFirst && key > ownKey)))) return;
  }
  ownWindow = session;
  ownKey = key;
  ownFirst = first;
  ownLast = last;
  ownCause = because;
}

/** Stages the result of the group's window that comes out next; false when the result region must be drained first. */
export function emitOwn(pipeline: u32, group: u32): bool {
  find(group);
  if (!stageFor(pipeline, ownCause)) return false;
  const kind = groupKind(group);
  if (kind == GROUP_OF_ROWS) emitWindow(group);
  else if (kind == GROUP_OF_OVER) emitRow(group);
  else if (ownCause == CAUSE_WITHDRAWN) emitPart(group);
  else emitSession(group);
  return true;
}

function emitSession(group: u32): void {
  const session = ownWindow;
  const mark = markOf(group, session);
  let known = ownFirst;
  let again = false;
  if (mark != 0) {
    if (u32At(mark + MARK_REVISION) == 0) setI64(mark + MARK_END, ownFirst);
    known = i64At(mark + MARK_END);
    again = cause == CAUSE_UPDATE && stateOf(session) == SESSION_SHOWN;
  }
  stageResult(ownKey, session, ownFirst, ownLast, mark, again);
  stageOrdinal(known);
  if (cause == CAUSE_IDLE) passSession(group, cause, SESSION_SETTLED);
  else if (cause == CAUSE_UPDATE) passSession(group, cause, SESSION_SHOWN);
  else {
    if (session == lateSession(group)) forgetLate(group);
    closeSession(group, ownKey, session, closedUntil(group, ownKey));
  }
}

/** What had come out is part of another session now: readers are told to forget it, by one without records. */
function emitPart(group: u32): void {
  const mark = markOf(group, ownWindow);
  const from = groupPlan(group);
  setI64(merged + SLICE_COUNT, 0);
  initStates(from, merged);
  stageResult(ownKey, merged, ownFirst, ownLast, mark + WITHDRAWN, false);
  stageOrdinal(i64At(mark + MARK_END));
  clearStates(from, merged);
  releasePart(group);
}

function emitRow(group: u32): void {
  const from = groupPlan(group);
  setI64(merged + SLICE_COUNT, 0);
  initStates(from, merged);
  if (isResampled(group)) {
    emitInstant(group);
    return;
  }
  if (cause == CAUSE_IDLE) {
    emitShown(group);
    return;
  }
  readRow(group, ownKey, merged);
  const shows = showsRows(group);
  if (!shows || !isShown(ownWindow)) {
    const out = shows && wasOut(ownWindow);
    stageResult(ownKey, merged, ownLast, ownLast, out ? markOfRow(ownWindow) : 0, false);
    stageOwn(carriedAt(group, ownWindow), ordinalOfRow(group, ownKey));
    // Its mark goes with the row.
    if (out) flushStage();
  }
  clearStates(from, merged);
  closeRow(group, ownKey);
}

/** A row that silence brings out. */
function emitShown(group: u32): void {
  readShown(group, merged);
  stageResult(ownKey, merged, ownLast, ownLast, markOfRow(ownWindow), false);
  stageOwn(carriedAt(group, ownWindow), <u32>ordinalOfShown(group));
  clearStates(groupPlan(group), merged);
  passShown(group);
}

/** Stages the next instant that the row brings out; when there is none any more the row is done. */
function emitInstant(group: u32): void {
  if (!hasInstant(group, ownKey, ownWindow)) {
    readRow(group, ownKey, merged);
    closeRow(group, ownKey);
    return;
  }
  if (instant == ownLast) setI64(merged + SLICE_COUNT, 1);
  stageResult(ownKey, merged, instant, instant, 0, false);
  readInstant(group, ownKey, ownWindow, carriedAt(group, merged));
  stageOwn(carriedAt(group, merged), 1);
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
  const kind = groupKind(group);
  if (kind == GROUP_OF_ROWS) {
    if (cause == CAUSE_FLUSH) releaseAll(group);
  } else if (kind == GROUP_OF_OVER) {
    if (cause == CAUSE_IDLE && showsRows(group)) finishShowing(group);
    if (everyKey) refreshRows(group);
  } else if (looksAtAll(group)) finishSessions(group);
  else {
    if (cause == CAUSE_FLUSH) releaseSessions(group);
    if (everyKey) refreshSessions(group);
  }
}
