// The three real series through `millrace replay` and through DuckDB, which knows nothing of us: the same windows with
// the same aggregates, and exactly the late records that the watermark's definition gives.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT, folderWith, millrace, parsed } from "./millrace.ts";

const SERIES = ["machine_temperature_system_failure", "speed_t4013", "occupancy_t4013"];
const MINUTE_MS = 60_000;

interface Case {
  name: string;
  /** The window table function, and the same as numbers. */
  call: string;
  sizeMin: number;
  slideMin: number;
  delayMin: number;
  /** Lines that arrive last first, in groups of so many. */
  turned?: number;
}

const CASES: Case[] = [
  {
    name: "tumbling 1 h",
    call: "TUMBLE(TABLE s, DESCRIPTOR(`timestamp`), INTERVAL '1' HOUR)",
    sizeMin: 60,
    slideMin: 60,
    delayMin: 0,
  },
  {
    name: "tumbling 7 min",
    call: "TUMBLE(TABLE s, DESCRIPTOR(`timestamp`), INTERVAL '7' MINUTE)",
    sizeMin: 7,
    slideMin: 7,
    delayMin: 0,
  },
  {
    name: "hopping 1 h every 15 min, out of order",
    turned: 25,
    call: "HOP(TABLE s, DESCRIPTOR(`timestamp`), INTERVAL '15' MINUTE, INTERVAL '1' HOUR)",
    sizeMin: 60,
    slideMin: 15,
    delayMin: 0,
  },
  {
    name: "hopping 50 min every 20 min, out of order, delay 2 h",
    turned: 40,
    call: "HOP(TABLE s, DESCRIPTOR(`timestamp`), INTERVAL '20' MINUTE, INTERVAL '50' MINUTE)",
    sizeMin: 50,
    slideMin: 20,
    delayMin: 120,
  },
];

const yaml = ({ call, delayMin }: Case): string => `version: 1
sources:
  s: { file: none.csv, format: csv, time: { field: timestamp, unit: iso8601 }, delay: ${delayMin}m }
pipelines:
  windows:
    sql: |
      SELECT window_start, window_end, COUNT(*) AS n, COUNT(\`value\`) AS counted, SUM(\`value\`) AS total, AVG(\`value\`) AS mean,
        MIN(\`value\`) AS low, MAX(\`value\`) AS high, STDDEV_SAMP(\`value\`) AS deviation, VAR_POP(\`value\`) AS variance,
        FIRST_VALUE(\`value\`) AS opening, LAST_VALUE(\`value\`) AS closing, EARLIEST(\`value\`) AS earliest, LATEST(\`value\`) AS latest,
        P50(\`value\`) AS p50, P99(\`value\`) AS p99
      FROM TABLE(${call})
      GROUP BY window_start, window_end
    late: side
`;

/**
 * Each record with each of its windows; late where the newest time before it, less the delay, has reached the end.
 * Window numbers count slides, so that SQL needs no time arithmetic.
 */
const pairs = (file: string, { sizeMin, slideMin, delayMin }: Case): string => `
  WITH records AS (
    SELECT row_number() OVER () AS place, epoch_ms("timestamp") AS t, "value" AS v
    FROM read_csv('${file}', header = true, parallel = false, columns = { 'timestamp': 'TIMESTAMP', 'value': 'DOUBLE' })
  ), clocked AS (
    SELECT *, max(t) OVER (ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest FROM records
  ), numbered AS (
    SELECT *, unnest(range(t // ${slideMin * MINUTE_MS} - ${Math.ceil(sizeMin / slideMin)}, t // ${slideMin * MINUTE_MS} + 1)) AS number FROM clocked
  ), bounded AS (
    SELECT *, number * ${slideMin * MINUTE_MS} AS begins, number * ${slideMin * MINUTE_MS} + ${sizeMin * MINUTE_MS} AS ends FROM numbered
  )
  SELECT *, coalesce(newest - ${delayMin * MINUTE_MS} >= ends, false) AS late FROM bounded WHERE begins <= t AND t < ends`;

const WINDOWS = `
  SELECT begins::DOUBLE AS begins, ends::DOUBLE AS ends, count(*)::DOUBLE AS n, sum(v) AS total, avg(v) AS mean, min(v) AS low,
    max(v) AS high, stddev_samp(v) AS deviation, var_pop(v) AS variance,
    first(v ORDER BY place) AS opening, last(v ORDER BY place) AS closing,
    first(v ORDER BY t, place) AS earliest, last(v ORDER BY t, place) AS latest,
    list_sort(list(v))[(floor(0.5 * (count(*) - 1)) + 1)::INT] AS p50, list_sort(list(v))[(floor(0.99 * (count(*) - 1)) + 1)::INT] AS p99
  FROM pairs WHERE NOT late GROUP BY begins, ends ORDER BY ends, begins`;

const LATE = `
  SELECT count(*)::DOUBLE AS windows, (SELECT count(*)::DOUBLE FROM (SELECT place FROM pairs GROUP BY place HAVING bool_and(late))) AS records
  FROM pairs WHERE late`;

type Row = Record<string, number>;
let query: (sql: string) => Promise<Row[]>;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  query = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
});

/** How far each aggregate may be off, relative to DuckDB's. */
const TOLERANCE: Record<string, (n: number) => number> = {
  n: () => 0,
  low: () => 0,
  high: () => 0,
  opening: () => 0,
  closing: () => 0,
  earliest: () => 0,
  latest: () => 0,
  // DuckDB rounds each addition; ours is the exact sum, rounded once.
  total: (n) => n * 1e-15,
  mean: (n) => n * 1e-15,
  deviation: () => 1e-9,
  variance: () => 1e-9,
  p50: () => 0.01,
  p99: () => 0.01,
};

/** What differs between a result and DuckDB's row. */
function differences(row: any, right: Row): string[] {
  const bounds = [Date.parse(row.window_start), Date.parse(row.window_end), row.counted];
  const same = bounds.join() === [right.begins, right.ends, right.n].join();
  const wrong = Object.entries(TOLERANCE).filter(([name, tolerance]) => {
    const [ours, theirs] = [row[name] as number | null, right[name] as number | null];
    if (ours === null || theirs === null) return ours !== theirs;
    const most = tolerance(right.n!) * Math.abs(theirs!) + (tolerance(1) && 1e-12);
    return !(Math.abs(ours! - theirs!) <= most);
  });
  const list = wrong.map(([name]) => `${row.window_start} ${name}: ${row[name]}, DuckDB ${right[name]}`);
  return same ? list : [`${bounds.join()} instead of ${[right.begins, right.ends, right.n].join()}`, ...list];
}

/** The lines of a series, in groups of `size` turned round: readings come late by up to `size` steps. */
function turned(csv: string, size: number): string {
  const [header, ...lines] = csv.trimEnd().split("\n");
  const groups = Array.from({ length: Math.ceil(lines.length / size) }, (_, group) =>
    lines.slice(group * size, (group + 1) * size).reverse(),
  );
  return [header, ...groups.flat(), ""].join("\n");
}

describe.each(SERIES)("%s", (series) => {
  const csv = readFileSync(join(ROOT, `sensors-sim/data/${series}.csv`), "utf8");

  it.each(CASES)("$name", async (windows) => {
    const cwd = folderWith({ "p.yaml": yaml(windows), "in.csv": turned(csv, windows.turned ?? 1) });
    const command = ["replay", "p.yaml", "in.csv", "--summary", "s.json"];
    const { status, stdout, stderr } = await millrace(command, { cwd });
    expect([status, stderr]).toEqual([0, ""]);
    await query(`CREATE OR REPLACE TEMP TABLE pairs AS ${pairs(join(cwd, "in.csv"), windows)}`);
    const expected = await query(WINDOWS);
    const [late] = await query(LATE);
    const lines = parsed(stdout);
    const results = lines.filter((line) => line.late === undefined);

    const summary = JSON.parse(readFileSync(join(cwd, "s.json"), "utf8")) as { late: { windows: Row } };
    expect(summary.late.windows).toEqual({ records: late!.records, windows: late!.windows });
    expect(lines.length - results.length).toBe(late!.windows);
    if (windows.turned !== undefined) expect(late!.windows).toBeGreaterThan(100);
    expect(results.length).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(100);
    expect(results.flatMap(({ row }, index) => differences(row, expected[index]!))).toEqual([]);
  });
});
