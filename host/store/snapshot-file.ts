// What a clean stop keeps of a source on disk: written to a new file, flushed, renamed, the folder flushed. Until
// there is a log it is all that a restart knows. File:
//   ┌ "MRS2" ┬ SHA-256 of the kernel's build ┬ SHA-256 of what follows ┬ length u32 ┬ snapshot ┬ notes ┐
// The notes are lines of JSON: what the others are, undelivered results, results of the open windows. These serve a start
// under another build or definition, which cannot read the snapshot. They are written as they are made: there may be very many.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Output } from "../core/engine.ts";
import { MillraceError } from "../core/errors.ts";
import { bigintFromJson, bigintToJson } from "../core/stream-protocol.ts";

const MAGIC = Buffer.from("MRS2");
const HASH_BYTES = 32;
const HEAD_BYTES = MAGIC.length + 2 * HASH_BYTES;
const PIECE_LENGTH = 65_536;

export interface SnapshotNotes {
  /** Bytes of a bounded input that were read. */
  positionBytes: number;
  /** Pipelines in the order of the plan: names of their outputs, hidden ones included; kinds of their sinks. */
  pipelines: { name: string; outputs: string[] }[];
  /** What sinks did not get: pipeline's name, sink's name, in order. */
  undelivered: { pipeline: string; sink: string; outputs: Output[] }[];
}

export interface SnapshotFile {
  /** The running kernel wrote it. */
  sameBuild: boolean;
  notes: SnapshotNotes;
  /** The results of every open window as they stood, with cause `flush`; to be gone through once. */
  open: Iterable<Output>;
  openCount: number;
  snapshot: Uint8Array;
}

export function buildHash(kernel: Uint8Array): Buffer {
  return createHash("sha256").update(kernel).digest();
}

/** Makes the folder that a stop will write to. Throws MR504 when it could not. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new MillraceError("MR504", `nothing can be kept in ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** `open` are the results of the open windows. Throws MR504 when the disk does not take it. */
export async function writeSnapshotFile(
  path: string,
  build: Buffer,
  notes: SnapshotNotes,
  open: Iterable<Output>,
  snapshot: Uint8Array,
): Promise<void> {
  try {
    await writeWhole(path, build, bodyOf(notes, open, snapshot));
  } catch (cause) {
    throw new MillraceError(
      "MR504",
      `the state is lost, ${path} cannot be written: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

async function writeWhole(path: string, build: Buffer, body: Iterable<Uint8Array>): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const fresh = `${path}.new`;
  const hash = createHash("sha256");
  const hashed = function* (): Generator<Uint8Array> {
    yield Buffer.concat([MAGIC, build, Buffer.alloc(HASH_BYTES)]);
    for (const piece of body) {
      hash.update(piece);
      yield piece;
    }
  };
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(hashed());
    await file.write(hash.digest(), 0, HASH_BYTES, MAGIC.length + HASH_BYTES);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  await flushFolder(folder);
}

function* bodyOf(notes: SnapshotNotes, open: Iterable<Output>, snapshot: Uint8Array): Generator<Uint8Array> {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(snapshot.length);
  yield length;
  yield snapshot;
  let text = "";
  for (const entry of entriesOf(notes, open)) {
    text += `${JSON.stringify(entry, bigintToJson)}\n`;
    if (text.length < PIECE_LENGTH) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}

/** The notes with numbers in place of undelivered results, then these, then those of open windows. */
function* entriesOf(notes: SnapshotNotes, open: Iterable<Output>): Generator<unknown> {
  const undelivered = notes.undelivered.map((each) => ({ ...each, outputs: each.outputs.length }));
  yield { ...notes, undelivered };
  for (const { outputs } of notes.undelivered) yield* outputs;
  yield* open;
}

/**
 * The file of a path; null when there is none. Throws MR502 when it is damaged, or not such a file.
 */
export async function readSnapshotFile(path: string, build: Buffer): Promise<SnapshotFile | null> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return null;
    throw new MillraceError("MR502", `cannot read ${path}: ${cause.message}`, { cause });
  });
  if (bytes === null) return null;
  const whole =
    bytes.length >= HEAD_BYTES + 4 &&
    bytes.subarray(0, MAGIC.length).equals(MAGIC) &&
    buildHash(bytes.subarray(HEAD_BYTES)).equals(bytes.subarray(MAGIC.length + HASH_BYTES, HEAD_BYTES));
  if (!whole) throw new MillraceError("MR502", `${path} is damaged, or of an earlier version`);
  const end = HEAD_BYTES + 4 + bytes.readUInt32LE(HEAD_BYTES);
  const entries = linesOf(bytes, end);
  const next = <T>(): T => entries.next().value as T;
  const head = next<{ undelivered: { outputs: number }[] }>();
  const undelivered = head.undelivered.map((each) => ({
    ...each,
    outputs: Array.from({ length: each.outputs }, () => next<Output>()),
  }));
  const waiting = undelivered.reduce((sum, { outputs }) => sum + outputs.length, 0);
  return {
    sameBuild: bytes.subarray(MAGIC.length, MAGIC.length + HASH_BYTES).equals(build),
    notes: { ...head, undelivered } as unknown as SnapshotNotes,
    open: entries as Generator<Output>,
    openCount: countOf(bytes, end) - 1 - waiting,
    snapshot: bytes.subarray(HEAD_BYTES + 4, end),
  };
}

/** What the lines from a place on say. */
function* linesOf(bytes: Buffer, from: number): Generator<unknown> {
  for (let at = from, end = 0; at < bytes.length; at = end + 1) {
    end = bytes.indexOf(10, at);
    yield JSON.parse(bytes.toString("utf8", at, end), bigintFromJson);
  }
}

function countOf(bytes: Buffer, from: number): number {
  let count = 0;
  for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

/** Sets a snapshot aside, as PATH.old. */
export async function setSnapshotAside(path: string): Promise<string> {
  await rename(path, `${path}.old`);
  return `${path}.old`;
}

export async function removeSnapshotFile(path: string): Promise<void> {
  await rm(path, { force: true });
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}
