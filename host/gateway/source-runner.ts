// One source at work: its connection, its engine, the sinks of its pipelines. Ticks come before each chunk and every
// 100 ms. When the sinks hold too much the source is paused, so memory stays bounded. Whoever wants to see the same
// input (the live page) taps it here. Imports core, sources, sinks.
import type { Engine, Output, Outputs, Sample } from "../core/engine.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { RefusedRecord } from "../encoders/refused-line.ts";
import type { Sink } from "../sinks/sink.ts";
import type { Source, SourceHandler, SourceStatus } from "../sources/source.ts";

export const TICK_MS = 100;
const QUEUE_HIGH_BYTES = 16 * 1024 * 1024;
const QUEUE_LOW_BYTES = 4 * 1024 * 1024;
/** Rates are taken over this many ticks. */
const RATE_TICKS = 20;
/** Taps get outputs in pieces of at most so many. */
const PIECE_OUTPUTS = 1024;

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
  private readonly received: number[] = [];
  private resolveEnded: (error: Error | null) => void = () => {};

  constructor(options: RunnerOptions) {
    this.options = options;
    this.plan = options.plan;
    this.engine = options.engine;
    this.sinks = options.sinks;
    this.everySink = options.sinks.flat();
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
    this.source = options.createSource({
      onChunk: (chunk) => this.takeChunk(chunk),
      onConnection: (version) => this.connection(version),
      onHeader: (names) => {
        this.csvHeader = names;
        this.engine.csvHeader(names);
        for (const tap of this.taps) tap.onHeader(names);
      },
      onStatus: (status) => {
        this.status = status;
      },
      onEnd: (error) => this.end(error),
    });
  }

  /** `positionBytes` is where a bounded input goes on. */
  start(positionBytes: number): void {
    this.timer = setInterval(() => {
      this.tick();
      this.checkQueues();
      this.measure();
    }, TICK_MS);
    this.source.start(positionBytes);
  }

  private connection(version: 4 | 5): void {
    this.mqttVersion = version;
    // What was cut off with the last connection will be sent again, or is lost with it.
    this.give(this.engine.endOfFile());
    this.engine.setMqttVersion(version);
    for (const tap of this.taps) tap.onConnection(version);
  }

  private tick(): void {
    const nowNs = BigInt(this.options.nowMs()) * 1_000_000n;
    for (const tap of this.taps) tap.onTick(nowNs);
    this.give(this.engine.tick(nowNs));
  }

  private takeChunk(chunk: Uint8Array): void {
    this.tick();
    for (const tap of this.taps) tap.onChunk(chunk);
    if (this.give(this.engine.push(chunk))) this.checkQueues();
  }

  /** Returns whether there were any. */
  private give(outputs: Outputs): boolean {
    let any = false;
    let piece: Output[] = [];
    const show = (): void => {
      for (const tap of this.taps) tap.onOutputs(piece);
      piece = [];
    };
    for (const output of outputs) {
      any = true;
      for (const sink of this.sinks[output.pipeline]!) sink.write(output);
      if (this.taps.size === 0) continue;
      piece.push(output);
      if (piece.length === PIECE_OUTPUTS) show();
    }
    if (piece.length > 0) show();
    return any;
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
    if (error === null) {
      for (const tap of this.taps) tap.onFlush();
      this.give(this.engine.flush());
    } else this.status = { state: "failed", detail: error.message };
    this.resolveEnded(error);
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
      this.source.resume();
      this.options.log(`source ${this.plan.source.name} goes on`);
    }
  }

  /** Stops reading; nothing enters the engine any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearInterval(this.timer);
    await this.source.stop();
    this.takeSamples();
  }
}
