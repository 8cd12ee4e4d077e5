// Numbers as text, as JavaScript writes them: the fewest digits that read back to the same double, and of these the
// nearest to it. Usual numbers are a whole number of at most 15 digits over a power of ten. Of others decimal.ts gives
// the exact digits; as many are tried as read back, rounded down or up. Imports decimal, raw access.
import { setU8, u8At } from "../memory/raw";
import { digitAt, digitCount, digitPoint, expand, powerOfTen, toDoubleOf } from "./decimal";

/** Digits that are always enough; and those of which any two numbers are different doubles, but subnormal ones. */
const DIGITS_MAX: i32 = 17;
const DIGITS_SURE: i32 = 15;
const SURE: f64 = 1e15;
const SMALLEST_NORMAL: f64 = 2.2250738585072014e-308;

const places = memory.data(24);
/** The first digits of a double, behind them zeros. */
const first = memory.data(24);

/** Writes a whole number at `at`; returns its end. */
export function writeWhole(at: usize, value: i64): usize {
  let write = at;
  if (value < 0) setU8(write++, 45);
  return writeDigits(write, value < 0 ? <u64>-value : <u64>value);
}

function writeDigits(at: usize, value: u64): usize {
  let length: usize = 0;
  let rest = value;
  do {
    setU8(places + length++, <u32>(rest % 10) + 48);
    rest /= 10;
  } while (rest != 0);
  for (let index: usize = 0; index < length; index++) setU8(at + index, u8At(places + (length - 1 - index)));
  return at + length;
}

/** Writes a double that is finite and not −0 at `at`; returns its end. */
export function writeDouble(at: usize, value: f64): usize {
  let write = at;
  const size = Math.abs(value);
  if (value < 0) setU8(write++, 45);
  if (size < 9007199254740992 && floor<f64>(size) == size) return writeDigits(write, <u64>size);
  for (let places = 1; places <= 22; places++) {
    const scaled = nearest<f64>(size * powerOfTen(places));
    if (scaled >= SURE) break;
    if (scaled != 0 && scaled / powerOfTen(places) == size) return writeShown(write, <u64>scaled, -places);
  }
  expand(size);
  const known = min(digitCount(), <i32>DIGITS_MAX + 2);
  const longer = digitCount() > known;
  const point = digitPoint();
  memory.fill(first, 0, 24);
  for (let index = 0; index < known; index++) setU8(first + index, digitAt(index));
  let mantissa: u64 = 0;
  let power: i32 = 0;
  let digits: i32 = 0;
  while (true) {
    digits++;
    mantissa = mantissa * 10 + u8At(first + digits - 1);
    power = point - digits;
    // Fewer digits than these are the same number with zeros behind.
    if (digits < DIGITS_SURE && size >= SMALLEST_NORMAL) continue;
    const next = u8At(first + digits);
    const tie = next == 5 && known <= digits + 1 && !longer;
    const up = tie ? (mantissa & 1) != 0 : next >= 5;
    const near = mantissa + (up ? 1 : 0);
    const far = mantissa + (up ? 0 : 1);
    if (near != 0 && toDoubleOf(near, power) == size) return writeShown(write, near, power);
    if (toDoubleOf(far, power) == size) return writeShown(write, far, power);
    assert(digits < DIGITS_MAX);
  }
}

/** Writes mantissa · 10^power: in full from 1e-6 to 1e21, else with an exponent. */
function writeShown(at: usize, mantissa: u64, power: i32): usize {
  let digits = mantissa;
  let zeros = power;
  while (digits % 10 == 0) {
    digits /= 10;
    zeros++;
  }
  const end = writeDigits(at, digits);
  const count = <i32>(end - at);
  const point = count + zeros;
  if (zeros >= 0 && point <= 21) {
    memory.fill(end, 48, zeros);
    return end + zeros;
  }
  if (point > 0 && point <= 21) {
    memory.copy(at + point + 1, at + point, count - point);
    setU8(at + point, 46);
    return end + 1;
  }
  if (point > -6 && point <= 0) {
    memory.copy(at + 2 - point, at, count);
    memory.fill(at, 48, 2 - point);
    setU8(at + 1, 46);
    return end + 2 - point;
  }
  let write = end;
  if (count > 1) {
    memory.copy(at + 2, at + 1, count - 1);
    setU8(at + 1, 46);
    write++;
  }
  setU8(write++, 101);
  setU8(write++, point - 1 < 0 ? 45 : 43);
  return writeDigits(write, <u64>abs(point - 1));
}
