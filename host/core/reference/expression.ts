// Expressions row by row, as they read. Every distinct sub-expression of the expressions given is evaluated
// once a row, none is skipped, and each result that is not finite although its operands are there counts once.
// What depends on a stateful operator is evaluated when the row is taken, after everything else.
// Imports the portable arithmetic, stateful operators and core types.
import { cos, exp, ln, log10, sin } from "../../../assembly/number/functions.ts";
import { power, roundDigits, roundHalfAway } from "../../../assembly/number/math.ts";
import { fromHex } from "../bytes.ts";
import type { Scalar, Value } from "../engine.ts";
import type { Expression, Limits, Operator, StatefulExpression } from "../plan/plan.ts";
import { expressionKey, makesText, partsOf, statefulOf } from "../plan/plan.ts";
import { StatefulOperators } from "./stateful.ts";
import { TextShares, cast, madeText } from "./texts.ts";
import { asBigint, bytesValue, keyText } from "./values.ts";

type Call = Extract<Expression, { kind: "call" }>;

/** A row whose values that depend on the row alone are there. */
export interface BegunRow {
  columns: Value[];
  known: Map<string, Value>;
}

/** Evaluates several expressions over the same rows. */
export class Evaluator {
  private readonly expressions: Expression[];
  private readonly names = new Map<Expression, string>();
  private readonly loneliness = new Map<Expression, boolean>();
  private readonly operators = new StatefulOperators();
  private time = 0n;
  private seriesOf: (columns: number[]) => Value[] | undefined = () => undefined;
  private lost = 0;

  private readonly texts: TextShares;
  /** Texts that were none of the type that they were cast to. */
  wrongType = 0;

  constructor(expressions: Expression[], limits: Limits) {
    this.expressions = expressions;
    this.texts = new TextShares(limits);
  }

  /** Texts that found no room. */
  get lostTexts(): number {
    return this.texts.lost;
  }

  /** Results that were not finite, since the evaluator was made. */
  get nonfinite(): number {
    return this.lost + this.operators.nonfinite;
  }

  /** Values that DEDUP forgot before their time. */
  get forgotten(): number {
    return this.operators.forgotten;
  }

  /** Values of all expressions for one row of columns, which is at that time. */
  evaluate(columns: Value[], time: bigint): Value[] {
    return this.finish(this.begin(columns), time);
  }

  /** Series of these values are not known any more; `columns` are those of their keys, null for any. */
  forget(columns: number[] | null, values: Value[]): void {
    for (const expression of statefulOf(this.expressions)) {
      if (columns !== null && expression.keys.join() !== columns.join()) continue;
      this.operators.forget(expressionKey(expression), keyText(values));
    }
  }

  /** Evaluates what depends on no stateful operator. */
  begin(columns: Value[]): BegunRow {
    const row = { columns, known: new Map<string, Value>() };
    for (const expression of this.expressions) this.beginParts(expression, row);
    return row;
  }

  private beginParts(expression: Expression, row: BegunRow): void {
    if (this.isOfItsRow(expression)) this.value(expression, row);
    else for (const part of partsOf(expression)) this.beginParts(part, row);
  }

  /**
   * Values of all expressions for a row of that time, which is taken. `seriesOf` is its key of key columns, where that
   * may be another one than the row's own values.
   */
  finish(row: BegunRow, time: bigint, seriesOf = this.seriesOf): Value[] {
    this.time = time;
    this.seriesOf = seriesOf;
    return this.expressions.map((expression) => this.value(expression, row));
  }

  /** True when the value depends on nothing but its row. */
  private isOfItsRow(expression: Expression): boolean {
    const found = this.loneliness.get(expression);
    if (found !== undefined) return found;
    const alone =
      expression.kind !== "stateful" && partsOf(expression).every((part) => this.isOfItsRow(part));
    this.loneliness.set(expression, alone);
    return alone;
  }

  private value(expression: Expression, row: BegunRow): Value {
    const { columns, known } = row;
    if (expression.kind === "column") return columns[expression.column]!;
    if (expression.kind === "literal") return literalValue(expression);
    const name = this.names.get(expression) ?? expressionKey(expression);
    this.names.set(expression, name);
    const found = known.get(name);
    if (found !== undefined) return found;
    const parts = expression.arguments.map((part) => this.value(part, row));
    const value =
      expression.kind === "call"
        ? this.apply(expression, parts, name)
        : this.stateful(expression, name, parts as Scalar[], row);
    known.set(name, value);
    return value;
  }

  /** A record that the gate keeps out is not of the series. */
  private stateful(expression: StatefulExpression, name: string, parts: Scalar[], row: BegunRow): Value {
    if (expression.gate !== null && this.value(expression.gate, row) !== true) return null;
    const own = expression.keys.map((column) => row.columns[column]!);
    const key = keyText(this.seriesOf(expression.keys) ?? own);
    return this.operators.apply(expression, name, key, parts, this.time);
  }

  private apply(call: Call, parts: Value[], name: string): Value {
    switch (call.operator) {
      case "and":
        return parts.includes(false) ? false : parts.includes(null) ? null : true;
      case "or":
        return parts.includes(true) ? true : parts.includes(null) ? null : false;
      case "not":
        return parts[0] === null ? null : !parts[0];
      case "isNull":
        return parts[0] === null;
      case "coalesce":
        return parts[0] ?? parts[1]!;
      case "case": {
        for (let index = 0; index + 1 < parts.length; index += 2)
          if (parts[index] === true) return parts[index + 1]!;
        return parts.at(-1)!;
      }
      default:
        return parts.includes(null) ? null : this.present(call, parts, name);
    }
  }

  /** The value of a call whose arguments are all there. */
  private present(call: Call, parts: Value[], name: string): Value {
    const text = this.text(call, parts as Scalar[], name);
    return text === undefined ? this.strict(call.operator, parts) : text;
  }

  /** A text that the call makes, or a cast; undefined for other calls. */
  private text(call: Call, parts: Scalar[], name: string): Value | undefined {
    if (makesText(call)) {
      const text = madeText(call.operator, parts);
      return text === null ? null : this.texts.keep(name, text);
    }
    const found = cast(call.operator, parts[0]!, call.arguments[0]!.type);
    if (typeof found !== "object" || found === null) return found;
    if (found instanceof Uint8Array) return bytesValue(found);
    if (found.lost === "type") this.wrongType++;
    else this.lost++;
    return null;
  }

  private strict(operator: Operator, parts: Value[]): Value {
    const compared = compare(operator, parts[0]!, parts[1]!);
    if (compared !== undefined) return compared;
    if (operator === "toDouble") return Number(parts[0]);
    if (operator === "like") return isLike(parts as string[]);
    if (operator === "least") return parts[0]! < parts[1]! ? parts[0]! : parts[1]!;
    if (operator === "greatest") return parts[0]! > parts[1]! ? parts[0]! : parts[1]!;
    const result = wholeOf(operator, parts) ?? calculate(operator, parts[0] as number, parts[1] as number);
    if (typeof result === "bigint" ? asBigint(result) !== null : Number.isFinite(result))
      return typeof result === "bigint" ? result : result + 0;
    this.lost++;
    return null;
  }
}

/** LIKE as a regular expression: of a text, a pattern and perhaps an escape character. */
function isLike([text, pattern, escape]: string[]): boolean {
  const parts = [...pattern!];
  let source = "";
  for (let at = 0; at < parts.length; at++) {
    const itself = parts[at] === escape;
    const character = itself ? parts[++at]! : parts[at]!;
    const code = `\\u{${character.codePointAt(0)!.toString(16)}}`;
    source += itself ? code : character === "%" ? ".*" : character === "_" ? "." : code;
  }
  return new RegExp(`^${source}$`, "su").test(text!);
}

function literalValue({ type, value }: Extract<Expression, { kind: "literal" }>): Value {
  if (value === null) return null;
  if (type === "bigint") return BigInt(value);
  if (type === "bytes") return bytesValue(fromHex(value as string));
  return typeof value === "number" ? value + 0 : value;
}

/** Beyond every BIGINT: what division by zero gives. */
const BEYOND = 1n << 64n;

/** A result of BIGINTs, unbounded; undefined for operators of DOUBLE. */
function wholeOf(operator: Operator, [x, y]: Value[]): bigint | undefined {
  if (operator === "toBigint") {
    const whole = Math.trunc(x as number);
    return Number.isFinite(whole) ? BigInt(whole) : BEYOND;
  }
  if (typeof x !== "bigint") return undefined;
  const other = y as bigint;
  switch (operator) {
    case "add":
      return x + other;
    case "subtract":
      return x - other;
    case "multiply":
      return x * other;
    case "divide":
      return other === 0n ? BEYOND : x / other;
    case "modulo":
      return other === 0n ? BEYOND : x % other;
    case "negate":
      return -x;
    case "abs":
      return x < 0n ? -x : x;
    default:
      return undefined;
  }
}

function compare(operator: Operator, x: NonNullable<Value>, y: NonNullable<Value>): boolean | undefined {
  switch (operator) {
    case "equal":
      return x === y;
    case "notEqual":
      return x !== y;
    case "less":
      return x < y;
    case "lessOrEqual":
      return x <= y;
    case "greater":
      return x > y;
    case "greaterOrEqual":
      return x >= y;
    default:
      return undefined;
  }
}

function calculate(operator: Operator, x: number, y: number): number {
  switch (operator) {
    case "add":
      return x + y;
    case "subtract":
      return x - y;
    case "multiply":
      return x * y;
    case "divide":
      return x / y;
    case "modulo":
      return x % y;
    case "negate":
      return -x;
    case "abs":
      return Math.abs(x);
    case "floor":
      return Math.floor(x);
    case "ceil":
      return Math.ceil(x);
    case "round":
      return y === undefined || y === 0 ? roundHalfAway(x) : roundDigits(x, y);
    case "sqrt":
      return Math.sqrt(x);
    case "power":
      return power(x, y);
    case "ln":
      return ln(x);
    case "log10":
      return log10(x);
    case "exp":
      return exp(x);
    case "sin":
      return sin(x);
    case "cos":
      return cos(x);
    default:
      throw new Error(`the operator ${operator} is unknown to the reference`);
  }
}
