// Writes a recording. Entries are collected and written a block at a time, when it is large enough or told to; a block
// is one write. The writes are synchronous on purpose: a disk that is slower than the source holds the source up, so
// nothing piles up in memory. Imports the format.
import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import {
  BLOCK_BYTES,
  BLOCK_BYTES_MAX,
  BLOCK_HEAD_BYTES,
  BLOCK_MAGIC,
  blockSum,
  ENTRY_BYTES_MAX,
  ENTRY_HEAD_BYTES,
  FILE_HEAD_BYTES,
  FILE_MAGIC,
  RECORDING_VERSION,
} from "./recording-format.ts";

/** Where a file that is there already goes on. */
export interface Continuation {
  /** Whole blocks end here; what is behind it is cut off. */
  bytes: number;
  blocks: number;
}

export class RecordingWriter {
  private readonly file: number;
  private readonly buffer = Buffer.allocUnsafe(BLOCK_BYTES_MAX);
  private used = BLOCK_HEAD_BYTES;
  private blocks: number;
  private written: number;
  private open = true;

  /** Begins a file, which must not be there, or goes on with one. Throws what the file system says. */
  constructor(path: string, continuation: Continuation | null) {
    this.file = openSync(path, continuation === null ? "wx" : "r+", 0o600);
    this.blocks = continuation?.blocks ?? 0;
    this.written = continuation?.bytes ?? FILE_HEAD_BYTES;
    if (continuation === null) {
      const head = Buffer.alloc(FILE_HEAD_BYTES);
      FILE_MAGIC.copy(head);
      head.writeUInt32LE(RECORDING_VERSION, FILE_MAGIC.length);
      this.write(head, FILE_HEAD_BYTES, 0);
    } else ftruncateSync(this.file, continuation.bytes);
  }

  /** Bytes of the file, with what waits to be written. */
  get bytes(): number {
    return this.written + (this.used > BLOCK_HEAD_BYTES ? this.used : 0);
  }

  /** Copies `body` (at most ENTRY_BYTES_MAX) into an entry. */
  append(kind: number, body: Uint8Array): void {
    const { buffer } = this;
    buffer[this.used] = kind;
    buffer.writeUInt32LE(body.length, this.used + 1);
    buffer.set(body, this.used + ENTRY_HEAD_BYTES);
    this.used += ENTRY_HEAD_BYTES + body.length;
    if (this.used >= BLOCK_BYTES) this.flush();
  }

  appendJson(kind: number, value: unknown): void {
    this.append(kind, Buffer.from(JSON.stringify(value)));
  }

  /** As many entries as it takes. */
  appendLong(kind: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES_MAX)
      this.append(kind, bytes.subarray(at, at + ENTRY_BYTES_MAX));
  }

  /** Hands the entries so far to the system: from now on they survive the process. */
  flush(): void {
    if (this.used === BLOCK_HEAD_BYTES) return;
    const { buffer } = this;
    BLOCK_MAGIC.copy(buffer);
    buffer.writeUInt32LE(this.used - BLOCK_HEAD_BYTES, 4);
    buffer.writeUInt32LE(this.blocks, 8);
    buffer.writeUInt32LE(blockSum(buffer, buffer.subarray(BLOCK_HEAD_BYTES, this.used)), 12);
    this.write(buffer, this.used, this.written);
    this.written += this.used;
    this.blocks++;
    this.used = BLOCK_HEAD_BYTES;
  }

  private write(bytes: Buffer, length: number, position: number): void {
    let done = 0;
    while (done < length) done += writeSync(this.file, bytes, done, length - done, position + done);
  }

  /** Writes what is left, and waits until the disk has it. */
  close(): void {
    try {
      this.flush();
      fsyncSync(this.file);
    } finally {
      this.abandon();
    }
  }

  /** Gives the file up after an error: the blocks that are whole can be read. */
  abandon(): void {
    if (this.open) closeSync(this.file);
    this.open = false;
  }
}
