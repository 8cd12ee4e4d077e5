// The plan: what a definition means, as plain data. One Plan describes one engine: one source and every
// pipeline that reads it. host/language writes it; the reference engine interprets it as it stands, the
// kernel gets it as plan bytes (plan-bytes.ts), `explain` prints it. It can be sent with structuredClone.
// Portable: imports nothing.

/**
 * Type of a column or an expression. An instant is a signed 64-bit count of ns since 1970 (UTC); a BIGINT is a whole
 * number within ±(2^63 − 1).
 */
export type ScalarType = "double" | "string" | "boolean" | "bigint" | "bytes" | "instant";
export type Type = ScalarType | ArrayType | "partial";

/**
 * What a partial is the state of: an aggregate over values of a type, with its numbers. As a type, `partial` is bytes
 * that merge into one of these; it comes from aggregates, goes straight into an output, and into MERGE.
 */
export interface PartialPlan {
  name: AggregateName;
  /** Type of what it is over; null for `count_all` and `coverage`. */
  argument: ScalarType | null;
  /** Of min_by and max_by, covar_pop and corr. */
  second?: ScalarType;
  parameter: number | null;
  bins?: { low: number; high: number; count: number };
}

/** A list of values, never empty; it comes from aggregates only, and goes straight into an output. */
export type ArrayType = `array<${Exclude<ScalarType, "instant">}>`;

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

/**
 * Windows on a raster of time, known without any record. In a `zone` the raster is that of its wall clock: a pane is a
 * stretch in which this clock stays between two multiples of the period (tumble: size, hop: slide, cumulate: step)
 * plus the offset. A hopping window is as many panes as its size, a multiple of the slide, has slides; a cumulating
 * one begins with a pane of its size.
 */
export type RasterPlan = (
  | { kind: "tumble"; sizeNs: bigint; offsetNs: bigint }
  | { kind: "hop"; slideNs: bigint; sizeNs: bigint; offsetNs: bigint }
  | { kind: "cumulate"; stepNs: bigint; sizeNs: bigint; offsetNs: bigint }
) & { zone?: ZonePlan };

/** What the wall clock of a time zone shows: UTC plus an offset, which changes. */
export interface ZonePlan {
  /** Its IANA name. */
  name: string;
  /** Version of the zone database; null where the host does not know it. */
  database: string | null;
  /** Offset before the first change. */
  offsetNs: bigint;
  /** From when on there is which offset, in order; nothing is known of later ones than accepted times. */
  changes: { atNs: bigint; offsetNs: bigint }[];
}

/** A session ends `gapNs` after its last record; `maxNs` bounds the distance of its last record from its first. */
export interface SessionPlan {
  kind: "session";
  gapNs: bigint;
  maxNs: bigint | null;
}

/** GROUP BY without a window: all records of a key. */
export interface RunningPlan {
  kind: "running";
}

/**
 * The instants ≡ `offsetNs` (mod `periodNs`) from a key's first record to its newest one. A row takes its columns from
 * the last record up to it, but the last `linear` of `carried`, DOUBLE all, between that and the next one.
 */
export interface ResamplePlan {
  periodNs: bigint;
  offsetNs: bigint;
  linear: number;
}

/**
 * OVER: each record is a row over the records of its key whose time is at most `rangeNs` before its own, or (null
 * then) over itself and the `rows` before it.
 */
export interface OverPlan {
  kind: "over";
  rangeNs: bigint | null;
  rows: number;
  /** Source columns that the row takes from its own record. */
  carried: number[];
  /** RESAMPLE: rows are instants instead of records. Without aggregates, and with `rows` 1. */
  resample?: ResamplePlan;
}

/** Every `slide` records of a key, in the order of arrival, begin a window of `size` records. */
export interface RowsPlan {
  kind: "rows";
  slide: number;
  size: number;
}

/** Windows that come from the records themselves. */
export type OwnPlan = SessionPlan | OverPlan | RowsPlan;

export type WindowPlan = RasterPlan | OwnPlan | RunningPlan;

/** True for windows that come from the records themselves. */
export const isOwn = (window: WindowPlan | null): window is OwnPlan =>
  window !== null && (window.kind === "session" || window.kind === "over" || window.kind === "rows");

/** The end of a window is an instant that belongs to it: that of a record, or of a moment. Others are half open. */
export const endsWithin = (window: WindowPlan | null): boolean =>
  window === null || window.kind === "over" || window.kind === "running" || window.kind === "rows";

/** True for windows on a raster of time. */
export const isRaster = (window: WindowPlan | null): window is RasterPlan =>
  window !== null && window.kind !== "running" && !isOwn(window);

/** True when results come out at moments, besides when their windows close. */
export const hasMoments = ({ window, emit }: PipelinePlan): boolean =>
  emit.kind !== "final" && window !== null && window.kind !== "over";

/** How long closed windows still take late records; those of rows, rows of OVER and running aggregates know none. */
export const allowanceNs = ({ window, allowNs }: PipelinePlan): bigint =>
  isRaster(window) || window?.kind === "session" ? allowNs : 0n;

/** True when a session may come out several times: it is kept then, with what came out of it. */
export const keepsSessions = (source: SourcePlan, pipeline: PipelinePlan): boolean =>
  source.idleNs !== null || allowanceNs(pipeline) !== 0n || hasMoments(pipeline);

/** True when a running aggregate is another one at each moment, also without a new record: values last until then. */
export const movesWithTime = ({ window, aggregates }: PipelinePlan): boolean =>
  window?.kind === "running" &&
  aggregates.some(({ name }) => name === "time_weighted_avg" || name === "time_in");

export type AggregateName =
  | "count_all"
  | "count"
  | "sum"
  | "avg"
  | "min"
  | "max"
  | "var_pop"
  | "var_samp"
  | "stddev_pop"
  | "stddev_samp"
  | "first_value"
  | "last_value"
  | "earliest"
  | "latest"
  | "quantile"
  | "range"
  | "delta"
  | "min_by"
  | "max_by"
  | "covar_pop"
  | "corr"
  | "slope"
  | "histogram"
  | "coverage"
  | "count_distinct"
  | "approx_count_distinct"
  | "mode"
  | "top_k"
  | "array_agg"
  | "increase"
  | "rate"
  | "time_weighted_avg"
  | "time_in";

export interface AggregatePlan {
  name: AggregateName;
  /**
   * Over the source's columns; null for `count_all` and `coverage`. Of any type for `count`; of any but an instant for
   * extremes, places (`first_value` … `latest`, x of `min_by` and `max_by`) and the distinct ones; BOOLEAN for
   * `time_in`; DOUBLE or BIGINT for `sum`, `avg`, `range`, `delta`, `increase` and `rate`; else DOUBLE.
   */
  argument: Expression | null;
  /** The second argument, y of `min_by`, `max_by` (DOUBLE or BIGINT), `covar_pop` and `corr` (DOUBLE); others have none. */
  second?: Expression;
  /**
   * q of `quantile`, 0 ≤ q ≤ 1; k of `top_k`; of `coverage` the ns from one record to the next, if the source says;
   * else null.
   */
  parameter: number | null;
  /** lo, hi and n of `histogram`; others have none. */
  bins?: { low: number; high: number; count: number };
  /** MERGE: the argument is a column of partials of this, `name` and the numbers are its. */
  merges?: PartialPlan;
  /** PARTIAL: the state instead of what is read from it. */
  partial?: true;
}

/** Type of what an aggregate is over, or what the partials that it merges are over; null for those without. */
export const argumentType = ({ argument, merges }: AggregatePlan): Type | null =>
  merges === undefined ? (argument?.type ?? null) : merges.argument;

/** The same of its second argument. */
export const secondType = ({ second, merges }: AggregatePlan): Type | null =>
  merges === undefined ? (second?.type ?? null) : (merges.second ?? null);

/** What the partial of an aggregate holds. */
export function partialOf(aggregate: AggregatePlan): PartialPlan {
  const { name, parameter, bins } = aggregate;
  const second = secondType(aggregate) as ScalarType | null;
  return {
    name,
    argument: argumentType(aggregate) as ScalarType | null,
    ...(second === null ? {} : { second }),
    parameter,
    ...(bins === undefined ? {} : { bins }),
  };
}

export const isArray = (type: Type): type is ArrayType => type.startsWith("array<");

/** Type of an array's elements. */
export const elementType = (type: ArrayType): ScalarType => type.slice(6, -1) as ScalarType;

/** Aggregates whose result is of their argument's type. */
const OF_ITS_ARGUMENT = new Set<AggregateName>([
  "sum",
  "range",
  "delta",
  "increase",
  "min",
  "max",
  "first_value",
  "last_value",
  "earliest",
  "latest",
  "min_by",
  "max_by",
  "mode",
]);

/** Type of an aggregate's result. */
export function aggregateType(aggregate: AggregatePlan): Type {
  const { name, partial } = aggregate;
  const argument = argumentType(aggregate);
  if (partial === true) return "partial";
  if (name === "histogram") return "array<double>";
  if (name === "top_k" || name === "array_agg") return `array<${argument as "double"}>`;
  return OF_ITS_ARGUMENT.has(name) ? argument! : "double";
}

/** `hidden` outputs are GROUP BY columns that are not selected: they serve result ids, not rows. */
export interface OutputPlan {
  name: string;
  expression: Expression;
  hidden: boolean;
}

/**
 * A typed expression. The value of a BIGINT literal is its digits, that of a BYTES literal hexadecimal. Without a window `column` counts in SourcePlan.columns. With one, the expressions of
 * HAVING and of the outputs count in the result columns: keys in order, then window_start, window_end,
 * window_time (= end − 1 ns), then what an OVER row carries, then the aggregates in order.
 */
export type Expression =
  | { kind: "literal"; type: Type; value: number | string | boolean | null }
  | { kind: "column"; type: Type; column: number }
  | { kind: "call"; type: Type; operator: Operator; arguments: Expression[] }
  | StatefulExpression;

/**
 * A value that depends on the records of the same series before: those of equal `keys` for which `gate` is true (null:
 * all). By `arrival` it is over the source's columns. By `time` it is over the result columns of a window of OVER, whose
 * keys it has, in the order in which its rows come out; it has no gate.
 */
export interface StatefulExpression {
  kind: "stateful";
  type: Type;
  operator: StatefulOperator;
  order: "arrival" | "time";
  /** Of `lag`: the value, and what stands for one before the first (if it is not NULL). Of the others: the value. */
  arguments: Expression[];
  keys: number[];
  gate: Expression | null;
  /** Records back, of `lag`; else 0. */
  count: number;
  /** δ of `deadband`; else 0. */
  number: number;
  /** The length of time of `dedup` and `debounce`, and of `deadband` and `fill` where they have one; else 0. */
  spanNs: bigint;
}

/**
 * - lag: the argument `count` records before. fill: it, or the last value that was not NULL. debounce: the value that it
 *   had for `spanNs`. increase, rate: growth of a counter since its value before, and the same a second. A value is of
 *   the type of the argument, DOUBLE for the last two.
 * - changed, rising, falling (of a BOOLEAN), deadband (of a DOUBLE), dedup: BOOLEAN.
 */
export type StatefulOperator =
  "lag" | "changed" | "rising" | "falling" | "deadband" | "dedup" | "fill" | "debounce" | "increase" | "rate";

/** An expression as text that equal expressions share, and no others. */
export function expressionKey(expression: Expression): string {
  return JSON.stringify(expression, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

/** The parts of an expression that are evaluated before it. */
export function partsOf(expression: Expression): Expression[] {
  if (expression.kind === "call") return expression.arguments;
  if (expression.kind !== "stateful") return [];
  return expression.gate === null ? expression.arguments : [...expression.arguments, expression.gate];
}

/** Every stateful expression within the given ones, inner ones first. */
export function statefulOf(expressions: Expression[]): StatefulExpression[] {
  return expressions.flatMap((expression) => [
    ...statefulOf(partsOf(expression)),
    ...(expression.kind === "stateful" ? [expression] : []),
  ]);
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

/**
 * Operators and their arguments; a NULL argument gives NULL unless said.
 * - add subtract multiply divide modulo, negate, abs: of DOUBLE, or of BIGINT; modulo has the sign of the dividend,
 *   division of BIGINT drops what is behind the point.
 * - floor ceil sqrt, power(x, y): DOUBLE. round(x) and round(x, digits): half away from zero; digits a literal integer, 0 … 15.
 * - equal … greaterOrEqual: two of one type; strings know equal and notEqual only, booleans and bytes likewise.
 * - ln log10 exp sin cos: DOUBLE. least, greatest: two of DOUBLE or BIGINT (longer lists nest to the right).
 * - like: a STRING, a pattern (a literal, in which % is any text and _ any character), and, if there is one, the
 *   character that makes the one behind it mean itself (a literal).
 * - toDouble, toBigint (without what is behind the point), toBoolean: of each other and of STRING. toText: of these and
 *   of BYTES. toBytes: of STRING.
 * - concat: two or three STRINGs. upper, lower: of STRING. substring(text, start) and substring(text, start, count):
 *   of a STRING and BIGINTs, as Flink has it.
 * - and, or (two arguments), not: three-valued logic.
 * - isNull: one argument of any type, never NULL.
 * - case: condition, value, condition, value, …, otherwise (always there; a NULL literal if not written).
 * - coalesce: two arguments of one type (longer lists nest to the right).
 * BETWEEN, IN, IS NOT NULL, and longer AND or OR chains are written with these.
 */
export type Operator =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "modulo"
  | "negate"
  | "abs"
  | "floor"
  | "ceil"
  | "round"
  | "sqrt"
  | "power"
  | "equal"
  | "notEqual"
  | "less"
  | "lessOrEqual"
  | "greater"
  | "greaterOrEqual"
  | "and"
  | "or"
  | "not"
  | "isNull"
  | "case"
  | "coalesce"
  | "toDouble"
  | "toBigint"
  | "ln"
  | "log10"
  | "exp"
  | "sin"
  | "cos"
  | "least"
  | "greatest"
  | "like"
  | "toBoolean"
  | "toText"
  | "toBytes"
  | "concat"
  | "upper"
  | "lower"
  | "substring";

/** Operators that make texts. */
export const MAKES_TEXT: ReadonlySet<Operator> = new Set<Operator>([
  "toText",
  "concat",
  "upper",
  "lower",
  "substring",
]);

/** True for an expression whose value is a text that it makes: of BYTES it is one that is there. */
export const makesText = (expression: Expression): boolean =>
  expression.kind === "call" &&
  MAKES_TEXT.has(expression.operator) &&
  expression.arguments[0]!.type !== "bytes";

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
