// The documentation of the language says what the code does: each code has its line, each example is right,
// each key stands on the page.
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { REFUSALS } from "../../core/engine.ts";
import { formatProblem, readDefinition } from "../../language/index.ts";
import { codesOf } from "./read.ts";

const ROOT = new URL("../../../", import.meta.url);
const page = (name: string): string => readFileSync(new URL(`docs/${name}.md`, ROOT), "utf8");

describe("docs/errors.md", () => {
  it("has a line for each code in the source, and no other", () => {
    const folders = ["host", "sensors-sim", "bench"].filter((name) => readdirSync(ROOT).includes(name));
    const files = folders.flatMap((folder) => {
      const names = readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" });
      return names
        .filter((name) => /\.(ts|mjs)$/.test(name) && !/(^|\/)test\/|\.test\.ts$/.test(name))
        .map((name) => `${folder}/${name}`);
    });
    const text = files.map((name) =>
      readFileSync(new URL(name, ROOT), "utf8").replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, ""),
    );
    const used = new Set(text.join("\n").match(/\bMR\d{3}\b/g));
    const listed = [...page("errors").matchAll(/^\| (MR\d{3}) \|/gm)].map((match) => match[1]!);
    expect(listed).toEqual([...new Set(listed)].toSorted());
    expect(listed).toEqual([...used].toSorted());
  });

  it("has a line for each reason to refuse a record", () => {
    const listed = [...page("errors").matchAll(/^\| `(\w+)` \| .{10,} \| .{5,} \|$/gm)].map(
      (match) => match[1]!,
    );
    expect(listed.toSorted()).toEqual(REFUSALS.toSorted());
  });

  it("says of each what it means and what to do", () => {
    for (const [, code, means, todo] of page("errors").matchAll(/^\| (MR\d{3}) \|(.*?)\|(.*)\|$/gm)) {
      expect(means!.trim().length, code).toBeGreaterThan(10);
      expect(todo!.trim().length, code).toBeGreaterThan(5);
    }
  });
});

describe("docs/definition-file.md", () => {
  const examples = [...page("definition-file").matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!);

  it.each(examples)("has an example without problems: %s", (example) => {
    const { problems } = readDefinition(example, { fileName: "p.yaml", env: {}, requireEnv: true });
    expect(problems.map((problem) => formatProblem(problem, "p.yaml", example))).toEqual([]);
  });

  it("names every key", () => {
    const keysOf = (place: string): string[] => {
      const file = `version: 1\nsources:\n  plant: { mqtt: mqtt://b, topic: t, format: json, time: { field: ts, unit: ms }${place === "source" ? ", xyzzy: 1" : ""} }
pipelines:
  p: { sql: SELECT ts FROM plant, to: { kafka: a:1, topic: t${place === "kafka" ? ", xyzzy: 1" : ""} }${place === "pipeline" ? ", xyzzy: 1" : ""} }
  q: { sql: SELECT ts FROM plant, to: { mqtt: mqtt://b, topic: t${place === "mqtt" ? ", xyzzy: 1" : ""} } }
${place === "file" ? "xyzzy: 1" : ""}\n`;
      const { problems } = readDefinition(file, { fileName: "p.yaml", env: {}, requireEnv: false });
      return /keys: (.*)\)/.exec(problems[0]!.hint)![1]!.split(", ");
    };
    const text = page("definition-file");
    for (const place of ["file", "source", "pipeline", "kafka", "mqtt"]) {
      for (const key of keysOf(place))
        expect(text, `${key} of a ${place}`).toMatch(
          new RegExp(`\`${key}\`|\`\\{[^\`]*\\b${key}\\b[^\`]*\\}\``),
        );
    }
  });
});

describe("docs/differences-from-flink.md", () => {
  const W =
    "TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY device, window_start, window_end";
  const refused: [string, string][] = [
    ["joins", "SELECT a FROM plant JOIN plant"],
    ["UNION", "SELECT ts FROM plant UNION SELECT ts FROM plant"],
    ["INTERSECT", "SELECT ts FROM plant INTERSECT SELECT ts FROM plant"],
    ["EXCEPT", "SELECT ts FROM plant EXCEPT SELECT ts FROM plant"],
    ["ORDER BY", "SELECT ts FROM plant ORDER BY ts"],
    ["LIMIT", "SELECT ts FROM plant LIMIT 5"],
    ["OFFSET", "SELECT ts FROM plant OFFSET 5"],
    ["FETCH", "SELECT ts FROM plant FETCH FIRST ROW ONLY"],
    ["DISTINCT", "SELECT DISTINCT ts FROM plant"],
    [
      "OVER with UNBOUNDED",
      "SELECT SUM(a) OVER (ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM plant",
    ],
    ["FOLLOWING", "SELECT SUM(a) OVER (ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM plant"],
    [
      "ROW_NUMBER",
      "SELECT ROW_NUMBER() OVER (ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM plant",
    ],
    ["FILTER", `SELECT COUNT(*) FILTER (WHERE ok) FROM ${W}`],
    ["WITH", "WITH a AS (SELECT ts FROM plant) SELECT ts FROM a"],
    ["subqueries", "SELECT ts FROM (SELECT ts FROM plant)"],
    ["LATERAL", "SELECT ts FROM LATERAL TABLE(f(ts))"],
    ["UNNEST", "SELECT ts FROM UNNEST(a)"],
    ["TABLESAMPLE", "SELECT ts FROM plant TABLESAMPLE BERNOULLI(5)"],
    ["MATCH_RECOGNIZE", "SELECT ts FROM plant MATCH_RECOGNIZE ()"],
    [
      "ROLLUP",
      "SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY ROLLUP (a)",
    ],
    ["CAST to other types", "SELECT CAST(a AS INT) FROM plant"],
    ["SIMILAR TO", "SELECT ts FROM plant WHERE a SIMILAR TO 'b'"],
    ["`IS [NOT] TRUE", "SELECT ts FROM plant WHERE a IS TRUE"],
    ["BETWEEN SYMMETRIC", "SELECT ts FROM plant WHERE a BETWEEN SYMMETRIC 1 AND 2"],
    ["EXTRACT", "SELECT EXTRACT(DAY FROM ts) AS d FROM plant"],
    ["`FLOOR(x TO …)`", "SELECT FLOOR(ts TO DAY) AS d FROM plant"],
    ["date and time literals", "SELECT ts FROM plant WHERE ts > TIMESTAMP '2020-01-01 00:00:00'"],
    ["IGNORE NULLS", `SELECT LAST_VALUE(a) IGNORE NULLS AS b FROM ${W}`],
    ["DISTINCT in aggregates", `SELECT SUM(DISTINCT a) AS n FROM ${W}`],
    ["other text, date and JSON functions", "SELECT JSON_VALUE(a, '$.b') AS c FROM plant"],
    ["INSERT", "INSERT INTO a SELECT ts FROM plant"],
    ["CREATE", "CREATE TABLE a (b INT)"],
  ];

  it.each(refused)("refuses %s by name", (name, sql) => {
    expect(page("differences-from-flink")).toContain(name);
    expect(codesOf(sql).filter((code) => code === "MR208" || code === "MR209")).toHaveLength(1);
  });
});
