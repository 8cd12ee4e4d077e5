// What the stateful operators of a source remember, in words. Portable: imports core, describe.
import { stateBytes } from "../core/plan/bytes/expression-program.ts";
import type { Plan, StatefulExpression } from "../core/plan/plan.ts";
import { expressionKey, operatorsOf } from "../core/plan/plan.ts";
import { columnNames, expressionText, resultColumnNames } from "./describe.ts";

/** Bytes of the smallest and the largest ring of DEDUP. */
const RING = "64 to 16384 more for what it let through";

/** A line for each operator, equal ones once; nothing without any. */
export function explainOperators(plan: Plan): string[] {
  const columns = columnNames(plan.source);
  const lines = plan.pipelines.flatMap((pipeline) =>
    operatorsOf(pipeline).map((one): [string, string] => {
      const byTime = one.order === "time";
      const names = byTime ? resultColumnNames(plan.source, pipeline) : columns;
      return [byTime ? `${pipeline.name} ${expressionKey(one)}` : expressionKey(one), line(one, names)];
    }),
  );
  if (lines.length === 0) return [];
  return ["operators on series", ...new Map(lines).values()];
}

function line(operator: StatefulExpression, names: string[]): string {
  const kept = operator.gate === null ? "" : ", of what WHERE keeps";
  const ring = operator.operator === "dedup" ? `, ${RING}` : "";
  return `  ${expressionText(operator, names)}${kept}: ${stateBytes(operator)} bytes a key${ring}`;
}
