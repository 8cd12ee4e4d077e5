// From a checked statement to its pipeline of the plan. Everything that SQL says in several ways becomes the
// few operators of the plan here: BETWEEN, IN, IS NOT NULL, simple CASE. Portable: imports core types,
// syntax, scope.
import {
  type AggregatePlan,
  type Expression,
  type Operator,
  type OutputPlan,
  type PipelinePlan,
  type StatefulExpression,
  type Type,
  type WindowPlan,
  aggregateType,
  holdsValues,
} from "../../../core/plan/plan.ts";
import type { Scope, ScopeColumn } from "./scope.ts";
import { partialColumn } from "../partials/check.ts";
import type { BinaryOperator, CastType, NameNode, Node, Statement } from "../syntax/tree.ts";
import { childrenOf } from "../syntax/walk.ts";
import type { TypeVariable } from "./types.ts";
import {
  AGGREGATES,
  type AggregateWord,
  type ArgumentKind,
  FUNCTIONS,
  type OperatorWord,
  PARTIAL_FUNCTIONS,
} from "../words.ts";
import { contextColumns, contextExpression, isContextCall } from "../context-functions.ts";
import { constantsOf } from "./rules/aggregate.ts";
import { isInterpolate } from "./rules/resample.ts";
import { isByTime, numbersOf, operatorOf, specOf, valuesOf } from "./rules/operator.ts";
import { asType, ofOneType } from "./numbers.ts";

export const WINDOW_COLUMNS = ["window_start", "window_end", "window_time"];

/** What the pipeline's other keys say. */
export interface PipelineOptions {
  /** What becomes of late records, and when results come out. */
  emission: Emission;
  /** The longest session, from first to last record; null for any. */
  sessionMaxNs: bigint | null;
  /** TIME_WEIGHTED_AVG and TIME_IN begin with what held before their window. */
  carry: boolean;
  /** Name of the zone by whose wall clock windows begin and end; null: by UTC. */
  zone: string | null;
}

/** What checking found out about a statement. */
export interface Checked {
  statement: Statement;
  scope: Scope;
  types: Map<Node, TypeVariable>;
  window: WindowPlan | null;
  /** Columns of the GROUP BY in its order. */
  keys: number[];
  /** A column's name without the source's name or alias in front. */
  nameOf(node: Extract<Node, { kind: "name" }>): string;
  outputName(index: number): string;
}

const OPERATORS: Record<BinaryOperator, Operator> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "modulo",
  "||": "concat",
  "=": "equal",
  "<>": "notEqual",
  "<": "less",
  "<=": "lessOrEqual",
  ">": "greater",
  ">=": "greaterOrEqual",
  AND: "and",
  OR: "or",
};

/** What the keys of a pipeline say beside its SQL. */
export type Emission = Pick<PipelinePlan, "late" | "allowNs" | "emit" | "empty">;

/** The pipeline's plan; only once every pipeline of the source was checked without errors. */
export function buildPipeline(
  checked: Checked,
  name: string,
  emission: Emission,
  carry: boolean,
): PipelinePlan {
  const plan = new Builder(checked).pipeline(name, emission);
  if (!carry) return plan;
  const aggregates = plan.aggregates.map((aggregate) =>
    holdsValues(aggregate) ? { ...aggregate, carry } : aggregate,
  );
  return { ...plan, aggregates };
}

class Builder {
  private readonly checked: Checked;
  private readonly aggregates: AggregatePlan[] = [];
  private readonly aggregateTexts: string[] = [];
  /** Source columns that rows of OVER take from their records. */
  private readonly carried: number[] = [];
  /** Those that INTERPOLATE takes. */
  private readonly linear: number[] = [];
  /** WHERE, once it is built: the series of what stands behind it are of the records that it keeps. */
  private gate: Expression | null = null;

  constructor(checked: Checked) {
    this.checked = checked;
  }

  pipeline(name: string, emission: Emission): PipelinePlan {
    const { where, having } = this.checked.statement;
    const { window } = this.checked;
    if (window?.kind === "over") this.findCarried();
    const linear = this.linear.length;
    if (linear > 0) this.carried.push(...this.linear);
    this.gate = where === null ? null : this.node(where, false);
    const outputs = this.outputs();
    return {
      name,
      where: this.gate,
      keys: this.checked.keys,
      window:
        window?.kind !== "over"
          ? window
          : {
              ...window,
              carried: this.carried,
              ...(window.resample === undefined ? {} : { resample: { ...window.resample, linear } }),
            },
      having: having === null ? null : this.node(having, true),
      aggregates: this.aggregates,
      outputs,
      ...emission,
    };
  }

  /** Names outside of the aggregates that are no key. */
  private findCarried(): void {
    const open = this.checked.statement.items!.map(({ expression }) => expression).toReversed();
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const { statement } = this.checked;
      if (node.kind === "call" && node.over !== null && operatorOf(statement, node) === undefined) continue;
      if (node.kind === "call" && isInterpolate(node)) {
        const column = this.columnOf(node);
        if (!this.linear.includes(column)) this.linear.push(column);
        continue;
      }
      open.push(...childrenOf(node).toReversed());
      if (isContextCall(node)) {
        for (const { index } of contextColumns(node, this.checked))
          if (!this.carried.includes(index)) this.carried.push(index);
      }
      if (node.kind !== "name") continue;
      const { index } = this.checked.scope.find(this.checked.nameOf(node))!;
      if (!this.checked.keys.includes(index) && !this.carried.includes(index)) this.carried.push(index);
    }
  }

  /** The column that INTERPOLATE takes. */
  private columnOf({ arguments: [column] }: Extract<Node, { kind: "call" }>): number {
    return this.checked.scope.find(this.checked.nameOf(column as NameNode))!.index;
  }

  /** The selected columns, then the GROUP BY columns that are not selected. */
  private outputs(): OutputPlan[] {
    const { scope, keys, window } = this.checked;
    const { items } = this.checked.statement;
    if (items === null) {
      return scope.names.map((name) => ({
        name,
        expression: this.column(scope.find(name)!.index),
        hidden: false,
      }));
    }
    const outputs = items.map(({ expression }, index): OutputPlan => {
      return {
        name: this.checked.outputName(index),
        expression: this.node(expression, window !== null),
        hidden: false,
      };
    });
    keys.forEach((key, place) => {
      if (outputs.some(({ expression }) => expression.kind === "column" && expression.column === place))
        return;
      const { name, variable } = scope.columns[key]!;
      outputs.push({
        name,
        expression: { kind: "column", type: variable.settled, column: place },
        hidden: true,
      });
    });
    return outputs;
  }

  private column(index: number): Expression {
    return { kind: "column", type: this.checked.scope.columns[index]!.variable.settled, column: index };
  }

  /** An expression over records, or over results when `overResults`. */
  private node(node: Node, overResults: boolean): Expression {
    const build = (part: Node): Expression => this.node(part, overResults);
    const type = this.checked.types.get(node)!.settled;
    switch (node.kind) {
      case "number":
        return type === "bigint" ? literal(type, `${node.whole}`) : literal("double", node.value);
      case "bytes":
        return literal("bytes", node.hex);
      case "cast":
        return castTo(build(node.value), node.to);
      case "string":
        return literal("string", node.value);
      case "boolean":
        return literal("boolean", node.value);
      case "null":
        return literal(type, null);
      case "interval":
        throw new Error("an interval is no value");
      case "name":
        return this.name(node, overResults);
      case "unary":
        return call(node.operator === "NOT" ? "not" : "negate", type, [build(node.argument)]);
      case "binary":
        if (node.operator === "||") return joined([build(node.left), build(node.right)]);
        return binary(OPERATORS[node.operator], type, build(node.left), build(node.right));
      case "between":
        return between(
          ...(ofOneType([node.value, node.low, node.high].map(build)) as [
            Expression,
            Expression,
            Expression,
          ]),
          node.negated,
        );
      case "in":
        return inList(...split(ofOneType([node.value, ...node.list].map(build))), node.negated);
      case "like":
        return negatedIf(node.negated, call("like", "boolean", [build(node.value), ...patternOf(node)]));
      case "isNull":
        return negatedIf(node.negated, call("isNull", "boolean", [build(node.value)]));
      case "case":
        return this.caseOf(node, type, build);
      case "call":
        return isContextCall(node) ? this.context(node, overResults) : this.call(node, type, build);
    }
  }

  /** Among results: that of the last record that had it, or of the row's own. */
  private context(node: Extract<Node, { kind: "call" }>, overResults: boolean): Expression {
    const read = ({ index }: ScopeColumn): Expression => {
      const argument = this.column(index);
      if (!overResults) return argument;
      if (this.checked.window?.kind === "over") return this.carriedColumn(index);
      return this.aggregateColumn({ name: "last_value", argument, parameter: null });
    };
    return contextExpression(node, this.checked, read, () =>
      asType(this.node(node.arguments[0]!, overResults), "double"),
    );
  }

  private carriedColumn(index: number): Expression {
    const { keys, scope } = this.checked;
    const column = keys.length + WINDOW_COLUMNS.length + this.carried.indexOf(index);
    return { kind: "column", type: scope.columns[index]!.variable.settled, column };
  }

  private name(node: Extract<Node, { kind: "name" }>, overResults: boolean): Expression {
    const { keys, scope } = this.checked;
    const name = this.checked.nameOf(node);
    const bound = this.checked.window?.kind === "over" ? -1 : WINDOW_COLUMNS.indexOf(name);
    if (overResults && bound >= 0) return { kind: "column", type: "instant", column: keys.length + bound };
    const column = scope.find(name)!;
    if (!overResults) return this.column(column.index);
    const key = keys.indexOf(column.index);
    if (key < 0) return this.carriedColumn(column.index);
    return { kind: "column", type: column.variable.settled, column: key };
  }

  private caseOf(
    node: Extract<Node, { kind: "case" }>,
    type: Type,
    build: (part: Node) => Expression,
  ): Expression {
    const parts = node.branches.flatMap((branch) => {
      const when = build(branch.when);
      const condition = node.subject === null ? when : binary("equal", "boolean", build(node.subject), when);
      return [condition, asType(build(branch.then), type)];
    });
    const otherwise = node.otherwise === null ? literal(type, null) : build(node.otherwise);
    return call("case", type, [...parts, asType(otherwise, type)]);
  }

  private call(
    node: Extract<Node, { kind: "call" }>,
    type: Type,
    build: (part: Node) => Expression,
  ): Expression {
    if (isInterpolate(node)) {
      const place = this.carried.length - this.linear.length + this.linear.indexOf(this.columnOf(node));
      return { kind: "column", type, column: this.checked.keys.length + WINDOW_COLUMNS.length + place };
    }
    const word = operatorOf(this.checked.statement, node);
    if (word !== undefined) return this.stateful(node, word, type);
    if (Object.hasOwn(AGGREGATES, node.name) || PARTIAL_FUNCTIONS.includes(node.name))
      return this.aggregateColumn(this.aggregatePlan(node));
    const { operator, whole } = FUNCTIONS[node.name]!;
    const parts = node.arguments.map(build).map((part) => asType(part, type));
    if (operator === "coalesce" || operator === "least" || operator === "greatest")
      return parts.reduceRight((rest, part) => call(operator, type, [part, rest]));
    if (operator === "concat") return joined(parts);
    if (type === "bigint" && whole === "same") return parts[0]!;
    return call(operator as Operator, type, parts);
  }

  /** Without OVER the series is that of the stream. */
  private stateful(
    node: Extract<Node, { kind: "call" }>,
    word: OperatorWord,
    type: Type,
  ): StatefulExpression {
    const { scope, statement } = this.checked;
    const spec = specOf(statement, node.over);
    const byTime = isByTime(statement, node);
    const keys =
      spec === undefined
        ? scope.streamColumns
        : spec.partition.map((name) => scope.find(this.checked.nameOf(name))!);
    const values = ofOneType(valuesOf(node, word).map((part) => this.node(part, byTime)));
    return {
      kind: "stateful",
      type,
      operator: word.name,
      order: byTime ? "time" : "arrival",
      arguments: word.takes[0] === "double" ? values.map((value) => asType(value, "double")) : values,
      keys: byTime
        ? this.checked.keys.map((_, place) => place)
        : [...new Set(keys.map(({ index }) => index))],
      gate: byTime ? null : this.gate,
      ...numbersOf(node, word),
    };
  }

  /** An argument of an aggregate; a BIGINT becomes a DOUBLE where the aggregate takes nothing else. */
  private argument(node: Node, kind: ArgumentKind): Expression {
    const built = this.node(node, false);
    return kind === "double" ? asType(built, "double") : built;
  }

  private aggregatePlan(node: Extract<Node, { kind: "call" }>): AggregatePlan {
    if (node.name === "PARTIAL") {
      const inner = node.arguments[0] as Extract<Node, { kind: "call" }>;
      return { ...this.aggregatePlan(inner), partial: true };
    }
    if (node.name === "MERGE") return this.merge(partialColumn(node, this.checked)!);
    return this.ofValues(node, AGGREGATES[node.name]!);
  }

  private merge({ index, partial }: ScopeColumn): AggregatePlan {
    const { name, parameter, bins } = partial!;
    return {
      name,
      argument: this.column(index),
      parameter,
      ...(bins === undefined ? {} : { bins }),
      merges: partial!,
    };
  }

  private ofValues(node: Extract<Node, { kind: "call" }>, aggregate: AggregateWord): AggregatePlan {
    const [first, second] = node.arguments.map((argument, index) =>
      aggregate.takes[index] === "number" ? null : this.argument(argument, aggregate.takes[index]!),
    );
    return {
      name: node.star ? "count_all" : node.distinct ? "count_distinct" : aggregate.name,
      argument: first ?? null,
      ...(second ? { second } : {}),
      ...constantsOf(node, aggregate, this.checked.scope.everyNs),
    };
  }

  /** Equal aggregates are computed once. */
  private aggregateColumn(plan: AggregatePlan): Expression {
    const text = textOf(plan);
    let index = this.aggregateTexts.indexOf(text);
    if (index < 0) {
      index = this.aggregateTexts.push(text) - 1;
      this.aggregates.push(plan);
    }
    return {
      kind: "column",
      type: aggregateType(plan),
      column: this.checked.keys.length + WINDOW_COLUMNS.length + this.carried.length + index,
    };
  }
}

/** Text that equal aggregates share. */
const textOf = (plan: AggregatePlan): string =>
  JSON.stringify(plan, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));

/** −0 becomes +0. */
function literal(type: Type, value: number | string | boolean | null): Expression {
  return { kind: "literal", type, value: typeof value === "number" ? value + 0 : value };
}

function call(operator: Operator, type: Type, parts: Expression[]): Expression {
  return { kind: "call", type, operator, arguments: parts };
}

const ARITHMETIC = new Set<Operator>(["add", "subtract", "multiply", "divide", "modulo"]);

/** An operator of two operands of one type. */
function binary(operator: Operator, type: Type, left: Expression, right: Expression): Expression {
  const parts = ARITHMETIC.has(operator)
    ? [asType(left, type), asType(right, type)]
    : ofOneType([left, right]);
  return call(operator, type, parts);
}

const split = ([first, ...rest]: Expression[]): [Expression, Expression[]] => [first!, rest];

const CASTS: Record<CastType, Operator> = {
  double: "toDouble",
  bigint: "toBigint",
  boolean: "toBoolean",
  string: "toText",
  bytes: "toBytes",
};

function castTo(value: Expression, to: CastType): Expression {
  return value.type === to ? value : call(CASTS[to], to, [value]);
}

/** One text of several: two or three at a time. */
function joined(parts: Expression[]): Expression {
  const all = parts.flatMap((part) =>
    part.kind === "call" && part.operator === "concat" ? part.arguments : [part],
  );
  let whole = all[0]!;
  for (let at = 1; at < all.length; at += 2)
    whole = call("concat", "string", [whole, ...all.slice(at, at + 2)]);
  return whole;
}

/** What LIKE has written out. */
const patternOf = ({ pattern, escape }: Extract<Node, { kind: "like" }>): Expression[] =>
  [pattern, escape].flatMap((part) => (part?.kind === "string" ? literal("string", part.value) : []));

const negatedIf = (negated: boolean, test: Expression): Expression =>
  negated ? call("not", "boolean", [test]) : test;

function between(value: Expression, low: Expression, high: Expression, negated: boolean): Expression {
  const above = call("greaterOrEqual", "boolean", [value, low]);
  const below = call("lessOrEqual", "boolean", [value, high]);
  return negatedIf(negated, call("and", "boolean", [above, below]));
}

/** A balanced tree of ORs, so that a long list is not a deep one. */
function inList(value: Expression, list: Expression[], negated: boolean): Expression {
  let tests = list.map((item) => call("equal", "boolean", [value, item]));
  while (tests.length > 1) {
    tests = tests.flatMap((test, index) => {
      if (index % 2 === 1) return [];
      const next = tests[index + 1];
      return [next === undefined ? test : call("or", "boolean", [test, next])];
    });
  }
  return negatedIf(negated, tests[0]!);
}
