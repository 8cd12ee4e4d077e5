// A batch's rows, one after the other: admit the row, decide whether it is late, move the clock, send it to its
// slices, bring out what it closes. Only the bookkeeping is row by row; the aggregates are added a run of rows
// at a time, at the end of the batch or before something closes. When the result region is full the call stops
// within a row and goes on there. Imports keys, slices, closing, results, aggregates.
import {
  CAUSE_UPDATE, GROUP_FILTER, GROUP_GAPS, GROUP_OF_OVER, GROUP_OF_ROWS, GROUP_OF_SLICES, GROUP_PIPELINE_COUNT, HEADER_ACCEPTED, HEADER_OTHER_RECORDS,
  HEADER_ROWS, HEADER_ROW_CURSOR, HEADER_TIME_MAX, NO_REGISTER, PIPELINE_COUNTED, PIPELINE_FILTERED,
  PIPELINE_LATE_RECORDS, PIPELINE_LATE_UPDATES, PIPELINE_LATE_WINDOWS, PIPE_ALLOW, PIPE_FILTER, PIPE_GROUP, PIPE_SIDE,
  PIPE_WINDOW, PLAN_CLOCK_SOURCE, PLAN_DELAY, PLAN_PIPELINE_COUNT, PLAN_SPACE_COUNT, PLAN_TIME_COLUMN, REFUSED_FUTURE,
  REFUSED_KEYS, REFUSED_STATE, WINDOW_NONE, WINDOW_OVER, WINDOW_ROWS, WINDOW_SESSION,
} from "../layout";
import { addRows } from "../aggregate/states";
import { evaluateRow, evaluateTaken } from "../operator/program";
import { addI64, i64At, setI64, setU32, u32At, u8At } from "../memory/raw";
import { refuse } from "../memory/refusals";
import { header, plan, registerBase, rowMessage, rowText, rowTextBytes } from "../memory/regions";
import { BEFORE_ALL, NONE, endsUntil, lastEnd, nextEnd, startOf } from "./bounds";
import { idles, latestTime, momentTime, noteRecord, passMoments, watermark } from "./clocks";
import { beginPass, beginRecordPass, mustClose, runPass } from "./close";
import { beginArrivals, evicts, noteArrival } from "./key-limit";
import { currentKey, findBatchKeys, findKeys, isOther, setTimeMax, timeMax } from "./keys";
import { missedUntil } from "./marks";
import { rowFor } from "./data-driven/over";
import { markRow } from "./data-driven/over-silence";
import { beginOccasion, countLate, pipelineCounter, writeLate, writePlain } from "./results";
import { isFull, paneFor } from "./data-driven/row-windows";
import {
  IN_TIME, LATE_MISSED, LATE_TAKEN, gapOf, isDueNow, judgeSession, mergesSessions, sessionFor,
} from "./data-driven/sessions";
import { groupCount, groupKind, groupPipeline, groupPlan, groupSpace, pipeAt, roomForRow, rowSlices, sliceFor } from "./slices";
import { forgetKey } from "./stacks";
import { takeUsual } from "./stretch";

/** Steps of one row; where a full result region can stop it. */
const STEP_ADMIT = 0;
const STEP_LATE = 1;
const STEP_PLAIN = 2;
const STEP_CLOCK = 3;
const STEP_CLOSE = 4;
const STEP_MOMENT = 5;

let step = STEP_ADMIT;
/** First row whose values are not yet in its slices. */
let runBegin: u32 = 0;
let time: i64 = 0;
let anyPlain: bool = false;
/** The row missed a window of a pipeline with a side output. */
let anySide: bool = false;
/** The row went into a window that had closed. */
let anyLateUpdate: bool = false;
/** The row brings something out that no clock ends: a window of rows that it filled, a session that it changed. */
let anyDue: bool = false;
let lateEnd: i64 = 0;
let latePipeline: u32 = 0;
let lateStart: i64 = 0;
let plainPipeline: u32 = 0;
/** First row of the batch whose stateful columns are not there yet. */
let readyTo: u32 = 0;
/** Arrival number of the batch's first row. */
let arrivals: usize = 0;

/** Keeps the arrival number at `base`; returns the first byte behind it. */
export function openRows(base: usize): usize {
  step = STEP_ADMIT;
  runBegin = 0;
  readyTo = 0;
  arrivals = base;
  setI64(arrivals, 0);
  anyPlain = false;
  for (let pipeline: u32 = 0; pipeline < u32At(plan + PLAN_PIPELINE_COUNT); pipeline++) {
    if (u32At(pipeAt(pipeline) + PIPE_WINDOW) == WINDOW_NONE) anyPlain = true;
  }
  return base + 64;
}

/** Processes the rows of the batch: true when all are done, false when the result region must be drained. */
export function processRows(): bool {
  const rows = u32At(header + HEADER_ROWS);
  const times = registerBase(u32At(plan + PLAN_TIME_COLUMN));
  let row = u32At(header + HEADER_ROW_CURSOR);
  if (row == 0 && step == STEP_ADMIT) findBatchKeys(rows);
  beginArrivals(i64At(arrivals));
  for (; row < rows; row++) {
    if (step == STEP_ADMIT) {
      while (true) {
        if (row >= readyTo) readyTo = evaluateTaken(row, rows);
        if (row >= readyTo) break;
        row = takeUsual(row, readyTo, times);
        if (row < readyTo || row == rows) break;
      }
      if (row == rows) break;
      time = i64At(times + (<usize>row << 3));
      if (!admit(row)) continue;
    }
    if (!finishRow(row)) {
      setU32(header + HEADER_ROW_CURSOR, row);
      return false;
    }
    step = STEP_ADMIT;
  }
  addRun(rows);
  addI64(arrivals, rows);
  runBegin = 0;
  readyTo = 0;
  setU32(header + HEADER_ROWS, 0);
  setU32(header + HEADER_ROW_CURSOR, 0);
  return true;
}

/** Adds the values of the rows up to `end` to their slices. */
function addRun(end: u32): void {
  const times = registerBase(u32At(plan + PLAN_TIME_COLUMN));
  for (let group: u32 = 0; group < groupCount; group++) {
    addRows(groupPlan(group), rowSlices(group), runBegin, end, times, i64At(arrivals));
  }
  runBegin = end;
}

function refuseRow(row: u32, reason: u32): void {
  const at = <usize>row;
  refuse(reason, 0, u32At(rowText + (at << 2)), u32At(rowTextBytes + (at << 2)), i64At(rowMessage + (at << 3)));
  for (let group: u32 = 0; group < groupCount; group++) setU32(rowSlices(group) + (at << 2), 0);
}

/** Takes the row into the slices of all windowed pipelines, or refuses it; false when that is all of it. */
function admit(row: u32): bool {
  beginOccasion();
  if (time > latestTime()) {
    refuseRow(row, REFUSED_FUTURE);
    return false;
  }
  if (!findKeys(row)) {
    refuseRow(row, REFUSED_KEYS);
    return false;
  }
  if (row >= readyTo) {
    evaluateRow(row);
    readyTo = row + 1;
  }
  if (!roomForRow(time)) {
    // It moves the clock all the same: only windows that close make room again.
    anyLateUpdate = false;
    anyDue = false;
    refuseRow(row, REFUSED_STATE);
    step = STEP_CLOCK;
    return true;
  }
  addI64(header + HEADER_ACCEPTED, 1);
  if (isOther) addI64(header + HEADER_OTHER_RECORDS, 1);
  anySide = false;
  anyLateUpdate = false;
  anyDue = false;
  for (let group: u32 = 0; group < groupCount; group++) admitToGroup(group, row);
  step = anySide ? STEP_LATE : STEP_PLAIN;
  lateEnd = time;
  lateStart = i64.MIN_VALUE;
  latePipeline = 0;
  plainPipeline = 0;
  return true;
}

function admitToGroup(group: u32, row: u32): void {
  const from = groupPlan(group);
  const slot = rowSlices(group) + (<usize>row << 2);
  const count = u32At(from + GROUP_PIPELINE_COUNT);
  const filter = u32At(from + GROUP_FILTER);
  if (filter != NO_REGISTER && u8At(registerBase(filter) + row) != 1) {
    for (let place: u32 = 0; place < count; place++) {
      addI64(pipelineCounter(groupPipeline(group, place), PIPELINE_FILTERED), 1);
    }
    setU32(slot, 0);
    return;
  }
  const space = groupSpace(group);
  const key = currentKey(space);
  const closed = watermark(space, key);
  if (groupKind(group) != GROUP_OF_SLICES) {
    setU32(slot, <u32>admitToOwn(group, key, row, closed));
    return;
  }
  let wanted = true;
  if (time >= closed && u32At(from + GROUP_GAPS) == 0) {
    for (let place: u32 = 0; place < count; place++) {
      addI64(pipelineCounter(groupPipeline(group, place), PIPELINE_COUNTED), 1);
    }
  } else {
    wanted = false;
    for (let place: u32 = 0; place < count; place++) {
      if (judge(groupPipeline(group, place), key, closed)) wanted = true;
    }
    if (wanted && time < closed) forgetKey(group, key);
  }
  setU32(slot, wanted ? <u32>sliceFor(group, key, time, closed) : 0);
}

/** The session, row of OVER or pane that takes the row, 0 when none does; counts it for the group's pipeline. */
function admitToOwn(group: u32, key: u32, row: u32, closed: i64): usize {
  const pipeline = groupPipeline(group, 0);
  if (groupKind(group) == GROUP_OF_ROWS) {
    const pane = paneFor(group, key, time);
    addI64(pipelineCounter(pipeline, pane != 0 ? PIPELINE_COUNTED : PIPELINE_FILTERED), 1);
    if (isFull(group, key)) anyDue = true;
    return pane;
  }
  const over = groupKind(group) == GROUP_OF_OVER;
  const verdict = over ? (time < closed ? LATE_MISSED : IN_TIME) : judgeSession(group, key, time, closed);
  if (verdict == LATE_MISSED) {
    addI64(pipelineCounter(pipeline, PIPELINE_LATE_WINDOWS), 1);
    addI64(pipelineCounter(pipeline, PIPELINE_LATE_RECORDS), 1);
    countLate(pipeline, key);
    if (u32At(pipeAt(pipeline) + PIPE_SIDE) != 0) anySide = true;
    return 0;
  }
  addI64(pipelineCounter(pipeline, PIPELINE_COUNTED), 1);
  if (over) {
    const taken = rowFor(group, key, row, time);
    markRow(group, key, taken);
    return taken;
  }
  if (verdict == LATE_TAKEN) {
    addI64(pipelineCounter(pipeline, PIPELINE_LATE_UPDATES), 1);
    countLate(pipeline, key);
  }
  if (mergesSessions(group, key, time)) addRun(row);
  const session = sessionFor(group, key, time, verdict == LATE_TAKEN);
  if (isDueNow(group)) anyDue = true;
  return session;
}

/** Counts the row for one pipeline by what the key's watermark says; true when an open window takes it. */
function judge(pipeline: u32, key: u32, closed: i64): bool {
  const pipe = pipeAt(pipeline);
  if (nextEnd(pipe, time, time) == NONE) {
    addI64(pipelineCounter(pipeline, PIPELINE_FILTERED), 1);
    return false;
  }
  const late = closed > time ? endsUntil(pipe, time, closed) : 0;
  if (late > 0) {
    closed = missedUntil(pipe, pipeline, key, closed);
    const missed = closed > time ? endsUntil(pipe, time, closed) : 0;
    addI64(pipelineCounter(pipeline, PIPELINE_LATE_WINDOWS), missed);
    addI64(pipelineCounter(pipeline, PIPELINE_LATE_UPDATES), late - missed);
    if (late > missed) anyLateUpdate = true;
    countLate(pipeline, key);
    if (u32At(pipe + PIPE_SIDE) != 0) anySide = true;
  }
  const open = lastEnd(pipe, time) > closed;
  addI64(pipelineCounter(pipeline, open ? PIPELINE_COUNTED : PIPELINE_LATE_RECORDS), 1);
  return open;
}

/** The rest of an admitted row, step by step; false when the result region is full. */
function finishRow(row: u32): bool {
  if (step == STEP_LATE) {
    if (!writeLateLines(row)) return false;
    step = STEP_PLAIN;
  }
  if (step == STEP_PLAIN) {
    if (anyPlain && !writePlainResults(row)) return false;
    step = STEP_CLOCK;
  }
  if (step == STEP_CLOCK) step = moveClocks(row) ? STEP_CLOSE : STEP_MOMENT;
  else if (step == STEP_MOMENT) return runPass();
  if (step == STEP_CLOSE) {
    if (!runPass()) return false;
    setClocks(row);
    step = STEP_MOMENT;
  }
  if (time < momentTime() || !passMoments()) return true;
  addRun(row + 1);
  beginPass(CAUSE_UPDATE);
  return runPass();
}

/** Side-output lines by (window end, window start, pipeline); goes on behind the last one written. */
function writeLateLines(row: u32): bool {
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  while (true) {
    let end = NONE;
    let start = NONE;
    let chosen: u32 = 0;
    for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
      const pipe = pipeAt(pipeline);
      if (u32At(pipe + PIPE_WINDOW) == WINDOW_NONE || u32At(pipe + PIPE_SIDE) == 0 || !passes(pipe, row)) continue;
      let next = NONE;
      let from = time;
      const kind = u32At(pipe + PIPE_WINDOW);
      if (kind == WINDOW_ROWS) continue;
      if (kind == WINDOW_SESSION || kind == WINDOW_OVER) next = missedOwn(pipe, pipeline, kind);
      else {
        next = nextEnd(pipe, time, lateEnd - 1);
        // Windows of one end come by start, then pipeline: skip those that are out already.
        if (next == lateEnd && !isBehindLast(startOf(pipe, next), pipeline)) next = nextEnd(pipe, time, lateEnd);
        if (next > rowWatermark(pipe)) continue;
        from = startOf(pipe, next);
      }
      if (next == NONE || next > end) continue;
      if (next == end && from >= start) continue;
      end = next;
      start = from;
      chosen = pipeline;
    }
    if (end == NONE) return true;
    if (!writeLate(chosen, row, start, end, rowWatermark(pipeAt(chosen)) - end)) return false;
    lateEnd = end;
    lateStart = start;
    latePipeline = chosen;
  }
}

/**
 * End of the session that the row alone would have been, or its time for OVER, when it is late and its line is not
 * out; else NONE.
 */
function missedOwn(pipe: usize, pipeline: u32, kind: u32): i64 {
  const group = u32At(pipe + PIPE_GROUP);
  const end = kind == WINDOW_OVER ? time : time + gapOf(group);
  if (end < lateEnd || (end == lateEnd && !isBehindLast(time, pipeline))) return NONE;
  if (kind == WINDOW_OVER) return time < rowWatermark(pipe) ? end : NONE;
  const verdict = judgeSession(group, currentKey(groupSpace(group)), time, rowWatermark(pipe));
  return verdict == LATE_MISSED ? end : NONE;
}

// @ts-ignore: decorator
@inline function isBehindLast(start: i64, pipeline: u32): bool {
  return start > lateStart || (start == lateStart && pipeline > latePipeline);
}

function rowWatermark(pipe: usize): i64 {
  const space = groupSpace(u32At(pipe + PIPE_GROUP));
  return watermark(space, currentKey(space));
}

// @ts-ignore: decorator
@inline function passes(pipe: usize, row: u32): bool {
  const filter = u32At(pipe + PIPE_FILTER);
  return filter == NO_REGISTER || u8At(registerBase(filter) + row) == 1;
}

function writePlainResults(row: u32): bool {
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  for (; plainPipeline < count; plainPipeline++) {
    const pipe = pipeAt(plainPipeline);
    if (u32At(pipe + PIPE_WINDOW) != WINDOW_NONE) continue;
    if (!passes(pipe, row)) {
      addI64(pipelineCounter(plainPipeline, PIPELINE_FILTERED), 1);
      continue;
    }
    if (!writePlain(plainPipeline, row, time)) return false;
    addI64(pipelineCounter(plainPipeline, PIPELINE_COUNTED), 1);
  }
  return true;
}

/** Moves the clocks with the row unless that closes windows: then true, and the pass is begun. */
function moveClocks(row: u32): bool {
  const newest = time - i64At(plan + PLAN_DELAY);
  if (u32At(plan + PLAN_SPACE_COUNT) != 0 && (anyLateUpdate || anyDue || mustClose(newest))) {
    addRun(row + 1);
    beginRecordPass(newest, anyLateUpdate);
    return true;
  }
  setClocks(row);
  return false;
}

/** The row's time becomes the clock of its keys, and of the source, where it is larger. */
function setClocks(row: u32): void {
  const count = u32At(plan + PLAN_SPACE_COUNT);
  for (let space: u32 = 0; space < count; space++) {
    const key = currentKey(space);
    if (time > timeMax(space, key)) setTimeMax(space, key, time);
    if (idles()) noteRecord(space, key);
    if (evicts()) noteArrival(space, key, row);
  }
  if (time > i64At(header + HEADER_TIME_MAX)) setI64(header + HEADER_TIME_MAX, time);
}

