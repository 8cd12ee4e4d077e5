// What the stateful operators of a source remember, in words. Portable: imports core, describe.
import { stateBytes } from "../core/plan/expression-program.ts";
import type { Plan, StatefulExpression } from "../core/plan/plan.ts";
import { expressionKey, inputExpressions, statefulOf } from "../core/plan/plan.ts";
import { columnNames, expressionText } from "./describe.ts";

/** Bytes of the smallest and the largest ring of DEDUP. */
const RING = "64 to 16384 more for what it let through";

/** A line for each operator, equal ones once; nothing without any. */
export function explainOperators(plan: Plan): string[] {
  const all = plan.pipelines.flatMap((pipeline) => statefulOf(inputExpressions(pipeline)));
  const operators = [...new Map(all.map((one) => [expressionKey(one), one])).values()];
  if (operators.length === 0) return [];
  const names = columnNames(plan.source);
  return ["operators by arrival", ...operators.map((one) => `  ${line(one, names)}`)];
}

function line(operator: StatefulExpression, names: string[]): string {
  const kept = operator.gate === null ? "" : ", of what WHERE keeps";
  const ring = operator.operator === "dedup" ? `, ${RING}` : "";
  return `${expressionText(operator, names)}${kept}: ${stateBytes(operator)} bytes a key${ring}`;
}
