// OVER of the three real series through `millrace replay` and through DuckDB's own window functions: the same rows in
// the same order, and exactly the late records that the watermark's definition gives.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT, folderWith, millrace, parsed } from "./millrace.ts";

const SERIES = ["machine_temperature_system_failure", "speed_t4013", "occupancy_t4013"];
const MINUTE_MS = 60_000;

interface Case {
  name: string;
  /** The frame for us and for DuckDB, which orders by t in ms and, for ROWS, by arrival. */
  ours: string;
  theirs: string;
  delayMin: number;
  turned: number;
}

const CASES: Case[] = [
  {
    name: "RANGE of a day",
    ours: "RANGE BETWEEN INTERVAL '1' DAY PRECEDING",
    theirs: `ORDER BY t RANGE BETWEEN ${1440 * MINUTE_MS} PRECEDING`,
    delayMin: 0,
    turned: 1,
  },
  {
    name: "RANGE of 2 h, out of order, delay 1 h",
    ours: "RANGE BETWEEN INTERVAL '2' HOUR PRECEDING",
    theirs: `ORDER BY t RANGE BETWEEN ${120 * MINUTE_MS} PRECEDING`,
    delayMin: 60,
    turned: 20,
  },
  {
    name: "499 ROWS, out of order, delay 2 h",
    ours: "ROWS BETWEEN 499 PRECEDING",
    theirs: "ORDER BY t, place ROWS BETWEEN 499 PRECEDING",
    delayMin: 120,
    turned: 30,
  },
];

const NAMES = ["n", "low", "high", "total", "mean", "variance"];
const yaml = ({ ours, delayMin }: Case): string => `version: 1
sources:
  s: { file: none.csv, format: csv, time: { field: timestamp, unit: iso8601 }, delay: ${delayMin}m }
pipelines:
  rows:
    sql: |
      SELECT \`timestamp\` AS t, \`value\` AS v, COUNT(*) OVER w AS n, MIN(\`value\`) OVER w AS low, MAX(\`value\`) OVER w AS high,
        SUM(\`value\`) OVER w AS total, AVG(\`value\`) OVER w AS mean, VAR_POP(\`value\`) OVER w AS variance
      FROM s
      WINDOW w AS (ORDER BY \`timestamp\` ${ours} AND CURRENT ROW)
    late: side
`;

type Row = Record<string, number>;
let query: (sql: string) => Promise<Row[]>;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  query = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
});

/** Each record, late where the newest time before it, less the delay, is past its own. */
const records = (file: string, delayMin: number): string => `
  WITH records AS (
    SELECT row_number() OVER () AS place, epoch_ms("timestamp") AS t, "value" AS v
    FROM read_csv('${file}', header = true, parallel = false, columns = { 'timestamp': 'TIMESTAMP', 'value': 'DOUBLE' })
  ), clocked AS (
    SELECT *, max(t) OVER (ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest FROM records
  )
  SELECT *, coalesce(newest - ${delayMin * MINUTE_MS} > t, false) AS late FROM clocked`;

const rows = ({ theirs }: Case): string => `
  SELECT t::DOUBLE AS t, v, count(*) OVER w::DOUBLE AS n, min(v) OVER w AS low, max(v) OVER w AS high,
    sum(v) OVER w AS total, avg(v) OVER w AS mean, var_pop(v) OVER w AS variance
  FROM records WHERE NOT late WINDOW w AS (${theirs} AND CURRENT ROW) ORDER BY t, place`;

/** The lines of a series, in groups of `size` turned round: readings come late by up to `size` steps. */
function turned(csv: string, size: number): string {
  const [header, ...lines] = csv.trimEnd().split("\n");
  const groups = Array.from({ length: Math.ceil(lines.length / size) }, (_, group) =>
    lines.slice(group * size, (group + 1) * size).reverse(),
  );
  return [header, ...groups.flat(), ""].join("\n");
}

/** DuckDB rounds each addition, ours are exact sums; extremes and counts are equal. */
function differences(row: any, right: Row): string[] {
  const most: Record<string, number> = { total: 1e-11, mean: 1e-11, variance: 1e-6 };
  const wrong = NAMES.filter((name) => {
    const off = Math.abs(row[name] - right[name]!);
    return !(off <= (most[name] ?? 0) * Math.max(1, Math.abs(right[name]!)));
  });
  if (Date.parse(row.t) !== right.t || row.v !== right.v) return [`${row.t} instead of ${right.t}`];
  return wrong.map((name) => `${row.t} ${name}: ${row[name]}, DuckDB ${right[name]}`);
}

describe.each(SERIES)("%s", (series) => {
  const csv = readFileSync(join(ROOT, `sensors-sim/data/${series}.csv`), "utf8");

  it.each(CASES)("$name", async (over) => {
    const cwd = folderWith({ "p.yaml": yaml(over), "in.csv": turned(csv, over.turned) });
    const command = ["replay", "p.yaml", "in.csv", "--summary", "s.json"];
    const { status, stdout, stderr } = await millrace(command, { cwd });
    expect([status, stderr]).toEqual([0, ""]);
    await query(`CREATE OR REPLACE TEMP TABLE records AS ${records(join(cwd, "in.csv"), over.delayMin)}`);
    const expected = await query(rows(over));
    const [late] = await query("SELECT count(*)::DOUBLE AS n FROM records WHERE late");
    const lines = parsed(stdout);
    const results = lines.filter((line) => line.late === undefined).map(({ row }) => row);

    const summary = JSON.parse(readFileSync(join(cwd, "s.json"), "utf8")) as { late: { rows: Row } };
    expect(summary.late.rows).toEqual({ records: late!.n, windows: late!.n });
    expect(lines.length - results.length).toBe(late!.n);
    if (over.turned > 1) expect(late!.n).toBeGreaterThan(20);
    expect(results.length).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(1000);
    expect(results.flatMap((row, index) => differences(row, expected[index]!))).toEqual([]);
  });
});
