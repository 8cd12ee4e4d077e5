// The columns that the pipelines of one source see: topic columns, the time, fields as declared or as they
// are used first. One scope is shared by all pipelines of a source, so that they share columns and their
// types. Portable: imports core types.
import type { ColumnPlan, PartialPlan, Type } from "../../../core/plan/plan.ts";
import { suggestion } from "../../suggest.ts";
import type { ContextDraft } from "../../file/messages/context.ts";
import type { NameNode, Statement } from "../syntax/tree.ts";
import { TypeVariable } from "./types.ts";

export interface ScopeColumn {
  name: string;
  index: number;
  from: ColumnPlan["from"];
  path: string[];
  declared: boolean;
  variable: TypeVariable;
  /** Of type `partial`: what its partials are of. */
  partial?: PartialPlan;
}

export interface TimeName {
  name: string;
  path: string[];
}

/** What else a source says of its columns. */
export interface ScopeOptions {
  /** How often a stream of the source has a record; null when it does not say. */
  everyNs?: bigint | null;
  /** STRING columns that it has besides those declared. */
  texts?: readonly string[];
  /** Type of fields that are not declared, and why; without it that follows from their use. */
  others?: { type: Type; because: string };
  /** What the columns of type `partial` are of. */
  partials?: ReadonlyMap<string, PartialPlan>;
  /** Columns that are there and cannot be read: ARRAYs of another pipeline. */
  arrays?: readonly string[];
  /** It is of another pipeline's results. */
  pipeline?: boolean;
  /** What it says of its streams. */
  context?: ContextDraft | null;
}

export class Scope {
  readonly sourceName: string;
  readonly columns: ScopeColumn[] = [];
  /** `fields:` was given: other names are errors. */
  readonly closed: boolean;
  readonly timeName: string;
  /** How often a stream of the source has a record; null when it does not say. */
  readonly everyNs: bigint | null;
  readonly context: ContextDraft | null;
  /** It is of another pipeline's results. */
  readonly ofPipeline: boolean;
  /** Properties that some statement asks for. */
  readonly properties = new Set<string>();

  private readonly given: [string, string[], TimeName, Map<string, Type> | null, ScopeOptions];

  /** `fields` are the declared ones, null when any field goes. */
  constructor(
    sourceName: string,
    topicColumns: string[],
    time: TimeName,
    fields: Map<string, Type> | null,
    options: ScopeOptions = {},
  ) {
    this.given = [sourceName, topicColumns, time, fields, options];
    this.everyNs = options.everyNs ?? null;
    this.context = options.context ?? null;
    this.ofPipeline = options.pipeline === true;
    this.sourceName = sourceName;
    this.closed = fields !== null;
    this.timeName = time.name;
    const declare = (name: string, from: ColumnPlan["from"], path: string[], type: Type): void => {
      this.add(name, from, path, new TypeVariable(type), true);
    };
    for (const name of topicColumns) declare(name, "topic", [], "string");
    declare(time.name, "time", time.path, "instant");
    for (const name of options.texts ?? []) declare(name, "field", [name], "string");
    for (const [name, type] of fields ?? [])
      if (!this.find(name)) declare(name, "field", name.split("."), type);
  }

  /** A scope of the same source in which nothing was used yet. */
  empty(): Scope {
    return new Scope(...this.given);
  }

  private add(
    name: string,
    from: ColumnPlan["from"],
    path: string[],
    variable: TypeVariable,
    declared: boolean,
  ): ScopeColumn {
    const partial = this.given[4].partials?.get(name);
    const column: ScopeColumn = { name, index: this.columns.length, from, path, declared, variable };
    if (partial !== undefined) column.partial = partial;
    this.columns.push(column);
    return column;
  }

  find(name: string): ScopeColumn | undefined {
    return this.columns.find((column) => column.name === name && column.from !== "context");
  }

  /** The column of a name; a field is added at its first use unless `fields:` closes the list. */
  column(name: string): ScopeColumn | null {
    const known = this.find(name);
    if (known !== undefined || this.closed) return known ?? null;
    const { others } = this.given[4];
    const variable = new TypeVariable(others?.type ?? null, others?.because);
    return this.add(name, "field", name.split("."), variable, false);
  }

  /** Why there is no column of a name, and what helps. */
  whyNot(name: string): { message: string; hint: string } {
    if (this.given[4].arrays?.includes(name))
      return {
        message: `"${name}" is an ARRAY, which no pipeline reads`,
        hint: "compute it here, from single values",
      };
    return { message: `unknown column "${name}"`, hint: suggestion(name, this.names, "columns") };
  }

  /** The column of what a stream's context says, new at its first use; SQL has no name for it but its function. */
  contextColumn(name: string, type: Type): ScopeColumn {
    const known = this.columns.find((column) => column.name === name && column.from === "context");
    return known ?? this.add(name, "context", [], new TypeVariable(type), true);
  }

  /** Columns that tell streams apart: those of the topic, or what `context` of a file says. */
  get streamColumns(): ScopeColumn[] {
    const topic = this.columns.filter(({ from }) => from === "topic");
    return topic.length > 0 ? topic : (this.context?.keys ?? []).flatMap(({ name }) => this.find(name) ?? []);
  }

  get names(): string[] {
    return this.columns.filter(({ from }) => from !== "context").map(({ name }) => name);
  }

  /** The columns with their settled types. */
  plan(): ColumnPlan[] {
    return this.columns.map((column) => ({
      name: column.name,
      type: column.variable.settled,
      from: column.from,
      path: column.path,
      ...(column.partial === undefined ? {} : { partial: column.partial }),
      numberAsText: !column.declared && column.variable.settled === "string",
    }));
  }
}

/** A column's name without the source's name or alias in front. */
export function unqualified({ parts }: NameNode, { alias, source }: Statement, scope: Scope): string {
  const table = alias ?? source.name;
  const qualified = parts.length > 1 && parts[0] === table && scope.find(parts.join(".")) === undefined;
  return (qualified ? parts.slice(1) : parts).join(".");
}
