// The second engine: the same kernel on the same bytes as the gateway's. It starts from a snapshot, takes chunks and
// ticks in order, and holds its result lines against the gateway's. A third, plain pipeline over the same bytes gives
// the raw readings for the chart, so that nothing here decodes a message either. Imports core.
import type { Engine, Output, Value } from "../core/engine.ts";
import { createKernelEngine } from "../core/kernel-engine.ts";
import type { Expression, Plan, Type } from "../core/plan.ts";
import { formatInstant } from "../core/time.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import type { Equality, ReadingPoint, ResultPoint } from "./messages.ts";

const READINGS_MAX = 4000;

export class SecondEngine {
  readonly plan: Plan;
  private readonly engine: Engine;
  private readonly raw: Engine;
  private readonly rawColumns: { keys: number[]; time: number; numbers: number[] };
  private readonly lines: ReplayLines;
  private ours: string[] = [];
  private theirs: string[] = [];
  private pendingReadings: ReadingPoint[] = [];
  private pendingResults: ResultPoint[] = [];
  compared = 0;
  equality: Equality = "waiting";
  difference = "";

  constructor(plan: Plan, module: WebAssembly.Module, mqttVersion: 4 | 5, snapshot: Uint8Array) {
    this.plan = plan;
    this.engine = createKernelEngine(plan, module, { mqttVersion });
    this.engine.restore(snapshot);
    const { columns } = plan.source;
    const all = columns.map((_, index) => index);
    this.rawColumns = {
      keys: all.filter((index) => columns[index]!.type === "string"),
      time: plan.source.time.column,
      numbers: all.filter((index) => columns[index]!.type === "double"),
    };
    this.raw = createKernelEngine(rawPlan(plan), module, { mqttVersion });
    this.lines = new ReplayLines(plan);
  }

  /** Names of the numeric fields that the raw points carry. */
  get readingNames(): string[] {
    return this.rawColumns.numbers.map((index) => this.plan.source.columns[index]!.name);
  }

  tick(nowNs: bigint): void {
    this.take(this.engine.tick(nowNs));
    this.raw.tick(nowNs);
  }

  chunk(bytes: Uint8Array): void {
    this.take(this.engine.push(bytes));
    for (const output of this.raw.push(bytes)) {
      if (this.pendingReadings.length < READINGS_MAX) this.pendingReadings.push(this.readingPoint(output));
    }
  }

  /** Lines of the gateway's results, in order. */
  gatewayLines(lines: string[]): void {
    this.theirs.push(...lines);
    this.compare();
  }

  private take(outputs: Output[]): void {
    for (const output of outputs) {
      const line = this.lines.line(output);
      this.ours.push(line);
      if (output.kind === "result") this.pendingResults.push(this.resultPoint(output, line));
    }
    this.compare();
  }

  private compare(): void {
    const count = Math.min(this.ours.length, this.theirs.length);
    for (let index = 0; index < count; index++) {
      if (this.ours[index] === this.theirs[index]) continue;
      this.equality = "no";
      this.difference = `here ${this.ours[index]}, gateway ${this.theirs[index]}`;
    }
    this.ours.splice(0, count);
    this.theirs.splice(0, count);
    this.compared += count;
    if (this.equality === "waiting" && this.compared > 0) this.equality = "yes";
  }

  /** Points since the last call. */
  takePoints(): { readings: ReadingPoint[]; results: ResultPoint[] } {
    const points = { readings: this.pendingReadings, results: this.pendingResults };
    this.pendingReadings = [];
    this.pendingResults = [];
    return points;
  }

  private readingPoint(output: Output): ReadingPoint {
    const { keys, time, numbers } = this.rawColumns;
    return {
      key: keys.map((index) => String(output.values[index] ?? "–")).join("/"),
      timeMs: Number((output.values[time] as bigint) / 1_000_000n),
      values: numbers.map((index) => output.values[index] as number | null),
    };
  }

  private resultPoint(output: Extract<Output, { kind: "result" }>, line: string): ResultPoint {
    const pipeline = this.plan.pipelines[output.pipeline]!;
    const key = pipeline.keys.map((_, place) => {
      const at = pipeline.outputs.findIndex(({ expression }) => expression.kind === "column" && expression.column === place);
      return String(output.values[at] ?? "–");
    });
    const values = output.values.map((value: Value) => (typeof value === "number" ? value : null));
    const text = `${pipeline.name} ${key.join("/")} ${formatInstant(output.windowEnd)} ${line}`;
    return { pipeline: output.pipeline, key: key.join("/"), endMs: Number(output.windowEnd / 1_000_000n), values, text };
  }
}

/** The same source with one pipeline that hands every record on as it is. */
function rawPlan(plan: Plan): Plan {
  const outputs = plan.source.columns.map(({ name, type }, column) => ({
    name,
    expression: { kind: "column", type: type as Type, column } as Expression,
    hidden: false,
  }));
  const raw = { name: "raw", where: null, keys: [], window: null, aggregates: [], having: null, outputs, late: "drop" as const };
  return { ...plan, pipelines: [raw] };
}
