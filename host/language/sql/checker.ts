// From a syntax tree to a pipeline of the plan: names, types, what may stand where. Works in two steps, because
// a column's type may follow from a later pipeline: `check` infers and reports all problems of the statement,
// `build` makes the plan once every pipeline of the source was checked. Imports core types, syntax, scope.
import type { AggregateName, AggregatePlan, Expression, Operator, OutputPlan, PipelinePlan, Type, WindowPlan } from "../../core/plan.ts";
import { nearest, suggestion } from "../suggest.ts";
import type { Span } from "./lexer.ts";
import type { Scope } from "./scope.ts";
import type { BinaryOperator, Node, Statement } from "./syntax.ts";
import { TypeVariable, typeName } from "./types.ts";
import { AGGREGATES, FUNCTIONS, FUNCTIONS_LATER } from "./words.ts";
import { checkWindow } from "./check-window.ts";

/** Reports a problem at a place in the statement's text. */
export type Report = (code: string, span: Span, message: string, hint?: string) => void;

/** Where an expression stands: over records, over results, or inside an aggregate of results. */
type Place = "record" | "result" | "aggregate";

const WINDOW_COLUMNS = ["window_start", "window_end", "window_time"];
const NUMERIC = new Set<BinaryOperator>(["+", "-", "*", "/", "%"]);
const OPERATORS: Record<BinaryOperator, Operator> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "modulo",
  "=": "equal",
  "<>": "notEqual",
  "<": "less",
  "<=": "lessOrEqual",
  ">": "greater",
  ">=": "greaterOrEqual",
  AND: "and",
  OR: "or",
};

export class StatementChecker {
  private readonly scope: Scope;
  private readonly report: Report;
  private readonly statement: Statement;
  private readonly types = new Map<Node, TypeVariable>();
  private readonly windowed: boolean;
  private window: WindowPlan | null = null;
  private keys: number[] = [];
  private readonly aggregates: AggregatePlan[] = [];
  private readonly aggregateKeys: string[] = [];

  constructor(statement: Statement, scope: Scope, report: Report) {
    this.statement = statement;
    this.scope = scope;
    this.report = report;
    this.windowed = statement.window !== null;
  }

  /** Infers types and reports every problem of the statement. */
  check(): void {
    const { statement } = this;
    if (statement.window !== null) this.window = checkWindow(statement.window, this.scope, this.report);
    this.checkGroupBy();
    this.checkItems();
    if (statement.where !== null) this.want(statement.where, "boolean", "record", "WHERE");
    if (statement.having !== null) {
      if (this.windowed) this.want(statement.having, "boolean", "result", "HAVING");
      else this.report("MR210", statement.having.span, "HAVING without a window", "filter records with WHERE");
    }
  }

  private checkGroupBy(): void {
    const { groupBy, window } = this.statement;
    if (groupBy === null) {
      if (window !== null) {
        this.report("MR210", window.span, "a window without GROUP BY", "add GROUP BY window_start, window_end (and the key columns)");
      }
      return;
    }
    if (window === null) {
      this.report("MR209", groupBy.span, "GROUP BY without a window is not in this version", "use a window: FROM TABLE(TUMBLE(TABLE …, DESCRIPTOR(…), INTERVAL '10' SECOND))");
      return;
    }
    const bounds = new Set<string>();
    for (const node of groupBy.nodes) this.checkKey(node, bounds);
    if (!bounds.has("window_start") || !bounds.has("window_end")) {
      this.report("MR210", groupBy.span, "GROUP BY lacks window_start or window_end", "as in Flink both belong to it: GROUP BY …, window_start, window_end");
    }
  }

  private checkKey(node: Node, bounds: Set<string>): void {
    if (node.kind !== "name") {
      this.report("MR210", node.span, "GROUP BY takes columns only", "group by the column itself");
      return;
    }
    const name = this.nameOf(node);
    if (WINDOW_COLUMNS.includes(name)) {
      bounds.add(name);
      return;
    }
    const column = this.resolve(node);
    if (column === null) return;
    const type = column.variable.type;
    if (type === "double" || type === "instant") {
      this.report("MR214", node.span, `GROUP BY a ${typeName(type)} column`, "keys are STRING or BOOLEAN columns");
      return;
    }
    column.variable.markGrouped();
    if (!this.keys.includes(column.index)) this.keys.push(column.index);
  }

  private checkItems(): void {
    const { items, itemsSpan } = this.statement;
    if (items === null) {
      if (this.windowed) this.report("MR210", itemsSpan, "SELECT * with a window", "name the columns and aggregates");
      else if (!this.scope.closed) this.report("MR210", itemsSpan, "SELECT * needs `fields:` in the source", "name the columns, or declare them");
      return;
    }
    const names = new Set<string>();
    items.forEach((item, index) => {
      this.infer(item.expression, this.windowed ? "result" : "record");
      const name = this.outputName(index);
      if (names.has(name)) {
        const span = item.alias?.span ?? item.expression.span;
        this.report("MR215", span, `two columns named "${name}"`, "give one of them another name with AS");
      }
      names.add(name);
    });
  }

  private outputName(index: number): string {
    const item = this.statement.items![index]!;
    if (item.alias !== null) return item.alias.name;
    return item.expression.kind === "name" ? this.nameOf(item.expression) : `EXPR$${index}`;
  }

  /** A column's name without the source's name or alias in front. */
  private nameOf(node: Extract<Node, { kind: "name" }>): string {
    const { parts } = node;
    const table = this.statement.alias ?? this.statement.source.name;
    const qualified = parts.length > 1 && parts[0] === table && this.scope.find(parts.join(".")) === undefined;
    return (qualified ? parts.slice(1) : parts).join(".");
  }

  private resolve(node: Extract<Node, { kind: "name" }>): { index: number; variable: TypeVariable } | null {
    const name = this.nameOf(node);
    const column = this.scope.column(name);
    if (column === null) {
      this.report("MR202", node.span, `unknown column "${name}"`, suggestion(name, this.scope.names, "columns"));
    }
    return column;
  }

  /** Infers `node` and unifies it with a type; `what` names the place that wants it. */
  private want(node: Node, type: Type, place: Place, what: string): void {
    this.unify(node, this.infer(node, place), new TypeVariable(type), what);
  }

  private unify(node: Node, found: TypeVariable, wanted: TypeVariable, what: string): void {
    if (found.unify(wanted)) return;
    const have = typeName(found.type!);
    const need = typeName(wanted.type!);
    const undeclared = node.kind === "name" && this.scope.find(this.nameOf(node))?.declared === false;
    if (undeclared) {
      this.report("MR207", node.span, `"${this.nameOf(node as Extract<Node, { kind: "name" }>)}" is used as ${have} and as ${need}`, "declare it under `fields:` of the source");
    } else this.report("MR206", node.span, `${what} takes ${need}, this is ${have}`);
  }

  private infer(node: Node, place: Place): TypeVariable {
    const variable = this.inferNode(node, place);
    this.types.set(node, variable);
    return variable;
  }

  private inferNode(node: Node, place: Place): TypeVariable {
    switch (node.kind) {
      case "number":
        return new TypeVariable("double");
      case "string":
        return new TypeVariable("string");
      case "boolean":
        return new TypeVariable("boolean");
      case "null":
        return new TypeVariable();
      case "name":
        return this.inferName(node, place);
      case "unary":
        this.want(node.argument, node.operator === "NOT" ? "boolean" : "double", place, node.operator);
        return new TypeVariable(node.operator === "NOT" ? "boolean" : "double");
      case "binary":
        return this.inferBinary(node, place);
      case "between":
        this.sameTypes([node.value, node.low, node.high], place, "BETWEEN");
        this.ordered(node.value, "BETWEEN");
        return new TypeVariable("boolean");
      case "in":
        this.sameTypes([node.value, ...node.list], place, "IN");
        return new TypeVariable("boolean");
      case "isNull":
        this.infer(node.value, place);
        return new TypeVariable("boolean");
      case "case":
        return this.inferCase(node, place);
      case "call":
        return this.inferCall(node, place);
    }
  }

  private inferName(node: Extract<Node, { kind: "name" }>, place: Place): TypeVariable {
    const name = this.nameOf(node);
    if (this.windowed && WINDOW_COLUMNS.includes(name)) {
      if (place !== "result") this.report("MR210", node.span, `${name} is no column of a record`, "it stands in SELECT, GROUP BY and HAVING");
      return new TypeVariable("instant");
    }
    const column = this.resolve(node);
    if (column === null) return new TypeVariable();
    if (place === "result" && !this.keys.includes(column.index)) {
      const hint = `add it to GROUP BY, or take one of its values: LAST_VALUE(${name})`;
      this.report("MR210", node.span, `"${name}" is neither grouped by nor inside an aggregate`, hint);
    }
    return column.variable;
  }

  private inferBinary(node: Extract<Node, { kind: "binary" }>, place: Place): TypeVariable {
    const { operator } = node;
    if (NUMERIC.has(operator)) {
      this.want(node.left, "double", place, operator);
      this.want(node.right, "double", place, operator);
      return new TypeVariable("double");
    }
    if (operator === "AND" || operator === "OR") {
      this.want(node.left, "boolean", place, operator);
      this.want(node.right, "boolean", place, operator);
      return new TypeVariable("boolean");
    }
    this.sameTypes([node.left, node.right], place, operator);
    if (operator !== "=" && operator !== "<>") this.ordered(node.left, operator);
    return new TypeVariable("boolean");
  }

  private sameTypes(nodes: Node[], place: Place, what: string): TypeVariable {
    const first = new TypeVariable();
    const inferred = nodes.map((node) => this.infer(node, place));
    // Known types first, so that the column and not the literal is named when they differ.
    const order = nodes.map((_, index) => index).sort((a, b) => Number(nodes[a]!.kind === "name") - Number(nodes[b]!.kind === "name"));
    for (const index of order) this.unify(nodes[index]!, inferred[index]!, first, what);
    return first;
  }

  private ordered(node: Node, what: string): void {
    const type = this.types.get(node)?.type;
    if (type === "string" || type === "boolean") {
      this.report("MR206", node.span, `${what} compares numbers, this is ${typeName(type)}`, "STRING and BOOLEAN know = and <> only");
    }
  }

  private inferCase(node: Extract<Node, { kind: "case" }>, place: Place): TypeVariable {
    if (node.subject === null) for (const branch of node.branches) this.want(branch.when, "boolean", place, "WHEN");
    else this.sameTypes([node.subject, ...node.branches.map((branch) => branch.when)], place, "CASE");
    const values = node.branches.map((branch) => branch.then);
    if (node.otherwise !== null) values.push(node.otherwise);
    return this.sameTypes(values, place, "CASE");
  }

  private inferCall(node: Extract<Node, { kind: "call" }>, place: Place): TypeVariable {
    const aggregate = AGGREGATES[node.name];
    if (aggregate !== undefined) return this.inferAggregate(node, place, aggregate);
    const scalar = FUNCTIONS[node.name];
    if (scalar === undefined) return this.unknownFunction(node);
    const count = node.arguments.length;
    if (node.star || count < scalar.least || count > scalar.most) {
      const wanted = scalar.least === scalar.most ? `${scalar.least}` : `${scalar.least} to ${scalar.most}`;
      this.report("MR205", node.span, `${node.name} takes ${wanted} argument${wanted === "1" ? "" : "s"}`);
      return new TypeVariable("double");
    }
    if (scalar.operator === "coalesce") return this.sameTypes(node.arguments, place, node.name);
    for (const argument of node.arguments) this.want(argument, "double", place, node.name);
    if (scalar.operator === "round" && count === 2) {
      const digits = node.arguments[1]!;
      const fine = digits.kind === "number" && Number.isInteger(digits.value) && digits.value >= 0 && digits.value <= 15;
      if (!fine) this.report("MR205", digits.span, "the digits of ROUND are a whole number from 0 to 15");
    }
    return new TypeVariable("double");
  }

  private unknownFunction(node: Extract<Node, { kind: "call" }>): TypeVariable {
    for (const argument of node.arguments) this.infer(argument, "aggregate");
    if (FUNCTIONS_LATER.has(node.name)) {
      this.report("MR209", node.nameSpan, `${node.name} is not in this version`);
      return new TypeVariable();
    }
    if (["TUMBLE", "HOP", "SESSION", "CUMULATE", "TUMBLE_START", "TUMBLE_END", "HOP_START", "HOP_END"].includes(node.name)) {
      this.report("MR208", node.nameSpan, `${node.name} in this place is Flink's legacy form`, "write FROM TABLE(TUMBLE(…)) and window_start, window_end");
      return new TypeVariable();
    }
    const written = node.nameSpan;
    const near = nearest(node.name, Object.keys(AGGREGATES));
    const nearScalar = nearest(node.name, Object.keys(FUNCTIONS));
    const quantile = /^P\d/.test(node.name);
    if (quantile || (near !== null && nearScalar === null)) {
      const hint = [
        near === null ? "" : `did you mean ${near.toLowerCase()}?`,
        quantile ? "(quantiles: p50 p75 p90 p95 p99 p999, or quantile(x, 0.95))" : "",
      ];
      this.report("MR204", written, `unknown aggregate "${node.name.toLowerCase()}"`, hint.filter((part) => part !== "").join(" "));
    } else this.report("MR203", written, `unknown function "${node.name.toLowerCase()}"`, suggestion(node.name, Object.keys(FUNCTIONS), "functions"));
    return new TypeVariable();
  }

  private inferAggregate(node: Extract<Node, { kind: "call" }>, place: Place, aggregate: { name: string; parameter?: number }): TypeVariable {
    const result = new TypeVariable("double");
    if (place !== "result") {
      const inner = place === "aggregate";
      const message = inner ? `${node.name} inside another aggregate` : `${node.name} ${this.windowed ? "in WHERE" : "without a window"}`;
      const hint = inner ? "aggregates do not nest" : this.windowed ? "conditions on aggregates stand in HAVING" : "aggregates need a window and GROUP BY";
      this.report("MR210", node.span, message, hint);
      for (const argument of node.arguments) this.infer(argument, "aggregate");
      return result;
    }
    if (node.star) {
      if (aggregate.name !== "count") this.report("MR205", node.span, `only COUNT takes *`, `${node.name}(column)`);
      return result;
    }
    const wanted = aggregate.name === "quantile" && aggregate.parameter === undefined ? 2 : 1;
    if (node.arguments.length !== wanted) {
      this.report("MR205", node.span, `${node.name} takes ${wanted} argument${wanted === 1 ? "" : "s"}`, wanted === 2 ? "QUANTILE(x, 0.95)" : "");
      for (const argument of node.arguments) this.infer(argument, "aggregate");
      return result;
    }
    if (aggregate.name === "count") this.infer(node.arguments[0]!, "aggregate");
    else this.want(node.arguments[0]!, "double", "aggregate", node.name);
    if (wanted === 2) {
      const q = node.arguments[1]!;
      this.infer(q, "aggregate");
      if (q.kind !== "number" || q.value < 0 || q.value > 1) this.report("MR205", q.span, "the quantile is a number from 0 to 1");
    }
    return result;
  }

  /** Names that a result can be keyed by: its outputs and its GROUP BY columns. */
  resultNames(): string[] {
    const items = this.statement.items;
    const outputs = items === null ? this.scope.names : items.map((_, index) => this.outputName(index));
    return [...new Set([...outputs, ...this.keys.map((key) => this.scope.columns[key]!.name)])];
  }

  /** The plan of the pipeline; only after a check without errors of every pipeline of the source. */
  build(name: string, late: PipelinePlan["late"]): PipelinePlan {
    const { where, having, items } = this.statement;
    const outputs: OutputPlan[] =
      items === null
        ? this.scope.columns.map((column) => ({ name: column.name, expression: this.columnExpression(column.index), hidden: false }))
        : items.map((item, index) => ({ name: this.outputName(index), expression: this.buildNode(item.expression, this.windowed), hidden: false }));
    this.keys.forEach((key, place) => {
      const shown = outputs.some(({ expression }) => expression.kind === "column" && expression.column === place);
      if (this.windowed && !shown) {
        const expression: Expression = { kind: "column", type: this.scope.columns[key]!.variable.settled, column: place };
        outputs.push({ name: this.scope.columns[key]!.name, expression, hidden: true });
      }
    });
    return {
      name,
      where: where === null ? null : this.buildNode(where, false),
      keys: this.keys,
      window: this.window,
      having: having === null ? null : this.buildNode(having, true),
      aggregates: this.aggregates,
      outputs,
      late,
    };
  }

  private columnExpression(index: number): Expression {
    return { kind: "column", type: this.scope.columns[index]!.variable.settled, column: index };
  }

  /** Builds an expression over records, or over results when `overResults`. */
  private buildNode(node: Node, overResults: boolean): Expression {
    const build = (part: Node): Expression => this.buildNode(part, overResults);
    const type = this.types.get(node)!.settled;
    switch (node.kind) {
      case "number":
        return literal("double", node.value);
      case "string":
        return literal("string", node.value);
      case "boolean":
        return literal("boolean", node.value);
      case "null":
        return literal(type, null);
      case "name":
        return this.buildName(node, overResults);
      case "unary":
        return call(node.operator === "NOT" ? "not" : "negate", type, [build(node.argument)]);
      case "binary":
        return call(OPERATORS[node.operator], type, [build(node.left), build(node.right)]);
      case "between": {
        const value = build(node.value);
        const inside = call("and", "boolean", [
          call("greaterOrEqual", "boolean", [value, build(node.low)]),
          call("lessOrEqual", "boolean", [value, build(node.high)]),
        ]);
        return node.negated ? call("not", "boolean", [inside]) : inside;
      }
      case "in": {
        const value = build(node.value);
        const tests = node.list.map((item) => call("equal", "boolean", [value, build(item)]));
        const any = tests.reduce((left, right) => call("or", "boolean", [left, right]));
        return node.negated ? call("not", "boolean", [any]) : any;
      }
      case "isNull": {
        const test = call("isNull", "boolean", [build(node.value)]);
        return node.negated ? call("not", "boolean", [test]) : test;
      }
      case "case":
        return this.buildCase(node, type, build);
      case "call":
        return this.buildCall(node, type, build);
    }
  }

  private buildName(node: Extract<Node, { kind: "name" }>, overResults: boolean): Expression {
    const name = this.nameOf(node);
    const bound = WINDOW_COLUMNS.indexOf(name);
    if (overResults && bound >= 0) return { kind: "column", type: "instant", column: this.keys.length + bound };
    const column = this.scope.find(name)!;
    const index = overResults ? this.keys.indexOf(column.index) : column.index;
    return { kind: "column", type: column.variable.settled, column: index };
  }

  private buildCase(node: Extract<Node, { kind: "case" }>, type: Type, build: (part: Node) => Expression): Expression {
    const parts = node.branches.flatMap((branch) => {
      const when = build(branch.when);
      const condition = node.subject === null ? when : call("equal", "boolean", [build(node.subject), when]);
      return [condition, build(branch.then)];
    });
    return call("case", type, [...parts, node.otherwise === null ? literal(type, null) : build(node.otherwise)]);
  }

  private buildCall(node: Extract<Node, { kind: "call" }>, type: Type, build: (part: Node) => Expression): Expression {
    const aggregate = AGGREGATES[node.name];
    if (aggregate !== undefined) return this.buildAggregate(node, aggregate);
    const { operator } = FUNCTIONS[node.name]!;
    const parts = node.arguments.map(build);
    if (operator === "coalesce") return parts.reduceRight((rest, part) => call("coalesce", type, [part, rest]));
    return call(operator as Operator, type, parts);
  }

  private buildAggregate(node: Extract<Node, { kind: "call" }>, aggregate: { name: string; parameter?: number }): Expression {
    const [value, q] = node.arguments;
    const plan: AggregatePlan = {
      name: node.star ? "count_all" : (aggregate.name as AggregateName),
      argument: node.star ? null : this.buildNode(value!, false),
      parameter: aggregate.parameter ?? (q?.kind === "number" ? q.value : null),
    };
    const key = JSON.stringify(plan);
    let index = this.aggregateKeys.indexOf(key);
    if (index < 0) {
      index = this.aggregateKeys.push(key) - 1;
      this.aggregates.push(plan);
    }
    return { kind: "column", type: "double", column: this.keys.length + WINDOW_COLUMNS.length + index };
  }
}

function literal(type: Type, value: number | string | boolean | null): Expression {
  return { kind: "literal", type, value: typeof value === "number" ? value + 0 : value };
}

function call(operator: Operator, type: Type, parts: Expression[]): Expression {
  return { kind: "call", type, operator, arguments: parts };
}
