// BIGINT against DuckDB's BIGINT and HUGEINT: arithmetic of each record, and aggregates of tumbling windows by a BIGINT
// key, over values around the ends of exactness and of the type.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { decode } from "@msgpack/msgpack";
import { beforeAll, describe, expect, it } from "vitest";
import type { Output, Result, Value } from "../../core/engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { encodeRow, fillTemplate, resultId } from "../../encoders/result-value.ts";
import { readDefinition } from "../../language/index.ts";
import { folderWith } from "../cli/millrace.ts";
import { Chance, SEED } from "../kernel/support.ts";
import { kernels } from "../support/engines.ts";

const RECORDS = 20_000;

function compile(sql: string, fields: string): Plan {
  const text = `version: 1
sources: { s: { file: none.ndjson, format: json, time: { field: t, unit: s }, fields: { ${fields} } } }
pipelines:
  p:
    sql: |
      ${sql.replaceAll("\n", " ")}
`;
  const { definition, problems } = readDefinition(text, { fileName: "p.yaml", env: {}, requireEnv: false });
  expect(problems).toEqual([]);
  return definition!.plans[0]!;
}

/** Whole numbers of every size, small ones and both ends more often. */
function drawWhole(random: () => number): bigint {
  const bits = Math.floor(random() * 64);
  const size = (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32));
  const value = size & ((1n << BigInt(Math.min(bits, 63))) - 1n);
  const kind = random();
  if (kind < 0.02) return 2n ** 63n - 1n;
  if (kind < 0.04) return 1n - 2n ** 63n;
  return kind < 0.5 ? -value : value;
}

function drawLines(): string {
  const chance = new Chance(SEED);
  const random = (): number => chance.bits() / 2 ** 32;
  return Array.from({ length: RECORDS }, (_, index) => {
    const i = random() < 0.05 ? "null" : `${drawWhole(random)}`;
    const j = random() < 0.05 ? 0n : drawWhole(random);
    const k = 2n ** 53n + BigInt(Math.floor(random() * 5));
    return `{"t":${index},"k":${k},"i":${i},"j":${random() < 0.5 ? j : `"${j}"`}}`;
  }).join("\n");
}

const lines = drawLines();
type Row = Record<string, unknown>;
let query: (sql: string) => Promise<Row[]>;

beforeAll(async () => {
  const file = join(folderWith({}), "wholes.ndjson");
  writeFileSync(file, lines);
  const connection = await (await DuckDBInstance.create()).connect();
  query = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS();
  await connection.run(
    `CREATE TABLE s AS SELECT * FROM read_json('${file}', columns = { t: 'BIGINT', k: 'BIGINT', i: 'BIGINT', j: 'BIGINT' })`,
  );
});

/** All results of the plan, from the kernel named. */
function run(plan: Plan, which: number): Result[] {
  const engine = kernels[which]!.create(plan, 4);
  const outputs: Output[] = [...engine.push(Buffer.from(lines)), ...engine.flush()];
  return outputs.filter((output) => output.kind === "result");
}

const texts = (values: Value[]): string[] => values.map((value) => String(value));

/** A HUGEINT as BIGINT has it: NULL beyond. */
const fitting = (value: string): string =>
  `CASE WHEN abs(${value}) > 9223372036854775807 THEN NULL ELSE ${value} END::VARCHAR`;

describe.each([0, 1])("kernel %i", (which) => {
  it("calculates each record as DuckDB does with HUGEINT", async () => {
    const sql =
      "SELECT i + j AS a, i - j AS b, i * j AS c, i / j AS d, i % j AS e, -i AS f, ABS(j) AS g FROM s";
    const found = run(compile(sql, "k: bigint, i: bigint, j: bigint"), which).map(({ values }) =>
      texts(values),
    );
    const [i, j] = ["i::HUGEINT", "j::HUGEINT"];
    const parts = [
      fitting(`(${i} + ${j})`),
      fitting(`(${i} - ${j})`),
      // A product of BIGINTs is within HUGEINT.
      fitting(`(${i} * ${j})`),
      `(i // nullif(j, 0))::VARCHAR`,
      `(i % nullif(j, 0))::VARCHAR`,
      `(-i)::VARCHAR`,
      `abs(j)::VARCHAR`,
    ];
    const wanted = await query(
      `SELECT ${parts.map((part, at) => `${part} AS c${at}`).join()} FROM s ORDER BY t`,
    );
    expect(found).toHaveLength(RECORDS);
    expect(found).toEqual(wanted.map((row) => Object.values(row).map(String)));
  });

  it("aggregates as DuckDB does with HUGEINT", async () => {
    const sql = `SELECT k, window_start, COUNT(i) AS n, SUM(i) AS s, AVG(i) AS m, MIN(i) AS lo, MAX(i) AS hi, RANGE(i) AS r,
      COUNT(DISTINCT i) AS d, FIRST_VALUE(i) AS f, LATEST(i) AS l, MIN_BY(j, i) AS b, SUM(i % 1000) AS q
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '1000' SECOND)) GROUP BY k, window_start, window_end`;
    const plan = compile(sql, "k: bigint, i: bigint, j: bigint");
    const results = run(plan, which).map(({ values }) => values);
    const wanted = await query(`
      SELECT k::VARCHAR AS k, ((t // 1000) * 1000000000000)::VARCHAR AS w, count(i)::VARCHAR AS n,
        ${fitting("sum(i::HUGEINT)")} AS s, min(i)::VARCHAR AS lo, max(i)::VARCHAR AS hi,
        ${fitting("(max(i)::HUGEINT - min(i)::HUGEINT)")} AS r, count(DISTINCT i)::VARCHAR AS d,
        (arg_min(i, t) FILTER (WHERE i IS NOT NULL))::VARCHAR AS f, (arg_max(i, t) FILTER (WHERE i IS NOT NULL))::VARCHAR AS l,
        sum(i::HUGEINT)::VARCHAR AS exact, sum(i % 1000)::VARCHAR AS q
      FROM s GROUP BY k, t // 1000 ORDER BY t // 1000, min(t)`);
    const byKey = new Map(wanted.map((row) => [`${row.k as string} ${row.w as string}`, row]));
    expect(results).toHaveLength(wanted.length);
    for (const [k, start, n, s, m, lo, hi, r, d, f, l, , q] of results) {
      const row = byKey.get(`${String(k)} ${String(start)}`)!;
      expect(texts([n!, s!, lo!, hi!, r!, d!, f!, l!, q!])).toEqual(
        [row.n, row.s, row.lo, row.hi, row.r, row.d, row.f, row.l, row.q].map(String),
      );
      const mean = Number(BigInt(row.exact as string)) / Number(row.n);
      expect(Math.abs((m as number) - mean)).toBeLessThanOrEqual(Math.abs(mean) * 2 ** -52);
    }
    expect(new Set(results.map(([, , , s]) => s === null)).size).toBe(2);
  });
});

describe("BIGINT and BYTES on their way out", () => {
  const plan = compile(
    "SELECT i, y, ARRAY_AGG(i) AS a FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '1' SECOND)) GROUP BY i, y, window_start, window_end",
    "i: bigint, y: bytes",
  );
  const engine = kernels[0]!.create(plan, 4);
  const input = Buffer.from('{"t":1,"i":-9007199254740993,"y":"AP8="}\n{"t":1,"i":9007199254740993}\n');
  const [first, second] = [...engine.push(input), ...engine.flush()] as [Result, Result];

  it("are digits and base64 in JSON", () => {
    expect(encodeRow(plan, first, "json").toString()).toBe(
      '{"i":-9007199254740993,"y":"AP8=","a":[-9007199254740993]}',
    );
  });

  it("are int 64 and bin in MessagePack", () => {
    const bytes = new Uint8Array(encodeRow(plan, first, "msgpack"));
    const row = decode(bytes, { useBigInt64: true });
    expect(row).toEqual({ i: -9007199254740993n, y: new Uint8Array([0, 255]), a: [-9007199254740993n] });
    expect([...bytes.subarray(0, 4)]).toEqual([0x83, 0xa1, 0x69, 0xd3]);
    expect(decode(encodeRow(plan, second, "msgpack"), { useBigInt64: true })).toEqual({
      i: 9007199254740993n,
      y: null,
      a: [9007199254740993n],
    });
  });

  it("are text in keys, and NULL is the empty one", () => {
    const template = [
      { kind: "output" as const, output: 0, name: "i" },
      { kind: "text" as const, text: "/" },
      { kind: "output" as const, output: 1, name: "y" },
    ];
    expect(fillTemplate(template, plan, first)).toBe("-9007199254740993/AP8=");
    expect(fillTemplate(template, plan, second)).toBe("9007199254740993/");
    expect(resultId(plan, first)).toBe('["p","-9007199254740993","AP8=","1000000000","2000000000",1]');
  });
});
