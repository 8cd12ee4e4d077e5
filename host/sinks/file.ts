// Sinks `file` and `stdout`: replay lines, appended. Late records go to a file of their own when `late` names one.
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Output } from "../core/engine.ts";
import type { ReplayLines } from "../encoders/replay-line.ts";
import type { Sink, SinkStatus } from "./sink.ts";
import { waitUntil } from "./sink.ts";

export class StreamSink implements Sink {
  readonly name: string;
  private readonly lines: ReplayLines;
  private readonly open: () => NodeJS.WritableStream;
  private readonly owned: boolean;
  private stream: NodeJS.WritableStream | null = null;
  status: SinkStatus = { state: "connecting", detail: "not open yet" };
  delivered = 0;
  queuedBytes = 0;

  private constructor(name: string, lines: ReplayLines, owned: boolean, open: () => NodeJS.WritableStream) {
    this.name = name;
    this.lines = lines;
    this.owned = owned;
    this.open = open;
  }

  static file(path: string, lines: ReplayLines): StreamSink {
    return new StreamSink(`file ${path}`, lines, true, () => {
      mkdirSync(dirname(path), { recursive: true });
      return createWriteStream(path, { flags: "a" });
    });
  }

  static stdout(stream: NodeJS.WritableStream, lines: ReplayLines): StreamSink {
    return new StreamSink("stdout", lines, false, () => stream);
  }

  start(): void {
    this.stream = this.open();
    this.status = { state: "connected", detail: "open" };
    this.stream.on("error", (error: Error) => {
      this.status = { state: "failed", detail: error.message };
    });
  }

  write(output: Output): void {
    const text = `${this.lines.line(output)}\n`;
    this.queuedBytes += text.length;
    this.stream!.write(text, (error) => {
      this.queuedBytes -= text.length;
      if (!error) this.delivered++;
    });
  }

  async drain(timeoutMs: number): Promise<void> {
    const done = await waitUntil(() => this.queuedBytes === 0 || this.status.state === "failed", timeoutMs);
    if (!done || this.status.state === "failed") throw new Error(`${this.name}: ${this.status.detail}`);
  }

  async close(): Promise<void> {
    const { stream } = this;
    if (stream !== null && this.owned) await new Promise<void>((resolve) => stream.end(() => resolve()));
  }
}
