// Records what enters a source's engine: chunks and ticks as it gets them, and the state that it began with, so that a
// replay brings out what it brought out. A block is written at least once a second. Bounded: a file that has grown to half of what
// recordings may take becomes SOURCE.old.mrec, and a new one begins with the state of that moment. A disk that fails
// ends the recording, never the gateway. Imports core, store.
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { MillraceError } from "../core/errors.ts";
import {
  type BeginEntry,
  ENTRY_BEGIN,
  ENTRY_CHUNK,
  ENTRY_CONNECTION,
  ENTRY_END,
  ENTRY_FLUSH,
  ENTRY_HEADER,
  ENTRY_STATE,
  ENTRY_TICK,
  type EndEntry,
  hashOf,
} from "../store/recording-format.ts";
import { inspectRecording } from "../store/recording-reader.ts";
import { type Continuation, RecordingWriter } from "../store/recording-writer.ts";
import { MessageBoundary } from "./message-boundary.ts";
import type { InputTap, SourceRunner } from "./source-runner.ts";
import type { StartState } from "./state.ts";

const FLUSH_NS = 1_000_000_000n;

export interface RecorderOptions {
  runner: SourceRunner;
  /** SOURCE.mrec. */
  path: string;
  /** Of this source's recordings together, besides the states that they begin with. */
  bytesMax: number;
  /** SHA-256 of the kernel, in hex. */
  build: string;
  nowMs(): number;
  log(text: string): void;
}

export class Recorder implements InputTap {
  private readonly options: RecorderOptions;
  private readonly boundary: MessageBoundary;
  /** null when the recording is over. */
  private writer: RecordingWriter | null = null;
  private flushedNs = 0n;
  /** Of the state that the run began with: it does not count, or a large one would be written again and again. */
  private stateBytes = 0;
  private readonly tickBody = new Uint8Array(8);
  private readonly tickView = new DataView(this.tickBody.buffer);

  constructor(options: RecorderOptions) {
    this.options = options;
    this.boundary = new MessageBoundary(options.runner.plan.source.framing);
  }

  get recording(): boolean {
    return this.writer !== null;
  }

  /**
   * Begins with what the engine has from an earlier run, in the file that is there if it can go on in it. Throws MR151
   * when it cannot be written.
   */
  async begin(state: StartState): Promise<void> {
    const { path, log, runner } = this.options;
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.writer = new RecordingWriter(path, await this.continuation());
      this.writeBegin(state.kind, state.kind === "restored" ? state.snapshot : null);
      this.writer.flush();
    } catch (cause) {
      throw new MillraceError("MR151", `cannot record to ${path}: ${(cause as Error).message}`, { cause });
    }
    runner.taps.add(this);
    log(`source ${runner.plan.source.name}: recorded in ${path}`);
  }

  /** Where the file of an earlier run goes on; null when there is none, or it was set aside. */
  private async continuation(): Promise<Continuation | null> {
    const { path, log, runner } = this.options;
    if (!existsSync(path)) return null;
    const found = await inspectRecording(path).catch((error: Error) => {
      if (error instanceof MillraceError) return error;
      throw error;
    });
    const { name, framing } = runner.plan.source;
    if (!(found instanceof MillraceError) && found.first.source === name && found.first.framing === framing)
      return found;
    const why = found instanceof MillraceError ? found.message : "it is of another kind of source";
    renameSync(path, this.oldPath);
    log(`source ${name}: the recording that was there is now ${this.oldPath} (${why})`);
    return null;
  }

  private get oldPath(): string {
    return this.options.path.replace(/\.mrec$/, ".old.mrec");
  }

  private writeBegin(kind: BeginEntry["state"], state: Uint8Array | null): void {
    const { runner, build, nowMs } = this.options;
    const { name, framing, format } = runner.plan.source;
    const begin: BeginEntry = {
      source: name,
      framing,
      format,
      mqttVersion: runner.mqttVersion,
      csvHeader: runner.csvHeader,
      build,
      atMs: nowMs(),
      state: kind,
      stateBytes: state?.length ?? 0,
      stateHash: state === null ? null : hashOf(state),
      skip: this.boundary.skip,
    };
    this.writer!.appendJson(ENTRY_BEGIN, begin);
    if (state !== null) this.writer!.appendLong(ENTRY_STATE, state);
    this.stateBytes = begin.stateBytes;
  }

  /** Runs `write`; what the disk refuses ends the recording. */
  private guarded(write: (writer: RecordingWriter) => void): void {
    const { writer } = this;
    if (writer === null) return;
    try {
      write(writer);
    } catch (error) {
      this.writer?.abandon();
      this.writer = null;
      const { runner, path, log } = this.options;
      runner.taps.delete(this);
      log(
        `source ${runner.plan.source.name}: the recording ${path} ends here, the disk does not take it: ${(error as Error).message}`,
      );
    }
  }

  onChunk(chunk: Uint8Array): void {
    this.guarded((writer) => writer.appendLong(ENTRY_CHUNK, chunk));
    this.boundary.take(chunk);
  }

  onTick(nowNs: bigint): void {
    this.guarded((writer) => {
      if (writer.bytes - this.stateBytes >= this.options.bytesMax / 2) this.roll(writer);
    });
    this.guarded((writer) => {
      this.tickView.setBigInt64(0, nowNs, true);
      writer.append(ENTRY_TICK, this.tickBody);
      if (nowNs - this.flushedNs >= FLUSH_NS) {
        writer.flush();
        this.flushedNs = nowNs;
      }
    });
  }

  /** Sets the file aside and begins another one. Only between two calls of the engine. */
  private roll(writer: RecordingWriter): void {
    const snapshot = this.options.runner.engine.snapshot();
    this.writeEnd(writer, snapshot);
    renameSync(this.options.path, this.oldPath);
    this.writer = new RecordingWriter(this.options.path, null);
    this.writeBegin("running", snapshot);
    this.writer.flush();
  }

  private writeEnd(writer: RecordingWriter, snapshot: Uint8Array | null): void {
    const end: EndEntry = { stateHash: snapshot === null ? null : hashOf(snapshot) };
    writer.appendJson(ENTRY_END, end);
    writer.close();
  }

  onFlush(): void {
    this.guarded((writer) => writer.append(ENTRY_FLUSH, new Uint8Array(0)));
  }

  onOutputs(): void {}

  onConnection(mqttVersion: 4 | 5): void {
    this.boundary.reset();
    this.guarded((writer) => writer.append(ENTRY_CONNECTION, new Uint8Array([mqttVersion])));
  }

  onHeader(names: string[]): void {
    this.guarded((writer) => writer.appendJson(ENTRY_HEADER, names));
  }

  /** Nothing will enter the engine any more; `snapshot` is the state that the next start will have, if any. */
  end(snapshot: Uint8Array | null): void {
    this.guarded((writer) => this.writeEnd(writer, snapshot));
    this.writer = null;
    this.options.runner.taps.delete(this);
  }
}
