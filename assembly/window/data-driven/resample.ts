// RESAMPLE: instants of a fixed rate in place of records. A record comes out as a row of OVER does, and brings out the
// instants behind the one before it, itself included: each with the cells of the last record up to it, or a value
// on the line to the next one. At most EMPTY_WINDOWS_MAX between two records; the rest is counted.
// Imports over, bounds, layout.
import {
  EMPTY_WINDOWS_MAX, HEADER_NULLED_NONFINITE, PIPELINE_EMPTY_SKIPPED, PIPE_CARRIED_AT, PIPE_CARRIED_COUNT,
  PIPE_LINEAR_COUNT, PIPE_PERIOD, PIPE_PERIOD_OFFSET, PLAN_TIME_COLUMN,
} from "../../layout";
import { addI64, f64At, i64At, setF64, setI64, u32At } from "../../memory/raw";
import { header, plan } from "../../memory/regions";
import { floorTo } from "../bounds";
import { pipelineCounter } from "../results";
import { groupPipeline, newerSlice, pipeAt } from "../slices";
import { carriedAt, instantsOf, rowBefore, timeOf } from "./over";

const NEXT: usize = 0;
const SINCE: usize = 8;

export function isResampled(group: u32): bool { return i64At(pipeAt(groupPipeline(group, 0)) + PIPE_PERIOD) != 0; }

// @ts-ignore: decorator
@inline function firstFrom(pipe: usize, time: i64): i64 {
  const period = i64At(pipe + PIPE_PERIOD);
  const floor = floorTo(time, period, i64At(pipe + PIPE_PERIOD_OFFSET));
  return floor == time ? time : floor + period;
}

/** The instant that the key's row `row` brings out next, in `instant`; false when there is none any more. */
export let instant: i64 = 0;
export function hasInstant(group: u32, key: u32, row: usize): bool {
  const pipeline = groupPipeline(group, 0);
  const pipe = pipeAt(pipeline);
  const state = instantsOf(group, key);
  const time = timeOf(row);
  if (i64At(state + SINCE) < 0) {
    setI64(state + NEXT, firstFrom(pipe, time));
    setI64(state + SINCE, 0);
  }
  const next = i64At(state + NEXT);
  if (next < time && i64At(state + SINCE) >= EMPTY_WINDOWS_MAX) {
    const from = firstFrom(pipe, time);
    addI64(pipelineCounter(pipeline, PIPELINE_EMPTY_SKIPPED), (from - next) / i64At(pipe + PIPE_PERIOD));
    setI64(state + NEXT, from);
  }
  instant = i64At(state + NEXT);
  if (instant < time) return true;
  setI64(state + SINCE, 0);
  const behind = newerSlice(row);
  // Of records of one time the last one holds at it.
  return instant == time && (behind == 0 || timeOf(behind) != time);
}

/** Writes the cells of the instant to `cells`, and goes on to the next one. */
export function readInstant(group: u32, key: u32, row: usize, cells: usize): void {
  const pipe = pipeAt(groupPipeline(group, 0));
  const state = instantsOf(group, key);
  const at = timeOf(row) == instant;
  const before = at ? row : rowBefore(group, key);
  const count = u32At(pipe + PIPE_CARRIED_COUNT);
  const first = count - u32At(pipe + PIPE_LINEAR_COUNT);
  memory.copy(cells, carriedAt(group, before), <usize>count << 3);
  for (let place: u32 = 0; place < count; place++) {
    const cell = cells + (<usize>place << 3);
    if (place >= first) {
      if (!at) setF64(cell, between(f64At(cell), f64At(carriedAt(group, row) + (<usize>place << 3)), timeOf(before), timeOf(row)));
    } else if (u32At(plan + u32At(pipe + PIPE_CARRIED_AT) + (<usize>place << 2)) == u32At(plan + PLAN_TIME_COLUMN)) {
      setI64(cell, instant);
    }
  }
  setI64(state + NEXT, instant + i64At(pipe + PIPE_PERIOD));
  setI64(state + SINCE, at ? 0 : i64At(state + SINCE) + 1);
}

/** The value at the instant on the line from `x` to `y`; NULL when either is. */
function between(x: f64, y: f64, from: i64, to: i64): f64 {
  const value = x + (y - x) * (<f64>(instant - from) / <f64>(to - from));
  if (value - value == 0) return value + 0;
  if (x == x && y == y) addI64(header + HEADER_NULLED_NONFINITE, 1);
  return NaN;
}
