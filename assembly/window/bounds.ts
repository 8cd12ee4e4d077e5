// Where windows begin and end: closed forms for TUMBLE, HOP and CUMULATE over signed 64-bit nanoseconds, or over the
// numbers of panes where they go by the clock of a zone. A running aggregate has one window that holds all instants
// and ends when nothing else is left, at RUNNING_END.
// Everything else about windows (late, which slice, what closes next) is asked here. `pipe` is the address of
// a PIPE_* struct of the plan; NONE says that there is no such window. Imports layout, raw access and panes.
import {
  EDGE_OFFSET, EDGE_PANES, EDGE_PERIOD, PIPE_OFFSET, PIPE_PANES, PIPE_SIZE, PIPE_SIZE_PANES, PIPE_SLIDE, PIPE_WINDOW,
  WINDOW_CUMULATE, WINDOW_HOP, WINDOW_RUNNING,
} from "../layout";
import { i64At, u32At } from "../memory/raw";
import { plan } from "../memory/regions";
import { paneOf, paneStart } from "./panes";

export const NONE: i64 = i64.MAX_VALUE;
/** A clock that has not started: no record was accepted yet. */
export const BEFORE_ALL: i64 = i64.MIN_VALUE;
/** End of the window of a running aggregate: no clock gets there, a flush does. */
export const RUNNING_END: i64 = NONE - 1;

/** Largest multiple of `period` plus `offset` that is ≤ t: floor division, also for negative times. */
export function floorTo(t: i64, period: i64, offset: i64): i64 {
  const distance = t - offset;
  let rest = distance % period;
  if (rest < 0) rest += period;
  return t - rest;
}

/** Largest edge ≤ t of an EDGE_* struct. */
export function edgeUpTo(edge: usize, t: i64): i64 {
  const panes = plan + u32At(edge + EDGE_PANES);
  if (panes != plan) return paneStart(panes, paneOf(panes, t));
  return floorTo(t, i64At(edge + EDGE_PERIOD), i64At(edge + EDGE_OFFSET));
}

/** Smallest edge > t. */
export function edgeBehind(edge: usize, t: i64): i64 {
  const panes = plan + u32At(edge + EDGE_PANES);
  if (panes != plan) return paneStart(panes, paneOf(panes, t) + 1);
  const period = i64At(edge + EDGE_PERIOD);
  return floorTo(t, period, i64At(edge + EDGE_OFFSET)) + period;
}

/** The PANES table of the pipeline's slide, 0 when its windows are all of one length. */
// @ts-ignore: decorator
@inline function panesOf(pipe: usize): usize {
  const at = u32At(pipe + PIPE_PANES);
  return at == 0 ? 0 : plan + at;
}
// @ts-ignore: decorator
@inline function sizePanesOf(pipe: usize): usize { return plan + u32At(pipe + PIPE_SIZE_PANES); }
/** How many panes a window of TUMBLE or HOP has. */
// @ts-ignore: decorator
@inline function panesOfWindow(pipe: usize): i64 { return i64At(pipe + PIPE_SIZE) / i64At(pipe + PIPE_SLIDE); }

/** nextEnd in a zone. */
function nextEndOfPanes(pipe: usize, panes: usize, t: i64, from: i64): i64 {
  const next = paneOf(panes, from) + 1;
  if (u32At(pipe + PIPE_WINDOW) == WINDOW_CUMULATE) {
    return from < lastEnd(pipe, t) ? paneStart(panes, next) : NONE;
  }
  return next - paneOf(panes, t) <= panesOfWindow(pipe) ? paneStart(panes, next) : NONE;
}

/** Smallest end > max(after, t) of a window that contains t; NONE if there is none. */
export function nextEnd(pipe: usize, t: i64, after: i64): i64 {
  const kind = u32At(pipe + PIPE_WINDOW);
  if (kind == WINDOW_RUNNING) return after < RUNNING_END ? RUNNING_END : NONE;
  const panes = panesOf(pipe);
  if (panes != 0) return nextEndOfPanes(pipe, panes, t, max(after, t));
  const size = i64At(pipe + PIPE_SIZE);
  const slide = i64At(pipe + PIPE_SLIDE);
  const offset = i64At(pipe + PIPE_OFFSET);
  const from = max(after, t);
  if (kind == WINDOW_HOP) {
    // Within one slide, so that no distance leaves 64 bits.
    const end = floorTo(from, slide, (offset + size) % slide) + slide;
    return end - size <= t ? end : NONE;
  }
  const windowEnd = floorTo(t, size, offset) + size;
  if (kind == WINDOW_CUMULATE) {
    if (from >= windowEnd) return NONE;
    return floorTo(from, slide, offset) + slide;
  }
  return windowEnd > after ? windowEnd : NONE;
}

/** Largest end of a window that contains t; t itself when it lies in no window. */
export function lastEnd(pipe: usize, t: i64): i64 {
  const kind = u32At(pipe + PIPE_WINDOW);
  if (kind == WINDOW_RUNNING) return RUNNING_END;
  const panes = panesOf(pipe);
  if (panes != 0) {
    if (kind == WINDOW_CUMULATE) return paneStart(sizePanesOf(pipe), paneOf(sizePanesOf(pipe), t) + 1);
    return paneStart(panes, paneOf(panes, t) + panesOfWindow(pipe));
  }
  const size = i64At(pipe + PIPE_SIZE);
  if (kind != WINDOW_HOP) return floorTo(t, size, i64At(pipe + PIPE_OFFSET)) + size;
  return max(t, floorTo(t, i64At(pipe + PIPE_SLIDE), i64At(pipe + PIPE_OFFSET)) + size);
}

/** Start of the window that ends at `end`. */
export function startOf(pipe: usize, end: i64): i64 {
  const kind = u32At(pipe + PIPE_WINDOW);
  if (kind == WINDOW_RUNNING) return BEFORE_ALL;
  const panes = panesOf(pipe);
  if (panes != 0) {
    if (kind == WINDOW_CUMULATE) return paneStart(sizePanesOf(pipe), paneOf(sizePanesOf(pipe), end - 1));
    return paneStart(panes, paneOf(panes, end) - panesOfWindow(pipe));
  }
  const size = i64At(pipe + PIPE_SIZE);
  if (kind != WINDOW_CUMULATE) return end - size;
  return floorTo(end - 1, size, i64At(pipe + PIPE_OFFSET));
}

/** How many windows that contain t end in (t, until]. */
export function endsUntil(pipe: usize, t: i64, until: i64): i64 {
  const first = nextEnd(pipe, t, t);
  if (first == NONE || first > until) return 0;
  return endsBetween(pipe, first, min(until, lastEnd(pipe, t))) + 1;
}

/** How many windows end in (from, until], where `from` is an end. */
export function endsBetween(pipe: usize, from: i64, until: i64): i64 {
  const panes = panesOf(pipe);
  if (panes != 0) return paneOf(panes, until) - paneOf(panes, from);
  return (until - from) / i64At(pipe + PIPE_SLIDE);
}

/** Smallest end > after of any window, whatever it holds. */
export function rasterEnd(pipe: usize, after: i64): i64 {
  if (u32At(pipe + PIPE_WINDOW) == WINDOW_RUNNING) return RUNNING_END;
  const panes = panesOf(pipe);
  if (panes != 0) return paneStart(panes, paneOf(panes, after) + 1);
  return lastRasterEnd(pipe, after) + i64At(pipe + PIPE_SLIDE);
}

/** Largest end ≤ until of any window. */
export function lastRasterEnd(pipe: usize, until: i64): i64 {
  if (u32At(pipe + PIPE_WINDOW) == WINDOW_RUNNING) return BEFORE_ALL;
  const panes = panesOf(pipe);
  if (panes != 0) return paneStart(panes, paneOf(panes, until));
  const slide = i64At(pipe + PIPE_SLIDE);
  const offset = i64At(pipe + PIPE_OFFSET);
  const hop = u32At(pipe + PIPE_WINDOW) == WINDOW_HOP;
  return floorTo(until, slide, hop ? (offset + i64At(pipe + PIPE_SIZE)) % slide : offset);
}
