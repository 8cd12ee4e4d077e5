// How a message holds records: `layout: rows`, one an object, `layout: columns`, an array of times and an array of
// each parameter, or `layout: events`, objects with a time, an id, a text and tags. Owns where the columns are found.
// Portable: imports core types, sections.
import type { BatchPlan, ColumnPlan, Format } from "../../../core/plan/plan.ts";
import type { Section } from "../../yaml/section.ts";
import type { Text } from "../../yaml/text.ts";

const LAYOUTS = ["rows", "columns", "events"] as const;

export type Layout = ColumnsLayout | EventsLayout;

export interface ColumnsLayout {
  kind: "columns";
  batch: BatchPlan;
  /** Members that hold the parameters' arrays, the first one that has a parameter wins; empty: the message itself. */
  values: string[][];
}

/** Where an event has what: paths of member names. */
export interface EventsLayout {
  kind: "events";
  id: string[];
  value: string[];
  /** Holds a member for each tag, whose name is taken as it stands. */
  tags: string[];
}

/** Columns that every event has, all STRING; other names are tags. */
export const EVENT_COLUMNS = ["id", "value"] as const;
/** When an event happened, unless `time` says otherwise. */
export const EVENT_TIME = { name: "timestamp", unit: "ns" } as const;

export const isEvents = (section: Section): boolean => section.text("layout")?.value === "events";

/** What the time of a source says, as far as it goes with the layout. */
export interface LayoutTime {
  unit: string;
  epoch: Text | null;
}

/** Reads `layout`, `values` and `events`; null for rows. */
export function readLayout(section: Section, format: Format, time: LayoutTime | null): Layout | null {
  const layout = section.word("layout", LAYOUTS, "rows");
  const values = readValues(section);
  const events = readEvents(section);
  const epoch = time?.epoch ?? null;
  if (layout !== "events" && section.has("events"))
    section.error("MR113", section.keyPlace("events"), `"events" goes with events`, "`layout: events`");
  if (layout !== "columns") {
    const stray = epoch !== null ? "epoch" : section.has("values") ? "values" : null;
    if (stray !== null) {
      const place = stray === "epoch" ? epoch! : section.keyPlace("values");
      section.error("MR113", place, `"${stray}" goes with messages of columns`, "`layout: columns`");
    }
    if (layout === "events" && format === "value") {
      const hint = "events are json, msgpack or csv";
      section.error("MR113", section.valuePlace("layout"), "events in messages of value", hint);
    }
    return layout === "events" && format !== "value" ? events : null;
  }
  if (format !== "json" && format !== "msgpack") {
    const hint = "messages of columns are json or msgpack";
    section.error("MR113", section.valuePlace("layout"), `columns in messages of ${format}`, hint);
  }
  if (time?.unit === "arrival") {
    const hint = "`time: { field: …, unit: … }` names the array of times";
    section.error(
      "MR113",
      section.valuePlace("time"),
      "a message of columns has the times of its records",
      hint,
    );
  }
  if (time?.unit === "iso8601" && epoch !== null) {
    const hint = "an epoch goes with numbers: unit s, ms, us or ns";
    section.error("MR113", epoch, "dates are not added to an epoch", hint);
  }
  return { kind: "columns", batch: { epoch: epoch === null ? null : epoch.value.split(".") }, values };
}

/** `events: { id, value, tags }`: the members of an event, where they have other names. */
function readEvents(section: Section): EventsLayout {
  const layout: EventsLayout = { kind: "events", id: ["id"], value: ["value"], tags: ["tags"] };
  const events = section.has("events") ? section.section("events") : null;
  events?.only(["id", "value", "tags"]);
  for (const name of ["id", "value", "tags"] as const) {
    const text = events?.text(name) ?? null;
    const parts = text?.value.split(".") ?? [];
    if (text === null) continue;
    if (parts.some((part) => part.trim() === "") || parts.length > 7)
      section.error(
        "MR112",
        text,
        `"${text.value}" is no member`,
        "a name, or up to 7 of nested members: outer.inner",
      );
    else layout[name] = parts;
  }
  return layout;
}

function readValues(section: Section): string[][] {
  if (!section.has("values")) return [];
  const paths: string[][] = [];
  for (const text of section.texts(
    "values",
    "a member's name, or a list of them: [numericValues, stringValues]",
  )) {
    const parts = text.value.split(".");
    if (parts.some((part) => part.trim() === "") || parts.length > 8)
      section.error(
        "MR112",
        text,
        `"${text.value}" is no member`,
        "a name, or up to 8 of nested members: outer.inner",
      );
    else if (paths.some((path) => begins(parts, path) || begins(path, parts)))
      section.error(
        "MR112",
        text,
        `"${text.value}" and another of "values" are one in the other`,
        "each name once",
      );
    else paths.push(parts);
  }
  return paths;
}

const begins = (path: string[], prefix: string[]): boolean =>
  prefix.length <= path.length && prefix.every((part, place) => part === path[place]);

/** The columns with the places where a message has them. */
export function placedColumns(columns: ColumnPlan[], layout: Layout, format: Format): ColumnPlan[] {
  if (layout.kind === "events") return columns.map((column) => eventColumn(column, layout, format));
  const { values } = layout;
  if (values.length === 0) return columns;
  return columns.map((column) => {
    if (column.from !== "field") return column;
    const [path, ...otherPaths] = values.map((group) => [...group, ...column.path]);
    return { ...column, path: path!, otherPaths };
  });
}

/** Tags are texts under names as they stand; a number is its own text, unless the tag is declared as another type. */
function eventColumn(column: ColumnPlan, { id, value, tags }: EventsLayout, format: Format): ColumnPlan {
  if (column.from !== "field") return column;
  const own = column.name === "id" ? id : column.name === "value" ? value : null;
  // CSV has no nesting: its cells are named by the members, and by the tags.
  const path = format === "csv" ? [own?.join(".") ?? column.name] : (own ?? [...tags, column.name]);
  return { ...column, path, numberAsText: column.type === "string" };
}

/** Reports a column that would be read where the times or the epoch are; false when there is one. */
export function checkPlaces(section: Section, columns: ColumnPlan[], layout: Layout): boolean {
  const taken = new Map<string, string>();
  const epoch = layout.kind === "columns" ? layout.batch.epoch : null;
  if (epoch !== null) taken.set(JSON.stringify(epoch), "the epoch");
  let fine = true;
  for (const column of columns.toSorted((a, b) => Number(b.from === "time") - Number(a.from === "time"))) {
    if (column.from === "context") continue;
    // Lines of a replay have the topic's columns as members.
    const own = column.from === "topic" ? [column.name] : column.path;
    for (const path of [own, ...(column.otherPaths ?? [])]) {
      const before = taken.get(JSON.stringify(path));
      const times = layout.kind === "columns" ? "the times" : "the time";
      const what = column.from === "time" ? times : `the column "${column.name}"`;
      if (before !== undefined) {
        const message = `the member ${path.join(".")} is ${before} and ${what}`;
        section.error("MR112", section.keyPlace("layout"), message, "each member holds one of them");
        fine = false;
      }
      taken.set(JSON.stringify(path), what);
    }
  }
  return fine;
}
