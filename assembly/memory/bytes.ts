// Short runs of bytes, eight or sixteen at a time: search, equality and hash of names, topics and texts. All may read
// up to fifteen bytes behind a run's end, which every region has room for; what is read there never counts.
// Imports raw access.
import { u64At, vectorAt } from "./raw";

/** Mask of the lowest `length` bytes, 1 ≤ length ≤ 8. */
// @ts-ignore: decorator
@inline export function lowBytes(length: u32): u64 { return (~(<u64>0)) >> ((8 - <u64>length) << 3); }

/** True when the runs of `length` bytes at `a` and `b` are the same. */
// @ts-ignore: decorator
@inline export function sameBytes(a: usize, b: usize, length: u32): bool {
  let offset: u32 = 0;
  for (; offset + 8 < length; offset += 8) {
    if (u64At(a + offset) != u64At(b + offset)) return false;
  }
  return length == 0 || ((u64At(a + offset) ^ u64At(b + offset)) & lowBytes(length - offset)) == 0;
}

/** Address of the next byte that is `byte`, or `end`; a vector or a word at a time, which may read behind the end. */
// @ts-ignore: decorator
@inline export function findByte(at: usize, end: usize, byte: u8): usize {
  let here = at;
  if (ASC_FEATURE_SIMD) {
    const wanted = i8x16.splat(byte);
    for (; here < end; here += 16) {
      const found = i8x16.bitmask(i8x16.eq(vectorAt(here), wanted));
      if (found != 0) return min(here + <usize>ctz<i32>(found), end);
    }
  } else {
    const wanted = <u64>byte * 0x0101010101010101;
    for (; here < end; here += 8) {
      const word = u64At(here) ^ wanted;
      const found = (word - 0x0101010101010101) & ~word & 0x8080808080808080;
      if (found != 0) return min(here + <usize>(ctz<u64>(found) >> 3), end);
    }
  }
  return end;
}

/**
 * Hash of a run; multiply and fold as in wyhash's inner step, its constants. A product's low bits know nothing of a
 * word's last letters, which is where names differ: one more step at the end brings them down.
 */
// @ts-ignore: decorator
@inline export function hashBytes(at: usize, length: u32): u32 {
  let hash: u64 = (<u64>length + 1) * 0xa0761d6478bd642f;
  let offset: u32 = 0;
  for (; offset + 8 < length; offset += 8) hash = mix(hash ^ u64At(at + offset));
  if (length != 0) hash = mix(hash ^ (u64At(at + offset) & lowBytes(length - offset)));
  return <u32>mix(hash);
}

// @ts-ignore: decorator
@inline function mix(value: u64): u64 {
  const product = value * 0xe7037ed1a0b428db;
  return product ^ (product >> 32);
}
