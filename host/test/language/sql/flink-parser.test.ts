// What we accept is Flink SQL: every accepted statement of the grammar cases goes through another parser of
// it.
import { beforeAll, describe, expect, it } from "vitest";
import { createFlinkParser } from "./flink-parser.ts";
import { GRAMMAR } from "./grammar-cases.ts";

let parse: (sql: string) => string[];

beforeAll(async () => {
  const parser = await createFlinkParser();
  parse = (sql) => parser.validate(sql).map((error) => error.message);
});

/** What Flink takes and this parser does not know: each stands on the pages of Flink's own documentation. */
const UNKNOWN_TO_IT: [RegExp, string][] = [
  [/FROM (TUMBLE|HOP|CUMULATE)\(/, "a window function without TABLE( ), Flink 2.0"],
  [/RESAMPLE\(/, "RESAMPLE in FROM, an extension"],
  [/SESSION\(/, "SESSION in FROM, Flink 1.20"],
  [/_ROWS\(/i, "windows of rows, an extension"],
  [/(WHERE|SUM\().* OVER \(PARTITION BY device\)/, "OVER in WHERE or inside an aggregate, an extension"],
  [/FILL\(.*INTERVAL '10' MINUTE/, "an interval as an argument in a difference"],
  [/temp - AVG\(temp\) OVER/, "an expression with OVER in it"],
  [/\)\) AS w/, "an alias behind TABLE( )"],
  [/SQRT\(/, "SQRT"],
  [/(RANGE|CORR|COVAR_POP|ARRAY_AGG)\(/, "names that are words of its own"],
  [/[xX]'[0-9a-fA-F]*'/, "bytes as literals"],
  [/TRY_CAST\(/, "TRY_CAST"],
  [/SUBSTRING\([^,)]* FROM /i, "SUBSTRING in words"],
  [/INTERVAL -'/, "a sign before the quotes of an interval"],
];

describe("accepted statements are Flink SQL", () => {
  const accepted = Object.values(GRAMMAR).flatMap((production) => production.accepted);
  const known = accepted.filter((sql) => !UNKNOWN_TO_IT.some(([form]) => form.test(sql)));

  it.each(known)("%s", (sql) => {
    expect(parse(sql)).toEqual([]);
  });

  it.each(UNKNOWN_TO_IT)("%s is left out because the parser does not know %s", (form) => {
    const left = accepted.filter((sql) => form.test(sql));
    expect(left.length).toBeGreaterThan(0);
    for (const sql of left) expect(parse(sql)).not.toEqual([]);
  });

  it("notices what is no Flink SQL", () => {
    expect(parse("SELECT FROM plant")).not.toEqual([]);
    expect(parse("SELECT ts FROM plant WHERE AND")).not.toEqual([]);
  });
});
