// The line that replay prints, and that file, stdout and mqtt sinks write: one JSON object for each output.
//   {"pipeline":"p","revision":1,"cause":"watermark","row":{…}}   (and "inexact":true where it holds)
//   {"pipeline":"p","late":{"window_start":…,"window_end":…,"by_ms":…},"row":{…}}
// NULL is null; other values are as in core/value-text.ts. Imports core.
import type { Output, Value } from "../core/engine.ts";
import { sourceOf } from "../core/plan/chain.ts";
import type { Plan, Type } from "../core/plan/plan.ts";
import { formatInstant, formatMilliseconds } from "../core/time.ts";
import { valueJson } from "../core/value-text.ts";

/** A column as it is written; `label` is its name as JSON with the colon. */
export interface LineColumn {
  name: string;
  label: string;
  hidden: boolean;
  type: Type;
}

/** Encodes the outputs of one plan; names are turned to JSON once. */
export class ReplayLines {
  private readonly heads: string[];
  private readonly outputs: LineColumn[][];
  private readonly columns: LineColumn[][];

  constructor(plan: Plan) {
    this.heads = plan.pipelines.map((pipeline) => `{"pipeline":${JSON.stringify(pipeline.name)}`);
    this.outputs = plan.pipelines.map((_, index) => outputColumns(plan, index));
    this.columns = plan.pipelines.map((_, index) => sourceColumns(plan, index));
  }

  /** One line without its end. */
  line(output: Output): string {
    const head = this.heads[output.pipeline]!;
    if (output.kind === "late") {
      const start = formatInstant(output.windowStart);
      const end = formatInstant(output.windowEnd);
      const late = `"window_start":"${start}","window_end":"${end}","by_ms":${formatMilliseconds(output.byNs)}`;
      return `${head},"late":{${late}},"row":{${members(this.columns[output.pipeline]!, output.values)}}}`;
    }
    const flag = output.inexact ? ',"inexact":true' : "";
    const row = members(this.outputs[output.pipeline]!, output.values);
    return `${head},"revision":${output.revision},"cause":"${output.cause}"${flag},"row":{${row}}}`;
  }
}

/** Columns of a pipeline's results. */
export const outputColumns = (plan: Plan, pipeline: number): LineColumn[] =>
  plan.pipelines[pipeline]!.outputs.map(({ name, hidden, expression }) =>
    column(name, expression.type, hidden),
  );

/** Columns of a pipeline's late records; what is known of its stream is no part of a record. */
export const sourceColumns = (plan: Plan, pipeline: number): LineColumn[] =>
  sourceOf(plan, pipeline).columns.map(({ name, type, from }) => column(name, type, from === "context"));

const column = (name: string, type: Type, hidden: boolean): LineColumn => ({
  name,
  label: `${JSON.stringify(name)}:`,
  hidden,
  type,
});

/** The members of a row as JSON, without the braces. */
export function members(columns: LineColumn[], values: Value[]): string {
  let text = "";
  for (let index = 0; index < columns.length; index++) {
    const { label, hidden, type } = columns[index]!;
    if (hidden) continue;
    text += (text === "" ? "" : ",") + label + valueJson(values[index]!, type);
  }
  return text;
}
