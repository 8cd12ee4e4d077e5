// Instants: decimal numbers, binary numbers and ISO 8601 text to whole nanoseconds since 1970, exactly, floored
// below one. Each function sets `status` and `instant`. Accepted instants lie within ± 2^62 ns.
// Calendar: days from civil (H. Hinnant). Imports decimal, layout, raw access.
import { TIME_BITS, UNIT_MS, UNIT_S, UNIT_US } from "../layout";
import { u64At, u8At } from "../memory/raw";
import { dropped, exponent, isDigit, mantissa, negative } from "./decimal";

export const TIME_ABSENT: u32 = 0;
export const TIME_GOOD: u32 = 1;
export const TIME_UNREADABLE: u32 = 2;
export const TIME_OUT_OF_RANGE: u32 = 3;

/** What the last call read. */
export let status: u32 = TIME_ABSENT;
export let instant: i64 = 0;

const LIMIT: i64 = (<i64>1) << TIME_BITS;

function accept(value: i64): void {
  instant = value;
  status = value >= -LIMIT && value <= LIMIT ? TIME_GOOD : TIME_OUT_OF_RANGE;
}

/** What was to be read is no time. */
export function unreadable(): void {
  status = TIME_UNREADABLE;
}

/** Adds an instant to one that was accepted: TIME_OUT_OF_RANGE when the sum is none. */
export function addInstants(a: i64, b: i64): void {
  accept(a + b);
}

/** Decimal places between a unit and the nanosecond. */
export function placesOf(unit: u32): i32 {
  return unit == UNIT_S ? 9 : unit == UNIT_MS ? 6 : unit == UNIT_US ? 3 : 0;
}

const powers = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
  10000000000000000000,
]);
/** Largest whole number that is within ± 2^62 after it was multiplied by the power of the same place. */
const limits = memory.data<u64>([
  4611686018427387904, 461168601842738790, 46116860184273879, 4611686018427387, 461168601842738, 46116860184273,
  4611686018427, 461168601842, 46116860184, 4611686018, 461168601, 46116860, 4611686, 461168, 46116, 4611, 461, 46, 4, 0,
]);

/** 10^places, places ≤ 19. */
// @ts-ignore: decorator
@inline function powerOfTen(places: i32): u64 { return u64At(powers + (<usize>places << 3)); }
// @ts-ignore: decorator
@inline function limitOf(places: i32): u64 { return u64At(limits + (<usize>places << 3)); }

/** Nanoseconds of one unit, and the largest whole number of units that is accepted. */
export function unitPower(unit: u32): i64 { return <i64>powerOfTen(placesOf(unit)); }
export function unitLimit(unit: u32): i64 { return <i64>limitOf(placesOf(unit)); }

/** The number that was scanned last, in `unit`. */
export function instantOfDecimal(unit: u32): void {
  const places = exponent + placesOf(unit);
  if (mantissa == 0) {
    accept(0);
    return;
  }
  if (places >= 0) {
    // 19 digits are always beyond the limit when anything follows but a fraction below 1 ns.
    if (places > 19 || mantissa > limitOf(places)) {
      status = TIME_OUT_OF_RANGE;
      return;
    }
    const whole = <i64>(mantissa * powerOfTen(places));
    accept(negative ? -whole - (dropped ? 1 : 0) : whole);
    return;
  }
  const power = places < -19 ? 0 : powerOfTen(-places);
  const whole = power == 0 ? 0 : mantissa / power;
  const rest = power == 0 ? true : mantissa % power != 0 || dropped;
  if (whole > <u64>LIMIT) {
    status = TIME_OUT_OF_RANGE;
    return;
  }
  accept(negative ? -<i64>whole - (rest ? 1 : 0) : <i64>whole);
}

/** A whole number of units; `tooLarge` when it does not fit 64 bits. */
export function instantOfInteger(value: i64, tooLarge: bool, unit: u32): void {
  const places = placesOf(unit);
  const limit = <i64>limitOf(places);
  if (tooLarge || value > limit || value < -limit) {
    status = TIME_OUT_OF_RANGE;
    return;
  }
  accept(value * <i64>powerOfTen(places));
}

/** A binary number of units, from its exact value. */
export function instantOfDouble(value: f64, unit: u32): void {
  if (value != value) {
    status = TIME_UNREADABLE;
    return;
  }
  // The size first, since its parts are exact: −1e-20 is no distance from −1 that a double can hold.
  const size = Math.abs(value);
  const places = placesOf(unit);
  const power = powerOfTen(places);
  if (!(size <= 9223372036854775807.0) || <u64>size > <u64>LIMIT / power) {
    status = TIME_OUT_OF_RANGE;
    return;
  }
  const whole = floor<f64>(size);
  const nanoseconds = <i64>(<u64>whole * power) + fractionOf(size - whole, places);
  accept(value < 0 ? -nanoseconds - (below ? 1 : 0) : nanoseconds);
}

/** Set by fractionOf: what it dropped is not 0. */
let below: bool = false;

/** ⌊rest · 10^places⌋ for rest in [0, 1), places ≤ 9: exact, from the bits of rest = m / 2^shift. */
function fractionOf(rest: f64, places: i32): i64 {
  below = rest != 0;
  const bits = reinterpret<u64>(rest);
  const shift = 1075 - <i32>(bits >> 52);
  if (shift - 27 > 63) return 0;
  const m = (bits & 0xfffffffffffff) | 0x10000000000000;
  below = <i32>ctz<u64>(m) + places < shift;
  const power = powerOfTen(places);
  const low = ((m & 0x7ffffff) * power) >> 27;
  return <i64>(((m >> 27) * power + low) >> <u64>(shift - 27));
}

// @ts-ignore: decorator
@inline function two(at: usize): i32 {
  const high = u8At(at) - 48;
  const low = u8At(at + 1) - 48;
  return high < 10 && low < 10 ? <i32>(high * 10 + low) : -1;
}

function daysFromCivil(year: i32, month: i32, day: i32): i64 {
  const y = month <= 2 ? year - 1 : year;
  const era = (y >= 0 ? y : y - 399) / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return <i64>era * 146097 + <i64>dayOfEra - 719468;
}

function daysInMonth(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/**
 * ISO 8601: YYYY-MM-DD, then T or a space, HH:MM or HH:MM:SS with a fraction of any length, then Z, ±HH:MM,
 * ±HHMM, ±HH or nothing (UTC). A date alone is its midnight.
 */
export function instantOfText(at: usize, end: usize): void {
  status = TIME_UNREADABLE;
  const length = <i32>(end - at);
  if (length < 10 || u8At(at + 4) != 45 || u8At(at + 7) != 45) return;
  const century = two(at);
  const yearOfCentury = two(at + 2);
  const month = two(at + 5);
  const day = two(at + 8);
  if (century < 0 || yearOfCentury < 0 || month < 1 || month > 12 || day < 1) return;
  const year = century * 100 + yearOfCentury;
  if (day > daysInMonth(year, month)) return;
  let seconds = daysFromCivil(year, month, day) * 86400;
  let here = at + 10;
  let nanoseconds: i64 = 0;
  if (here < end) {
    if (end - here < 6 || (u8At(here) != 32 && (u8At(here) | 32) != 116) || u8At(here + 3) != 58) return;
    const hour = two(here + 1);
    const minute = two(here + 4);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return;
    seconds += hour * 3600 + minute * 60;
    here += 6;
    if (here < end && u8At(here) == 58) {
      if (end - here < 3) return;
      const second = two(here + 1);
      if (second < 0 || second > 59) return;
      seconds += second;
      here += 3;
      if (here < end && (u8At(here) == 46 || u8At(here) == 44)) {
        const from = ++here;
        let scale: i64 = 100000000;
        for (; here < end && isDigit(u8At(here)); here++) {
          nanoseconds += <i64>(u8At(here) - 48) * scale;
          scale /= 10;
        }
        if (here == from) return;
      }
    }
    const zone = zoneSeconds(here, end);
    if (zone == NO_ZONE) return;
    seconds -= zone;
  }
  if (seconds > LIMIT / 1000000000 + 1 || seconds < -LIMIT / 1000000000 - 1) {
    status = TIME_OUT_OF_RANGE;
    return;
  }
  accept(seconds * 1000000000 + nanoseconds);
}

const NO_ZONE: i32 = 0x7fffffff;

/** Seconds east of UTC that the rest of the text says; NO_ZONE when it is no zone. */
function zoneSeconds(at: usize, end: usize): i32 {
  if (at == end) return 0;
  const sign = u8At(at);
  if ((sign | 32) == 122) return at + 1 == end ? 0 : NO_ZONE;
  if (sign != 43 && sign != 45) return NO_ZONE;
  const length = end - at;
  if (length != 3 && length != 5 && length != 6) return NO_ZONE;
  const hours = two(at + 1);
  if (length == 6 && u8At(at + 3) != 58) return NO_ZONE;
  const minutes = length == 3 ? 0 : two(end - 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NO_ZONE;
  const total = hours * 3600 + minutes * 60;
  return sign == 45 ? -total : total;
}
