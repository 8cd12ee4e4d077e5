// Messages to records by the source's format. A message that is malformed is one refused record.
// Imports the decoders.
import type { Refusal } from "../../engine.ts";
import type { ColumnPlan, Plan } from "../../plan/plan.ts";
import type { Member } from "./batch.ts";
import { batchRecords } from "./batch.ts";
import { csvFound, numberFound, splitCsv } from "./csv.ts";
import { findInJson, foundInJson, isObject, memberOfJson, parseJson, readUtf8 } from "./json.ts";
import { findInMsgpack, foundInMsgpack, memberOfMsgpack, parseMsgpack } from "./msgpack.ts";
import type { DecodedRecord } from "./record.ts";
import { toRecord } from "./record.ts";

export type Decoded = DecodedRecord | { refused: Refusal };

const malformed: Decoded[] = [{ refused: "decode" }];

export class PayloadDecoder {
  private readonly plan: Plan;
  /** Position of each column in a CSV line. */
  private csvPositions: Map<string, number>;

  constructor(plan: Plan) {
    this.plan = plan;
    const arrival = plan.source.time.kind === "arrival" ? plan.source.time.column : -1;
    const inLine = plan.source.columns.filter(
      (column, index) => column.from !== "topic" && index !== arrival,
    );
    this.csvPositions = new Map(inLine.map((column, position) => [column.name, position]));
  }

  csvHeader(names: string[]): void {
    this.csvPositions = new Map();
    for (const column of this.plan.source.columns) {
      // A header named twice: the last one's cell is written last.
      const position = names.lastIndexOf(column.path.join("."));
      if (column.from !== "topic" && position >= 0) this.csvPositions.set(column.name, position);
    }
  }

  decode(topic: Uint8Array | null, payload: Uint8Array): Decoded[] {
    const topicValues = topic === null ? new Map<number, string>() : this.matchTopic(topic);
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

  private matchTopic(bytes: Uint8Array): Map<number, string> | null {
    const topic = readUtf8(bytes);
    if (topic === null) return null;
    const parts = topic.split("/");
    const values = new Map<number, string>();
    for (const [index, level] of this.plan.source.topic.entries()) {
      if (level.kind === "rest") return values;
      const part = parts[index];
      if (part === undefined || (level.kind === "literal" && level.text !== part)) return null;
      if (level.kind === "column") values.set(level.column, part);
    }
    return parts.length === this.plan.source.topic.length ? values : null;
  }

  private json(payload: Uint8Array, topicValues: Map<number, string>): Decoded[] {
    const text = readUtf8(payload);
    const parsed = text === null ? undefined : parseJson(text);
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
