// Where a problem inside an SQL text stands in the file, for every way that YAML can write the text: the
// place found is always that of the wrong word itself.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeOf, readDefinition } from "../../language/index.ts";

const HEAD =
  "version: 1\nsources:\n  plant: { file: plant.ndjson, format: json, time: { field: ts, unit: ms } }\npipelines:\n  p:\n";

/** The text of the file at the place of its only problem. */
function marked(file: string): string[] {
  const { problems } = readDefinition(file, { fileName: "p.yaml", env: {}, requireEnv: false });
  return problems
    .filter(({ severity }) => severity === "error")
    .map(({ offset, length }) => file.slice(offset, offset + length));
}

const WRONG = "nope('it''s')";
const SQL = [`SELECT ts,`, `  'a \\ "b" # c: d' AS t,`, ``, `  ${WRONG} AS f`, `FROM plant`, `WHERE ok`];
const double = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
const single = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const block = (head: string, indent: string): string =>
  `${head}\n${SQL.map((line) => (line === "" ? "" : indent + line)).join("\n")}\n`;

describe("places inside SQL", () => {
  const oneLine = SQL.join(" ");
  const styles: [string, string][] = [
    ["a literal block", `    sql: ${block("|", "      ")}`],
    ["a literal block with indicators and a comment", `    sql: ${block("|2-  # SELECT nope", "      ")}`],
    ["a folded block", `    sql: ${block(">", "        ")}`],
    ["a folded block that keeps its end", `    sql: ${block(">+", "      ")}`],
    ["double quotes", `    sql: ${double(oneLine)}\n`],
    [
      "double quotes with escapes of every kind",
      `    sql: ${double(SQL.join("\n")).replace("SELECT", "\\x53EL\\u0045CT\\t").replace("ts,", "\\\n      ts,")}\n`,
    ],
    ["double quotes over several lines", `    sql: ${double(oneLine).replaceAll(", ", ",\n\n      ")}\n`],
    ["single quotes", `    sql: ${single(oneLine)}\n`],
    ["single quotes over several lines", `    sql: ${single(oneLine).replaceAll("FROM", "\n      FROM")}\n`],
    ["a plain text", `    sql: SELECT ts, nope(ts) AS f FROM plant\n`],
    ["a plain text over several lines", `    sql: SELECT ts,\n      nope(ts) AS f\n      FROM plant\n`],
    ["a flow mapping", `    { sql: ${single(oneLine)} }\n`],
    ["Windows line ends", `    sql: ${block("|", "      ")}`.replaceAll("\n", "\r\n")],
  ];

  it.each(styles)("finds the word in %s", (_, text) => {
    expect(marked(HEAD + text)).toEqual(["nope"]);
  });

  it("finds it behind any mixture of characters", () => {
    const noise = fc.stringMatching(/^[ -~äß€\u{1f600}]{0,30}$/u);
    fc.assert(
      fc.property(
        noise,
        fc.constantFrom("|", ">", "double", "single"),
        fc.array(fc.constantFrom(" ", "\n  "), { minLength: 4, maxLength: 4 }),
        (text, style, gaps) => {
          const literal = `'${text.replaceAll("'", "''")}'`;
          const words = ["SELECT", `${literal} AS a,`, "nope(ts) AS f", "FROM plant"];
          const sql = words
            .map((word, index) => word + gaps[index])
            .join("")
            .trim();
          const blocks = `${style}\n${sql
            .split("\n")
            .map((line) => `      ${line}`)
            .join("\n")}`;
          const written =
            style === "double"
              ? double(sql)
              : style === "single"
                ? single(sql.replaceAll("\n", " "))
                : blocks;
          expect(marked(`${HEAD}    sql: ${written}\n`)).toEqual(["nope"]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("counts lines and columns from 1", () => {
    expect(placeOf("ab\ncd\n", 0)).toEqual({ line: 1, column: 1, lineText: "ab" });
    expect(placeOf("ab\ncd\n", 4)).toEqual({ line: 2, column: 2, lineText: "cd" });
    expect(placeOf("ab\ncd\n", 99)).toEqual({ line: 3, column: 1, lineText: "" });
  });

  it("points at the parts of the short form", () => {
    const parts: [string, string][] = [
      ["select: { n: nope(x) }", "nope"],
      ["select: ['nope(x)']", "nope"],
      ["where: temp > 1 AND nope(x) > 1\n    select: { n: count(*) }", "nope"],
      ["having: nope(x) > 1\n    select: { n: count(*) }", "nope"],
      ["group: [device, ts]\n    select: { n: count(*) }", "ts"],
    ];
    for (const [part, word] of parts) {
      expect(marked(`${HEAD}    window: tumble 10s\n    ${part}\n`)).toEqual([word]);
    }
    expect(marked(`${HEAD}    select: [ts]\n    from: nowhere\n`)).toEqual(["nowhere"]);
  });
});
