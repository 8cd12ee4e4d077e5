// Expressions row by row, as they read. Every distinct sub-expression of the expressions given is evaluated
// once a row, none is skipped, and each result that is not finite although its operands are there counts once.
// Imports the portable arithmetic and core types.
import { power, roundDigits, roundHalfAway } from "../../../assembly/number/math.ts";
import type { Value } from "../engine.ts";
import type { Expression, Operator } from "../plan/plan.ts";

type Call = Extract<Expression, { kind: "call" }>;

/** Evaluates several expressions over the same rows. */
export class Evaluator {
  private readonly expressions: Expression[];
  private readonly names = new Map<Expression, string>();
  /** Results that were not finite, since the evaluator was made. */
  nonfinite = 0;

  constructor(expressions: Expression[]) {
    this.expressions = expressions;
  }

  /** Values of all expressions for one row of columns. */
  evaluate(columns: Value[]): Value[] {
    const known = new Map<string, Value>();
    return this.expressions.map((expression) => this.value(expression, columns, known));
  }

  private value(expression: Expression, columns: Value[], known: Map<string, Value>): Value {
    if (expression.kind === "column") return columns[expression.column]!;
    if (expression.kind === "literal")
      return typeof expression.value === "number" ? expression.value + 0 : expression.value;
    const name = this.names.get(expression) ?? JSON.stringify(expression);
    this.names.set(expression, name);
    const found = known.get(name);
    if (found !== undefined) return found;
    const parts = expression.arguments.map((part) => this.value(part, columns, known));
    const value = this.apply(expression, parts);
    known.set(name, value);
    return value;
  }

  private apply(call: Call, parts: Value[]): Value {
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
        return parts.includes(null) ? null : this.strict(call.operator, parts);
    }
  }

  private strict(operator: Operator, parts: Value[]): Value {
    const compared = compare(operator, parts[0]!, parts[1]!);
    if (compared !== undefined) return compared;
    const result = calculate(operator, parts[0] as number, parts[1] as number);
    if (Number.isFinite(result)) return result + 0;
    this.nonfinite++;
    return null;
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
    default:
      throw new Error(`the operator ${operator} is unknown to the reference`);
  }
}
