// Properties of the language over random texts: nothing throws, whatever the file holds; what lint accepts is
// a plan that is well formed by an independent check, and that becomes plan bytes. The seed is printed on
// failure; MILLRACE_SEED repeats it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodePlan } from "../../../core/plan/bytes/plan-bytes.ts";
import { replayPlan } from "../../../core/plan/replay-plan.ts";
import { explain, explainJson, formatProblem, readDefinition } from "../../../language/index.ts";
import { GRAMMAR } from "./grammar-cases.ts";
import { FIELDS, statement } from "./random-sql.ts";
import { SOURCE, sqlFile } from "../read.ts";
import { checkPlan } from "./type-check.ts";

const seed = process.env.MILLRACE_SEED === undefined ? {} : { seed: Number(process.env.MILLRACE_SEED) };

/** Reads a file of any content: problems print, and what is accepted is well formed. Returns whether it was. */
function survives(file: string): boolean {
  const { definition, problems } = readDefinition(file, {
    fileName: "p.yaml",
    env: { A: "x" },
    requireEnv: false,
  });
  for (const problem of problems) {
    expect(problem.code).toMatch(/^MR[12]\d\d$/);
    expect(problem.offset).toBeGreaterThanOrEqual(0);
    expect(problem.offset).toBeLessThanOrEqual(file.length);
    const printed = formatProblem(problem, "p.yaml", file);
    expect(printed.split("\n")).toHaveLength(3);
  }
  expect(definition === null).toBe(problems.some((problem) => problem.severity === "error"));
  if (definition === null) return false;
  for (const plan of definition.plans) {
    checkPlan(plan);
    encodePlan(plan, 64 * 2 ** 20);
    if (plan.source.time.kind === "field") checkPlan(replayPlan(plan, "json"), true);
  }
  explain(definition);
  JSON.parse(explainJson(definition));
  return true;
}

const WORDS = Object.values(GRAMMAR)
  .flatMap(({ accepted, refused }) => [...accepted, ...refused.map(([sql]) => sql)])
  .flatMap((sql) => sql.match(/[A-Za-z_]\w*|'[^']*'|`[^`]*`|\d+|\S/g) ?? []);
const DISTINCT_WORDS = [...new Set(WORDS)];

const DEFINITION = `version: 1
sources:
  plant:
    mqtt: mqtts://\${HOST}:8883
    topic: sensors/{site}/{device}/telemetry
    username: me
    password_file: secret
    tls: { ca: ca.pem }
    format: json
    time: { field: ts, unit: ms }
    delay: 5s
    nonfinite: refuse
    fields: { temp: double, ok: boolean, note: string }
  lines: { file: a.csv, format: csv, time: { field: t, unit: iso8601 }, clock: source }
pipelines:
  temp_10s:
    sql: |
      SELECT site, device, window_start, COUNT(*) AS n, AVG(temp) AS mean -- a comment
      FROM TABLE(HOP(TABLE plant, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND))
      WHERE temp BETWEEN -40 AND 125 AND note <> 'it''s'
      GROUP BY site, device, window_start, window_end
      HAVING MAX(temp) > 1
    late: side
    to:
      - { kafka: "a:9092,b:9092", topic: t, key: "{site}/{device}", create: { partitions: 3 }, late: l }
      - { file: out.ndjson }
      - { mqtt: mqtt://b, topic: "r/{device}" }
      - stdout
  short: { from: lines, window: cumulate 1h step 10m offset 5m, group: [a, b.c], select: { n: count(*), m: "p99(x) / 2" }, where: x > 1 }
  all: { sql: "SELECT * FROM plant" }
tests:
  - { name: a, given: { plant: a.ndjson }, expect: { short: b.ndjson, late: 1 } }
limits: { keys: 100, memory: 64MB }
gateway: { id: x, data: ./d, http: 127.0.0.1:80 }
`;
const PIECES = [
  "\n",
  " ",
  "  ",
  ":",
  "-",
  "{",
  "}",
  "[",
  "]",
  ",",
  "'",
  '"',
  "`",
  "|",
  ">",
  "&a ",
  "*a",
  "#",
  "!!int ",
  "? ",
  "null",
  "~",
  "0",
  "-1",
  "1e400",
  "true",
  "${A}",
  "${B}",
  "$${",
  "\t",
  "\u0000",
  "\u{1f600}",
  "\ud800",
  "constructor",
  "__proto__",
  "<<: ",
  "...",
  "---\n",
  "%YAML 1.1\n",
  "sql: ",
  "file: ",
  "mqtt: ",
  "window_end",
  "(".repeat(200),
  "NOT ".repeat(300),
  "- ".repeat(300),
];

describe("the language", () => {
  it("accepts its own examples", () => {
    expect(survives(DEFINITION)).toBe(true);
  });

  it("takes any soup of words", () => {
    const soup = fc
      .array(fc.constantFrom(...DISTINCT_WORDS), { maxLength: 40 })
      .map((words) => `SELECT ${words.join(" ")}`);
    fc.assert(
      fc.property(soup, (sql) => void survives(sqlFile(sql))),
      { numRuns: 2000, ...seed },
    );
  });

  it("takes statements with words changed", () => {
    const accepted = Object.values(GRAMMAR).flatMap((production) => production.accepted);
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(1), fc.constantFrom(...DISTINCT_WORDS)), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.constantFrom(...accepted), edits, (sql, changes) => {
        const words = sql.match(/[A-Za-z_]\w*|'[^']*'|`[^`]*`|\d+|\s+|\S/g)!;
        for (const [at, removed, word] of changes)
          words.splice(at % (words.length + 1), removed, ` ${word} `);
        survives(sqlFile(words.join("")));
      }),
      { numRuns: 3000, ...seed },
    );
  });

  it("takes definitions with pieces changed", () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...PIECES)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(edits, (changes) => {
        let file = DEFINITION;
        for (const [place, removed, piece] of changes) {
          const at = place % (file.length + 1);
          file = file.slice(0, at) + piece + file.slice(at + removed);
        }
        survives(file);
      }),
      { numRuns: 2000, ...seed },
    );
  });

  it("takes any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (file) => void survives(file)),
      { numRuns: 500, ...seed },
    );
  });

  it("makes a well-formed plan of every right statement, with declared fields and without", () => {
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const sql = statement(g);
        const declared = SOURCE.replace("unit: ms }", `unit: ms }, ${FIELDS}`);
        expect(survives(sqlFile(sql, declared)), sql).toBe(true);
        survives(sqlFile(sql));
      }),
      { numRuns: 1500, ...seed },
    );
  });
});
