// Closed lists of words: what is reserved, what Flink SQL has and this subset does not, and what to do instead.
// Portable: imports nothing.

/** Reserved words of Flink SQL that people like as column names, and those that the grammar uses. */
export const RESERVED = new Set(
  `ALL AND ANY ARRAY AS ASYMMETRIC AT AVG BETWEEN BIGINT BINARY BOOLEAN BOTH BY CASE CAST CHAR CHECK COLUMN
  CONDITION CONNECT CONSTRAINT COUNT CROSS CUBE CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CYCLE DATE DAY
  DEC DECIMAL DEFAULT DELETE DESCRIBE DESCRIPTOR DISTINCT DOUBLE DROP ELEMENT ELSE END ESCAPE EXCEPT EXISTS
  EXTRACT FALSE FETCH FILTER FLOAT FOR FROM FULL FUNCTION GRANT GROUP GROUPING HAVING HOUR IDENTITY IN INDICATOR
  INNER INSERT INT INTEGER INTERSECT INTERVAL INTO IS JOIN LANGUAGE LAST_VALUE LATERAL LEADING LEFT LIKE LIMIT
  LOCALTIME LOCALTIMESTAMP MATCH MATCH_RECOGNIZE MAX MERGE METHOD MIN MINUTE MODULE MONTH MULTISET NATURAL NOT
  NULL NUMERIC OF OFFSET ON ONLY OR ORDER OUTER OVER OVERLAPS PARTITION PERCENT PERIOD POSITION POWER PRECEDES
  PRECISION PRIMARY RANGE RANK REAL RESET RESULT RETURN REVOKE RIGHT ROLLUP ROW ROWS SECOND SELECT SESSION_USER
  SET SHOW SIMILAR SMALLINT SOME START STATISTICS SUM SYMMETRIC SYSTEM TABLE THEN TIME TIMESTAMP TINYINT TO
  TRAILING TRIGGER TRUE TRUNCATE UESCAPE UNION UNIQUE UNKNOWN UPDATE UPPER USER USING VALUE VALUES VARCHAR WHEN
  WHERE WINDOW WITH WITHIN YEAR`.split(/\s+/),
);

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

/** Functions that Flink or the design has and this version does not. */
export const FUNCTIONS_LATER = new Set(
  `CAST LN LOG10 EXP SIN COS LEAST GREATEST CONCAT UPPER LOWER SUBSTRING RANGE DELTA INCREASE RATE SLOPE CORR
  COVAR_POP TIME_IN TIME_WEIGHTED_AVG MODE TOP_K ARRAY_AGG APPROX_COUNT_DISTINCT HISTOGRAM COVERAGE MIN_BY MAX_BY
  LAG LEAD PARTIAL MERGE`.split(/\s+/),
);

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
  LATERAL: "LATERAL is not in the subset",
  EXISTS: "subqueries are not in the subset: write a pipeline of its own",
  LIKE: "LIKE is not in this version: compare with = or IN",
  SIMILAR: "SIMILAR is not in the subset: compare with = or IN",
  CAST: "CAST is not in this version: give the column its type under `fields:`",
  EXTRACT: "EXTRACT is not in the subset",
  SESSION: "SESSION windows are not in this version: use TUMBLE, HOP or CUMULATE",
  GROUPING: "GROUPING SETS are not in the subset: write one pipeline for each grouping",
  ROLLUP: "ROLLUP is not in the subset: write one pipeline for each grouping",
  CUBE: "CUBE is not in the subset: write one pipeline for each grouping",
};
