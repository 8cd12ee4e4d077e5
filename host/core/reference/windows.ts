// Which windows an instant belongs to: listed one by one from their definition, in BigInt.
// Imports core types, wall clocks.
import type { RasterPlan, RunningPlan } from "../plan/plan.ts";
import { WallClock, floorTo } from "./wall-clock.ts";

export interface Bounds {
  start: bigint;
  end: bigint;
}

/** The one window of a running aggregate: beyond all accepted times. */
const RUNNING: Bounds = { start: -(2n ** 63n), end: 2n ** 64n };

/** The windows that contain t, by end. */
export function windowsOf(window: RasterPlan | RunningPlan, t: bigint): Bounds[] {
  if (window.kind === "running") return [RUNNING];
  if (window.zone !== undefined) return windowsInZone(window, new WallClock(window.zone), t);
  if (window.kind === "tumble") {
    const start = floorTo(t, window.sizeNs, window.offsetNs);
    return [{ start, end: start + window.sizeNs }];
  }
  const windows: Bounds[] = [];
  if (window.kind === "cumulate") {
    const start = floorTo(t, window.sizeNs, window.offsetNs);
    for (let end = start + window.stepNs; end <= start + window.sizeNs; end += window.stepNs) {
      if (t < end) windows.push({ start, end });
    }
    return windows;
  }
  let start = floorTo(t, window.slideNs, window.offsetNs);
  for (; start + window.sizeNs > t; start -= window.slideNs)
    windows.unshift({ start, end: start + window.sizeNs });
  return windows;
}

function stepOf(window: RasterPlan): bigint {
  if (window.kind === "tumble") return window.sizeNs;
  return window.kind === "hop" ? window.slideNs : window.stepNs;
}

/** The windows of a zone that contain t, by end: pane by pane from one edge of its wall clock to the next. */
function windowsInZone(window: RasterPlan, clock: WallClock, t: bigint): Bounds[] {
  const { sizeNs, offsetNs } = window;
  const step = stepOf(window);
  const windows: Bounds[] = [];
  if (window.kind === "cumulate") {
    const start = clock.edgeUpTo(t, sizeNs, offsetNs);
    const last = clock.edgeBehind(t, sizeNs, offsetNs);
    for (let end = t; end < last; windows.push({ start, end })) end = clock.edgeBehind(end, step, offsetNs);
    return windows;
  }
  let start = clock.edgeUpTo(t, step, offsetNs);
  for (let panes = sizeNs / step; panes > 0n; panes--) {
    windows.unshift({ start, end: panesBehind(clock, start, step, window) });
    start = clock.edgeUpTo(start - 1n, step, offsetNs);
  }
  return windows;
}

/** Where a window that begins at `start` ends. */
function panesBehind(
  clock: WallClock,
  start: bigint,
  step: bigint,
  { sizeNs, offsetNs }: RasterPlan,
): bigint {
  let end = start;
  for (let panes = sizeNs / step; panes > 0n; panes--) end = clock.edgeBehind(end, step, offsetNs);
  return end;
}

function nextInZone(window: RasterPlan, clock: WallClock, after: bigint): Bounds {
  const { sizeNs, offsetNs } = window;
  const step = stepOf(window);
  const end = clock.edgeBehind(after, step, offsetNs);
  if (window.kind === "cumulate") return { start: clock.edgeUpTo(end - 1n, sizeNs, offsetNs), end };
  let start = end;
  for (let panes = sizeNs / step; panes > 0n; panes--) start = clock.edgeUpTo(start - 1n, step, offsetNs);
  return { start, end };
}

/** The window of the smallest end behind `after`, whatever it holds. */
export function nextRasterEnd(window: RasterPlan, after: bigint): Bounds {
  if (window.zone !== undefined) return nextInZone(window, new WallClock(window.zone), after);
  const step = stepOf(window);
  const ends = window.kind === "hop" ? window.offsetNs + window.sizeNs : window.offsetNs;
  const end = floorTo(after, step, ends) + step;
  if (window.kind === "cumulate") return { start: floorTo(end - 1n, window.sizeNs, window.offsetNs), end };
  return { start: end - window.sizeNs, end };
}

/** Where a window stands among others: an instant of RESAMPLE at the record that brings it out. */
export function placed({ start, end, place }: Bounds & { place?: bigint }): Bounds {
  return { start: place ?? start, end: place ?? end };
}

/** By end, then start: as results come out. */
export function order(a: Bounds, b: Bounds): number {
  if (a.end !== b.end) return a.end < b.end ? -1 : 1;
  return a.start < b.start ? -1 : a.start > b.start ? 1 : 0;
}
