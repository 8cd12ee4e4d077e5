// Every problem of a definition file, by the full text that is printed. problem-cases.txt holds the cases:
//   ==== what it shows / the file / ---- / what is printed (nothing: the file is fine)
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatProblem, readDefinition } from "../../language/index.ts";

interface Case {
  title: string;
  file: string;
  printed: string;
}

const cases = readFileSync(new URL("problem-cases.txt", import.meta.url), "utf8")
  .split(/^==== /m)
  .slice(1)
  .map((part): Case => {
    const at = part.indexOf("\n");
    const [file, printed] = part.slice(at + 1).split(/^----\n/m);
    return { title: part.slice(0, at), file: file!, printed: printed!.trimEnd() };
  });

function printed(file: string): string {
  const { definition, problems } = readDefinition(file, { fileName: "p.yaml", env: {}, requireEnv: false });
  expect(definition === null).toBe(problems.some((problem) => problem.severity === "error"));
  return problems.map((problem) => formatProblem(problem, "p.yaml", file)).join("\n");
}

describe("problems of a definition file", () => {
  it.each(cases)("$title", ({ file, printed: expected }) => {
    expect(printed(file)).toBe(expected);
  });

  it("has a case for every code of the language", () => {
    const sources = readFileSync(new URL("problem-cases.txt", import.meta.url), "utf8");
    const shown = new Set(sources.match(/MR[12]\d\d/g));
    shown.add("MR110");
    expect([...shown].toSorted()).toEqual([...languageCodes()].toSorted());
  });

  it("finds an unset variable when the verb connects", () => {
    const file = `version: 1
sources:
  plant:
    mqtt: mqtt://\${BROKER}:1883
    topic: a/{device}
    format: json
    time: { field: ts, unit: ms }
pipelines:
  p: { sql: SELECT ts FROM plant }
`;
    const { problems } = readDefinition(file, { fileName: "p.yaml", env: {}, requireEnv: true });
    expect(problems.map((problem) => formatProblem(problem, "p.yaml", file)).join("\n")).toBe(
      `p.yaml:4:18  error  MR110  the environment variable BROKER is not set
   4 |     mqtt: mqtt://\${BROKER}:1883
     |                  ^^^^^^^^^ set it for this start: BROKER=… millrace run p.yaml`,
    );
  });

  it("ends lines of Windows as well", () => {
    const file = "version: 1\r\nsources: 5\r\npipelines: { p: { sql: SELECT ts FROM plant } }\r\n";
    expect(printed(file))
      .toBe(`p.yaml:2:10  error  MR104  "sources" of the definition file is a number, it takes a mapping
   2 | sources: 5
     |          ^`);
  });

  it("puts the caret right behind tabs and characters beyond 16 bits", () => {
    const file = `version: 1\nsources: { a: { file: a.ndjson, format: json, time: { field: ts, unit: ms } } }
pipelines:\n  p:\n    sql: |\n      SELECT ts,\t'\u{1f600}' AS f, quux( ts)\n      FROM a\n`;
    const [, line, caret] = printed(file).split("\n");
    expect(line).toBe("   6 |       SELECT ts,\t'\u{1f600}' AS f, quux( ts)");
    expect(caret).toBe(
      "     |                 \t          ^^^^ (functions: abs, floor, ceil, ceiling, round, sqrt, power, ln, log10, exp, sin, cos, least, greatest, mod, coalesce, ifnull, concat, upper, lower, substring, substr)",
    );
  });
});

/** The codes that the language's sources can report. */
function languageCodes(): Set<string> {
  const folder = new URL("../../language/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const codes = files.flatMap(
    (name) => readFileSync(new URL(name, folder), "utf8").match(/"MR\d{3}"/g) ?? [],
  );
  return new Set(codes.map((code) => code.slice(1, -1)));
}
