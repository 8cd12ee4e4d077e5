// Statements for each production of docs/sql.md: accepted ones and refused ones (with the code).
// grammar.test.ts runs them, flink-parser.test.ts gives the accepted ones to another parser of Flink SQL.
// Imports nothing.

export interface Production {
  accepted: string[];
  refused: [sql: string, code: string][];
}

const W = "TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND))";
const ROWS = "ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW";
const G = "GROUP BY device, window_start, window_end";
const from = (window: string): string => `SELECT device, COUNT(*) AS n FROM TABLE(${window}) ${G}`;
const tumble = (interval: string): string => from(`TUMBLE(TABLE plant, DESCRIPTOR(ts), ${interval})`);
const where = (condition: string): string => `SELECT ts FROM plant WHERE ${condition}`;
const select = (expression: string): string => `SELECT ${expression} AS x FROM plant`;

export const GRAMMAR: Record<string, Production> = {
  statement: {
    accepted: [
      "SELECT ts FROM plant",
      "select ts from plant;",
      "SELECT ts FROM plant WHERE temp > 1",
      `SELECT device, AVG(temp) AS m FROM ${W} WHERE temp > 1 ${G} HAVING COUNT(*) > 1;`,
    ],
    refused: [
      [";", "MR201"],
      ["SELECT ts", "MR201"],
      ["FROM plant SELECT ts", "MR201"],
      ["SELECT ts FROM plant WHERE", "MR201"],
      ["SELECT ts FROM plant HAVING temp > 1", "MR210"],
      ["SELECT ts FROM plant ; ;", "MR201"],
      ["SELECT ts FROM plant LIMIT 1", "MR208"],
    ],
  },
  items: {
    accepted: ["SELECT ts, temp + 1, device = 'a' FROM plant"],
    refused: [
      ["SELECT FROM plant", "MR201"],
      ["SELECT ts, FROM plant", "MR201"],
      ["SELECT *, ts FROM plant", "MR201"],
      ["SELECT * FROM plant", "MR210"],
      ["SELECT DISTINCT ts FROM plant", "MR209"],
    ],
  },
  item: {
    accepted: ["SELECT ts AS a, ts b, ts `c d`, ts AS `max` FROM plant"],
    refused: [
      ["SELECT ts AS FROM plant", "MR201"],
      ["SELECT ts AS max FROM plant", "MR212"],
      ["SELECT ts AS 'a' FROM plant", "MR201"],
      ["SELECT ts AS a, temp + 1 AS a FROM plant", "MR215"],
    ],
  },
  table: {
    accepted: [
      "SELECT ts FROM plant AS p",
      "SELECT p.ts, p.temp + 1 AS t FROM plant p",
      "SELECT plant.ts FROM plant",
      "SELECT ts FROM `plant`",
      `SELECT device, COUNT(*) AS n FROM TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' SECOND) ${G}`,
      `SELECT w.device, COUNT(*) AS n FROM ${W} AS w GROUP BY w.device, window_start, window_end`,
    ],
    refused: [
      ["SELECT ts FROM", "MR201"],
      ["SELECT ts FROM (SELECT ts FROM plant)", "MR208"],
      ["SELECT ts FROM TABLE(plant)", "MR201"],
      ["SELECT ts FROM plant, plant", "MR209"],
      ["SELECT ts FROM nowhere", "MR213"],
      ["SELECT ts FROM plant JOIN plant ON 1 = 1", "MR209"],
    ],
  },
  window: {
    accepted: [tumble("INTERVAL '1' MINUTE")],
    refused: [
      [from("SLIDE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' MINUTE)"), "MR211"],
      [`SELECT device FROM ${W}`, "MR210"],
    ],
  },
  tumble: {
    accepted: [
      tumble("INTERVAL '1' MINUTE, INTERVAL '5' SECOND"),
      from("TUMBLE(DATA => TABLE plant, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' MINUTE)"),
      from(
        "tumble(SIZE => INTERVAL '1' MINUTE, OFFSET => INTERVAL '-5' SECOND, TIMECOL => DESCRIPTOR(ts), DATA => TABLE plant)",
      ),
    ],
    refused: [
      [from("TUMBLE(TABLE plant, DESCRIPTOR(ts))"), "MR211"],
      [from("TUMBLE(TABLE plant, DESCRIPTOR(ts), SIZE => INTERVAL '1' MINUTE)"), "MR211"],
      [from("TUMBLE(DATA => TABLE plant, TIMECOL => DESCRIPTOR(ts), SLIDE => INTERVAL '1' MINUTE)"), "MR211"],
      [
        from(
          "TUMBLE(DATA => TABLE plant, DATA => TABLE plant, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' MINUTE)",
        ),
        "MR211",
      ],
      [tumble("INTERVAL '0' SECOND"), "MR211"],
      [tumble("INTERVAL '-1' SECOND"), "MR211"],
      [tumble("INTERVAL '30000' DAY"), "MR211"],
    ],
  },
  session: {
    accepted: [
      from("SESSION(TABLE plant PARTITION BY device, DESCRIPTOR(ts), INTERVAL '1' MINUTE)"),
      from(
        "SESSION(DATA => TABLE plant PARTITION BY device, TIMECOL => DESCRIPTOR(ts), GAP => INTERVAL '5' MINUTES)",
      ),
      "SELECT COUNT(*) AS n FROM SESSION(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
    ],
    refused: [
      [from("SESSION(TABLE plant PARTITION BY device, DESCRIPTOR(ts))"), "MR211"],
      [
        from(
          "SESSION(TABLE plant PARTITION BY device, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '1' HOUR)",
        ),
        "MR211",
      ],
      [from("SESSION(TABLE plant PARTITION BY device, DESCRIPTOR(ts), INTERVAL '0' SECOND)"), "MR211"],
      [from("SESSION(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' MINUTE)"), "MR210"],
    ],
  },
  tumblerows: {
    accepted: [
      from("TUMBLE_ROWS(TABLE plant PARTITION BY device, 100)"),
      from("TUMBLE_ROWS(DATA => TABLE plant PARTITION BY (device), SIZE => 100)"),
      "SELECT COUNT(*) AS n FROM tumble_rows(TABLE plant, 1) GROUP BY window_start, window_end",
    ],
    refused: [
      [from("TUMBLE_ROWS(TABLE plant PARTITION BY device)"), "MR211"],
      [from("TUMBLE_ROWS(TABLE plant PARTITION BY device, 0)"), "MR211"],
      [from("TUMBLE_ROWS(TABLE plant PARTITION BY device, 1.5)"), "MR211"],
      [from("TUMBLE_ROWS(TABLE plant PARTITION BY device, 2000000000)"), "MR211"],
      [from("TUMBLE_ROWS(TABLE plant PARTITION BY device, INTERVAL '1' SECOND)"), "MR211"],
      [from("TUMBLE_ROWS(TABLE plant PARTITION BY device, DESCRIPTOR(ts), 100)"), "MR211"],
      [from("TUMBLE_ROWS(TABLE plant, 100)"), "MR210"],
      [
        "SELECT COVERAGE() AS c FROM TABLE(TUMBLE_ROWS(TABLE plant, 9)) GROUP BY window_start, window_end",
        "MR210",
      ],
    ],
  },
  hoprows: {
    accepted: [
      from("HOP_ROWS(TABLE plant PARTITION BY device, 10, 100)"),
      from("HOP_ROWS(DATA => TABLE plant PARTITION BY device, SLIDE => 100, SIZE => 10)"),
    ],
    refused: [
      [from("HOP_ROWS(TABLE plant PARTITION BY device, 10)"), "MR211"],
      [from("HOP_ROWS(TABLE plant PARTITION BY device, 10, -100)"), "MR211"],
      [from("HOP_ROWS(TABLE plant PARTITION BY device, 0, 100)"), "MR211"],
    ],
  },
  resample: {
    accepted: [
      "SELECT device, ts, temp, INTERPOLATE(hum) AS hum FROM TABLE(RESAMPLE(TABLE plant PARTITION BY device, DESCRIPTOR(ts), INTERVAL '1' SECOND))",
      "SELECT ts, INTERPOLATE(temp) - temp AS off FROM RESAMPLE(DATA => TABLE plant, TIMECOL => DESCRIPTOR(ts), PERIOD => INTERVAL '1' MINUTE, OFFSET => INTERVAL '1' SECOND) WHERE CHANGED(temp)",
    ],
    refused: [
      ["SELECT ts FROM TABLE(RESAMPLE(TABLE plant, DESCRIPTOR(ts)))", "MR211"],
      ["SELECT ts FROM TABLE(RESAMPLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '0' SECOND))", "MR211"],
      ["SELECT ts FROM TABLE(RESAMPLE(TABLE plant, DESCRIPTOR(temp), INTERVAL '1' SECOND))", "MR211"],
      ["SELECT * FROM TABLE(RESAMPLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' SECOND))", "MR210"],
      ["SELECT AVG(temp) FROM TABLE(RESAMPLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' SECOND))", "MR208"],
      [
        "SELECT ts FROM TABLE(RESAMPLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY ts",
        "MR208",
      ],
      [
        "SELECT LAG(temp) AS l FROM TABLE(RESAMPLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' SECOND))",
        "MR210",
      ],
      ["SELECT window_start FROM TABLE(RESAMPLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' SECOND))", "MR210"],
      [
        "SELECT ts FROM TABLE(RESAMPLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' SECOND)) WHERE INTERPOLATE(temp) > 1",
        "MR210",
      ],
      [
        "SELECT INTERPOLATE(temp + 1) AS i FROM TABLE(RESAMPLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' SECOND))",
        "MR205",
      ],
      [select("INTERPOLATE(temp)"), "MR210"],
    ],
  },
  named: {
    accepted: [
      "SELECT SUM(temp) OVER w AS s, MAX(temp) OVER w AS m FROM plant WINDOW w AS (ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)",
    ],
    refused: [
      ["SELECT SUM(temp) OVER w AS s FROM plant", "MR211"],
      ["SELECT ts FROM plant WINDOW w AS (ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)", "MR211"],
      ["SELECT SUM(temp) OVER w AS s FROM plant WINDOW w (ORDER BY ts)", "MR201"],
      ["SELECT LAG(temp) OVER w AS s FROM plant", "MR211"],
    ],
  },
  over: {
    accepted: [select(`SUM(temp) OVER (${ROWS})`), select(`temp - AVG(temp) OVER (${ROWS}) * 2`)],
    refused: [
      [where(`SUM(temp) OVER (${ROWS}) > 1`), "MR210"],
      [select(`ABS(temp) OVER (${ROWS})`), "MR208"],
      [select(`COVERAGE() OVER (${ROWS})`), "MR208"],
      [select(`SUM(temp) OVER (${ROWS}) + SUM(temp)`), "MR210"],
      [select(`SUM(AVG(temp) OVER (${ROWS})) OVER (${ROWS})`), "MR210"],
      [select(`SUM(temp) OVER (${ROWS}) + SUM(temp) OVER (PARTITION BY device ${ROWS})`), "MR209"],
      [`SELECT SUM(temp) OVER (${ROWS}) AS s FROM plant GROUP BY device`, "MR208"],
      [`SELECT SUM(temp) OVER (${ROWS}) AS s FROM ${W}`, "MR208"],
      [`SELECT SUM(temp) OVER (${ROWS}) AS s FROM plant HAVING TRUE`, "MR210"],
    ],
  },
  spec: {
    accepted: [
      select(`SUM(temp) OVER (PARTITION BY device ${ROWS})`),
      select(`SUM(temp) OVER (PARTITION BY device, site ${ROWS.replace("ts", "ts ASC")})`),
      select("LAG(temp) OVER (PARTITION BY device, site)"),
      select("LAG(temp) OVER ()"),
      select("LAG(temp) OVER (PARTITION BY device ORDER BY ts)"),
      `SELECT LAG(temp) OVER (ORDER BY ts) AS l, SUM(temp) OVER (${ROWS}) AS s FROM plant`,
    ],
    refused: [
      [select("SUM(temp) OVER ()"), "MR211"],
      [select("LAG(temp) OVER (ORDER BY temp)"), "MR211"],
      [where("LAG(temp) OVER (ORDER BY ts) > 1"), "MR210"],
      [select(`SUM(LAG(temp) OVER (ORDER BY ts)) OVER (${ROWS})`), "MR210"],
      [select(`SUM(temp) OVER (${ROWS}) + LAG(temp) OVER (PARTITION BY device ORDER BY ts)`), "MR209"],
      [select("LAG(CHANGED(temp)) OVER (ORDER BY ts)"), "MR210"],
      [`SELECT LAG(device) OVER (ORDER BY ts) AS l FROM ${W} ${G}`, "MR208"],
      [select(`LAG(temp) OVER (${ROWS})`), "MR211"],
      [select("DEADBAND(temp, 1) OVER (PARTITION BY temp)"), "MR207"],
      [select("LAG(temp) OVER (PARTITION BY temp + 1)"), "MR201"],
      [select("SUM(temp) OVER (PARTITION BY device)"), "MR211"],
      [select(`SUM(temp) OVER (${ROWS.replace("ts", "temp")})`), "MR211"],
      [select(`SUM(temp) OVER (${ROWS.replace("ts", "ts DESC")})`), "MR208"],
      [select(`SUM(temp) OVER (PARTITION BY temp ${ROWS})`), "MR207"],
    ],
  },
  frame: {
    accepted: [
      select("SUM(temp) OVER (ORDER BY ts RANGE BETWEEN INTERVAL '5' MINUTE PRECEDING AND CURRENT ROW)"),
      select("SUM(temp) OVER (ORDER BY ts ROWS BETWEEN 0 PRECEDING AND CURRENT ROW)"),
    ],
    refused: [
      [select("SUM(temp) OVER (ORDER BY ts)"), "MR211"],
      [select("SUM(temp) OVER (ORDER BY ts ROWS 9 PRECEDING)"), "MR211"],
      [select("SUM(temp) OVER (ORDER BY ts ROWS BETWEEN 1.5 PRECEDING AND CURRENT ROW)"), "MR211"],
      [select("SUM(temp) OVER (ORDER BY ts RANGE BETWEEN 9 PRECEDING AND CURRENT ROW)"), "MR211"],
      [
        select("SUM(temp) OVER (ORDER BY ts RANGE BETWEEN INTERVAL '-1' SECOND PRECEDING AND CURRENT ROW)"),
        "MR211",
      ],
      [select("SUM(temp) OVER (ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"), "MR209"],
      [select("SUM(temp) OVER (ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)"), "MR208"],
    ],
  },
  partition: {
    accepted: [
      from("SESSION(TABLE plant PARTITION BY (device), DESCRIPTOR(ts), INTERVAL '1' MINUTE)"),
      "SELECT device, COUNT(*) AS n FROM TABLE(SESSION(TABLE plant PARTITION BY (device, site), DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY site, device, window_start, window_end",
    ],
    refused: [
      [from("SESSION(TABLE plant PARTITION BY, DESCRIPTOR(ts), INTERVAL '1' MINUTE)"), "MR201"],
      [from("SESSION(TABLE plant PARTITION BY (), DESCRIPTOR(ts), INTERVAL '1' MINUTE)"), "MR201"],
      [from("SESSION(TABLE plant PARTITION BY device, site, DESCRIPTOR(ts), INTERVAL '1' MINUTE)"), "MR211"],
      [from("SESSION(TABLE plant PARTITION BY site, DESCRIPTOR(ts), INTERVAL '1' MINUTE)"), "MR210"],
      [from("TUMBLE(TABLE plant PARTITION BY device, DESCRIPTOR(ts), INTERVAL '1' MINUTE)"), "MR211"],
    ],
  },
  hop: {
    accepted: [
      from("HOP(TABLE plant, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '1' MINUTE)"),
      from("HOP(TABLE plant, DESCRIPTOR(ts), INTERVAL '7' SECOND, INTERVAL '3' SECOND, INTERVAL '1' SECOND)"),
      from(
        "HOP(DATA => TABLE plant, TIMECOL => DESCRIPTOR(ts), SLIDE => INTERVAL '5' MINUTES, SIZE => INTERVAL '10' MINUTES)",
      ),
    ],
    refused: [[from("HOP(TABLE plant, DESCRIPTOR(ts), INTERVAL '5' SECOND)"), "MR211"]],
  },
  cumulate: {
    accepted: [
      from("CUMULATE(TABLE plant, DESCRIPTOR(ts), INTERVAL '2' MINUTES, INTERVAL '10' MINUTES)"),
      from(
        "CUMULATE(DATA => TABLE plant, TIMECOL => DESCRIPTOR(ts), STEP => INTERVAL '2' MINUTE, SIZE => INTERVAL '10' MINUTE, OFFSET => INTERVAL '1' MINUTE)",
      ),
    ],
    refused: [
      [from("CUMULATE(TABLE plant, DESCRIPTOR(ts), INTERVAL '3' MINUTE, INTERVAL '10' MINUTE)"), "MR211"],
    ],
  },
  data: {
    accepted: [from("TUMBLE(TABLE `plant`, DESCRIPTOR(ts), INTERVAL '1' SECOND)")],
    refused: [
      [from("TUMBLE(plant, DESCRIPTOR(ts), INTERVAL '1' SECOND)"), "MR201"],
      [from("TUMBLE(TABLE (SELECT ts FROM plant), DESCRIPTOR(ts), INTERVAL '1' SECOND)"), "MR201"],
      [from("TUMBLE(TABLE plant PARTITION BY device, DESCRIPTOR(ts), INTERVAL '1' SECOND)"), "MR211"],
    ],
  },
  time: {
    accepted: [from("TUMBLE(TABLE plant, descriptor(`ts`), INTERVAL '1' SECOND)")],
    refused: [
      [from("TUMBLE(TABLE plant, ts, INTERVAL '1' SECOND)"), "MR201"],
      [from("TUMBLE(TABLE plant, DESCRIPTOR(temp), INTERVAL '1' SECOND)"), "MR211"],
    ],
  },
  interval: {
    accepted: [
      tumble("INTERVAL '0.5' SECOND"),
      tumble("INTERVAL '0.000000001' SECOND"),
      tumble("INTERVAL '300' SECOND"),
      tumble("INTERVAL '1 12' DAY TO HOUR"),
      tumble("INTERVAL '1 12:30:15.5' DAY TO SECOND"),
      tumble("INTERVAL '1:30' HOUR TO MINUTE"),
      tumble("INTERVAL '1:30' MINUTE TO SECOND"),
      tumble("INTERVAL '1' SECOND, INTERVAL -'0.5' SECOND"),
    ],
    refused: [
      [tumble("10"), "MR211"],
      [tumble("'10' SECOND"), "MR201"],
      [tumble("INTERVAL 10 SECOND"), "MR211"],
      [tumble("INTERVAL 'ten' SECOND"), "MR211"],
      [tumble("INTERVAL '0.0000000001' SECOND"), "MR211"],
      [tumble("INTERVAL '1.5' MINUTE"), "MR211"],
      [tumble("INTERVAL '1:60' MINUTE TO SECOND"), "MR211"],
      [tumble("INTERVAL '1:30' SECOND TO MINUTE"), "MR211"],
      [tumble("INTERVAL '1' SECOND(3)"), "MR208"],
    ],
  },
  unit: {
    accepted: ["DAY", "HOUR", "MINUTE", "SECOND", "days", "hours", "minutes", "seconds"].map((unit) =>
      tumble(`INTERVAL '1' ${unit}`),
    ),
    refused: ["WEEK", "MONTH", "QUARTER", "YEAR", "MILLISECOND", "S", ""].map((unit) => [
      tumble(`INTERVAL '1' ${unit}`),
      "MR211",
    ]),
  },
  group: {
    accepted: [
      `SELECT COUNT(*) AS n FROM ${W} GROUP BY window_start, window_end`,
      `SELECT window_time, COUNT(*) AS n FROM ${W} GROUP BY window_end, device, window_time, window_start`,
    ],
    refused: [
      ["SELECT device FROM plant GROUP BY device", "MR210"],
      [`SELECT device FROM ${W} GROUP BY device`, "MR210"],
      [`SELECT COUNT(*) FROM ${W} GROUP BY 1, window_start, window_end`, "MR210"],
      [`SELECT COUNT(*) FROM ${W} GROUP BY FLOOR(temp), window_start, window_end`, "MR210"],
      [`SELECT COUNT(*) FROM ${W} GROUP BY ts, window_start, window_end`, "MR214"],
      [`SELECT temp, hum FROM ${W} GROUP BY temp, window_start, window_end`, "MR210"],
      [`SELECT COUNT(*) FROM ${W} GROUP BY CUBE (device)`, "MR208"],
    ],
  },
  expression: {
    accepted: [where("a = 1 OR b = 2 OR c = 3"), where("ok OR a = 1 AND b = 1")],
    refused: [
      [where("a = 1 OR"), "MR201"],
      [where("temp OR ok AND temp + 1"), "MR206"],
    ],
  },
  and: { accepted: [where("a = 1 AND b = 2 AND ok")], refused: [[where("AND a = 1"), "MR201"]] },
  not: { accepted: [where("NOT ok"), where("NOT NOT a = 1")], refused: [[where("a NOT = 1"), "MR201"]] },
  predicate: {
    accepted: [where("(a < b) = ok")],
    refused: [
      [where("a < b < c"), "MR201"],
      [where("a = b IS NULL"), "MR201"],
      [where("ok IS TRUE"), "MR208"],
      [where("device SIMILAR TO 'a'"), "MR208"],
    ],
  },
  comparison: {
    accepted: ["=", "<>", "<", "<=", ">", ">="].map((operator) => where(`temp ${operator} 1`)),
    refused: [
      [where("temp != 1"), "MR201"],
      [where("temp == 1"), "MR201"],
      [where("device < 'a'"), "MR206"],
      [where("ok > TRUE"), "MR206"],
      [where("ts > 5"), "MR206"],
      [where("temp = 'a' AND temp = 1"), "MR207"],
    ],
  },
  between: {
    accepted: [where("temp BETWEEN -40 AND 125 AND ok"), where("temp NOT BETWEEN 1 AND 2")],
    refused: [
      [where("temp BETWEEN 1"), "MR201"],
      [where("temp BETWEEN SYMMETRIC 2 AND 1"), "MR208"],
      [where("device BETWEEN 'a' AND 'b'"), "MR206"],
    ],
  },
  in: {
    accepted: [where("device IN ('a', 'b')"), where("temp NOT IN (1, 2, NULL)"), where("ok IN (TRUE)")],
    refused: [
      [where("temp IN ()"), "MR201"],
      [where("temp IN (SELECT a FROM plant)"), "MR208"],
      [where("temp IN (1, 'a')"), "MR206"],
    ],
  },
  null: {
    accepted: [where("temp + 1 IS NULL"), where("ts IS NOT NULL")],
    refused: [[where("temp IS 1"), "MR201"]],
  },
  sum: {
    accepted: [select("a + b - c")],
    refused: [
      [select("a + 'b'"), "MR206"],
      [select("ts + 1"), "MR206"],
    ],
  },
  product: {
    accepted: [select("a * b / c % 2"), select("device || '-' || UPPER(note) || CAST(a * 2 AS STRING)")],
    refused: [
      [select("a * * b"), "MR201"],
      [select("device || a * 2"), "MR206"],
      [select("device || 1"), "MR206"],
      [select("device || ts"), "MR206"],
    ],
  },
  sign: { accepted: [select("-a + +b - -1")], refused: [[select("-'a'"), "MR206"]] },
  primary: {
    accepted: [select("((1))"), where("TRUE"), where("a = NULL OR NOT FALSE"), select("'a'")],
    refused: [
      [select("(1"), "MR201"],
      [select("DATE '2020-01-01'"), "MR208"],
      [select("ARRAY[1]"), "MR212"],
      [select("CURRENT_TIMESTAMP"), "MR212"],
    ],
  },
  column: {
    accepted: [select("AM2301.Temperature + 1"), select("`AM2301`.`value` + 1"), select("plant.a.b + 1")],
    refused: [
      [select("a. + 1"), "MR201"],
      [select("a.value + 1"), "MR212"],
      [select("a[1]"), "MR201"],
    ],
  },
  call: {
    accepted: [
      select("POWER(ABS(a), 2) + MOD(g, 2)"),
      select("FLOOR(c) + CEIL(d)"),
      select("ROUND(e)"),
      select("ROUND(f, 2) * 3"),
      select("SQRT(a)"),
      select("EXP(LN(a)) + 1"),
      select("LOG10(SIN(a))"),
      select("COS(a) * 2"),
      select("LEAST(a, b, 3) + 1"),
      select("GREATEST(c, 0)"),
      select("CEILING(a)"),
      select("COALESCE(a, b, 0)"),
      select("IFNULL(c, 1) + 1"),
      select("CONCAT(UPPER(device), LOWER(note), 'c', device)"),
      select("SUBSTRING(device, 2)"),
      select("SUBSTR(device, -3, 1 + 1)"),
      `SELECT device, UPPER(MAX(note)) || CAST(COUNT(*) AS STRING) AS s FROM ${W} ${G} HAVING LOWER(device) <> 'x'`,
      `SELECT device, COUNT(*) AS n, COUNT(note) AS c, SUM(temp) AS s, AVG(temp) AS a, MIN(temp) AS lo, MAX(temp) AS hi FROM ${W} ${G}`,
      `SELECT device, VAR_POP(temp) AS a, VAR_SAMP(temp) AS b, STDDEV_POP(temp) AS c, STDDEV_SAMP(temp) AS d, VARIANCE(temp) AS e, STDDEV(temp) AS f FROM ${W} ${G}`,
      `SELECT device, FIRST_VALUE(temp) AS a, LAST_VALUE(temp) AS b, EARLIEST(temp) AS c, LATEST(temp) AS d FROM ${W} ${G}`,
      `SELECT device, QUANTILE(temp, 0.9) AS q, P50(temp), P75(temp), P90(temp), P95(temp), P99(temp), P999(temp), MEDIAN(temp) FROM ${W} ${G}`,
      `SELECT device, COUNT(DISTINCT temp) AS n, COUNT( distinct device ) AS m, APPROX_COUNT_DISTINCT(temp) AS k, MODE(temp) AS o, TOP_K(temp, 3) AS p FROM ${W} ${G}`,
      `SELECT device, MAX(device) AS d, MIN(note) AS m, LATEST(ok) AS l, MAX_BY(note, temp) AS x FROM ${W} WHERE ok ${G} HAVING MIN(note) <> 'x' AND LATEST(ok) AND MIN(temp) < MAX(temp)`,
      `SELECT device, INCREASE(temp) AS i, RATE(temp) AS r, TIME_WEIGHTED_AVG(temp) AS m, TIME_IN(temp > 30 OR ok) AS s FROM ${W} ${G}`,
      `SELECT device, ARRAY_AGG(note) AS a, ARRAY_AGG(temp) AS b FROM ${W} ${G} HAVING MAX(note) = 'a'`,
      `SELECT device, RANGE(temp) AS spread, CORR(temp, hum) AS f, COVAR_POP(temp, hum) AS g FROM ${W} ${G}`,
      `SELECT device, DELTA(temp) AS b, MIN_BY(temp, hum) AS c, MAX_BY(temp, hum) AS d, SLOPE(temp) AS g, COVERAGE() AS h FROM ${W} ${G}`,
      select("LAG(temp)"),
      select("LAG(device, 1000, 'none')"),
      select("FILL(temp) - FILL(hum, INTERVAL '10' MINUTE)"),
      select("DEBOUNCE(ok, INTERVAL '0.5' SECOND)"),
      select("INCREASE(temp) OVER (PARTITION BY device)"),
      "SELECT RATE(temp) OVER w AS r FROM plant WINDOW w AS (PARTITION BY device)",
      where("CHANGED(state) AND NOT (RISING(temp > 80) OR FALLING(temp > 70) OVER (PARTITION BY device))"),
      where("DEADBAND(temp, 0.5) OR DEADBAND(hum, 0, INTERVAL '1' HOUR)"),
      where("DEDUP(id, INTERVAL '10' MINUTE) OVER (PARTITION BY device)"),
      `SELECT device, SUM(INCREASE(temp) OVER (PARTITION BY device)) AS grown FROM ${W} WHERE CHANGED(temp) ${G}`,
      select(`SUM(FILL(temp) OVER (PARTITION BY device)) OVER (${ROWS})`),
      `SELECT device, HISTOGRAM(temp, -5.5, 1e2, 1000) AS h FROM ${W} ${G} HAVING COVERAGE() > 0.5`,
      `SELECT device, SUM(CASE WHEN temp > 1 THEN 1 ELSE 0 END) / COUNT(*) AS share FROM ${W} ${G} HAVING MAX(temp) - MIN(temp) > 1 AND device <> 'x'`,
    ],
    refused: [
      [select("ABS()"), "MR205"],
      [select("ABS(*)"), "MR205"],
      [select("ABS(a, b)"), "MR205"],
      [select("LEAST()"), "MR205"],
      [select("LEAST(device, 'a')"), "MR206"],
      [select("LN(a, b)"), "MR205"],
      [select("ROUND(a, b)"), "MR205"],
      [select("ROUND(a, 16)"), "MR205"],
      [select("frobnicate(a)"), "MR203"],
      [select("avgg(a)"), "MR204"],
      [select("UPPER(ts)"), "MR206"],
      [select("LOWER(device, note)"), "MR205"],
      [select("CONCAT()"), "MR205"],
      [select("CONCAT(device, 1)"), "MR206"],
      [select("SUBSTRING(device)"), "MR205"],
      [select("SUBSTRING(device, 1.5)"), "MR206"],
      [select("SUBSTRING(device, ABS(a))"), "MR206"],
      [select("TRIM(device)"), "MR208"],
      [select("DATE_FORMAT(ts, 'y')"), "MR208"],
      [select("COUNT(*)"), "MR210"],
      [`SELECT MAX(*) FROM ${W} ${G}`, "MR205"],
      [`SELECT SUM(DISTINCT temp) FROM ${W} ${G}`, "MR208"],
      [select("ABS(DISTINCT temp)"), "MR208"],
      [`SELECT COUNT(DISTINCT *) FROM ${W} ${G}`, "MR201"],
      [`SELECT COUNT(DISTINCT) FROM ${W} ${G}`, "MR201"],
      [`SELECT COUNT(DISTINCT a, b) FROM ${W} ${G}`, "MR205"],
      [`SELECT MAX(ts) FROM ${W} ${G}`, "MR206"],
      [`SELECT TIME_IN(temp + 1) FROM ${W} ${G}`, "MR206"],
      [`SELECT RATE(device) FROM ${W} ${G}`, "MR207"],
      [`SELECT TOP_K(temp, 0) FROM ${W} ${G}`, "MR205"],
      [`SELECT TOP_K(temp, 101) FROM ${W} ${G}`, "MR205"],
      [`SELECT TOP_K(temp, hum) FROM ${W} ${G}`, "MR205"],
      [`SELECT MAX(note) + 1 FROM ${W} ${G} HAVING MAX(note) = 'a'`, "MR206"],
      [`SELECT ARRAY_AGG(note) = 'a' FROM ${W} ${G}`, "MR206"],
      [`SELECT COUNT(*) OVER (PARTITION BY device) FROM ${W} ${G}`, "MR208"],
      [select("LAG()"), "MR205"],
      [select("LAG(*)"), "MR205"],
      [select("LAG(temp, 0)"), "MR205"],
      [select("LAG(temp, 1001)"), "MR205"],
      [select("LAG(temp, hum)"), "MR205"],
      [select("LAG(temp + 1, 1, 'a')"), "MR206"],
      [select("LAG(ts)"), "MR206"],
      [select("LEAD(temp)"), "MR208"],
      [select("CHANGED(temp, hum)"), "MR205"],
      [select("RISING(temp + 1)"), "MR206"],
      [select("DEADBAND(temp)"), "MR205"],
      [select("DEADBAND(temp, -1)"), "MR205"],
      [select("DEADBAND(temp, hum)"), "MR205"],
      [select("DEADBAND(temp, 1, 10)"), "MR205"],
      [select("DEDUP(device)"), "MR205"],
      [select("DEDUP(device, INTERVAL '0' SECOND)"), "MR211"],
      [select("DEBOUNCE(ok, INTERVAL -'1' SECOND)"), "MR211"],
      [select("FILL(AVG(temp))"), "MR210"],
      [select(`FILL(temp) + SUM(temp) OVER (${ROWS})`), "MR210"],
      [select("RATE(temp)"), "MR210"],
      [where("RATE(temp) > 1"), "MR210"],
      [`SELECT LAG(device) AS l FROM ${W} ${G}`, "MR210"],
      [`SELECT COUNT(*) AS n FROM ${W} ${G} HAVING CHANGED(COUNT(*))`, "MR210"],
      [`SELECT QUANTILE(temp, 2) FROM ${W} ${G}`, "MR205"],
      [`SELECT QUANTILE(temp, device) FROM ${W} ${G}`, "MR205"],
      [`SELECT SUM(device) FROM ${W} ${G}`, "MR207"],
      [`SELECT CORR(temp) FROM ${W} ${G}`, "MR205"],
      [`SELECT COVERAGE(temp) FROM ${W} ${G}`, "MR205"],
      [`SELECT COVERAGE(*) FROM ${W} ${G}`, "MR205"],
      [`SELECT MIN_BY(temp, device) FROM ${W} ${G}`, "MR207"],
      [`SELECT HISTOGRAM(temp, 0, 1) FROM ${W} ${G}`, "MR205"],
      [`SELECT HISTOGRAM(temp, hum, 1, 5) FROM ${W} ${G}`, "MR205"],
      [`SELECT HISTOGRAM(temp, 0, hum, 5) FROM ${W} ${G}`, "MR205"],
      [`SELECT HISTOGRAM(temp, 1, 1, 5) FROM ${W} ${G}`, "MR205"],
      [`SELECT HISTOGRAM(temp, -1e308, 1e308, 5) FROM ${W} ${G}`, "MR205"],
      [`SELECT HISTOGRAM(temp, 0, 1, 1001) FROM ${W} ${G}`, "MR205"],
      [`SELECT HISTOGRAM(temp, 0, 1, 2.5) FROM ${W} ${G}`, "MR205"],
      [`SELECT HISTOGRAM(temp, 0, 1, 5) + 1 FROM ${W} ${G}`, "MR206"],
      [`SELECT HISTOGRAM(temp, 0, 1, 5) IS NULL AS n FROM ${W} ${G}`, "MR206"],
      [
        `SELECT COUNT(*) AS n FROM ${W} ${G} HAVING HISTOGRAM(temp, 0, 1, 5) = HISTOGRAM(temp, 0, 1, 6)`,
        "MR206",
      ],
    ],
  },
  like: {
    accepted: [
      where("device LIKE 'a%'"),
      where("device NOT LIKE '_b' OR note LIKE 'it''s%'"),
      where("device LIKE '50!%' ESCAPE '!'"),
    ],
    refused: [
      [where("device LIKE"), "MR201"],
      [where("device LIKE note"), "MR205"],
      [where("device LIKE 'a' ESCAPE '!!'"), "MR205"],
      [where("device LIKE '!a' ESCAPE '!'"), "MR205"],
      [where("device LIKE 'a!' ESCAPE '!'"), "MR205"],
      [where("temp + 1 LIKE '1%'"), "MR206"],
      [where("device LIKE 'a' LIKE 'b'"), "MR201"],
      [where("device SIMILAR TO 'a'"), "MR208"],
    ],
  },
  substring: {
    accepted: [select("SUBSTRING(device FROM 2 FOR CAST(a AS BIGINT))"), select("substring('abc' FROM -2)")],
    refused: [
      [select("SUBSTRING(device FROM)"), "MR201"],
      [select("SUBSTRING(device FOR 2)"), "MR201"],
      [select("SUBSTRING(device FROM 1, 2, 3)"), "MR205"],
      [select("SUBSTRING(1 FROM 1)"), "MR206"],
    ],
  },
  cast: {
    accepted: [
      select("CAST(temp AS BIGINT) + 1"),
      select("CAST('1' AS BIGINT) + CAST(device AS BIGINT)"),
      select("TRY_CAST(CAST(temp AS STRING) AS DOUBLE)"),
      where("CAST(device AS BOOLEAN) AND CAST(temp AS BOOLEAN)"),
      where("CAST(CAST(X'41' AS STRING) || 'b' AS BYTES) = X'4162'"),
      select("cast(CAST(temp AS bigint) AS double)"),
      where("CAST(temp AS BIGINT) = 9007199254740993"),
      `SELECT device, SUM(CAST(temp AS BIGINT)) / 2 AS s, AVG(CAST(temp AS BIGINT)) * 0.5 AS a FROM ${W} ${G}`,
    ],
    refused: [
      [select("CAST(temp)"), "MR201"],
      [select("CAST(temp AS)"), "MR208"],
      [select("CAST(temp AS INT)"), "MR208"],
      [select("CAST(X'00' AS BIGINT)"), "MR206"],
      [select("CAST(1 AS BYTES)"), "MR206"],
      [select("CAST(device AS VARCHAR(3))"), "MR208"],
      [select("CAST(ts AS BIGINT)"), "MR206"],
    ],
  },
  bytes: {
    accepted: [where("X'0aFF' = x''"), where("X'00' IN (X'01', NULL)")],
    refused: [
      [where("X'0' = X'00'"), "MR201"],
      [where("X'00' < X'01'"), "MR206"],
      [select("X'00' + 1"), "MR206"],
    ],
  },
  case: {
    accepted: [
      select("CASE WHEN temp > 1 THEN 'hot' WHEN temp > 0 THEN 'warm' ELSE 'cold' END"),
      select("CASE device WHEN 'a' THEN 1 END"),
      select("CASE WHEN ok THEN NULL ELSE 2 END"),
    ],
    refused: [
      [select("CASE END"), "MR201"],
      [select("CASE WHEN ok THEN 1"), "MR201"],
      [select("CASE WHEN temp + 1 THEN 1 END"), "MR206"],
      [select("CASE WHEN ok THEN 1 ELSE 'a' END"), "MR206"],
      [select("CASE WHEN ok THEN ts END"), "MR206"],
    ],
  },
  name: {
    accepted: [select("_a1 + `odd name` + `back``quote` + `ä` + `value`")],
    refused: [
      [select("1a"), "MR201"],
      [select("ä"), "MR201"],
      [select("value"), "MR212"],
      [select('"a"'), "MR201"],
      [select("``"), "MR201"],
      [select("`a"), "MR201"],
    ],
  },
  number: {
    accepted: [select("1 + 1.5 + 1e3 + 1E-3 + 2.5e+2 + .5")],
    refused: [
      [select("1e999"), "MR201"],
      [select("0x10"), "MR201"],
      [select("1.2.3"), "MR201"],
    ],
  },
  text: {
    accepted: [where("device = 'it''s'"), where("device = ''")],
    refused: [[where("device = 'a"), "MR201"]],
  },
  comment: {
    accepted: ["SELECT ts -- the time\nFROM plant /* a\n comment */ WHERE ok -- end"],
    refused: [["SELECT ts FROM plant /* a", "MR201"]],
  },
};
