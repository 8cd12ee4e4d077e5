// From the SQL of a file's pipelines to plans: parses each statement, checks it in the scope of its source,
// and builds one plan for each source that is read. Portable: imports the SQL side, core.
import { planFaults } from "../core/plan/plan-limits.ts";
import type { ColumnPlan, Limits, PipelinePlan, Plan } from "../core/plan/plan.ts";
import { aggregateType, isArray } from "../core/plan/plan.ts";
import { contextPlan } from "./file/messages/context.ts";
import { checkCarry, checkEmission } from "./file/emission.ts";
import { checkPlaces, placedColumns } from "./file/messages/layout.ts";
import { READER_KEYS, type ReaderClocks, reorderPlan } from "./file/clocks.ts";
import type { SourceDraft } from "./file/source.ts";
import { checkZone } from "./file/zone.ts";
import {
  type Chained,
  byClocks,
  chainedSource,
  readableOf,
  reportCircles,
  warnFewerColumns,
  warnOverlap,
} from "./readers.ts";
import type { PipelineOptions } from "./sql/check/build.ts";
import { StatementChecker } from "./sql/check/checker.ts";
import type { Report } from "./sql/report.ts";
import type { Scope } from "./sql/check/scope.ts";
import { parseWith } from "./sql/syntax/parse.ts";
import type { Statement } from "./sql/syntax/tree.ts";
import { typeName } from "./sql/check/types.ts";
import { unknownFunction } from "./sql/check/rules/function.ts";
import { columnNames, nodesOf } from "./sql/syntax/walk.ts";
import { isKnownFunction } from "./sql/words.ts";
import { suggestion } from "./suggest.ts";
import type { Section } from "./yaml/section.ts";
import { type Place, type Text, placeIn } from "./yaml/text.ts";

/** A pipeline whose SQL is to be compiled. */
export interface PipelineDraft extends PipelineOptions {
  name: string;
  section: Section;
  /** Its SQL with the place of each character in the file; null when there is none. */
  sql: Text | null;
  /** How it takes the results of another pipeline, if it reads one. */
  clocks: ReaderClocks;
}

/** A pipeline with its place among the plans; `plan` is null when its SQL or its source has problems. */
export interface CompiledPipeline {
  draft: PipelineDraft;
  /** The source at the root of what it reads; empty when there is none. */
  source: string;
  /** What stands in FROM: a source or a pipeline. */
  reads: string;
  plan: PipelinePlan | null;
}

export interface Compiled {
  pipelines: CompiledPipeline[];
  /** One for each source, in order; null for one that no pipeline reads, or with problems. */
  plans: (Plan | null)[];
}

interface Parsed {
  draft: PipelineDraft;
  statement: Statement | null;
  report: Report;
  /** False after a problem of its own. */
  fine: boolean;
  checker: StatementChecker | null;
}

/** All names of the file that FROM may meet. */
export interface KnownNames {
  sources: string[];
  pipelines: string[];
}

/** Compiles every pipeline; every problem of every statement is reported in its section's file. */
export function compile(
  sources: SourceDraft[],
  drafts: PipelineDraft[],
  known: KnownNames,
  limits: Limits,
  ofSources: SourceLimits,
): Compiled {
  const parsed = drafts.map(parse);
  const rooted = reportCircles(parsed, known.sources);
  for (const one of parsed) if (one.statement !== null) checkFrom(one, one.statement, sources, known);
  const plans = sources.map((source) => compileSource(source, parsed, known, limits, ofSources));
  // Of the names in what has no source functions alone can be judged.
  for (const { statement, checker, report } of parsed) {
    if (statement === null || checker !== null) continue;
    for (const node of nodesOf(statement))
      if (node.kind === "call" && !isKnownFunction(node.name)) unknownFunction(node, report);
  }
  const pipelines = parsed.map(({ draft, statement }): CompiledPipeline => {
    const source = rooted(draft.name);
    const plan = plans.find((candidate) => candidate?.source.name === source);
    return {
      draft,
      source,
      reads: statement?.source.name ?? "",
      plan: plan?.pipelines.find((candidate) => candidate.name === draft.name) ?? null,
    };
  });
  return { pipelines, plans };
}

function parse(draft: PipelineDraft): Parsed {
  const place = draft.sql === null ? null : reporter(draft.section, draft.sql);
  const one: Parsed = {
    draft,
    statement: null,
    fine: true,
    checker: null,
    report: (code, span, message, hint) => {
      one.fine = false;
      place!(code, span, message, hint);
    },
  };
  if (draft.sql !== null)
    one.statement = parseWith(draft.sql.value, one.report, (parser) => parser.statement());
  return one;
}

/** The plan of a source with all pipelines that read it, or that read such ones; null with problems, or without any. */
function compileSource(
  source: SourceDraft,
  parsed: Parsed[],
  known: KnownNames,
  limits: Limits,
  ofSources: SourceLimits,
): Plan | null {
  const built: { one: Parsed; plan: PipelinePlan }[] = [];
  const chained: Chained[] = [];
  let fine = true;
  const take = (own: Parsed[], scope: Scope, from: number | null): void => {
    for (const one of own) check(one, scope, source);
    if (own.some((one) => !one.fine)) fine = false;
    if (from === null && fine) fine = independent(source, own);
    if (!fine) return;
    for (const { checker, draft } of own) {
      const plan = checker!.build({ ...draft, zone: zoneOf(draft, source) });
      built.push({
        one: parsed.find((one) => one.draft === draft)!,
        plan: from === null ? plan : { ...plan, from },
      });
    }
    for (const one of own) {
      const readers = parsed.filter(({ statement }) => statement?.source.name === one.draft.name);
      if (readers.length === 0 || known.sources.includes(one.draft.name)) continue;
      const plan = built.find((candidate) => candidate.one === one)!.plan;
      const readable = readableOf(one.draft.name, one.statement!, plan, scope);
      if ("message" in readable) {
        for (const { statement, report } of readers)
          report("MR219", statement!.source.span, readable.message, readable.hint);
        fine = false;
        continue;
      }
      for (const group of byClocks(readers)) {
        const place =
          chained.push({ upstream: one.draft.name, ...readable, clocks: group[0]!.draft.clocks }) - 1;
        take(group, readable.scope, place);
      }
    }
  };
  const own = parsed.filter(({ statement }) => statement?.source.name === source.name);
  if (own.length === 0) return null;
  take(own, source.scope, null);
  if (!fine) return null;
  warnOpenTypes(source, own);
  const { columns, ...context } = withContext(source, columnsOf(source), ofSources.streams);
  if (source.layout !== null && !checkPlaces(source.section, columns, source.layout)) return null;
  const inOrder = built.toSorted((a, b) => parsed.indexOf(a.one) - parsed.indexOf(b.one));
  const plan = {
    source: {
      ...source.plan,
      columns,
      ...context,
      ...(source.reorder === null
        ? {}
        : { reorder: reorderPlan(source.reorder, source.plan.clock, source.scope, ofSources.held) }),
    },
    pipelines: inOrder.map((one) => one.plan),
    limits,
  };
  const names = plan.pipelines.map(({ name }) => name);
  const whole =
    chained.length === 0
      ? plan
      : { ...plan, chained: chained.map((one) => chainedSource(one, names.indexOf(one.upstream))) };
  const ordered = inOrder.map(({ one }) => one.draft);
  warnFewerColumns(whole, ordered);
  warnOverlap(whole, ordered);
  return fitting(
    source,
    inOrder.map(({ one }) => one.draft),
    whole,
  );
}

/** Checks what a pipeline reads, and its keys that only go with a source or with a pipeline there. */
function checkFrom(one: Parsed, statement: Statement, sources: SourceDraft[], known: KnownNames): void {
  const { section } = one.draft;
  const { name, span } = statement.source;
  const isPipeline = known.pipelines.includes(name) && !known.sources.includes(name);
  if (!isPipeline && !known.sources.includes(name) && known.sources.length > 0) {
    const others = known.pipelines.filter((other) => other !== one.draft.name);
    const words = others.length === 0 ? "sources" : "sources and pipelines";
    one.report(
      "MR213",
      span,
      `unknown source "${name}"`,
      suggestion(name, [...known.sources, ...others], words),
    );
  }
  for (const key of isPipeline ? [] : READER_KEYS) {
    if (!section.has(key)) continue;
    const hint = sources.some((source) => source.name === name) ? `put it under source "${name}"` : "";
    section.error("MR113", section.keyPlace(key), `"${key}" of a pipeline that reads a source`, hint);
  }
}

/** Checks a statement in the scope of what it reads; `source` is at the root of that. */
function check(one: Parsed, scope: Scope, source: SourceDraft): void {
  const { draft } = one;
  const statement = one.statement!;
  if (draft.sessionMaxNs !== null && statement.window?.kind !== "SESSION") {
    one.fine = false;
    const message = "`session_max` without a SESSION window";
    draft.section.error("MR113", draft.section.keyPlace("session_max"), message, "it bounds sessions only");
  }
  one.checker = new StatementChecker(
    statement,
    scope,
    draft.name,
    draft.emission.emit.kind !== "final",
    one.report,
  );
  one.checker.check();
  if (!checkEmission(draft.section, draft.emission, one.checker.window)) one.fine = false;
  const zone = zoneOf(draft, source);
  if (!checkZone(draft.section, zone, one.checker.window, statement.window, one.report)) one.fine = false;
}

/** A pipeline goes before the source at its root; UTC is what a plan without a zone means. */
function zoneOf(draft: PipelineDraft, source: SourceDraft): string | null {
  const zone = draft.zone ?? source.zone;
  return zone === "UTC" ? null : zone;
}

/** Reports problems of a statement at their place in the file. */
function reporter(section: Section, sql: Text): Report {
  return (code, span, message, hint) =>
    section.error(code, placeIn(sql, span.offset, span.length), message, hint);
}

/** Bounds of what sources keep besides their keys. */
export interface SourceLimits {
  /** Streams of which context is kept. */
  streams: number;
  /** Records that wait to be put in order. */
  held: number;
}

/** Streams are kept only where context comes in, or where SQL asks for it. */
function withContext(
  { context, scope }: SourceDraft,
  columns: ColumnPlan[],
  streams: number,
): Pick<Plan["source"], "columns" | "context"> {
  if (context === null || !context.live) return { columns };
  return contextPlan(context, columns, [...scope.properties], streams);
}

/** CSV has no nesting: a dotted name is the name of one column. */
function columnsOf(source: SourceDraft): ColumnPlan[] {
  const columns = source.scope.plan();
  if (source.layout !== null) return placedColumns(columns, source.layout, source.plan.format);
  if (source.plan.format !== "csv") return columns;
  return columns.map((column) => (column.from === "field" ? { ...column, path: [column.name] } : column));
}

/** A column of which nothing says the type is read as DOUBLE: a text in it would become NULL. */
function warnOpenTypes(source: SourceDraft, own: Parsed[]): void {
  for (const column of source.scope.columns) {
    if (!column.variable.open) continue;
    const user = own.find(({ statement }) =>
      columnNames(statement!).some((name) => name.column === column.name),
    );
    if (user === undefined) continue;
    const hint = `if it is not, declare it in source "${source.name}": fields: { ${column.name}: string }`;
    user.draft.section.warn(
      "MR122",
      firstUse(user, column.name),
      `nothing tells the type of "${column.name}": it is read as a number`,
      hint,
    );
  }
}

/** Where a pipeline names a column first. */
function firstUse({ draft, statement }: Parsed, column: string): Place {
  const { span } = columnNames(statement!).find((name) => name.column === column)!;
  return placeIn(draft.sql!, span.offset, span.length);
}

/**
 * A pipeline's results may not depend on which others are in the file: the types that it gives its columns
 * alone must be those that all pipelines of the source give them together. Reports where they are not.
 */
function independent(source: SourceDraft, own: Parsed[]): boolean {
  let fine = true;
  for (const one of own.length > 1 ? own : []) {
    const alone = source.scope.empty();
    new StatementChecker(one.statement!, alone, one.draft.name, true, () => undefined).check();
    for (const { name, variable, from } of alone.columns) {
      if (from === "context") continue;
      const together = source.scope.find(name)!.variable;
      if (together.settled === variable.settled) continue;
      fine = false;
      const before = variable.open
        ? `nothing tells the type of "${name}" here, and`
        : `"${name}" is ${typeName(variable.settled)} here, and`;
      const message = `${before} it is used as ${typeName(together.settled)} elsewhere (${together.reason})`;
      const hint = `declare its type under \`fields:\` of source "${source.name}"`;
      one.draft.section.error("MR207", firstUse(one, name), message, hint);
    }
  }
  return fine;
}

function fitting(source: SourceDraft, drafts: PipelineDraft[], plan: Plan): Plan | null {
  plan.pipelines.forEach((pipeline, index) => {
    if (drafts[index]!.carry) checkCarry(drafts[index]!.section, pipeline);
    const { aggregates, empty } = pipeline;
    const types = aggregates.map(aggregateType);
    const what = types.some(isArray) ? "an ARRAY" : types.includes("partial") ? "a partial" : null;
    if (empty !== "previous" || what === null) return;
    const { section } = drafts[index]!;
    const hint = "empty: emit brings out an empty one";
    section.error("MR113", section.valuePlace("empty"), `${what} is not carried on`, hint);
  });
  const faults = planFaults(plan);
  for (const { pipeline, message, hint = "spread them over several definitions" } of faults) {
    const { section } = pipeline === null ? source : drafts[pipeline]!;
    section.error("MR116", section.place, message, hint);
  }
  return faults.length === 0 ? plan : null;
}
