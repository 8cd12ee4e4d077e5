// Records a source without running anything on it: no engine, no sinks, a session of its own at the broker, which a
// gateway beside it does not notice. Ends when told to, or when the recording is as large as it may be. Imports
// sources, store.
import { MillraceError } from "../core/errors.ts";
import type { SourcePlan } from "../core/plan/plan.ts";
import type { Source, SourceHandler, SourceStatus } from "../sources/source.ts";
import {
  type BeginEntry,
  ENTRY_BEGIN,
  ENTRY_CHUNK,
  ENTRY_CONNECTION,
  ENTRY_END,
  ENTRY_TICK,
  type EndEntry,
} from "../store/recording-format.ts";
import { RecordingWriter } from "../store/recording-writer.ts";
import { TICK_MS } from "./source-runner.ts";

/** A block is written at least this often. */
const FLUSH_TICKS = 10;

export interface CaptureOptions {
  plan: SourcePlan;
  path: string;
  bytesMax: number;
  createSource(handler: SourceHandler): Source;
  nowMs(): number;
  onStatus(status: SourceStatus): void;
}

export class Capture {
  readonly source: Source;
  /** Resolves when the recording is as large as it may be; rejects when it or the source cannot go on. */
  readonly ended: Promise<void>;
  private readonly options: CaptureOptions;
  private readonly writer: RecordingWriter;
  private timer: NodeJS.Timeout | null = null;
  private ticks = 0;
  private over = false;
  private failed = false;
  private resolve: () => void = () => {};
  private reject: (error: Error) => void = () => {};
  private readonly tickBody = new Uint8Array(8);
  private readonly tickView = new DataView(this.tickBody.buffer);

  /** Begins the file. Throws MR151 when it is there already, or cannot be written. */
  constructor(options: CaptureOptions) {
    this.options = options;
    this.ended = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever stops it first does not wait for its end.
    this.ended.catch(() => {});
    this.writer = openWriter(options.path);
    const { name, framing, format } = options.plan;
    const begin: BeginEntry = {
      source: name,
      framing,
      format,
      mqttVersion: 4,
      csvHeader: null,
      build: null,
      atMs: options.nowMs(),
      state: "empty",
      stateBytes: 0,
      stateHash: null,
      skip: 0,
    };
    this.guarded(() => {
      this.writer.appendJson(ENTRY_BEGIN, begin);
      this.writer.flush();
    });
    this.source = options.createSource({
      onChunk: (chunk) => this.takeChunk(chunk),
      onConnection: (version) =>
        this.guarded(() => this.writer.append(ENTRY_CONNECTION, new Uint8Array([version]))),
      onHeader: () => {},
      onStatus: options.onStatus,
      onEnd: (error) => (error === null ? this.resolve() : this.reject(error)),
    });
  }

  /** Bytes of the file. */
  get bytes(): number {
    return this.writer.bytes;
  }

  start(): void {
    this.timer = setInterval(() => {
      this.tick();
      if (++this.ticks % FLUSH_TICKS === 0) this.guarded(() => this.writer.flush());
    }, TICK_MS);
    this.source.start(0);
  }

  private guarded(write: () => void): void {
    if (this.over) return;
    try {
      write();
    } catch (cause) {
      this.over = true;
      this.failed = true;
      this.writer.abandon();
      const { path } = this.options;
      this.reject(new MillraceError("MR151", `cannot write ${path}: ${(cause as Error).message}`, { cause }));
    }
    if (this.failed || this.writer.bytes < this.options.bytesMax) return;
    this.over = true;
    this.writer.flush();
    this.resolve();
  }

  private tick(): void {
    this.tickView.setBigInt64(0, BigInt(this.options.nowMs()) * 1_000_000n, true);
    this.guarded(() => this.writer.append(ENTRY_TICK, this.tickBody));
  }

  private takeChunk(chunk: Uint8Array): void {
    this.tick();
    this.guarded(() => this.writer.appendLong(ENTRY_CHUNK, chunk));
  }

  /** Ends the connection and the file. Throws MR151 when the disk does not take the rest. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.source.stop();
    this.over = true;
    if (this.failed) return;
    const end: EndEntry = { stateHash: null };
    try {
      this.writer.appendJson(ENTRY_END, end);
      this.writer.close();
    } catch (cause) {
      throw new MillraceError("MR151", `cannot write ${this.options.path}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
}

function openWriter(path: string): RecordingWriter {
  try {
    return new RecordingWriter(path, null);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === "EEXIST"
        ? "it is there already, and a recording replaces nothing"
        : code === "ENOENT"
          ? "there is no such folder"
          : message;
    throw new MillraceError("MR151", `cannot write ${path}: ${why}`, { cause });
  }
}
