// Messages to records by the source's format. A message that is malformed is one refused record.
// Imports the decoders.
import type { Refusal } from "../../engine.ts";
import type { ColumnPlan, Plan, TopicLevel } from "../../plan/plan.ts";
import type { ContextMessage } from "../context.ts";
import type { Member } from "./batch.ts";
import { batchRecords } from "./batch.ts";
import { csvFound, numberFound, splitCsv } from "./csv.ts";
import { findInJson, foundInJson, isObject, memberOfJson, parseJson, patchOfJson, readUtf8 } from "./json.ts";
import { findInMsgpack, foundInMsgpack, memberOfMsgpack, parseMsgpack, patchOfMsgpack } from "./msgpack.ts";
import type { DecodedRecord } from "./record.ts";
import { toRecord } from "./record.ts";

export type Decoded = DecodedRecord | { refused: Refusal } | { context: ContextMessage };

const malformed: Decoded[] = [{ refused: "decode" }];

export class PayloadDecoder {
  private readonly plan: Plan;
  /** Position of each column in a CSV line. */
  private csvPositions: Map<string, number>;

  constructor(plan: Plan) {
    this.plan = plan;
    const arrival = plan.source.time.kind === "arrival" ? plan.source.time.column : -1;
    const inLine = plan.source.columns.filter(
      ({ from }, index) => from !== "topic" && from !== "context" && index !== arrival,
    );
    this.csvPositions = new Map(inLine.map((column, position) => [column.name, position]));
  }

  csvHeader(names: string[]): void {
    this.csvPositions = new Map();
    for (const column of this.plan.source.columns) {
      // A header named twice: the last one's cell is written last.
      const position = names.lastIndexOf(column.path.join("."));
      if (column.path.length > 0 && position >= 0) this.csvPositions.set(column.name, position);
    }
  }

  decode(topic: Uint8Array | null, payload: Uint8Array): Decoded[] {
    const { context } = this.plan.source;
    const key = topic === null || context === undefined ? null : matchTopic(context.topic, topic);
    if (key !== null) return this.contextOf([...key.values()], payload);
    const topicValues =
      topic === null ? new Map<number, string>() : matchTopic(this.plan.source.topic, topic);
    if (topicValues === null) return [{ refused: "topic" }];
    switch (this.plan.source.format) {
      case "json":
        return this.json(payload, topicValues);
      case "msgpack":
        return this.msgpack(payload, topicValues);
      case "csv":
        return this.csv(payload, topicValues);
      case "value":
        return this.value(payload, topicValues);
      case "row":
        // Rows of results come as values: see chain.ts.
        return malformed;
    }
  }

  /** A message on the context topic: JSON unless the source has MessagePack. */
  private contextOf(key: string[], payload: Uint8Array): Decoded[] {
    if (this.plan.source.format === "msgpack") {
      if (payload.length === 0) return [{ context: { key, patch: null } }];
      const map = parseMsgpack(payload);
      if (map?.kind !== "map") return malformed;
      return [{ context: { key, patch: (path) => patchOfMsgpack(map, path) } }];
    }
    const text = readUtf8(payload);
    if (text !== null && /^[ \t\r\n]*$/.test(text)) return [{ context: { key, patch: null } }];
    const object = text === null ? undefined : parseJson(text);
    if (!isObject(object)) return malformed;
    return [{ context: { key, patch: (path) => patchOfJson(object, path) } }];
  }

  /** The context that a line holds, null when it is a record. */
  private contextOfLine(line: unknown): Decoded[] | null {
    const { context, framing } = this.plan.source;
    if (context === undefined || framing !== "lines" || !isObject(line)) return null;
    if (!Object.hasOwn(line, "context") || !isObject(line["context"])) return null;
    const said = line["context"];
    const { values } = toRecord(this.plan, new Map(), (column) => findInJson(line, column.path));
    const key = context.keys.map((column) => values[column] as string | null);
    return [{ context: { key, patch: (path) => patchOfJson(said, path) } }];
  }

  private json(payload: Uint8Array, topicValues: Map<number, string>): Decoded[] {
    const text = readUtf8(payload);
    const parsed = text === null ? undefined : parseJson(text);
    const context = this.contextOfLine(parsed);
    if (context !== null) return context;
    const one = (object: unknown): Decoded[] => {
      if (!isObject(object)) return malformed;
      if (this.plan.source.batch === undefined)
        return [toRecord(this.plan, topicValues, (column) => findInJson(object, column.path))];
      return batchRecords(this.plan, topicValues, (path): Member | undefined => {
        const value = memberOfJson(object, path);
        if (value === undefined) return undefined;
        return Array.isArray(value) ? { items: value.map(foundInJson) } : { every: foundInJson(value) };
      });
    };
    if (Array.isArray(parsed)) return parsed.length === 0 ? malformed : parsed.flatMap(one);
    return one(parsed);
  }

  private msgpack(payload: Uint8Array, topicValues: Map<number, string>): Decoded[] {
    const parsed = parseMsgpack(payload);
    if (parsed === null) return malformed;
    const items = parsed.kind === "array" ? parsed.items : [parsed];
    if (items.length === 0) return malformed;
    return items.flatMap((item) => {
      if (item.kind !== "map") return malformed;
      if (this.plan.source.batch === undefined)
        return [toRecord(this.plan, topicValues, (column) => findInMsgpack(item, column.path))];
      return batchRecords(this.plan, topicValues, (path): Member | undefined => {
        const value = memberOfMsgpack(item, path);
        if (value === undefined) return undefined;
        return value.kind === "array"
          ? { items: value.items.map(foundInMsgpack) }
          : { every: foundInMsgpack(value) };
      });
    });
  }

  private csv(payload: Uint8Array, topicValues: Map<number, string>): Decoded[] {
    if (this.plan.source.framing === "lines") return [this.csvLine(payload, topicValues)];
    const lines: Uint8Array[] = [];
    let begin = 0;
    for (let at = 0; at <= payload.length; at++) {
      if (at < payload.length && payload[at] !== 10) continue;
      const end = at > begin && payload[at - 1] === 13 ? at - 1 : at;
      const line = payload.subarray(begin, end);
      if (!line.every((byte) => byte === 32 || byte === 9 || byte === 10 || byte === 13)) lines.push(line);
      begin = at + 1;
    }
    return lines.length === 0 ? malformed : lines.map((line) => this.csvLine(line, topicValues));
  }

  private csvLine(bytes: Uint8Array, topicValues: Map<number, string>): Decoded {
    const text = readUtf8(bytes);
    const cells = text === null ? null : splitCsv(text);
    if (cells === null) return { refused: "decode" };
    const find = (column: ColumnPlan) => csvFound(cells[this.csvPositions.get(column.name) ?? -1], column);
    return toRecord(this.plan, topicValues, find);
  }

  private value(payload: Uint8Array, topicValues: Map<number, string>): Decoded[] {
    const found = numberFound((readUtf8(payload) ?? "").replace(/^[\0- ]+|[\0- ]+$/g, ""));
    if (found === undefined) return malformed;
    return [toRecord(this.plan, topicValues, () => found)];
  }
}

/** The texts of a topic's columns; null when it does not match. */
function matchTopic(levels: TopicLevel[], bytes: Uint8Array): Map<number, string> | null {
  const topic = readUtf8(bytes);
  if (topic === null || levels.length === 0) return null;
  const parts = topic.split("/");
  const values = new Map<number, string>();
  for (const [index, level] of levels.entries()) {
    if (level.kind === "rest") return values;
    const part = parts[index];
    if (part === undefined || (level.kind === "literal" && level.text !== part)) return null;
    if (level.kind === "column") values.set(level.column, part);
  }
  return parts.length === levels.length ? values : null;
}
