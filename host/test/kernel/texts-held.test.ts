// Whoever keeps a text beyond its record: texts never repeat, and the dictionary has room for hardly more of them than are
// held at a time, so that they are given back before nearly every record. The reference has room for all of them: what
// the kernels give is the same to the bit, and no record is refused.
import { describe, expect, test } from "vitest";
import type { Plan } from "../../core/plan/plan.ts";
import { readDefinition } from "../../language/index.ts";
import { drive, expectSameRun } from "../support/drive.ts";
import type { Step } from "../support/drive.ts";
import { kernels, reference } from "../support/engines.ts";

const RECORDS = 400;
/** Longer than the texts of the plan, so that two of them are a sixteenth of any dictionary here. */
const text = (number: number): string => `message ${number} ${"ab".repeat(8 + ((number * 7) % 9))}`;

interface Holder {
  name: string;
  sql: string;
  /** Of the source, and of the pipeline. */
  source?: string;
  pipeline?: string;
  limits?: string;
}

const TUMBLE = "TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '10' SECOND))";
const HOP = "TABLE(HOP(TABLE s, DESCRIPTOR(t), INTERVAL '1' SECOND, INTERVAL '10' SECOND))";
const SESSION = "TABLE(SESSION(TABLE s PARTITION BY a, DESCRIPTOR(t), INTERVAL '2' SECOND))";
const windowed = (aggregates: string, table: string): string =>
  `SELECT a, window_start, window_end, ${aggregates} FROM ${table} GROUP BY a, window_start, window_end`;
const ONE_VALUE =
  "FIRST_VALUE(m) AS f, LAST_VALUE(m) AS l, EARLIEST(m) AS e, LATEST(m) AS la, MIN(m) AS mi, MAX(m) AS ma, MIN_BY(m, v) AS mb, MAX_BY(m, v) AS xb";
const MANY_VALUES = "COUNT(DISTINCT m) AS d, MODE(m) AS mo, TOP_K(m, 3) AS k, ARRAY_AGG(m) AS g";
const OVER = "PARTITION BY a ORDER BY t";

const HOLDERS: Holder[] = [
  { name: "states of one value", sql: windowed(ONE_VALUE, TUMBLE) },
  { name: "states of many values", sql: windowed(MANY_VALUES, TUMBLE) },
  {
    name: "slices of windows that overlap, and what is merged ahead",
    sql: windowed(ONE_VALUE, HOP),
  },
  { name: "sessions", sql: windowed(ONE_VALUE, SESSION) },
  {
    name: "windows that idleness closed, or that take late records",
    sql: windowed(ONE_VALUE, TUMBLE),
    source: ", idle: 5s",
    pipeline: "late: update\n    allow: 10s",
  },
  {
    name: "values carried into empty windows",
    sql: windowed(
      "LAST_VALUE(m) AS l, MIN(m) AS mi",
      "TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '1' SECOND))",
    ),
    source: ", delay: 12s",
    pipeline: "empty: previous",
  },
  {
    name: "windows of rows",
    sql: windowed(`${ONE_VALUE}, ${MANY_VALUES}`, "TABLE(HOP_ROWS(TABLE s PARTITION BY a, 3, 7))"),
  },
  {
    name: "running aggregates",
    sql: `SELECT a, ${ONE_VALUE} FROM s GROUP BY a`,
    pipeline: "emit: updates\n    every: 5s",
  },
  {
    name: "rows of OVER, with what they carry",
    sql: `SELECT a, m, FIRST_VALUE(m) OVER w AS f, LAST_VALUE(m) OVER w AS l, MIN(m) OVER w AS mi, MODE(m) OVER w AS mo FROM s WINDOW w AS (${OVER} RANGE BETWEEN INTERVAL '6' SECOND PRECEDING AND CURRENT ROW)`,
  },
  {
    name: "rows of OVER by number",
    sql: `SELECT a, m, FIRST_VALUE(m) OVER w AS f, MAX(m) OVER w AS ma FROM s WINDOW w AS (${OVER} ROWS BETWEEN 5 PRECEDING AND CURRENT ROW)`,
  },
  {
    name: "instants of RESAMPLE",
    sql: "SELECT a, t, m FROM TABLE(RESAMPLE(TABLE s PARTITION BY a, DESCRIPTOR(t), INTERVAL '1' SECOND))",
  },
  {
    name: "operators on records",
    sql: "SELECT a, LAG(m) OVER w AS l, LAG(m, 3) OVER w AS l3, CHANGED(m) OVER w AS c, FILL(n) OVER w AS f, DEBOUNCE(m, INTERVAL '3' SECOND) OVER w AS b, DEDUP(m, INTERVAL '4' SECOND) OVER w AS d FROM s WINDOW w AS (PARTITION BY a)",
  },
  {
    name: "operators by event time",
    sql: `SELECT a, LAG(m, 2) OVER w AS l, CHANGED(m) OVER w AS c FROM s WINDOW w AS (${OVER})`,
  },
  {
    name: "keys, which make room for others",
    sql: "SELECT m, window_start, window_end, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '1' SECOND)) GROUP BY m, window_start, window_end",
    source: ", clock: source",
    limits: ", keys: 12, keys_policy: evict-idle",
  },
  {
    name: "records that wait to be put in order",
    sql: "SELECT a, m, n FROM s",
    source: ", reorder: { delay: 4s, stream: a }",
  },
];

function planOf({ sql, source = "", pipeline, limits = "" }: Holder): Plan {
  const yaml = `version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: s }, fields: { a: string, m: string, n: string, v: double }${source} }
pipelines:
  p:
    sql: ${JSON.stringify(sql)}
${pipeline === undefined ? "" : `    ${pipeline}\n`}limits: { memory: 16MB${limits} }
`;
  const { definition, problems } = readDefinition(yaml, {
    fileName: "texts.yaml",
    env: {},
    requireEnv: false,
  });
  expect(problems.filter(({ severity }) => severity === "error").map(({ message }) => message)).toEqual([]);
  const plan = definition!.plans[0]!;
  return { ...plan, limits: { ...plan.limits, dictionaryBytes: 1 << 20 } };
}

/** Records of three devices, some a little late, with ticks and gaps between them. */
function stepsOf(): Step[] {
  const encoder = new TextEncoder();
  let second = 0;
  return Array.from({ length: RECORDS }, (_, index): Step[] => {
    if (index % 3 === 0) second += index % 40 === 0 ? 7 : 1;
    const time = second - (index % 11 === 5 ? 2 : 0);
    const n = index % 4 === 1 ? `,"n":${JSON.stringify(text(index + 50_000))}` : "";
    const line = `{"t":${time},"a":"d${index % 3}","m":${JSON.stringify(text(index))},"v":${(index * 37) % 11}${n}}\n`;
    const bytes: Step = { kind: "bytes", bytes: encoder.encode(line) };
    return index % 5 === 0 ? [{ kind: "tick", ns: BigInt(second) * 1_000_000_000n }, bytes] : [bytes];
  }).flat();
}

/** The same bytes in as few steps as there can be: a batch ends where texts are given back. */
function joined(steps: Step[]): Step[] {
  const runs: Step[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (step.kind === "bytes" && last?.kind === "bytes")
      runs[runs.length - 1] = { kind: "bytes", bytes: Buffer.concat([last.bytes, step.bytes]) };
    else runs.push(step);
  }
  return runs;
}

/** The plan with a dictionary that has hardly more room than the records of these steps need. */
function tightest(plan: Plan, steps: Step[]): Plan {
  let tight = plan;
  for (let bytes = 16_384; ; bytes = Math.floor(bytes * 0.87)) {
    const next = { ...plan, limits: { ...plan.limits, dictionaryBytes: bytes } };
    if (drive(kernels[0]!.create(next), steps).counters.refused.dictionary > 0) return tight;
    tight = next;
  }
}

describe.each(HOLDERS)("texts held by $name", (holder) => {
  const steps = stepsOf();
  const silent = steps.filter(({ kind }) => kind === "bytes");

  test.each([
    { way: "a record at a time, with ticks", pieces: steps, whole: joined(steps) },
    { way: "all at once", pieces: silent, whole: joined(silent) },
  ])("$way", ({ pieces, whole }) => {
    const plan = tightest(planOf(holder), whole);
    const expected = drive(reference.create(plan), whole);
    for (const kernel of kernels)
      for (const way of [pieces, whole]) {
        const found = drive(kernel.create(plan), way);
        expect(found.counters.refused.dictionary).toBe(0);
        expectSameRun(expected, found, holder.name);
        expect(found.counters.textsGivenBack).toBeGreaterThan(RECORDS / 2);
        expect(found.counters.textSweeps).toBeGreaterThan(RECORDS / 20);
      }
  });
});
