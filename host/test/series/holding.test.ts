// Means over time and times in a state of the three real series through `millrace replay` and through DuckDB: spans between
// records by event time, with `carry` from each window's start on, windows without records included. The series hold
// repeated and backward timestamps; a delay of a day leaves no record late, and closes windows on the way.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT, folderWith, millrace, parsed } from "../cli/millrace.ts";

const SERIES = [
  { series: "machine_temperature_system_failure", limit: 85 },
  { series: "speed_t4013", limit: 60 },
  { series: "occupancy_t4013", limit: 10 },
];

const CASES = [
  { name: "of records alone", minutes: 60, keys: "" },
  { name: "carry", minutes: 60, keys: "carry: true" },
  { name: "carry, shorter than the distance of records", minutes: 4, keys: "carry: true\n    empty: emit" },
];

const yaml = (minutes: number, limit: number, keys: string): string => `version: 1
sources:
  s: { file: none.csv, format: csv, time: { field: timestamp, unit: iso8601 }, delay: 1d }
pipelines:
  means:
    sql: |
      SELECT window_start, COUNT(*) AS n, TIME_WEIGHTED_AVG(\`value\`) AS mean, TIME_IN(\`value\` > ${limit}) AS inside
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(\`timestamp\`), INTERVAL '${minutes}' MINUTE))
      GROUP BY window_start, window_end
    late: side
    ${keys}
`;

type Row = Record<string, number>;
let query: (sql: string) => Promise<Row[]>;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  query = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
});

/** The windows from the first to the newest, at most 1,000 empty ones of a gap; with `carries` each begins with what held. */
const means = (file: string, sizeMs: number, limit: number, carries: boolean, empty: boolean): string => `
  WITH records AS (
    SELECT row_number() OVER () AS place, epoch_ms("timestamp") AS t, "value" AS v, (t // ${sizeMs}) * ${sizeMs} AS s
    FROM read_csv('${file}', header = true, parallel = false, columns = { 'timestamp': 'TIMESTAMP', 'value': 'DOUBLE' })
  ), raster AS (
    SELECT range AS s FROM range((SELECT min(s) FROM records), (SELECT max(s) + 1 FROM records), ${sizeMs})
  ), windows AS (
    SELECT s, n, s - last_value(CASE WHEN n > 0 THEN s END IGNORE NULLS) OVER (ORDER BY s) AS behind
    FROM (SELECT raster.s, count(records.t) AS n FROM raster LEFT JOIN records USING (s) GROUP BY raster.s)
  ), newest AS (
    SELECT t, last(v ORDER BY place) AS v FROM records GROUP BY t
  ), held AS (
    SELECT s, last_value(v IGNORE NULLS) OVER (ORDER BY t, s NULLS LAST ROWS UNBOUNDED PRECEDING) AS v
    FROM (SELECT t, v, NULL AS s FROM newest UNION ALL SELECT s AS t, NULL AS v, s FROM windows)
  ), points AS (
    SELECT s, t, place, v FROM records
    ${carries ? "UNION ALL SELECT s, s AS t, 0 AS place, v FROM held WHERE s IS NOT NULL AND v IS NOT NULL" : ""}
  ), spans AS (
    SELECT s, v, lead(t, 1, s + ${sizeMs}) OVER (PARTITION BY s ORDER BY t, place) - t AS ms FROM points
  )
  SELECT s::DOUBLE AS s, any_value(n)::DOUBLE AS n, sum(v * ms) / sum(ms) AS mean,
    sum(CASE WHEN v > ${limit} THEN ms ELSE 0 END) / 1000 AS inside
  FROM windows JOIN spans USING (s) WHERE ${empty ? `behind <= 1000 * ${sizeMs}` : "n > 0"}
  GROUP BY s ORDER BY s`;

describe.each(SERIES)("$series", ({ series, limit }) => {
  const csv = readFileSync(join(ROOT, `sensors-sim/data/${series}.csv`), "utf8");

  it.each(CASES)("$name", async ({ minutes, keys }) => {
    const cwd = folderWith({ "p.yaml": yaml(minutes, limit, keys), "in.csv": csv });
    const { status, stdout, stderr } = await millrace(["replay", "p.yaml", "in.csv"], { cwd });
    expect([status, stderr]).toEqual([0, ""]);
    const lines = parsed(stdout);
    expect(new Set(lines.map(({ cause }) => cause))).toEqual(new Set(["watermark", "flush"]));
    const found = lines.map(({ row: { window_start, ...row } }) => ({ s: Date.parse(window_start), ...row }));
    const expected = await query(
      means(join(cwd, "in.csv"), minutes * 60_000, limit, keys.includes("carry"), keys.includes("empty")),
    );
    expect(expected.length).toBeGreaterThan(200);
    // DuckDB rounds each product and addition; ours is the exact sum, rounded once.
    const isSame = (ours: Row, row: Row): boolean =>
      ours.s === row.s &&
      ours.n === row.n &&
      ours.inside === row.inside &&
      Math.abs(ours.mean! - row.mean!) <= 1e-12 * Math.abs(row.mean!);
    const pairs = expected.map((row, at) => [found[at], row]);
    expect(found.length).toBe(expected.length);
    expect(pairs.filter(([ours, row]) => !isSame(ours, row))).toEqual([]);
  });
});
