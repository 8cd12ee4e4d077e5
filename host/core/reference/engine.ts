// The reference engine: the semantics in plain TypeScript, record by record, with BigInt time and lists of
// records. It shares no code with the kernel but the portable arithmetic; tests hold the two against each
// other, to the bit. Slow, and meant to be read. Imports core.
import type {
  Counters,
  Engine,
  Output,
  PipelineCounters,
  Refusal,
  Result,
  Sample,
  SourceCounters,
  StreamContext,
  Value,
} from "../engine.ts";
import { REFUSALS } from "../engine.ts";
import { MillraceError } from "../errors.ts";
import type { Expression, Plan } from "../plan/plan.ts";
import { movesWithTime } from "../plan/plan.ts";
import { Chain, type Part, isOversized, partOf } from "./chain.ts";
import { addToWindows, plainResults } from "./closing/admission.ts";
import type { Clock } from "./closing/clocks.ts";
import { Ticks, newClock } from "./closing/clocks.ts";
import type { ContextMessage } from "./context.ts";
import { Streams } from "./context.ts";
import { PayloadDecoder } from "./decoding/decode.ts";
import type { Emission } from "./closing/emission.ts";
import { revise } from "./closing/emission.ts";
import type { Accepted, Key, PipelineState } from "./closing/pipeline.ts";
import { aggregatesOf, carriesOn, newPipeline } from "./closing/pipeline.ts";
import { Evaluator } from "./expression.ts";
import { type Call, readHistory, writeHistory } from "./history.ts";
import { Reorder, type Waiting } from "./reorder.ts";
import type { Framer, Message } from "./decoding/framing.ts";
import { LineFramer, MqttFramer } from "./decoding/framing.ts";
import { timeOfInteger } from "./decoding/instant.ts";
import type { DecodedRecord } from "./decoding/record.ts";
import { type KeySpace, KeySpaces } from "./key-space.ts";
import { order, placed } from "./windows.ts";

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
  private readonly keys: KeySpaces;
  private readonly clock = newClock();
  private readonly ticks = new Ticks();
  private readonly known: Streams;
  private readonly reorder: Reorder | null;
  private arrivals = 0;
  private messages = 0;
  private received = 0;
  private accepted = 0;
  private refused = Object.fromEntries(REFUSALS.map((reason) => [reason, 0])) as Record<Refusal, number>;
  private nulledType = 0;
  private nulledNonfinite = 0;
  private readonly present = new Set<string>();
  /** Everything that was done to the engine: a snapshot of the oracle is its history. */
  private history: Call[] = [];
  private replaying = false;
  private readonly part: Part;
  private readonly chain: Chain<ReferenceEngine>;

  /** `reads`, of the engine that `chain` makes: the place in Plan.chained of what it reads. */
  constructor(
    whole: Plan,
    options: ReferenceOptions = {},
    chain: Chain<ReferenceEngine> | null = null,
    reads?: number,
  ) {
    this.part = partOf(whole, reads);
    const { plan } = this.part;
    this.plan = plan;
    this.options = options;
    this.framer = this.newFramer();
    this.decoder = new PayloadDecoder(plan);
    this.known = new Streams(plan.source.context);
    this.reorder = plan.source.reorder === undefined ? null : new Reorder(plan, this.ticks);
    this.pipelines = plan.pipelines.map((pipeline, index) =>
      newPipeline(pipeline, index, plan.source, this.expressions, plan.limits),
    );
    this.records = new Evaluator(this.expressions, plan.limits);
    this.keys = new KeySpaces(
      plan,
      (space, key) => this.isOut(space, key),
      (space, key) => this.forget(space, key),
    );
    this.chain = chain ?? new Chain<ReferenceEngine>(whole);
    if (chain === null)
      this.chain.begin(this, (place) => new ReferenceEngine(whole, options, this.chain, place));
  }

  private newFramer(): Framer {
    return this.plan.source.framing === "lines"
      ? new LineFramer()
      : new MqttFramer(this.options.mqttVersion ?? 4);
  }

  push(chunk: Uint8Array): Output[] {
    this.remember("push", new Uint8Array(chunk));
    return this.take(this.framer.push(chunk));
  }

  tick(nowNs: bigint): Output[] {
    this.remember("tick", nowNs);
    return this.chain.engines.flatMap((engine) => engine.ownTick(nowNs));
  }

  private ownTick(nowNs: bigint): Output[] {
    const outputs: Output[] = [];
    if (!this.ticks.move(nowNs)) return outputs;
    const released = this.goOn(this.reorder?.silent() ?? []);
    const emitClock = (key: Key): bigint | null => this.ticks.emitClock(this.plan, this.clockOf(key));
    const silent = this.pipelines.filter(({ plan }) => plan.handsOver !== true);
    const idle = silent.flatMap(({ emissions, own }) => [
      ...emissions.closing(this.dropClock, emitClock, "idle"),
      ...(own?.closing(emitClock, "idle") ?? []),
    ]);
    this.emit(idle, outputs);
    this.moment(nowNs, true, outputs);
    return [...released, ...this.chain.follow(this.part, outputs)];
  }

  /** Open windows of the pipelines whose moment the time passed. */
  private moment(time: bigint, isTick: boolean, outputs: Output[]): void {
    const due = this.pipelines.filter(({ moments }) => moments.pass(time, isTick));
    this.emit(
      due.flatMap(({ emissions, own }) => (own ?? emissions).update(this.dropClock)),
      outputs,
    );
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
    return [...outputs, ...this.chain.engines.flatMap((engine) => engine.ownFlush())];
  }

  private ownFlush(): Output[] {
    const outputs: Output[] = [];
    const released = this.goOn(this.reorder?.all() ?? []);
    const never = (): bigint => 2n ** 65n;
    const open = this.pipelines.flatMap(({ emissions, own }) =>
      own === null ? emissions.closing(() => null, never, "flush") : own.closing(never, "flush"),
    );
    this.emit(open, outputs);
    for (const { emissions, own, carried } of this.pipelines) {
      emissions.dropAll();
      own?.dropAll();
      carried.clear();
    }
    return [...released, ...this.chain.follow(this.part, outputs)];
  }

  csvHeader(names: string[]): void {
    this.remember("csvHeader", names);
    this.decoder.csvHeader(names);
  }

  private remember(kind: Call["kind"], value: unknown): void {
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
        if ("context" in decoded) {
          this.takeContext(decoded.context);
          continue;
        }
        this.received++;
        if ("refused" in decoded) this.refused[decoded.refused]++;
        else outputs.push(...this.takeRecord(decoded));
      }
    }
    return outputs;
  }

  takeResult(values: Value[], ns: bigint, bytes: number): Output[] {
    this.messages++;
    this.received++;
    const nothing = { nulledType: 0, nulledNonfinite: 0, present: [] };
    if (!isOversized(bytes)) return this.takeRecord({ time: timeOfInteger(ns, "ns"), values, ...nothing });
    this.refused.oversized++;
    return [];
  }

  private takeContext(message: ContextMessage): void {
    const taken = this.known.take(message, (type, nonfinite) => {
      this.nulledType += type;
      this.nulledNonfinite += nonfinite;
    });
    if (taken) return;
    this.received++;
    this.refused.streams++;
  }

  private takeRecord(record: DecodedRecord): Output[] {
    const { source } = this.plan;
    const arrives = source.time.kind === "arrival";
    const { now } = this.ticks;
    const time = arrives && now !== null ? ({ kind: "good", ns: now } as const) : record.time;
    if (time.kind !== "good") {
      this.refused[
        time.kind === "absent" ? "no_time" : time.kind === "range" ? "time_range" : "time_format"
      ]++;
      return [];
    }
    if (record.nulledNonfinite > 0 && source.nonfinite === "refuse") {
      this.refused.nonfinite++;
      return [];
    }
    for (const name of record.present) this.present.add(name);
    this.nulledType += record.nulledType;
    this.nulledNonfinite += record.nulledNonfinite;
    const columns = record.values.map((value, index) => {
      const { cell } = source.columns[index]!;
      if (cell !== undefined) return this.known.cell(record.values, cell);
      return index === source.time.column ? time.ns : value;
    });
    if (this.reorder === null) return this.goOn([{ time: time.ns, columns }]);
    if (this.ticks.isFuture(this.plan, time.ns)) {
      this.refused.future++;
      return [];
    }
    const goingOn = this.reorder.take({ time: time.ns, columns });
    if (goingOn === null) this.refused.late++;
    return this.goOn(goingOn ?? []);
  }

  /** Records go on to the pipelines, one after the other, and what each brings out to its readers. */
  private goOn(records: Waiting[]): Output[] {
    return records.flatMap((record) => {
      const outputs: Output[] = [];
      this.admit(record, outputs);
      return this.chain.follow(this.part, outputs);
    });
  }

  private admit({ time, columns }: Waiting, outputs: Output[]): void {
    const begun = this.records.begin(columns);
    const arrival = this.arrivals++;
    if (this.ticks.isFuture(this.plan, time)) {
      this.refused.future++;
      return;
    }
    const keys = this.keys.find(columns, arrival);
    if (keys === null) {
      this.refused.keys++;
      return;
    }
    this.accepted++;
    const computed = this.records.finish(begun, time, (list) => keys.get(list.join())!.values);
    this.process({ time, arrival, columns, computed }, keys, outputs);
  }

  private readersOf({ columns }: KeySpace): PipelineState[] {
    const name = columns.join();
    return this.pipelines.filter(({ plan }) => plan.window !== null && plan.keys.join() === name);
  }

  /** True when none of the key's windows is open. */
  private isOut(space: KeySpace, key: Key): boolean {
    const clock = this.ticks.emitClock(this.plan, this.clockOf(key));
    return this.readersOf(space).every(({ own, emissions }) =>
      own === null ? emissions.isOut(key, clock) : own.isOut(key, clock),
    );
  }

  private forget(space: KeySpace, key: Key): void {
    this.records.forget(space.columns, key.values);
    for (const { own, emissions, carried, late, results } of this.readersOf(space)) {
      (own ?? emissions).forgetKey(key);
      carried.delete(key);
      late.delete(key);
      results.forget(null, key.values);
    }
  }

  private process(record: Accepted, keys: Map<string, Key>, outputs: Output[]): void {
    outputs.push(
      ...addToWindows(this.plan, this.pipelines, record, keys, this.dropClock),
      ...plainResults(this.pipelines, record),
    );
    const before = new Map([...keys.values()].map((key) => [key, this.dropClock(key)]));
    const sourceBefore = this.ticks.dropClock(this.plan, this.clock);
    for (const key of keys.values()) this.ticks.record(key.clock, record.time);
    this.ticks.record(this.clock, record.time);
    const from = (key: Key): bigint | null =>
      this.plan.source.clock === "source"
        ? sourceBefore
        : before.has(key)
          ? before.get(key)!
          : this.dropClock(key);
    const closing = this.pipelines.flatMap(({ emissions, own }) =>
      own === null
        ? emissions.closing(from, this.dropClock, "watermark")
        : own.closing(this.dropClock, "watermark"),
    );
    this.emit(closing, outputs);
    for (const { emissions, own } of this.pipelines) (own ?? emissions).drop(this.dropClock);
    if (this.ticks.now === null) this.moment(this.clock.newest!, false, outputs);
  }

  private clockOf(key: Key): Clock {
    return this.plan.source.clock === "source" ? this.clock : key.clock;
  }

  private readonly dropClock = (key: Key): bigint | null =>
    this.ticks.dropClock(this.plan, this.clockOf(key));

  private emit(emissions: Emission<Key, Accepted>[], outputs: Output[]): void {
    const windows = emissions.toSorted(
      ({ window: a }, { window: b }) =>
        order(placed(a), placed(b)) ||
        a.pipeline - b.pipeline ||
        a.key.order - b.key.order ||
        (a.ordinal ?? 0) - (b.ordinal ?? 0),
    );
    for (const emission of windows) {
      const result = this.result(emission);
      if (result !== null) outputs.push(result);
    }
  }

  private result({ window, cause }: Emission<Key, Accepted>): Result | null {
    const pipeline = this.pipelines[window.pipeline]!;
    const { plan } = pipeline;
    // A running aggregate has no bounds of its own: it comes out with the instant at which it does.
    const running = plan.window?.kind === "running" ? (this.ticks.now ?? this.clock.newest!) : null;
    const bounds = { start: running ?? window.start, end: running ?? window.end };
    const { aggregates, inexact, nonfinite } = aggregatesOf(pipeline, window, bounds);
    if (plan.handsOver !== true) this.nulledNonfinite += nonfinite;
    if (carriesOn(plan) && cause !== "update" && window.records.length > 0) {
      const carried = pipeline.carried.get(window.key);
      if (carried === undefined || carried.end <= window.end)
        pipeline.carried.set(window.key, { end: window.end, inexact, aggregates });
    }
    const before = pipeline.results.nonfinite;
    const own = plan.window?.kind === "over" ? plan.window.carried : [];
    const carried = window.cells ?? own.map((at) => window.record!.columns[at]!);
    const { start, end } = bounds;
    const last = plan.window?.kind === "rows" ? end : end - 1n;
    const columns = [...window.key.values, start, end, last, ...carried, ...aggregates];
    const values = pipeline.results.evaluate(columns, bounds.end);
    if (plan.handsOver !== true) this.nulledNonfinite += pipeline.results.nonfinite - before;
    const kept = plan.having === null || values.shift() === true;
    if (window.revision === 0) window.idStart = window.start;
    const revised = revise(window, cause, kept, movesWithTime(plan));
    if (revised === null) return null;
    pipeline.counters.results++;
    const lateCount = pipeline.late.get(window.key) ?? 0;
    pipeline.late.delete(window.key);
    return {
      kind: "result",
      pipeline: window.pipeline,
      ...revised,
      windowStart: bounds.start,
      windowEnd: bounds.end,
      idStart: plan.window?.kind === "session" ? window.idStart! : bounds.start,
      count: window.records.length,
      lateCount,
      ordinal: window.ordinal ?? 0,
      inexact,
      values,
    };
  }

  private get nonfinite(): number {
    const own = this.pipelines.reduce((sum, pipeline) => sum + (pipeline.own?.nonfinite ?? 0), 0);
    return this.nulledNonfinite + this.records.nonfinite + own;
  }

  counters(): Counters {
    const { engines } = this.chain;
    const pipelines: PipelineCounters[] = [];
    for (const { part, pipelines: states } of engines)
      states
        .slice(0, part.firstForReaders)
        .forEach(({ counters, own, emissions: { emptySkipped } }, index) => {
          pipelines[part.places[index]!] = { ...counters, emptySkipped: own?.skipped ?? emptySkipped };
        });
    const sum = (count: (engine: ReferenceEngine) => number): number =>
      engines.reduce((all, engine) => all + count(engine), 0);
    return {
      messages: this.messages,
      ...this.sourceCounters(),
      chained: engines.slice(1).map((engine) => engine.sourceCounters()),
      pipelines,
      keys: sum(({ keys }) => keys.size),
      keysEvicted: sum(({ keys }) => keys.evicted),
      otherRecords: sum(({ keys }) => keys.otherRecords),
      openSlices: sum(({ pipelines: states }) =>
        states.reduce((all, { emissions, own }) => all + (own ?? emissions).size, 0),
      ),
      held: this.reorder?.held ?? 0,
      early: this.reorder?.early ?? 0,
      contextMessages: this.known.messages,
      // The dictionary is the kernel's: here every text has room.
      textSweeps: 0,
      textsGivenBack: 0,
      absentFields: this.plan.source.columns
        .filter((column) => column.from === "field" && !this.present.has(column.name))
        .map((column) => column.name),
    };
  }

  private sourceCounters(): SourceCounters {
    const shown = this.pipelines.filter(({ plan }) => plan.handsOver !== true);
    const evaluated = (count: (evaluator: Evaluator) => number): number =>
      shown.reduce((sum, { results }) => sum + count(results), count(this.records));
    return {
      received: this.received,
      accepted: this.accepted,
      refused: { ...this.refused },
      nulled: {
        type: this.nulledType + evaluated(({ wrongType }) => wrongType),
        nonfinite: this.nonfinite,
        dictionary: evaluated(({ lostTexts }) => lostTexts),
      },
      forgotten: evaluated(({ forgotten }) => forgotten),
    };
  }

  streams(): StreamContext[] {
    return this.known.all;
  }

  /** The reference keeps no samples. */
  takeSamples(): Sample[] {
    return [];
  }

  watermark(): bigint | null {
    return this.ticks.dropClock(this.plan, this.clock);
  }

  snapshot(): Uint8Array {
    return writeHistory(this.history);
  }

  restore(snapshot: Uint8Array): void {
    if (this.history.length > 0)
      throw new MillraceError("MR501", "the reference restores into a new engine only");
    const history = readHistory(snapshot);
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
