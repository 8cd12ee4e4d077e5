// Decimal text: one scan gives sign, up to 19 significant digits and an exponent; from these come the nearest
// double (correctly rounded for every input) and exact instants (number/instant.ts).
// To double, in three steps: Clinger's exact case (PLDI 1990); a double-double quotient or product whose error
// is bounded, taken when it cannot fall on the other side of a rounding boundary; else exact shifting of the
// decimal digits (the "simple decimal conversion" of N. Tao, as in Go). Imports product, raw access.
import { NULL_WHOLE, f64At, setU8, u64At, u8At } from "../memory/raw";
import { product, productLow } from "./product";

/** What the last scan found: value = ± mantissa · 10^exponent, plus less than one unit when `dropped`. */
export let negative: bool = false;
export let mantissa: u64 = 0;
export let exponent: i32 = 0;
/** Digits other than 0 follow the 19 that the mantissa holds. */
export let dropped: bool = false;
let digitsAt: usize = 0;
let digitsEnd: usize = 0;

const powers = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22,
]);

// @ts-ignore: decorator
@inline export function isDigit(byte: u32): bool { return byte - 48 < 10; }

/** Digits whose value always fits 64 bits. */
const SAFE_DIGITS: usize = 19;
const tens = memory.data<u64>([1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000]);

/** Value of the run of digits that takeDigits read last, behind the value handed in, modulo 2^64. */
let run: u64 = 0;

/**
 * Reads digits eight at a time; returns the address behind them. A byte is a digit when it is at most 9 after its
 * high bits are flipped; the digits found are moved to the word's end, so that zeros stand before them, and summed
 * in three multiplications (method: D. Lemire, "Quickly parsing eight digits", 2018).
 */
// @ts-ignore: decorator
@inline function takeDigits(at: usize, end: usize, before: u64): usize {
  let here = at;
  let value = before;
  while (true) {
    const word = u64At(here) ^ 0x3030303030303030;
    const others = ((word + 0x7676767676767676) | word) & 0x8080808080808080;
    let length: usize = others == 0 ? 8 : <usize>(ctz<u64>(others) >> 3);
    length = min(length, end - here);
    if (length == 0) break;
    value = value * u64At(tens + (length << 3)) + sumDigits(word << <u64>((8 - length) << 3));
    here += length;
    if (length < 8) break;
  }
  run = value;
  return here;
}

/**
 * Scans the usual reading, sign and digits with perhaps a point among them, from one word of the text; returns the
 * address behind it, or 0 when it is longer or anything else: then scanNumber has to look. The point is taken
 * out of the word, so that one summing gives all digits. Worth 10 % of a JSON message.
 */
// @ts-ignore: decorator
@inline export function scanShort(at: usize, end: usize): usize {
  const minus = u8At(at) == 45;
  const first = at + (minus ? 1 : 0);
  const word = u64At(first) ^ 0x3030303030303030;
  const others = ((word + 0x7676767676767676) | word) & 0x8080808080808080;
  // Bits before the first byte that is no digit, and before the second one when the first is a point.
  const whole = ctz<u64>(others) & 0x78;
  if (others == 0) return scanTime(first, end, minus);
  if (whole == 0 || (whole > 8 && (word & 0xff) == 0)) return 0;
  let stop = whole;
  let joined = word;
  let places: u64 = 0;
  if (((word >> whole) & 0xff) == 0x1e) {
    const behind = others & (others - 1);
    stop = ctz<u64>(behind) & 0x78;
    places = stop - whole - 8;
    if (behind == 0 || places == 0) return 0;
    const low = ((<u64>1) << whole) - 1;
    joined = (word & low) | ((word >> 8) & ~low);
  }
  const last = first + <usize>(stop >> 3);
  if (last > end || (u8At(last) | 32) == 101) return 0;
  negative = minus;
  mantissa = sumDigits(joined << (64 - stop + (places != 0 ? 8 : 0)));
  exponent = -<i32>(places >> 3);
  dropped = false;
  return last;
}

/** A whole number of 9 to 15 digits, as times are: the address behind it, or 0 when it is anything else. */
function scanTime(first: usize, end: usize, minus: bool): usize {
  const word = u64At(first) ^ 0x3030303030303030;
  const next = u64At(first + 8) ^ 0x3030303030303030;
  const others = ((next + 0x7676767676767676) | next) & 0x8080808080808080;
  const bits = ctz<u64>(others) & 0x78;
  const last = first + 8 + <usize>(bits >> 3);
  if (others == 0 || bits == 0 || last > end || (word & 0xff) == 0) return 0;
  const byte = u8At(last);
  if (byte == 46 || (byte | 32) == 101) return 0;
  negative = minus;
  mantissa = sumDigits(word) * u64At(tens + <usize>bits) + sumDigits(next << (64 - bits));
  exponent = 0;
  dropped = false;
  return last;
}

/** Value of eight digits, the first one lowest, as bytes of 0 to 9. */
// @ts-ignore: decorator
@inline export function sumDigits(word: u64): u64 {
  let sum = (word * 10 + (word >> 8)) & 0x00ff00ff00ff00ff;
  sum = (sum * 100 + (sum >> 16)) & 0x0000ffff0000ffff;
  return (sum * 10000 + (sum >> 32)) & 0x00000000ffffffff;
}

/**
 * Scans a number from `at`; returns the address behind it, or 0 when there is none. `strict` takes JSON's
 * grammar; otherwise a plus sign, leading zeros, and a bare point on one side are taken as well. Reading stops
 * at the first byte that no number has.
 */
export function scanNumber(at: usize, end: usize, strict: bool): usize {
  let here = at;
  negative = u8At(here) == 45;
  if (negative || (!strict && u8At(here) == 43)) here++;
  const first = here;
  if (strict && u8At(here) == 48 && here + 1 < end && isDigit(u8At(here + 1))) return 0;
  here = takeDigits(here, end, 0);
  let digits = here - first;
  let power: i32 = 0;
  if (here < end && u8At(here) == 46) {
    const fraction = here + 1;
    here = takeDigits(fraction, end, run);
    if (strict && (digits == 0 || here == fraction)) return 0;
    power = -(<i32>(here - fraction));
    digits -= power;
  }
  if (digits == 0) return 0;
  digitsAt = first;
  digitsEnd = here;
  mantissa = run;
  exponent = power;
  dropped = false;
  if (digits > SAFE_DIGITS) keepFirstDigits(first, here);
  if (here < end && (u8At(here) | 32) == 101) here = scanExponent(here + 1, end);
  return here;
}

/** Scans all of [at, end) as a number, not strictly; false when it is none. */
export function scanWhole(at: usize, end: usize): bool {
  return scanShort(at, end) == end || scanNumber(at, end, false) == end;
}

/** More digits than a mantissa may have: keeps the first 19 significant ones. */
function keepFirstDigits(at: usize, end: usize): void {
  mantissa = 0;
  exponent = 0;
  let kept: i32 = 0;
  let fraction = false;
  for (let here = at; here < end; here++) {
    const byte = u8At(here);
    if (byte == 46) {
      fraction = true;
      continue;
    }
    const digit = byte - 48;
    if (kept < 19) {
      mantissa = mantissa * 10 + digit;
      if (mantissa != 0) kept++;
      if (fraction) exponent--;
    } else {
      if (!fraction) exponent++;
      if (digit != 0) dropped = true;
    }
  }
}

/** Scans behind the e; 0 when no digit follows. */
function scanExponent(at: usize, end: usize): usize {
  let here = at;
  const minus = here < end && u8At(here) == 45;
  if (here < end && (minus || u8At(here) == 43)) here++;
  if (here >= end || !isDigit(u8At(here))) return 0;
  let power: i32 = 0;
  while (here < end && isDigit(u8At(here))) {
    if (power < 100000000) power = power * 10 + <i32>(u8At(here) - 48);
    here++;
  }
  exponent += minus ? -power : power;
  return here;
}

/** The scanned number when it is whole and within ±(2^63 − 1); else the smallest i64, which is NULL. */
export function toWhole(): i64 {
  let value = mantissa;
  if (dropped) return NULL_WHOLE;
  if (value == 0) return 0;
  if (exponent > 18 || exponent < -18) return NULL_WHOLE;
  for (let power = exponent; power < 0; power++) {
    if (value % 10 != 0) return NULL_WHOLE;
    value /= 10;
  }
  for (let power = exponent; power > 0; power--) {
    if (value > 922337203685477580) return NULL_WHOLE;
    value *= 10;
  }
  if (<i64>value < 0) return NULL_WHOLE;
  return negative ? -<i64>value : <i64>value;
}

/** The scanned number without what is behind the point; the smallest i64 when it is beyond ±(2^63 − 1). */
export function toTruncated(): i64 {
  let value = mantissa;
  // Digits beyond the 19 that were kept are behind the point, or the number is too large anyway.
  for (let power = exponent; power < 0 && value != 0; power++) value /= 10;
  if (value == 0) return 0;
  if (exponent > 18) return NULL_WHOLE;
  for (let power = exponent; power > 0; power--) {
    if (value > 922337203685477580) return NULL_WHOLE;
    value *= 10;
  }
  if (<i64>value < 0) return NULL_WHOLE;
  return negative ? -<i64>value : <i64>value;
}

/** 10^power, exactly; at most 22. */
// @ts-ignore: decorator
@inline export function powerOfTen(power: i32): f64 { return f64At(powers + (<usize>power << 3)); }

const ownDigits = memory.data(24);

/** The double nearest to size · 10^power. */
export function toDoubleOf(size: u64, power: i32): f64 {
  negative = false;
  mantissa = size;
  exponent = power;
  dropped = false;
  digitsEnd = ownDigits + 24;
  digitsAt = digitsEnd;
  for (let rest = size; rest != 0; rest /= 10) setU8(--digitsAt, <u32>(rest % 10) + 48);
  return toDouble();
}

/** The scanned number as the nearest double, ties to even; ±∞ beyond the largest one. Zero is +0. */
// @ts-ignore: decorator
@inline export function toDouble(): f64 {
  if (mantissa == 0) return 0;
  const quotient = exponent <= 0 && exponent >= -22 && !dropped && mantissa <= 0x20000000000000;
  if (!quotient) return anyToDouble();
  const value = <f64>mantissa / f64At(powers + (<usize>-exponent << 3));
  return negative ? -value : value;
}

function anyToDouble(): f64 {
  let value: f64 = 0;
  if (!dropped && exponent >= -22 && exponent <= 22) {
    const power = f64At(powers + (<usize>abs(exponent) << 3));
    if (mantissa <= 0x20000000000000) {
      value = exponent < 0 ? <f64>mantissa / power : <f64>mantissa * power;
    } else value = nearby(power);
  } else value = exact();
  return negative ? -value : value;
}

/** The double-double step; falls back to exact() when its error bound touches a rounding boundary. */
function nearby(power: f64): f64 {
  const high = <f64>mantissa;
  const low = <f64><i64>(mantissa - <u64>high);
  let first: f64;
  let second: f64;
  if (exponent < 0) {
    first = high / power;
    const back = product(first, power);
    second = (((high - back) - productLow) + low) / power;
  } else {
    first = product(high, power);
    second = productLow + low * power;
  }
  const value = first + second;
  const rest = Math.abs(second - (value - first));
  const bits = reinterpret<u64>(value);
  let half = (reinterpret<f64>(bits + 1) - value) * 0.5;
  if ((bits & 0xfffffffffffff) == 0 && second - (value - first) < 0) half *= 0.5;
  return Math.abs(rest - half) <= value * 1e-29 ? exact() : value;
}

// The exact step works on decimal digits 0.d₁d₂d₃… · 10^point in a fixed buffer; what falls off its end only
// matters as "not zero", which 800 digits make certain.
const DIGITS_MAX: i32 = 800;
const ROOM: i32 = 24;
const digits = memory.data(1024);
let count: i32 = 0;
let point: i32 = 0;
let more: bool = false;
const shifts = memory.data<u8>([1, 3, 6, 9, 13, 16, 19, 23, 26]);

function exact(): f64 {
  readDigits();
  if (point > 310) return Infinity;
  if (point < -330) return 0;
  let power = 0;
  while (point > 0) {
    const step = point >= 9 ? 27 : <i32>u8At(shifts + point);
    shiftRight(step);
    power += step;
  }
  while (point < 0 || (point == 0 && u8At(digits) < 5)) {
    const step = -point >= 9 ? 27 : <i32>u8At(shifts + -point);
    shiftLeft(step);
    power -= step;
  }
  power--;
  if (power < -1022) {
    let under = -1022 - power;
    power = -1022;
    while (under > 0) {
      const step = min(under, 27);
      shiftRight(step);
      under -= step;
    }
  }
  if (power > 1023) return Infinity;
  shiftLeft(27);
  shiftLeft(26);
  let bits = roundedInteger();
  if (bits == 0x20000000000000) {
    bits >>= 1;
    power++;
    if (power > 1023) return Infinity;
  }
  if ((bits & 0x10000000000000) == 0) return reinterpret<f64>(bits);
  return reinterpret<f64>((<u64>(power + 1023) << 52) | (bits & 0xfffffffffffff));
}

/** Digits of a positive double, exactly: digitAt(0) … are those of 0.d₁d₂… · 10^digitPoint. Valid until the next number. */
export function expand(value: f64): void {
  const bits = reinterpret<u64>(value);
  const power = <i32>(bits >> 52);
  let left = max(power, 1) - 1075;
  count = 0;
  more = false;
  const fraction = (bits & 0xfffffffffffff) | (power == 0 ? 0 : <u64>0x10000000000000);
  for (let rest = fraction; rest != 0; rest /= 10) count++;
  let place = count;
  for (let rest = fraction; rest != 0; rest /= 10) setU8(digits + --place, <u32>(rest % 10));
  point = count;
  trim();
  while (left != 0) {
    const step = min(abs(left), 27);
    if (left > 0) shiftLeft(step);
    else shiftRight(step);
    left += left > 0 ? -step : step;
  }
}

export function digitCount(): i32 { return count; }
export function digitPoint(): i32 { return point; }
export function digitAt(index: i32): u32 { return u8At(digits + index); }

/** Fills the buffer from the scanned text, without leading zeros. */
function readDigits(): void {
  count = 0;
  point = 0;
  more = false;
  let places = 0;
  let total = 0;
  let fraction = false;
  for (let at = digitsAt; at < digitsEnd; at++) {
    const byte = u8At(at);
    if (byte == 46) {
      fraction = true;
      continue;
    }
    if (fraction) places++;
    if (total == 0 && byte == 48) continue;
    total++;
    if (count < DIGITS_MAX) setU8(digits + count++, byte - 48);
    else if (byte != 48) more = true;
  }
  // exponent counts from the end of the mantissa's digits: what the text's own exponent says is the rest.
  let kept = 0;
  for (let rest = mantissa; rest != 0; rest /= 10) kept++;
  point = kept + exponent;
  trim();
}

function trim(): void {
  while (count > 0 && u8At(digits + count - 1) == 0) count--;
  if (count == 0) point = 0;
}

/** Divides by 2^step, step ≤ 27. */
function shiftRight(step: i32): void {
  let read = 0;
  let write = 0;
  let rest: u64 = 0;
  while (rest >> <u64>step == 0) {
    if (read >= count) {
      if (rest == 0) {
        count = 0;
        return;
      }
      while (rest >> <u64>step == 0) {
        rest *= 10;
        read++;
      }
      break;
    }
    rest = rest * 10 + u8At(digits + read++);
  }
  point -= read - 1;
  const mask = ((<u64>1) << <u64>step) - 1;
  while (read < count) {
    const digit = rest >> <u64>step;
    rest = (rest & mask) * 10 + u8At(digits + read++);
    setU8(digits + write++, <u32>digit);
  }
  while (rest != 0) {
    const digit = rest >> <u64>step;
    rest = (rest & mask) * 10;
    if (write < DIGITS_MAX) setU8(digits + write++, <u32>digit);
    else if (digit != 0) more = true;
  }
  count = write;
  trim();
}

/** Multiplies by 2^step, step ≤ 27. */
function shiftLeft(step: i32): void {
  let carry: u64 = 0;
  for (let index = count - 1; index >= 0; index--) {
    carry += (<u64>u8At(digits + index)) << <u64>step;
    setU8(digits + index + ROOM, <u32>(carry % 10));
    carry /= 10;
  }
  let first = ROOM;
  while (carry != 0) {
    setU8(digits + --first, <u32>(carry % 10));
    carry /= 10;
  }
  const fresh = ROOM - first;
  point += fresh;
  let total = count + fresh;
  memory.copy(digits, digits + first, total);
  while (total > DIGITS_MAX) {
    if (u8At(digits + --total) != 0) more = true;
  }
  count = total;
  trim();
}

/** The number before the point, rounded half to even. */
function roundedInteger(): u64 {
  let value: u64 = 0;
  let index = 0;
  for (; index < point && index < count; index++) value = value * 10 + u8At(digits + index);
  for (; index < point; index++) value *= 10;
  if (point < 0 || point >= count) return value;
  const next = u8At(digits + point);
  const tie = next == 5 && point + 1 == count && !more;
  if (tie ? (value & 1) != 0 : next >= 5) value++;
  return value;
}
