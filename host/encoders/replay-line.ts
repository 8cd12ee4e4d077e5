// The line that replay prints, and that file, stdout and mqtt sinks write: one JSON object for each output.
//   {"pipeline":"p","revision":1,"cause":"watermark","row":{…}}   (and "inexact":true where it holds)
//   {"pipeline":"p","late":{"window_start":…,"window_end":…,"by_ms":…},"row":{…}}
// Doubles are JavaScript's shortest text, instants ISO 8601, NULL is null. Imports core.
import type { Output, Value } from "../core/engine.ts";
import type { Plan } from "../core/plan/plan.ts";
import { formatInstant, formatMilliseconds } from "../core/time.ts";

const jsonValue = (value: Value): string =>
  JSON.stringify(typeof value === "bigint" ? formatInstant(value) : value);

/** Encodes the outputs of one plan; names are turned to JSON once. */
export class ReplayLines {
  private readonly heads: string[];
  private readonly outputNames: (string | null)[][];
  private readonly columnNames: string[];

  constructor(plan: Plan) {
    this.heads = plan.pipelines.map((pipeline) => `{"pipeline":${JSON.stringify(pipeline.name)}`);
    this.outputNames = plan.pipelines.map((pipeline) =>
      pipeline.outputs.map((output) => (output.hidden ? null : `${JSON.stringify(output.name)}:`)),
    );
    this.columnNames = plan.source.columns.map((column) => `${JSON.stringify(column.name)}:`);
  }

  /** One line without its end. */
  line(output: Output): string {
    const head = this.heads[output.pipeline]!;
    if (output.kind === "late") {
      const start = formatInstant(output.windowStart);
      const end = formatInstant(output.windowEnd);
      const late = `"window_start":"${start}","window_end":"${end}","by_ms":${formatMilliseconds(output.byNs)}`;
      return `${head},"late":{${late}},"row":{${members(this.columnNames, output.values)}}}`;
    }
    const flag = output.inexact ? ',"inexact":true' : "";
    const row = members(this.outputNames[output.pipeline]!, output.values);
    return `${head},"revision":${output.revision},"cause":"${output.cause}"${flag},"row":{${row}}}`;
  }
}

function members(names: (string | null)[], values: Value[]): string {
  let text = "";
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name === null || name === undefined) continue;
    text += (text === "" ? "" : ",") + name + jsonValue(values[index]!);
  }
  return text;
}
