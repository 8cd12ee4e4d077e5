// Where windows begin and end: closed forms for TUMBLE, HOP and CUMULATE over signed 64-bit nanoseconds. A running
// aggregate has one window that holds all instants and ends when nothing else is left, at RUNNING_END.
// Everything else about windows (late, which slice, what closes next) is asked here. `pipe` is the address of
// a PIPE_* struct of the plan; NONE says that there is no such window. Imports layout and raw access.
import { PIPE_OFFSET, PIPE_SIZE, PIPE_SLIDE, PIPE_WINDOW, WINDOW_CUMULATE, WINDOW_HOP, WINDOW_RUNNING } from "../layout";
import { i64At, u32At } from "../memory/raw";

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

/** Smallest end > max(after, t) of a window that contains t; NONE if there is none. */
export function nextEnd(pipe: usize, t: i64, after: i64): i64 {
  const kind = u32At(pipe + PIPE_WINDOW);
  if (kind == WINDOW_RUNNING) return after < RUNNING_END ? RUNNING_END : NONE;
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
  const size = i64At(pipe + PIPE_SIZE);
  if (kind != WINDOW_HOP) return floorTo(t, size, i64At(pipe + PIPE_OFFSET)) + size;
  return max(t, floorTo(t, i64At(pipe + PIPE_SLIDE), i64At(pipe + PIPE_OFFSET)) + size);
}

/** Start of the window that ends at `end`. */
export function startOf(pipe: usize, end: i64): i64 {
  const kind = u32At(pipe + PIPE_WINDOW);
  if (kind == WINDOW_RUNNING) return BEFORE_ALL;
  const size = i64At(pipe + PIPE_SIZE);
  if (kind != WINDOW_CUMULATE) return end - size;
  return floorTo(end - 1, size, i64At(pipe + PIPE_OFFSET));
}

/** How many windows that contain t end in (t, until]. */
export function endsUntil(pipe: usize, t: i64, until: i64): i64 {
  const first = nextEnd(pipe, t, t);
  if (first == NONE || first > until) return 0;
  return (min(until, lastEnd(pipe, t)) - first) / i64At(pipe + PIPE_SLIDE) + 1;
}

/** Smallest end > after of any window, whatever it holds. */
export function rasterEnd(pipe: usize, after: i64): i64 {
  if (u32At(pipe + PIPE_WINDOW) == WINDOW_RUNNING) return RUNNING_END;
  return lastRasterEnd(pipe, after) + i64At(pipe + PIPE_SLIDE);
}

/** Largest end ≤ until of any window. */
export function lastRasterEnd(pipe: usize, until: i64): i64 {
  if (u32At(pipe + PIPE_WINDOW) == WINDOW_RUNNING) return BEFORE_ALL;
  const slide = i64At(pipe + PIPE_SLIDE);
  const offset = i64At(pipe + PIPE_OFFSET);
  const hop = u32At(pipe + PIPE_WINDOW) == WINDOW_HOP;
  return floorTo(until, slide, hop ? (offset + i64At(pipe + PIPE_SIZE)) % slide : offset);
}
