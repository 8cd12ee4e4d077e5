// Checks the OVER windows of a statement: they are one, its order is the source's time, its lengths are in range.
// Imports types, scope, walk.
import type { OverPlan } from "../../../../core/plan/plan.ts";
import { suggestion } from "../../../suggest.ts";
import type { CallNode, Place, Report } from "../../report.ts";
import type { NameNode, Node, OverSpec, Statement } from "../../syntax/tree.ts";
import { FRAME_FORM } from "../../syntax/over.ts";
import { childrenOf, nodesOf } from "../../syntax/walk.ts";
import { AGGREGATES, OPERATORS } from "../../words.ts";
import { operatorOf, specOf } from "./operator.ts";

const LONGEST_NS = 2n ** 61n;

export type OverCall = Extract<Node, { kind: "call" }> & { over: NonNullable<CallOver> };
type CallOver = Extract<Node, { kind: "call" }>["over"];

/** False for stateful operators by arrival, and what can only be a slip for one. */
function isOverWindow(statement: Statement, node: CallNode): boolean {
  if (specOf(statement, node.over)?.order !== null) return true;
  return operatorOf(statement, node) === undefined && Object.hasOwn(AGGREGATES, node.name);
}

/** Every call with OVER that makes rows among the selected items, in the order of the text. */
export function overCalls(statement: Statement): OverCall[] {
  const calls: OverCall[] = [];
  const open = (statement.items ?? []).map(({ expression }) => expression).toReversed();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === "call" && node.over !== null && isOverWindow(statement, node))
      calls.push(node as OverCall);
    open.push(...childrenOf(node).toReversed());
  }
  return calls;
}

/** The window that all of the calls name or write; null without any, and after a problem was reported. */
export function theirSpec(statement: Statement, report: Report): OverSpec | null {
  const calls = overCalls(statement);
  const [first] = calls;
  if (first === undefined) {
    const named = new Set(
      [...nodesOf(statement)].flatMap((node) =>
        node.kind === "call" && node.over?.kind === "name" ? node.over.name : [],
      ),
    );
    const idle = statement.windows.find(({ name }) => !named.has(name));
    if (idle !== undefined) report("MR211", idle.span, `no OVER uses the window "${idle.name}"`);
    return null;
  }
  if (statement.window !== null || statement.groupBy !== null || statement.resample !== null) {
    const hint = "write a pipeline for each: one with a window in FROM, one with OVER";
    const message = "OVER beside GROUP BY or a window in FROM is not in the subset";
    report("MR208", first.over.span, message, hint);
    return null;
  }
  const names = statement.windows.map(({ name }) => name);
  const specs = calls.map(({ over }) => {
    if (over.kind === "spec") return over;
    const named = statement.windows.find(({ name }) => name === over.name);
    if (named === undefined)
      report(
        "MR211",
        over.span,
        `no window "${over.name}"`,
        suggestion(over.name, names, "windows of the WINDOW clause"),
      );
    return named?.spec ?? null;
  });
  if (specs.includes(null)) return null;
  const text = (spec: OverSpec): string =>
    JSON.stringify(spec, (key, value: unknown) =>
      key === "span" || key === "end" ? undefined : typeof value === "bigint" ? String(value) : value,
    );
  // Operators have no reach of their own: they go with any.
  const reaching = specs.find((spec) => spec!.frame !== null) ?? specs[0]!;
  const isOperator = calls.map((call) => operatorOf(statement, call) !== undefined);
  const other = specs.findIndex(
    (spec, index) =>
      text(isOperator[index]! ? { ...spec!, frame: reaching.frame } : spec!) !== text(reaching),
  );
  if (other < 0) return reaching;
  report(
    "MR209",
    calls[other]!.over.span,
    "a second OVER window in one statement is not in this version",
    "write a pipeline for each",
  );
  return null;
}

/**
 * The plan of the window, without what its rows carry; null after a problem was reported. Aggregates need a reach, for
 * operators a row is over itself.
 */
export function checkSpec(
  spec: OverSpec,
  statement: Statement,
  timeName: string,
  nameOf: (node: NameNode) => string,
  report: Report,
): OverPlan | null {
  if (spec.order === null) {
    report(
      "MR211",
      spec.end,
      "an OVER window lacks its ORDER BY",
      "ORDER BY the source's time, then RANGE or ROWS",
    );
    return null;
  }
  const needsReach = overCalls(statement).some((call) => operatorOf(statement, call) === undefined);
  if (spec.frame === null && needsReach) {
    report("MR211", spec.end, "an OVER window lacks its reach", FRAME_FORM);
    return null;
  }
  const order = nameOf(spec.order);
  if (order !== timeName) {
    report("MR211", spec.order.span, `OVER … ORDER BY ${order}`, `rows go by the source's time: ${timeName}`);
    return null;
  }
  if (spec.frame === null) return { kind: "over", rangeNs: null, rows: 0, carried: [] };
  if (spec.frame.kind === "rows") return { kind: "over", rangeNs: null, rows: spec.frame.count, carried: [] };
  const { ns, span } = spec.frame.interval;
  if (ns >= 0n && ns <= LONGEST_NS) return { kind: "over", rangeNs: ns, rows: 0, carried: [] };
  report("MR211", span, "this length is out of range", "not below zero and at most 73 years");
  return null;
}

export const BY_ARRIVAL = "without ORDER BY it goes by arrival, and may stand here";

/** Aggregates that depend on where their window ends. */
const OF_A_LENGTH = new Set(["COVERAGE", "TIME_WEIGHTED_AVG", "TIME_IN"]);

/** An aggregate with OVER stands among the values of a record as one of a window among those of a result. */
export function placeOfCall(node: CallNode, place: Place, inItems: boolean, report: Report): Place {
  if (node.over === null) return place;
  const length = "it asks for a window of a length, in FROM";
  if (OF_A_LENGTH.has(node.name)) report("MR208", node.over.span, `${node.name} with OVER`, length);
  if (place !== "record") return place;
  const reader = Object.hasOwn(OPERATORS, node.name)
    ? BY_ARRIVAL
    : "conditions on its rows are for a reader of them";
  if (!inItems) report("MR210", node.over.span, "OVER outside of SELECT", reader);
  return "result";
}
