// Operators on a series, over the three real series through `millrace replay` and through DuckDB's window functions, by
// order of arrival and of time: the same values for every record. The series have a reading every five minutes or so, repeated
// and backward times among them; some readings are taken out, so that there is something to fill.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT, folderWith, millrace, parsed } from "./millrace.ts";

const SERIES = ["machine_temperature_system_failure", "speed_t4013", "occupancy_t4013"];
/** A threshold that each series crosses often. */
const THRESHOLD: Record<string, number> = { [SERIES[0]!]: 95, [SERIES[1]!]: 66, [SERIES[2]!]: 6 };

const yaml = (threshold: number): string => `version: 1
sources:
  s: { file: none.csv, format: csv, time: { field: t, unit: ms }, fields: { a: string, v: double } }
pipelines:
  rows:
    sql: |
      SELECT LAG(v) OVER w AS before, LAG(v, 7, -1) OVER w AS seventh, CHANGED(v) OVER w AS changed,
        RISING(v > ${threshold}) OVER w AS up, FALLING(v > ${threshold}) OVER w AS down,
        FILL(v) OVER w AS filled, FILL(v, INTERVAL '12' MINUTE) OVER w AS held
      FROM s
      WINDOW w AS (PARTITION BY a)
  kept:
    sql: |
      SELECT t, a, v FROM s WHERE CHANGED(v) OVER (PARTITION BY a)
  shift:
    sql: |
      SELECT v - LAG(v) OVER (PARTITION BY a) AS step FROM s WHERE v > ${threshold}
  ordered:
    sql: |
      SELECT a, t, v, LAG(v, 3) OVER w AS third, v - LAG(v) OVER w AS step FROM s WINDOW w AS (PARTITION BY a ORDER BY t)
  sampled:
    sql: |
      SELECT a, t, v, INTERPOLATE(v) AS line FROM TABLE(RESAMPLE(TABLE s PARTITION BY a, DESCRIPTOR(t), INTERVAL '10' MINUTE))
`;

type Row = Record<string, number | string | boolean | null>;
let query: (sql: string) => Promise<Row[]>;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  query = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
});

/** The series in two halves that take turns as keys A and B, each ninth reading left out. */
function readings(series: string): string {
  const [, ...lines] = readFileSync(join(ROOT, `sensors-sim/data/${series}.csv`), "utf8")
    .trimEnd()
    .split("\n");
  const rows = lines.map((line, index) => {
    const [time, value] = line.split(",") as [string, string];
    const ms = Date.parse(`${time.replace(" ", "T")}Z`);
    return `${ms},${index % 5 < 3 ? "A" : "B"},${index % 9 === 4 ? "" : value}`;
  });
  return ["t,a,v", ...rows, ""].join("\n");
}

const ROWS = (threshold: number): string => `
  WITH known AS (
    SELECT *, v > ${threshold} AS above,
      last_value(v IGNORE NULLS) OVER before AS last, last_value(v > ${threshold} IGNORE NULLS) OVER before AS was,
      CASE WHEN v IS NULL AND t < max(t) FILTER (v IS NOT NULL) OVER before THEN NULL
        ELSE last_value(v IGNORE NULLS) OVER upto END AS filled
    FROM records
    WINDOW before AS (PARTITION BY a ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
      upto AS (PARTITION BY a ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  )
  SELECT lag(v) OVER w AS before, lag(v, 7, -1::DOUBLE) OVER w AS seventh, coalesce(v <> last, v IS NOT NULL) AS changed,
    coalesce(above AND NOT was, false) AS up, coalesce(was AND NOT above, false) AS down, filled
  FROM known WINDOW w AS (PARTITION BY a ORDER BY place) ORDER BY place`;

/** Every ten minutes: the last value up to then, and the line to the next record, by ASOF joins. */
const SAMPLED = `
  WITH upto AS (SELECT DISTINCT ON (a, t) a, t, v FROM timely ORDER BY a, t, place DESC),
  behind AS (SELECT DISTINCT ON (a, t) a, t, v FROM timely ORDER BY a, t, place),
  instants AS (
    SELECT a, unnest(range(ceil(min(t) / 600000)::BIGINT * 600000, max(t)::BIGINT + 1, 600000))::DOUBLE AS t
    FROM timely GROUP BY a
  )
  SELECT i.a, i.t, u.v, CASE WHEN u.t = i.t THEN u.v ELSE u.v + (b.v - u.v) * ((i.t - u.t) / (b.t - u.t)) END AS line
  FROM instants i ASOF JOIN upto u ON i.a = u.a AND i.t >= u.t ASOF JOIN behind b ON i.a = b.a AND i.t <= b.t
  ORDER BY i.a, i.t`;

/** Values held for 12 minutes: the newest known one by time, that arrived last among equals, if it is not later. */
function heldOf(records: Row[]): (number | null)[] {
  const last = new Map<string, { t: number; v: number }>();
  return records.map(({ a, t, v }) => {
    const known = last.get(a as string);
    if (v === null) {
      const age = known === undefined ? -1 : (t as number) - known.t;
      return age < 0 || age > 720_000 ? null : known!.v;
    }
    if (known === undefined || (t as number) >= known.t)
      last.set(a as string, { t: t as number, v: v as number });
    return v as number;
  });
}

describe.each(SERIES)("%s", (series) => {
  it("gives what DuckDB gives", { timeout: 300_000 }, async () => {
    const threshold = THRESHOLD[series]!;
    const cwd = folderWith({ "p.yaml": yaml(threshold), "in.csv": readings(series) });
    const { status, stdout, stderr } = await millrace(["replay", "p.yaml", "in.csv", "--summary", "s.json"], {
      cwd,
    });
    expect([status, stderr]).toEqual([0, ""]);
    const of = (name: string): Row[] =>
      parsed(stdout).flatMap(({ pipeline, row }) => (pipeline === name ? [row] : []));
    await query(`CREATE OR REPLACE TEMP TABLE records AS
      SELECT row_number() OVER () AS place, t::DOUBLE AS t, a, v
      FROM read_csv('${join(cwd, "in.csv")}', header = true, parallel = false, columns = { 't': 'BIGINT', 'a': 'VARCHAR', 'v': 'DOUBLE' })`);

    const rows = of("rows");
    const expected = await query(ROWS(threshold));
    const held = heldOf(await query("SELECT t, a, v FROM records ORDER BY place"));
    const wanted = expected.map((row, index) => ({ ...row, held: held[index]! }));
    expect(rows.length).toBe(wanted.length);
    const different = rows.flatMap((row, index) =>
      isDeepStrictEqual(row, wanted[index]) ? [] : [{ index, row, wanted: wanted[index] }],
    );
    expect(different).toEqual([]);
    expect(rows.filter(({ up }) => up).length).toBeGreaterThan(20);
    expect(rows.filter(({ held: one }) => one === null).length).toBeGreaterThan(0);

    const kept = await query(
      `SELECT t, a, v FROM (${ROWS(threshold).replace("filled\n  FROM", "a, t, v FROM")}) WHERE changed`,
    );
    expect(of("kept").map((row) => ({ ...row, t: Date.parse(row.t as string) }))).toEqual(
      kept.map(({ a, t, v }) => ({ t, a, v })),
    );
    const shift = await query(`
      SELECT v - lag(v) OVER (PARTITION BY a ORDER BY place) AS step FROM records WHERE v > ${threshold} ORDER BY place`);
    expect(of("shift")).toEqual(shift);

    await query(`CREATE OR REPLACE TEMP TABLE timely AS
      WITH clocked AS (
        SELECT *, max(t) OVER (PARTITION BY a ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest
        FROM records
      )
      SELECT * FROM clocked WHERE coalesce(newest <= t, true)`);
    const ordered = await query(`
      SELECT a, t, v, lag(v, 3) OVER w AS third, v - lag(v) OVER w AS step FROM timely WINDOW w AS (PARTITION BY a ORDER BY t, place) ORDER BY a, t, place`);
    const found = of("ordered").map((row): Row => ({ ...row, t: Date.parse(row.t as string) }));
    for (const key of ["A", "B"])
      expect(found.filter(({ a }) => a === key)).toEqual(ordered.filter(({ a }) => a === key));

    const sampled = await query(SAMPLED);
    const instants = of("sampled").map((row): Row => ({ ...row, t: Date.parse(row.t as string) }));
    for (const key of ["A", "B"])
      expect(instants.filter(({ a }) => a === key)).toEqual(sampled.filter(({ a }) => a === key));
    const summary = JSON.parse(readFileSync(join(cwd, "s.json"), "utf8")) as {
      empty_skipped: Record<string, number>;
    };
    expect(summary.empty_skipped.sampled).toBe(0);
  });
});
