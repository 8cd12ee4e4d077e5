// The part of the plan bytes that says how the source's bytes become columns: framing, format, time, clocks, columns
// and their paths, the topic's levels. Imports core and the layout.
import * as L from "../../layout.ts";
import type { BytesWriter } from "./bytes-writer.ts";
import { textId, typeCodes } from "./expression-program.ts";
import { partKind, secondCode, valueCode } from "./partial-parts.ts";
import { partsOf } from "./aggregate-forms.ts";
import type { ColumnPlan, PartialPlan, Plan, TimeUnit, TopicLevel } from "../plan.ts";

const unitCodes: Record<TimeUnit, number> = {
  s: L.UNIT_S,
  ms: L.UNIT_MS,
  us: L.UNIT_US,
  ns: L.UNIT_NS,
  iso8601: L.UNIT_ISO8601,
};
const formatCodes = {
  json: L.FORMAT_JSON,
  msgpack: L.FORMAT_MSGPACK,
  csv: L.FORMAT_CSV,
  value: L.FORMAT_VALUE,
  row: L.FORMAT_ROW,
};
const framingCodes = { mqtt: L.FRAMING_MQTT, lines: L.FRAMING_LINES, rows: L.FRAMING_ROWS };
const policyCodes = { refuse: L.KEYS_REFUSE, "evict-idle": L.KEYS_EVICT_IDLE, other: L.KEYS_OTHER };
const fromCodes = { topic: L.FROM_TOPIC, time: L.FROM_TIME, field: L.FROM_FIELD, context: L.FROM_CONTEXT };

export function writeHead(writer: BytesWriter, plan: Plan, memoryBytes: number): void {
  const { source, limits } = plan;
  writer.setU32(L.PLAN_VERSION, L.LAYOUT_VERSION);
  writer.setU32(L.PLAN_FRAMING, framingCodes[source.framing]);
  writer.setU32(L.PLAN_FORMAT, formatCodes[source.format]);
  writer.setU32(L.PLAN_MQTT_VERSION, 4);
  writer.setU32(L.PLAN_UNIT, source.time.kind === "arrival" ? L.UNIT_ARRIVAL : unitCodes[source.time.unit]);
  writer.setU32(L.PLAN_TIME_COLUMN, source.time.column);
  writer.setU32(L.PLAN_NONFINITE_REFUSE, source.nonfinite === "refuse" ? 1 : 0);
  writer.setU32(L.PLAN_CLOCK_SOURCE, source.clock === "source" ? 1 : 0);
  const policy = limits.keysPolicy ?? "refuse";
  writer.setU32(L.PLAN_KEYS_MAX, limits.keys + (policy === "other" ? 1 : 0));
  writer.setU32(L.PLAN_KEYS_LIMIT, limits.keys);
  writer.setU32(L.PLAN_KEYS_POLICY, policyCodes[policy]);
  writer.setI64(L.PLAN_DELAY, source.delayNs);
  writer.setU32(L.PLAN_DICTIONARY_BYTES, limits.dictionaryBytes);
  writer.setU32(L.PLAN_DICTIONARY_ENTRIES_MAX, dictionaryEntries(plan));
  writer.setU32(L.PLAN_MEMORY_BYTES, memoryBytes);
  writer.setI64(L.PLAN_IDLE, source.idleNs ?? 0n);
  writer.setI64(L.PLAN_MAX_AHEAD, source.maxAheadNs ?? -1n);
}

/** Entries that the dictionary is laid out for: strings of 64 bytes on average, or the text is used up later. */
function dictionaryEntries(plan: Plan): number {
  return Math.max(1024, Math.floor(plan.limits.dictionaryBytes / 64));
}

const textCode = ({ type, numberAsText }: ColumnPlan): number =>
  type === "bytes" ? L.TEXT_BYTES : numberAsText ? L.TEXT_OR_NUMBER : L.TEXT_ONLY;

/** What the partials of a column have to be. */
function writeParts(writer: BytesWriter, partial: PartialPlan): number {
  const parts = partsOf(partial);
  const at = writer.reserve(L.PARTS_HEAD_BYTES + parts.length * L.PARTS_BYTES, 8);
  writer.setU32(at, parts.length);
  parts.forEach((part, index) => {
    const here = at + L.PARTS_HEAD_BYTES + index * L.PARTS_BYTES;
    writer.setU32(here + L.PARTS_KIND, partKind(part));
    writer.setU32(here + L.PARTS_TYPE, valueCode(part));
    writer.setU32(here + L.PARTS_CELLS, part.cells ?? 0);
    writer.setU32(here + L.PARTS_SECOND, secondCode(part));
    writer.setF64(here + L.PARTS_LOW, part.low ?? 0);
    writer.setF64(here + L.PARTS_HIGH, part.high ?? 0);
  });
  return at;
}

export function writeColumns(writer: BytesWriter, plan: Plan): void {
  const columns = plan.source.columns;
  const at = writer.reserve(columns.length * L.COLUMN_BYTES, 8);
  writer.setU32(L.PLAN_COLUMN_COUNT, columns.length);
  writer.setU32(L.PLAN_COLUMNS_AT, at);
  columns.forEach((column, index) => {
    const here = at + index * L.COLUMN_BYTES;
    writer.setU32(here + L.COLUMN_TYPE, typeCodes[column.type]);
    writer.setU32(here + L.COLUMN_FROM, fromCodes[column.from]);
    writer.setU32(here + L.COLUMN_TEXT, textCode(column));
    writer.setU32(here + L.COLUMN_PATH_COUNT, column.path.length);
    writer.setU32(here + L.COLUMN_PATH_AT, column.cell ?? writer.texts(column.path));
    if (column.partial !== undefined)
      writer.setU32(here + L.COLUMN_PARTS_AT, writeParts(writer, column.partial));
  });
  writer.setU32(L.PLAN_LEVEL_COUNT, plan.source.topic.length);
  writer.setU32(L.PLAN_LEVELS_AT, writeLevels(writer, plan.source.topic));
}

function writeLevels(writer: BytesWriter, levels: TopicLevel[]): number {
  const at = writer.reserve(levels.length * L.LEVEL_BYTES, 8);
  levels.forEach((level, index) => {
    const here = at + index * L.LEVEL_BYTES;
    if (level.kind === "literal") {
      writer.setU32(here + L.LEVEL_KIND, L.LEVEL_LITERAL);
      const text = writer.text(level.text);
      writer.setU32(here + L.LEVEL_TEXT_AT, text.at);
      writer.setU32(here + L.LEVEL_TEXT_BYTES, text.bytes);
    } else if (level.kind === "column") writer.setU32(here + L.LEVEL_KIND, level.column);
    else writer.setU32(here + L.LEVEL_KIND, level.kind === "any" ? L.LEVEL_ANY : L.LEVEL_REST);
  });
  return at;
}

/** What is kept of streams; `literals` as of Program. */
export function writeContext(writer: BytesWriter, { source }: Plan, literals: Map<string, number>): void {
  const { context } = source;
  if (context === undefined) return;
  writer.setU32(L.PLAN_CONTEXT, 1);
  writer.setU32(L.PLAN_STREAMS_MAX, context.streams);
  writer.setU32(L.PLAN_CONTEXT_LEVEL_COUNT, context.topic.length);
  writer.setU32(L.PLAN_CONTEXT_LEVELS_AT, writeLevels(writer, context.topic));
  writer.setU32(L.PLAN_CONTEXT_KEY_COUNT, context.keys.length);
  writer.setU32(L.PLAN_CONTEXT_KEYS_AT, writer.words(context.keys));
  writer.setU32(L.PLAN_CONTEXT_OPEN, textId(literals, "open"));
  const at = writer.reserve(context.cells.length * L.CONTEXT_CELL_BYTES, 8);
  writer.setU32(L.PLAN_CONTEXT_CELL_COUNT, context.cells.length);
  writer.setU32(L.PLAN_CONTEXT_CELLS_AT, at);
  context.cells.forEach(({ type, path, initial }, index) => {
    const here = at + index * L.CONTEXT_CELL_BYTES;
    writer.setU32(here + L.CONTEXT_CELL_TYPE, typeCodes[type]);
    writer.setU32(here + L.CONTEXT_CELL_PATH_COUNT, path.length);
    writer.setU32(here + L.CONTEXT_CELL_PATH_AT, writer.texts(path));
    if (type === "double") writer.setF64(here + L.CONTEXT_CELL_INITIAL, (initial as number | null) ?? NaN);
    else if (initial !== null)
      writer.setI64(here + L.CONTEXT_CELL_INITIAL, BigInt(textId(literals, initial as string)));
  });
}

/** What waits to be put in order. */
export function writeReorder(writer: BytesWriter, { source, limits }: Plan): void {
  const { reorder } = source;
  if (reorder === undefined) return;
  writer.setU32(L.PLAN_REORDER, 1);
  writer.setI64(L.PLAN_REORDER_DELAY, reorder.delayNs);
  writer.setU32(L.PLAN_REORDER_RECORDS, reorder.records);
  writer.setU32(L.PLAN_REORDER_HELD, reorder.held);
  writer.setU32(L.PLAN_REORDER_STREAMS, limits.keys);
  writer.setU32(L.PLAN_REORDER_KEY_COUNT, reorder.keys.length);
  writer.setU32(L.PLAN_REORDER_KEYS_AT, writer.words(reorder.keys));
}

/** Places of columns besides their own paths, and that of the epoch: of messages of columns. */
export function writePlaces(writer: BytesWriter, { source }: Plan): void {
  const { batch } = source;
  writer.setU32(L.PLAN_COLUMNAR, batch === undefined ? 0 : 1);
  const places = source.columns.flatMap(({ otherPaths }, column) =>
    (otherPaths ?? []).map((path) => ({ column, path })),
  );
  if (batch !== undefined && batch.epoch !== null) places.push({ column: L.PLACE_EPOCH, path: batch.epoch });
  const at = writer.reserve(places.length * L.PLACE_BYTES, 8);
  writer.setU32(L.PLAN_PLACE_COUNT, places.length);
  writer.setU32(L.PLAN_PLACES_AT, at);
  places.forEach(({ column, path }, index) => {
    const here = at + index * L.PLACE_BYTES;
    writer.setU32(here + L.PLACE_COLUMN, column);
    writer.setU32(here + L.PLACE_PATH_COUNT, path.length);
    writer.setU32(here + L.PLACE_PATH_AT, writer.texts(path));
  });
}
