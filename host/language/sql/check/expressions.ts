// Types of the expressions of a statement, and what may stand where in them: inferred from the leaves, unified where two
// meet, each problem reported once. Types of columns are settled only when all pipelines of the source were checked, since
// one may follow from a later use. Portable: imports core types, syntax, scope, the rules.
import type { Type, WindowPlan } from "../../../core/plan/plan.ts";
import { aggregateHint, arityMessage, checkConstants, resultType } from "./rules/aggregate.ts";
import { checkOperator, isByTime, operatorOf, specOf, valuesOf } from "./rules/operator.ts";
import { checkContext, isContextFunction } from "../context-functions.ts";
import {
  checkCast,
  checkLike,
  checkOrdered,
  checkValue,
  refuseInterval,
  reportConflict,
  reportKey,
  reportLoose,
} from "./rules/values.ts";
import { checkInterpolate, isInterpolate, refuseAggregate } from "./rules/resample.ts";
import { hasBigint, makeWhole, numberType } from "./numbers.ts";
import { insideOf, typeOfPartial } from "../partials/check.ts";
import { type Scope, type ScopeColumn, unqualified } from "./scope.ts";
import type { BinaryOperator, NameNode, Node, Statement } from "../syntax/tree.ts";
import { TypeVariable, castHint, typeName } from "./types.ts";
import { checkArguments, scalarOf, unknownFunction } from "./rules/function.ts";
import { BY_ARRIVAL, overCalls, placeOfCall } from "./rules/over.ts";
import { AGGREGATES, type AggregateWord, type OperatorWord, PARTIAL_FUNCTIONS } from "../words.ts";
import type { CallNode, Place, Report } from "../report.ts";
import { type Checked, WINDOW_COLUMNS } from "./build.ts";

const NUMERIC = new Set<BinaryOperator>(["+", "-", "*", "/", "%"]);
const WINDOW_HINT =
  "a window stands in FROM: FROM TABLE(TUMBLE(TABLE …, DESCRIPTOR(…), INTERVAL '10' SECOND))";

export abstract class ExpressionChecker implements Checked {
  readonly statement: Statement;
  readonly scope: Scope;
  readonly types = new Map<Node, TypeVariable>();
  readonly keys: number[] = [];
  window: WindowPlan | null = null;
  protected readonly report: Report;
  protected readonly windowed: boolean;
  /** Some selected item has OVER. */
  protected readonly over: boolean;
  /** The selected items are being checked. */
  protected inItems = false;
  /** Names that were reported already. */
  protected readonly told = new Set<Node>();
  /** The window columns that GROUP BY names. */
  protected readonly bounds = new Set<string>();
  protected readonly pipelineName: string;

  constructor(statement: Statement, scope: Scope, pipelineName: string, report: Report) {
    this.statement = statement;
    this.scope = scope;
    this.pipelineName = pipelineName;
    this.report = report;
    this.windowed = statement.window !== null;
    this.over = overCalls(statement).length > 0 || statement.resample !== null;
  }

  abstract outputName(index: number): string;

  /** A column by which records are grouped. */
  protected checkKeyColumn(node: NameNode, clause: string): ScopeColumn | null {
    const name = this.nameOf(node);
    const column = this.resolve(node);
    if (column === null || column.variable.group(this.because(clause))) return column;
    if (column.declared) reportKey(node.span, name, clause, column.variable, this.report);
    else this.conflict(node, "STRING", this.because(clause), column.variable);
    return column;
  }

  nameOf(node: NameNode): string {
    return unqualified(node, this.statement, this.scope);
  }

  protected resolve(node: NameNode): ScopeColumn | null {
    const name = this.nameOf(node);
    if (!this.windowed && WINDOW_COLUMNS.includes(name) && this.scope.find(name) === undefined) {
      this.report("MR210", node.span, `${name} without a window`, WINDOW_HINT);
      return null;
    }
    const column = this.scope.column(name);
    if (column === null) {
      const { message, hint } = this.scope.whyNot(name);
      this.report("MR202", node.span, message, hint);
    }
    return column;
  }

  private readonly because = (what: string): string => `${what} in pipeline "${this.pipelineName}"`;

  /** `what` names the place that wants a type of a node. */
  protected want(node: Node, type: Type, place: Place, what: string): void {
    this.unify(node, this.infer(node, place), new TypeVariable(type, this.because(what)), what);
  }

  private unify(node: Node, found: TypeVariable, wanted: TypeVariable, what: string): void {
    if (found.unify(wanted)) return;
    const need = typeName(wanted.type!);
    if (node.kind === "name" && this.scope.find(this.nameOf(node))?.declared === false) {
      this.conflict(node, need, wanted.reason === "" ? this.because(what) : wanted.reason, found);
      return;
    }
    const have = typeName(found.type!);
    const hint = have === "TIMESTAMP" ? "a time compares with times only" : castHint(need, have);
    this.report("MR206", node.span, `${what} takes ${need} here, this is ${have}`, hint);
  }

  private conflict(node: NameNode, need: string, because: string, found: TypeVariable): void {
    const use = `${need} (${because})`;
    reportConflict(node.span, this.nameOf(node), use, found, this.scope.sourceName, this.report);
  }

  protected infer(node: Node, place: Place): TypeVariable {
    const variable = this.inferNode(node, place);
    this.types.set(node, variable);
    return variable;
  }

  private inferNode(node: Node, place: Place): TypeVariable {
    switch (node.kind) {
      case "number":
        return new TypeVariable("double", this.because("a number beside it"));
      case "string":
        return new TypeVariable("string", this.because("a text beside it"));
      case "boolean":
        return new TypeVariable("boolean", this.because("TRUE or FALSE beside it"));
      case "bytes":
        return new TypeVariable("bytes", this.because("bytes beside it"));
      case "cast":
        checkCast(node, this.infer(node.value, place), this.report);
        return new TypeVariable(node.to, this.because("CAST"));
      case "null":
        return new TypeVariable();
      case "interval":
        return refuseInterval(node.span, this.report);
      case "name":
        return this.inferName(node, place);
      case "unary": {
        if (node.operator === "-") return this.numbers([node.argument], place, node.operator);
        this.want(node.argument, "boolean", place, node.operator);
        return new TypeVariable("boolean", this.because(node.operator));
      }
      case "binary":
        return this.inferBinary(node, place);
      case "between":
        this.ordered([node.value, node.low, node.high], place, "BETWEEN");
        return new TypeVariable("boolean", this.because("BETWEEN"));
      case "in":
        this.sameTypes([node.value, ...node.list], place, "IN");
        return new TypeVariable("boolean", this.because("IN"));
      case "like":
        this.want(node.value, "string", place, "LIKE");
        checkLike(node, this.report);
        return new TypeVariable("boolean", this.because("LIKE"));
      case "isNull":
        this.infer(node.value, place);
        return new TypeVariable("boolean", this.because("IS NULL"));
      case "case":
        return this.inferCase(node, place);
      case "call":
        return this.inferCall(node, place);
    }
  }

  private inferName(node: NameNode, place: Place): TypeVariable {
    const name = this.nameOf(node);
    if (this.windowed && WINDOW_COLUMNS.includes(name)) {
      const inRecords = "it stands in SELECT, GROUP BY and HAVING";
      const unnamed = "as in Flink: GROUP BY …, window_start, window_end, window_time";
      if (place !== "result") this.report("MR210", node.span, `${name} is no column of a record`, inRecords);
      else if (name === "window_time" && !this.bounds.has(name))
        this.report("MR210", node.span, "window_time is not in GROUP BY", unnamed);
      return new TypeVariable("instant");
    }
    const column = this.resolve(node);
    if (column === null) return new TypeVariable();
    const { groupBy, window } = this.statement;
    const loose =
      place === "result" && !this.keys.includes(column.index) && (groupBy !== null || window === null);
    if (loose && !this.told.has(node)) reportLoose(node.span, name, column.variable.type, this.report);
    return column.variable;
  }

  private inferBinary(node: Extract<Node, { kind: "binary" }>, place: Place): TypeVariable {
    const { operator, left, right } = node;
    if (NUMERIC.has(operator)) return this.numbers([left, right], place, operator);
    if (operator === "||") return this.text([left, right], ["string"], place, operator);
    if (operator === "AND" || operator === "OR") {
      this.want(left, "boolean", place, operator);
      this.want(right, "boolean", place, operator);
      return new TypeVariable("boolean", this.because(operator));
    }
    if (operator === "=" || operator === "<>") this.sameTypes([left, right], place, operator);
    else this.ordered([left, right], place, operator);
    return new TypeVariable("boolean", this.because(operator));
  }

  /** Numbers: BIGINT when all of them are, else DOUBLE, which a BIGINT among them becomes. */
  private numbers(nodes: Node[], place: Place, what: string): TypeVariable {
    return this.numbersOf(
      nodes,
      nodes.map((node) => this.infer(node, place)),
      what,
    );
  }

  private numbersOf(nodes: Node[], found: TypeVariable[], what: string): TypeVariable {
    const double = (node: Node, variable: TypeVariable): void =>
      this.unify(node, variable, new TypeVariable("double", this.because(what)), what);
    return new TypeVariable(numberType(nodes, found, this.types, double), this.because(what));
  }

  /** What a text is made of. */
  private text(nodes: Node[], takes: Type[], place: Place, what: string): TypeVariable {
    nodes.forEach((node, index) => {
      const type = takes[index] ?? takes.at(-1)!;
      const found = this.infer(node, place);
      if (type === "bigint" && makeWhole(node, this.types)) return;
      this.unify(node, found, new TypeVariable(type, this.because(what)), what);
    });
    return new TypeVariable("string", this.because(what));
  }

  private sameTypes(nodes: Node[], place: Place, what: string): TypeVariable {
    const first = new TypeVariable();
    const inferred = nodes.map((node) => this.infer(node, place));
    if (hasBigint(inferred)) return this.numbersOf(nodes, inferred, what);
    // Columns come last, so that a column and not the literal is named when they differ.
    const order = nodes
      .map((_, index) => index)
      .sort((a, b) => Number(nodes[a]!.kind === "name") - Number(nodes[b]!.kind === "name"));
    for (const index of order) this.unify(nodes[index]!, inferred[index]!, first, what);
    return first;
  }

  /** Operands of `<` and its like: numbers, or times. */
  private ordered(nodes: Node[], place: Place, what: string): void {
    const variable = this.sameTypes(nodes, place, what);
    if (variable.type === null) variable.unify(new TypeVariable("double", this.because(what)));
    const node = nodes.find((each) => each.kind === "name") ?? nodes[0]!;
    checkOrdered(node, variable.type, what, this.report);
  }

  private inferCase(node: Extract<Node, { kind: "case" }>, place: Place): TypeVariable {
    if (node.subject === null)
      for (const branch of node.branches) this.want(branch.when, "boolean", place, "WHEN");
    else this.sameTypes([node.subject, ...node.branches.map((branch) => branch.when)], place, "CASE");
    const values = node.branches.map((branch) => branch.then);
    return this.sameTypes(node.otherwise === null ? values : [...values, node.otherwise], place, "CASE");
  }

  private inferCall(node: CallNode, place: Place): TypeVariable {
    if (isContextFunction(node.name)) {
      if (node.name === "IN_RANGE" && place !== "result") this.numbers(node.arguments, place, node.name);
      else for (const argument of node.arguments) this.infer(argument, "aggregate").lean();
      return new TypeVariable(checkContext(node, this, place, this.report), this.because(node.name));
    }
    const only = `${node.name}(DISTINCT …) is not in the subset`;
    if (node.distinct && node.name !== "COUNT")
      this.report("MR208", node.span, only, "only COUNT takes DISTINCT");
    if (isInterpolate(node)) {
      if (checkInterpolate(node, this.inItems, this.statement, this.report))
        this.want(node.arguments[0]!, "double", "record", node.name);
      return new TypeVariable("double", this.because(node.name));
    }
    if (PARTIAL_FUNCTIONS.includes(node.name)) return this.inferPartial(node, place);
    const operator = operatorOf(this.statement, node);
    if (operator !== undefined) return this.inferOperator(node, operator, place);
    const aggregate = Object.hasOwn(AGGREGATES, node.name) ? AGGREGATES[node.name] : undefined;
    if (aggregate !== undefined)
      return this.inferAggregate(node, placeOfCall(node, place, this.inItems, this.report), aggregate);
    if (node.over !== null && scalarOf(node) !== undefined)
      this.report("MR208", node.over.span, `${node.name} with OVER`, "OVER takes aggregates");
    const scalar = scalarOf(node);
    if (scalar === undefined) {
      for (const argument of node.arguments) this.infer(argument, "aggregate");
      unknownFunction(node, this.report);
      return new TypeVariable();
    }
    if (!checkArguments(node, scalar, this.report)) {
      for (const argument of node.arguments) this.infer(argument, place);
      return new TypeVariable("double", this.because(node.name));
    }
    if (scalar.takes !== undefined) return this.text(node.arguments, scalar.takes, place, node.name);
    if (scalar.operator === "coalesce") return this.sameTypes(node.arguments, place, node.name);
    const numbers = this.numbers(node.arguments, place, node.name);
    return scalar.whole === undefined ? new TypeVariable("double", this.because(node.name)) : numbers;
  }

  private inferPartial(node: CallNode, place: Place): TypeVariable {
    const at = placeOfCall(node, place, this.inItems, this.report);
    if (at !== "result") refuseAggregate(node, this.inItems, this.statement, this.report);
    const inside = insideOf(node, at, this.window, this.report);
    for (const argument of node.arguments) this.infer(argument, inside);
    return new TypeVariable(typeOfPartial(node, this, this.report), this.because(node.name));
  }

  private inferOperator(node: CallNode, word: OperatorWord, place: Place): TypeVariable {
    const byTime = isByTime(this.statement, node);
    if (byTime && place === "record") placeOfCall(node, place, this.inItems, this.report);
    const overResults = !byTime && (place === "result" || (this.over && this.inItems && place === "record"));
    checkOperator(node, word, overResults, this.statement, this.report);
    if (byTime && place !== "record")
      this.report("MR210", node.over!.span, `${node.name} by event time inside another call`, BY_ARRIVAL);
    for (const name of specOf(this.statement, node.over)?.partition ?? [])
      this.checkKeyColumn(name, "PARTITION BY");
    const inside = overResults ? "aggregate" : place;
    const values = valuesOf(node, word);
    const kind = word.takes[0];
    const common = values.length > 1 ? this.sameTypes(values, inside, node.name) : null;
    for (const value of values) {
      if (kind === "value") this.anyValue(value, node.name, inside);
      else if (kind === "boolean") this.want(value, kind, inside, node.name);
      else this.numbers([value], inside, node.name);
    }
    if (word.result !== "argument") return new TypeVariable(word.result, this.because(node.name));
    return common ?? (values.length > 0 ? this.types.get(values[0]!)! : new TypeVariable());
  }

  private inferAggregate(node: CallNode, place: Place, aggregate: AggregateWord): TypeVariable {
    const result = new TypeVariable(resultType(aggregate), this.because(node.name));
    const inferArguments = (): TypeVariable => {
      for (const argument of node.arguments) this.infer(argument, "aggregate");
      return result;
    };
    if (place !== "result") {
      if (place === "aggregate")
        this.report("MR210", node.span, `${node.name} inside another aggregate`, "aggregates do not nest");
      else refuseAggregate(node, this.inItems, this.statement, this.report);
      return inferArguments();
    }
    if (node.star) {
      if (aggregate.name !== "count")
        this.report("MR205", node.span, "only COUNT takes *", `${node.name}(column)`);
      return new TypeVariable("double", this.because(node.name));
    }
    if (node.arguments.length !== aggregate.takes.length) {
      this.report("MR205", node.span, arityMessage(node.name, aggregate), aggregateHint(aggregate));
      return inferArguments();
    }
    aggregate.takes.forEach((kind, index) => {
      const argument = node.arguments[index]!;
      if (kind === "boolean") this.want(argument, kind, "aggregate", node.name);
      else if (kind === "double" || kind === "numeric") this.numbers([argument], "aggregate", node.name);
      else if (kind === "value") this.anyValue(argument, node.name, "aggregate");
      else this.infer(argument, "aggregate");
    });
    checkConstants(node, aggregate, this.report);
    return aggregate.result === "argument" ? this.types.get(node.arguments[0]!)! : result;
  }

  /** Any value but a time; a DOUBLE when no use tells. */
  private anyValue(node: Node, what: string, place: Place): void {
    checkValue(node, this.types.get(node) ?? this.infer(node, place), what, this.report);
  }
}
