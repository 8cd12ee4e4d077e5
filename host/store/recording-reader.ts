// Reads a recording, after a look at the whole of it: every block is checked before the first one is used. A block
// that is not whole at the very end was cut off by a crash, and is left out; one with whole blocks behind it is
// damage. Imports the format.
import { type FileHandle, open } from "node:fs/promises";
import { MillraceError } from "../core/errors.ts";
import {
  type BeginEntry,
  BLOCK_BYTES_MAX,
  BLOCK_HEAD_BYTES,
  BLOCK_MAGIC,
  blockSum,
  type Entry,
  ENTRY_BEGIN,
  ENTRY_END,
  ENTRY_HEAD_BYTES,
  ENTRY_TICK,
  FILE_HEAD_BYTES,
  FILE_MAGIC,
  RECORDING_VERSION,
} from "./recording-format.ts";

export interface Recording {
  path: string;
  /** Up to the end of the last whole block. */
  bytes: number;
  blocks: number;
  /** Bytes of a cut-off block behind them. */
  cutOffBytes: number;
  /** The first run of the recorder. */
  first: BeginEntry;
  /** Newest tick in ns; null when there is none. */
  lastTickNs: bigint | null;
  /** The recorder stopped as it should. */
  ended: boolean;
}

/** Looks through a recording. Throws MR407 when it is none, of another version, or damaged; else what the system says. */
export async function inspectRecording(path: string): Promise<Recording> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const reader = new BlockReader(file, path, size);
    await reader.readHead();
    let first: BeginEntry | null = null;
    let lastTickNs: bigint | null = null;
    let ended = false;
    while (await reader.next()) {
      for (const { kind, body } of reader.entries()) {
        if (kind === ENTRY_BEGIN) first ??= parseJson<BeginEntry>(body);
        if (kind === ENTRY_TICK) lastTickNs = tickOf(body);
        ended = kind === ENTRY_END;
      }
    }
    if (first === null)
      throw new MillraceError(
        "MR407",
        `${path} is empty: its recorder was stopped before anything was written`,
      );
    const { at: bytes, blocks } = reader;
    return { path, bytes, blocks, cutOffBytes: size - bytes, first, lastTickNs, ended };
  } finally {
    await file.close();
  }
}

/** The entries of a recording that was looked through, a block at a time. Throws MR407 when it changed since. */
export async function* readRecording(
  recording: Recording,
): AsyncGenerator<{ entries: Iterable<Entry>; bytes: number }> {
  const file = await open(recording.path);
  try {
    const reader = new BlockReader(file, recording.path, recording.bytes);
    await reader.readHead();
    let before = 0;
    while (await reader.next()) {
      yield { entries: reader.entries(), bytes: reader.at - before };
      before = reader.at;
    }
    if (reader.at < recording.bytes)
      throw new MillraceError("MR407", `${recording.path} was changed while it was read`);
  } finally {
    await file.close();
  }
}

export function parseJson<T>(body: Uint8Array): T {
  return JSON.parse(Buffer.from(body).toString("utf8")) as T;
}

export function tickOf(body: Uint8Array): bigint {
  return Buffer.from(body.buffer, body.byteOffset, 8).readBigInt64LE();
}

/** Whole blocks one after the other; memory for one of them. */
class BlockReader {
  private readonly file: FileHandle;
  private readonly path: string;
  private readonly size: number;
  private readonly buffer = Buffer.allocUnsafe(BLOCK_BYTES_MAX);
  private bodyBytes = 0;
  /** Where the whole blocks so far end. */
  at = 0;
  blocks = 0;

  constructor(file: FileHandle, path: string, size: number) {
    this.file = file;
    this.path = path;
    this.size = size;
  }

  async readHead(): Promise<void> {
    const head = await this.read(0, FILE_HEAD_BYTES);
    if (head.length < FILE_HEAD_BYTES || !head.subarray(0, 4).equals(FILE_MAGIC))
      throw new MillraceError("MR407", `${this.path} is no recording: those of millrace begin with MREC`);
    const version = head.readUInt32LE(4);
    if (version !== RECORDING_VERSION)
      throw new MillraceError(
        "MR407",
        `${this.path} is a recording of version ${version}, this millrace reads version ${RECORDING_VERSION}: ` +
          "replay it with the version that wrote it",
      );
    this.at = FILE_HEAD_BYTES;
  }

  /** Reads the next block; false at the end, or where the last one is cut off. Throws MR407 for damage. */
  async next(): Promise<boolean> {
    if (this.at >= this.size) return false;
    const bytes = await this.blockAt(this.at, this.blocks);
    if (bytes > 0) {
      this.bodyBytes = bytes - BLOCK_HEAD_BYTES;
      this.at += bytes;
      this.blocks++;
      return true;
    }
    const further = await this.wholeBlockBehind(this.at);
    if (further !== null)
      throw new MillraceError(
        "MR407",
        `${this.path} is damaged: block ${this.blocks} at byte ${this.at} is not whole, and there is more behind it. ` +
          `What stands before it can be replayed: head -c ${this.at} ${this.path} > before.mrec`,
      );
    return false;
  }

  /** Bytes of the block at a place, 0 when none is whole there; `number` null: any. It is then in the buffer. */
  private async blockAt(at: number, number: number | null): Promise<number> {
    const head = await this.read(at, BLOCK_HEAD_BYTES);
    if (head.length < BLOCK_HEAD_BYTES || !head.subarray(0, 4).equals(BLOCK_MAGIC)) return 0;
    const bytes = BLOCK_HEAD_BYTES + head.readUInt32LE(4);
    const sum = head.readUInt32LE(12);
    if (bytes > BLOCK_BYTES_MAX || (number !== null && head.readUInt32LE(8) !== number)) return 0;
    const block = await this.read(at, bytes);
    return block.length === bytes && blockSum(block, block.subarray(BLOCK_HEAD_BYTES)) === sum ? bytes : 0;
  }

  /** The place of a whole block behind a place where none is; null when there is none. */
  private async wholeBlockBehind(from: number): Promise<number | null> {
    const piece = Buffer.allocUnsafe(1 << 16);
    for (let at = from + 1; at < this.size; at += piece.length - BLOCK_MAGIC.length + 1) {
      const { bytesRead } = await this.file.read(piece, 0, piece.length, at);
      const found = piece.subarray(0, bytesRead);
      for (let place = found.indexOf(BLOCK_MAGIC); place >= 0; place = found.indexOf(BLOCK_MAGIC, place + 1))
        if ((await this.blockAt(at + place, null)) > 0) return at + place;
    }
    return null;
  }

  private async read(at: number, bytes: number): Promise<Buffer> {
    let done = 0;
    const wanted = Math.min(bytes, this.size - at);
    while (done < wanted) {
      const { bytesRead } = await this.file.read(this.buffer, done, wanted - done, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return this.buffer.subarray(0, done);
  }

  /** The entries of the block that was read last. */
  *entries(): Generator<Entry> {
    const body = this.buffer.subarray(BLOCK_HEAD_BYTES, BLOCK_HEAD_BYTES + this.bodyBytes);
    for (let at = 0; at < body.length;) {
      const length = at + ENTRY_HEAD_BYTES > body.length ? Infinity : body.readUInt32LE(at + 1);
      if (at + ENTRY_HEAD_BYTES + length > body.length)
        throw new MillraceError(
          "MR407",
          `${this.path} is damaged: its block ${this.blocks - 1} is no list of entries`,
        );
      yield {
        kind: body[at]!,
        body: body.subarray(at + ENTRY_HEAD_BYTES, at + ENTRY_HEAD_BYTES + length),
      };
      at += ENTRY_HEAD_BYTES + length;
    }
  }
}
