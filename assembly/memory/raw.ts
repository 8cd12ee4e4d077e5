// The only file with raw loads and stores: little-endian cells at an address. Every function is inlined, so
// the names cost nothing. It imports nothing.

// @ts-ignore: decorator
@inline export function u8At(at: usize): u32 { return load<u8>(at); }
// @ts-ignore: decorator
@inline export function u16At(at: usize): u32 { return load<u16>(at); }
// @ts-ignore: decorator
@inline export function u32At(at: usize): u32 { return load<u32>(at); }
// @ts-ignore: decorator
@inline export function i32At(at: usize): i32 { return load<i32>(at); }
// @ts-ignore: decorator
@inline export function i64At(at: usize): i64 { return load<i64>(at); }
// @ts-ignore: decorator
@inline export function u64At(at: usize): u64 { return load<u64>(at); }
// @ts-ignore: decorator
@inline export function f64At(at: usize): f64 { return load<f64>(at); }
// @ts-ignore: decorator
@inline export function f32At(at: usize): f32 { return load<f32>(at); }
// @ts-ignore: decorator
@inline export function setU8(at: usize, value: u32): void { store<u8>(at, value); }
// @ts-ignore: decorator
@inline export function setU16(at: usize, value: u32): void { store<u16>(at, value); }
// @ts-ignore: decorator
@inline export function setU32(at: usize, value: u32): void { store<u32>(at, value); }
// @ts-ignore: decorator
@inline export function setI64(at: usize, value: i64): void { store<i64>(at, value); }
// @ts-ignore: decorator
@inline export function setU64(at: usize, value: u64): void { store<u64>(at, value); }
// @ts-ignore: decorator
@inline export function setF64(at: usize, value: f64): void { store<f64>(at, value); }
// @ts-ignore: decorator
@inline export function vectorAt(at: usize): v128 { return v128.load(at); }
// @ts-ignore: decorator
@inline export function setVector(at: usize, value: v128): void { v128.store(at, value); }

/** A whole number without sign, its highest byte first. */
// @ts-ignore: decorator
@inline export function bigAt<T>(at: usize): u64 {
  if (ASC_FEATURE_SIMD) if (sizeof<T>() == 8) {
    // WebAssembly has no instruction that turns bytes around, but for those of a vector.
    const bytes = v128.load64_zero(at);
    return i64x2.extract_lane(v128.shuffle<u8>(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8), 0);
  }
  return <u64>bswap<T>(load<T>(at));
}

/** A value of 8 bytes: f64 of a DOUBLE (or what stands for one), i64 of a BIGINT. */
// @ts-ignore: decorator
@inline export function valueAt<T>(at: usize): T { return load<T>(at); }
// @ts-ignore: decorator
@inline export function setValue<T>(at: usize, value: T): void { store<T>(at, value); }

/** NULL of a BIGINT. */
export const NULL_WHOLE: i64 = i64.MIN_VALUE;

// @ts-ignore: decorator
@inline export function isNullValue<T>(value: T): bool {
  if (isFloat<T>()) return value != value;
  return value == <T>NULL_WHOLE;
}

/** Makes `count` BIGINTs NULL. */
export function fillNullWhole(at: usize, count: u32): void {
  for (let end = at + (<usize>count << 3), here = at; here < end; here += 8) store<i64>(here, NULL_WHOLE);
}

/** Adds to a counter of 64 bits. */
// @ts-ignore: decorator
@inline export function addI64(at: usize, value: i64): void { store<i64>(at, load<i64>(at) + value); }
