// CAST(expression AS type), what stands behind LIKE, and SUBSTRING in words. Imports types, the parser.
import type { CastType, Node } from "./tree.ts";
import { type Parser, join } from "./parser.ts";

/** Types by their names in SQL. */
const TYPES: Record<string, CastType> = {
  DOUBLE: "double",
  BIGINT: "bigint",
  BOOLEAN: "boolean",
  STRING: "string",
  BYTES: "bytes",
};

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

/** Parses what stands behind the text of SUBSTRING(text FROM start FOR count); none where there are commas. */
export function parsePlaces(parser: Parser): Node[] {
  if (!parser.takeWord("FROM")) return [];
  const start = parser.or();
  return parser.takeWord("FOR") ? [start, parser.or()] : [start];
}

/** Parses from behind the word LIKE on. */
export function parseLike(parser: Parser, value: Node, negated: boolean): Node {
  const pattern = parser.sum();
  const escape = parser.takeWord("ESCAPE") ? parser.sum() : null;
  return { kind: "like", value, pattern, escape, negated, span: join(value.span, (escape ?? pattern).span) };
}
