// Short runs of bytes, eight at a time: equality and hash of names, topics and texts. Both may read up to seven
// bytes behind a run's end, which every region has room for; what is read there never counts.
// Imports raw access.
import { u64At } from "./raw";

/** Mask of the lowest `length` bytes, 1 ≤ length ≤ 8. */
// @ts-ignore: decorator
@inline export function lowBytes(length: u32): u64 { return (~(<u64>0)) >> ((8 - <u64>length) << 3); }

/** True when the runs of `length` bytes at `a` and `b` are the same. */
export function sameBytes(a: usize, b: usize, length: u32): bool {
  let offset: u32 = 0;
  for (; offset + 8 < length; offset += 8) {
    if (u64At(a + offset) != u64At(b + offset)) return false;
  }
  return length == 0 || ((u64At(a + offset) ^ u64At(b + offset)) & lowBytes(length - offset)) == 0;
}

/** Hash of a run; multiply and fold as in wyhash's inner step, its constants. */
export function hashBytes(at: usize, length: u32): u32 {
  let hash: u64 = (<u64>length + 1) * 0xa0761d6478bd642f;
  let offset: u32 = 0;
  for (; offset + 8 < length; offset += 8) hash = mix(hash ^ u64At(at + offset));
  if (length != 0) hash = mix(hash ^ (u64At(at + offset) & lowBytes(length - offset)));
  return <u32>hash;
}

// @ts-ignore: decorator
@inline function mix(value: u64): u64 {
  const product = value * 0xe7037ed1a0b428db;
  return product ^ (product >> 32);
}
