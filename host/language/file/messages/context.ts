// What is known of a source's streams besides their records: `context: { topic, stream, parameters, properties }`. Says
// where it comes from and what holds before anything came; which parts of it are kept follows from the columns.
// Portable: imports core types, sections, scope.
import type { ColumnPlan, ContextCell, ContextPlan, TopicLevel } from "../../../core/plan/plan.ts";
import type { Scope } from "../../sql/check/scope.ts";
import { TypeVariable } from "../../sql/check/types.ts";
import { nearest, suggestion } from "../../suggest.ts";
import type { Section } from "../../yaml/section.ts";
import { type Place, placeIn } from "../../yaml/text.ts";
import { type TopicTemplate, parseTopicTemplate } from "../topic-template.ts";

/** What a parameter definition holds. */
export const PARAMETER_PARTS = ["unit", "min", "max", "format", "name"] as const;
export type ParameterPart = (typeof PARAMETER_PARTS)[number];
type Parameter = Partial<Record<ParameterPart, string | number>>;

export interface ContextDraft {
  /** Context comes in; else all of it stands in the definition. */
  live: boolean;
  /** Levels of the context topic; `column` counts in `keys`. */
  topic: TopicLevel[];
  /** What to subscribe to; null when context comes on no topic. */
  filter: string | null;
  /** The source's own topic has it as well. */
  covered: boolean;
  /** Names of the columns that tell streams apart. */
  keys: { name: string; place: Place }[];
  parameters: Map<string, Parameter>;
  properties: Map<string, string>;
}

/** Reads `context`; null when there is none. */
export function readContext(source: Section, topic: TopicTemplate | null): ContextDraft | null {
  const section = source.has("context") ? source.section("context") : null;
  if (section === null) return null;
  section.only(["topic", "stream", "parameters", "properties"]);
  if (section.keys.length === 0) {
    const hint = "topic, stream, parameters, properties";
    source.error("MR104", source.keyPlace("context"), "a context that says nothing", hint);
  }
  const mqtt = source.has("mqtt");
  const from = mqtt ? readTopic(section, topic) : readStream(section);
  return {
    live: section.has(mqtt ? "topic" : "stream"),
    topic: from?.levels ?? [],
    filter: from?.filter ?? null,
    covered: from?.covered ?? false,
    keys: from?.keys ?? [],
    parameters: readParameters(section),
    properties: readProperties(section),
  };
}

type From = Pick<ContextDraft, "keys" | "filter" | "covered"> & { levels: TopicLevel[] };

function readTopic(section: Section, topic: TopicTemplate | null): From | null {
  if (section.has("stream")) {
    const hint = "the columns of the context's topic tell streams apart";
    section.error("MR113", section.keyPlace("stream"), `"stream" belongs to a source with file`, hint);
  }
  const text = section.has("topic") ? section.text("topic") : null;
  if (text === null || !text.known) return null;
  const template = parseTopicTemplate(text.value);
  if ("message" in template) {
    section.error("MR109", placeIn(text, template.offset, template.length), template.message);
    return null;
  }
  if (topic === null) return null;
  for (const column of template.columns) {
    if (topic.columns.includes(column)) continue;
    const near = nearest(column, topic.columns);
    const hint =
      near === null ? `its columns: ${topic.columns.join(", ") || "none"}` : `did you mean ${near}?`;
    section.error("MR112", text, `the source's topic has no column "${column}"`, hint);
  }
  if (covers(template.levels, topic.levels)) {
    const hint = "give context a topic of its own: every record would be taken for context";
    section.error("MR109", text, "the context's topic is that of the records too", hint);
  }
  return {
    levels: template.levels,
    filter: template.filter,
    covered: covers(topic.levels, template.levels),
    keys: template.columns.map((name) => ({ name, place: text })),
  };
}

/** True when every topic that fits the other levels fits these. */
function covers(wide: TopicLevel[], narrow: TopicLevel[]): boolean {
  for (const [index, level] of wide.entries()) {
    if (level.kind === "rest") return true;
    const other = narrow[index];
    if (other === undefined || other.kind === "rest") return false;
    if (level.kind === "literal" && !(other.kind === "literal" && other.text === level.text)) return false;
  }
  return wide.length === narrow.length;
}

function readStream(section: Section): From {
  const none = { levels: [], filter: null, covered: false };
  if (section.has("topic")) {
    const hint = "`stream: COLUMN` lets JSON lines with a member `context` be context";
    section.error("MR113", section.keyPlace("topic"), "a file has no topics", hint);
  }
  if (!section.has("stream")) return { ...none, keys: [] };
  const names = section.texts("stream", "a column, or a list of them: [site, device]");
  return { ...none, keys: names.map((text) => ({ name: text.value, place: text })) };
}

function readParameters(section: Section): Map<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  const all = section.has("parameters") ? section.section("parameters") : null;
  for (const name of all?.keys ?? []) {
    const one = all!.section(name, `parameter "${name}"`);
    if (one === null) continue;
    one.only([...PARAMETER_PARTS]);
    const parameter: Parameter = {};
    for (const part of PARAMETER_PARTS) {
      if (!one.has(part)) continue;
      const text = one.text(part);
      if (text === null) continue;
      if (part !== "min" && part !== "max") parameter[part] = text.value;
      else if (
        /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text.value) &&
        Number.isFinite(Number(text.value))
      )
        parameter[part] = Number(text.value) + 0;
      else one.error("MR107", text, `"${text.value}" is no value of "${part}"`, "a number");
    }
    const { min, max } = parameter;
    if (min !== undefined && max !== undefined && min > max)
      one.error("MR107", one.valuePlace("max"), `the range of "${name}" is empty`, "min is at most max");
    parameters.set(name, parameter);
  }
  return parameters;
}

function readProperties(section: Section): Map<string, string> {
  const properties = new Map<string, string>();
  const all = section.has("properties") ? section.section("properties") : null;
  for (const name of all?.keys ?? []) {
    const text = all!.text(name);
    if (text !== null) properties.set(name, text.value);
  }
  return properties;
}

/** A file's streams are told apart by STRING columns, and parameters are fields. */
export function checkStream(section: Section, scope: Scope, context: ContextDraft, form: string): void {
  const [first] = context.keys;
  if (section.has("file") && first !== undefined && form !== "json" && form !== "events") {
    const hint = "lines of context are JSON, one a record";
    section.error("MR113", first.place, `"stream" in a file of ${form}`, hint);
  }
  for (const { name, place } of section.has("file") ? context.keys : []) {
    const column = scope.column(name);
    if (column === null)
      section.error("MR202", place, `unknown column "${name}"`, suggestion(name, scope.names, "columns"));
    else if (!column.variable.unify(new TypeVariable("string", "`stream` of the context")))
      section.error("MR112", place, `"${name}" is no STRING`, "streams are told apart by texts");
  }
  const fields = section.section("context")?.section("parameters");
  for (const name of scope.closed ? context.parameters.keys() : []) {
    if (scope.find(name)?.from === "field") continue;
    const hint = suggestion(name, scope.names, "columns");
    section.error("MR202", fields!.keyPlace(name), `unknown column "${name}"`, hint);
  }
}

/** Columns and what is kept of each stream, once the statements have said which columns there are. */
export function contextPlan(
  draft: ContextDraft,
  columns: ColumnPlan[],
  properties: string[],
  streams: number,
): { context: ContextPlan; columns: ColumnPlan[] } {
  const text = (name: string, path: string[], initial: string | null = null): ContextCell => ({
    name,
    type: "string",
    path,
    initial,
  });
  const cells: ContextCell[] = [
    text("STREAM_STATE()", ["state"]),
    text("STREAM_NAME()", ["name"]),
    text("STREAM_PARENT()", ["parent"]),
  ];
  for (const name of new Set([...draft.properties.keys(), ...properties]))
    cells.push(text(propertyName(name), ["properties", name], draft.properties.get(name) ?? null));
  for (const { name, from } of columns) {
    if (from !== "field") continue;
    const known = draft.parameters.get(name) ?? {};
    for (const part of PARAMETER_PARTS) {
      const type = part === "min" || part === "max" ? "double" : "string";
      const path = ["parameters", name, part];
      cells.push({ name: parameterName(part, name), type, path, initial: known[part] ?? null });
    }
  }
  return {
    context: {
      topic: draft.topic,
      keys: draft.keys.map((key) => columns.findIndex(({ name }) => name === key.name)),
      cells,
      streams,
    },
    columns: columns.map((column) =>
      column.from === "context"
        ? { ...column, cell: cells.findIndex(({ name }) => name === column.name) }
        : column,
    ),
  };
}

export const propertyName = (name: string): string => `PROPERTY('${name.replaceAll("'", "''")}')`;

const PART_NAMES: Record<ParameterPart, string> = {
  unit: "UNIT",
  min: "RANGE_MIN",
  max: "RANGE_MAX",
  format: "FORMAT",
  name: "NAME",
};

export const parameterName = (part: ParameterPart, name: string): string => `${PART_NAMES[part]}(${name})`;
