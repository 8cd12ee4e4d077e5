// Numbers of a JSON array, many at a time, for the SIMD build: where the commas of 64 bytes are is found at once, so that
// no number waits for the end of the one before. Takes what sensors send, a sign, digits, perhaps a point among them, at
// most 8 characters or 16 digits; whatever else comes ends it. Imports decimal, row, raw access.
import { setF64, setI64, u64At, u8At, vectorAt } from "../../memory/raw";
import { powerOfTen, sumDigits } from "../../number/decimal";
import { wholeTimeLimit, wholeTimePower } from "../row";

const WINDOW: usize = 64;
const SPACE: u32 = 32;
const MINUS: u32 = 45;
const ZERO: u32 = 48;
/** What all digits have in common. */
const ZEROS: u64 = 0x3030303030303030;
/** A point less the bits that all digits have. */
const POINT: u64 = 0x1e;

/** Address of the element behind those that readNumbers read last. */
export let numbersEnd: usize = 0;

/** A bit for each comma among 64 bytes. */
// @ts-ignore: decorator
@inline function commas(at: usize): u64 {
  const comma = i8x16.splat(44);
  const first = <u64>i8x16.bitmask(i8x16.eq(vectorAt(at), comma));
  const second = <u64>i8x16.bitmask(i8x16.eq(vectorAt(at + 16), comma));
  const third = <u64>i8x16.bitmask(i8x16.eq(vectorAt(at + 32), comma));
  const fourth = <u64>i8x16.bitmask(i8x16.eq(vectorAt(at + 48), comma));
  return first | (second << 16) | (third << 32) | (fourth << 48);
}

/** High bits of the bytes that are no digits; those of `word` are, less 0x30. */
// @ts-ignore: decorator
@inline function strangers(word: u64): u64 {
  return ((word + 0x7676767676767676) | word) & 0x8080808080808080;
}

/**
 * Reads elements from the one at `at` on into the cells from `cell` up to `cellEnd`, as DOUBLEs or as times, as long as
 * they are usual and have a comma behind them; returns the first cell that is not written.
 */
export function readNumbers(cell: usize, cellEnd: usize, at: usize, end: usize, times: bool): usize {
  const limit = wholeTimeLimit();
  const power = wholeTimePower();
  let to = cell;
  let here = at;
  while (to < cellEnd) {
    const window = here;
    for (let left = commas(window); left != 0 && to < cellEnd; left &= left - 1) {
      const comma = window + <usize>ctz<u64>(left);
      if (u8At(here) == SPACE) here++;
      const minus = u8At(here) == MINUS;
      // Two ways instead of one that adds a byte, so that the address does not wait for what is there.
      const length = minus ? readDigits(here + 1, comma) : readDigits(here, comma);
      if (length == 0 || comma >= end) {
        numbersEnd = here;
        return to;
      }
      if (times) {
        if (places != 0 || minus || <i64>digits > limit) {
          numbersEnd = here;
          return to;
        }
        setI64(to, <i64>digits * power);
      } else {
        const value = <f64><i64>digits / powerOfTen(places);
        setF64(to, minus && digits != 0 ? -value : value);
      }
      to += 8;
      here = comma + 1;
    }
    if (here == window) break;
  }
  numbersEnd = here;
  return to;
}

/** What readDigits read: `digits` less `places` behind the point. */
let digits: u64 = 0;
let places: i32 = 0;

/** Reads a number without sign that fills [at, end); 0 when it is none, or longer than what is looked at here. */
// @ts-ignore: decorator
@inline function readDigits(at: usize, end: usize): usize {
  const length = end - at;
  if (length - 1 < 8) {
    const word = (u64At(at) ^ ZEROS) << (64 - (<u64>length << 3));
    const others = strangers(word);
    if (others == 0) {
      // More than one digit, of which the first is 0.
      if (length > 1 && u8At(at) == ZERO) return 0;
      digits = sumDigits(word);
      places = 0;
      return length;
    }
    return readPoint(word, others, length, u8At(at) == ZERO) ? length : 0;
  }
  if (length - 9 >= 8) return 0;
  const word = (u64At(at) ^ ZEROS) << (128 - (<u64>length << 3));
  const last = u64At(end - 8) ^ ZEROS;
  if ((strangers(word) | strangers(last)) != 0 || u8At(at) == ZERO) return 0;
  digits = sumDigits(word) * 100000000 + sumDigits(last);
  places = 0;
  return length;
}

/** The digits of a word's upper `length` bytes with a point among them, where `others` are; false when it is none. */
// @ts-ignore: decorator
@inline function readPoint(word: u64, others: u64, length: usize, zero: bool): bool {
  const point = ctz<u64>(others) & 0x78;
  const before = <usize>(point >> 3) + length - 8;
  if ((others & (others - 1)) != 0 || ((word >> point) & 0xff) != POINT) return false;
  if (before == 0 || point == 56 || (zero && before > 1)) return false;
  const low = ((<u64>1) << point) - 1;
  digits = sumDigits(((word & low) << 8) | (word & ~(low << 8 | 0xff)));
  places = 7 - <i32>(point >> 3);
  return true;
}
