// Random expressions for the property tests: every operator, function and stateful operator of this version, over
// whatever columns there are.
import type {
  Expression,
  Operator,
  PartialPlan,
  ScalarType,
  StatefulExpression,
  StatefulOperator,
  Type,
} from "../../../core/plan/plan.ts";
import type { Draw } from "./plan.ts";

const SECOND = 1_000_000_000n;

const ARITHMETIC: Operator[] = [
  "add",
  "subtract",
  "multiply",
  "divide",
  "modulo",
  "power",
  "least",
  "greatest",
];
const UNARY: Operator[] = [
  "negate",
  "abs",
  "floor",
  "ceil",
  "round",
  "sqrt",
  "ln",
  "log10",
  "exp",
  "sin",
  "cos",
];
const OF_WHOLES: Operator[] = ["add", "subtract", "multiply", "divide", "modulo", "least", "greatest"];
const COMPARISONS: Operator[] = ["equal", "notEqual", "less", "lessOrEqual", "greater", "greaterOrEqual"];

export type Columns = { type: Type; column: number; partial?: PartialPlan }[];

const GIVING: StatefulOperator[] = ["lag", "fill", "debounce"];
const SAYING: StatefulOperator[] = ["changed", "rising", "falling", "deadband", "dedup"];

/** What stateful operators are over: what keeps records out of a series, and for those by time their keys. */
export interface Series {
  gate: Expression | null;
  order?: "time";
  keys?: number[];
}

/** A stateful operator over values of records. */
function drawStateful(
  draw: Draw,
  type: ScalarType,
  columns: Columns,
  depth: number,
  series: Series,
): StatefulExpression {
  const growths: StatefulOperator[] =
    type === "double" ? ["increase", "rate"] : type === "bigint" ? ["increase"] : [];
  const operator = draw.pick(type === "boolean" && draw.chance(0.8) ? SAYING : [...GIVING, ...growths]);
  const of =
    operator === "rising" || operator === "falling"
      ? "boolean"
      : operator === "deadband"
        ? "double"
        : operator === "changed" || operator === "dedup"
          ? draw.pick(["double", "string", "boolean", "bigint", "bytes"] as const)
          : operator === "rate"
            ? draw.pick(["double", "bigint"] as const)
            : type;
  const value = (): Expression => drawExpression(draw, of, columns, depth - 1, series);
  const spans = ["deadband", "dedup", "fill", "debounce"];
  const spanNs = BigInt(draw.whole(1, 8)) * (draw.chance(0.8) ? SECOND : 250_000_001n);
  const unbounded = (operator === "deadband" || operator === "fill") && draw.chance(0.4);
  return {
    kind: "stateful",
    type: SAYING.includes(operator) ? "boolean" : operator === "rate" ? "double" : of,
    operator,
    order: series.order ?? "arrival",
    arguments: operator === "lag" && draw.chance(0.4) ? [value(), value()] : [value()],
    keys: series.keys ?? keyableOf(columns).filter(() => draw.chance(0.4)),
    gate: series.gate,
    count: operator === "lag" ? draw.whole(1, 4) : 0,
    number: operator === "deadband" ? draw.whole(0, 30) / 4 : 0,
    spanNs: !spans.includes(operator) || unbounded ? 0n : spanNs,
  };
}

/** Columns that records may be grouped by. */
export const keyableOf = (inputs: Columns): number[] =>
  inputs
    .filter(({ type }) => type !== "double" && type !== "instant" && type !== "partial")
    .map(({ column }) => column);

/** With a `series` the expression may hold stateful operators. */
export function drawExpression(
  draw: Draw,
  type: Type,
  columns: Columns,
  depth: number,
  series: Series | null = null,
): Expression {
  const usable = columns.filter((candidate) => candidate.type === type);
  if (usable.length > 0 && (depth <= 0 || draw.chance(0.35))) return { kind: "column", ...draw.pick(usable) };
  const sub = (part: Type): Expression => drawExpression(draw, part, columns, depth - 1, series);
  if (series !== null && depth > 0 && type !== "instant" && draw.chance(0.2))
    return drawStateful(draw, type as ScalarType, columns, depth, series);
  const call = (operator: Operator, ...parts: Expression[]): Expression => ({
    kind: "call",
    type,
    operator,
    arguments: parts,
  });
  if (depth > 0 && draw.chance(0.15)) return call("case", sub("boolean"), sub(type), sub(type));
  if (depth > 0 && draw.chance(0.1)) return call("coalesce", sub(type), sub(type));
  if (type === "bigint" && depth > 0) {
    if (draw.chance(0.15)) return call("toBigint", sub(draw.pick(["double", "double", "boolean", "string"])));
    return draw.chance(0.2)
      ? call(draw.pick(["negate", "abs"]), sub("bigint"))
      : call(draw.pick(OF_WHOLES), sub("bigint"), sub("bigint"));
  }
  if (type === "string" && depth > 0 && draw.textsLeft > 0 && draw.chance(0.6)) {
    draw.textsLeft--;
    return drawText(draw, sub);
  }
  if (type === "bytes" && depth > 0 && draw.chance(0.3)) return call("toBytes", sub("string"));
  if (type === "double" && depth > 0) {
    if (draw.chance(0.15)) return call("toDouble", sub(draw.pick(["bigint", "bigint", "boolean", "string"])));
    if (draw.chance(0.3)) {
      const operator = draw.pick(UNARY);
      const digits: Expression = { kind: "literal", type: "double", value: draw.whole(0, 4) };
      return operator === "round" && draw.chance(0.5)
        ? call("round", sub("double"), digits)
        : call(operator, sub("double"));
    }
    return call(draw.pick(ARITHMETIC), sub("double"), sub("double"));
  }
  if (type === "boolean" && depth > 0) {
    const kind = draw.whole(0, 8);
    if (kind === 8) return call("toBoolean", sub(draw.pick(["double", "bigint", "string"])));
    if (kind === 0) return call(draw.pick(["and", "or"]), sub("boolean"), sub("boolean"));
    if (kind === 1) return call("not", sub("boolean"));
    if (kind === 2) return call("isNull", sub(draw.pick(["double", "boolean", "bigint", "bytes"])));
    if (kind === 3 && columns.some((candidate) => candidate.type === "string")) {
      return call(draw.pick(["equal", "notEqual"]), sub("string"), sub("string"));
    }
    if (kind === 7) {
      const pattern: Expression = { kind: "literal", type: "string", value: draw.pick(PATTERNS) };
      const escape: Expression = { kind: "literal", type: "string", value: "k" };
      return call("like", sub("string"), pattern, ...(draw.chance(0.2) ? [escape] : []));
    }
    if (kind === 4) return call(draw.pick(COMPARISONS), sub("bigint"), sub("bigint"));
    if (kind === 5) return call(draw.pick(["equal", "notEqual"]), sub("bytes"), sub("bytes"));
    return call(draw.pick(COMPARISONS), sub("double"), sub("double"));
  }
  if (draw.chance(0.1)) return { kind: "literal", type, value: null };
  return { kind: "literal", type, value: drawLiteral(draw, type) };
}

/** A call that makes a text. */
function drawText(draw: Draw, sub: (type: Type) => Expression): Expression {
  const call = (operator: Operator, ...parts: Expression[]): Expression => ({
    kind: "call",
    type: "string",
    operator,
    arguments: parts,
  });
  const kind = draw.whole(0, 4);
  if (kind === 0) return call("toText", sub(draw.pick(["double", "double", "bigint", "boolean", "bytes"])));
  if (kind === 1) return call(draw.pick(["upper", "lower"]), sub("string"));
  if (kind === 2) {
    const place = (): Expression =>
      draw.chance(0.7)
        ? { kind: "literal", type: "bigint", value: String(draw.whole(-4, 5)) }
        : sub("bigint");
    return call("substring", sub("string"), place(), ...(draw.chance(0.6) ? [place()] : []));
  }
  return call("concat", sub("string"), sub("string"), ...(draw.chance(0.3) ? [sub("string")] : []));
}

const PATTERNS = ["k%", "_1", "%", "", "k0", "%\u00e9%", "_", "__%", "%k%1", "kk0"];

const TEXTS = [
  "k0",
  "k1",
  "é",
  "",
  "K\u00dfÜ\u0131\u20ac",
  " -7.5e1 ",
  "9223372036854775807",
  "Yes",
  "0",
  "1e999",
];

function drawLiteral(draw: Draw, type: Type): number | string | boolean {
  if (type === "double") return draw.double() + 0;
  if (type === "string") return draw.pick(TEXTS);
  if (type === "bytes") return draw.pick(["", "0102", "ff", "6b30"]);
  if (type === "bigint") return String(draw.pick([0n, 1n, -3n, 7n, 2n ** 53n + 1n, 2n ** 63n - 1n]));
  return draw.chance(0.5);
}
