// Expressions, as plain data: operators and what they take, stateful ones and their series. Portable: imports types.
import type { Type } from "./types.ts";

/**
 * A typed expression. The value of a BIGINT literal is its digits, that of a BYTES literal hexadecimal. Without a window `column` counts in SourcePlan.columns. With one, the expressions of
 * HAVING and of the outputs count in the result columns: keys in order, then window_start, window_end,
 * window_time (= end − 1 ns), then what an OVER row carries, then the aggregates in order.
 */
export type Expression =
  | { kind: "literal"; type: Type; value: number | string | boolean | null }
  | { kind: "column"; type: Type; column: number }
  | { kind: "call"; type: Type; operator: Operator; arguments: Expression[] }
  | StatefulExpression;

/**
 * A value that depends on the records of the same series before: those of equal `keys` for which `gate` is true (null:
 * all). By `arrival` it is over the source's columns. By `time` it is over the result columns of a window of OVER, whose
 * keys it has, in the order in which its rows come out; it has no gate.
 */
export interface StatefulExpression {
  kind: "stateful";
  type: Type;
  operator: StatefulOperator;
  order: "arrival" | "time";
  /** Of `lag`: the value, and what stands for one before the first (if it is not NULL). Of the others: the value. */
  arguments: Expression[];
  keys: number[];
  gate: Expression | null;
  /** Records back, of `lag`; else 0. */
  count: number;
  /** δ of `deadband`; else 0. */
  number: number;
  /** The length of time of `dedup` and `debounce`, and of `deadband` and `fill` where they have one; else 0. */
  spanNs: bigint;
}

/**
 * - lag: the argument `count` records before. fill: it, or the last value that was not NULL. debounce: the value that it
 *   had for `spanNs`. increase, rate: growth of a counter since its value before, and the same a second. A value is of
 *   the type of the argument, DOUBLE for the last two.
 * - changed, rising, falling (of a BOOLEAN), deadband (of a DOUBLE), dedup: BOOLEAN.
 */
export type StatefulOperator =
  "lag" | "changed" | "rising" | "falling" | "deadband" | "dedup" | "fill" | "debounce" | "increase" | "rate";

/** An expression as text that equal expressions share, and no others. */
export function expressionKey(expression: Expression): string {
  return JSON.stringify(expression, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

/** The parts of an expression that are evaluated before it. */
export function partsOf(expression: Expression): Expression[] {
  if (expression.kind === "call") return expression.arguments;
  if (expression.kind !== "stateful") return [];
  return expression.gate === null ? expression.arguments : [...expression.arguments, expression.gate];
}

/** Every stateful expression within the given ones, inner ones first. */
export function statefulOf(expressions: Expression[]): StatefulExpression[] {
  return expressions.flatMap((expression) => [
    ...statefulOf(partsOf(expression)),
    ...(expression.kind === "stateful" ? [expression] : []),
  ]);
}

/**
 * Operators and their arguments; a NULL argument gives NULL unless said.
 * - add subtract multiply divide modulo, negate, abs: of DOUBLE, or of BIGINT; modulo has the sign of the dividend,
 *   division of BIGINT drops what is behind the point.
 * - floor ceil sqrt, power(x, y): DOUBLE. round(x) and round(x, digits): half away from zero; digits a literal integer, 0 … 15.
 * - equal … greaterOrEqual: two of one type; strings know equal and notEqual only, booleans and bytes likewise.
 * - ln log10 exp sin cos: DOUBLE. least, greatest: two of DOUBLE or BIGINT (longer lists nest to the right).
 * - like: a STRING, a pattern (a literal, in which % is any text and _ any character), and, if there is one, the
 *   character that makes the one behind it mean itself (a literal).
 * - toDouble, toBigint (without what is behind the point), toBoolean: of each other and of STRING. toText: of these and
 *   of BYTES. toBytes: of STRING.
 * - concat: two or three STRINGs. upper, lower: of STRING. substring(text, start) and substring(text, start, count):
 *   of a STRING and BIGINTs, as Flink has it.
 * - and, or (two arguments), not: three-valued logic.
 * - isNull: one argument of any type, never NULL.
 * - case: condition, value, condition, value, …, otherwise (always there; a NULL literal if not written).
 * - coalesce: two arguments of one type (longer lists nest to the right).
 * BETWEEN, IN, IS NOT NULL, and longer AND or OR chains are written with these.
 */
export type Operator =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "modulo"
  | "negate"
  | "abs"
  | "floor"
  | "ceil"
  | "round"
  | "sqrt"
  | "power"
  | "equal"
  | "notEqual"
  | "less"
  | "lessOrEqual"
  | "greater"
  | "greaterOrEqual"
  | "and"
  | "or"
  | "not"
  | "isNull"
  | "case"
  | "coalesce"
  | "toDouble"
  | "toBigint"
  | "ln"
  | "log10"
  | "exp"
  | "sin"
  | "cos"
  | "least"
  | "greatest"
  | "like"
  | "toBoolean"
  | "toText"
  | "toBytes"
  | "concat"
  | "upper"
  | "lower"
  | "substring";

/** Operators that make texts. */
export const MAKES_TEXT: ReadonlySet<Operator> = new Set<Operator>([
  "toText",
  "concat",
  "upper",
  "lower",
  "substring",
]);

/** True for an expression whose value is a text that it makes: of BYTES it is one that is there. */
export const makesText = (expression: Expression): boolean =>
  expression.kind === "call" &&
  MAKES_TEXT.has(expression.operator) &&
  expression.arguments[0]!.type !== "bytes";
