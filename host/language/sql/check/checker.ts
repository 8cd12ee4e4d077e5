// Checks a statement in the scope of its source, clause by clause: names, types, what may stand where. Reports every
// problem of the statement. When all pipelines of the source were checked `build` makes the plan.
// Portable: imports core types, syntax, scope, the rules.
import { type PipelinePlan, isRaster } from "../../../core/plan/plan.ts";
import { zonePlan } from "../../zones.ts";
import { type PipelineOptions, WINDOW_COLUMNS, buildPipeline } from "./build.ts";
import { checkEndless, checkLengthless, hasAggregates } from "./rules/aggregate.ts";
import { refuseAliases } from "./rules/aliases.ts";
import { checkArrays, checkInstants } from "./rules/values.ts";
import { checkBesideResample } from "./rules/resample.ts";
import { checkBounds, checkPartition, checkResample, checkStar, checkWindow } from "./rules/window.ts";
import { checkPartialColumns } from "../partials/check.ts";
import type { Scope } from "./scope.ts";
import type { NameNode, Node, Statement } from "../syntax/tree.ts";
import { checkSpec, theirSpec } from "./rules/over.ts";
import { columnNames } from "../syntax/walk.ts";
import type { Report } from "../report.ts";
import { ExpressionChecker } from "./expressions.ts";

export class StatementChecker extends ExpressionChecker {
  /** A result stands for several records: of a window, or of all of a key. */
  private readonly grouped: boolean;
  private readonly emits: boolean;

  /** `emits`: results come out before their windows close, so that there may be none. */
  constructor(statement: Statement, scope: Scope, pipelineName: string, emits: boolean, report: Report) {
    super(statement, scope, pipelineName, report);
    this.emits = emits;
    this.grouped =
      statement.resample === null &&
      (this.windowed || statement.groupBy !== null || (!this.over && hasAggregates(statement)));
  }

  /** Infers types and reports every problem of the statement. Fields come in the order of their first use. */
  check(): void {
    const { statement } = this;
    for (const { column } of columnNames(statement)) {
      if (!WINDOW_COLUMNS.includes(column)) this.scope.column(column);
    }
    if (statement.window !== null) this.window = checkWindow(statement.window, this.scope, this.report);
    this.checkOver();
    this.checkGroupBy();
    this.checkItems();
    if (statement.where !== null) {
      refuseAliases(statement.where, "WHERE", this, this.told, this.report);
      this.want(statement.where, "boolean", "record", "WHERE");
    }
    if (statement.having !== null) {
      if (this.grouped) {
        refuseAliases(statement.having, "HAVING", this, this.told, this.report);
        this.want(statement.having, "boolean", "result", "HAVING");
      } else
        this.report("MR210", statement.having.span, "HAVING without GROUP BY", "filter records with WHERE");
    }
    checkInstants(this, this.report);
    checkArrays(this, this.report);
    checkPartialColumns(this, this.grouped || this.over, this.report);
  }

  /** The plan of the pipeline; only after a check without errors of every pipeline of the source. */
  build({ emission, sessionMaxNs, carry, zone }: PipelineOptions): PipelinePlan {
    if (this.window?.kind === "session") this.window = { ...this.window, maxNs: sessionMaxNs };
    if (isRaster(this.window) && zone !== null) this.window = { ...this.window, zone: zonePlan(zone) };
    return buildPipeline(this, this.pipelineName, emission, carry);
  }

  /** Aggregates with OVER make rows: one for each record, over the records of its key before it. */
  private checkOver(): void {
    const { resample } = this.statement;
    if (resample !== null) {
      checkBesideResample(this.statement, this.report);
      this.window = checkResample(resample, this.scope, this.report);
      for (const node of resample.partition?.columns ?? []) this.checkKey(node, "PARTITION BY");
    }
    const spec = theirSpec(this.statement, this.report);
    if (spec === null) return;
    for (const node of spec.partition) this.checkKey(node, "PARTITION BY");
    const nameOf = (node: NameNode): string => this.nameOf(node);
    this.window = checkSpec(spec, this.statement, this.scope.timeName, nameOf, this.report);
  }

  private checkGroupBy(): void {
    const { groupBy, window } = this.statement;
    if (window === null) {
      if (!this.over) this.checkRunning();
      return;
    }
    if (groupBy === null) {
      const hint =
        "add GROUP BY window_start, window_end (and the key columns): a result stands for a window of a key";
      this.report("MR210", window.nameSpan, "a window without GROUP BY", hint);
      return;
    }
    for (const node of groupBy.nodes) this.checkKey(node);
    checkBounds(groupBy.span, this.bounds, this.report);
    if (window.descriptor === null) checkLengthless(this.statement, this.report);
    if (window.kind === "SESSION" || window.descriptor === null) {
      const named = (window.partition?.columns ?? []).map((node) => this.resolve(node)?.index ?? null);
      checkPartition(window, named, this, groupBy.span, this.report);
    }
  }

  /** GROUP BY or aggregates without a window: all records of a key, which no watermark ends. */
  private checkRunning(): void {
    const { groupBy } = this.statement;
    if (!this.grouped) return;
    this.window = { kind: "running" };
    for (const node of groupBy?.nodes ?? []) this.checkKey(node);
    checkEndless(this.statement, this.emits, this.report);
  }

  private checkKey(node: Node, clause = "GROUP BY"): void {
    if (node.kind !== "name") {
      this.report("MR210", node.span, `${clause} takes columns only`, "a computed key is not in the subset");
      return;
    }
    const name = this.nameOf(node);
    if (this.windowed && WINDOW_COLUMNS.includes(name)) {
      this.bounds.add(name);
      return;
    }
    const column = this.checkKeyColumn(node, clause);
    if (column !== null && !this.keys.includes(column.index)) this.keys.push(column.index);
  }

  private checkItems(): void {
    const { items, itemsSpan } = this.statement;
    if (items === null) {
      const what = this.grouped ? (this.windowed ? "a window" : "GROUP BY") : null;
      checkStar(itemsSpan, what, this.scope, this.report);
      return;
    }
    const names = new Set<string>();
    items.forEach((item, index) => {
      this.inItems = true;
      this.infer(item.expression, this.grouped ? "result" : "record");
      this.inItems = false;
      const name = this.outputName(index);
      if (names.has(name)) {
        const span = item.alias?.span ?? item.expression.span;
        this.report("MR215", span, `two columns named "${name}"`, "give one of them another name with AS");
      }
      names.add(name);
    });
  }

  /** As in Flink: the alias, else the column's own name, else EXPR$ and the item's place from 0. */
  outputName(index: number): string {
    const { alias, expression } = this.statement.items![index]!;
    if (alias !== null) return alias.name;
    return expression.kind === "name" ? expression.parts.at(-1)! : `EXPR$${index}`;
  }
}
