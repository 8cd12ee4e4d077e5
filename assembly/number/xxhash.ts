// XXH64 with seed 0 of bytes: the hash of APPROX_COUNT_DISTINCT and of the kept values of the other distinct aggregates.
// Source: Y. Collet, "xxHash fast digest algorithm", XXH64 0.1.1. Imports raw access.
import { u32At, u64At, u8At } from "../memory/raw";

const PRIME_1: u64 = 0x9e3779b185ebca87;
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME_3: u64 = 0x165667b19e3779f9;
const PRIME_4: u64 = 0x85ebca77c2b2ae63;
const PRIME_5: u64 = 0x27d4eb2f165667c5;

// @ts-ignore: decorator
@inline function round(sum: u64, lane: u64): u64 {
  return rotl<u64>(sum + lane * PRIME_2, 31) * PRIME_1;
}

// @ts-ignore: decorator
@inline function join(hash: u64, sum: u64): u64 {
  return (hash ^ round(0, sum)) * PRIME_1 + PRIME_4;
}

// @ts-ignore: decorator
@inline function avalanche(begun: u64): u64 {
  let hash = begun;
  hash = (hash ^ (hash >> 33)) * PRIME_2;
  hash = (hash ^ (hash >> 29)) * PRIME_3;
  return hash ^ (hash >> 32);
}

/** Hash of the 8 bytes of a word, little-endian. */
export function hashWord(word: u64): u64 {
  const hash: u64 = PRIME_5 + 8;
  return avalanche(rotl<u64>(hash ^ round(0, word), 27) * PRIME_1 + PRIME_4);
}

/** Hash of `length` bytes. */
export function hashText(begin: usize, length: u32): u64 {
  const end = begin + length;
  let at = begin;
  let hash: u64 = PRIME_5;
  if (length >= 32) {
    let a: u64 = PRIME_1 + PRIME_2;
    let b: u64 = PRIME_2;
    let c: u64 = 0;
    let d: u64 = 0 - PRIME_1;
    for (; at + 32 <= end; at += 32) {
      a = round(a, u64At(at));
      b = round(b, u64At(at + 8));
      c = round(c, u64At(at + 16));
      d = round(d, u64At(at + 24));
    }
    hash = rotl<u64>(a, 1) + rotl<u64>(b, 7) + rotl<u64>(c, 12) + rotl<u64>(d, 18);
    hash = join(join(join(join(hash, a), b), c), d);
  }
  hash += length;
  for (; at + 8 <= end; at += 8) hash = rotl<u64>(hash ^ round(0, u64At(at)), 27) * PRIME_1 + PRIME_4;
  if (at + 4 <= end) {
    hash = rotl<u64>(hash ^ (<u64>u32At(at) * PRIME_1), 23) * PRIME_2 + PRIME_3;
    at += 4;
  }
  for (; at < end; at++) hash = rotl<u64>(hash ^ (<u64>u8At(at) * PRIME_5), 11) * PRIME_1;
  return avalanche(hash);
}
