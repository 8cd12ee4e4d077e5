// The plan of a replay: the same pipelines, with the source read from lines instead of its connection. Topic
// columns are members of the line, named as in the template. Promises the same columns at the same places, so
// every expression of the plan stays as it is.
// Portable: imports core only.
import { MillraceError } from "../errors.ts";
import type { ColumnPlan, Plan } from "./plan.ts";

/**
 * The plan that reads the same records from `json` or `csv` lines. Throws MR406 when the source uses arrival
 * time: lines have none, and without ticks there is nothing to take it from.
 */
export function replayPlan(plan: Plan, format: "json" | "csv"): Plan {
  const { source } = plan;
  if (source.time.kind === "arrival") {
    throw new MillraceError(
      "MR406",
      `source "${source.name}" has \`time: arrival\`, and lines of a file did not arrive at any time: ` +
        "give the source a time field, `time: { field: …, unit: … }`, to replay it",
    );
  }
  // A line of JSON is a message as the source has them, one of CSV a record.
  const { batch, context, ...rest } = source;
  return {
    ...plan,
    source: {
      ...rest,
      ...(batch !== undefined && format === "json" ? { batch } : {}),
      ...(context !== undefined ? { context: { ...context, topic: [] } } : {}),
      framing: "lines",
      format,
      topic: [],
      columns: source.columns.map((c) => lineColumn(c, format)),
    },
  };
}

/** CSV has no nesting: there a dotted name is the column's header. */
function lineColumn(column: ColumnPlan, format: "json" | "csv"): ColumnPlan {
  if (column.from === "topic") return { ...column, from: "field", path: [column.name], numberAsText: true };
  if (format === "json" || column.from === "context") return column;
  const { otherPaths: _, ...plain } = column;
  return { ...plain, path: [column.name] };
}
