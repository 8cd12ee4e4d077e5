// What becomes of a record that is taken: each pipeline's windows that take it, or that it has missed, and results without a
// window. Imports core types, windows, partials.
import type { LateRecord, Result } from "../../engine.ts";
import type { Plan, RasterPlan, RunningPlan } from "../../plan/plan.ts";
import { fitting } from "../partials/merged.ts";
import type { Bounds } from "../windows.ts";
import { order, windowsOf } from "../windows.ts";
import type { Accepted, Key, Missed, PipelineState } from "./pipeline.ts";

/** Adds a record to the windows of all pipelines that take it, and counts it; returns the lines of windows it missed. */
export function addToWindows(
  { source }: Plan,
  pipelines: PipelineState[],
  record: Accepted,
  keys: Map<string, Key>,
  dropClock: (key: Key) => bigint | null,
): LateRecord[] {
  const late: Missed[] = [];
  pipelines.forEach((pipeline, index) => {
    const { plan, counters } = pipeline;
    const kept = pipeline.where === null || record.computed[pipeline.where] === true;
    if (plan.window === null) {
      if (kept) counters.counted++;
      else counters.filtered++;
      return;
    }
    const key = keys.get(plan.keys.join())!;
    const watermark = dropClock(key);
    let windows: Bounds[] = [];
    let closed: Bounds[] = [];
    let missed: Bounds[] = [];
    if (kept && pipeline.own !== null) {
      const admission = pipeline.own.add(key, record, watermark);
      if ("window" in admission) closed = [admission.window];
      if (admission.kind === "missed") missed = closed;
      if (admission.kind !== "between") windows = [{ start: record.time, end: record.time }];
    } else if (kept) {
      windows = windowsOf(plan.window as RasterPlan | RunningPlan, record.time);
      closed = windows.filter((window) => watermark !== null && watermark >= window.end);
      missed = closed.filter((window) => watermark! >= window.end + plan.allowNs);
      for (const window of windows.slice(missed.length)) pipeline.emissions.add(window, key, record);
    }
    if (windows.length === 0) {
      counters.filtered++;
      return;
    }
    counters.lateWindows += missed.length;
    counters.lateUpdates += closed.length - missed.length;
    if (closed.length > 0) pipeline.late.set(key, (pipeline.late.get(key) ?? 0) + 1);
    if (missed.length === windows.length) counters.lateRecords++;
    else counters.counted++;
    if (plan.late === "side")
      for (const window of missed) late.push({ pipeline: index, window, byNs: watermark! - window.end });
  });
  late.sort((a, b) => order(a.window, b.window) || a.pipeline - b.pipeline);
  return late.map(({ pipeline, window, byNs }) => ({
    kind: "late",
    pipeline,
    windowStart: window.start,
    windowEnd: window.end,
    byNs,
    values: fitting(record.columns, source.columns),
  }));
}

/** Its results of the pipelines that have no window. */
export function plainResults(pipelines: PipelineState[], record: Accepted): Result[] {
  return pipelines.flatMap((pipeline, index): Result[] => {
    if (pipeline.plan.window !== null) return [];
    if (pipeline.where !== null && record.computed[pipeline.where] !== true) return [];
    pipeline.counters.results++;
    const ordinal = pipeline.counters.results;
    return [
      {
        kind: "result",
        pipeline: index,
        revision: 1,
        cause: "record",
        windowStart: record.time,
        windowEnd: record.time,
        idStart: record.time,
        count: 1,
        lateCount: 0,
        ordinal,
        inexact: false,
        values: fitting(
          pipeline.outputs.map((output) => record.computed[output]!),
          pipeline.plan.outputs.map(({ expression }) => expression),
        ),
      },
    ];
  });
}
