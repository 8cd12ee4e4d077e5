// Numbers of a MessagePack array, many at a time: those that follow one another in the same form, which is what encoders
// write for a JavaScript number, without the way through a head. Two or four at once in the SIMD build. Imports row,
// raw access.
import { bigAt, setF64, setI64, setVector, u8At, vectorAt } from "../../memory/raw";
import { wholeTimeLimit, wholeTimePower } from "../row";

/** A byte that no value begins with. */
const FORM_NONE: u32 = 0xc1;
const FORM_DOUBLE: u32 = 0xcb;

/** Bytes of each number that readAlike read last. */
export let alikeBytes: u32 = 0;
/** Some of them cannot be taken as they are: they are not finite, or beyond what a time may be. */
export let excess: bool = false;

/**
 * Reads the numbers from `at` on as long as they come in the form of the first one, `limit` at most, into the cells from
 * `cell` on: as DOUBLEs, or else as times. Returns how many, 0 when the first is of no form that is known here.
 */
export function readAlike(cell: usize, limit: u32, at: usize, end: usize, numbers: bool): u32 {
  const form = at < end ? u8At(at) : FORM_NONE;
  alikeBytes = form < 0x80 ? 1 : form - 0xcc < 4 ? ((<u32>1) << (form - 0xcc)) + 1 : form == FORM_DOUBLE && numbers ? 9 : 0;
  if (alikeBytes == 0) return 0;
  const cellEnd = cell + (<usize>min(limit, <u32>(end - at) / alikeBytes) << 3);
  excess = false;
  let to = cell;
  if (form == FORM_DOUBLE) to = doubles(cell, cellEnd, at);
  else if (form < 0x80) to = smallWholes(cell, cellEnd, at, numbers);
  else if (form == 0xcc) to = wholes<u8>(form, cell, cellEnd, at, numbers);
  else if (form == 0xcd) to = wholes<u16>(form, cell, cellEnd, at, numbers);
  else if (form == 0xce) to = wholes<u32>(form, cell, cellEnd, at, numbers);
  else to = wholes<u64>(form, cell, cellEnd, at, numbers);
  return <u32>(to - cell) >> 3;
}

/** Reads whole numbers below 128, a byte each, into the cells up to `end`; returns the first one not written. */
function smallWholes(cell: usize, end: usize, at: usize, numbers: bool): usize {
  const power = wholeTimePower();
  let from = at;
  let to = cell;
  for (; to < end && u8At(from) < 0x80; to += 8) {
    if (numbers) setF64(to, <f64>u8At(from++));
    else setI64(to, <i64>u8At(from++) * power);
  }
  return to;
}

/** The same of whole numbers behind a byte that says their form. */
// @ts-ignore: decorator
@inline function wholes<T>(form: u32, cell: usize, end: usize, at: usize, numbers: bool): usize {
  const power = wholeTimePower();
  let from = at;
  let to = cell;
  let most: u64 = 0;
  if (ASC_FEATURE_SIMD) if (sizeof<T>() == 2) {
    to = fourWholes(cell, end, at, numbers);
    from += ((to - cell) >> 3) * 3;
  }
  for (; to < end && u8At(from) == form; to += 8) {
    const value = bigAt<T>(from + 1);
    if (sizeof<T>() == 8) most = max(most, value);
    if (numbers) setF64(to, <f64><i64>value);
    else setI64(to, <i64>value * power);
    from += sizeof<T>() + 1;
  }
  if (sizeof<T>() == 8) excess = most > <u64>(numbers ? i64.MAX_VALUE : wholeTimeLimit());
  return to;
}

/** The same, four of 16 bits at a time. */
function fourWholes(cell: usize, end: usize, at: usize, numbers: bool): usize {
  const power = i32x4.splat(<i32>wholeTimePower());
  const form = i8x16.splat(<i8>0xcd);
  let from = at;
  let to = cell;
  for (; to + 32 <= end; to += 32) {
    const bytes = vectorAt(from);
    if ((i8x16.bitmask(i8x16.eq(bytes, form)) & 0x249) != 0x249) break;
    const four = v128.shuffle<u8>(bytes, i8x16.splat(0), 2, 1, 16, 16, 5, 4, 16, 16, 8, 7, 16, 16, 11, 10, 16, 16);
    if (numbers) {
      setVector(to, f64x2.convert_low_i32x4_u(four));
      setVector(to + 16, f64x2.convert_low_i32x4_u(v128.shuffle<u64>(four, four, 1, 1)));
    } else {
      setVector(to, i64x2.extmul_low_i32x4_u(four, power));
      setVector(to + 16, i64x2.extmul_high_i32x4_u(four, power));
    }
    from += 12;
  }
  return to;
}

/** The same of doubles. −0 becomes +0. */
function doubles(cell: usize, end: usize, at: usize): usize {
  let to = cell;
  let from = at;
  if (ASC_FEATURE_SIMD) {
    const zero = f64x2.splat(0);
    const form = i8x16.splat(<i8>FORM_DOUBLE);
    let others = zero;
    for (; to + 16 <= end; to += 16) {
      const bytes = vectorAt(from);
      if ((i8x16.bitmask(i8x16.eq(bytes, form)) & 0x201) != 0x201) break;
      const pair = v128.shuffle<u8>(
        bytes, vectorAt(from + 9), 8, 7, 6, 5, 4, 3, 2, 1, 24, 23, 22, 21, 20, 19, 18, 17,
      );
      // Adding what a value less itself is: 0, or NaN.
      others = f64x2.add(others, f64x2.sub(pair, pair));
      setVector(to, f64x2.add(pair, zero));
      from += 18;
    }
    excess = !i64x2.all_true(f64x2.eq(others, others));
  }
  for (; to < end && u8At(from) == FORM_DOUBLE; to += 8) {
    const value = reinterpret<f64>(bigAt<u64>(from + 1));
    if (value - value != 0) excess = true;
    setF64(to, value + 0);
    from += 9;
  }
  return to;
}
