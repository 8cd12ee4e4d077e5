// What an aggregate takes besides values: how many arguments, and numbers that are written out. Portable: imports
// core types, syntax, words.
import type { AggregatePlan, Type } from "../../../../core/plan/plan.ts";
import type { Node, Statement } from "../../syntax/tree.ts";
import { childrenOf, nodesOf } from "../../syntax/walk.ts";
import { AGGREGATES, type AggregateWord, PARTIAL_FUNCTIONS } from "../../words.ts";
import type { Report } from "../../report.ts";

type CallNode = Extract<Node, { kind: "call" }>;

/** Bins of a histogram, at most. */
const BINS_MAX = 1000;

/** Most values that TOP_K gives. */
const TOP_MAX = 100;

/** Type of an aggregate's result, unless it is that of its argument; what an ARRAY holds is told by the plan. */
export function resultType({ result }: AggregateWord): Type {
  return result === "array" ? "array<double>" : "double";
}

export function arityMessage(written: string, { takes }: AggregateWord): string {
  const many = takes.length === 0 ? "no" : takes.length;
  return `${written} takes ${many} argument${takes.length === 1 ? "" : "s"}`;
}

export const aggregateHint = ({ form }: AggregateWord): string => (form === undefined ? "" : `as in ${form}`);

/** A number that is written out, with its signs; null for anything else. */
export function constantOf(node: Node | undefined): number | null {
  if (node?.kind === "number") return node.value + 0;
  if (node?.kind !== "unary" || node.operator !== "-") return null;
  const value = constantOf(node.argument);
  return value === null ? null : 0 - value;
}

/** Reports the numbers of an aggregate that cannot be; it has as many arguments as it takes. */
export function checkConstants(node: CallNode, aggregate: AggregateWord, report: Report): void {
  const hint = aggregateHint(aggregate);
  if (aggregate.name === "quantile" && aggregate.parameter === undefined) {
    const q = constantOf(node.arguments[1]);
    if (q === null || q < 0 || q > 1)
      report("MR205", node.arguments[1]!.span, "which quantile is a number from 0 to 1", hint);
  }
  if (aggregate.name === "top_k") {
    const k = constantOf(node.arguments[1]);
    if (k === null || !Number.isInteger(k) || k < 1 || k > TOP_MAX)
      report("MR205", node.arguments[1]!.span, `how many is a whole number from 1 to ${TOP_MAX}`, hint);
  }
  if (aggregate.name === "histogram") checkBins(node, hint, report);
}

function checkBins({ arguments: [, low, high, count] }: CallNode, hint: string, report: Report): void {
  const least = constantOf(low);
  const most = constantOf(high);
  const bins = constantOf(count);
  if (least === null) report("MR205", low!.span, "where a histogram begins is a number written out", hint);
  if (most === null) report("MR205", high!.span, "where a histogram ends is a number written out", hint);
  if (bins === null || !Number.isInteger(bins) || bins < 1 || bins > BINS_MAX)
    report("MR205", count!.span, `a histogram has 1 to ${BINS_MAX} bins`, hint);
  if (least === null || most === null || bins === null) return;
  if (most <= least) report("MR205", high!.span, "a histogram ends above its beginning", hint);
  else if (!Number.isFinite((most - least) * bins) || (most - least) / bins === 0)
    report("MR205", high!.span, "bins of a width that is no number", hint);
}

/** The numbers of an aggregate as the plan has them; `everyNs` is what the source says of its records. */
export function constantsOf(
  node: CallNode,
  aggregate: AggregateWord,
  everyNs: bigint | null,
): Pick<AggregatePlan, "parameter" | "bins"> {
  const [, first, second, third] = node.arguments;
  if (aggregate.name === "histogram") {
    const bins = { low: constantOf(first)!, high: constantOf(second)!, count: constantOf(third)! };
    return { parameter: null, bins };
  }
  if (aggregate.name === "coverage") return { parameter: everyNs === null ? null : Number(everyNs) };
  if (aggregate.name === "top_k") return { parameter: constantOf(first)! };
  if (aggregate.name === "quantile") return { parameter: aggregate.parameter ?? constantOf(first)! };
  return { parameter: null };
}

export function isAggregate(node: Node): boolean {
  if (node.kind !== "call" || node.over !== null) return false;
  return Object.hasOwn(AGGREGATES, node.name) || PARTIAL_FUNCTIONS.includes(node.name);
}

/** True when a result holds an aggregate: one in WHERE is a slip, and does not make the statement one of results. */
export function hasAggregates({ items, having }: Statement): boolean {
  const open = [...(items ?? []).map((item) => item.expression), ...(having ? [having] : [])];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isAggregate(node)) return true;
    open.push(...childrenOf(node));
  }
  return false;
}

const RUNNING_HINT = "add `emit: updates` or `emit: complete` to the pipeline, or a window in FROM";

/** Reports what a result without a window lacks: moments at which it comes out, and a length. */
export function checkEndless(statement: Statement, emits: boolean, report: Report): void {
  const nodes = nodesOf(statement);
  const span = statement.groupBy?.span ?? nodes.find(isAggregate)!.span;
  if (!emits) report("MR210", span, "a result without a window never ends", RUNNING_HINT);
  refuseCoverage(statement, "COVERAGE without a window", report);
}

/** Reports what asks for a length of time of a window of rows. */
export function checkLengthless(statement: Statement, report: Report): void {
  refuseCoverage(statement, "COVERAGE of a window of rows", report);
}

function refuseCoverage(statement: Statement, message: string, report: Report): void {
  const found = nodesOf(statement).find((node) => node.kind === "call" && node.name === "COVERAGE");
  if (found !== undefined)
    report("MR210", found.span, message, "it is a share of the window's length of time");
}
