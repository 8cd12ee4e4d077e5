// The parts of a record for Kafka and MQTT: the row as JSON or MessagePack, the key from a template, headers and the
// stable id. Imports core, @msgpack/msgpack.
import { encode } from "@msgpack/msgpack";
import type { Output, Result, Value } from "../core/engine.ts";
import type { Plan } from "../core/plan.ts";
import { formatInstant } from "../core/time.ts";
import type { Template } from "../language/index.ts";

const plainValue = (value: Value): string | number | boolean | null => (typeof value === "bigint" ? formatInstant(value) : value);

/** The row as an object: the selected columns, or a late record's columns; instants as ISO 8601 text. */
export function rowOf(plan: Plan, output: Output): Record<string, string | number | boolean | null> {
  const names =
    output.kind === "late"
      ? plan.source.columns.map((column) => column.name)
      : plan.pipelines[output.pipeline]!.outputs.map((column) => (column.hidden ? null : column.name));
  const row: Record<string, string | number | boolean | null> = {};
  names.forEach((name, index) => {
    if (name !== null) row[name] = plainValue(output.values[index]!);
  });
  return row;
}

export function encodeRow(plan: Plan, output: Output, format: "json" | "msgpack"): Buffer {
  const row = rowOf(plan, output);
  return format === "json" ? Buffer.from(JSON.stringify(row)) : Buffer.from(encode(row));
}

/** Text of a template for a result; NULL is the empty text. */
export function fillTemplate(template: Template, result: Result): string {
  return template
    .map((part) => {
      if (part.kind === "text") return part.text;
      const value = plainValue(result.values[part.output]!);
      return value === null ? "" : String(value);
    })
    .join("");
}

/**
 * Stable id of a result: pipeline, key, window start and end (ns), revision. The same input gives the same id, so
 * that a reader can tell a repeated delivery.
 */
export function resultId(plan: Plan, result: Result): string {
  const pipeline = plan.pipelines[result.pipeline]!;
  const key = pipeline.keys.map((_, place) => {
    const at = pipeline.outputs.findIndex(({ expression }) => expression.kind === "column" && expression.column === place);
    return at < 0 ? null : plainValue(result.values[at]!);
  });
  return JSON.stringify([pipeline.name, ...key, `${result.windowStart}`, `${result.windowEnd}`, result.revision]);
}

/** Kafka timestamp of a result in ms: window end − 1 ms, or the record's own time without a window. */
export function resultTimestampMs(result: Result): string {
  const endMs = result.windowEnd / 1_000_000n - (result.windowEnd % 1_000_000n < 0n ? 1n : 0n);
  return (result.cause === "record" ? endMs : endMs - 1n).toString();
}
