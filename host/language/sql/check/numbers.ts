// DOUBLE and BIGINT side by side, as in Flink: BIGINTs among themselves stay BIGINT, beside a DOUBLE they become one. A
// number written out without a point is what the others are, so that `n + 1` stays exact. Portable: imports syntax, types.
import type { Expression, Type } from "../../../core/plan/plan.ts";
import type { Node } from "../syntax/tree.ts";
import { TypeVariable } from "./types.ts";

/** Numbers written out without a point, and what +, − and * make of them. */
function isWhole(node: Node): boolean {
  if (node.kind === "number") return node.whole !== null;
  if (node.kind === "unary") return node.operator === "-" && isWhole(node.argument);
  if (node.kind === "case")
    return [...node.branches.map(({ then }) => then), ...(node.otherwise ? [node.otherwise] : [])].every(
      isWhole,
    );
  return node.kind === "binary" && "+-*".includes(node.operator) && isWhole(node.left) && isWhole(node.right);
}

/** True when operands are BIGINT together: one is, and the others are as well or may be. */
function areBigint(nodes: Node[], found: TypeVariable[]): boolean {
  return (
    found.some(({ type }) => type === "bigint") &&
    nodes.every((node, index) => found[index]!.type === "bigint" || node.kind === "null" || isWhole(node))
  );
}

/** Makes them BIGINT: those that are written out, and NULL. */
function makeBigint(nodes: Node[], types: Map<Node, TypeVariable>): void {
  const bigint = new TypeVariable("bigint");
  for (const node of nodes) {
    if (node.kind === "null") types.get(node)!.unify(bigint);
    if (!isWhole(node)) continue;
    types.set(node, bigint);
    if (node.kind === "unary") makeBigint([node.argument], types);
    if (node.kind === "binary") makeBigint([node.left, node.right], types);
    if (node.kind === "case")
      makeBigint(
        [...node.branches.map(({ then }) => then), ...(node.otherwise ? [node.otherwise] : [])],
        types,
      );
  }
}

/** Makes a number that is written out a BIGINT; false for anything else. */
export function makeWhole(node: Node, types: Map<Node, TypeVariable>): boolean {
  const whole = isWhole(node);
  if (whole) makeBigint([node], types);
  return whole;
}

/** The type of numbers together; `double` is told each that has to be a DOUBLE. */
export function numberType(
  nodes: Node[],
  found: TypeVariable[],
  types: Map<Node, TypeVariable>,
  double: (node: Node, variable: TypeVariable) => void,
): "double" | "bigint" {
  if (areBigint(nodes, found)) {
    makeBigint(nodes, types);
    return "bigint";
  }
  nodes.forEach((node, index) => {
    if (found[index]!.type !== "bigint") double(node, found[index]!);
  });
  return "double";
}

/** True when some operand is a BIGINT and nothing is known of the others but that they are numbers. */
export function hasBigint(found: TypeVariable[]): boolean {
  const others = found.map(({ type }) => type).filter((type) => type !== null && type !== "double");
  return others.length > 0 && others.every((type) => type === "bigint");
}

/** A number as one of a type: a BIGINT where a DOUBLE is wanted becomes the nearest one. */
export function asType(expression: Expression, type: Type): Expression {
  if (type !== "double" || expression.type !== "bigint") return expression;
  return { kind: "call", type, operator: "toDouble", arguments: [expression] };
}

/** Values of one type: BIGINTs beside a DOUBLE become DOUBLE. */
export function ofOneType(parts: Expression[]): Expression[] {
  const type = parts.some((part) => part.type === "double") ? "double" : parts[0]!.type;
  return parts.map((part) => asType(part, type));
}
