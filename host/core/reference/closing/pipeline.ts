// What the reference knows of each pipeline: where its expressions stand, its windows, its counts; and the aggregates
// of a window, from its list of records. Imports core types, aggregates, windows.
import type { PipelineCounters, Scalar, Value } from "../../engine.ts";
import type { Expression, Limits, PipelinePlan, SourcePlan } from "../../plan/plan.ts";
import { allowanceNs, hasMoments, isRaster, showsRows } from "../../plan/plan.ts";
import { aggregate } from "../aggregates/aggregate.ts";
import { ofPartials } from "../partials/merged.ts";
import { Evaluator } from "../expression.ts";
import { OverRows } from "../own/over.ts";
import { ResampledRows } from "../own/resampled.ts";
import type { OwnWindows } from "../own/own-windows.ts";
import { RowWindows } from "../own/row-windows.ts";
import { Sessions } from "../own/sessions.ts";
import type { Bounds } from "../windows.ts";
import type { Clock } from "./clocks.ts";
import { Moments } from "./clocks.ts";
import type { OpenWindow } from "./emission.ts";
import { Emissions } from "./emission.ts";

/** A record that was accepted: its time, its place in the order, its columns and its expressions' values. */
export interface Accepted {
  time: bigint;
  arrival: number;
  columns: Value[];
  computed: Value[];
}

/** A key of one list of GROUP BY columns. */
export interface Key {
  /** First-seen order. */
  order: number;
  values: Value[];
  clock: Clock;
  /** Arrival number of its last record. */
  last: number;
}

/** A record's window that had closed before it came. */
export interface Missed {
  pipeline: number;
  window: Bounds;
  byNs: bigint;
}

export interface PipelineState {
  plan: PipelinePlan;
  limits: Limits;
  /** Where the pipeline's WHERE and arguments stand among the computed expressions. */
  where: number | null;
  outputs: number[];
  arguments: (number | null)[];
  seconds: (number | null)[];
  emissions: Emissions<Key, Accepted>;
  moments: Moments;
  /** With `empty: previous`, of each key: what its newest closed window with records was. */
  carried: Map<Key, { end: bigint; inexact: boolean; aggregates: Value[] }>;
  /** Instead of those: the pipeline's sessions or rows. */
  own: OwnWindows<Key, Accepted> | null;
  /** Late records of a key since its last result. */
  late: Map<Key, number>;
  results: Evaluator;
  counters: Omit<PipelineCounters, "emptySkipped">;
}

/** The state of a pipeline before its first record; its expressions over records join `expressions`. */
export function newPipeline(
  plan: PipelinePlan,
  index: number,
  source: SourcePlan,
  expressions: Expression[],
  limits: Limits,
): PipelineState {
  const place = (expression: Expression): number => expressions.push(expression) - 1;
  const placeIf = (expression: Expression | null | undefined): number | null =>
    expression ? place(expression) : null;
  const windowed = plan.window !== null;
  const where = placeIf(plan.where);
  const outputs = windowed ? [] : plan.outputs.map((output) => place(output.expression));
  const places = plan.aggregates.map((aggregate) => placeIf(aggregate.argument));
  const carried = plan.aggregates.flatMap(({ carry }, index) =>
    carry === true ? [(record: Accepted) => record.computed[places[index]!]!] : [],
  );
  return {
    plan,
    limits,
    where,
    outputs,
    arguments: places,
    seconds: plan.aggregates.map((aggregate) => placeIf(aggregate.second)),
    emissions: new Emissions(plan, index, carried),
    moments: new Moments(plan.emit.kind !== "final" && hasMoments(plan) ? plan.emit.everyNs : null),
    carried: new Map(),
    own: ownWindows(plan, index, source),
    late: new Map(),
    results: new Evaluator(
      windowed
        ? [...(plan.having === null ? [] : [plan.having]), ...plan.outputs.map((output) => output.expression)]
        : [],
      limits,
    ),
    counters: { counted: 0, filtered: 0, lateRecords: 0, lateWindows: 0, lateUpdates: 0, results: 0 },
  };
}

function ownWindows(plan: PipelinePlan, index: number, source: SourcePlan): OwnWindows<Key, Accepted> | null {
  const { window } = plan;
  const complete = plan.emit.kind === "complete";
  if (window?.kind === "session") return new Sessions(index, window, allowanceNs(plan), complete);
  if (window?.kind === "rows") return new RowWindows(index, window.slide, window.size, complete);
  if (window?.kind !== "over") return null;
  return window.resample === undefined
    ? new OverRows(index, window, showsRows(source, plan))
    : new ResampledRows(index, window, window.resample, source.time.column);
}

/** Windows without records have the values of the one before. */
export const carriesOn = ({ empty, window }: PipelinePlan): boolean =>
  empty === "previous" && isRaster(window);

/** The aggregates of a window, and how many of them were not finite. */
export function aggregatesOf(
  pipeline: PipelineState,
  window: OpenWindow<Key, Accepted>,
  bounds: Bounds,
): { aggregates: Value[]; inexact: boolean; nonfinite: number } {
  const carried = pipeline.carried.get(window.key);
  if (carriesOn(pipeline.plan) && window.records.length === 0) return { ...carried!, nonfinite: 0 };
  let inexact = false;
  let nonfinite = 0;
  const held = window.held?.() ?? [];
  const aggregates = pipeline.plan.aggregates.map((aggregatePlan, index) => {
    const valueAt = (record: Accepted, place: number | null): Scalar =>
      place === null ? null : (record.computed[place] as Scalar);
    const samples = window.records.map((record) => ({
      timeNs: record.time,
      arrival: record.arrival,
      value: valueAt(record, pipeline.arguments[index]!),
      second: valueAt(record, pipeline.seconds[index]!),
    }));
    const hasPartials = aggregatePlan.merges !== undefined || aggregatePlan.partial === true;
    const before = aggregatePlan.carry === true ? held.shift() : null;
    const found = hasPartials
      ? ofPartials(aggregatePlan, samples, bounds)
      : aggregate(
          aggregatePlan,
          samples,
          bounds,
          before ? valueAt(before, pipeline.arguments[index]!) : null,
          pipeline.limits.values,
        );
    if (found.nonfinite) nonfinite++;
    inexact ||= found.inexact;
    return found.value;
  });
  return { aggregates, inexact, nonfinite };
}
