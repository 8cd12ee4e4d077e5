// From the SQL of a file's pipelines to plans: parses each statement, checks it in the scope of its source,
// and builds one plan for each source that is read. Portable: imports the SQL side, core.
import { planFaults } from "../core/plan/plan-limits.ts";
import type { ColumnPlan, Limits, PipelinePlan, Plan } from "../core/plan/plan.ts";
import { aggregateType, isArray } from "../core/plan/plan.ts";
import { checkEmission } from "./file/emission.ts";
import { checkPlaces, placedColumns } from "./file/layout.ts";
import type { SourceDraft } from "./file/source.ts";
import { checkZone } from "./file/zone.ts";
import type { PipelineOptions } from "./sql/check/build.ts";
import { StatementChecker, type Report } from "./sql/check/checker.ts";
import { parseWith } from "./sql/syntax/parse.ts";
import type { Statement } from "./sql/syntax/tree.ts";
import { typeName } from "./sql/check/types.ts";
import { unknownFunction } from "./sql/check/unknown-function.ts";
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
}

/** A pipeline with its place among the plans; `plan` is null when its SQL or its source has problems. */
export interface CompiledPipeline {
  draft: PipelineDraft;
  source: string;
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
): Compiled {
  const broken = new Set<string>();
  const parsed = drafts.map((draft) => check(draft, sources, known, broken));
  const plans = sources.map((source) => {
    const own = parsed.filter(({ statement }) => statement?.source.name === source.name);
    if (own.length === 0 || broken.has(source.name) || !independent(source, own)) return null;
    warnOpenTypes(source, own);
    const columns = columnsOf(source);
    if (source.layout !== null && !checkPlaces(source.section, columns, source.layout)) return null;
    return fitting(source, own, {
      source: { ...source.plan, columns },
      pipelines: own.map(({ draft, checker }) => checker!.build({ ...draft, zone: zoneOf(draft, source) })),
      limits,
    });
  });
  const pipelines = parsed.map(({ draft, statement }): CompiledPipeline => {
    const source = statement?.source.name ?? "";
    const plan = plans.find((candidate) => candidate?.source.name === source);
    return {
      draft,
      source,
      plan: plan?.pipelines.find((candidate) => candidate.name === draft.name) ?? null,
    };
  });
  return { pipelines, plans };
}

function check(draft: PipelineDraft, sources: SourceDraft[], known: KnownNames, broken: Set<string>): Parsed {
  const none: Parsed = { draft, statement: null, checker: null };
  if (draft.sql === null) return none;
  let fine = true;
  const place = reporter(draft.section, draft.sql);
  const report: Report = (code, span, message, hint) => {
    fine = false;
    place(code, span, message, hint);
  };
  const statement = parseWith(draft.sql.value, report, (parser) => parser.statement());
  if (statement === null) return none;
  const source = sources.find((candidate) => candidate.name === statement.source.name);
  if (source === undefined) {
    unknownSource(statement, known, report);
    // Of the names in it functions alone can be judged without a source.
    for (const node of nodesOf(statement))
      if (node.kind === "call" && !isKnownFunction(node.name)) unknownFunction(node, report);
    return none;
  }
  if (draft.sessionMaxNs !== null && statement.window?.kind !== "SESSION") {
    fine = false;
    const message = "`session_max` without a SESSION window";
    draft.section.error("MR113", draft.section.keyPlace("session_max"), message, "it bounds sessions only");
  }
  const checker = new StatementChecker(
    statement,
    source.scope,
    draft.name,
    draft.emission.emit.kind !== "final",
    report,
  );
  checker.check();
  if (!checkEmission(draft.section, draft.emission, checker.window)) fine = false;
  const zone = zoneOf(draft, source);
  if (!checkZone(draft.section, zone, checker.window, statement.window, report)) fine = false;
  if (!fine) broken.add(source.name);
  return { draft, statement, checker };
}

/** A pipeline goes before its source; UTC is what a plan without a zone means. */
function zoneOf(draft: PipelineDraft, source: SourceDraft): string | null {
  const zone = draft.zone ?? source.zone;
  return zone === "UTC" ? null : zone;
}

/** Reports problems of a statement at their place in the file. */
function reporter(section: Section, sql: Text): Report {
  return (code, span, message, hint) =>
    section.error(code, placeIn(sql, span.offset, span.length), message, hint);
}

function unknownSource({ source }: Statement, known: KnownNames, report: Report): void {
  if (known.sources.includes(source.name) || known.sources.length === 0) return;
  if (known.pipelines.includes(source.name)) {
    const hint = `read a source: ${known.sources.join(", ")}`;
    report("MR209", source.span, "reading the results of another pipeline is not in this version", hint);
  } else {
    const hint = suggestion(source.name, known.sources, "sources");
    report("MR213", source.span, `unknown source "${source.name}"`, hint);
  }
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
    for (const { name, variable } of alone.columns) {
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

function fitting(source: SourceDraft, own: Parsed[], plan: Plan): Plan | null {
  plan.pipelines.forEach(({ aggregates, empty }, index) => {
    if (empty !== "previous" || !aggregates.some((aggregate) => isArray(aggregateType(aggregate)))) return;
    const { section } = own[index]!.draft;
    const hint = "empty: emit brings out an empty one";
    section.error("MR113", section.valuePlace("empty"), "an ARRAY is not carried on", hint);
  });
  const faults = planFaults(plan);
  for (const { pipeline, message } of faults) {
    const { section } = pipeline === null ? source : own[pipeline]!.draft;
    section.error("MR116", section.place, message, "spread them over several definitions");
  }
  return faults.length === 0 ? plan : null;
}
