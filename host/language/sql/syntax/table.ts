// What follows FROM: a source, or a window over one, with or without TABLE( ) around it.
// Portable: imports the parser's hands, window-call, words.
import type { Parser } from "./parser.ts";
import { RESERVED } from "./reserved.ts";
import type { Statement } from "./tree.ts";
import { parseWindowCall, resampleOf } from "./window-call.ts";
import { LATER, REFUSED } from "../words.ts";

/** What follows FROM: a source, or a window over one. */
export function parseTable(parser: Parser): Pick<Statement, "source" | "alias" | "window" | "resample"> {
  let source: Statement["source"];
  let window: Statement["window"] = null;
  let resample: Statement["resample"] = null;
  if (parser.isSymbol("("))
    parser.fail("MR208", parser.token, "subqueries are not in the subset", "write a pipeline of its own");
  const wrapped = parser.isWord("TABLE") && parser.peek(1).text === "(";
  if (wrapped) {
    parser.next();
    parser.next();
  }
  const following = parser.peek(1);
  const word = parser.token.text.toUpperCase();
  if (parser.token.kind === "name" && Object.hasOwn(REFUSED, word)) parser.unexpected("a source");
  if (parser.token.kind === "name" && following.kind === "symbol" && following.text === "(") {
    const call = parseWindowCall(parser);
    source = call.source;
    if (call.window.kind === "RESAMPLE") resample = resampleOf(call.window);
    else window = call.window;
  } else if (wrapped)
    parser.unexpected("a window: TUMBLE, HOP, CUMULATE, SESSION, TUMBLE_ROWS, HOP_ROWS or RESAMPLE");
  else source = parser.name("a source");
  if (wrapped) parser.expectSymbol(")");
  let alias: string | null = null;
  const token = parser.token;
  const bare = token.kind === "quoted" || (token.kind === "name" && !RESERVED.has(token.text.toUpperCase()));
  if (parser.takeWord("AS") || bare) alias = parser.name("a name").name;
  if (parser.isSymbol(","))
    parser.fail("MR209", parser.token, "a second table in FROM is not in this version", LATER.JOIN);
  return { source, alias, window, resample };
}
