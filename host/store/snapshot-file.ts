// The snapshot of an engine on disk: written to a new file, flushed, renamed, the folder flushed. Until there is a
// log it is what a clean stop keeps. A kernel of another build cannot read the snapshot; for its sake the results
// that a flush would have brought out stand beside it, as text.
//   ┌ "MRSF" ┬ SHA-256 of the kernel's build ┬ bytes of the text u32 ┬ outputs as JSON ┬ snapshot ┐
import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Output } from "../core/engine.ts";

const MAGIC = Buffer.from("MRSF");
const HASH_BYTES = 32;

export function buildHash(kernel: Uint8Array): Buffer {
  return createHash("sha256").update(kernel).digest();
}

export interface StoredState {
  snapshot: Uint8Array;
  /** What a flush brings out of the same state. */
  flushed: Output[];
}

export async function writeSnapshotFile(path: string, build: Buffer, state: StoredState): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const fresh = `${path}.new`;
  const file = await open(fresh, "w", 0o600);
  try {
    const text = Buffer.from(JSON.stringify(state.flushed, (_key, value: unknown) => (typeof value === "bigint" ? { ns: `${value}` } : value)));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    await file.writeFile(Buffer.concat([MAGIC, build, length, text, state.snapshot]));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

/** The state of a file; null when there is none or it is no such file; `sameBuild`: this kernel wrote it. */
export async function readSnapshotFile(path: string, build: Buffer): Promise<(StoredState & { sameBuild: boolean }) | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  const head = MAGIC.length + HASH_BYTES + 4;
  if (bytes === null || bytes.length < head || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const textEnd = head + bytes.readUInt32LE(head - 4);
  const revive = (_key: string, value: unknown): unknown =>
    typeof value === "object" && value !== null && "ns" in value ? BigInt(value.ns as string) : value;
  const flushed = JSON.parse(bytes.toString("utf8", head, textEnd), revive) as Output[];
  return { sameBuild: bytes.subarray(MAGIC.length, head - 4).equals(build), snapshot: bytes.subarray(textEnd), flushed };
}

export async function removeSnapshotFile(path: string): Promise<void> {
  await rm(path, { force: true });
}
