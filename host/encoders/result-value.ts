// The parts of a record for Kafka and MQTT: the row as JSON or MessagePack, the key from a template, headers and the
// stable id. Imports core, the line encoder, @msgpack/msgpack.
import { encode } from "@msgpack/msgpack";
import type { LateRecord, Output, Result, Scalar, Value } from "../core/engine.ts";
import { sourceOf } from "../core/plan/chain.ts";
import type { PipelinePlan, Plan, ScalarType, Type } from "../core/plan/plan.ts";
import { elementType, endsWithin, isArray } from "../core/plan/plan.ts";
import { formatInstant } from "../core/time.ts";
import { valueText } from "../core/value-text.ts";
import type { Template } from "../language/index.ts";
import { type LineColumn, members, outputColumns, sourceColumns } from "./replay-line.ts";

/** What MessagePack has a form for: a BIGINT is an integer of 64 bits, BYTES are bin. */
const packable = (value: Scalar, type: ScalarType): Scalar =>
  type === "instant" && value !== null ? formatInstant(value as bigint) : value;

const packableValue = (value: Value, type: Type): Value => {
  if (isArray(type))
    return value === null ? null : (value as Scalar[]).map((each) => packable(each, elementType(type)));
  return packable(value as Scalar, type as ScalarType);
};

/** The columns of plans that were seen: for each pipeline those of its results, and those of late records. */
const known = new WeakMap<Plan, Record<Output["kind"], LineColumn[][]>>();

function columnsOf(plan: Plan, output: Output): LineColumn[] {
  let columns = known.get(plan);
  if (columns === undefined) {
    columns = {
      result: plan.pipelines.map((_, index) => outputColumns(plan, index)),
      late: plan.pipelines.map((_, index) => sourceColumns(plan, index)),
    };
    known.set(plan, columns);
  }
  return columns[output.kind][output.pipeline]!;
}

/** The row as an object or map: the selected columns, or a late record's columns; instants as ISO 8601 text. */
export function encodeRow(plan: Plan, output: Output, format: "json" | "msgpack"): Buffer {
  const columns = columnsOf(plan, output);
  if (format === "json") return Buffer.from(`{${members(columns, output.values)}}`);
  const entries = columns.flatMap(({ name, hidden, type }, index): [string, Value][] =>
    hidden ? [] : [[name, packableValue(output.values[index]!, type)]],
  );
  return Buffer.from(encode(Object.fromEntries(entries), { useBigInt64: true }));
}

const same = (text: string): string => text;

/** Text of a template for a result; NULL is the empty text. `place` makes a value fit where it is put. */
export function fillTemplate(template: Template, plan: Plan, result: Result, place = same): string {
  return template
    .map((part) => (part.kind === "text" ? part.text : place(outputText(plan, result, part.output))))
    .join("");
}

function outputText(plan: Plan, { pipeline, values }: Result, at: number): string {
  return valueText(values[at]!, plan.pipelines[pipeline]!.outputs[at]!.expression.type);
}

/** The same for a late record: its columns by name; one that the record has not is the empty text. */
export function fillLateTemplate(template: Template, plan: Plan, late: LateRecord, place = same): string {
  return template
    .map((part) => {
      if (part.kind === "text") return part.text;
      const { columns } = sourceOf(plan, late.pipeline);
      const column = columns.findIndex(({ name }) => name === part.name);
      return place(column < 0 ? "" : valueText(late.values[column]!, columns[column]!.type));
    })
    .join("");
}

/**
 * Stable id of a result: pipeline, key, window start and end (ns), revision; for a row of OVER its time and its place
 * among those of equal time instead of the bounds, for a session the start that it had at revision 1, for a window of
 * rows its number besides; without a window the record's time and the result's number in the pipeline. The same input
 * gives the same id, so that a reader can tell a repeated delivery.
 */
export function resultId(plan: Plan, result: Result): string {
  const pipeline = plan.pipelines[result.pipeline]!;
  const key = pipeline.keys.map((_, place) => {
    const at = pipeline.outputs.findIndex(
      ({ expression }) => expression.kind === "column" && expression.column === place,
    );
    if (at < 0 || result.values[at] === null) return null;
    return typeof result.values[at] === "boolean" ? result.values[at] : outputText(plan, result, at);
  });
  return JSON.stringify([pipeline.name, ...key, ...boundsOf(pipeline, result), result.revision]);
}

function boundsOf({ window }: PipelinePlan, result: Result): (string | number)[] {
  const { windowStart, windowEnd, ordinal } = result;
  if (window?.kind === "session") return [`${result.idStart}`];
  if (window?.kind === "running") return [];
  if (window === null || window.kind === "over") return [`${windowStart}`, ordinal];
  return [`${windowStart}`, `${windowEnd}`, ...(window.kind === "rows" ? [ordinal] : [])];
}

/** Kafka timestamp of a result in ms: window end − 1 ms; where the end is the time of a record or moment, that. */
export function resultTimestampMs(plan: Plan, result: Result): string {
  const { window } = plan.pipelines[result.pipeline]!;
  const endMs = floorMs(result.windowEnd);
  return notNegative(endsWithin(window) ? endMs : endMs - 1n);
}

/** Kafka timestamp of a late record: its own time. */
export function lateTimestampMs(plan: Plan, late: LateRecord): string {
  return notNegative(floorMs(late.values[sourceOf(plan, late.pipeline).time.column] as bigint));
}

const NS_A_MILLISECOND = 1_000_000n;
const floorMs = (ns: bigint): bigint =>
  (ns - (((ns % NS_A_MILLISECOND) + NS_A_MILLISECOND) % NS_A_MILLISECOND)) / NS_A_MILLISECOND;

/** Kafka knows no time before 1970: brokers refuse the whole batch. */
const notNegative = (ms: bigint): string => (ms < 0n ? "0" : `${ms}`);
