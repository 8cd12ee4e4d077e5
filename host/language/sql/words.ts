// Closed lists of words: the functions, what Flink SQL has and this subset does not, and what to do instead.
// All in upper case. Portable: imports core types.
import type { AggregateName, StatefulOperator } from "../../core/plan/plan.ts";

/**
 * What an argument of an aggregate must be; `value` is any but a time, a DOUBLE when nothing tells; a `double` may be a
 * BIGINT, which becomes one; `numeric` is either;
 * `number` is a number written out.
 */
export type ArgumentKind = "any" | "value" | "double" | "numeric" | "boolean" | "number";

export interface AggregateWord {
  /** The plan's name. */
  name: AggregateName;
  takes: ArgumentKind[];
  /** q of a quantile's short name. */
  parameter?: number;
  /** What its result is: DOUBLE when absent, else of its first argument's type, or an ARRAY. */
  result?: "argument" | "array";
  /** How it is written, for one whose arguments are not told by their number. */
  form?: string;
}

const ofOne = (name: AggregateName): AggregateWord => ({ name, takes: ["double"] });
const ofNumber = (name: AggregateName, result?: "argument"): AggregateWord => ({
  name,
  takes: ["numeric"],
  ...(result === undefined ? {} : { result }),
});
const ofValue = (name: AggregateName): AggregateWord => ({ name, takes: ["value"], result: "argument" });
const ofTwo = (name: AggregateName): AggregateWord => ({ name, takes: ["double", "double"] });
const quantile = (parameter: number): AggregateWord => ({ name: "quantile", takes: ["double"], parameter });

/** Aggregate functions by their SQL name. */
export const AGGREGATES: Record<string, AggregateWord> = {
  COUNT: { name: "count", takes: ["any"] },
  SUM: ofNumber("sum", "argument"),
  AVG: ofNumber("avg"),
  MIN: ofValue("min"),
  MAX: ofValue("max"),
  RANGE: ofNumber("range", "argument"),
  VAR_POP: ofOne("var_pop"),
  VAR_SAMP: ofOne("var_samp"),
  VARIANCE: ofOne("var_samp"),
  STDDEV_POP: ofOne("stddev_pop"),
  STDDEV_SAMP: ofOne("stddev_samp"),
  STDDEV: ofOne("stddev_samp"),
  FIRST_VALUE: ofValue("first_value"),
  LAST_VALUE: ofValue("last_value"),
  EARLIEST: ofValue("earliest"),
  LATEST: ofValue("latest"),
  DELTA: ofNumber("delta", "argument"),
  INCREASE: ofNumber("increase", "argument"),
  RATE: ofNumber("rate"),
  TIME_WEIGHTED_AVG: ofOne("time_weighted_avg"),
  TIME_IN: { name: "time_in", takes: ["boolean"], form: "TIME_IN(temp > 30)" },
  MIN_BY: { name: "min_by", takes: ["value", "numeric"], result: "argument" },
  MAX_BY: { name: "max_by", takes: ["value", "numeric"], result: "argument" },
  COVAR_POP: ofTwo("covar_pop"),
  CORR: ofTwo("corr"),
  SLOPE: ofOne("slope"),
  HISTOGRAM: {
    name: "histogram",
    takes: ["double", "number", "number", "number"],
    result: "array",
    form: "HISTOGRAM(x, 0, 100, 10)",
  },
  APPROX_COUNT_DISTINCT: { name: "approx_count_distinct", takes: ["value"] },
  MODE: ofValue("mode"),
  TOP_K: { name: "top_k", takes: ["value", "number"], result: "array", form: "TOP_K(x, 3)" },
  ARRAY_AGG: { name: "array_agg", takes: ["value"], result: "array" },
  COVERAGE: { name: "coverage", takes: [] },
  QUANTILE: { name: "quantile", takes: ["double", "number"], form: "QUANTILE(x, 0.95)" },
  MEDIAN: quantile(0.5),
  P50: quantile(0.5),
  P75: quantile(0.75),
  P90: quantile(0.9),
  P95: quantile(0.95),
  P99: quantile(0.99),
  P999: quantile(0.999),
};

/**
 * What an argument of a stateful operator must be: `value` is any but a time, `numeric` a DOUBLE or BIGINT; `count`, `band` and `span` are
 * written out; `otherwise` is of the type of the value.
 */
export type OperatorArgument =
  "value" | "double" | "numeric" | "boolean" | "count" | "band" | "span" | "otherwise";

export interface OperatorWord {
  name: StatefulOperator;
  takes: OperatorArgument[];
  /** How many of them may be left out, from the end. */
  optional: number;
  /** What its value is: `argument` is of its argument's type. */
  result: "argument" | "boolean" | "double";
  form: string;
}

const operator = (
  name: StatefulOperator,
  takes: OperatorArgument[],
  result: OperatorWord["result"],
  form: string,
  optional = 0,
): OperatorWord => ({ name, takes, optional, result, form });

/** Stateful operators by their SQL name. Those that are aggregates as well are operators only with OVER by arrival. */
export const OPERATORS: Record<string, OperatorWord> = {
  LAG: operator("lag", ["value", "count", "otherwise"], "argument", "LAG(x), LAG(x, 2), LAG(x, 2, 0)", 2),
  CHANGED: operator("changed", ["value"], "boolean", "CHANGED(state)"),
  RISING: operator("rising", ["boolean"], "boolean", "RISING(temp > 80)"),
  FALLING: operator("falling", ["boolean"], "boolean", "FALLING(temp > 80)"),
  DEADBAND: operator(
    "deadband",
    ["double", "band", "span"],
    "boolean",
    "DEADBAND(temp, 0.5), DEADBAND(temp, 0.5, INTERVAL '10' MINUTE)",
    1,
  ),
  DEDUP: operator("dedup", ["value", "span"], "boolean", "DEDUP(id, INTERVAL '10' MINUTE)"),
  FILL: operator("fill", ["value", "span"], "argument", "FILL(temp), FILL(temp, INTERVAL '10' MINUTE)", 1),
  DEBOUNCE: operator("debounce", ["value", "span"], "argument", "DEBOUNCE(open, INTERVAL '0.5' SECOND)"),
  INCREASE: operator("increase", ["numeric"], "argument", "INCREASE(total) OVER (PARTITION BY device)"),
  RATE: operator("rate", ["numeric"], "double", "RATE(total) OVER (PARTITION BY device)"),
};

export interface FunctionWord {
  /** The plan's operator. */
  operator: string;
  /** How many arguments it takes. */
  least: number;
  most: number;
  /** What it gives of BIGINT: a BIGINT, or the same. When absent a BIGINT becomes a DOUBLE. */
  whole?: "bigint" | "same";
  /** What it takes if not numbers; further arguments are as the last one. It gives a STRING. */
  takes?: ("string" | "bigint")[];
}

/** Scalar functions. */
export const FUNCTIONS: Record<string, FunctionWord> = {
  ABS: { operator: "abs", least: 1, most: 1, whole: "bigint" },
  FLOOR: { operator: "floor", least: 1, most: 1, whole: "same" },
  CEIL: { operator: "ceil", least: 1, most: 1, whole: "same" },
  CEILING: { operator: "ceil", least: 1, most: 1, whole: "same" },
  ROUND: { operator: "round", least: 1, most: 2, whole: "same" },
  SQRT: { operator: "sqrt", least: 1, most: 1 },
  POWER: { operator: "power", least: 2, most: 2 },
  LN: { operator: "ln", least: 1, most: 1 },
  LOG10: { operator: "log10", least: 1, most: 1 },
  EXP: { operator: "exp", least: 1, most: 1 },
  SIN: { operator: "sin", least: 1, most: 1 },
  COS: { operator: "cos", least: 1, most: 1 },
  LEAST: { operator: "least", least: 1, most: 64, whole: "bigint" },
  GREATEST: { operator: "greatest", least: 1, most: 64, whole: "bigint" },
  MOD: { operator: "modulo", least: 2, most: 2, whole: "bigint" },
  COALESCE: { operator: "coalesce", least: 1, most: 64 },
  IFNULL: { operator: "coalesce", least: 2, most: 2 },
  CONCAT: { operator: "concat", least: 1, most: 32, takes: ["string"] },
  UPPER: { operator: "upper", least: 1, most: 1, takes: ["string"] },
  LOWER: { operator: "lower", least: 1, most: 1, takes: ["string"] },
  SUBSTRING: { operator: "substring", least: 2, most: 3, takes: ["string", "bigint"] },
  SUBSTR: { operator: "substring", least: 2, most: 3, takes: ["string", "bigint"] },
};

/** The functions of RESAMPLE. */
export const RESAMPLE_FUNCTIONS = ["INTERPOLATE"];

/** Functions of what is known of a record's stream; context-functions.ts says what they take. */
export const CONTEXT_FUNCTIONS = [
  "UNIT",
  "RANGE_MIN",
  "RANGE_MAX",
  "IN_RANGE",
  "PROPERTY",
  "STREAM_STATE",
  "STREAM_NAME",
  "STREAM_PARENT",
];

/** What makes the state of an aggregate a result, and what reads such results. */
export const PARTIAL_FUNCTIONS = ["PARTIAL", "MERGE"];

/** Whether a function or aggregate of that name, in upper case, can be called. */
export const isKnownFunction = (name: string): boolean =>
  Object.hasOwn(AGGREGATES, name) ||
  Object.hasOwn(FUNCTIONS, name) ||
  Object.hasOwn(OPERATORS, name) ||
  CONTEXT_FUNCTIONS.includes(name) ||
  RESAMPLE_FUNCTIONS.includes(name) ||
  PARTIAL_FUNCTIONS.includes(name);

/** Functions of Flink SQL that this subset has not, and what to do instead. */
export const FUNCTIONS_OF_FLINK: Record<string, string> = {
  ...all(
    "TUMBLE_START TUMBLE_END HOP_START HOP_END TUMBLE_ROWTIME HOP_ROWTIME",
    "the columns window_start, window_end, window_time say it",
  ),
  ...all(
    "TUMBLE HOP CUMULATE SESSION TUMBLE_ROWS HOP_ROWS",
    "a window stands in FROM: FROM TABLE(TUMBLE(TABLE …, DESCRIPTOR(…), INTERVAL '10' SECOND))",
  ),
  ...all(
    "PERCENTILE PERCENTILE_CONT PERCENTILE_DISC APPROX_PERCENTILE",
    "write QUANTILE(x, 0.95), or P50 P75 P90 P95 P99 P999",
  ),
  ...all(
    "COVAR_SAMP LISTAGG COLLECT JSON_OBJECTAGG JSON_ARRAYAGG STRING_AGG",
    "leave it to the reader of the results",
  ),
  ...all("RANK DENSE_RANK NTILE PERCENT_RANK CUME_DIST NTH_VALUE", "OVER takes the aggregates and LAG"),
  LEAD: "no record knows those after it: LAG looks back from the later one, LAG(x) beside x",
  ROW_NUMBER: "to keep the first of equal records write WHERE DEDUP(id, INTERVAL '10' MINUTE)",
  ...all("IF NULLIF", "write CASE WHEN … THEN … ELSE … END"),
  ...all(
    "TRUNCATE SIGN LOG LOG2 TAN ASIN ACOS ATAN ATAN2 SINH COSH TANH COT PI E DEGREES RADIANS RAND HEX BIN",
    "compute it from the results",
  ),
  ...all(
    "TO_TIMESTAMP TO_TIMESTAMP_LTZ UNIX_TIMESTAMP FROM_UNIXTIME DATE_FORMAT TIMESTAMPADD TIMESTAMPDIFF",
    "the time is read by `time:` of the source; windows say theirs by window_start and window_end",
  ),
  ...all("NOW PROCTIME CURRENT_WATERMARK", "results depend on their input only, never on a clock"),
  ...all(
    "CHAR_LENGTH CHARACTER_LENGTH LENGTH TRIM LTRIM RTRIM LPAD RPAD REPLACE OVERLAY POSITION LOCATE INSTR " +
      "LEFT RIGHT REVERSE INITCAP REPEAT SPLIT_INDEX REGEXP REGEXP_EXTRACT REGEXP_REPLACE CONCAT_WS",
    "of text functions there are CONCAT, UPPER, LOWER and SUBSTRING",
  ),
  ...all(
    "JSON_VALUE JSON_QUERY JSON_EXISTS JSON_OBJECT JSON_ARRAY JSON_STRING",
    "members of nested objects are reached by dots: outer.inner",
  ),
};

function all(names: string, hint: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [name, hint]));
}

const JOINS = "send both kinds of readings to one topic tree and use one source";
const STREAM = "a stream has no end; filter results with HAVING";
const GROUPINGS = "write one pipeline for each grouping";

/** Words that begin a part of Flink SQL which comes with a later version, and what to do now. */
export const LATER: Record<string, string> = {
  ...all("JOIN INNER LEFT RIGHT FULL CROSS NATURAL", JOINS),
  UNION: "write two pipelines with the same sink",
  MATCH_RECOGNIZE: "look for patterns in a reader of the results",
  DISTINCT: "name the columns in GROUP BY",
};

/** Words that begin a part of Flink SQL which is not in the subset, and what to do instead. */
export const REFUSED: Record<string, string> = {
  ...all("INTERSECT EXCEPT MINUS", "write two pipelines"),
  ...all("LIMIT OFFSET FETCH", STREAM),
  ...all("GROUPING ROLLUP CUBE", GROUPINGS),
  ORDER: "results come in a defined order, by window end",
  WITH: "write a pipeline of its own",
  INSERT: "the pipeline's `to:` says where results go",
  CREATE: "sources are written under `sources:`",
  FILTER: "use CASE WHEN … THEN x END inside the aggregate",
  LATERAL: "members of nested objects are reached by dots: outer.inner",
  UNNEST: "an array of objects is already one record each",
  TABLESAMPLE: "every record counts",
  QUALIFY: "filter results with HAVING",
  VALUES: "read a source",
  PIVOT: "write CASE WHEN inside an aggregate for each column",
  EXISTS: "write a pipeline of its own",
  SIMILAR: "compare with LIKE",
  EXTRACT: "windows say their time by window_start and window_end",
  ALL: "leave it out",
};
