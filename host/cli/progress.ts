// A progress line on a terminal: rate, position, time left. On a pipe it says nothing at all. Imports core.
import type { Engine } from "../core/engine.ts";

const EVERY_MS = 200;

export class Progress {
  private readonly stream: NodeJS.WriteStream;
  private readonly label: string;
  private readonly totalBytes: number | null;
  private readonly engine: Pick<Engine, "counters">;
  private readonly receivedBefore: number;
  private readonly begun = performance.now();
  private bytes = 0;
  private shown = -Infinity;

  /** Of one input from its beginning; `totalBytes` is null when it is not known. */
  constructor(
    stream: NodeJS.WriteStream,
    label: string,
    totalBytes: number | null,
    engine: Pick<Engine, "counters">,
  ) {
    this.stream = stream;
    this.label = label;
    this.totalBytes = totalBytes;
    this.engine = engine;
    this.receivedBefore = engine.counters().received;
  }

  advance(bytes: number): void {
    this.bytes += bytes;
    const now = performance.now();
    if (!this.stream.isTTY || now - this.shown < EVERY_MS) return;
    this.shown = now;
    const seconds = (now - this.begun) / 1000;
    const received = this.engine.counters().received - this.receivedBefore;
    const rate = Math.round(received / Math.max(seconds, 0.001));
    const share = this.totalBytes === null ? null : this.bytes / Math.max(this.totalBytes, 1);
    const position =
      share === null ? `${(this.bytes / 1048576).toFixed(1)} MB` : `${Math.floor(share * 100)} %`;
    const left =
      share === null || share === 0 ? "" : `, ${Math.ceil((seconds / share) * (1 - share))} s left`;
    this.stream.write(`\r\x1b[K${this.label}: ${position}, ${rate.toLocaleString("en")} records/s${left}`);
  }

  end(): void {
    if (this.stream.isTTY && this.shown > 0) this.stream.write("\r\x1b[K");
  }
}
