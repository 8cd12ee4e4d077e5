// What a clean stop keeps of a source on disk: written to a new file, flushed, renamed, the folder flushed. Until
// there is a log it is all that a restart knows. File:
//   ┌ "MRS1" ┬ SHA-256 of the kernel's build ┬ SHA-256 of what follows ┬ length u32 ┬ notes (JSON) ┬ snapshot ┐
// The notes serve a start under another build or definition, which cannot read the snapshot itself.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Output } from "../core/engine.ts";
import { MillraceError } from "../core/errors.ts";
import { bigintFromJson, bigintToJson } from "../core/stream-protocol.ts";

const MAGIC = Buffer.from("MRS1");
const HASH_BYTES = 32;
const HEAD_BYTES = MAGIC.length + 2 * HASH_BYTES + 4;

export interface SnapshotNotes {
  /** Bytes of a bounded input that were read. */
  positionBytes: number;
  /** Pipelines in the order of the plan: names of their outputs, hidden ones included; kinds of their sinks. */
  pipelines: { name: string; outputs: string[] }[];
  /** The results of every open window as they stood, with cause `flush`. */
  open: Output[];
  /** What sinks did not get: pipeline's name, sink's name, in order. */
  undelivered: { pipeline: string; sink: string; outputs: Output[] }[];
}

export interface SnapshotFile {
  /** The running kernel wrote it. */
  sameBuild: boolean;
  notes: SnapshotNotes;
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

/** Throws MR504 when the disk does not take it. */
export async function writeSnapshotFile(
  path: string,
  build: Buffer,
  notes: SnapshotNotes,
  snapshot: Uint8Array,
): Promise<void> {
  try {
    await writeWhole(path, build, notes, snapshot);
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

async function writeWhole(
  path: string,
  build: Buffer,
  notes: SnapshotNotes,
  snapshot: Uint8Array,
): Promise<void> {
  const text = Buffer.from(JSON.stringify(notes, bigintToJson));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const body = Buffer.concat([length, text, snapshot]);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const fresh = `${path}.new`;
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(Buffer.concat([MAGIC, build, buildHash(body), body]));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  await flushFolder(folder);
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
  const bodyAt = HEAD_BYTES - 4;
  const whole =
    bytes.length >= HEAD_BYTES &&
    bytes.subarray(0, MAGIC.length).equals(MAGIC) &&
    buildHash(bytes.subarray(bodyAt)).equals(bytes.subarray(MAGIC.length + HASH_BYTES, bodyAt));
  if (!whole) throw new MillraceError("MR502", `${path} is damaged, or of an earlier version`);
  const end = HEAD_BYTES + bytes.readUInt32LE(bodyAt);
  return {
    sameBuild: bytes.subarray(MAGIC.length, MAGIC.length + HASH_BYTES).equals(build),
    notes: JSON.parse(bytes.toString("utf8", HEAD_BYTES, end), bigintFromJson) as SnapshotNotes,
    snapshot: bytes.subarray(end),
  };
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
