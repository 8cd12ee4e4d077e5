// Whether a plan fits the kernel's fixed tables (limits of assembly/layout/), and what keys and slices
// cost. A definition is checked with it before anything starts, so the kernel never meets a plan too large
// for its tables. Portable: imports core types and the layout.
import * as L from "../layout.ts";
import { stagesOf } from "./chain.ts";
import type { Expression, Limits, Plan } from "./plan.ts";
import { expressionKey, inputExpressions, makesText, partsOf, windowsOfARecord } from "./plan.ts";
import { arrayBytes } from "./bytes/aggregate-forms.ts";
import { sliceGroups } from "./slice-groups.ts";

/** Buckets of one sketch, at most. */
export const QUANTILE_BUCKETS_MAX = L.QUANTILE_BUCKETS_MAX;
/** Bytes of a key besides its slices and cells: entry in a slice group, clock, share of the hash table. */
export const KEY_BYTES = 16 + 8 + 8;
const EVICTION_KEY_BYTES = 8 + 8 + 8;
/** Bytes of a key of sessions besides: its last closed instant, its node and place in the heap. */
export const SESSION_KEY_BYTES = 8 + 24 + 4;
/** Bytes of a key of OVER besides: its window, its node and place in the heap. */
export const OVER_KEY_BYTES = 88 + 24 + 4;
/** Bytes of a key of windows of rows besides: its numbers, its node and place in the heap. */
export const ROWS_KEY_BYTES = 48 + 24 + 4;
/** Bytes of a key of RESAMPLE besides: its next instant, and how many came since the last record. */
export const INSTANTS_KEY_BYTES = 16;
/** Bytes of a value with `carry` that is kept for each key: the latest one, its time and number. */
export const HELD_VALUE_BYTES = 24;
/** Bytes of a key's cells; where keys make room for others, of its last record and its first-seen place besides. */
export const keyCellBytes = ({ source, limits }: Plan, keys: number[]): number =>
  keys.reduce((sum, key) => sum + (source.columns[key]!.type === "bigint" ? 8 : 4), 0) +
  (limits.keysPolicy === "evict-idle" ? EVICTION_KEY_BYTES : 0);
/** Bytes of a record that waits to be put in order, besides its cells: its time, numbers and neighbours. */
export const HELD_BYTES = 40 + 4;
/** Bytes of a stream besides its key and its cells: when it ended, share of the hash table. */
export const STREAM_BYTES = 4 + 8;

/** What each expression that makes texts may add to the dictionary. */
export function textShare({ dictionaryBytes }: Limits): { bytes: number; entries: number } {
  const bytes = Math.floor(dictionaryBytes / 16);
  return { bytes, entries: Math.max(64, Math.floor(bytes / 64)) };
}

/** How many different expressions of a plan make texts. */
export function textExpressions({ pipelines }: Plan): number {
  const made = (expressions: Expression[]): Set<string> =>
    new Set(
      expressions.flatMap((expression) => [
        ...made(partsOf(expression)),
        ...(makesText(expression) ? [expressionKey(expression)] : []),
      ]),
    );
  const overResults = pipelines
    .filter(({ window }) => window !== null)
    .map(({ having, outputs }) => [
      ...(having === null ? [] : [having]),
      ...outputs.map(({ expression }) => expression),
    ]);
  return [pipelines.flatMap(inputExpressions), ...overResults].reduce(
    (sum, list) => sum + made(list).size,
    0,
  );
}

/** Different values that COUNT(DISTINCT), MODE and TOP_K keep of a group, and values that ARRAY_AGG keeps. */
export const VALUES_MAX = L.VALUES_MAX;
export const SERIES_MAX = L.SERIES_MAX;
/** Values that INCREASE, RATE, TIME_WEIGHTED_AVG and TIME_IN keep of a group. */
export const ORDERED_MAX = L.ORDERED_MAX;

export interface PlanFault {
  /** Index of the pipeline, or null when it is the source. */
  pipeline: number | null;
  message: string;
  hint?: string;
}

/** Windows in which one record may lie: as many results come out at once when a key's last record is flushed. */
const WINDOWS_OF_A_RECORD_MAX = 100_000n;

/** Pipelines that cannot work however few their keys are. */
function endlessFaults(plan: Plan): PlanFault[] {
  const overlapping = plan.pipelines.flatMap((pipeline, index) => {
    const windows = windowsOfARecord(pipeline.window);
    if (windows <= WINDOWS_OF_A_RECORD_MAX) return [];
    const message = `a record lies in ${windows} windows of pipeline "${pipeline.name}", at most ${WINDOWS_OF_A_RECORD_MAX} fit`;
    return [{ pipeline: index, message, hint: "a longer slide or step" }];
  });
  const reaching = stagesOf(plan).flatMap(({ plan: stage, places }) =>
    sliceGroups(stage).flatMap(({ own, sliceBytes, pipelines }) => {
      if (own?.kind !== "over" || own.rangeNs !== null) return [];
      const bytes = (own.rows + 1) * sliceBytes;
      if (bytes <= plan.limits.memoryBytes) return [];
      const index = places[pipelines[0]!]!;
      const message = `the reach of pipeline "${plan.pipelines[index]!.name}" takes ${bytes} bytes a key, more than limits.memory has`;
      return [{ pipeline: index, message, hint: "fewer ROWS, or more memory" }];
    }),
  );
  return [...overlapping, ...reaching];
}

/** Nodes of the tree of a context message, its root included; 0 without context. */
function nodesOf(cells: { path: string[] }[]): number {
  const nodes = new Set(
    cells.flatMap(({ path }) => path.map((_, index) => JSON.stringify(path.slice(0, index + 1)))),
  );
  return cells.length === 0 ? 0 : nodes.size + 1;
}

/** Every limit of the kernel that the plan breaks; empty when it fits. */
export function planFaults(plan: Plan): PlanFault[] {
  const faults: PlanFault[] = [];
  for (const { pipeline, source } of plan.chained ?? []) {
    if (source.columns.length <= L.COLUMNS_MAX) continue;
    const message = `pipeline "${source.name}" has ${source.columns.length} columns to be read, at most ${L.COLUMNS_MAX} fit`;
    faults.push({ pipeline, message });
  }
  const { columns, name } = plan.source;
  const paths = columns.flatMap(({ path, otherPaths }) => [path, ...(otherPaths ?? [])]);
  const cells = plan.source.context?.cells ?? [];
  const steps =
    paths.reduce((sum, path) => sum + path.length, plan.source.batch?.epoch?.length ?? 0) + nodesOf(cells);
  if (columns.length > L.COLUMNS_MAX) {
    const message = `source "${name}" has ${columns.length} columns, at most ${L.COLUMNS_MAX} fit`;
    faults.push({ pipeline: null, message });
  } else if (steps > L.PATH_STEPS_MAX) {
    const message = `source "${name}" has names of ${steps} parts in all, at most ${L.PATH_STEPS_MAX} fit`;
    faults.push({ pipeline: null, message });
  }
  if (cells.length > L.CONTEXT_CELLS_MAX) {
    const message = `source "${name}" keeps ${cells.length} parts of a stream's context, at most ${L.CONTEXT_CELLS_MAX} fit`;
    faults.push({ pipeline: null, message });
  }
  for (const { plan: stage, chained } of stagesOf(plan)) {
    const texts = textExpressions(stage);
    if (texts <= L.TEXT_OPS_MAX) continue;
    const what = chained === null ? `source "${name}"` : `what reads pipeline "${chained.source.name}"`;
    const message = `${what} has ${texts} expressions that make texts, at most ${L.TEXT_OPS_MAX} fit`;
    faults.push({ pipeline: chained === null ? null : chained.pipeline, message });
  }
  plan.pipelines.forEach((pipeline, index) => {
    const bytes = arrayBytes(pipeline);
    if (bytes > L.PARTIALS_BYTES_MAX) {
      const message = `the partials and arrays of pipeline "${pipeline.name}" may have ${bytes} bytes a result, at most ${L.PARTIALS_BYTES_MAX} fit`;
      faults.push({ pipeline: index, message });
    }
    for (const [count, what] of [
      [pipeline.outputs.length, "columns"],
      [pipeline.aggregates.length, "aggregates"],
    ] as const) {
      if (count <= L.OUTPUTS_MAX) continue;
      const message = `pipeline "${pipeline.name}" has ${count} ${what}, at most ${L.OUTPUTS_MAX} fit`;
      faults.push({ pipeline: index, message });
    }
  });
  return faults.length > 0 ? faults : endlessFaults(plan);
}
