// Which windows an instant belongs to: listed one by one from their definition, in BigInt.
// Imports core types.
import type { RasterPlan } from "../plan.ts";

export interface Bounds {
  start: bigint;
  end: bigint;
}

/** Largest multiple of `period` plus `offset` that is ≤ t. */
function floorTo(t: bigint, period: bigint, offset: bigint): bigint {
  const rest = (t - offset) % period;
  return t - (rest < 0n ? rest + period : rest);
}

/** The windows that contain t, by end. */
export function windowsOf(window: RasterPlan, t: bigint): Bounds[] {
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
