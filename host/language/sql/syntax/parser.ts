// Recursive-descent parser of the SQL subset; docs/sql.md holds the grammar, one production a method here:
//   statement  = SELECT items FROM table [WHERE or] [GROUP BY or {, or}] [HAVING or] [WINDOW named] [;]
//   items      = * | item {, item}              item = or [[AS] name]
//   table      = name [[AS] name] | [TABLE (] window [)] [[AS] name]
//   or = and {OR and}   and = not {AND not}   not = [NOT] predicate
//   predicate  = sum [comparison sum | [NOT] BETWEEN sum AND sum | [NOT] IN (or {, or}) | IS [NOT] NULL]
//   sum = product {(+|-) product}   product = sign {(*|/|%||||) sign}   sign = [-|+] primary
// It stops at the first syntax error of a statement (a thrown SyntaxProblem). Imports lexer, syntax, words.
import { nearest } from "../../suggest.ts";
import type { Span, Token } from "./lexer.ts";
import type { BinaryOperator, NameNode, Node, SelectItem, Statement } from "./tree.ts";
import { parseNamedWindows, parseOver } from "./over.ts";
import { RESERVED } from "./reserved.ts";
import { FUNCTIONS_OF_FLINK, LATER, REFUSED, isKnownFunction } from "../words.ts";
import { parseCast, parseLike, parsePlaces } from "./cast.ts";
import { parseTable } from "./table.ts";
import { parseInterval } from "./window-call.ts";

export class SyntaxProblem extends Error {
  readonly code: string;
  readonly span: Span;
  readonly hint: string;

  constructor(code: string, span: Span, message: string, hint: string) {
    super(message);
    this.code = code;
    this.span = span;
    this.hint = hint;
  }
}

const PRODUCTS = new Set(["*", "/", "%", "||"]);
const COMPARISONS = new Set(["=", "<>", "<", "<=", ">", ">="]);
const CLAUSES = [
  "SELECT",
  "FROM",
  "WHERE",
  "GROUP",
  "HAVING",
  "AS",
  "AND",
  "OR",
  "NOT",
  "BETWEEN",
  "IN",
  "IS",
  "CASE",
];
/** Words that build a statement: nobody means them as names. */
const STRUCTURE = new Set([
  ...CLAUSES,
  "BY",
  "WHEN",
  "THEN",
  "ELSE",
  "END",
  "NULL",
  "TRUE",
  "FALSE",
  "TABLE",
  "ON",
]);
/** Bounds the depth of the syntax tree, and with it the stack that the checker needs. */
const TOKENS_MAX = 2_000;

/** The parser's hands: what it looks at and takes. Used by window-call.ts as well. */
export class Parser {
  private readonly tokens: Token[];
  private at = 0;
  private depth = 0;

  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  get token(): Token {
    return this.tokens[this.at]!;
  }

  peek(ahead: number): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!;
  }

  isWord(word: string, token = this.token): boolean {
    return token.kind === "name" && token.text.toUpperCase() === word;
  }

  isSymbol(symbol: string): boolean {
    return this.token.kind === "symbol" && this.token.text === symbol;
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== "end") this.at++;
    return token;
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.at++;
    return true;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.at++;
    return true;
  }

  expectWord(word: string): Token {
    if (!this.isWord(word)) this.unexpected(word);
    return this.next();
  }

  expectSymbol(symbol: string): Token {
    if (!this.isSymbol(symbol)) this.unexpected(`"${symbol}"`);
    return this.next();
  }

  fail(code: string, span: Span, message: string, hint = ""): never {
    throw new SyntaxProblem(code, { offset: span.offset, length: span.length }, message, hint);
  }

  /** Refuses what stands here: by name when Flink has it, else as unexpected. */
  unexpected(expected: string): never {
    const token = this.token;
    const word = token.kind === "name" ? token.text.toUpperCase() : "";
    if (Object.hasOwn(LATER, word)) this.fail("MR209", token, `${word} is not in this version`, LATER[word]);
    if (Object.hasOwn(REFUSED, word))
      this.fail("MR208", token, `${word} is not in the subset`, REFUSED[word]);
    const seen = token.kind === "end" ? "the end of the statement" : `"${token.text}"`;
    const before = this.tokens[this.at - 1];
    const slip =
      before?.kind === "name" &&
      before.text.toUpperCase() !== expected &&
      nearest(before.text, [expected]) !== null;
    const near = token.kind === "name" ? nearest(token.text, CLAUSES) : null;
    const meant = near !== null && near !== word ? `did you mean ${near}?` : "";
    const hint = slip ? `did you mean ${expected} where "${before.text}" stands?` : meant;
    this.fail("MR201", token, `expected ${expected}, found ${seen}`, hint);
  }

  /** A name: bare unless it is reserved, or in backquotes. */
  name(what: string): { name: string; span: Span } {
    const token = this.token;
    if (token.kind === "quoted") return { name: this.next().text, span: token };
    if (token.kind !== "name") this.unexpected(what);
    const word = token.text.toUpperCase();
    if (RESERVED.has(word)) {
      if (STRUCTURE.has(word) || Object.hasOwn(LATER, word) || Object.hasOwn(REFUSED, word))
        this.unexpected(what);
      this.fail(
        "MR212",
        token,
        `"${token.text}" is a reserved word of Flink SQL`,
        `write it in backquotes: \`${token.text}\``,
      );
    }
    return { name: this.next().text, span: token };
  }

  statement(): Statement {
    if (this.tokens.length > TOKENS_MAX) {
      this.fail(
        "MR216",
        this.tokens[TOKENS_MAX]!,
        `a statement of more than ${TOKENS_MAX} words`,
        "split it into several pipelines",
      );
    }
    this.expectWord("SELECT");
    const itemsSpan = this.token;
    const items = this.takeSymbol("*") ? null : this.items();
    this.expectWord("FROM");
    const table = parseTable(this);
    const where = this.takeWord("WHERE") ? this.or() : null;
    let groupBy: Statement["groupBy"] = null;
    if (this.isWord("GROUP")) {
      const span = this.next();
      this.expectWord("BY");
      const nodes = [this.or()];
      while (this.takeSymbol(",")) nodes.push(this.or());
      groupBy = { nodes, span };
    }
    const having = this.takeWord("HAVING") ? this.or() : null;
    const windows = this.takeWord("WINDOW") ? parseNamedWindows(this) : [];
    const closed = this.takeSymbol(";");
    if (closed && this.token.kind !== "end") {
      this.fail("MR201", this.token, "a second statement", "a pipeline has one; write a pipeline for each");
    }
    if (this.token.kind !== "end") this.unexpected("the end of the statement");
    return { items, itemsSpan, ...table, where, groupBy, having, windows };
  }

  private items(): SelectItem[] {
    if (this.isWord("DISTINCT") || this.isWord("ALL")) this.unexpected("a column");
    const items = [this.item()];
    while (this.takeSymbol(",")) items.push(this.item());
    return items;
  }

  private item(): SelectItem {
    const expression = this.or();
    if (this.takeWord("AS")) return { expression, alias: this.name("a name") };
    const token = this.token;
    const bare =
      token.kind === "quoted" || (token.kind === "name" && !RESERVED.has(token.text.toUpperCase()));
    return { expression, alias: bare ? this.name("a name") : null };
  }

  /** The whole text as one expression: a part of the short form. */
  expression(): Node {
    const node = this.or();
    if (this.token.kind !== "end") this.unexpected("the end of the expression");
    return node;
  }

  or(): Node {
    if (++this.depth > 64)
      this.fail("MR201", this.token, "the expression is nested too deeply", "at most 64 levels");
    let left = this.and();
    while (this.takeWord("OR")) left = binary("OR", left, this.and());
    this.depth--;
    return left;
  }

  private and(): Node {
    let left = this.not();
    while (this.takeWord("AND")) left = binary("AND", left, this.not());
    return left;
  }

  private not(): Node {
    const token = this.token;
    let negations = 0;
    while (this.takeWord("NOT")) negations++;
    let node = this.predicate();
    for (; negations > 0; negations--) {
      node = { kind: "unary", operator: "NOT", argument: node, span: join(token, node.span) };
    }
    return node;
  }

  private predicate(): Node {
    const node = this.comparison();
    const again =
      (this.token.kind === "symbol" && COMPARISONS.has(this.token.text)) ||
      ["IS", "BETWEEN", "IN", "LIKE"].some((word) => this.isWord(word));
    if (again)
      this.fail(
        "MR201",
        this.token,
        "comparisons do not follow one another",
        "put the first in parentheses, or write AND between them",
      );
    return node;
  }

  private comparison(): Node {
    const left = this.sum();
    if (this.token.kind === "symbol" && COMPARISONS.has(this.token.text)) {
      const operator = this.next().text;
      return binary(operator as BinaryOperator, left, this.sum());
    }
    if (this.takeWord("IS")) {
      const negated = this.takeWord("NOT");
      if (this.isWord("TRUE") || this.isWord("FALSE") || this.isWord("DISTINCT") || this.isWord("UNKNOWN")) {
        this.fail(
          "MR208",
          this.token,
          `IS ${this.token.text.toUpperCase()} is not in the subset`,
          "write the condition itself, with COALESCE for NULL",
        );
      }
      const end = this.expectWord("NULL");
      return { kind: "isNull", value: left, negated, span: join(left.span, end) };
    }
    return this.rangeOrList(left);
  }

  private rangeOrList(left: Node): Node {
    const negated =
      this.isWord("NOT") &&
      ["BETWEEN", "IN", "LIKE", "SIMILAR"].some((word) => this.isWord(word, this.peek(1)));
    if (negated) this.next();
    if (this.takeWord("BETWEEN")) {
      if (this.isWord("SYMMETRIC") || this.isWord("ASYMMETRIC")) {
        this.fail(
          "MR208",
          this.token,
          `BETWEEN ${this.token.text.toUpperCase()} is not in the subset`,
          "write the smaller bound first",
        );
      }
      const low = this.sum();
      this.expectWord("AND");
      const high = this.sum();
      return { kind: "between", value: left, low, high, negated, span: join(left.span, high.span) };
    }
    if (this.takeWord("IN")) return this.inList(left, negated);
    if (this.takeWord("LIKE")) return parseLike(this, left, negated);
    if (this.isWord("SIMILAR")) this.unexpected("a comparison");
    return left;
  }

  private inList(value: Node, negated: boolean): Node {
    this.expectSymbol("(");
    if (this.isWord("SELECT"))
      this.fail("MR208", this.token, "subqueries are not in the subset", "list the values");
    const list = [this.or()];
    while (this.takeSymbol(",")) list.push(this.or());
    return { kind: "in", value, list, negated, span: join(value.span, this.expectSymbol(")")) };
  }

  sum(): Node {
    let left = this.product();
    while (this.isSymbol("+") || this.isSymbol("-")) {
      const operator = this.next().text as BinaryOperator;
      left = binary(operator, left, this.product());
    }
    return left;
  }

  private product(): Node {
    let left = this.sign();
    while (this.token.kind === "symbol" && PRODUCTS.has(this.token.text)) {
      const operator = this.next().text as BinaryOperator;
      left = binary(operator, left, this.sign());
    }
    return left;
  }

  private sign(): Node {
    const token = this.token;
    if (this.takeSymbol("+")) return this.sign();
    if (!this.takeSymbol("-")) return this.primary();
    if (++this.depth > 64)
      this.fail("MR201", token, "the expression is nested too deeply", "at most 64 levels");
    const argument = this.sign();
    this.depth--;
    const span = join(token, argument.span);
    if (argument.kind === "number") {
      const { value, whole } = argument;
      return { kind: "number", value: -value, whole: whole === null ? null : -whole, span };
    }
    return { kind: "unary", operator: "-", argument, span };
  }

  private primary(): Node {
    const token = this.token;
    if (token.kind === "number") {
      const value = Number(this.next().text);
      if (!Number.isFinite(value)) this.fail("MR201", token, "a number beyond the range of DOUBLE");
      const whole = /^\d+$/.test(token.text) ? BigInt(token.text) : null;
      return {
        kind: "number",
        value,
        whole: whole !== null && whole < 2n ** 63n ? whole : null,
        span: token,
      };
    }
    if (token.kind === "string") return { kind: "string", value: this.next().text, span: token };
    if (token.kind === "bytes") return { kind: "bytes", hex: this.next().text, span: token };
    if (this.takeSymbol("(")) {
      if (this.isWord("SELECT"))
        this.fail("MR208", this.token, "subqueries are not in the subset", "write a pipeline of its own");
      const inner = this.or();
      this.expectSymbol(")");
      return inner;
    }
    if (token.kind === "name") {
      const word = token.text.toUpperCase();
      if (word === "NULL") return { kind: "null", span: this.next() };
      if (word === "TRUE" || word === "FALSE")
        return { kind: "boolean", value: word === "TRUE", span: this.next() };
      if (word === "CASE") return this.caseOf();
      if (word === "INTERVAL" && (this.peek(1).kind === "string" || this.peek(1).text === "-"))
        return { kind: "interval", ...parseInterval(this) };
      if (["TIMESTAMP", "DATE", "TIME"].includes(word) && this.peek(1).kind === "string") {
        this.fail(
          "MR208",
          token,
          `${word} literals are not taken in expressions`,
          "the windows of FROM say which time is meant",
        );
      }
      const following = this.peek(1);
      if (following.kind === "symbol" && following.text === "(") return this.call();
    }
    return this.column();
  }

  column(): NameNode {
    const { parts, span } = this.parts("a column, a number or a function");
    return { kind: "name", parts, span };
  }

  /** A name of several parts as one: `outer.inner`. */
  path(what: string): { name: string; span: Span } {
    const { parts, span } = this.parts(what);
    return { name: parts.join("."), span };
  }

  private parts(what: string): { parts: string[]; span: Span } {
    const first = this.name(what);
    const parts = [first.name];
    let span = first.span;
    while (this.takeSymbol(".")) {
      const part = this.name("a name behind the point");
      parts.push(part.name);
      span = join(span, part.span);
    }
    return { parts, span };
  }

  private call(): Node {
    const nameSpan = this.token;
    const name = nameSpan.text.toUpperCase();
    if (name === "CAST" || name === "TRY_CAST") return parseCast(this);
    if (name === "EXTRACT" || name === "EXISTS")
      this.fail("MR208", nameSpan, `${name} is not in the subset`, REFUSED[name]);
    const known = isKnownFunction(name) || Object.hasOwn(FUNCTIONS_OF_FLINK, name);
    if (RESERVED.has(name) && !known) this.name("a column, a number or a function");
    this.next();
    this.expectSymbol("(");
    const nodes: Node[] = [];
    let star = false;
    const distinct = this.takeWord("DISTINCT");
    if (!distinct && this.takeSymbol("*")) star = true;
    else if (distinct || !this.isSymbol(")")) {
      nodes.push(this.or());
      if (name === "SUBSTRING") nodes.push(...parsePlaces(this));
      while (this.takeSymbol(",")) nodes.push(this.or());
    }
    if (this.isWord("TO"))
      this.fail(
        "MR208",
        this.token,
        `${name}(… TO …) is not in the subset`,
        "windows say their time by window_start and window_end",
      );
    const end = this.expectSymbol(")");
    const over = this.takeWord("OVER") ? parseOver(this) : null;
    const behind = ["FILTER", "WITHIN", "IGNORE", "RESPECT"].find((word) => this.isWord(word));
    if (behind === "FILTER") this.unexpected("a comma or FROM");
    if (behind !== undefined && this.peek(1).kind === "name") {
      this.fail(
        "MR208",
        this.token,
        `${behind} ${this.peek(1).text.toUpperCase()} is not in the subset`,
        "aggregates skip NULL, in the order of arrival",
      );
    }
    return {
      kind: "call",
      name,
      written: nameSpan.text,
      nameSpan,
      arguments: nodes,
      star,
      distinct,
      over,
      span: join(nameSpan, over?.span ?? end),
    };
  }

  private caseOf(): Node {
    const begin = this.next();
    const subject = this.isWord("WHEN") ? null : this.or();
    const branches: { when: Node; then: Node }[] = [];
    while (this.takeWord("WHEN")) {
      const when = this.or();
      this.expectWord("THEN");
      branches.push({ when, then: this.or() });
    }
    if (branches.length === 0) this.unexpected("WHEN");
    const otherwise = this.takeWord("ELSE") ? this.or() : null;
    const end = this.expectWord("END");
    return { kind: "case", subject, branches, otherwise, span: join(begin, end) };
  }
}

export function join(a: Span, b: Span): Span {
  return { offset: a.offset, length: b.offset + b.length - a.offset };
}

function binary(operator: BinaryOperator, left: Node, right: Node): Node {
  return { kind: "binary", operator, left, right, span: join(left.span, right.span) };
}
