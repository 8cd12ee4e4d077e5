// Functions of a stream's context: UNIT(temp), IN_RANGE(temp), PROPERTY('driver') and such. Where context comes in they
// read columns of their own, else they are what the definition says. Among the results of a window they are the last
// that a record of it had. Portable: imports core types, the file's context, scope, syntax.
import type { Expression, Type } from "../../core/plan/plan.ts";
import { type ParameterPart, parameterName, propertyName } from "../file/messages/context.ts";
import type { Checked } from "./check/build.ts";
import type { CallNode, Place, Report } from "./report.ts";
import type { Scope, ScopeColumn } from "./check/scope.ts";
import type { NameNode, Node } from "./syntax/tree.ts";

/** What a function takes: a column of the source, a text, or nothing. */
const TAKES: Record<string, "column" | "text" | "nothing"> = {
  UNIT: "column",
  RANGE_MIN: "column",
  RANGE_MAX: "column",
  IN_RANGE: "column",
  PROPERTY: "text",
  STREAM_STATE: "nothing",
  STREAM_NAME: "nothing",
  STREAM_PARENT: "nothing",
};

export const isContextFunction = (name: string): boolean => Object.hasOwn(TAKES, name);

const FORMS = {
  column: "a column of the source: UNIT(temp)",
  text: "a text written out: PROPERTY('driver')",
};

type InScope = Pick<Checked, "scope" | "nameOf">;

/** Reports what is wrong with a call, adds the columns that it reads; returns its type. */
export function checkContext(node: CallNode, checked: InScope, place: Place, report: Report): Type {
  if (isFine(node, checked, place, report)) contextColumns(node, checked);
  if (node.name === "IN_RANGE") return "boolean";
  return node.name === "RANGE_MIN" || node.name === "RANGE_MAX" ? "double" : "string";
}

function isFine(node: CallNode, checked: InScope, place: Place, report: Report): boolean {
  const { scope } = checked;
  const nameOf = (name: NameNode): string => checked.nameOf(name);
  const takes = TAKES[node.name]!;
  if (node.over !== null) report("MR208", node.over.span, `${node.name} with OVER`, "OVER takes aggregates");
  const [argument] = node.arguments;
  const kind = { column: "name", text: "string", nothing: undefined }[takes];
  if (
    node.star ||
    node.distinct ||
    node.arguments.length !== (kind === undefined ? 0 : 1) ||
    argument?.kind !== kind
  ) {
    report(
      "MR205",
      argument?.span ?? node.span,
      `${node.name} takes ${takes === "nothing" ? `no argument: ${node.name}()` : FORMS[takes]}`,
    );
    return false;
  }
  if (scope.ofPipeline) {
    const from = scope.sourceName;
    report(
      "MR217",
      node.span,
      `${node.name} of what pipeline "${from}" has computed`,
      hintOfPipeline(node, from),
    );
    return false;
  }
  if (argument?.kind === "name") {
    const name = nameOf(argument);
    const from = scope.find(name)?.from;
    if (from === "topic" || from === "time") {
      report("MR205", argument.span, `"${name}" is no parameter`, `${node.name} takes a field of the source`);
      return false;
    }
  }
  if (node.name === "IN_RANGE" && place === "result") {
    const hint = "take it inside an aggregate: COUNT(CASE WHEN NOT IN_RANGE(x) THEN 1 END)";
    report("MR210", node.span, "IN_RANGE of a result", hint);
    return false;
  }
  if (isSaid(node, checked)) return true;
  const of = takes === "column" ? ` of "${nameOf(argument as NameNode)}"` : "";
  const what = `nothing says the ${WORDS[node.name]}${of}`;
  const file = `source "${scope.sourceName}"`;
  const fromTopic = "or let it come in: context: { topic: … }, of a file { stream: … }";
  const hint =
    takes === "column"
      ? `say it in ${file}: context: { parameters: { ${nameOf(argument as NameNode)}: { ${EXAMPLES[node.name]} } } }, ${fromTopic}`
      : takes === "text"
        ? `say it in ${file}: context: { properties: { … } }, ${fromTopic}`
        : `let it come in, in ${file}: context: { topic: … }, of a file { stream: … }`;
  report("MR217", node.span, what, hint);
  return false;
}

/** Results have no stream, so the pipeline that reads the source is to ask. */
function hintOfPipeline({ name }: CallNode, from: string): string {
  if (name === "IN_RANGE")
    return `ask in "${from}", or select RANGE_MIN and RANGE_MAX there and compare with them`;
  const example = { column: "temp", text: "'driver'", nothing: "" }[TAKES[name]!];
  return `context is of a source's streams: select ${name}(${example}) AS … in "${from}", and read that column here`;
}

const WORDS: Record<string, string> = {
  UNIT: "unit",
  RANGE_MIN: "least value",
  RANGE_MAX: "largest value",
  IN_RANGE: "range",
  PROPERTY: "property",
  STREAM_STATE: "state of a stream",
  STREAM_NAME: "name of a stream",
  STREAM_PARENT: "parent of a stream",
};
const EXAMPLES: Record<string, string> = {
  UNIT: "unit: °C",
  RANGE_MIN: "min: 0",
  RANGE_MAX: "max: 100",
  IN_RANGE: "min: 0, max: 100",
};

/** Context comes in, or the definition says it. */
function isSaid(node: CallNode, checked: InScope): boolean {
  const { scope } = checked;
  if (scope.context === null) return false;
  return scope.context.live || partsOf(node, checked).some((part) => constantOf(part, scope) !== null);
}

/** A piece of context that a call reads. */
type Part =
  { kind: "parameter"; part: ParameterPart; name: string } | { kind: "property" | "stream"; name: string };

function partsOf(node: CallNode, checked: InScope): Part[] {
  const [argument] = node.arguments;
  if (argument?.kind === "string") return [{ kind: "property", name: argument.value }];
  if (argument?.kind !== "name") return [{ kind: "stream", name: `${node.name}()` }];
  const name = checked.nameOf(argument);
  const parts: ParameterPart[] =
    node.name === "UNIT"
      ? ["unit"]
      : node.name === "RANGE_MIN"
        ? ["min"]
        : node.name === "RANGE_MAX"
          ? ["max"]
          : ["min", "max"];
  return parts.map((part) => ({ kind: "parameter", part, name }));
}

function columnNameOf(part: Part): string {
  if (part.kind === "parameter") return parameterName(part.part, part.name);
  return part.kind === "property" ? propertyName(part.name) : part.name;
}

const typeOf = (part: Part): "string" | "double" =>
  part.kind === "parameter" && (part.part === "min" || part.part === "max") ? "double" : "string";

/** What the definition says; null when it says nothing. */
function constantOf(part: Part, { context }: Scope): string | number | null {
  if (part.kind === "parameter") return context!.parameters.get(part.name)?.[part.part] ?? null;
  return part.kind === "property" ? (context!.properties.get(part.name) ?? null) : null;
}

/** The columns that a call reads; none where the definition has the answer. */
export function contextColumns(node: CallNode, checked: InScope): ScopeColumn[] {
  const { scope } = checked;
  if (!scope.context!.live) return [];
  return partsOf(node, checked).map((part) => {
    if (part.kind === "property") scope.properties.add(part.name);
    return scope.contextColumn(columnNameOf(part), typeOf(part));
  });
}

/** The call as an expression: `read` makes one of a column, `value` is the argument of IN_RANGE. */
export function contextExpression(
  node: CallNode,
  checked: InScope,
  read: (column: ScopeColumn) => Expression,
  value: () => Expression,
): Expression {
  const columns = contextColumns(node, checked);
  const parts = partsOf(node, checked).map((part, place): Expression => {
    const column = columns[place];
    if (column !== undefined) return read(column);
    return { kind: "literal", type: typeOf(part), value: constantOf(part, checked.scope) };
  });
  return node.name === "IN_RANGE" ? inRange(value(), parts[0]!, parts[1]!) : parts[0]!;
}

/** A bound that is not there bounds nothing; without any it is not known. */
function inRange(value: Expression, low: Expression, high: Expression): Expression {
  const call = (
    operator: "and" | "or" | "isNull" | "case" | "greaterOrEqual" | "lessOrEqual",
    ...parts: Expression[]
  ): Expression => ({
    kind: "call",
    type: "boolean",
    operator,
    arguments: parts,
  });
  const above = call("greaterOrEqual", value, low);
  const below = call("lessOrEqual", value, high);
  const isNull = (part: Expression): boolean => part.kind === "literal" && part.value === null;
  if (isNull(low)) return below;
  if (isNull(high)) return above;
  if (low.kind === "literal" && high.kind === "literal") return call("and", above, below);
  const unknown: Expression = { kind: "literal", type: "boolean", value: null };
  return call(
    "case",
    call("and", call("isNull", low), call("isNull", high)),
    unknown,
    call("and", call("or", call("isNull", low), above), call("or", call("isNull", high), below)),
  );
}

/** Calls of context functions below a node, aggregates with OVER apart. */
export const isContextCall = (node: Node): node is CallNode =>
  node.kind === "call" && isContextFunction(node.name);
