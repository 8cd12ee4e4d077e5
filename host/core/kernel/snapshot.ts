// A snapshot: the used parts of a kernel's memory, with what must be equal where it is restored. Layout:
//   ┌ "MRSN" ┬ LAYOUT_VERSION u32 ┬ hash of build and plan u64 ┬ ranges u32 ┬ (begin, bytes) … ┬ header ┬ ranges … ┐
// Taken between two calls of the engine only. Imports core and the layout.
import * as L from "../layout.ts";
import { MillraceError } from "../errors.ts";
import type { Kernel } from "./kernel.ts";

const MAGIC = 0x4e53524d;
const HEAD_BYTES = 24;

/** FNV-1a of 64 bits over bytes. */
export function hashBytes(bytes: Uint8Array, seed = 0xcbf29ce484222325n): bigint {
  // Two 32-bit halves: 2^40 + 0x1b3 is the prime.
  let high = Number(seed >> 32n);
  let low = Number(seed & 0xffffffffn);
  for (let index = 0; index < bytes.length; index++) {
    low = (low ^ bytes[index]!) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 4294967296) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

export function writeSnapshot(kernel: Kernel, planBytes: Uint8Array): Uint8Array {
  const count = kernel.exports.snapshotRanges();
  const ranges = Array.from({ length: count }, (_, index) => ({
    begin: kernel.u32(L.HEADER_SNAPSHOT_RANGES + index * 8),
    end: kernel.u32(L.HEADER_SNAPSHOT_RANGES + index * 8 + 4),
  }));
  const headBytes = HEAD_BYTES + count * 8;
  const rangeBytes = ranges.reduce((sum, { begin, end }) => sum + end - begin, 0);
  const snapshot = new Uint8Array(headBytes + L.HEADER_BYTES + rangeBytes);
  const view = new DataView(snapshot.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, L.LAYOUT_VERSION, true);
  view.setBigUint64(8, hashBytes(planBytes), true);
  view.setUint32(16, count, true);
  snapshot.set(kernel.bytes.subarray(L.HEADER_AT, L.HEADER_AT + L.HEADER_BYTES), headBytes);
  let at = headBytes + L.HEADER_BYTES;
  for (const [index, { begin, end }] of ranges.entries()) {
    view.setUint32(HEAD_BYTES + index * 8, begin, true);
    view.setUint32(HEAD_BYTES + index * 8 + 4, end - begin, true);
    snapshot.set(kernel.bytes.subarray(begin, end), at);
    at += end - begin;
  }
  return snapshot;
}

/** Puts a snapshot back into a kernel that was just opened. Throws MR501 when it is of another build or plan. */
export function readSnapshot(kernel: Kernel, planBytes: Uint8Array, snapshot: Uint8Array): void {
  const view = new DataView(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength);
  const known =
    snapshot.length >= HEAD_BYTES &&
    view.getUint32(0, true) === MAGIC &&
    view.getUint32(4, true) === L.LAYOUT_VERSION &&
    view.getBigUint64(8, true) === hashBytes(planBytes);
  if (!known) {
    throw new MillraceError(
      "MR501",
      "the snapshot was made by another build of millrace or for another definition",
    );
  }
  const count = view.getUint32(16, true);
  let at = HEAD_BYTES + count * 8;
  kernel.bytes.set(snapshot.subarray(at, at + L.HEADER_BYTES), L.HEADER_AT);
  at += L.HEADER_BYTES;
  for (let index = 0; index < count; index++) {
    const begin = view.getUint32(HEAD_BYTES + index * 8, true);
    const bytes = view.getUint32(HEAD_BYTES + index * 8 + 4, true);
    kernel.bytes.set(snapshot.subarray(at, at + bytes), begin);
    at += bytes;
  }
  kernel.exports.restored();
}
