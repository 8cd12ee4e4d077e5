// Stateful operators: which calls are one, their series, their arguments. With ORDER BY they are over the rows of an OVER
// window, without over records as they arrive; without OVER the series is that of the stream, the topic columns.
// Portable: imports core types, syntax, words.
import type { StatefulExpression } from "../../../../core/plan/plan.ts";
import { suggestion } from "../../../suggest.ts";
import type { Node, OverSpec, Statement } from "../../syntax/tree.ts";
import { AGGREGATES, OPERATORS, type OperatorWord } from "../../words.ts";
import type { CallNode, Report } from "../../report.ts";
import { constantOf } from "./aggregate.ts";

const LONGEST_NS = 2n ** 61n;
const LAG_MAX = 1000;

type Numbers = Pick<StatefulExpression, "count" | "number" | "spanNs">;

/** The spec that an OVER writes or names. */
export function specOf(statement: Statement, over: CallNode["over"]): OverSpec | undefined {
  if (over === null || over.kind === "spec") return over ?? undefined;
  return statement.windows.find(({ name }) => name === over.name)?.spec;
}

/** The operator that a call is; undefined for an aggregate, a function, or an unknown name. */
export function operatorOf(statement: Statement, node: Node): OperatorWord | undefined {
  if (node.kind !== "call" || !Object.hasOwn(OPERATORS, node.name)) return undefined;
  const spec = specOf(statement, node.over);
  // OVER with a reach is that of an aggregate.
  if (Object.hasOwn(AGGREGATES, node.name) && (spec === undefined || spec.frame !== null)) return undefined;
  return OPERATORS[node.name];
}

/** True for an operator by event time: of the rows of an OVER window. */
export function isByTime(statement: Statement, node: CallNode): boolean {
  return (specOf(statement, node.over)?.order ?? null) !== null;
}

/** Reports where an operator may not stand, and how it may not be written. */
export function checkOperator(
  node: CallNode,
  word: OperatorWord,
  overResults: boolean,
  statement: Statement,
  report: Report,
): void {
  const hint = `as in ${word.form}`;
  if (overResults) {
    const where = "it is a value of a record: put it inside an aggregate, or into a pipeline of its own";
    report("MR210", node.nameSpan, `${node.name} over results`, where);
  }
  const spec = specOf(statement, node.over);
  if (node.over?.kind === "name" && spec === undefined) {
    const names = statement.windows.map(({ name }) => name);
    const near = suggestion(node.over.name, names, "windows of the WINDOW clause");
    report("MR211", node.over.span, `no window "${node.over.name}"`, near);
  }
  if (node.over !== null && spec?.frame)
    report("MR211", node.over.span, `${node.name} with a reach`, "it looks at the records before by itself");
  const most = word.takes.length;
  const least = most - word.optional;
  const count = node.arguments.length;
  if (node.star || node.distinct || count < least || count > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    const message = `${node.name} takes ${wanted} argument${wanted === "1" ? "" : "s"}`;
    report("MR205", node.span, message, hint);
    return;
  }
  word.takes.slice(0, count).forEach((kind, index) => {
    const argument = node.arguments[index]!;
    if (kind === "count") {
      const back = constantOf(argument);
      if (back === null || !Number.isInteger(back) || back < 1 || back > LAG_MAX)
        report("MR205", argument.span, `how far back is a whole number from 1 to ${LAG_MAX}`, hint);
    } else if (kind === "band") {
      const band = constantOf(argument);
      if (band === null || band < 0)
        report("MR205", argument.span, "how far is a number written out, not below zero", hint);
    } else if (kind === "span") {
      if (argument.kind !== "interval") report("MR205", argument.span, "how long is an interval", hint);
      else if (argument.ns <= 0n || argument.ns > LONGEST_NS)
        report("MR211", argument.span, "this length is out of range", "above zero and at most 73 years");
    }
  });
}

/** The arguments of an operator that are values of records, in their order. */
export function valuesOf(node: CallNode, { takes }: OperatorWord): Node[] {
  return node.arguments.filter((_, index) => !["count", "band", "span"].includes(takes[index] ?? "count"));
}

/** What an operator has written out. */
export function numbersOf(node: CallNode, { name, takes }: OperatorWord): Numbers {
  const of = (kind: string): Node | undefined => node.arguments[(takes as string[]).indexOf(kind)];
  const span = of("span");
  return {
    count: name === "lag" ? (constantOf(of("count")) ?? 1) : 0,
    number: constantOf(of("band")) ?? 0,
    spanNs: span?.kind === "interval" ? span.ns : 0n,
  };
}
