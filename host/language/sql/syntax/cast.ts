// CAST(expression AS type). Imports types, the parser.
import type { CastType, Node } from "./tree.ts";
import { type Parser, join } from "./parser.ts";

/** Types by their names in SQL. */
const TYPES: Record<string, CastType> = { DOUBLE: "double", BIGINT: "bigint" };

/** Parses from the word CAST on. */
export function parseCast(parser: Parser): Node {
  const begin = parser.next();
  parser.expectSymbol("(");
  const value = parser.or();
  parser.expectWord("AS");
  const token = parser.next();
  const word = token.text.toUpperCase();
  if (token.kind !== "name" || !Object.hasOwn(TYPES, word))
    parser.fail(
      "MR208",
      token,
      `CAST to ${token.text || "nothing"} is not in the subset`,
      `one of ${Object.keys(TYPES).join(", ")}`,
    );
  return { kind: "cast", value, to: TYPES[word]!, span: join(begin, parser.expectSymbol(")")) };
}
