// Sessions of the three real series through `millrace replay` and through DuckDB, which knows nothing of us: gaps and
// islands over the records that are not late, and exactly the late ones that the watermark's definition gives.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT, folderWith, millrace, parsed } from "./millrace.ts";

const SERIES = ["machine_temperature_system_failure", "speed_t4013", "occupancy_t4013"];
const MINUTE_MS = 60_000;

const CASES = [
  { name: "gap 5 min", gapMin: 5, delayMin: 0, turned: 1 },
  { name: "gap 12 min, out of order", gapMin: 12, delayMin: 0, turned: 6 },
  { name: "gap 9 min, out of order, delay 1 d", gapMin: 9, delayMin: 1440, turned: 12 },
];

const yaml = (gapMin: number, delayMin: number): string => `version: 1
sources:
  s: { file: none.csv, format: csv, time: { field: timestamp, unit: iso8601 }, delay: ${delayMin}m }
pipelines:
  sessions:
    sql: |
      SELECT window_start, window_end, COUNT(*) AS n, SUM(\`value\`) AS total, MIN(\`value\`) AS low, MAX(\`value\`) AS high,
        FIRST_VALUE(\`value\`) AS opening, LAST_VALUE(\`value\`) AS closing, EARLIEST(\`value\`) AS earliest, LATEST(\`value\`) AS latest
      FROM TABLE(SESSION(TABLE s, DESCRIPTOR(\`timestamp\`), INTERVAL '${gapMin}' MINUTE))
      GROUP BY window_start, window_end
    late: side
`;

type Row = Record<string, number>;
let query: (sql: string) => Promise<Row[]>;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  query = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
});

const records = (file: string): string => `
  SELECT row_number() OVER () AS place, epoch_ms("timestamp") AS t, "value" AS v
  FROM read_csv('${file}', header = true, parallel = false, columns = { 'timestamp': 'TIMESTAMP', 'value': 'DOUBLE' })`;

const SESSIONS = (gapMs: number): string => `
  WITH ordered AS (
    SELECT *, coalesce(t - lag(t) OVER (ORDER BY t, place) > ${gapMs}, true) AS begins FROM kept
  ), numbered AS (
    SELECT *, sum(begins::INT) OVER (ORDER BY t, place ROWS UNBOUNDED PRECEDING) AS session FROM ordered
  )
  SELECT min(t)::DOUBLE AS begins, (max(t) + ${gapMs})::DOUBLE AS ends, count(*)::DOUBLE AS n, sum(v) AS total, min(v) AS low, max(v) AS high,
    first(v ORDER BY place) AS opening, last(v ORDER BY place) AS closing,
    first(v ORDER BY t, place) AS earliest, last(v ORDER BY t, place) AS latest
  FROM numbered GROUP BY session ORDER BY ends, begins`;

/** The lines of a series, in groups of `size` turned round: readings come late by up to `size` steps. */
function turned(csv: string, size: number): string {
  const [header, ...lines] = csv.trimEnd().split("\n");
  const groups = Array.from({ length: Math.ceil(lines.length / size) }, (_, group) =>
    lines.slice(group * size, (group + 1) * size).reverse(),
  );
  return [header, ...groups.flat(), ""].join("\n");
}

/**
 * Places of the late records by the rule alone, from nothing but times: a record is late when the session that it
 * makes with all records not late before it has ended, or when such a session beside it has.
 */
function latePlaces(times: number[], gapMs: number, delayMs: number): number[] {
  const kept: number[] = [];
  let newest = -Infinity;
  const late: number[] = [];
  times.forEach((t, place) => {
    const watermark = newest - delayMs;
    let [first, last] = [t, t];
    for (let near = Infinity, grew = true; grew; near = first) {
      grew = false;
      for (let at = kept.length - 1; at >= 0 && kept[at]! >= first - gapMs; at--) {
        if (kept[at]! > last + gapMs) continue;
        if (kept[at]! < first || kept[at]! > last) grew = true;
        first = Math.min(first, kept[at]!);
        last = Math.max(last, kept[at]!);
      }
      if (near === first && !grew) break;
    }
    // Islands of the kept records that t itself would bridge: those that ended before stand apart.
    const ended = kept.some(
      (other) => Math.abs(other - t) <= gapMs && islandEnd(kept, other, gapMs) < watermark,
    );
    if (ended || watermark > last + gapMs) late.push(place + 1);
    else {
      const at = kept.findLastIndex((other) => other <= t) + 1;
      kept.splice(at, 0, t);
    }
    newest = Math.max(newest, t);
  });
  return late;
}

function islandEnd(kept: number[], member: number, gapMs: number): number {
  let last = member;
  for (let at = kept.lastIndexOf(member); at < kept.length && kept[at]! - last <= gapMs; at++)
    last = kept[at]!;
  return last + gapMs;
}

describe.each(SERIES)("%s", (series) => {
  const csv = readFileSync(join(ROOT, `sensors-sim/data/${series}.csv`), "utf8");

  it.each(CASES)("$name", async ({ gapMin, delayMin, turned: size }) => {
    const cwd = folderWith({ "p.yaml": yaml(gapMin, delayMin), "in.csv": turned(csv, size) });
    const { status, stdout, stderr } = await millrace(["replay", "p.yaml", "in.csv", "--summary", "s.json"], {
      cwd,
    });
    expect([status, stderr]).toEqual([0, ""]);
    await query(`CREATE OR REPLACE TEMP TABLE records AS ${records(join(cwd, "in.csv"))}`);
    const times = (await query("SELECT t::DOUBLE AS t FROM records ORDER BY place")).map((row) => row.t!);
    const late = latePlaces(times, gapMin * MINUTE_MS, delayMin * MINUTE_MS);
    await query(
      `CREATE OR REPLACE TEMP TABLE kept AS SELECT * FROM records WHERE NOT list_contains([${late.join()}]::BIGINT[], place)`,
    );
    const expected = await query(SESSIONS(gapMin * MINUTE_MS));
    const lines = parsed(stdout);
    const results = lines.filter((line) => line.late === undefined).map(({ row }) => row);

    const summary = JSON.parse(readFileSync(join(cwd, "s.json"), "utf8")) as { late: { sessions: Row } };
    expect(summary.late.sessions).toEqual({ records: late.length, windows: late.length });
    expect(lines.length - results.length).toBe(late.length);
    expect(results.length).toBe(expected.length);
    if (gapMin !== 5) expect(late.length > 100 || delayMin > 0).toBe(true);
    const bare = results.map(({ window_start, window_end, ...row }: any) => ({
      begins: Date.parse(window_start),
      ends: Date.parse(window_end),
      ...row,
    }));
    // DuckDB rounds each addition; ours is the exact sum, rounded once.
    const close = (ours: number, row: Row): boolean =>
      Math.abs(ours - row.total!) <= row.n! * 1e-15 * Math.abs(row.total!);
    expect(bare).toEqual(
      expected.map((row, at) => (close(bare[at].total, row) ? { ...row, total: bare[at].total } : row)),
    );
  });
});
