// Sessions with `late: update` over the three real series, in an order that makes most records late, and sessions that
// came out parts of others: in each group of lines every second or third comes first, then those between. While every
// session still takes late records, what is left at the end (the newest revision of each id, without the withdrawn)
// is what DuckDB finds with all records at hand: gaps and islands, whatever the order of arrival was.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../core/engine.ts";
import { replayPlan } from "../../core/plan/replay-plan.ts";
import { resultId } from "../../encoders/result-value.ts";
import { readDefinition } from "../../language/index.ts";
import { kernels } from "../support/engines.ts";
import { ROOT, folderWith } from "../cli/millrace.ts";

const SERIES = ["machine_temperature_system_failure", "speed_t4013", "occupancy_t4013"];
const MINUTE_MS = 60_000;
const CASES = [
  { name: "gap 5 min, every second of 6 first", gapMin: 5, stride: 2, size: 6 },
  { name: "gap 9 min, every second of 12 first", gapMin: 9, stride: 2, size: 12 },
  { name: "gap 12 min, every third of 42 first", gapMin: 12, stride: 3, size: 42 },
];

const yaml = (gapMin: number): string => `version: 1
sources:
  s: { file: none.csv, format: csv, time: { field: timestamp, unit: iso8601 } }
pipelines:
  sessions:
    late: update
    allow: 3650d
    sql: |
      SELECT window_start, window_end, COUNT(*) AS n, MIN(\`value\`) AS low, MAX(\`value\`) AS high, EARLIEST(\`value\`) AS earliest
      FROM TABLE(SESSION(TABLE s, DESCRIPTOR(\`timestamp\`), INTERVAL '${gapMin}' MINUTE))
      GROUP BY window_start, window_end
`;

type Row = Record<string, number>;
let query: (sql: string) => Promise<Row[]>;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  query = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[];
});

const islands = (file: string, gapMs: number): string => `
  WITH records AS (
    SELECT row_number() OVER () AS place, epoch_ms("timestamp") AS t, "value" AS v
    FROM read_csv('${file}', header = true, parallel = false, columns = { 'timestamp': 'TIMESTAMP', 'value': 'DOUBLE' })
  ), ordered AS (
    SELECT *, coalesce(t - lag(t) OVER (ORDER BY t, place) > ${gapMs}, true) AS begins FROM records
  ), numbered AS (
    SELECT *, sum(begins::INT) OVER (ORDER BY t, place ROWS UNBOUNDED PRECEDING) AS session FROM ordered
  )
  SELECT min(t)::DOUBLE AS begins, (max(t) + ${gapMs})::DOUBLE AS ends, count(*)::DOUBLE AS n, min(v) AS low, max(v) AS high,
    first(v ORDER BY t, place) AS earliest
  FROM numbered GROUP BY session ORDER BY begins`;

/** The lines of a series, in groups of `size`: each `stride`-th of a group, then those behind them, and so on. */
function strided(csv: string, stride: number, size: number): string {
  const [header, ...lines] = csv.trimEnd().split("\n");
  const groups = Array.from({ length: Math.ceil(lines.length / size) }, (_, group) => {
    const own = lines.slice(group * size, (group + 1) * size);
    return Array.from({ length: stride }, (__, first) =>
      own.filter((___, at) => at % stride === first),
    ).flat();
  });
  return [header, ...groups.flat(), ""].join("\n");
}

const ms = (value: unknown): number => Number((value as bigint) / 1_000_000n);

describe.each(SERIES)("%s", (series) => {
  const csv = readFileSync(join(ROOT, `sensors-sim/data/${series}.csv`), "utf8");

  it.each(CASES)("$name", async ({ gapMin, stride, size }) => {
    const input = strided(csv, stride, size);
    const cwd = folderWith({ "in.csv": input });
    const { definition } = readDefinition(yaml(gapMin), { fileName: "p.yaml", env: {}, requireEnv: false });
    const plan = replayPlan(definition!.plans[0]!, "csv");
    const [header, ...lines] = input.split("\n");
    const engine = kernels[1]!.create(plan, 4);
    engine.csvHeader(header!.split(","));
    const outputs = [...engine.push(new TextEncoder().encode(lines.join("\n"))), ...engine.flush()];

    const newest = new Map<string, Result>();
    let withdrawn = 0;
    for (const output of outputs) {
      if (output.kind !== "result") throw new Error("a late line");
      const [name, start] = JSON.parse(resultId(plan, output)) as [string, string, number];
      const id = `${name} ${start}`;
      expect(output.revision).toBe((newest.get(id)?.revision ?? 0) + 1);
      newest.set(id, output);
      if (output.cause === "withdrawn") {
        withdrawn++;
        expect([output.count, output.values[2]]).toEqual([0, 0]);
      }
    }
    const left = [...newest.values()]
      .filter(({ cause }) => cause !== "withdrawn")
      .map(({ values: [begins, ends, n, low, high, earliest] }) => {
        return { begins: ms(begins), ends: ms(ends), n, low, high, earliest };
      })
      .toSorted((a, b) => a.begins - b.begins);
    const expected = await query(islands(join(cwd, "in.csv"), gapMin * MINUTE_MS));
    expect(left).toEqual(expected);
    const [counters] = engine.counters().pipelines;
    expect(counters).toMatchObject({ lateRecords: 0, lateWindows: 0 });
    expect(counters!.lateUpdates).toBeGreaterThan(100);
    expect(withdrawn).toBeGreaterThan(0);
  });
});
