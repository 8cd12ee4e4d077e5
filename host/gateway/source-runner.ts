// One source at work: its connection, its engine, the sinks of its pipelines. Ticks come before each chunk and every
// 100 ms. When the sinks hold too much the source is paused, and so is the engine, so memory stays bounded. Whoever wants to see the same
// input (the live page) taps it here. Imports core, sources, sinks.
import type { Engine, Output, Sample } from "../core/engine.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { RefusedRecord } from "../encoders/refused-line.ts";
import type { Sink } from "../sinks/sink.ts";
import type { Source, SourceHandler, SourceStatus } from "../sources/source.ts";
import { type Step, Steps } from "./steps.ts";

export const TICK_MS = 100;
const QUEUE_HIGH_BYTES = 16 * 1024 * 1024;
const QUEUE_LOW_BYTES = 4 * 1024 * 1024;
/** What was read comes out whole, unless so much waits: the rest waits in the engine until the source may go on. */
const QUEUE_FULL_BYTES = 24 * 1024 * 1024;
/** When so much waits before all came out, the sinks get a moment to write: what they have written dies young. */
const QUEUE_MOMENT_BYTES = 256 * 1024;
const MOMENT_MS = 2;
/** Rates are taken over this many ticks. */
const RATE_TICKS = 20;

/** Sees everything that enters the engine, in order and just before, and what came out of it. */
export interface InputTap {
  onChunk(chunk: Uint8Array): void;
  onTick(nowNs: bigint): void;
  onFlush(): void;
  /** Some of what came out, in order: there may be more of the same chunk or tick. */
  onOutputs(outputs: Output[]): void;
  onConnection(mqttVersion: 4 | 5): void;
  onHeader(names: string[]): void;
}

export interface RunnerOptions {
  plan: Plan;
  engine: Engine;
  /** Sinks of each pipeline. */
  sinks: Sink[][];
  createSource(handler: SourceHandler): Source;
  nowMs(): number;
  log(text: string): void;
}

export class SourceRunner {
  readonly plan: Plan;
  readonly engine: Engine;
  readonly sinks: Sink[][];
  private readonly everySink: Sink[];
  readonly source: Source;
  readonly taps = new Set<InputTap>();
  status: SourceStatus = { state: "connecting", detail: "not started yet" };
  mqttVersion: 4 | 5 = 4;
  /** Of a CSV file, once it is read. */
  csvHeader: string[] | null = null;
  paused = false;
  /** Records a second, over the last two seconds. */
  rateHz = 0;
  /** Refused records, the first few of each reason and moment. */
  onSamples: (samples: Sample[]) => void = () => {};
  /** Resolves when a bounded input is at its end, or with an error when the source cannot go on. */
  readonly ended: Promise<Error | null>;
  private readonly options: RunnerOptions;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private readonly steps: Steps;
  /** The source is paused because steps wait for what came out before. */
  private held = false;
  private readonly received: number[] = [];
  private resolveEnded: (error: Error | null) => void = () => {};

  constructor(options: RunnerOptions) {
    this.options = options;
    this.plan = options.plan;
    this.engine = options.engine;
    this.sinks = options.sinks;
    this.everySink = options.sinks.flat();
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
    this.steps = new Steps(
      (outputs) => this.give(outputs),
      () => this.pauseMs(),
      () => this.letGo(),
    );
    this.source = options.createSource({
      onChunk: (chunk) => this.takeChunk(chunk),
      onConnection: (version) => this.connection(version),
      onHeader: (names) =>
        this.whenAtRest(() => {
          this.csvHeader = names;
          this.engine.csvHeader(names);
          for (const tap of this.taps) tap.onHeader(names);
        }),
      onStatus: (status) => {
        this.status = status;
      },
      onEnd: (error) => this.end(error),
    });
  }

  /** `positionBytes` is where a bounded input goes on. */
  start(positionBytes: number): void {
    this.timer = setInterval(() => {
      if (this.steps.areAtRest) this.steps.add(this.tick());
      this.checkQueues();
      this.measure();
    }, TICK_MS);
    this.source.start(positionBytes);
  }

  /** Lets something happen between two calls of the engine, when all that came out was handed on: now, or soon. */
  whenAtRest(act: () => void): void {
    this.steps.add(() => {
      act();
      return [];
    });
  }

  private connection(version: 4 | 5): void {
    // What was cut off with the last connection will be sent again, or is lost with it.
    this.steps.add(() => this.engine.endOfFile());
    this.whenAtRest(() => {
      this.mqttVersion = version;
      this.engine.setMqttVersion(version);
      for (const tap of this.taps) tap.onConnection(version);
    });
  }

  /** A tick of the present, also where its turn comes later. */
  private tick(): Step {
    const nowNs = BigInt(this.options.nowMs()) * 1_000_000n;
    return () => {
      for (const tap of this.taps) tap.onTick(nowNs);
      return this.engine.tick(nowNs);
    };
  }

  private takeChunk(chunk: Uint8Array): void {
    this.steps.add(this.tick());
    this.steps.add(() => {
      for (const tap of this.taps) tap.onChunk(chunk);
      return this.engine.push(chunk);
    });
    if (this.steps.areAtRest || this.held) return;
    this.held = true;
    this.source.pause();
  }

  private pauseMs(): number | null {
    const queued = this.queuedBytes;
    if (this.paused && queued >= QUEUE_FULL_BYTES) return null;
    return queued < QUEUE_MOMENT_BYTES ? 0 : MOMENT_MS;
  }

  private letGo(): void {
    if (!this.held) return;
    this.held = false;
    if (!this.paused) this.source.resume();
  }

  private give(outputs: Output[]): void {
    for (const output of outputs) for (const sink of this.sinks[output.pipeline]!) sink.write(output);
    for (const tap of this.taps) tap.onOutputs(outputs);
    this.checkQueues();
  }

  /** Rate, and refused records for those who want to see them. */
  private measure(): void {
    this.received.push(this.engine.counters().received);
    if (this.received.length > RATE_TICKS) this.received.shift();
    const ticks = Math.max(1, this.received.length - 1);
    this.rateHz = ((this.received.at(-1)! - this.received[0]!) * 1000) / (ticks * TICK_MS);
    this.takeSamples();
  }

  private takeSamples(): void {
    const samples = this.engine.takeSamples();
    if (samples.length === 0) return;
    this.onSamples(samples);
    const targets = this.everySink.filter((sink) => sink.takesRefused);
    if (targets.length === 0) return;
    const decoder = new TextDecoder();
    for (const { reason, message, position, text } of samples) {
      const source = this.plan.source.name;
      const timeMs = this.options.nowMs();
      const record: RefusedRecord = {
        kind: "refused",
        source,
        reason,
        message,
        position,
        text: decoder.decode(text),
        timeMs,
      };
      for (const sink of targets) sink.write(record);
    }
  }

  private end(error: Error | null): void {
    if (error !== null) {
      this.status = { state: "failed", detail: error.message };
      this.resolveEnded(error);
      return;
    }
    this.steps.add(() => {
      for (const tap of this.taps) tap.onFlush();
      return this.engine.flush();
    });
    this.whenAtRest(() => this.resolveEnded(null));
  }

  get queuedBytes(): number {
    let bytes = 0;
    for (const sink of this.everySink) bytes += sink.queuedBytes;
    return bytes;
  }

  private checkQueues(): void {
    if (this.stopped) return;
    const queued = this.queuedBytes;
    if (!this.paused && queued > QUEUE_HIGH_BYTES) {
      this.paused = true;
      this.source.pause();
      const away = this.everySink.find((sink) => sink.status.state !== "connected");
      const who = away
        ? `${away.name} is away (${away.status.detail})`
        : "the sinks are slower than the source";
      this.options.log(`source ${this.plan.source.name} waits: ${who}`);
    } else if (this.paused && queued < QUEUE_LOW_BYTES) {
      this.paused = false;
      if (!this.held) this.source.resume();
      this.steps.goOn();
      this.options.log(`source ${this.plan.source.name} goes on`);
    }
  }

  /** Stops reading; nothing enters the engine any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearInterval(this.timer);
    await this.source.stop();
    this.steps.finish();
    this.takeSamples();
  }
}
