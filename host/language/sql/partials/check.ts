// PARTIAL and MERGE in a statement: what has a partial, what is merged, and where a partial may stand. Portable: imports
// core types, the checked statement, words.
import type { PartialPlan, Type, WindowPlan } from "../../../core/plan/plan.ts";
import { aggregateType } from "../../../core/plan/plan.ts";
import type { Checked } from "../check/build.ts";
import type { CallNode, Place, Report } from "../report.ts";
import type { ScopeColumn } from "../check/scope.ts";
import type { Node } from "../syntax/tree.ts";
import { AGGREGATES } from "../words.ts";

const PARTIAL_FORM = "as in PARTIAL(AVG(temp)): another pipeline reads it by MERGE";
const MERGE_FORM = "as in MERGE(mean), of a column that is PARTIAL(…) in the pipeline that is read";

/** Where the argument of PARTIAL or MERGE stands, which itself stands at `place`. */
export function insideOf(node: CallNode, place: Place, window: WindowPlan | null, report: Report): Place {
  return node.name === "PARTIAL" && checkPartial(node, window, report) ? place : "aggregate";
}

/** Type of PARTIAL or MERGE, whose argument was looked at; null where that is wrong. */
export function typeOfPartial(node: CallNode, checked: Checked, report: Report): Type | null {
  if (node.name === "PARTIAL") return "partial";
  const merges = checkMerge(node, checked, report);
  if (merges === null) return null;
  return aggregateType({ name: merges.name, argument: null, parameter: null, merges });
}

/** Reports what has no partial; true when the argument is an aggregate. */
function checkPartial(node: CallNode, window: WindowPlan | null, report: Report): boolean {
  const [inner] = node.arguments;
  const isOne =
    inner?.kind === "call" &&
    (Object.hasOwn(AGGREGATES, inner.name) || inner.name === "MERGE") &&
    node.arguments.length === 1;
  if (!isOne) {
    report("MR205", node.span, "PARTIAL takes one aggregate", PARTIAL_FORM);
    return false;
  }
  if (node.over !== null || inner.over !== null || window?.kind === "over") {
    const hint = "a record counts in many rows: merged, it would count as often; take a window in FROM";
    report("MR210", node.span, "PARTIAL with OVER", hint);
    return true;
  }
  if (window?.kind === "running") {
    const hint = "each of its results holds all those before: merged, records would count again and again";
    report("MR210", node.span, "PARTIAL without a window", `${hint}; take a window in FROM`);
  }
  return true;
}

/** What a call of MERGE merges; null, and reported, when that is no column of partials. */
function checkMerge(node: CallNode, checked: Checked, report: Report): PartialPlan | null {
  const [argument] = node.arguments;
  if (argument === undefined || node.arguments.length !== 1 || node.star || node.distinct) {
    report("MR205", node.span, "MERGE takes one column of partials", MERGE_FORM);
    return null;
  }
  const column = partialColumn(node, checked);
  if (column?.partial === undefined) {
    const name = argument.kind === "name" ? checked.nameOf(argument) : null;
    const hint = `PARTIAL(…) of the pipeline that is read, or a field declared as ${name ?? "mean"}: partial(avg(double))`;
    const what = name === null ? "an expression" : `"${name}"`;
    // A column that is not there, or is declared wrongly, was reported already.
    if (name === null || (column !== undefined && column.variable.type !== "partial"))
      report("MR206", argument.span, `MERGE takes a column of partials, ${what} is none`, hint);
    return null;
  }
  const { name } = column.partial;
  const kind = checked.window?.kind;
  const ofLength = name === "time_weighted_avg" || name === "time_in";
  const endless = kind === "over" || kind === "rows" || kind === "running";
  if ((name === "coverage" && endless) || (ofLength && kind === "over")) {
    const hint = "it asks for a window of a length of time, in FROM";
    report("MR210", node.span, `MERGE of ${name.toUpperCase()} without one`, hint);
  }
  return column.partial;
}

/** The column that a call of MERGE names. */
export function partialColumn(node: CallNode, checked: Checked): ScopeColumn | undefined {
  const [argument] = node.arguments;
  return argument?.kind === "name" ? checked.scope.find(checked.nameOf(argument)) : undefined;
}

/**
 * Reports partials that stand where none may: PARTIAL(…) is a result by itself, and a column of partials goes into MERGE,
 * or as it is into a result that is a record.
 */
export function checkPartialColumns(checked: Checked, ofMany: boolean, report: Report): void {
  const fine = new Set<Node>();
  for (const { expression } of checked.statement.items ?? []) {
    const isPartial = expression.kind === "call" && expression.name === "PARTIAL";
    if (isPartial || (expression.kind === "name" && !ofMany)) fine.add(expression);
  }
  for (const node of checked.types.keys())
    if (node.kind === "call" && node.name === "MERGE") for (const part of node.arguments) fine.add(part);
  for (const [node, variable] of checked.types) {
    if (variable.type !== "partial" || fine.has(node)) continue;
    if (node.kind === "call" && node.name === "PARTIAL")
      report("MR206", node.span, "an expression over a partial", "PARTIAL(…) stands in SELECT by itself");
    else if (node.kind === "name") {
      const name = checked.nameOf(node);
      report("MR206", node.span, `"${name}" holds partials`, `MERGE(${name}) reads what they say together`);
    }
  }
}
