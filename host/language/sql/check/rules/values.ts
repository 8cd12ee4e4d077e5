// What holds of types in a whole statement, once they are inferred: where an ARRAY may stand, where a TIMESTAMP.
// Portable: imports core types, the checked statement.
import { type Type, isArray } from "../../../../core/plan/plan.ts";
import type { Checked } from "../build.ts";
import type { Span } from "../../syntax/lexer.ts";
import type { Node } from "../../syntax/tree.ts";
import type { Report } from "../../report.ts";
import { TypeVariable, typeName } from "../types.ts";

/** An ARRAY is a result by itself: no expression takes one. */
export function checkArrays({ statement, types }: Checked, report: Report): void {
  const items = (statement.items ?? []).map((item) => item.expression);
  // The partial of one is no ARRAY.
  const ofPartials = items.flatMap((node) =>
    node.kind === "call" && node.name === "PARTIAL" ? node.arguments : [],
  );
  const shown = new Set([...items, ...ofPartials]);
  for (const [node, variable] of types) {
    if (shown.has(node) || variable.type === null || !isArray(variable.type)) continue;
    report("MR206", node.span, "an expression over an ARRAY", "an ARRAY stands in SELECT by itself");
  }
}

/** Any value but a time; a DOUBLE when no use tells. */
export function checkValue(node: Node, found: TypeVariable, what: string, report: Report): void {
  found.lean();
  if (found.type === "instant")
    report("MR206", node.span, `${what} takes numbers, texts, booleans and bytes, this is TIMESTAMP`);
}

/** The value of CAST: any but a time; BYTES are cast from and to STRING only. */
export function checkCast(
  { value, to, span }: Extract<Node, { kind: "cast" }>,
  found: TypeVariable,
  report: Report,
): void {
  if (to === "bytes" && found.type === null) found.unify(new TypeVariable("string", "CAST to BYTES"));
  else checkValue(value, found, "CAST", report);
  const { type } = found;
  if (
    type !== null &&
    type !== "instant" &&
    type !== to &&
    (type === "bytes" ? to !== "string" : to === "bytes" && type !== "string")
  )
    report(
      "MR206",
      span,
      `CAST makes no ${typeName(to)} of ${typeName(type)}`,
      "BYTES are cast from and to STRING",
    );
}

/** Operands of `<` and its like that know no order. */
export function checkOrdered(node: Node, type: Type | null, what: string, report: Report): void {
  if (type !== "string" && type !== "boolean" && type !== "bytes") return;
  const hint = "STRING, BOOLEAN and BYTES know = and <> only";
  report("MR206", node.span, `${what} compares numbers or times, this is ${typeName(type)}`, hint);
}

/** A time is never NULL, so no expression may make one that is; and the source's time is the only one. */
export function checkInstants(checked: Checked, report: Report): void {
  const { scope } = checked;
  for (const [node, variable] of checked.types) {
    if (variable.type !== "instant") continue;
    const column = node.kind === "name" ? scope.find(checked.nameOf(node)) : undefined;
    if (node.kind === "name" && column?.from === "field" && !column.declared) {
      const hint = `the only times are ${scope.timeName} and the window columns`;
      report("MR206", node.span, `"${checked.nameOf(node)}" in place of a TIMESTAMP`, hint);
    }
    if (node.kind === "null")
      report("MR206", node.span, "NULL in place of a TIMESTAMP", "a time is never NULL");
    if (node.kind === "case" && node.otherwise === null)
      report("MR206", node.span, "CASE of TIMESTAMP without ELSE", "a time is never NULL: add ELSE");
  }
}

/** A pattern is written out, and so is the character that makes the one behind it mean itself. */
export function checkLike({ pattern, escape }: Extract<Node, { kind: "like" }>, report: Report): void {
  const hint = "as in LIKE 'pump%', or LIKE '50!%' ESCAPE '!'";
  const text = pattern.kind === "string" ? [...pattern.value] : null;
  const mark = escape?.kind === "string" ? [...escape.value] : null;
  if (text === null) report("MR205", pattern.span, "a pattern is a text written out", hint);
  if (escape !== null && mark?.length !== 1)
    report("MR205", escape.span, "what escapes is one character written out", hint);
  else if (text !== null && mark !== null && !isEscaped(text, mark[0]!))
    report("MR205", pattern.span, "in a pattern only % and _ and the escape character are escaped", hint);
}

function isEscaped(pattern: string[], mark: string): boolean {
  for (let at = 0; at < pattern.length; at++)
    if (pattern[at] === mark && !["%", "_", mark].includes(pattern[++at] ?? "")) return false;
  return true;
}

/** Reports a column without a declared type that is used in two ways: as `use` says, and as it was before. */
export function reportConflict(
  span: Span,
  name: string,
  use: string,
  found: TypeVariable,
  source: string,
  report: Report,
): void {
  const have = `${typeName(found.type!)} (${found.reason})`;
  const hint = `declare its type under \`fields:\` of source "${source}"`;
  report("MR207", span, `"${name}" is used as ${use} and as ${have}`, hint);
}

export function refuseInterval(span: Span, report: Report): TypeVariable {
  const hint = "the windows of FROM say which time is meant";
  report("MR208", span, "INTERVAL literals are not taken in expressions", hint);
  return new TypeVariable();
}

/** Reports a column by whose type nothing is grouped. */
export function reportKey(span: Span, name: string, clause: string, key: TypeVariable, report: Report): void {
  const hint = "keys are STRING, BOOLEAN, BIGINT or BYTES";
  report("MR214", span, `${clause} "${name}", which is ${typeName(key.settled)}`, hint);
}

/** Reports a column of which a result has several values. */
export function reportLoose(span: Span, name: string, type: Type | null, report: Report): void {
  const hint =
    type === "instant"
      ? "a result has window_start and window_end"
      : `add it to GROUP BY, or take one of its values: LAST_VALUE(${name})`;
  report("MR210", span, `"${name}" is neither in GROUP BY nor inside an aggregate`, hint);
}
