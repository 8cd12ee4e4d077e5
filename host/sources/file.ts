// Source `file`: a bounded input of lines (NDJSON, or CSV with a header row), read once from its beginning.
// Imports the CSV header reader.
import { createReadStream, type ReadStream } from "node:fs";
import { MillraceError } from "../core/errors.ts";
import { readHeader } from "./csv-header.ts";
import type { Source, SourceHandler } from "./source.ts";

export class FileSource implements Source {
  private readonly path: string;
  private readonly handler: SourceHandler;
  private header: Uint8Array | null;
  private stream: ReadStream | null = null;

  constructor(path: string, format: "csv" | "json", handler: SourceHandler) {
    this.path = path;
    this.handler = handler;
    this.header = format === "csv" ? new Uint8Array(0) : null;
  }

  start(): void {
    this.stream = createReadStream(this.path, { highWaterMark: 262144 });
    this.handler.onStatus({ state: "connected", detail: `reading ${this.path}` });
    this.stream.on("data", (chunk) => this.take(chunk as Buffer));
    this.stream.on("end", () => {
      this.handler.onStatus({ state: "ended", detail: `${this.path} is read to its end` });
      this.handler.onEnd(null);
    });
    this.stream.on("error", (cause) => {
      this.handler.onEnd(new MillraceError("MR302", `cannot read ${this.path}: ${cause.message}`, { cause }));
    });
  }

  private take(chunk: Uint8Array): void {
    if (this.header === null) {
      this.handler.onChunk(chunk);
      return;
    }
    const { names, rest } = readHeader(this.header, chunk);
    this.header = names === null ? rest : null;
    if (names === null) return;
    this.handler.onHeader(names);
    this.handler.onChunk(rest);
  }

  pause(): void {
    this.stream?.pause();
  }

  resume(): void {
    this.stream?.resume();
  }

  async stop(): Promise<void> {
    this.stream?.destroy();
  }
}
