// What a definition means, in words: each source with its columns, each pipeline with its window and
// aggregates, the slices that pipelines share, and what a key costs in memory. Portable: imports core, the
// definition.
import { type SliceEdge, type SliceGroup, sliceGroups } from "../core/plan/slice-groups.ts";
import {
  KEY_BYTES,
  INSTANTS_KEY_BYTES,
  HELD_BYTES,
  HELD_VALUE_BYTES,
  keyCellBytes,
  OVER_KEY_BYTES,
  ORDERED_MAX,
  QUANTILE_BUCKETS_MAX,
  SERIES_MAX,
  VALUES_MAX,
  ROWS_KEY_BYTES,
  SESSION_KEY_BYTES,
  STREAM_BYTES,
  textExpressions,
  textShare,
} from "../core/plan/plan-limits.ts";
import { sourceOf, stagesOf } from "../core/plan/chain.ts";
import type {
  AggregatePlan,
  KeysPolicy,
  Limits,
  OverPlan,
  PipelinePlan,
  Plan,
  RowsPlan,
  SessionPlan,
  SourcePlan,
} from "../core/plan/plan.ts";
import { GO_IN_TIME, OTHER_KEY, carries, isRaster, showsRows, windowsOfARecord } from "../core/plan/plan.ts";
import type {
  Definition,
  PipelineDefinition,
  SinkDefinition,
  SourceDefinition,
  Template,
} from "./definition.ts";
import {
  aggregateText,
  columnNames,
  conditionText,
  originText,
  resultColumnNames,
  typeText,
  windowText,
} from "./describe.ts";
import { explainOperators } from "./explain-operators.ts";
import { formatDuration } from "./units.ts";

/** The whole definition as text, for people. */
export function explain(definition: Definition): string {
  const lines: string[] = [];
  for (const source of definition.sources) {
    lines.push(...explainSource(source, definition));
    const plan = source.plan === null ? null : definition.plans[source.plan]!;
    if (plan === null) {
      lines.push("  no pipeline reads it", "");
      continue;
    }
    const own = definition.pipelines.filter((pipeline) => pipeline.source === source.name);
    for (const pipeline of own) lines.push("", ...explainPipeline(pipeline, plan));
    const slices = stagesOf(plan).flatMap(({ plan: stage }) => explainSlices(stage));
    lines.push("", ...(slices.length > 0 ? [...slices, ""] : []));
    const operators = explainOperators(plan);
    if (operators.length > 0) lines.push(...operators, "");
    const texts = explainTexts(plan);
    if (texts.length > 0) lines.push(...texts, "");
  }
  const { keys, keysPolicy, memoryBytes, dictionaryBytes } = definition.limits;
  const chained = definition.plans.some((plan) => plan.chained !== undefined);
  const each = chained ? "each source, and for the readers of each pipeline that is read" : "each source";
  const memory = `${bytesText(memoryBytes)} of memory and ${bytesText(dictionaryBytes)} of texts for ${each}`;
  lines.push(`limits: ${keys} keys of each GROUP BY, ${memory}`, `  beyond   ${BEYOND[keysPolicy]}`);
  return `${lines.join("\n")}\n`;
}

/** What expressions that make texts may add to the dictionary, of each that a plan's pipelines read. */
function explainTexts(plan: Plan): string[] {
  const { bytes, entries } = textShare(plan.limits);
  return stagesOf(plan).flatMap(({ plan: stage }) => {
    const count = textExpressions(stage);
    const what = count === 1 ? "1 expression makes texts" : `${count} expressions make texts`;
    const room = `up to ${bytesText(bytes)} or ${entries} of them${count === 1 ? "" : " each"}, further ones are NULL`;
    return count === 0 ? [] : [`texts over ${stage.source.name}: ${what}, ${room} (nulled.dictionary)`];
  });
}

/** What becomes of a record of one key too many. */
const BEYOND: Record<KeysPolicy, string> = {
  refuse: "records of further keys are refused (keys)",
  "evict-idle": "a further key takes the place of the one that was silent longest and has no open window",
  other: `records of further keys belong to one key, ${OTHER_KEY}`,
};

/** The definition as JSON; nanoseconds, which JSON's numbers cannot hold, are strings. */
export function explainJson(definition: Definition): string {
  const hidden = {
    ...definition,
    sources: definition.sources.map(withoutPassword),
    pipelines: definition.pipelines.map(withoutPasswords),
  };
  return JSON.stringify(
    hidden,
    (_, value: unknown) => (typeof value === "bigint" ? String(value) : value),
    2,
  );
}

function withoutPassword(source: SourceDefinition): SourceDefinition {
  const { connection } = source;
  return connection.kind === "mqtt"
    ? { ...source, connection: { ...connection, login: masked(connection.login) } }
    : source;
}

function withoutPasswords(pipeline: PipelineDefinition): PipelineDefinition {
  const sinks = pipeline.sinks.map((sink) =>
    "login" in sink ? { ...sink, login: masked(sink.login) } : sink,
  );
  return { ...pipeline, sinks };
}

function masked<L extends { password: string | null } | null>(login: L): L {
  return login === null || login.password === null ? login : { ...login, password: "***" };
}

function table(rows: string[][], indent: string): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    (indent + row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")).trimEnd(),
  );
}

function explainSource(source: SourceDefinition, definition: Definition): string[] {
  const { connection } = source;
  const where =
    connection.kind === "file"
      ? `file ${connection.path}`
      : `${connection.url}, filter ${connection.filter}, QoS ${connection.qos}`;
  const lines = [`source ${source.name}: ${where}`];
  if (source.plan === null) return lines;
  const { source: plan } = definition.plans[source.plan]!;
  const clock = plan.clock === "key" ? "one clock for each key" : "one clock for the whole source";
  const layout = { rows: "", columns: ", messages of columns", events: ", events" }[source.layout];
  lines.push(
    `  format   ${plan.format}${layout}; ${clock}, ${formatDuration(plan.delayNs)} behind the newest record`,
  );
  lines.push(...clockLines(plan), ...reorderLines(plan), ...contextLines(source, plan), "  columns");
  const byUse = source.layout !== "events";
  const rows = plan.columns.map((column) => [
    column.name,
    typeText(column.type),
    originText(column, plan, byUse),
  ]);
  return [...lines, ...table(rows, "    ")];
}

function explainPipeline(definition: PipelineDefinition, plan: Plan): string[] {
  const pipeline = plan.pipelines[definition.place]!;
  const source = sourceOf(plan, definition.place);
  const columns = columnNames(source);
  const results = resultColumnNames(source, pipeline);
  const lines = [
    `pipeline ${pipeline.name}`,
    definition.shortForm ? "  the SQL that its short form equals" : "  SQL",
  ];
  lines.push(...definition.sql.split("\n").map((line) => `    ${line}`));
  if (pipeline.from !== undefined) lines.push(...readingLines(definition, plan, source));
  lines.push(`  window   ${windowText(pipeline.window)}`);
  if (pipeline.where !== null) lines.push(`  where    ${conditionText(pipeline.where, columns)}`);
  if (pipeline.window !== null)
    lines.push(
      `  keys     ${pipeline.keys.map((key) => columns[key]).join(", ") || "none: one result a window"}`,
    );
  if (pipeline.having !== null) lines.push(`  having   ${conditionText(pipeline.having, results)}`);
  lines.push("  result");
  const shown = pipeline.outputs.filter((output) => !output.hidden);
  const rows = shown.map(({ name, expression }) => [
    name,
    typeText(expression.type),
    conditionText(expression, results),
  ]);
  lines.push(...table(rows, "    "));
  if (pipeline.aggregates.length > 0)
    lines.push("  aggregates (bytes for each key and slice)", ...explainAggregates(pipeline, plan, columns));
  lines.push(
    `  late     ${lateText(pipeline)}`,
    ...silenceLines(pipeline, source),
    ...emissionLines(pipeline),
  );
  lines.push(...definition.sinks.map((sink) => `  to       ${sinkText(sink)}`));
  return lines;
}

/** What a pipeline reads that reads another one: the way from the source, its records, its clocks. */
function readingLines({ place }: PipelineDefinition, plan: Plan, source: SourcePlan): string[] {
  const way: string[] = [];
  for (let at: number | undefined = place; at !== undefined;) {
    const { from }: PipelinePlan = plan.pipelines[at]!;
    way.unshift(sourceOf(plan, at).name);
    at = from === undefined ? undefined : plan.chained![from]!.pipeline;
  }
  const time = source.columns[source.time.column]!.name;
  return [
    `  reads    ${way.join(" → ")}: each result when the drop clock has closed its window, with ${time} as its time`,
    `  clock    ${clockText(source)}`,
    ...clockLines(source),
  ];
}

const clockText = ({ clock, delayNs }: SourcePlan): string =>
  `${clock === "key" ? "one clock for each key" : "one clock for all"}, ${formatDuration(delayNs)} behind the newest record`;

function lateText(pipeline: PipelinePlan): string {
  if (pipeline.window === null || pipeline.window.kind === "running")
    return "none: without a window no record is late";
  if (pipeline.window.kind === "rows") return "none: windows of rows go by arrival";
  if (pipeline.late === "update")
    return `added to their window until ${formatDuration(pipeline.allowNs)} behind its end, whose next revision comes out`;
  return pipeline.late === "side" ? "handed out, one line for each window missed" : "counted and dropped";
}

/** What silence does to rows of OVER, where the source says when it is silent. */
function silenceLines(pipeline: PipelinePlan, source: SourcePlan): string[] {
  if (source.idleNs === null || pipeline.window?.kind !== "over") return [];
  if (showsRows(source, pipeline))
    return ["  idle     silence brings rows out; those that change behind it come out again"];
  return ["  idle     silence brings out nothing: each is taken once, in the order of time"];
}

/** When results come out besides closings, and what of windows without records; nothing where that is the usual. */
function emissionLines(pipeline: PipelinePlan): string[] {
  const { emit, empty, window } = pipeline;
  const lines: string[] = [];
  if (carries(pipeline)) lines.push("  carry    what held before a window counts from its start on");
  if (emit.kind !== "final" && window !== null) {
    const what = emit.kind === "updates" ? "those that changed" : "all of them";
    lines.push(`  emit     open windows as well, every ${formatDuration(emit.everyNs)}: ${what}`);
  }
  if (empty === "emit") lines.push("  empty    windows without records come out, COUNT 0 and others NULL");
  if (empty === "previous")
    lines.push("  empty    windows without records have the values of the one before");
  return lines;
}

/** Where the context of streams comes from, and what it costs. */
function contextLines({ connection }: SourceDefinition, { context, columns }: Plan["source"]): string[] {
  if (context === undefined) return [];
  const { topic, keys, cells, streams } = context;
  const levels = topic.map((level) =>
    level.kind === "literal" ? level.text : level.kind === "rest" ? "#" : "+",
  );
  const from = connection.kind === "mqtt" ? levels.join("/") : "lines with a member context";
  const each = keys.map((key) => columns[key]!.name).join(", ");
  const bytes = STREAM_BYTES + 4 * keys.length + 8 * cells.length;
  return [
    `  context  from ${from}${each === "" ? "" : `, for each ${each}`}; up to ${streams} streams, ${bytes} bytes each`,
  ];
}

/** What a source's clocks do besides moving with its records. */
function clockLines({ idleNs, maxAheadNs }: Plan["source"]): string[] {
  const lines: string[] = [];
  if (idleNs !== null)
    lines.push(`  idle     ${formatDuration(idleNs)} of silence let host time close windows`);
  if (maxAheadNs !== null)
    lines.push(`  ahead    records more than ${formatDuration(maxAheadNs)} beyond host time are refused`);
  return lines;
}

/** Records that wait to be put in order, and what that takes. */
function reorderLines({ reorder, columns }: Plan["source"]): string[] {
  if (reorder === undefined) return [];
  const { delayNs, keys, records, held } = reorder;
  const each = keys.map((key) => columns[key]!.name).join(", ");
  const bytes = `${HELD_BYTES + 8 * columns.length} bytes each`;
  const which = each === "" ? "all records in one order" : `each ${each} by itself`;
  const most =
    each === ""
      ? `up to ${Math.min(records, held)} of them`
      : `up to ${records} records of a stream, ${held} in all`;
  return [`  reorder  within ${formatDuration(delayNs)}, ${which}; ${most}, ${bytes}`];
}

const IN_TIME = "values with times and numbers: 496 bytes for each 20";

const HOLDS: Record<AggregatePlan["name"], string> = {
  count_all: "the slice's own count",
  count: "a count",
  sum: "an exact sum",
  avg: "an exact sum and a count",
  min: "the smallest value",
  max: "the largest value",
  var_pop: "a count, exact sums of values and of squares",
  var_samp: "a count, exact sums of values and of squares",
  stddev_pop: "a count, exact sums of values and of squares",
  stddev_samp: "a count, exact sums of values and of squares",
  first_value: "the first arrived value and its number",
  last_value: "the last arrived value and its number",
  earliest: "the earliest value, its time and number",
  latest: "the latest value, its time and number",
  range: "the smallest and the largest value",
  delta: "the earliest and the latest value with their times and numbers",
  min_by: "the smallest y, its number and its x",
  max_by: "the largest y, its number and its x",
  covar_pop: "a count, exact sums of both and of their product",
  corr: "a count, exact sums of both, of their squares and of their product",
  slope: "a count, exact sums of values, times, squares of times and products of both",
  histogram: "a count for each bin and two for what lies outside",
  count_distinct: `up to ${VALUES_MAX} different values and their counts: 48 bytes each or more`,
  approx_count_distinct: "HyperLogLog: 504 bytes up to 126 registers in use, then 4 KB",
  mode: `up to ${VALUES_MAX} different values and their counts: 48 bytes each or more`,
  top_k: `up to ${VALUES_MAX} different values and their counts: 48 bytes each or more`,
  array_agg: `up to ${SERIES_MAX} values with times and numbers: 496 bytes for each 20`,
  increase: IN_TIME,
  rate: IN_TIME,
  time_weighted_avg: IN_TIME,
  time_in: IN_TIME,
  coverage: "the first and the last time, unless the source says `every`",
  quantile: `extremes and a sketch: 264 bytes for each octave met, at most ${QUANTILE_BUCKETS_MAX} buckets`,
};

function holdsText({ name, partial, merges }: AggregatePlan, { values }: Limits): string {
  if (!GO_IN_TIME.includes(name)) return HOLDS[name];
  const ofPartials = partial === true || merges !== undefined;
  return `up to ${ofPartials ? ORDERED_MAX : (values ?? ORDERED_MAX)} ${HOLDS[name]}`;
}

function explainAggregates(pipeline: PipelinePlan, plan: Plan, columns: string[]): string[] {
  const rows = pipeline.aggregates.map((aggregate) => {
    const alone = { ...pipeline, aggregates: [aggregate], outputs: [], having: null };
    const [held] = sliceGroups({ ...plan, pipelines: [alone] });
    const bytes = held!.sliceBytes - held!.headerBytes;
    return [aggregateText(aggregate, columns), String(bytes), holdsText(aggregate, plan.limits)];
  });
  return table(rows, "    ");
}

function sinkText(sink: SinkDefinition): string {
  const late = "late" in sink && sink.late !== null ? `, late records to ${sink.late}` : "";
  if (sink.kind === "stdout") return "stdout";
  if (sink.kind === "file") return `file ${sink.path}${late}`;
  if (sink.kind === "mqtt") return `${sink.url}, topic ${templateText(sink.topic)}, QoS ${sink.qos}${late}`;
  const key = sink.key === null ? "no key" : `key ${templateText(sink.key)}`;
  return `kafka ${sink.brokers.join(",")}, topic ${sink.topic}, ${key}, ${sink.format}${late}`;
}

/** A template as it is written. */
export function templateText(template: Template): string {
  return template.map((part) => (part.kind === "text" ? part.text : `{${part.name}}`)).join("");
}

/** Which pipelines share slices, how wide those are, and what a key costs. */
function explainSlices(plan: Plan): string[] {
  const columns = columnNames(plan.source);
  return sliceGroups(plan).flatMap((group) => {
    const names = group.pipelines.map((index) => plan.pipelines[index]!.name);
    const keys = group.keys.map((key) => columns[key]).join(", ") || "no key";
    if (group.own?.kind === "session") return explainSessions(plan, names[0]!, keys, group, group.own);
    if (group.own?.kind === "rows") return explainPanes(plan, names[0]!, keys, group, group.own);
    if (group.own?.kind === "over") return explainRows(plan, names[0]!, keys, group, group.own);
    const shared = names.length > 1 ? ": shared, same keys and same filter" : "";
    const open = openSlices(plan, group.pipelines, group.edges);
    const bytes =
      open * group.sliceBytes + KEY_BYTES + keyCellBytes(plan, group.keys) + group.held * HELD_VALUE_BYTES;
    return [
      `slices of ${names.join(", ")} (${keys})${shared}`,
      `  cut      ${group.edges.map(edgeText).join(", and ")}`,
      `  bytes    ${group.sliceBytes} for each key and slice; up to ${open} open slices: ${bytes} bytes a key`,
      `  in all   ${bytesText(bytes * plan.limits.keys)} at ${plan.limits.keys} keys`,
      ...(group.pipelines.some((index) => windowsOfARecord(plan.pipelines[index]!.window) >= OVERLAP_MIN)
        ? [
            "  besides  merged slices, as windows overlap: up to as much again, given up when memory runs short",
          ]
        : []),
    ];
  });
}

/** Windows of so many slides are merged from what was merged before; stacks.ts in the kernel. */
const OVERLAP_MIN = 4n;

function explainRows(
  plan: Plan,
  name: string,
  keys: string,
  group: SliceGroup,
  { rangeNs, rows, resample }: OverPlan,
): string[] {
  const instants = resample === undefined ? 0 : INSTANTS_KEY_BYTES;
  const held = rangeNs === null ? `${rows + 1} records` : `the records of ${formatDuration(rangeNs)}`;
  const key = KEY_BYTES + OVER_KEY_BYTES + instants + 2 * group.sliceBytes + keyCellBytes(plan, group.keys);
  return [
    `rows of ${name} (${keys})`,
    `  bytes    ${group.sliceBytes} for each record within reach (${held}, and those that wait for the watermark)`,
    `  a key    ${key} bytes besides`,
  ];
}

function explainPanes(
  plan: Plan,
  name: string,
  keys: string,
  group: SliceGroup,
  { slide, size }: RowsPlan,
): string[] {
  // A slide is one pane, or two where windows begin and end in it; the sum behind the front is one more.
  const panes = size <= slide ? 1 : Math.ceil(size / slide) * (size % slide === 0 ? 1 : 2) + 1;
  const bytes = panes * group.sliceBytes + KEY_BYTES + ROWS_KEY_BYTES + keyCellBytes(plan, group.keys);
  return [
    `windows of rows of ${name} (${keys})`,
    `  bytes    ${group.sliceBytes} for each stretch between two edges; up to ${panes} of them: ${bytes} bytes a key`,
    `  in all   ${bytesText(bytes * plan.limits.keys)} at ${plan.limits.keys} keys`,
  ];
}

function explainSessions(
  plan: Plan,
  name: string,
  keys: string,
  group: SliceGroup,
  { gapNs }: SessionPlan,
): string[] {
  // Those that wait for the watermark, and those that take late records.
  const { allowNs } = plan.pipelines[group.pipelines[0]!]!;
  const open = Number((plan.source.delayNs + allowNs) / gapNs) + 1;
  const bytes = open * group.sliceBytes + KEY_BYTES + SESSION_KEY_BYTES + keyCellBytes(plan, group.keys);
  return [
    `sessions of ${name} (${keys})`,
    `  bytes    ${group.sliceBytes} for each session; up to ${open} open ones: ${bytes} bytes a key`,
    `  in all   ${bytesText(bytes * plan.limits.keys)} at ${plan.limits.keys} keys`,
  ];
}

function edgeText({ periodNs, offsetNs, zone }: SliceEdge): string {
  const from = offsetNs === 0n ? "" : ` from ${formatDuration(offsetNs)} on`;
  return `every ${formatDuration(periodNs)}${from}${zone === undefined ? "" : ` in ${zone.name}`}`;
}

/** How long windows of a raster keep their slices; zero for sessions, and for a running aggregate, whose slice never ends. */
const sizeOf = ({ window, allowNs }: PipelinePlan): bigint =>
  isRaster(window) ? window.sizeNs + allowNs : 0n;

/** Slices of one key that can be open together: the cuts in the longest window and the delay. */
function openSlices(plan: Plan, pipelines: number[], edges: SliceEdge[]): number {
  const spans = pipelines.map((index) => sizeOf(plan.pipelines[index]!));
  const spanNs = spans.reduce((longest, span) => (span > longest ? span : longest), 0n) + plan.source.delayNs;
  const cuts = edges.reduce((sum, { periodNs }) => sum + (spanNs + periodNs - 1n) / periodNs, 0n);
  return Number(cuts) + 1;
}

function bytesText(bytes: number): string {
  if (bytes >= 1024 * 1024) return `${Number((bytes / 1024 / 1024).toFixed(1))} MB`;
  return bytes >= 1024 ? `${Number((bytes / 1024).toFixed(1))} KB` : `${bytes} bytes`;
}
