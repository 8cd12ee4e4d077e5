// A source of the definition file: how to connect, how to decode, its time and clock. Makes the scope in
// which the SQL of its pipelines is checked. Portable: imports the readers of its parts, and core types.
import type { Format, PartialPlan, SourcePlan, TopicLevel, Type } from "../../core/plan/plan.ts";
import {
  CLOCK_KEYS,
  type ReorderDraft,
  type Time,
  checkReorder,
  isPath,
  readClocks,
  readReorder,
  readTime,
} from "./clocks.ts";
import { MQTT_KEYS, readBroker } from "./connection.ts";
import { type ContextDraft, checkStream, readContext } from "./messages/context.ts";
import type { FileConnection, MqttConnection } from "../definition.ts";
import { EVENT_COLUMNS, type Layout, readLayout } from "./messages/layout.ts";
import { Scope } from "../sql/check/scope.ts";
import { PARTIAL_FORM, isPartialType, readPartialType } from "../sql/partials/declared.ts";
import { readZone } from "./zone.ts";
import { type TopicTemplate, parseTopicTemplate } from "./topic-template.ts";
import type { Section } from "../yaml/section.ts";
import { type Place, placeIn } from "../yaml/text.ts";

const FORMATS = ["json", "msgpack", "csv", "value"] as const;
const TYPES = ["double", "string", "boolean", "bigint", "bytes"] as const;
const KINDS = ["mqtt", "file"];
const COMMON = [
  "format",
  "layout",
  "values",
  "events",
  "context",
  "time",
  "fields",
  ...CLOCK_KEYS,
  "nonfinite",
  "every",
  "zone",
];
const TOPIC_KEYS = ["topic", "qos", "share"];
const LATER: Record<string, string> = {
  kafka: "a source is mqtt or file",
  listen: "a source is mqtt or file",
};
/** Names that mean the window's bounds in SQL. */
const WINDOW_NAMES = ["window_start", "window_end", "window_time"];

/** A source as read, before the SQL of its pipelines filled its columns. */
export interface SourceDraft {
  name: string;
  section: Section;
  connection: MqttConnection | FileConnection;
  scope: Scope;
  plan: Omit<SourcePlan, "columns">;
  /** Of its windows; null: they go by UTC. */
  zone: string | null;
  /** Of messages of columns, and of events. */
  layout: Layout | null;
  context: ContextDraft | null;
  reorder: ReorderDraft | null;
}

/** Reads one source; null when too little of it is right for its pipelines to be checked. */
export function readSource(name: string, section: Section): SourceDraft | null {
  const kind = readKind(name, section);
  if (kind === null) return null;
  const mqtt = kind === "mqtt";
  const topic = mqtt ? readTopic(section) : { levels: [], columns: [], filter: "" };
  const format = readFormat(section, mqtt);
  const time = readTime(section, format);
  const layout = readLayout(section, format, time);
  const fields = readFields(section, format);
  const events = layout?.kind === "events";
  const context = readContext(section, topic);
  const reorder = readReorder(section, time);
  const connection = mqtt ? readMqtt(section, topic, context) : readFile(section);
  const plan = {
    ...readClocks(section, mqtt),
    nonfinite: section.word("nonfinite", ["null", "refuse"], "null"),
  };
  if (topic === null || time === null) return null;
  if (format === "csv" && mqtt && fields === null) {
    section.error(
      "MR103",
      section.valuePlace("format"),
      "CSV over MQTT has no header row",
      "name its columns under `fields:`, in their order behind the time",
    );
  }
  const partialAt = [...(fields ?? new Map()).values()].find(({ type }) => type === "partial")?.place;
  if (partialAt !== undefined && layout?.kind === "columns") {
    const hint = "send partials in messages of records";
    section.error("MR113", partialAt, "partials in messages of columns", hint);
  }
  if (partialAt !== undefined && reorder !== null) {
    const hint = "merging does not ask for an order: a delay does";
    section.error("MR113", partialAt, "`reorder` of records that hold partials", hint);
  }
  checkNames(section, topic, time, events ? EVENT_COLUMNS : [], fields);
  const path = time.unit === "arrival" ? [] : format === "csv" ? [time.name] : time.name.split(".");
  const partials = new Map(
    [...(fields ?? [])].flatMap(([field, { partial }]) => (partial ? [[field, partial] as const] : [])),
  );
  const types = fields && new Map([...fields].map(([field, { type }]) => [field, type]));
  const scope = new Scope(name, topic.columns, { name: time.name, path }, types, {
    everyNs: readEvery(section),
    context,
    partials,
    ...(events ? { texts: EVENT_COLUMNS, others: { type: "string", because: "a tag of events" } } : {}),
  });
  if (context !== null) checkStream(section, scope, context, layout?.kind ?? format);
  if (reorder !== null) checkReorder(section, scope, reorder);
  const column = topic.columns.length;
  return {
    name,
    section,
    scope,
    connection,
    layout,
    zone: readZone(section),
    context,
    reorder,
    plan: {
      name,
      framing: mqtt ? "mqtt" : "lines",
      format,
      topic: topic.levels as TopicLevel[],
      time:
        time.unit === "arrival" ? { kind: "arrival", column } : { kind: "field", column, unit: time.unit },
      ...plan,
      ...(layout?.kind === "columns" ? { batch: layout.batch } : {}),
    },
  };
}

/** Which kind of source it is, of several the likelier; reports the keys that do not go with it. */
function readKind(name: string, section: Section): "mqtt" | "file" | null {
  const kinds = KINDS.filter((kind) => section.has(kind));
  section.only([...new Set([...KINDS, ...TOPIC_KEYS, ...COMMON, ...MQTT_KEYS])], LATER);
  if (kinds.length === 1) {
    const kind = kinds[0] as "mqtt" | "file";
    for (const key of kind === "file" ? [...MQTT_KEYS, ...TOPIC_KEYS] : []) {
      if (section.has(key))
        section.error(
          "MR113",
          section.keyPlace(key),
          `"${key}" belongs to a source with mqtt`,
          "a file has none",
        );
    }
    return kind;
  }
  if (kinds.length > 1) {
    const place = section.keyPlace(kinds[1]!);
    section.error(
      "MR113",
      place,
      `source "${name}" has both ${kinds.join(" and ")}`,
      "one source reads from one place",
    );
    // So that its other keys, and the pipelines that read it, are looked at as well.
    return section.has("topic") ? "mqtt" : "file";
  }
  if (!section.has("kafka") && !section.has("listen"))
    section.require("mqtt", "one of mqtt: URL, file: PATH");
  return null;
}

function readFile(section: Section): FileConnection {
  return { kind: "file", path: section.path("file") ?? "" };
}

function readMqtt(
  section: Section,
  topic: TopicTemplate | null,
  context: ContextDraft | null,
): MqttConnection {
  const share = section.text("share");
  if (share !== null && share.known && /[/+#]/.test(share.value)) {
    section.error(
      "MR109",
      share,
      `"${share.value}" is no name of a shared subscription`,
      "text without / + #",
    );
  }
  return {
    kind: "mqtt",
    ...readBroker(section),
    topic: section.string("topic") ?? "",
    // Of a shared subscription each message goes to one gateway only; context is for all.
    contextFilter: context === null || (context.covered && share === null) ? null : context.filter,
    filter: `${share === null ? "" : `$share/${share.value}/`}${topic?.filter ?? ""}`,
    qos:
      section.word("qos", ["0", "1"], "1", { "2": "QoS 1 and the stable ids of results do its work" }) === "0"
        ? 0
        : 1,
  };
}

function readTopic(section: Section): TopicTemplate | null {
  if (!section.require("topic", "as in sensors/{site}/{device}/telemetry")) return null;
  const text = section.text("topic");
  if (text === null) return null;
  if (text.value.startsWith("$share/")) {
    section.error(
      "MR109",
      text,
      "a shared subscription within the topic",
      "write the group as `share: GROUP`, and the topic without it",
    );
    return null;
  }
  if (!text.known)
    return { levels: [{ kind: "literal", text: text.value }], columns: [], filter: text.value };
  const template = parseTopicTemplate(text.value);
  if (!("message" in template)) return template;
  section.error("MR109", placeIn(text, template.offset, template.length), template.message);
  return null;
}

function readFormat(section: Section, mqtt: boolean): Format {
  if (!section.require("format", `one of ${FORMATS.join(", ")}`)) return "json";
  const format = section.word("format", FORMATS, "json");
  if (!mqtt && (format === "msgpack" || format === "value")) {
    section.error(
      "MR113",
      section.valuePlace("format"),
      `a file of ${format}`,
      "a file holds json (one record a line) or csv (with a header row)",
    );
  }
  return format;
}

/** How often a stream has a record, for COVERAGE(); null when the source does not say. */
function readEvery(section: Section): bigint | null {
  if (!section.has("every")) return null;
  const everyNs = section.durationNs("every", 1n);
  if (everyNs > 0n) return everyNs;
  section.error("MR106", section.valuePlace("every"), "records that come every 0s", "as in `every: 100ms`");
  return null;
}

const isNumber = (type: Type | undefined): boolean => type === "double" || type === "bigint";

/** Declared fields in their order, with their places; null when any field goes. */
type Fields = Map<string, { type: Type; place: Place; partial?: PartialPlan }> | null;

/** What a field of partials holds, something when that is wrong; undefined for a field of another type. */
function readPartial(fields: Section, name: string): PartialPlan | undefined {
  const text = fields.rawText(name);
  if (text === null || !isPartialType(text.value)) return undefined;
  const found = readPartialType(text.value);
  if (!("problem" in found)) return found;
  fields.error("MR105", text, found.problem, PARTIAL_FORM);
  return { name: "count_all", argument: null, parameter: null };
}

function readFields(section: Section, format: Format): Fields {
  const place = section.place;
  if (!section.has("fields"))
    return format === "value" ? new Map([["value", { type: "double", place }]]) : null;
  const fields = section.section("fields");
  if (fields === null) return null;
  const types: Fields = new Map();
  for (const name of fields.keys) {
    const place = fields.keyPlace(name);
    const fine = isPath(fields, "field", {
      ...place,
      value: name,
      places: [],
      known: true,
      fromEnvironment: false,
    });
    const partial = readPartial(fields, name);
    const type = partial === undefined ? fields.word(name, TYPES, "double") : "partial";
    if (fine) types.set(name, { type, place, ...(partial ? { partial } : {}) });
  }
  if (format === "value" && (types.size !== 1 || !isNumber(types.get("value")?.type))) {
    section.error(
      "MR113",
      section.keyPlace("fields"),
      "a bare number is the only field",
      "`fields: { value: double }` or bigint, or leave it out",
    );
  }
  return types;
}

/** No name may stand for two columns of the source. */
function checkNames(
  section: Section,
  topic: TopicTemplate,
  time: Time,
  own: readonly string[],
  fields: Fields,
): void {
  const taken = new Map<string, string>(WINDOW_NAMES.map((name) => [name, "a bound of windows"]));
  for (const name of own) taken.set(name, "a column of events");
  const take = (name: string, as: string, place: Place): void => {
    const before = taken.get(name);
    if (before !== undefined) {
      section.error("MR112", place, `"${name}" is ${as} and ${before}`, "each column has a name of its own");
    }
    taken.set(name, as);
  };
  for (const name of topic.columns) take(name, "a topic column", section.valuePlace("topic"));
  take(time.name, "the time", section.has("time") ? section.valuePlace("time") : section.keyPlace("layout"));
  for (const [name, { place }] of fields ?? []) take(name, "a field", place);
}
