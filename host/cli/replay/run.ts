// One replay: bytes in, lines out, counts at the end. Owns what goes to stdout and stderr.
// Imports core, encoders, the CSV header.
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { addAbortSignal } from "node:stream";
import type { Counters, Engine, Outputs } from "../../core/engine.ts";
import { countersOfSource } from "../../core/plan/chain.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { ReplayLines } from "../../encoders/replay-line.ts";
import { HeaderError, readHeader } from "../../sources/csv-header.ts";
import { LineWriter } from "../output.ts";
import { Progress } from "../progress.ts";
import { Samples } from "../samples.ts";
import type { VerbIo } from "../verb.ts";
import { type Input, unreadable } from "./inputs.ts";
import { Pace } from "./pace.ts";

const PIECE_BYTES = 65_536;

export interface RunOptions {
  format: "json" | "csv" | "recording";
  /** How many times as fast as the records' own time; Infinity: without waiting. */
  speed: number;
  strict: boolean;
  /** Place of the only pipeline that comes out; null: all of them. */
  only: number | null;
}

export class ReplayRun {
  private readonly plan: Plan;
  private readonly engine: Engine;
  private readonly io: VerbIo;
  private readonly options: RunOptions;
  private readonly lines: ReplayLines;
  private readonly writer: LineWriter;
  private readonly samples: Samples;
  private readonly results: number[];
  readonly pace: Pace;
  /** Exit status. */
  status = 0;

  constructor(plan: Plan, engine: Engine, io: VerbIo, options: RunOptions) {
    this.plan = plan;
    this.engine = engine;
    this.io = io;
    this.options = options;
    this.lines = new ReplayLines(plan);
    this.writer = new LineWriter(io.stdout);
    this.samples = new Samples(io.stderr);
    this.pace = new Pace(options.speed, io.signal);
    this.results = plan.pipelines.map(() => 0);
  }

  /** The reader is gone, the user said stop, or --strict met a bad record. */
  get stopped(): boolean {
    return this.writer.closed || this.io.signal.aborted || this.status !== 0;
  }

  /** Reads one input to its end, or until the run is to stop. Throws MR151 when it cannot be read. */
  async readInput({ name, bytes }: Input): Promise<void> {
    const label = name === "-" ? "standard input" : basename(name);
    const progress = new Progress(this.io.stderr, label, bytes, this.engine);
    let header: Uint8Array | null = this.options.format === "csv" ? new Uint8Array(0) : null;
    try {
      for await (const piece of bytes === null ? this.streamed(name) : filePieces(name)) {
        let chunk: Uint8Array = piece;
        if (header !== null) {
          const found = readHeader(header, chunk);
          header = found.names === null ? found.rest.slice() : null;
          if (found.names === null) continue;
          this.engine.csvHeader(found.names);
          chunk = found.rest;
        }
        await this.push(chunk, label);
        progress.advance(piece.length);
        await this.handOn();
        if (this.stopped) break;
      }
    } catch (error) {
      const { name: kind, syscall } = error as NodeJS.ErrnoException;
      if (syscall !== undefined || error instanceof HeaderError) throw unreadable(name, error);
      if (kind !== "AbortError") throw error;
    }
    progress.end();
    if (this.stopped) return;
    await this.take(this.engine.endOfFile());
    this.takeSamples(label);
  }

  /** Standard input or a named pipe; whoever presses Ctrl-C does not wait for the next piece. */
  private streamed(name: string): AsyncIterable<Uint8Array> {
    const stream = name === "-" ? this.io.stdin : createReadStream(name, { highWaterMark: PIECE_BYTES });
    return addAbortSignal(this.io.signal, stream) as AsyncIterable<Buffer>;
  }

  /** Line by line where the run may have to wait or to end between two; the results are the same. */
  private async push(chunk: Uint8Array, label: string): Promise<void> {
    if (!this.pace.waits && !this.options.strict) {
      await this.take(this.engine.push(chunk));
      this.takeSamples(label);
      return;
    }
    for (const line of linesOf(chunk)) {
      const outputs = this.engine.push(line);
      await this.reach(this.engine.watermark());
      await this.take(outputs);
      this.takeSamples(label);
      if (this.stopped) return;
    }
  }

  /** Prints outputs, no faster than stdout takes them; not all of them when the run is to stop meanwhile. */
  async take(outputs: Outputs): Promise<void> {
    const { only } = this.options;
    for (const output of outputs) {
      if (only !== null && output.pipeline !== only) continue;
      if (output.kind === "result") this.results[output.pipeline]!++;
      this.writer.write(this.lines.line(output));
      if (!this.writer.isFull) continue;
      await this.writer.ready();
      if (this.stopped) return;
    }
  }

  /** Prints refused records; with --strict the first one ends the run. */
  takeSamples(label: string): void {
    const samples = this.engine.takeSamples();
    this.samples.print(label, samples);
    if (this.options.strict && samples.length > 0) this.status = 3;
  }

  /** Waits until a moment of the input's own time, at the chosen speed, has come. */
  reach(timeNs: bigint | null): Promise<void> {
    return this.pace.reach(timeNs, () => this.writer.flush());
  }

  /** Writes what came out so far, and resolves when stdout takes more. */
  async handOn(): Promise<void> {
    this.writer.flush();
    await this.writer.ready();
  }

  /** Waits until stdout has everything, and says what is left to say. */
  async finish(): Promise<void> {
    await this.writer.end();
    const counters = this.engine.counters();
    this.samples.printTotals(counters);
    if (counters.accepted > 0 && counters.absentFields.length > 0) {
      this.io.stderr.write(
        `note: no record had ${counters.absentFields.map((name) => `"${name}"`).join(", ")}\n`,
      );
    }
    if (this.io.signal.aborted) this.status = 1;
  }

  /** What `--summary` holds. */
  summary(wallMs: number): unknown {
    const counters: Counters = this.engine.counters();
    const { user, system } = process.cpuUsage();
    const shown = this.plan.pipelines.flatMap((pipeline, index) =>
      this.options.only === null || this.options.only === index ? [{ pipeline, index }] : [],
    );
    const byPipeline = <T>(value: (index: number) => T): Record<string, T> =>
      Object.fromEntries(shown.map(({ pipeline, index }) => [pipeline.name, value(index)]));
    const readers = shown.filter(({ pipeline }) => pipeline.from !== undefined);
    const handed = readers.map(({ pipeline, index }): [string, unknown] => {
      const { received, refused, nulled } = countersOfSource(this.plan, counters, index);
      return [pipeline.name, { records: received, refused, nulled }];
    });
    return {
      records: counters.received,
      results: byPipeline((index) => this.results[index]!),
      late: byPipeline((index) => ({
        records: counters.pipelines[index]!.lateRecords,
        windows: counters.pipelines[index]!.lateWindows,
      })),
      late_updates: byPipeline((index) => counters.pipelines[index]!.lateUpdates),
      empty_skipped: byPipeline((index) => counters.pipelines[index]!.emptySkipped),
      filtered: byPipeline((index) => counters.pipelines[index]!.filtered),
      ...(handed.length === 0 ? {} : { handed_over: Object.fromEntries(handed) }),
      refused: counters.refused,
      nulled: counters.nulled,
      forgotten: counters.forgotten,
      keys_evicted: counters.keysEvicted,
      other_records: counters.otherRecords,
      held: counters.held,
      early: counters.early,
      context: counters.contextMessages,
      wall_ms: Math.round(wallMs),
      cpu_ms: Math.round((user + system) / 1000),
      peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 102.4) / 10,
    };
  }
}

/** The pieces of a file, all in the same buffer: each is used up before the next one is read. */
async function* filePieces(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = new Uint8Array(PIECE_BYTES);
    while (true) {
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** A piece cut behind each of its newlines. */
function* linesOf(piece: Uint8Array): Generator<Uint8Array> {
  let from = 0;
  while (from < piece.length) {
    const newline = piece.indexOf(10, from);
    const to = newline < 0 ? piece.length : newline + 1;
    yield piece.subarray(from, to);
    from = to;
  }
}
