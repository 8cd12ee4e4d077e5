// The reference engine: the semantics in plain TypeScript, record by record, with BigInt time and lists of
// records. It shares no code with the kernel but the portable arithmetic; tests hold the two against each
// other, to the bit. Slow, and meant to be read. Imports core.
import type { Cause, Counters, Engine, Output, Refusal, Result, Sample, Scalar, Value } from "../engine.ts";
import { REFUSALS } from "../engine.ts";
import { MillraceError } from "../errors.ts";
import type { Expression, PipelinePlan, Plan } from "../plan.ts";
import { aggregate } from "./aggregates/aggregate.ts";
import { PayloadDecoder } from "./decode.ts";
import { Evaluator } from "./expression.ts";
import type { Framer, Message } from "./framing.ts";
import { LineFramer, MqttFramer } from "./framing.ts";
import type { DecodedRecord } from "./record.ts";
import { Sessions } from "./sessions.ts";
import type { Bounds } from "./windows.ts";
import { windowsOf } from "./windows.ts";

/** A record that was accepted: its time, its place in the order, its columns and its expressions' values. */
interface Accepted {
  time: bigint;
  arrival: number;
  columns: Value[];
  computed: Value[];
}

/** A key of one list of GROUP BY columns. */
interface Key {
  /** First-seen order. */
  order: number;
  values: Value[];
  /** Largest accepted event time. */
  newest: bigint | null;
}

interface OpenWindow extends Bounds {
  pipeline: number;
  key: Key;
  records: Accepted[];
}

/** A record's window that had closed before it came. */
interface Missed {
  pipeline: number;
  window: Bounds;
  byNs: bigint;
}

interface PipelineState {
  plan: PipelinePlan;
  /** Where the pipeline's WHERE and arguments stand among the computed expressions. */
  where: number | null;
  outputs: number[];
  arguments: (number | null)[];
  seconds: (number | null)[];
  windows: Map<string, OpenWindow>;
  sessions: Sessions<Key, Accepted> | null;
  /** Late records of a key since its last result. */
  late: Map<Key, number>;
  results: Evaluator;
  counters: { counted: number; filtered: number; lateRecords: number; lateWindows: number; results: number };
}

type Call = "push" | "tick" | "flush" | "endOfFile" | "csvHeader" | "version";

export interface ReferenceOptions {
  /** Protocol of the frames: 4 is MQTT 3.1.1. */
  mqttVersion?: 4 | 5;
}

export class ReferenceEngine implements Engine {
  private readonly plan: Plan;
  private readonly options: ReferenceOptions;
  private framer: Framer;
  private decoder: PayloadDecoder;
  private readonly expressions: Expression[] = [];
  private readonly records: Evaluator;
  private readonly pipelines: PipelineState[];
  private keySpaces = new Map<string, Map<string, Key>>();
  private newest: bigint | null = null;
  private now: bigint | null = null;
  private arrivals = 0;
  private messages = 0;
  private received = 0;
  private accepted = 0;
  private refused = Object.fromEntries(REFUSALS.map((reason) => [reason, 0])) as Record<Refusal, number>;
  private nulledType = 0;
  private nulledNonfinite = 0;
  private readonly present = new Set<string>();
  /** Everything that was done to the engine: a snapshot of the oracle is its history. */
  private history: { kind: Call; value: unknown }[] = [];
  private replaying = false;

  constructor(plan: Plan, options: ReferenceOptions = {}) {
    this.plan = plan;
    this.options = options;
    this.framer = this.newFramer();
    this.decoder = new PayloadDecoder(plan);
    this.pipelines = plan.pipelines.map((pipeline) => this.newPipeline(pipeline));
    this.records = new Evaluator(this.expressions);
  }

  private newFramer(): Framer {
    return this.plan.source.framing === "lines"
      ? new LineFramer()
      : new MqttFramer(this.options.mqttVersion ?? 4);
  }

  private newPipeline(plan: PipelinePlan): PipelineState {
    const place = (expression: Expression): number => this.expressions.push(expression) - 1;
    const placeIf = (expression: Expression | null | undefined): number | null =>
      expression ? place(expression) : null;
    const windowed = plan.window !== null;
    return {
      plan,
      where: placeIf(plan.where),
      outputs: windowed ? [] : plan.outputs.map((output) => place(output.expression)),
      arguments: plan.aggregates.map((aggregate) => placeIf(aggregate.argument)),
      seconds: plan.aggregates.map((aggregate) => placeIf(aggregate.second)),
      windows: new Map(),
      sessions:
        plan.window?.kind === "session" ? new Sessions(plan.window.gapNs, plan.window.maxNs) : null,
      late: new Map(),
      results: new Evaluator(
        windowed
          ? [
              ...(plan.having === null ? [] : [plan.having]),
              ...plan.outputs.map((output) => output.expression),
            ]
          : [],
      ),
      counters: { counted: 0, filtered: 0, lateRecords: 0, lateWindows: 0, results: 0 },
    };
  }

  push(chunk: Uint8Array): Output[] {
    this.remember("push", new Uint8Array(chunk));
    return this.take(this.framer.push(chunk));
  }

  tick(nowNs: bigint): Output[] {
    this.remember("tick", nowNs);
    if (this.now === null || nowNs >= this.now) this.now = nowNs;
    return [];
  }

  setMqttVersion(version: 4 | 5): void {
    this.remember("version", version);
    if (this.framer instanceof MqttFramer) this.framer.version = version;
  }

  endOfFile(): Output[] {
    this.remember("endOfFile", null);
    return this.take(this.framer.end());
  }

  flush(): Output[] {
    this.remember("flush", null);
    const outputs = this.take(this.framer.end());
    this.close(
      this.open(() => true, (sessions) => sessions.all),
      "flush",
      outputs,
    );
    return outputs;
  }

  csvHeader(names: string[]): void {
    this.remember("csvHeader", names);
    this.decoder.csvHeader(names);
  }

  private remember(kind: Call, value: unknown): void {
    if (!this.replaying) this.history.push({ kind, value });
  }

  private take(messages: Message[]): Output[] {
    const outputs: Output[] = [];
    for (const message of messages) {
      this.messages++;
      if (message.kind !== "payload") {
        this.received++;
        this.refused[message.kind === "oversized" ? "oversized" : "decode"]++;
        continue;
      }
      for (const decoded of this.decoder.decode(message.topic, message.payload)) {
        this.received++;
        if ("refused" in decoded) this.refused[decoded.refused]++;
        else this.takeRecord(decoded, outputs);
      }
    }
    return outputs;
  }

  private takeRecord(record: DecodedRecord, outputs: Output[]): void {
    const { source } = this.plan;
    const arrival = source.time.kind === "arrival";
    const time = arrival && this.now !== null ? ({ kind: "good", ns: this.now } as const) : record.time;
    if (time.kind !== "good") {
      this.refused[
        time.kind === "absent" ? "no_time" : time.kind === "range" ? "time_range" : "time_format"
      ]++;
      return;
    }
    if (record.nulledNonfinite > 0 && source.nonfinite === "refuse") {
      this.refused.nonfinite++;
      return;
    }
    for (const name of record.present) this.present.add(name);
    this.nulledType += record.nulledType;
    this.nulledNonfinite += record.nulledNonfinite;
    const columns = record.values.map((value, index) => (index === source.time.column ? time.ns : value));
    const before = this.records.nonfinite;
    const computed = this.records.evaluate(columns);
    this.nulledNonfinite += this.records.nonfinite - before;
    const keys = this.findKeys(columns);
    if (keys === null) {
      this.refused.keys++;
      return;
    }
    this.accepted++;
    this.process({ time: time.ns, arrival: this.arrivals++, columns, computed }, keys, outputs);
  }

  /** The record's key in every key space, new ones added; null when one is full (then none is added). */
  private findKeys(columns: Value[]): Map<string, Key> | null {
    const found = new Map<string, Key>();
    const fresh: (() => void)[] = [];
    for (const { plan } of this.pipelines) {
      if (plan.window === null || found.has(plan.keys.join())) continue;
      const name = plan.keys.join();
      const space = this.keySpaces.get(name) ?? new Map<string, Key>();
      this.keySpaces.set(name, space);
      const values = plan.keys.map((key) => columns[key]!);
      const text = JSON.stringify(values);
      let key = space.get(text);
      if (key === undefined) {
        if (space.size >= this.plan.limits.keys) return null;
        const added: Key = { order: space.size, values, newest: null };
        key = added;
        fresh.push(() => space.set(text, added));
      }
      found.set(name, key);
    }
    for (const add of fresh) add();
    return found;
  }

  private process(record: Accepted, keys: Map<string, Key>, outputs: Output[]): void {
    const late: Missed[] = [];
    this.pipelines.forEach((pipeline, index) => {
      const { plan, counters } = pipeline;
      const kept = pipeline.where === null || record.computed[pipeline.where] === true;
      if (plan.window === null) {
        if (kept) counters.counted++;
        else counters.filtered++;
        return;
      }
      const key = keys.get(plan.keys.join())!;
      const watermark = this.watermarkOf(key);
      let windows: Bounds[] = [];
      let missed: Bounds[] = [];
      if (kept && plan.window.kind === "session") {
        const window = pipeline.sessions!.add(key, record, watermark);
        windows = [window ?? { start: record.time, end: record.time }];
        if (window !== null) missed = windows;
      } else if (kept && plan.window.kind !== "session") {
        windows = windowsOf(plan.window, record.time);
        missed = windows.filter((window) => watermark !== null && watermark >= window.end);
        for (const window of windows.slice(missed.length)) this.addTo(index, window, key, record);
      }
      if (windows.length === 0) {
        counters.filtered++;
        return;
      }
      counters.lateWindows += missed.length;
      if (missed.length > 0) pipeline.late.set(key, (pipeline.late.get(key) ?? 0) + 1);
      if (missed.length === windows.length) counters.lateRecords++;
      else counters.counted++;
      if (plan.late === "side")
        for (const window of missed) late.push({ pipeline: index, window, byNs: watermark! - window.end });
    });
    late.sort((a, b) => order(a.window, b.window) || a.pipeline - b.pipeline);
    for (const { pipeline, window, byNs } of late) {
      outputs.push({
        kind: "late",
        pipeline,
        windowStart: window.start,
        windowEnd: window.end,
        byNs,
        values: record.columns,
      });
    }
    this.plainResults(record, outputs);
    this.moveClocks(record, keys);
    const ended = this.open(
      ({ end, key }) => {
        const watermark = this.watermarkOf(key);
        return watermark !== null && watermark >= end;
      },
      (sessions) => sessions.ended((key) => this.watermarkOf(key)),
    );
    this.close(ended, "watermark", outputs);
  }

  /** Open windows of all pipelines, as far as they are wanted. */
  private open(
    wanted: (window: OpenWindow) => boolean,
    wantedSessions: (sessions: Sessions<Key, Accepted>) => Omit<OpenWindow, "pipeline">[],
  ): OpenWindow[] {
    return this.pipelines.flatMap(({ windows, sessions }, pipeline) => [
      ...[...windows.values()].filter(wanted),
      ...(sessions === null ? [] : wantedSessions(sessions)).map((session) =>
        Object.assign(session, { pipeline }),
      ),
    ]);
  }

  private addTo(pipeline: number, window: Bounds, key: Key, record: Accepted): void {
    const { windows } = this.pipelines[pipeline]!;
    const name = `${key.order}/${window.start}/${window.end}`;
    const open = windows.get(name) ?? { ...window, pipeline, key, records: [] };
    open.records.push(record);
    windows.set(name, open);
  }

  private plainResults(record: Accepted, outputs: Output[]): void {
    this.pipelines.forEach((pipeline, index) => {
      if (pipeline.plan.window !== null) return;
      if (pipeline.where !== null && record.computed[pipeline.where] !== true) return;
      pipeline.counters.results++;
      outputs.push({
        kind: "result",
        pipeline: index,
        revision: 1,
        cause: "record",
        windowStart: record.time,
        windowEnd: record.time,
        count: 1,
        lateCount: 0,
        inexact: false,
        values: pipeline.outputs.map((output) => record.computed[output]!),
      });
    });
  }

  private moveClocks(record: Accepted, keys: Map<string, Key>): void {
    for (const key of keys.values())
      if (key.newest === null || record.time > key.newest) key.newest = record.time;
    if (this.newest === null || record.time > this.newest) this.newest = record.time;
  }

  private watermarkOf(key: Key): bigint | null {
    const newest = this.plan.source.clock === "source" ? this.newest : key.newest;
    return newest === null ? null : newest - this.plan.source.delayNs;
  }

  private close(windows: OpenWindow[], cause: Cause, outputs: Output[]): void {
    windows.sort((a, b) => order(a, b) || a.pipeline - b.pipeline || a.key.order - b.key.order);
    for (const window of windows) {
      const pipeline = this.pipelines[window.pipeline]!;
      pipeline.windows.delete(`${window.key.order}/${window.start}/${window.end}`);
      pipeline.sessions?.close(window);
      const result = this.result(pipeline, window, cause);
      if (result !== null) outputs.push(result);
    }
  }

  private result(pipeline: PipelineState, window: OpenWindow, cause: Cause): Result | null {
    const { plan } = pipeline;
    let inexact = false;
    const aggregates = plan.aggregates.map((aggregatePlan, index) => {
      const valueAt = (record: Accepted, place: number | null): Scalar =>
        place === null ? null : (record.computed[place] as Scalar);
      const samples = window.records.map((record) => ({
        timeNs: record.time,
        arrival: record.arrival,
        value: valueAt(record, pipeline.arguments[index]!),
        second: valueAt(record, pipeline.seconds[index]!),
      }));
      const found = aggregate(aggregatePlan, samples, window);
      if (found.nonfinite) this.nulledNonfinite++;
      inexact ||= found.inexact;
      return found.value;
    });
    const before = pipeline.results.nonfinite;
    const columns = [...window.key.values, window.start, window.end, window.end - 1n, ...aggregates];
    const values = pipeline.results.evaluate(columns);
    this.nulledNonfinite += pipeline.results.nonfinite - before;
    if (plan.having !== null && values.shift() !== true) return null;
    pipeline.counters.results++;
    const lateCount = pipeline.late.get(window.key) ?? 0;
    pipeline.late.delete(window.key);
    const { pipeline: index, start: windowStart, end: windowEnd, records } = window;
    return {
      kind: "result",
      pipeline: index,
      revision: 1,
      cause,
      windowStart,
      windowEnd,
      count: records.length,
      lateCount,
      inexact,
      values,
    };
  }

  counters(): Counters {
    return {
      messages: this.messages,
      received: this.received,
      accepted: this.accepted,
      refused: { ...this.refused },
      nulled: { type: this.nulledType, nonfinite: this.nulledNonfinite },
      pipelines: this.pipelines.map((pipeline) => ({ ...pipeline.counters })),
      keys: [...this.keySpaces.values()].reduce((sum, space) => sum + space.size, 0),
      openSlices: this.pipelines.reduce(
        (sum, pipeline) => sum + pipeline.windows.size + (pipeline.sessions?.all.length ?? 0),
        0,
      ),
      absentFields: this.plan.source.columns
        .filter((column) => column.from === "field" && !this.present.has(column.name))
        .map((column) => column.name),
    };
  }

  /** The reference keeps no samples. */
  takeSamples(): Sample[] {
    return [];
  }

  watermark(): bigint | null {
    return this.newest === null ? null : this.newest - this.plan.source.delayNs;
  }

  snapshot(): Uint8Array {
    const text = JSON.stringify(this.history, (_key, value: unknown) => {
      if (typeof value === "bigint") return { bigint: value.toString() };
      return value instanceof Uint8Array ? { bytes: [...value] } : value;
    });
    return new TextEncoder().encode(text);
  }

  restore(snapshot: Uint8Array): void {
    if (this.history.length > 0)
      throw new MillraceError("MR501", "the reference restores into a new engine only");
    const revive = (_key: string, value: unknown): unknown => {
      if (typeof value !== "object" || value === null) return value;
      if ("bigint" in value) return BigInt(value.bigint as string);
      return "bytes" in value ? new Uint8Array(value.bytes as number[]) : value;
    };
    const history = JSON.parse(new TextDecoder().decode(snapshot), revive) as typeof this.history;
    this.replaying = true;
    for (const { kind, value } of history) {
      if (kind === "push") this.push(value as Uint8Array);
      else if (kind === "tick") this.tick(value as bigint);
      else if (kind === "csvHeader") this.csvHeader(value as string[]);
      else if (kind === "version") this.setMqttVersion(value as 4 | 5);
      else if (kind === "flush") this.flush();
      else this.endOfFile();
    }
    this.replaying = false;
    this.history = history;
  }
}

function order(a: Bounds, b: Bounds): number {
  if (a.end !== b.end) return a.end < b.end ? -1 : 1;
  return a.start < b.start ? -1 : a.start > b.start ? 1 : 0;
}
