// What RESAMPLE takes and does not take besides its lengths. Portable: imports syntax, words.
import type { Statement } from "../../syntax/tree.ts";
import type { CallNode, Report } from "../../report.ts";

const READER = "write a pipeline for each: one that resamples, one that reads its results";

/** Reports what does not go with RESAMPLE in a statement that has it. */
export function checkBesideResample(statement: Statement, report: Report): void {
  const { items, itemsSpan, groupBy } = statement;
  if (items === null) report("MR210", itemsSpan, "SELECT * with RESAMPLE", "name the columns");
  if (groupBy !== null) report("MR208", groupBy.span, "GROUP BY with RESAMPLE", READER);
}

/** Reports an aggregate without OVER among values of records. */
export function refuseAggregate(
  { name, span }: CallNode,
  inItems: boolean,
  statement: Statement,
  report: Report,
): void {
  if (!inItems) report("MR210", span, `${name} in WHERE`, "conditions on aggregates stand in HAVING");
  else if (statement.resample !== null) report("MR208", span, `${name} with RESAMPLE`, READER);
  else report("MR210", span, `${name} without OVER beside OVER`, "give it the same OVER");
}

/** Reports an INTERPOLATE that may not stand here; true when its argument is a column. */
export function checkInterpolate(
  node: CallNode,
  inItems: boolean,
  { resample }: Statement,
  report: Report,
): boolean {
  const hint = "as in SELECT ts, INTERPOLATE(temp) FROM TABLE(RESAMPLE(TABLE …, DESCRIPTOR(ts), INTERVAL …))";
  if (resample === null || !inItems) {
    report("MR210", node.nameSpan, "INTERPOLATE outside of the columns of RESAMPLE", hint);
    return false;
  }
  const [argument] = node.arguments;
  if (node.arguments.length === 1 && argument!.kind === "name" && !node.distinct) return true;
  report("MR205", node.span, "INTERPOLATE takes a column", hint);
  return false;
}

/** True for INTERPOLATE(column). */
export const isInterpolate = ({ name }: CallNode): boolean => name === "INTERPOLATE";
