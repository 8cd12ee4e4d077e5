// What SQL becomes: operators of the plan, aggregates shared, outputs named, types from use, the short form.
import { describe, expect, it } from "vitest";
import type { Expression } from "../../core/plan/plan.ts";
import { expressionText } from "../../language/index.ts";
import { resultColumnNames, columnNames } from "../../language/describe.ts";
import { fine, pipelineOf, planOf, read } from "./read.ts";

const W = "TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND))";
const G = "GROUP BY device, window_start, window_end";

/** The WHERE of a condition, as text with every operation in parentheses. */
function where(condition: string): string {
  const plan = planOf(`SELECT ts FROM plant WHERE ${condition}`);
  return expressionText(plan.pipelines[0]!.where!, columnNames(plan.source));
}

describe("conditions and expressions", () => {
  it.each([
    ["a = 1 AND b = 2 OR NOT c = 3", "(((a = 1) AND (b = 2)) OR NOT (c = 3))"],
    ["a = 1 OR b = 2 AND c = 3", "((a = 1) OR ((b = 2) AND (c = 3)))"],
    ["a + b * c - d / e % f = 0", "(((a + (b * c)) - ((d / e) % f)) = 0)"],
    ["a BETWEEN -1 AND 2 AND ok", "(((a >= -1) AND (a <= 2)) AND ok)"],
    ["a NOT BETWEEN 1 AND 2", "NOT ((a >= 1) AND (a <= 2))"],
    ["a IN (1, 2, 3)", "(((a = 1) OR (a = 2)) OR (a = 3))"],
    ["a NOT IN (1)", "NOT (a = 1)"],
    ["a + 1 IS NOT NULL", "NOT ((a + 1) IS NULL)"],
    [
      "CASE a WHEN 1 THEN ok WHEN 2 THEN TRUE END",
      "CASE WHEN (a = 1) THEN ok WHEN (a = 2) THEN TRUE ELSE NULL END",
    ],
    ["COALESCE(a, b, 1) > 0", "(COALESCE(a, COALESCE(b, 1)) > 0)"],
    ["MOD(a, 2) = -0", "((a % 2) = 0)"],
    ["- (- a) < - - 2", "(--a < 2)"],
    ["CEILING(a) = ROUND(b, 2)", "(CEIL(a) = ROUND(b, 2))"],
    ["NOT NOT ok", "NOT NOT ok"],
    ["device = 'it''s'", "(device = 'it''s')"],
  ])("%s", (condition, text) => {
    expect(where(condition)).toBe(text);
  });

  it("makes balanced trees of long lists", () => {
    const depth = (node: Expression): number =>
      node.kind === "call" ? 1 + Math.max(...node.arguments.map(depth)) : 0;
    const list = Array.from({ length: 900 }, (_, index) => index).join(", ");
    expect(depth(pipelineOf(`SELECT ts FROM plant WHERE a IN (${list})`).where!)).toBe(11);
  });

  it("takes chains as long as a statement may be", () => {
    const sum = Array.from({ length: 900 }, () => "a").join(" + ");
    expect(pipelineOf(`SELECT ${sum} AS s FROM plant`).outputs).toHaveLength(1);
  });
});

describe("outputs", () => {
  it("have the names that Flink gives them", () => {
    const { outputs } = pipelineOf(
      "SELECT ts, temp + 1, motor.speed, plant.hum, 1 AS un, ABS(temp) `a b` FROM plant",
    );
    expect(outputs.map((output) => output.name)).toEqual(["ts", "EXPR$1", "speed", "hum", "un", "a b"]);
  });

  it("hold GROUP BY columns that are not selected as hidden ones", () => {
    const { outputs, keys } = pipelineOf(
      `SELECT window_end, COUNT(*) AS n FROM ${W} GROUP BY site, device, window_start, window_end`,
    );
    expect(keys).toEqual([1, 2]);
    expect(outputs.map(({ name, hidden }) => [name, hidden])).toEqual([
      ["window_end", false],
      ["n", false],
      ["site", true],
      ["device", true],
    ]);
    expect(outputs[2]!.expression).toEqual({ kind: "column", type: "string", column: 0 });
  });

  it("are all columns for *", () => {
    const source =
      "plant: { mqtt: mqtt://b, topic: '{site}/x', format: json, time: { field: ts, unit: ms }, fields: { temp: double, ok: boolean } }";
    const { outputs } = pipelineOf("SELECT * FROM plant", source);
    expect(outputs.map(({ name, expression }) => [name, expression.type])).toEqual([
      ["site", "string"],
      ["ts", "instant"],
      ["temp", "double"],
      ["ok", "boolean"],
    ]);
  });
});

describe("aggregates", () => {
  it("are shared when they are equal", () => {
    const sql = `SELECT device, SUM(temp) / COUNT(*) AS m, P50(temp) AS a, MEDIAN(temp) AS b, QUANTILE(temp, 0.5) AS c, SUM( temp ) AS s FROM ${W} ${G} HAVING COUNT(*) > 1`;
    const plan = planOf(sql);
    const [pipeline] = plan.pipelines;
    expect(pipeline!.aggregates.map(({ name, parameter }) => [name, parameter])).toEqual([
      ["sum", null],
      ["count_all", null],
      ["quantile", 0.5],
    ]);
    const names = resultColumnNames(plan.source, pipeline!);
    expect(names).toEqual([
      "device",
      "window_start",
      "window_end",
      "window_time",
      "SUM(temp)",
      "COUNT(*)",
      "P50(temp)",
    ]);
    expect(pipeline!.outputs.map(({ expression }) => expressionText(expression, names))).toEqual([
      "device",
      "(SUM(temp) / COUNT(*))",
      "P50(temp)",
      "P50(temp)",
      "P50(temp)",
      "SUM(temp)",
    ]);
    expect(expressionText(pipeline!.having!, names)).toBe("(COUNT(*) > 1)");
  });

  it("have their names of the plan", () => {
    const names =
      "COUNT SUM AVG MIN MAX VAR_POP VAR_SAMP VARIANCE STDDEV_POP STDDEV_SAMP STDDEV FIRST_VALUE LAST_VALUE EARLIEST LATEST".split(
        " ",
      );
    const items = names.map((name, index) => `${name}(temp + ${index}) AS a${index}`);
    const found = pipelineOf(`SELECT ${items.join(", ")} FROM ${W} ${G}`).aggregates.map(
      (aggregate) => aggregate.name,
    );
    const expected = names.map((name) =>
      name
        .toLowerCase()
        .replace("variance", "var_samp")
        .replace(/^stddev$/, "stddev_samp"),
    );
    expect(found).toEqual(expected);
  });
});

describe("windows", () => {
  const SECOND = 1_000_000_000n;
  const window = (call: string) =>
    pipelineOf(`SELECT COUNT(*) AS n FROM TABLE(${call}) GROUP BY window_start, window_end`).window;
  it.each([
    [
      "TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1:30' MINUTE TO SECOND)",
      { kind: "tumble", sizeNs: 90n * SECOND, offsetNs: 0n },
    ],
    [
      "TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1 02:03:04.5' DAY TO SECOND, INTERVAL '-0.25' SECOND)",
      { kind: "tumble", sizeNs: 93_784_500_000_000n, offsetNs: -250_000_000n },
    ],
    [
      "HOP(TABLE plant, DESCRIPTOR(ts), INTERVAL '4' SECOND, INTERVAL '10' SECOND)",
      { kind: "hop", slideNs: 4n * SECOND, sizeNs: 10n * SECOND, offsetNs: 0n },
    ],
    [
      "HOP(SIZE => INTERVAL '10' SECOND, SLIDE => INTERVAL '4' SECOND, DATA => TABLE plant, TIMECOL => DESCRIPTOR(ts))",
      { kind: "hop", slideNs: 4n * SECOND, sizeNs: 10n * SECOND, offsetNs: 0n },
    ],
    [
      "CUMULATE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' MINUTE, INTERVAL '1' HOUR, INTERVAL -'5' MINUTE)",
      { kind: "cumulate", stepNs: 600n * SECOND, sizeNs: 3600n * SECOND, offsetNs: -300n * SECOND },
    ],
  ])("%s", (call, expected) => {
    expect(window(call)).toEqual(expected);
  });
});

describe("types from use", () => {
  const types = (...statements: string[]) => {
    const pipelines = statements.map((sql, index) => `  p${index}: { sql: ${JSON.stringify(sql)} }`);
    const { definition } = read(
      `version: 1\nsources:\n  plant: { file: a.ndjson, format: json, time: { field: ts, unit: ms } }\npipelines:\n${pipelines.join("\n")}\n`,
    );
    return definition!.plans[0]!.source.columns.slice(1).map(
      ({ name, type, numberAsText }) => `${name} ${type}${numberAsText ? " numberAsText" : ""}`,
    );
  };
  it.each([
    ["arithmetic makes DOUBLE", "SELECT a + b AS c FROM plant", ["a double", "b double"]],
    ["comparison with a text makes STRING", "SELECT ts FROM plant WHERE a = 'x'", ["a string numberAsText"]],
    [
      "comparison of columns carries a type on",
      "SELECT ts FROM plant WHERE a = b AND b = 'x'",
      ["a string numberAsText", "b string numberAsText"],
    ],
    [
      "a condition is BOOLEAN",
      "SELECT ts FROM plant WHERE a AND NOT b OR c = TRUE",
      ["a boolean", "b boolean", "c boolean"],
    ],
    ["< makes DOUBLE of two unknown columns", "SELECT ts FROM plant WHERE a < b", ["a double", "b double"]],
    [
      "CASE carries a type to its values",
      "SELECT CASE WHEN a THEN b ELSE 'x' END AS c FROM plant",
      ["a boolean", "b string numberAsText"],
    ],
    [
      "columns come in the order of the text",
      `SELECT COUNT(z) AS n, MAX(y) AS m FROM ${W} WHERE x > 1 GROUP BY w, window_start, window_end`,
      ["z double", "y double", "x double", "w string numberAsText"],
    ],
    [
      "GROUP BY makes STRING",
      `SELECT COUNT(*) AS n FROM ${W} GROUP BY a, window_start, window_end`,
      ["a string numberAsText"],
    ],
    [
      "GROUP BY of a condition stays BOOLEAN",
      `SELECT COUNT(*) AS n FROM ${W} WHERE a GROUP BY a, window_start, window_end`,
      ["a boolean"],
    ],
  ])("%s", (_, sql, expected) => {
    expect(types(sql)).toEqual(expected);
  });

  it("are shared by all pipelines of a source", () => {
    expect(
      types(
        "SELECT a + 1 AS b FROM plant",
        "SELECT ts FROM plant WHERE a > c",
        "SELECT ts FROM plant WHERE d = 'x'",
      ),
    ).toEqual(["a double", "c double", "d string numberAsText"]);
  });
});

describe("the short form", () => {
  const HEAD =
    "version: 1\nsources:\n  plant: { file: a.ndjson, format: json, time: { field: ts.sec, unit: s } }\npipelines:\n";
  it.each([
    [
      "{ window: tumble 10s, group: device, select: { n: count(*), value: avg(temp) }, where: temp > -40, having: count(*) > 1 }",
      "SELECT device, window_start, window_end, count(*) AS n, avg(temp) AS `value`\nFROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts.sec), INTERVAL '10' SECOND))\nWHERE temp > -40\nGROUP BY device, window_start, window_end\nHAVING count(*) > 1",
    ],
    [
      "{ from: plant, window: Hop 1h slide 5m offset 1d, group: [a.b, odd name, max], select: [COUNT(*)] }",
      "SELECT a.b, `odd name`, `max`, window_start, window_end, COUNT(*)\nFROM TABLE(HOP(TABLE plant, DESCRIPTOR(ts.sec), INTERVAL '5' MINUTE, INTERVAL '1' HOUR, INTERVAL '1' DAY))\nGROUP BY a.b, `odd name`, `max`, window_start, window_end",
    ],
    [
      "{ window: cumulate 1500ms step 0.5s, select: { n: count(*) } }",
      "SELECT window_start, window_end, count(*) AS n\nFROM TABLE(CUMULATE(TABLE plant, DESCRIPTOR(ts.sec), INTERVAL '0.5' SECOND, INTERVAL '1.5' SECOND))\nGROUP BY window_start, window_end",
    ],
    [
      "{ select: { t: temp * 1.8 + 32, ts: ts.sec }, where: ok }",
      "SELECT temp * 1.8 + 32 AS t, ts.sec AS ts\nFROM plant\nWHERE ok",
    ],
  ])("%s", (form, sql) => {
    const short = fine(`${HEAD}  p: ${form}\n`);
    expect(short.pipelines[0]).toMatchObject({ sql, shortForm: true });
    const long = fine(
      `${HEAD}  p:\n    sql: |\n${sql
        .split("\n")
        .map((line) => `      ${line}`)
        .join("\n")}\n`,
    );
    expect(long.pipelines[0]!.shortForm).toBe(false);
    expect(short.plans).toEqual(long.plans);
  });
});
