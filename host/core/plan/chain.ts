// A plan with chained pipelines as stages: each is a plan for one engine, the first reads the source, every other one
// results of a pipeline of an earlier one. A window that silence closes comes out before its drop clock ends it, but
// goes to readers only then: so a pipeline that has readers and may be idle gets a twin in its stage, with the same
// windows over the same slices, that neither silence nor late records touch and whose results are for the readers alone.
// Portable: imports core types.
import type { Counters, Result, SourceCounters } from "../engine.ts";
import type { ChainedSource, PipelinePlan, Plan, SourcePlan } from "./plan.ts";
import { carries, closesBySilence, endsWithin, isRaster } from "./plan.ts";

export interface Stage {
  /** What one engine runs: it has no chained sources. */
  plan: Plan;
  /** For each of its pipelines the place in the whole plan; of a twin that of its pipeline. */
  places: number[];
  /** What it reads; null is the plan's source. */
  chained: ChainedSource | null;
  /** For each of its pipelines the stages that get its results: none where a twin hands them over. */
  readers: number[][];
}

/** The stages of a plan: the source's, then one for each chained source, in their order. */
export function stagesOf(plan: Plan): Stage[] {
  const chained = plan.chained ?? [];
  return [null, ...chained].map((from, index) => {
    const source = from?.source ?? plan.source;
    const own = plan.pipelines.flatMap((pipeline, place) =>
      (pipeline.from ?? -1) === index - 1 ? withTwin(pipeline, place, readersOf(chained, place), source) : [],
    );
    return {
      plan: { source, pipelines: own.map(({ pipeline }) => pipeline), limits: plan.limits },
      places: own.map(({ place }) => place),
      chained: from,
      readers: own.map(({ readers }) => readers),
    };
  });
}

const readersOf = (chained: ChainedSource[], place: number): number[] =>
  chained.flatMap(({ pipeline }, index) => (pipeline === place ? [index + 1] : []));

interface Placed {
  pipeline: PipelinePlan;
  place: number;
  readers: number[];
}

function withTwin(pipeline: PipelinePlan, place: number, readers: number[], source: SourcePlan): Placed[] {
  const { window, late, empty } = pipeline;
  // Behind late records a session may close again, empty windows come out before those that were a key's first, and
  // other values hold when windows begin.
  const ofRaster = isRaster(window) && (empty !== "skip" || carries(pipeline));
  const byLate = late === "update" && (window?.kind === "session" || ofRaster);
  if (readers.length === 0 || !(closesBySilence(source, pipeline) || byLate))
    return [{ pipeline, place, readers }];
  return [
    { pipeline, place, readers: [] },
    { pipeline: twinOf(pipeline), place, readers },
  ];
}

/** The pipeline whose results are those that the drop clock alone would bring out, each once. */
export function twinOf(pipeline: PipelinePlan): PipelinePlan {
  return { ...pipeline, late: "drop", allowNs: 0n, emit: { kind: "final" }, handsOver: true };
}

/** What a pipeline reads. */
export function sourceOf(plan: Plan, pipeline: number): SourcePlan {
  const { from } = plan.pipelines[pipeline]!;
  return from === undefined ? plan.source : plan.chained![from]!.source;
}

/** What became of the results that a chained source handed over, with the names of who reads what. */
export interface HandedOver extends SourceCounters {
  name: string;
  readers: string[];
}

/** The time of a pipeline's result for its readers: the last instant of its window; without one that of its record. */
export function timeOfResult({ window }: PipelinePlan, { windowEnd }: Result): bigint {
  return endsWithin(window) ? windowEnd : windowEnd - 1n;
}

/** The counters of every chained source of a plan, by name. */
export function handedOver({ chained, pipelines }: Plan, counters: Counters): HandedOver[] {
  return (chained ?? []).map(({ source }, place) => ({
    name: source.name,
    readers: pipelines.filter(({ from }) => from === place).map(({ name }) => name),
    ...counters.chained[place]!,
  }));
}

/** The counters of what a pipeline reads. */
export function countersOfSource(plan: Plan, counters: Counters, pipeline: number): SourceCounters {
  const { from } = plan.pipelines[pipeline]!;
  return from === undefined ? counters : counters.chained[from]!;
}

/** A plan of one pipeline and of those that it reads; `place` is where it stands in that. */
export function planOfPipeline(plan: Plan, pipeline: number): { plan: Plan; place: number } {
  const kept = new Set<number>();
  const sources = new Set<number>();
  for (let at: number | null = pipeline; at !== null;) {
    kept.add(at);
    const { from }: PipelinePlan = plan.pipelines[at]!;
    if (from !== undefined) sources.add(from);
    at = from === undefined ? null : plan.chained![from]!.pipeline;
  }
  const places = [...kept].sort((a, b) => a - b);
  const froms = [...sources].sort((a, b) => a - b);
  const pipelines = places.map((at): PipelinePlan => {
    const { from, ...rest } = plan.pipelines[at]!;
    return from === undefined ? rest : { ...rest, from: froms.indexOf(from) };
  });
  const chained = froms.map((at) => ({
    ...plan.chained![at]!,
    pipeline: places.indexOf(plan.chained![at]!.pipeline),
  }));
  const { chained: _, ...rest } = plan;
  const whole = { ...rest, pipelines, ...(chained.length === 0 ? {} : { chained }) };
  return { plan: whole, place: places.indexOf(pipeline) };
}
