// Pipelines that read the results of others: what their FROM leads to, the columns and the time that they see, whose
// clocks are the same and so share an engine. Portable: imports core types, the checked SQL.
import type { ChainedSource, PartialPlan, PipelinePlan, Plan, Type } from "../core/plan/plan.ts";
import { isArray, partialOf } from "../core/plan/plan.ts";
import { sourceOf } from "../core/plan/chain.ts";
import type { ReaderClocks } from "./file/clocks.ts";
import type { Report } from "./sql/report.ts";
import { Scope } from "./sql/check/scope.ts";
import { quoteName } from "./sql/syntax/names.ts";
import type { Statement } from "./sql/syntax/tree.ts";
import type { Section } from "./yaml/section.ts";

interface Reading {
  draft: { name: string; clocks: ReaderClocks };
  statement: Statement | null;
  report: Report;
}

/** The bounds of a result's window, and its time. */
const WINDOW_COLUMNS = 3;

/** Results of a pipeline as something to read. */
export interface Readable {
  scope: Scope;
  /** For each column of the scope the pipeline's output that it is; null is the result's time. */
  outputs: (number | null)[];
}

/** What one group of readers reads, before every pipeline has its place. */
export interface Chained extends Readable {
  upstream: string;
  clocks: ReaderClocks;
}

/** Reports pipelines that read themselves in the end; returns what leads from a pipeline to its source, or to "". */
export function reportCircles(all: Reading[], sources: string[]): (pipeline: string) => string {
  const pipelines = all.filter(({ draft }) => !sources.includes(draft.name));
  const next = new Map(pipelines.map(({ draft, statement }) => [draft.name, statement?.source.name ?? ""]));
  const wayOf = (pipeline: string): string[] => {
    const way = [pipeline];
    for (let at = next.get(pipeline); at !== undefined && !way.includes(at); at = next.get(at)) way.push(at);
    return way;
  };
  const told = new Set<string>();
  for (const { draft, statement, report } of pipelines) {
    const way = wayOf(draft.name);
    if (next.get(way.at(-1)!) !== draft.name || told.has(draft.name)) continue;
    for (const name of way) told.add(name);
    const circle = [...way, draft.name].join(" reads ");
    report("MR218", statement!.source.span, `a pipeline that reads itself: ${circle}`, "read a source");
  }
  return (pipeline) => {
    const last = wayOf(pipeline).at(-1)!;
    return sources.includes(last) ? last : "";
  };
}

/** The name by which readers know the time of a statement's results, and whether one of its columns is that time. */
export function timeOfResults(statement: Statement, sourceTime: string): { name: string; shown: boolean } {
  const time = statement.window === null ? sourceTime : "window_time";
  if (statement.items === null) return { name: time, shown: true };
  const table = statement.alias ?? statement.source.name;
  for (const { expression, alias } of statement.items) {
    if (expression.kind !== "name") continue;
    const { parts } = expression;
    const qualified = parts[0] === table && parts.slice(1).join(".") === time;
    if (qualified || parts.join(".") === time) return { name: alias?.name ?? parts.at(-1)!, shown: true };
  }
  return { name: time, shown: false };
}

/** Results of a pipeline as something to read, or why they cannot be. */
export function readableOf(
  name: string,
  statement: Statement,
  { outputs, window, aggregates, keys }: PipelinePlan,
  upstream: Scope,
): Readable | { message: string; hint: string } {
  if (window?.kind === "running") {
    const message = `"${name}" has no window: what it counts never ends, so its readers would wait for ever`;
    return { message, hint: "read a pipeline with a window" };
  }
  const time = timeOfResults(statement, upstream.timeName);
  const readable = outputs.flatMap(({ name: column, expression: { type }, hidden }, output) =>
    hidden || isArray(type) ? [] : [{ column, type, output }],
  );
  if (!time.shown && outputs.some((output) => !output.hidden && output.name === time.name)) {
    const message = `"${name}" has a column "${time.name}" that is not the time of its results`;
    return {
      message,
      hint: `give it another name in "${name}", or select ${time.name} AS something else there`,
    };
  }
  const fields = new Map<string, Type>(readable.map(({ column, type }) => [column, type]));
  const arrays = outputs.filter(({ expression }) => isArray(expression.type)).map((output) => output.name);
  const partials = new Map<string, PartialPlan>();
  for (const { name: column, expression } of outputs) {
    if (expression.type !== "partial" || expression.kind !== "column") continue;
    const { column: place } = expression;
    const aggregate = aggregates[place - keys.length - WINDOW_COLUMNS];
    partials.set(column, window === null ? upstream.columns[place]!.partial! : partialOf(aggregate!));
  }
  const options = { arrays, partials, pipeline: true };
  const scope = new Scope(name, [], { name: time.name, path: [time.name] }, fields, options);
  const places = scope.columns.map((column) =>
    column.from === "time" ? null : readable.find((one) => one.column === column.name)!.output,
  );
  return { scope, outputs: places };
}

/** Readers of one pipeline by their clocks: those with the same ones share an engine. */
export function byClocks<R extends Reading>(readers: R[]): R[][] {
  const groups = new Map<string, R[]>();
  for (const reader of readers) {
    const { delayNs, clock, idleNs } = reader.draft.clocks;
    const name = `${delayNs} ${clock} ${idleNs}`;
    groups.set(name, [...(groups.get(name) ?? []), reader]);
  }
  return [...groups.values()];
}

export function chainedSource(
  { scope, outputs, clocks, upstream }: Chained,
  pipeline: number,
): ChainedSource {
  const columns = scope.plan();
  return {
    pipeline,
    outputs,
    source: {
      name: upstream,
      framing: "rows",
      format: "row",
      topic: [],
      time: { kind: "field", column: columns.findIndex(({ from }) => from === "time"), unit: "ns" },
      columns: columns.map((column) => ({ ...column, path: [column.name] })),
      nonfinite: "null",
      maxAheadNs: null,
      ...clocks,
    },
  };
}

/**
 * Warns of readers whose records come from several clocks that go at their own pace: with `delay: 0s` the ones behind
 * are late.
 */
export function warnFewerColumns(plan: Plan, drafts: { section: Section }[]): void {
  plan.pipelines.forEach(({ from, keys, window, name }, place) => {
    if (from === undefined || window === null) return;
    const { pipeline: upstream, outputs, source } = plan.chained![from]!;
    const read = plan.pipelines[upstream]!;
    if (source.delayNs > 0n || sourceOf(plan, upstream).clock === "source") return;
    // Columns of the result that are keys of the pipeline that is read.
    const known = source.clock === "source" ? [] : keys;
    const grouped = new Set(known.map((column) => keyOf(read, outputs[column] ?? null)));
    const lacking = read.keys.flatMap((_, key) => (grouped.has(key) ? [] : [nameOfKey(plan, upstream, key)]));
    if (lacking.length === 0) return;
    const { section } = drafts[place]!;
    section.warn(
      "MR124",
      section.place,
      `"${name}" puts together what "${read.name}" has for each ${lacking.join(", ")}: results of those that are behind are late`,
      "give it a delay: how far they may be behind one another, as in delay: 10s",
    );
  });
}

/** Which key of the pipeline an output is; null for none. */
function keyOf({ outputs, keys, window }: PipelinePlan, output: number | null): number | null {
  const expression = output === null ? undefined : outputs[output]!.expression;
  if (expression?.kind !== "column" || window === null) return null;
  return expression.column < keys.length ? expression.column : null;
}

function nameOfKey(plan: Plan, pipeline: number, key: number): string {
  const column = plan.pipelines[pipeline]!.keys[key]!;
  return quoteName(sourceOf(plan, pipeline).columns[column]!.name);
}

/** Warns of readers that merge partials of windows which overlap: each record is in several of them. */
export function warnOverlap(plan: Plan, drafts: { section: Section }[]): void {
  plan.pipelines.forEach(({ from, aggregates, name }, place) => {
    if (from === undefined || aggregates.every(({ merges }) => merges === undefined)) return;
    const read = plan.pipelines[plan.chained![from]!.pipeline]!;
    if (!overlaps(read.window)) return;
    const { section } = drafts[place]!;
    const message = `"${name}" merges partials of windows of "${read.name}" that overlap: a record counts several times`;
    section.warn("MR125", section.place, message, "merge windows that do not overlap, as those of TUMBLE");
  });
}

function overlaps(window: PipelinePlan["window"]): boolean {
  if (window?.kind === "hop") return window.slideNs < window.sizeNs;
  if (window?.kind === "rows") return window.slide < window.size;
  return window?.kind === "cumulate" && window.stepNs < window.sizeNs;
}
