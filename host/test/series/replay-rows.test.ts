// Windows of rows of the three real series through `millrace replay` and through DuckDB, which numbers the lines and
// groups them: TUMBLE_ROWS, HOP_ROWS that overlap evenly, unevenly and many times, and with gaps. The series hold
// repeated and backward timestamps; only the order of the lines counts.
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT, folderWith, millrace, parsed } from "../cli/millrace.ts";

const SERIES = ["machine_temperature_system_failure", "speed_t4013", "occupancy_t4013"];

const CASES = [
  { call: "TUMBLE_ROWS(TABLE s, 100)", slide: 100, size: 100 },
  { call: "HOP_ROWS(TABLE s, 10, 100)", slide: 10, size: 100 },
  { call: "HOP_ROWS(TABLE s, 7, 300)", slide: 7, size: 300 },
  { call: "HOP_ROWS(TABLE s, 1, 97)", slide: 1, size: 97 },
  { call: "HOP_ROWS(TABLE s, 90, 40)", slide: 90, size: 40 },
];

const yaml = (call: string): string => `version: 1
sources:
  s: { file: none.csv, format: csv, time: { field: timestamp, unit: iso8601 } }
pipelines:
  rows:
    sql: |
      SELECT window_start, window_end, COUNT(*) AS n, SUM(\`value\`) AS total, MIN(\`value\`) AS low, MAX(\`value\`) AS high,
        FIRST_VALUE(\`value\`) AS opening, LAST_VALUE(\`value\`) AS closing
      FROM TABLE(${call})
      GROUP BY window_start, window_end
`;

type Row = Record<string, number>;
let query: (sql: string) => Promise<Row[]>;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  query = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
});

/** Each window of the lines [k · slide, k · slide + size), the unfinished ones at the end included. */
const windows = (file: string, slide: number, size: number): string => `
  WITH records AS (
    SELECT row_number() OVER () - 1 AS place, epoch_ms("timestamp") AS t, "value" AS v
    FROM read_csv('${file}', header = true, parallel = false, columns = { 'timestamp': 'TIMESTAMP', 'value': 'DOUBLE' })
  ), begun AS (SELECT range AS k FROM range(0, (SELECT (max(place) // ${slide}) + 1 FROM records)))
  SELECT min(t)::DOUBLE AS begins, max(t)::DOUBLE AS ends, count(*)::DOUBLE AS n, sum(v) AS total, min(v) AS low,
    max(v) AS high, first(v ORDER BY place) AS opening, last(v ORDER BY place) AS closing
  FROM begun JOIN records ON place >= k * ${slide} AND place < k * ${slide} + ${size}
  GROUP BY k ORDER BY k`;

describe.each(SERIES)("%s", (series) => {
  const csv = readFileSync(join(ROOT, `sensors-sim/data/${series}.csv`), "utf8");

  it.each(CASES)("$call", async ({ call, slide, size }) => {
    const cwd = folderWith({ "p.yaml": yaml(call), "in.csv": csv });
    const { status, stdout, stderr } = await millrace(["replay", "p.yaml", "in.csv"], { cwd });
    expect([status, stderr]).toEqual([0, ""]);
    const expected = await query(windows(join(cwd, "in.csv"), slide, size));
    const full = expected.filter(({ n }) => n === size);
    // What is not filled comes out at the end, by its bounds; those of equal bounds by number, as they are already.
    const rest = expected
      .filter(({ n }) => n !== size)
      .toSorted((a, b) => a.ends! - b.ends! || a.begins! - b.begins!);
    expect(full.length).toBeGreaterThan(15);
    const lines = parsed(stdout);
    expect(lines.map(({ cause }) => cause)).toEqual([
      ...full.map(() => "record"),
      ...rest.map(() => "flush"),
    ]);
    const found = lines.map(({ row: { window_start, window_end, ...row } }) => ({
      begins: Date.parse(window_start),
      ends: Date.parse(window_end),
      ...row,
    }));
    // DuckDB rounds each addition; ours is the exact sum, rounded once.
    const close = (ours: number, theirs: number): boolean =>
      Math.abs(ours - theirs) <= 1e-12 * Math.abs(theirs);
    expect(found).toEqual(
      [...full, ...rest].map((row, at) =>
        close(found[at].total, row.total!) ? { ...row, total: found[at].total } : row,
      ),
    );
  });
});
