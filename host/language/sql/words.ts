// Closed lists of words: the functions, what Flink SQL has and this subset does not, and what to do instead.
// All in upper case. Portable: imports nothing.

/** Aggregate functions by their SQL name: the plan's name, and q of a quantile. */
export const AGGREGATES: Record<string, { name: string; parameter?: number }> = {
  COUNT: { name: "count" },
  SUM: { name: "sum" },
  AVG: { name: "avg" },
  MIN: { name: "min" },
  MAX: { name: "max" },
  VAR_POP: { name: "var_pop" },
  VAR_SAMP: { name: "var_samp" },
  VARIANCE: { name: "var_samp" },
  STDDEV_POP: { name: "stddev_pop" },
  STDDEV_SAMP: { name: "stddev_samp" },
  STDDEV: { name: "stddev_samp" },
  FIRST_VALUE: { name: "first_value" },
  LAST_VALUE: { name: "last_value" },
  EARLIEST: { name: "earliest" },
  LATEST: { name: "latest" },
  QUANTILE: { name: "quantile" },
  MEDIAN: { name: "quantile", parameter: 0.5 },
  P50: { name: "quantile", parameter: 0.5 },
  P75: { name: "quantile", parameter: 0.75 },
  P90: { name: "quantile", parameter: 0.9 },
  P95: { name: "quantile", parameter: 0.95 },
  P99: { name: "quantile", parameter: 0.99 },
  P999: { name: "quantile", parameter: 0.999 },
};

/** Scalar functions: the plan's operator and how many arguments they take. */
export const FUNCTIONS: Record<string, { operator: string; least: number; most: number }> = {
  ABS: { operator: "abs", least: 1, most: 1 },
  FLOOR: { operator: "floor", least: 1, most: 1 },
  CEIL: { operator: "ceil", least: 1, most: 1 },
  CEILING: { operator: "ceil", least: 1, most: 1 },
  ROUND: { operator: "round", least: 1, most: 2 },
  SQRT: { operator: "sqrt", least: 1, most: 1 },
  POWER: { operator: "power", least: 2, most: 2 },
  MOD: { operator: "modulo", least: 2, most: 2 },
  COALESCE: { operator: "coalesce", least: 1, most: 64 },
  IFNULL: { operator: "coalesce", least: 2, most: 2 },
};

/** Whether a function or aggregate of that name, in upper case, can be called. */
export const isKnownFunction = (name: string): boolean =>
  Object.hasOwn(AGGREGATES, name) || Object.hasOwn(FUNCTIONS, name);

/** Functions that come with a later version. */
export const FUNCTIONS_LATER = new Set(
  `LN LOG10 EXP SIN COS LEAST GREATEST CONCAT UPPER LOWER SUBSTRING RANGE DELTA INCREASE RATE SLOPE CORR
  COVAR_POP TIME_IN TIME_WEIGHTED_AVG MODE TOP_K ARRAY_AGG APPROX_COUNT_DISTINCT HISTOGRAM COVERAGE MIN_BY
  MAX_BY`.split(/\s+/),
);

/** Functions of Flink SQL that this subset has not, and what to do instead. */
export const FUNCTIONS_OF_FLINK: Record<string, string> = {
  ...all(
    "TUMBLE_START TUMBLE_END HOP_START HOP_END TUMBLE_ROWTIME HOP_ROWTIME",
    "the columns window_start, window_end, window_time say it",
  ),
  ...all(
    "TUMBLE HOP CUMULATE SESSION",
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
  ...all(
    "ROW_NUMBER RANK DENSE_RANK NTILE LAG LEAD PERCENT_RANK CUME_DIST NTH_VALUE",
    "OVER windows are not in this version",
  ),
  ...all("CAST TRY_CAST", "give the column its type under `fields:` of the source"),
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
      "LEFT RIGHT REVERSE INITCAP REPEAT SPLIT_INDEX REGEXP REGEXP_EXTRACT REGEXP_REPLACE CONCAT_WS SUBSTR",
    "text functions are not in this version",
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
  OVER: "use a window in FROM",
  LIKE: "compare with = or IN",
  CAST: "give the column its type under `fields:` of the source",
};

/** Words that begin a part of Flink SQL which is not in the subset, and what to do instead. */
export const REFUSED: Record<string, string> = {
  ...all("INTERSECT EXCEPT MINUS", "write two pipelines"),
  ...all("LIMIT OFFSET FETCH", STREAM),
  ...all("GROUPING ROLLUP CUBE", GROUPINGS),
  ORDER: "results come in a defined order, by window end",
  WINDOW: "write the window in FROM",
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
  SIMILAR: "compare with = or IN",
  EXTRACT: "windows say their time by window_start and window_end",
  ALL: "leave it out",
};
