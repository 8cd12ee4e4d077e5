// The time and the clocks of a source of the definition file: where a record has its time, how far behind its records
// the watermark runs, what silence does, how far ahead of host time a record may be, how long records wait to be put in
// order. Portable: imports core types, yaml/section, scope.
import type { Format, ReorderPlan, SourcePlan, TimeUnit } from "../../core/plan/plan.ts";
import { EVENT_TIME, isEvents } from "./messages/layout.ts";
import type { Scope } from "../sql/check/scope.ts";
import { TypeVariable } from "../sql/check/types.ts";
import { suggestion } from "../suggest.ts";
import type { Section } from "../yaml/section.ts";
import type { Text } from "../yaml/text.ts";

const UNITS = ["s", "ms", "us", "ns", "iso8601"] as const;

export const CLOCK_KEYS = ["delay", "clock", "idle", "max_ahead", "reorder"];
/** Of live sources, unless they say it: a device whose clock is further ahead is not believed. */
const MAX_AHEAD_NS = 60_000_000_000n;

/** How a pipeline takes the results of another one. */
export type ReaderClocks = Pick<SourcePlan, "delayNs" | "clock" | "idleNs">;

/** Keys of a source that a pipeline which reads another one has as well. */
export const READER_KEYS = ["delay", "clock", "idle"];

export function readReaderClocks(section: Section): ReaderClocks {
  return {
    delayNs: section.durationNs("delay", 0n),
    clock: section.word("clock", ["key", "source"], "key"),
    idleNs: readIdle(section),
  };
}

/** `live`: its records come as they happen. */
export function readClocks(
  section: Section,
  live: boolean,
): Pick<SourcePlan, "delayNs" | "clock" | "idleNs" | "maxAheadNs"> {
  return {
    ...readReaderClocks(section),
    maxAheadNs: isOff(section, "max_ahead", !live) ? null : section.durationNs("max_ahead", MAX_AHEAD_NS),
  };
}

function isOff(section: Section, key: string, otherwise: boolean): boolean {
  return section.has(key) ? section.text(key)?.value === "off" : otherwise;
}

function readIdle(section: Section): bigint | null {
  if (isOff(section, "idle", true)) return null;
  const ns = section.durationNs("idle", 1n);
  if (ns > 0n) return ns;
  section.error(
    "MR107",
    section.valuePlace("idle"),
    "a silence of no length",
    "how long a key is silent before its windows close: idle: 30s, or idle: off",
  );
  return null;
}

/** What is said of records that wait to be put in order. */
export interface ReorderDraft {
  delayNs: bigint;
  /** Most records of one stream that wait. */
  records: number;
  /** Names of the columns that tell streams apart; null: not said. */
  stream: Text[] | null;
}

/** Reads `reorder`, a duration or `{ delay, records, stream }`; null when there is none. */
export function readReorder(source: Section, time: Time | null): ReorderDraft | null {
  if (!source.has("reorder")) return null;
  if (time?.unit === "arrival") {
    const message = "`reorder` with `time: arrival`: records are in the order in which they arrive";
    source.error("MR113", source.keyPlace("reorder"), message, "it sorts by a time that records carry");
  }
  const node = source.node("reorder");
  if (node === null) return null;
  const section = "value" in node ? null : source.section("reorder");
  section?.only(["delay", "records", "stream"]);
  const example = "how far a record may be behind the newest one of its stream: reorder: 2s";
  if (section !== null && !section.require("delay", "how long records wait, as in delay: 2s")) return null;
  const delayNs = section === null ? source.durationNs("reorder", 1n) : section.durationNs("delay", 1n);
  const place = section === null ? source.valuePlace("reorder") : section.valuePlace("delay");
  if (delayNs === 0n) source.error("MR107", place, "a wait of no length", example);
  return {
    delayNs,
    records: section?.whole("records", 1000, 1, 100_000) ?? 1000,
    stream: section?.has("stream") ? section.texts("stream", "a column, or a list: [site, device]") : null,
  };
}

/** Streams are told apart by STRING columns. */
export function checkReorder(source: Section, scope: Scope, { stream }: ReorderDraft): void {
  for (const name of stream ?? []) {
    const column = scope.column(name.value);
    if (column === null)
      source.error(
        "MR202",
        name,
        `unknown column "${name.value}"`,
        suggestion(name.value, scope.names, "columns"),
      );
    else if (!column.variable.unify(new TypeVariable("string", "`stream` of `reorder`")))
      source.error("MR112", name, `"${name.value}" is no STRING`, "streams are told apart by texts");
  }
}

/** Streams are those of the topic or of the context, unless something else is said, or the whole source has one clock. */
export function reorderPlan(
  { delayNs, records, stream }: ReorderDraft,
  clock: SourcePlan["clock"],
  scope: Scope,
  held: number,
): ReorderPlan {
  const own = clock === "key" ? scope.streamColumns : [];
  const named = stream?.flatMap(({ value }) => scope.find(value) ?? []);
  return { delayNs, keys: (named ?? own).map(({ index }) => index), records, held };
}

export interface Time {
  name: string;
  unit: TimeUnit | "arrival";
  /** Member that is added to each time. */
  epoch: Text | null;
}

export function readTime(section: Section, format: Format): Time | null {
  if (!section.has("time") && isEvents(section)) return { ...EVENT_TIME, epoch: null };
  if (!section.require("time", "`time: { field: ts, unit: ms }` or `time: arrival`")) return null;
  const node = section.node("time");
  if (node === null) return null;
  if ("value" in node) return readArrival(section);
  const time = section.section("time");
  if (time === null) return null;
  time.only(["field", "unit", "epoch"]);
  time.require("unit", `one of ${UNITS.join(", ")}`);
  const unit = time.word("unit", UNITS, "ms");
  if (format === "value") {
    section.error("MR113", section.keyPlace("time"), "a bare number carries no time", "`time: arrival`");
  }
  const field = time.require("field", "the member of a record that holds its time")
    ? time.text("field")
    : null;
  const epoch = time.has("epoch") ? time.text("epoch") : null;
  if (epoch !== null && !isPath(time, "epoch", epoch)) return null;
  return field === null || !isPath(time, "field", field) ? null : { name: field.value, unit, epoch };
}

function readArrival(section: Section): Time | null {
  const text = section.text("time");
  if (text === null) return null;
  if (text.value === "arrival") return { name: "arrival", unit: "arrival", epoch: null };
  section.error(
    "MR105",
    text,
    `"${text.value}" is no time`,
    "`time: { field: ts, unit: ms }` or `time: arrival`",
  );
  return null;
}

/** A member's name, or the names of nested ones with dots in between. */
export function isPath(section: Section, what: string, text: Text): boolean {
  const parts = text.value.split(".");
  if (parts.every((part) => part.trim() !== "") && parts.length <= 8) return true;
  section.error(
    "MR112",
    text,
    `"${text.value}" is no ${what}`,
    "a member's name, or up to 8 of nested members: outer.inner",
  );
  return false;
}
