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

/** Functions that come with a later version. */
export const FUNCTIONS_LATER = new Set(
  `LN LOG10 EXP SIN COS LEAST GREATEST CONCAT UPPER LOWER SUBSTRING RANGE DELTA INCREASE RATE SLOPE CORR COVAR_POP
  TIME_IN TIME_WEIGHTED_AVG MODE TOP_K ARRAY_AGG APPROX_COUNT_DISTINCT HISTOGRAM COVERAGE MIN_BY MAX_BY`.split(/\s+/),
);

/** Functions of Flink SQL that this subset has not, and what to do instead. */
export const FUNCTIONS_OF_FLINK: Record<string, string> = {
  ...all("TUMBLE_START TUMBLE_END HOP_START HOP_END TUMBLE_ROWTIME HOP_ROWTIME", "the columns window_start, window_end, window_time say it"),
  ...all("TUMBLE HOP CUMULATE SESSION", "a window stands in FROM: FROM TABLE(TUMBLE(TABLE …, DESCRIPTOR(…), INTERVAL '10' SECOND))"),
  ...all("PERCENTILE PERCENTILE_CONT PERCENTILE_DISC APPROX_PERCENTILE", "write QUANTILE(x, 0.95), or P50 P75 P90 P95 P99 P999"),
  ...all("COVAR_SAMP LISTAGG COLLECT JSON_OBJECTAGG JSON_ARRAYAGG STRING_AGG", "leave it to the reader of the results"),
  ...all("ROW_NUMBER RANK DENSE_RANK NTILE LAG LEAD PERCENT_RANK CUME_DIST NTH_VALUE", "OVER windows are not in this version"),
  ...all("CAST TRY_CAST", "give the column its type under `fields:` of the source"),
  ...all("IF NULLIF", "write CASE WHEN … THEN … ELSE … END"),
  ...all("TRUNCATE SIGN LOG LOG2 TAN ASIN ACOS ATAN ATAN2 SINH COSH TANH COT PI E DEGREES RADIANS RAND UUID HEX BIN", "compute it from the results"),
  ...all("TO_TIMESTAMP TO_TIMESTAMP_LTZ UNIX_TIMESTAMP FROM_UNIXTIME DATE_FORMAT TIMESTAMPADD TIMESTAMPDIFF TO_DATE", "the time is read by `time:` of the source; windows say theirs by window_start and window_end"),
  ...all("NOW PROCTIME CURRENT_WATERMARK", "results depend on their input only, never on a clock"),
  ...all("CHAR_LENGTH CHARACTER_LENGTH LENGTH TRIM LTRIM RTRIM LPAD RPAD REPLACE OVERLAY POSITION LOCATE INSTR LEFT RIGHT REVERSE INITCAP REPEAT SPLIT_INDEX REGEXP REGEXP_EXTRACT REGEXP_REPLACE CONCAT_WS SUBSTR MD5 SHA1 SHA2 SHA256", "text functions are not in this version"),
  ...all("JSON_VALUE JSON_QUERY JSON_EXISTS JSON_OBJECT JSON_ARRAY JSON_STRING", "members of nested objects are reached by dots: outer.inner"),
};

function all(names: string, hint: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [name, hint]));
}

/** Words that begin a part of Flink SQL which is not in the subset, and what to do instead. */
export const REFUSED: Record<string, string> = {
  JOIN: "joins are not in this version: send both kinds of readings to one topic tree and use one source",
  INNER: "joins are not in this version",
  LEFT: "joins are not in this version",
  RIGHT: "joins are not in this version",
  FULL: "joins are not in this version",
  CROSS: "joins are not in this version",
  NATURAL: "joins are not in this version",
  UNION: "UNION is not in this version: write two pipelines with the same sink",
  INTERSECT: "set operations are not in the subset: write two pipelines",
  EXCEPT: "set operations are not in the subset: write two pipelines",
  ORDER: "ORDER BY is not in the subset: results come in a defined order, by window end",
  LIMIT: "LIMIT is not in the subset: a stream has no end; filter with HAVING",
  OFFSET: "OFFSET is not in the subset: a stream has no end",
  FETCH: "FETCH is not in the subset: a stream has no end",
  WINDOW: "named windows are not in the subset: write the window in FROM",
  MATCH_RECOGNIZE: "patterns are not in this version",
  WITH: "WITH is not in the subset: write a pipeline of its own",
  INSERT: "INSERT INTO is not needed: the pipeline's `to:` says where results go",
  CREATE: "CREATE is not needed: sources are written under `sources:`",
  DISTINCT: "DISTINCT is not in this version: GROUP BY the columns",
  OVER: "OVER windows are not in this version",
  FILTER: "FILTER is not in the subset: use CASE WHEN … THEN x END inside the aggregate",
  LATERAL: "LATERAL is not in the subset: members of nested objects are reached by dots",
  UNNEST: "UNNEST is not in the subset: an array of objects is already one record each",
  TABLESAMPLE: "TABLESAMPLE is not in the subset: every record counts",
  QUALIFY: "QUALIFY is not in the subset: filter results with HAVING",
  VALUES: "VALUES is not in the subset: read a source",
  PIVOT: "PIVOT is not in the subset: write CASE WHEN inside an aggregate for each column",
  EXISTS: "subqueries are not in the subset: write a pipeline of its own",
  LIKE: "LIKE is not in this version: compare with = or IN",
  SIMILAR: "SIMILAR is not in the subset: compare with = or IN",
  CAST: "CAST is not in this version: give the column its type under `fields:`",
  EXTRACT: "EXTRACT is not in the subset: windows say their time by window_start and window_end",
  SESSION: "SESSION windows are not in this version: use TUMBLE, HOP or CUMULATE",
  GROUPING: "GROUPING SETS are not in the subset: write one pipeline for each grouping",
  ROLLUP: "ROLLUP is not in the subset: write one pipeline for each grouping",
  CUBE: "CUBE is not in the subset: write one pipeline for each grouping",
};
