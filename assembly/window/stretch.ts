// The usual rows, many at a time. A row that falls into the newest slice of its key in every group, is late for
// nothing and closes nothing does no more than move its clocks: nearly all rows are like that, and they are taken
// here in one loop. Any other row ends the stretch and goes the way of rows.ts, step by step, with the same result.
// Imports keys, slices, results and layout.
import {
  GROUP_GAPS, GROUP_OF_OVER, GROUP_OF_ROWS, GROUP_OF_SESSIONS, GROUP_OF_SLICES, GROUP_PIPELINE_COUNT, HEADER_ACCEPTED,
  HEADER_TIME_MAX, PIPELINE_COUNTED, PIPELINE_FILTERED, PIPE_WINDOW, PLAN_CLOCK_SOURCE, PLAN_DELAY, PLAN_PIPELINE_COUNT,
  PLAN_SPACE_COUNT, SLICE_START, WINDOW_NONE,
} from "../layout";
import { addI64, i64At, setI64, setU32, u32At, u8At } from "../memory/raw";
import { header, plan } from "../memory/regions";
import { alikeWords, fillWords } from "../memory/sweeps";
import { BEFORE_ALL, NONE } from "./bounds";
import { idles, latestTime, momentTime, noteRecord } from "./clocks";
import { evicts, noteArrivals } from "./key-limit";
import { NO_KEY, clockBytes, firstClock, rowKeys } from "./keys";
import { pipelineCounter } from "./results";
import { isWithinPane, takeWithinPane } from "./data-driven/row-windows";
import { isWithin, prolongSession } from "./data-driven/sessions";
import {
  entryAt, entryOf, groupCount, groupFilter, groupKind, groupNextCloseAt, groupPipeline, groupPlan, groupSpace, holds,
  newestSlice, nextCloseAt, pipeAt, rowSlices, surelyRoom, widthOf,
} from "./slices";

/** False when a pipeline has no window, or OVER, or its windows leave gaps: then every row goes step by step. */
let possible: bool = false;
/** A usual row changes its session's or pane's times. */
let anyOwn: bool = false;
let sourceClock: bool = false;
let delay: i64 = 0;

export function openStretch(): void {
  possible = true;
  anyOwn = false;
  sourceClock = u32At(plan + PLAN_CLOCK_SOURCE) != 0;
  delay = i64At(plan + PLAN_DELAY);
  for (let pipeline: u32 = 0; pipeline < u32At(plan + PLAN_PIPELINE_COUNT); pipeline++) {
    if (u32At(pipeAt(pipeline) + PIPE_WINDOW) == WINDOW_NONE) possible = false;
  }
  for (let group: u32 = 0; group < groupCount; group++) {
    if (u32At(groupPlan(group) + GROUP_GAPS) != 0) possible = false;
    if (groupKind(group) == GROUP_OF_OVER) possible = false;
    if (groupKind(group) != GROUP_OF_SLICES) anyOwn = true;
  }
}

/**
 * Takes rows from `from` on as long as they are usual; returns the first one that is not, or `rows`. A row behind `latest` is of
 * the future, or passes a moment.
 */
export function takeUsual(from: u32, rows: u32, times: usize): u32 {
  if (!possible) return from;
  const moment = momentTime();
  if (moment == BEFORE_ALL) return from;
  const latest = moment == NONE ? latestTime() : min(latestTime(), moment - 1);
  const row = groupCount == 1 && u32At(plan + PLAN_SPACE_COUNT) == 1 ? takeForOne(from, rows, times, latest) : takeForAll(from, rows, times, latest);
  addI64(header + HEADER_ACCEPTED, row - from);
  if (evicts()) for (let taken = from; taken < row; taken++) noteArrivals(taken);
  for (let group: u32 = 0; group < groupCount; group++) count(group, from, row);
  return row;
}

/** The loop for a plan of one group, with all that it asks for at hand. */
function takeForOne(from: u32, rows: u32, times: usize, latest: i64): u32 {
  const roomy = surelyRoom();
  const keys = rowKeys(0);
  const entries = entryAt(0, 0);
  const clocks = firstClock(0);
  const clockStep = clockBytes();
  const slots = rowSlices(0);
  const filter = groupFilter(0);
  const kind = groupKind(0);
  const own = anyOwn;
  const noted = idles();
  let row = from;
  for (; row < rows; row++) {
    const time = i64At(times + (<usize>row << 3));
    const key = u32At(keys + (<usize>row << 2));
    const clock = clocks + <usize>key * clockStep;
    if (key == NO_KEY || time > latest) break;
    if (!isUsual(0, key, row, time, roomy, entryOf(entries, key), clock, slots, filter, kind)) break;
    if (own) prolong(0, key, row, time, entryOf(entries, key));
    if (noted) noteRecord(0, key);
    if (time > i64At(clock)) setI64(clock, time);
    if (time > i64At(header + HEADER_TIME_MAX)) setI64(header + HEADER_TIME_MAX, time);
    if (!own && row + 1 < rows && u32At(keys + (<usize>row << 2) + 4) == key && u32At(slots + (<usize>row << 2)) != 0) {
      row = takeAlike(row, rows, times, keys, slots, filter, entryOf(entries, key), clock, latest);
    }
  }
  return row;
}

/**
 * The rows behind a usual one that have its key and go to its slice, whatever WHERE says of them; returns the last of
 * them.
 */
function takeAlike(
  first: u32, rows: u32, times: usize, keys: usize, slots: usize, filter: usize, entry: usize, clock: usize, latest: i64,
): u32 {
  const key = u32At(keys + (<usize>first << 2));
  const slice = u32At(slots + (<usize>first << 2));
  const start = i64At(<usize>slice + SLICE_START);
  const close = i64At(sourceClock ? groupNextCloseAt(0) : nextCloseAt(entry));
  // The last instant before the slice's end, which may be that of all time, and before something closes.
  const last = min(min(latest, start + widthOf(0, start) - 1), close > NONE - delay ? NONE : close + delay - 1);
  const next = first + 1;
  const end = times + (<usize>(next + alikeWords(keys + (<usize>next << 2), key, rows - next)) << 3);
  let newest = i64At(clock);
  let at = times + (<usize>next << 3);
  for (; at < end; at += 8) {
    const time = i64At(at);
    if (time > last || time < newest - delay || time < start) break;
    newest = max(newest, time);
  }
  setI64(clock, newest);
  if (newest > i64At(header + HEADER_TIME_MAX)) setI64(header + HEADER_TIME_MAX, newest);
  const taken = <u32>((at - times) >> 3) - next;
  fillWords(slots + (<usize>next << 2), slice, taken);
  if (filter != 0) {
    for (let row = next; row < next + taken; row++) {
      if (u8At(filter + row) != 1) setU32(slots + (<usize>row << 2), 0);
    }
  }
  return first + taken;
}

function takeForAll(from: u32, rows: u32, times: usize, latest: i64): u32 {
  const spaces = u32At(plan + PLAN_SPACE_COUNT);
  const roomy = surelyRoom();
  const noted = idles();
  let row = from;
  for (; row < rows; row++) {
    const time = i64At(times + (<usize>row << 3));
    if (time > latest) break;
    let group: u32 = 0;
    for (; group < groupCount; group++) {
      const space = groupSpace(group);
      const key = u32At(rowKeys(space) + (<usize>row << 2));
      if (key == NO_KEY) break;
      const entry = entryAt(group, key);
      const slots = rowSlices(group);
      const filter = groupFilter(group);
      const kind = groupKind(group);
      if (!isUsual(group, key, row, time, roomy, entry, clockOf(space, key), slots, filter, kind)) break;
    }
    if (group < groupCount) break;
    if (anyOwn) prolongAll(row, time);
    for (let space: u32 = 0; space < spaces; space++) {
      const key = u32At(rowKeys(space) + (<usize>row << 2));
      const clock = clockOf(space, key);
      if (time > i64At(clock)) setI64(clock, time);
      if (noted) noteRecord(space, key);
    }
    if (time > i64At(header + HEADER_TIME_MAX)) setI64(header + HEADER_TIME_MAX, time);
  }
  return row;
}

// @ts-ignore: decorator
@inline function clockOf(space: u32, key: u32): usize {
  return firstClock(space) + <usize>key * clockBytes();
}

/** True when the row is usual for the group; its slice is noted then. `entry` and `clock` are those of its key. */
// @ts-ignore: decorator
@inline function isUsual(
  group: u32, key: u32, row: u32, time: i64, roomy: bool, entry: usize, clock: usize, slots: usize, filter: usize,
  kind: u32,
): bool {
  if (time - delay >= i64At(sourceClock ? groupNextCloseAt(group) : nextCloseAt(entry))) return false;
  const slot = slots + (<usize>row << 2);
  const wanted = filter == 0 || u8At(filter + row) == 1;
  if (!wanted && roomy) {
    setU32(slot, 0);
    return true;
  }
  const slice = newestSlice(entry);
  if (slice == 0 || time < i64At(clock) - delay) return false;
  if (kind == GROUP_OF_SLICES) {
    if (!holds(group, slice, time)) return false;
  } else if (!(kind == GROUP_OF_SESSIONS ? isWithin(group, slice, time, i64At(nextCloseAt(entry))) : isWithinPane(group, key))) return false;
  setU32(slot, wanted ? <u32>slice : 0);
  return true;
}

/** The session or pane of a row that was usual now holds its time. */
// @ts-ignore: decorator
@inline function prolong(group: u32, key: u32, row: u32, time: i64, entry: usize): void {
  const slice = <usize>u32At(rowSlices(group) + (<usize>row << 2));
  if (slice == 0) return;
  if (groupKind(group) == GROUP_OF_ROWS) takeWithinPane(group, key, slice, time);
  else prolongSession(group, slice, time, nextCloseAt(entry));
}

function prolongAll(row: u32, time: i64): void {
  for (let group: u32 = 0; group < groupCount; group++) {
    if (groupKind(group) == GROUP_OF_SLICES) continue;
    const key = u32At(rowKeys(groupSpace(group)) + (<usize>row << 2));
    prolong(group, key, row, time, entryAt(group, key));
  }
}

/** Counts rows [from, to) for the pipelines of a group. */
function count(group: u32, from: u32, to: u32): void {
  let filtered: u32 = 0;
  if (groupFilter(group) != 0) {
    for (let row = from; row < to; row++) {
      if (u32At(rowSlices(group) + (<usize>row << 2)) == 0) filtered++;
    }
  }
  const pipelines = u32At(groupPlan(group) + GROUP_PIPELINE_COUNT);
  for (let place: u32 = 0; place < pipelines; place++) {
    const pipeline = groupPipeline(group, place);
    addI64(pipelineCounter(pipeline, PIPELINE_COUNTED), to - from - filtered);
    addI64(pipelineCounter(pipeline, PIPELINE_FILTERED), filtered);
  }
}
