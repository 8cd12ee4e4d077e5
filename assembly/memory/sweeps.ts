// Sweeps over cells that lie one behind the other: many alike written, or how many are alike. Two or four at a time in the
// SIMD build; nothing beyond the last cell is touched. Imports raw access.
import { setU32, setU64, setVector, u32At, u64At, vectorAt } from "./raw";

/** Writes `count` words from `at` on. */
export function fillWords(at: usize, value: u32, count: u32): void {
  let here = at;
  const end = at + (<usize>count << 2);
  if (ASC_FEATURE_SIMD) {
    const all = i32x4.splat(<i32>value);
    for (; here + 16 <= end; here += 16) setVector(here, all);
  } else {
    const both = (<u64>value << 32) | <u64>value;
    for (; here + 8 <= end; here += 8) setU64(here, both);
  }
  for (; here < end; here += 4) setU32(here, value);
}

/** Writes `count` cells of 8 bytes from `at` on. */
export function fillLongs(at: usize, value: u64, count: u32): void {
  let here = at;
  const end = at + (<usize>count << 3);
  if (ASC_FEATURE_SIMD) {
    const both = i64x2.splat(<i64>value);
    for (; here + 16 <= end; here += 16) setVector(here, both);
  }
  for (; here < end; here += 8) setU64(here, value);
}

/** How many words from `at` on are `value`, of `count`. */
export function alikeWords(at: usize, value: u32, count: u32): u32 {
  let here = at;
  const end = at + (<usize>count << 2);
  if (ASC_FEATURE_SIMD) {
    const wanted = i32x4.splat(<i32>value);
    while (here + 16 <= end && i32x4.all_true(i32x4.eq(vectorAt(here), wanted))) here += 16;
  } else {
    const both = (<u64>value << 32) | <u64>value;
    while (here + 8 <= end && u64At(here) == both) here += 8;
  }
  while (here < end && u32At(here) == value) here += 4;
  return <u32>((here - at) >> 2);
}
