// A recording (.mrec): everything that entered an engine, in order. docs/recordings.md describes it for others.
//   file   ┌ "MREC" ┬ version u32 ┬ block ┬ block ┬ …
//   block  ┌ "MRBK" ┬ bytes of the body u32 ┬ its number u32, from 0 ┬ CRC-32 u32 of those 12 bytes and the body ┬ body ┐
//   body   ┌ entry ┬ entry ┬ …, whole ones only        entry  ┌ kind u8 ┬ length u32 ┬ bytes ┐
// All numbers are little-endian. A reader needs nothing but a block to know that it is whole, and in its place.
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Format, Framing } from "../core/plan/plan.ts";

export const RECORDING_VERSION = 1;
export const FILE_MAGIC = Buffer.from("MREC");
export const BLOCK_MAGIC = Buffer.from("MRBK");
export const FILE_HEAD_BYTES = 8;
export const BLOCK_HEAD_BYTES = 16;
export const ENTRY_HEAD_BYTES = 5;
/** Longer bytes are several entries: where chunks are cut never shows. */
export const ENTRY_BYTES_MAX = 1 << 20;
/** A block is written when it has grown to this. */
export const BLOCK_BYTES = 262_144;
/** What one more entry may take it to. */
export const BLOCK_BYTES_MAX = BLOCK_HEAD_BYTES + BLOCK_BYTES + ENTRY_HEAD_BYTES + ENTRY_BYTES_MAX;

/** A run of the recorder begins: JSON (BeginEntry), then the engine's state in pieces. */
export const ENTRY_BEGIN = 1;
export const ENTRY_STATE = 2;
/** Bytes of the source as they came. */
export const ENTRY_CHUNK = 3;
/** Host time that the engine was told, i64 ns. */
export const ENTRY_TICK = 4;
/** A new connection: u8, the protocol of the frames that follow. What was cut off with the last one is void. */
export const ENTRY_CONNECTION = 5;
/** JSON: the column names of a CSV file. */
export const ENTRY_HEADER = 6;
/** A bounded source is at its end: every open window came out. */
export const ENTRY_FLUSH = 7;
/** The recorder stopped as it should: JSON (EndEntry). */
export const ENTRY_END = 8;

export interface BeginEntry {
  source: string;
  framing: Framing;
  format: Format;
  mqttVersion: 4 | 5;
  csvHeader: string[] | null;
  /** SHA-256 of the kernel, in hex; null when no engine ran. */
  build: string | null;
  /** Host time in ms. */
  atMs: number;
  /**
   * The engine's state: nothing; what an earlier run kept (`restored`), or this one had already (`running`); `flushed`:
   * the windows of an earlier run came out with cause `flush`, because its state could not be read.
   */
  state: "empty" | "restored" | "running" | "flushed";
  stateBytes: number;
  /** SHA-256 in hex, of a state that is not nothing: equal to that of the end before when nothing came between. */
  stateHash: string | null;
  /** Bytes of the first chunks that end a message whose beginning is not here; -1: up to the first newline. */
  skip: number;
}

export interface EndEntry {
  /** Of the state that the next start goes on from; null when there is none. */
  stateHash: string | null;
}

export interface Entry {
  kind: number;
  /** Borrowed until the next block is read. */
  body: Uint8Array;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** CRC-32 (IEEE, as in gzip) of a block: its head up to the sum itself, and its body. */
export function blockSum(head: Uint8Array, body: Uint8Array): number {
  return crc32(body, crc32(head.subarray(0, 12)));
}
