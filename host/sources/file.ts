// Source `file`: a bounded input of lines (NDJSON, or CSV with a header row), read once from its beginning, or from
// where an earlier run was stopped. Imports the CSV header reader.
import { createReadStream, type ReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { MillraceError } from "../core/errors.ts";
import { readHeader } from "./csv-header.ts";
import type { Source, SourceCounters, SourceHandler } from "./source.ts";

export class FileSource implements Source {
  readonly counters: SourceCounters = { bytes: 0, connections: 0, sessionsLost: 0 };
  positionBytes = 0;
  private readonly path: string;
  private readonly format: "csv" | "json";
  private readonly handler: SourceHandler;
  private header: Uint8Array | null = null;
  private stream: ReadStream | null = null;
  private paused = false;
  private stopped = false;

  constructor(path: string, format: "csv" | "json", handler: SourceHandler) {
    this.path = path;
    this.format = format;
    this.handler = handler;
  }

  start(positionBytes: number): void {
    this.open(positionBytes).catch((cause: Error) => {
      this.handler.onEnd(new MillraceError("MR302", `cannot read ${this.path}: ${cause.message}`, { cause }));
    });
  }

  private async open(positionBytes: number): Promise<void> {
    const { size } = await stat(this.path);
    if (this.stopped) return;
    if (size < positionBytes)
      throw new Error(
        `it is shorter (${size} bytes) than what an earlier run read of it (${positionBytes} bytes)`,
      );
    this.positionBytes = positionBytes;
    // The names of a header that was read before are part of the engine's snapshot.
    this.header = this.format === "csv" && positionBytes === 0 ? new Uint8Array(0) : null;
    // A pipe can only be read from where it is: no position for the beginning.
    const stream = createReadStream(this.path, {
      highWaterMark: 262144,
      ...(positionBytes > 0 && { start: positionBytes }),
    });
    this.stream = stream;
    this.handler.onStatus({ state: "connected", detail: `reading ${this.path}` });
    stream.on("data", (chunk) => {
      try {
        this.take(chunk as Buffer);
      } catch (error) {
        stream.destroy(error as Error);
      }
    });
    stream.on("end", () => {
      this.handler.onStatus({ state: "ended", detail: `${this.path} is read to its end` });
      this.handler.onEnd(null);
    });
    stream.on("error", (cause: NodeJS.ErrnoException) => {
      // What take() threw comes this way too, and is no fault of the file.
      const unreadable = cause.syscall !== undefined;
      const message = `cannot read ${this.path}: ${cause.message}`;
      this.handler.onEnd(unreadable ? new MillraceError("MR302", message, { cause }) : cause);
    });
    if (this.paused) stream.pause();
  }

  private take(chunk: Uint8Array): void {
    this.counters.bytes += chunk.length;
    if (this.header === null) {
      this.handler.onChunk(chunk);
      this.positionBytes += chunk.length;
      return;
    }
    const { names, rest } = readHeader(this.header, chunk);
    this.header = names === null ? rest : null;
    if (names === null) return;
    this.handler.onHeader(names);
    this.handler.onChunk(rest);
    this.positionBytes = this.counters.bytes;
  }

  pause(): void {
    this.paused = true;
    this.stream?.pause();
  }

  resume(): void {
    this.paused = false;
    this.stream?.resume();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.stream?.destroy();
  }
}
