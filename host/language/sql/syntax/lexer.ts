// SQL text to tokens. Every token carries its span; what is no token becomes a problem and is passed over.
//   name     letter or _ , then letters, digits, _       `any text` in backquotes ( `` is one backquote)
//   number   digits [. digits] [e [+-] digits]   | . digits
//   string   'text' ( '' is one quote)
//   comment  -- to the end of the line, /* … */
// Portable: imports nothing.

export interface Span {
  offset: number;
  length: number;
}

export interface Token extends Span {
  kind: "name" | "quoted" | "number" | "string" | "bytes" | "symbol" | "end";
  /** Content without quotes; names as they are written. */
  text: string;
}

export interface LexerProblem extends Span {
  message: string;
  hint: string;
}

const SYMBOLS = [
  "=>",
  "<>",
  "<=",
  ">=",
  "||",
  "(",
  ")",
  ",",
  ".",
  ";",
  "+",
  "-",
  "*",
  "/",
  "%",
  "=",
  "<",
  ">",
  "[",
  "]",
];

/** Tokens of a statement, an `end` token last, and what could not be read. */
export function tokenize(sql: string): { tokens: Token[]; problems: LexerProblem[] } {
  const tokens: Token[] = [];
  const problems: LexerProblem[] = [];
  let at = 0;
  while (at < sql.length) {
    const rest = sql.slice(at);
    const space = /^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)/.exec(rest);
    if (space) {
      at += space[0].length;
      continue;
    }
    const token = readToken(rest, at);
    if ("message" in token) problems.push(token);
    else tokens.push(token);
    at += token.length;
  }
  tokens.push({ kind: "end", text: "", offset: sql.length, length: 0 });
  return { tokens, problems };
}

function readToken(rest: string, offset: number): Token | LexerProblem {
  const make = (kind: Token["kind"], match: string, text: string): Token => ({
    kind,
    text,
    offset,
    length: match.length,
  });
  const fail = (length: number, message: string, hint: string): LexerProblem => ({
    offset,
    length,
    message,
    hint,
  });
  let match = /^[xX]'([^']*)'/.exec(rest);
  if (match) {
    if (/^(?:[0-9a-fA-F]{2})*$/.test(match[1]!)) return make("bytes", match[0], match[1]!.toLowerCase());
    return fail(match[0].length, "bytes that are no pairs of hexadecimal digits", "as in X'0AFF'");
  }
  match = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest);
  if (match) return make("name", match[0], match[0]);
  match = /^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/.exec(rest);
  if (match) {
    const joined = /^[A-Za-z0-9_]+/.exec(rest.slice(match[0].length));
    if (joined)
      return fail(
        match[0].length + joined[0].length,
        "a number with letters behind it",
        "a name that begins with a digit goes in backquotes",
      );
    return make("number", match[0], match[0]);
  }
  match = /^'((?:[^']|'')*)'/.exec(rest);
  if (match) return make("string", match[0], match[1]!.replaceAll("''", "'"));
  match = /^`((?:[^`]|``)+)`/.exec(rest);
  if (match) return make("quoted", match[0], match[1]!.replaceAll("``", "`"));
  if (rest.startsWith("``")) return fail(2, "an empty name", "backquotes hold a name");
  if (rest.startsWith("!=")) return fail(2, "Flink SQL does not know !=", "write <>");
  if (rest.startsWith("==")) return fail(2, "SQL does not know ==", "write =");
  if (rest.startsWith("&&")) return fail(2, "SQL does not know &&", "write AND");
  if (rest.startsWith("${")) return fail(2, "${…} is not replaced inside SQL", "write the value itself");
  if (rest.startsWith("'")) return fail(rest.length, "a string that is not closed", "close it with '");
  if (rest.startsWith("`")) return fail(rest.length, "a name that is not closed", "close it with `");
  if (rest.startsWith('"')) {
    const length = /^"[^"]*"?/.exec(rest)![0].length;
    return fail(length, "double quotes mean nothing here", "names go in backquotes, text in single quotes");
  }
  if (rest.startsWith("/*")) return fail(rest.length, "a comment that is not closed", "close it with */");
  const symbol = SYMBOLS.find((candidate) => rest.startsWith(candidate));
  if (symbol) return make("symbol", symbol, symbol);
  const character = String.fromCodePoint(rest.codePointAt(0)!);
  return fail(
    character.length,
    `the character ${JSON.stringify(character)} is no part of SQL`,
    "names with such characters go in backquotes",
  );
}
