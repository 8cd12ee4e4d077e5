// The second engine: the same kernel on the same bytes as the gateway's. It starts from a snapshot, takes chunks and
// ticks in order, and holds its result lines against the gateway's. A third, plain pipeline over the same bytes gives
// the raw readings, so that nothing here decodes a message either. Imports core, the line encoder.
import type { Engine, Output, Outputs, Result, StreamContext } from "../core/engine.ts";
import { createKernelEngine } from "../core/kernel/kernel-engine.ts";
import type { Expression, Plan, Type } from "../core/plan/plan.ts";
import { FINAL } from "../core/plan/plan.ts";
import type { Hello } from "../core/stream-protocol.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import type { Equality } from "./messages.ts";

/** Raw readings taken between two calls of `breathe`; more are not decoded: a chart cannot show them. */
const READINGS_MAX = 5000;

export interface EngineListener {
  onResult(result: Result): void;
  /** A record as it came: one value for each of the source's columns. */
  onReading(values: Output["values"]): void;
}

export class SecondEngine {
  compared = 0;
  equality: Equality = "waiting";
  /** The first result that is not the gateway's. */
  difference = "";
  private readonly engine: Engine;
  private readonly raw: Engine;
  private readonly lines: ReplayLines;
  private readonly listener: EngineListener;
  /** Our lines of the last chunk or tick, and how many of them were compared. */
  private ours: string[] = [];
  private place = 0;
  private readingsLeft = READINGS_MAX;

  constructor(
    plan: Plan,
    module: WebAssembly.Module,
    { mqttVersion, csvHeader }: Pick<Hello, "mqttVersion" | "csvHeader">,
    snapshot: Uint8Array,
    listener: EngineListener,
  ) {
    this.engine = createKernelEngine(plan, module, { mqttVersion });
    this.engine.restore(snapshot);
    this.raw = createKernelEngine(rawPlan(plan), module, { mqttVersion });
    if (csvHeader !== null) this.raw.csvHeader(csvHeader);
    this.lines = new ReplayLines(plan);
    this.listener = listener;
  }

  tick(nowNs: bigint): void {
    this.nothingLeft();
    this.take(this.engine.tick(nowNs));
    this.raw.tick(nowNs);
  }

  chunk(bytes: Uint8Array): void {
    this.nothingLeft();
    this.take(this.engine.push(bytes));
    // Chunks end where messages end, so one can be left out.
    if (this.readingsLeft <= 0) return;
    for (const { values } of this.raw.push(bytes)) {
      this.readingsLeft--;
      this.listener.onReading(values);
    }
  }

  /** End of a bounded input. */
  flush(): void {
    this.nothingLeft();
    this.take(this.engine.flush());
  }

  /** Lines that the gateway's engine made of the last chunk or tick, in order; more of them may follow. */
  gatewayLines(theirs: string[]): void {
    for (const line of theirs) this.compare(this.ours[this.place++], line);
  }

  /** What is known of streams besides their records. */
  streams(): StreamContext[] {
    return this.engine.streams();
  }

  /** Time has passed: more readings may come. */
  breathe(): void {
    this.readingsLeft = READINGS_MAX;
  }

  private take(outputs: Outputs): void {
    for (const output of outputs) {
      this.ours.push(this.lines.line(output));
      if (output.kind === "result") this.listener.onResult(output);
    }
  }

  /** The gateway's results come before the next input; what has none by now is ours alone. */
  private nothingLeft(): void {
    while (this.place < this.ours.length) this.compare(this.ours[this.place++], undefined);
    this.ours = [];
    this.place = 0;
  }

  private compare(ours: string | undefined, theirs: string | undefined): void {
    this.compared++;
    if (ours === theirs) {
      if (this.equality === "waiting") this.equality = "yes";
    } else if (this.equality !== "no") {
      this.equality = "no";
      this.difference = `here ${ours ?? "nothing"}; gateway ${theirs ?? "nothing"}`;
    }
  }
}

/** The same source with one pipeline that hands every record on as it is. */
function rawPlan(plan: Plan): Plan {
  const outputs = plan.source.columns.map(({ name, type }, column) => ({
    name,
    expression: { kind: "column", type: type as Type, column } as Expression,
    hidden: false,
  }));
  const raw = {
    name: "raw",
    where: null,
    keys: [],
    window: null,
    aggregates: [],
    having: null,
    outputs,
    ...FINAL,
  };
  return { source: plan.source, pipelines: [raw], limits: plan.limits };
}
