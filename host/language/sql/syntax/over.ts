// OVER windows, as in Flink SQL:
//   over  = OVER ( name | spec )        named = WINDOW name AS spec {, name AS spec}
//   spec  = "(" [PARTITION BY column {, column}] [ORDER BY column [ASC] [frame]] ")"
//   frame = RANGE BETWEEN interval PRECEDING AND CURRENT ROW | ROWS BETWEEN number PRECEDING AND CURRENT ROW
// Imports the parser's hands.
import type { Parser } from "./parser.ts";
import type { NamedWindow, Over, OverSpec } from "./tree.ts";
import { parseInterval } from "./window-call.ts";

/** How the reach of an OVER window is written. */
export const FRAME_FORM =
  "RANGE BETWEEN INTERVAL '5' MINUTE PRECEDING AND CURRENT ROW, or ROWS BETWEEN 9 PRECEDING AND CURRENT ROW";

/** What follows OVER. */
export function parseOver(parser: Parser): Over {
  if (!parser.isSymbol("(")) return { kind: "name", ...parser.name("a window in parentheses, or its name") };
  return parseSpec(parser);
}

/** The WINDOW clause; the parser stands behind the word. */
export function parseNamedWindows(parser: Parser): NamedWindow[] {
  const windows: NamedWindow[] = [];
  do {
    const { name, span } = parser.name("a window's name");
    parser.expectWord("AS");
    windows.push({ name, span, spec: parseSpec(parser) });
  } while (parser.takeSymbol(","));
  return windows;
}

function parseSpec(parser: Parser): OverSpec {
  const begin = parser.expectSymbol("(");
  const partition = [];
  if (parser.takeWord("PARTITION")) {
    parser.expectWord("BY");
    do partition.push(parser.column());
    while (parser.takeSymbol(","));
  }
  let order: OverSpec["order"] = null;
  let frame: OverSpec["frame"] = null;
  if (parser.takeWord("ORDER")) {
    parser.expectWord("BY");
    order = parser.column();
    if (parser.isWord("DESC"))
      parser.fail("MR208", parser.token, "DESC is not in the subset", "rows go by rising time");
    parser.takeWord("ASC");
    if (!parser.isSymbol(")")) frame = parseFrame(parser);
  }
  const end = parser.expectSymbol(")");
  const span = { offset: begin.offset, length: end.offset + end.length - begin.offset };
  return { kind: "spec", partition, order, frame, end: { offset: end.offset, length: end.length }, span };
}

function parseFrame(parser: Parser): NonNullable<OverSpec["frame"]> {
  const range = parser.isWord("RANGE");
  const word = parser.token;
  if (!range && !parser.isWord("ROWS"))
    parser.fail("MR211", word, "an OVER window lacks its reach", FRAME_FORM);
  parser.next();
  if (!parser.takeWord("BETWEEN"))
    parser.fail("MR211", parser.token, "the reach of OVER is written with BETWEEN", FRAME_FORM);
  const at = parser.token;
  if (parser.isWord("UNBOUNDED"))
    parser.fail(
      "MR209",
      at,
      "UNBOUNDED PRECEDING is not in this version",
      "give it a length: state is bounded",
    );
  let frame: NonNullable<OverSpec["frame"]>;
  if (range) frame = { kind: "range", interval: parseInterval(parser) };
  else {
    const count = Number(at.text);
    if (at.kind !== "number" || !Number.isInteger(count) || count > 2_147_483_647)
      parser.fail(
        "MR211",
        at,
        "ROWS counts the rows before the current one",
        "ROWS BETWEEN 9 PRECEDING AND CURRENT ROW",
      );
    parser.next();
    frame = { kind: "rows", count, span: at };
  }
  parser.expectWord("PRECEDING");
  parser.expectWord("AND");
  if (!parser.isWord("CURRENT"))
    parser.fail("MR208", parser.token, "OVER ends with the current row", "… PRECEDING AND CURRENT ROW");
  parser.next();
  parser.expectWord("ROW");
  return frame;
}
