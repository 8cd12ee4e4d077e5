// The plan: what a definition means, as plain data. One Plan describes one engine: one source and every
// pipeline that reads it. host/language writes it; the reference engine interprets it as it stands, the
// kernel gets it as plan bytes (bytes/), `explain` prints it. It can be sent with structuredClone.
// Its parts have files of their own; whoever reads a plan imports this one. Portable: imports those.
import { type AggregatePlan, type PartialPlan, aggregateType, holdsValues } from "./aggregates.ts";
import { type Expression, type StatefulExpression, statefulOf } from "./expressions.ts";
import type { Type } from "./types.ts";
import { type WindowPlan, isRaster } from "./windows.ts";

export * from "./aggregates.ts";
export * from "./expressions.ts";
export * from "./types.ts";
export * from "./windows.ts";

export type TimeUnit = "s" | "ms" | "us" | "ns" | "iso8601";
/** `rows` and `row`: results of another pipeline, see chain.ts. */
export type Framing = "mqtt" | "lines" | "rows";
export type Format = "json" | "msgpack" | "csv" | "value" | "row";

export interface Plan {
  source: SourcePlan;
  /** In the order of the file: those that read the source, and those that read results of others among them. */
  pipelines: PipelinePlan[];
  limits: Limits;
  /** Results as sources of further pipelines; absent when no pipeline reads another. */
  chained?: ChainedSource[];
}

/** The results of one pipeline as a source: each is a record when the drop clock closes its window, or at the flush. */
export interface ChainedSource {
  /** Place in Plan.pipelines of the pipeline whose results these are. */
  pipeline: number;
  /** Its framing is `rows`; it is named after that pipeline. */
  source: SourcePlan;
  /** For each column of the source the pipeline's output that it is; null is the result's time. */
  outputs: (number | null)[];
}

export interface Limits {
  /** Distinct keys of each GROUP BY. */
  keys: number;
  /** What becomes of a record whose key would be one more; `refuse` when absent. */
  keysPolicy?: KeysPolicy;
  /** Kernel memory, fixed at start. */
  memoryBytes: number;
  /** Text of all strings that the kernel holds. */
  dictionaryBytes: number;
  /** Values that INCREASE, RATE, TIME_WEIGHTED_AVG and TIME_IN keep of a group; ORDERED_MAX when absent, as in partials. */
  values?: number;
}

/**
 * A record of one key too many is refused; or the key that was silent longest, none of whose windows is open, makes
 * room for it; or it belongs to one key for all others, whose STRING columns are OTHER_KEY and whose others are NULL.
 */
export type KeysPolicy = "refuse" | "evict-idle" | "other";
export const OTHER_KEY = "(other)";

export interface SourcePlan {
  name: string;
  framing: Framing;
  format: Format;
  /** Levels of the topic template; empty when the source has none (framing `lines`). */
  topic: TopicLevel[];
  time: TimePlan;
  /** Topic columns in template order, then the time column, then fields by declaration or first use. */
  columns: ColumnPlan[];
  /** Bounded out-of-orderness: the watermark runs this far behind the largest event time. */
  delayNs: bigint;
  clock: "key" | "source";
  nonfinite: "null" | "refuse";
  /** Silence from which on host time moves the emit clock; null: it never does. */
  idleNs: bigint | null;
  /** How far a record may be beyond the newest tick; null: any. */
  maxAheadNs: bigint | null;
  /** How a message holds records: one an object, or (there) as columns. */
  batch?: BatchPlan;
  /** What is known of streams besides their records. */
  context?: ContextPlan;
  /** Its records wait until they are in order. */
  reorder?: ReorderPlan;
}

/** Records of a stream go on by (event time, arrival), each when the stream's newest one is the delay ahead of it. */
export interface ReorderPlan {
  delayNs: bigint;
  /** STRING columns that name a record's stream; empty: all records are one. There are `limits.keys` of them. */
  keys: number[];
  /** Most records of one stream that wait, and of all; beyond, the first one of the stream goes on early. */
  records: number;
  held: number;
}

/**
 * Context comes as messages of its own: on a topic, or (framing `lines`) as JSON lines with a member `context`. Each is a
 * merge patch (RFC 7396) of what was said of its stream before, and holds for the records behind it.
 */
export interface ContextPlan {
  /** Levels of the context topic; `column` counts in `keys`. Empty with framing `lines`. */
  topic: TopicLevel[];
  /** STRING columns that name a record's stream. */
  keys: number[];
  /** What is kept of each stream; the first one is its state: `open`, or why it has ended. */
  cells: ContextCell[];
  /** Most streams; beyond, one that has ended gives way. */
  streams: number;
}

export interface ContextCell {
  /** As SQL calls it: UNIT(temp). */
  name: string;
  type: "string" | "double";
  /** Member names within a context message. */
  path: string[];
  /** What holds before anything was said. */
  initial: string | number | null;
}

/**
 * A message holds columns: an array of times and an array of each parameter, all of one length; a value that is no
 * array is that of every record. JSON and MessagePack only.
 */
export interface BatchPlan {
  /** Member with an instant that is added to each time, in the time's unit; null when there is none. */
  epoch: string[] | null;
}

/** `+` and `#` are MQTT's wildcards: one level, and the rest. A column takes the text of its level. */
export type TopicLevel =
  { kind: "literal"; text: string } | { kind: "column"; column: number } | { kind: "any" } | { kind: "rest" };

/** `column` is the time's place in `columns`. Arrival time is that of the newest tick. */
export type TimePlan =
  { kind: "field"; column: number; unit: TimeUnit } | { kind: "arrival"; column: number };

export interface ColumnPlan {
  name: string;
  type: Type;
  from: "topic" | "time" | "field" | "context";
  /** Member names from the outside in (`AM2301.Temperature` is two); one name for CSV; empty for topic and context columns. */
  path: string[];
  /** Further paths, each tried when those before have no such member; of messages of columns only. */
  otherPaths?: string[][];
  /** Of a context column: its place in ContextPlan.cells. */
  cell?: number;
  /** Of type `partial`: what it holds. */
  partial?: PartialPlan;
  /** STRING by inference, not by declaration: a number becomes its own text instead of NULL. */
  numberAsText: boolean;
}

export interface PipelinePlan {
  name: string;
  /** Place in Plan.chained of what it reads; absent when that is Plan.source. */
  from?: number;
  /** Its results go to the pipelines that read it and nowhere else: see stagesOf. */
  handsOver?: true;
  /** Over the source's columns; NULL counts as false. */
  where: Expression | null;
  /** Source columns of the GROUP BY; empty also when there is no window. */
  keys: number[];
  /** No window: plain routing, each kept record is one result. */
  window: WindowPlan | null;
  aggregates: AggregatePlan[];
  /** Over the result columns; NULL counts as false. */
  having: Expression | null;
  outputs: OutputPlan[];
  late: "drop" | "side" | "update";
  /** How long a closed window still takes late records, by the drop clock; 0 unless `late` is `update`. */
  allowNs: bigint;
  emit: EmitPlan;
  /** Windows without records between a key's first and newest one. */
  empty: "skip" | "emit" | "previous";
}

/** What a definition says of late records and of when results come out, unless it says otherwise. */
export const FINAL: Pick<PipelinePlan, "late" | "allowNs" | "emit" | "empty"> = {
  late: "drop",
  allowNs: 0n,
  emit: { kind: "final" },
  empty: "skip",
};

/** Besides when they close, windows come out at the multiples of `everyNs`: those that changed, or all that are open. */
export type EmitPlan = { kind: "final" } | { kind: "updates" | "complete"; everyNs: bigint };

/** True when results come out at moments, besides when their windows close. */
export const hasMoments = ({ window, emit }: PipelinePlan): boolean =>
  emit.kind !== "final" && window !== null && window.kind !== "over";

/** How long closed windows still take late records; those of rows, rows of OVER and running aggregates know none. */
export const allowanceNs = ({ window, allowNs }: PipelinePlan): bigint =>
  isRaster(window) || window?.kind === "session" ? allowNs : 0n;

/** True when a session may come out several times: it is kept then, with what came out of it. */
export const keepsSessions = (source: SourcePlan, pipeline: PipelinePlan): boolean =>
  source.idleNs !== null || allowanceNs(pipeline) !== 0n || hasMoments(pipeline);

/**
 * True when silence brings out rows of OVER before their watermark does: not for readers, not instants of RESAMPLE, nor
 * rows with operators that take each row once, in order.
 */
export const showsRows = ({ idleNs }: SourcePlan, { window, outputs, handsOver }: PipelinePlan): boolean =>
  idleNs !== null &&
  window?.kind === "over" &&
  window.resample === undefined &&
  handsOver !== true &&
  statefulOf(outputs.map(({ expression }) => expression)).length === 0;

/** True when silence brings out something of the pipeline before its watermark does. */
export const closesBySilence = (source: SourcePlan, pipeline: PipelinePlan): boolean =>
  (source.idleNs !== null && (isRaster(pipeline.window) || pipeline.window?.kind === "session")) ||
  showsRows(source, pipeline);

/** True when a running aggregate is another one at each moment, also without a new record: values last until then. */
export const movesWithTime = ({ window, aggregates }: PipelinePlan): boolean =>
  window?.kind === "running" && aggregates.some(holdsValues);

/** True when some aggregate begins with what held before its window. */
export const carries = ({ aggregates }: PipelinePlan): boolean =>
  aggregates.some(({ carry }) => carry === true);

/** `hidden` outputs are GROUP BY columns that are not selected: they serve result ids, not rows. */
export interface OutputPlan {
  name: string;
  expression: Expression;
  hidden: boolean;
}

/** The stateful operators of a pipeline, whatever they are over. */
export function operatorsOf(pipeline: PipelinePlan): StatefulExpression[] {
  const over = pipeline.window?.kind === "over" ? pipeline.outputs.map(({ expression }) => expression) : [];
  return statefulOf([...inputExpressions(pipeline), ...over]);
}

/** The expressions of a pipeline over the source's columns, in the order of their evaluation. */
export function inputExpressions({ where, window, outputs, aggregates }: PipelinePlan): Expression[] {
  const selected =
    window === null
      ? outputs.map(({ expression }) => expression)
      : aggregates.flatMap(({ argument, second }) => [argument, second ?? null]);
  return [where, ...selected].filter((expression) => expression !== null);
}

/** Number of result columns before the aggregates of a windowed pipeline. */
export function firstAggregateColumn(pipeline: PipelinePlan): number {
  return pipeline.keys.length + 3 + carriedColumns(pipeline).length;
}

/** Source columns that a row of OVER takes from its own record. */
export function carriedColumns(pipeline: PipelinePlan): number[] {
  return pipeline.window?.kind === "over" ? pipeline.window.carried : [];
}

/** Types of the columns that HAVING and the outputs of a pipeline see, in order. */
export function resultColumnTypes(source: SourcePlan, pipeline: PipelinePlan): Type[] {
  if (pipeline.window === null) return source.columns.map((column) => column.type);
  const keys = pipeline.keys.map((key) => source.columns[key]!.type);
  const carried = carriedColumns(pipeline).map((column) => source.columns[column]!.type);
  return [...keys, "instant", "instant", "instant", ...carried, ...pipeline.aggregates.map(aggregateType)];
}
