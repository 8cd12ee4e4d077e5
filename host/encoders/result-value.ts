// The parts of a record for Kafka and MQTT: the row as JSON or MessagePack, the key from a template, headers and the
// stable id. Imports core, @msgpack/msgpack.
import { encode } from "@msgpack/msgpack";
import type { LateRecord, Output, Result, Scalar, Value } from "../core/engine.ts";
import type { PipelinePlan, Plan } from "../core/plan/plan.ts";
import { formatInstant } from "../core/time.ts";
import type { Template } from "../language/index.ts";

type Plain = string | number | boolean | null;

const plainScalar = (value: Scalar): Plain => (typeof value === "bigint" ? formatInstant(value) : value);

const plainValue = (value: Value): Plain | Plain[] =>
  Array.isArray(value) ? value.map(plainScalar) : plainScalar(value);

/** The row as an object: the selected columns, or a late record's columns; instants as ISO 8601 text. */
export function rowOf(plan: Plan, output: Output): Record<string, Plain | Plain[]> {
  const names =
    output.kind === "late"
      ? plan.source.columns.map((column) => column.name)
      : plan.pipelines[output.pipeline]!.outputs.map((column) => (column.hidden ? null : column.name));
  const row: Record<string, Plain | Plain[]> = {};
  names.forEach((name, index) => {
    if (name !== null) row[name] = plainValue(output.values[index]!);
  });
  return row;
}

export function encodeRow(plan: Plan, output: Output, format: "json" | "msgpack"): Buffer {
  const row = rowOf(plan, output);
  return format === "json" ? Buffer.from(JSON.stringify(row)) : Buffer.from(encode(row));
}

const same = (text: string): string => text;

/** Text of a template for a result; NULL is the empty text. `place` makes a value fit where it is put. */
export function fillTemplate(template: Template, result: Result, place = same): string {
  return template
    .map((part) => (part.kind === "text" ? part.text : place(valueText(result.values[part.output]!))))
    .join("");
}

/** The same for a late record: its columns by name; one that the record has not is the empty text. */
export function fillLateTemplate(template: Template, plan: Plan, late: LateRecord, place = same): string {
  return template
    .map((part) => {
      if (part.kind === "text") return part.text;
      const column = plan.source.columns.findIndex(({ name }) => name === part.name);
      return place(column < 0 ? "" : valueText(late.values[column]!));
    })
    .join("");
}

function valueText(value: Value): string {
  const plain = plainValue(value);
  return plain === null ? "" : String(plain);
}

/**
 * Stable id of a result: pipeline, key, window start and end (ns), revision; for a row of OVER its time and its place
 * among those of equal time instead of the bounds, for a window of rows its number besides; without a window the
 * record's time and the result's number in the pipeline. The same input gives the same id, so that a reader can tell a
 * repeated delivery.
 */
export function resultId(plan: Plan, result: Result): string {
  const pipeline = plan.pipelines[result.pipeline]!;
  const key = pipeline.keys.map((_, place) => {
    const at = pipeline.outputs.findIndex(
      ({ expression }) => expression.kind === "column" && expression.column === place,
    );
    return at < 0 ? null : plainValue(result.values[at]!);
  });
  return JSON.stringify([pipeline.name, ...key, ...boundsOf(pipeline, result), result.revision]);
}

function boundsOf(
  { window }: PipelinePlan,
  { windowStart, windowEnd, ordinal }: Result,
): (string | number)[] {
  if (window?.kind === "running") return [];
  if (window === null || window.kind === "over") return [`${windowStart}`, ordinal];
  return [`${windowStart}`, `${windowEnd}`, ...(window.kind === "rows" ? [ordinal] : [])];
}

/** Kafka timestamp of a result in ms: window end − 1 ms; without a window and for OVER the time of the record or moment. */
export function resultTimestampMs(plan: Plan, result: Result): string {
  const { window } = plan.pipelines[result.pipeline]!;
  const endMs = floorMs(result.windowEnd);
  const isInstant = window === null || window.kind === "running" || window.kind === "over";
  return notNegative(isInstant ? endMs : endMs - 1n);
}

/** Kafka timestamp of a late record: its own time. */
export function lateTimestampMs(plan: Plan, late: LateRecord): string {
  return notNegative(floorMs(late.values[plan.source.time.column] as bigint));
}

const NS_A_MILLISECOND = 1_000_000n;
const floorMs = (ns: bigint): bigint =>
  (ns - (((ns % NS_A_MILLISECOND) + NS_A_MILLISECOND) % NS_A_MILLISECOND)) / NS_A_MILLISECOND;

/** Kafka knows no time before 1970: brokers refuse the whole batch. */
const notNegative = (ms: bigint): string => (ms < 0n ? "0" : `${ms}`);
