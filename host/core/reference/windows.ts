// Which windows an instant belongs to: listed one by one from their definition, in BigInt.
// Imports core types.
import type { RasterPlan, RunningPlan } from "../plan/plan.ts";

export interface Bounds {
  start: bigint;
  end: bigint;
}

/** The one window of a running aggregate: beyond all accepted times. */
const RUNNING: Bounds = { start: -(2n ** 63n), end: 2n ** 64n };

/** Largest multiple of `period` plus `offset` that is ≤ t. */
export function floorTo(t: bigint, period: bigint, offset: bigint): bigint {
  const rest = (t - offset) % period;
  return t - (rest < 0n ? rest + period : rest);
}

/** The windows that contain t, by end. */
export function windowsOf(window: RasterPlan | RunningPlan, t: bigint): Bounds[] {
  if (window.kind === "tumble") {
    const start = floorTo(t, window.sizeNs, window.offsetNs);
    return [{ start, end: start + window.sizeNs }];
  }
  if (window.kind === "running") return [RUNNING];
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

/** The window of the smallest end behind `after`, whatever it holds. */
export function nextRasterEnd(window: RasterPlan, after: bigint): Bounds {
  const step =
    window.kind === "tumble" ? window.sizeNs : window.kind === "hop" ? window.slideNs : window.stepNs;
  const ends = window.kind === "hop" ? window.offsetNs + window.sizeNs : window.offsetNs;
  const end = floorTo(after, step, ends) + step;
  if (window.kind === "cumulate") return { start: floorTo(end - 1n, window.sizeNs, window.offsetNs), end };
  return { start: end - window.sizeNs, end };
}
