// MessagePack messages of columns: the members that columns want, an array into the cells of its column at once. As
// wary as decode/msgpack.ts, whose heads it uses. Functions return the address behind what they read, or 0 with the
// place in failure.ts. Imports columns, msgpack, paths, text.
import { DEPTH_MAX, UNIT_ISO8601 } from "../../layout";
import { NULL_WHOLE, bigAt, setF64, setI64, setVector, u8At, vectorAt } from "../../memory/raw";
import { instantOfDouble, instantOfInteger, unreadable } from "../../number/instant";
import {
  beginArray, endArray, first, meetColumn, meetNode, room, setBooleanAt, setDoubleAt, setBase64At, setNonfiniteAt, setNullAt,
  setStringAt, setTimeAt, setWholeAt, setWrongAt, touch,
} from "./columns";
import { fail } from "../failure";
import {
  ARRAY, BINARY, BOOLEAN, EXTENSION, FLOAT, INTEGER, MAP, NIL, STRING, UNSIGNED, content, digitsEnd, digitsOf,
  float, integer, isWhole, kind, length, readHead, readTimestamp, skipValue, topContent,
  topCount, wholeOfDouble,
} from "../msgpack";
import { ROOT, findChild, hasChildren, nodeColumn } from "../paths";
import {
  TAKES_BOTH, TAKES_BYTES, TAKES_NUMBER, TAKES_TEXT, TAKES_TIME, TAKES_WHOLE, cells, clearCells, readTimeText, takes, timeUnit,
  wholeOfText, wholeTimeLimit, wholeTimePower,
} from "../row";
import { isUtf8 } from "../text";

/** Reads the map that topKind found. */
export function readPackColumns(end: usize): usize {
  return entries(topContent, topCount, end, ROOT, 1);
}

function entries(at: usize, count: u32, end: usize, node: u32, depth: u32): usize {
  if (depth > <u32>DEPTH_MAX) return fail(at);
  let here = at;
  let last: u32 = 0;
  for (let entry: u32 = 0; entry < count; entry++) {
    if (!readHead(here, end)) return fail(here);
    let child: u32 = 0;
    if (kind == STRING || kind == BINARY) {
      if (kind == STRING && !isUtf8(content, content + length)) return fail(content);
      child = findChild(node, last, content, length);
      here = content + length;
    } else here = skipValue(here, end, depth);
    if (here == 0) return 0;
    if (child == 0) here = skipValue(here, end, depth);
    else {
      last = child;
      here = member(here, end, child, depth);
    }
    if (here == 0) return 0;
  }
  return here;
}

function member(at: usize, end: usize, node: u32, depth: u32): usize {
  if (!readHead(at, end)) return fail(at);
  meetNode(node, at);
  const column = nodeColumn(node);
  const fresh = column >= 0 && meetColumn(<u32>column);
  if (kind == MAP && hasChildren(node)) return entries(content, length, end, node, depth + 1);
  if (kind != ARRAY || column < 0) return skipValue(at, end, depth);
  return readPackArray(at, end, node, fresh ? column : -1, depth);
}

/**
 * Reads the array at `at`: as many elements as there is room for into the cells of `column` (−1: none), the others
 * are checked. `depth` is that of the value around.
 */
export function readPackArray(at: usize, end: usize, node: u32, column: i32, depth: u32): usize {
  if (depth + 1 > <u32>DEPTH_MAX) return fail(at);
  if (column >= 0) beginArray(<u32>column, at);
  readHead(at, end);
  const count = length;
  let here = content;
  let done: u32 = 0;
  let resume: usize = 0;
  if (column >= 0) {
    done = min(count, room);
    here = readPackRun(<u32>column, here, end, done, depth + 1);
    if (here == 0) return 0;
    resume = here;
  }
  for (; done < count; done++) {
    here = skipValue(here, end, depth + 1);
    if (here == 0) return 0;
  }
  endArray(node, count, resume);
  return here;
}

/** Reads `count` elements from the one at `at` on into the rows from `first` on; `depth` is that of the array. */
export function readPackRun(column: u32, at: usize, end: usize, count: u32, depth: u32): usize {
  const kind = takes(column);
  const plain = kind == TAKES_NUMBER || (kind == TAKES_TIME && wholeTimeLimit() >= 0);
  const last = first + count;
  let here = at;
  let row = first;
  while (row < last) {
    const taken = plain ? readAlike(column, row, here, end, last - row) : 0;
    if (taken != 0) {
      here += taken * alikeBytes;
      row += taken;
      continue;
    }
    here = readPackElement(column, row++, here, end, depth);
    if (here == 0) {
      touch(row);
      return 0;
    }
  }
  touch(last);
  return here;
}

/** Bytes of each number that readAlike read last. */
let alikeBytes: u32 = 0;

/**
 * Reads the next numbers as long as they come in the form of the first one, `limit` at most, without the way through a
 * head: what encoders write for a JavaScript number. Returns how many.
 */
function readAlike(column: u32, row: u32, at: usize, end: usize, limit: u32): u32 {
  const form = at < end ? u8At(at) : FORM_NONE;
  alikeBytes = form < 0x80 ? 1 : form - 0xcc < 4 ? ((<u32>1) << (form - 0xcc)) + 1 : form == FORM_DOUBLE ? 9 : 0;
  if (alikeBytes == 0) return 0;
  const cell = cells(column) + (<usize>row << 3);
  const cellEnd = cell + (<usize>min(limit, <u32>(end - at) / alikeBytes) << 3);
  const numbers = takes(column) == TAKES_NUMBER;
  excess = false;
  let to = cell;
  if (form == FORM_DOUBLE) to = numbers ? doubles(cell, cellEnd, at) : cell;
  else if (form < 0x80) to = smallWholes(cell, cellEnd, at, numbers);
  else if (form == 0xcc) to = wholes<u8>(form, cell, cellEnd, at, numbers);
  else if (form == 0xcd) to = wholes<u16>(form, cell, cellEnd, at, numbers);
  else if (form == 0xce) to = wholes<u32>(form, cell, cellEnd, at, numbers);
  else to = wholes<u64>(form, cell, cellEnd, at, numbers);
  const count = <u32>(to - cell) >> 3;
  if (!excess) return count;
  // All of them one by one.
  clearCells(takes(column), cells(column), row, count);
  for (let index: u32 = 0; index < count; index++) {
    readPackElement(column, row + index, at + index * alikeBytes, end, 0);
  }
  return count;
}
/** A byte that no value begins with. */
const FORM_NONE: u32 = 0xc1;
const FORM_DOUBLE: u32 = 0xcb;

/** Among the numbers read are some that cannot be taken as they are: they are not finite, or beyond what a time may be. */
let excess: bool = false;

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

/** Reads one value into a row; `depth` is that of the value around. */
export function readPackElement(column: u32, row: u32, at: usize, end: usize, depth: u32): usize {
  if (!readHead(at, end)) return fail(at);
  switch (kind) {
    case NIL: setNullAt(column, row); return content;
    case BOOLEAN: setBooleanAt(column, row, integer != 0); return content;
    case INTEGER:
    case UNSIGNED:
    case FLOAT: setNumber(column, row); return content;
    case STRING: {
      const text = content;
      const textEnd = content + length;
      if (!isUtf8(text, textEnd)) return fail(text);
      const takesKind = takes(column);
      if (takesKind == TAKES_TIME) {
        readTimeText(text, textEnd);
        setTimeAt(column, row);
      } else if (takesKind == TAKES_TEXT || takesKind == TAKES_BOTH) setStringAt(column, row, text, length);
      else if (takesKind == TAKES_WHOLE) setWholeAt(column, row, wholeOfText(text, textEnd));
      else if (takesKind == TAKES_BYTES) setBase64At(column, row, text, textEnd);
      else setWrongAt(column, row);
      return textEnd;
    }
    case BINARY: {
      const after = content + length;
      if (takes(column) == TAKES_BYTES) setStringAt(column, row, content, length);
      else setWrongAt(column, row);
      return after;
    }
    case EXTENSION:
      if (takes(column) == TAKES_TIME && readTimestamp()) setTimeAt(column, row);
      else setWrongAt(column, row);
      return content + length;
    default: {
      const after = skipValue(at, end, depth);
      if (after != 0) setWrongAt(column, row);
      return after;
    }
  }
}

/** The number whose head was read. */
function setNumber(column: u32, row: u32): void {
  const takesKind = takes(column);
  if (takesKind == TAKES_NUMBER) {
    setDoubleAt(column, row, kind == FLOAT ? float : kind == UNSIGNED ? <f64><u64>integer : <f64>integer);
  } else if (takesKind == TAKES_WHOLE) {
    if (kind != FLOAT) setWholeAt(column, row, kind == UNSIGNED ? NULL_WHOLE : integer);
    else if (float - float != 0) setNonfiniteAt(column, row);
    else setWholeAt(column, row, wholeOfDouble(float));
  } else if (takesKind == TAKES_TIME) {
    readNumberTime();
    setTimeAt(column, row);
  } else if (takesKind == TAKES_BOTH && kind != FLOAT) {
    const minus = kind == INTEGER && integer < 0;
    const from = digitsOf(minus ? <u64>-integer : <u64>integer, minus);
    setStringAt(column, row, from, <u32>(digitsEnd - from));
  } else if (takesKind == TAKES_BOTH && isWhole(float)) {
    const from = digitsOf(<u64>Math.abs(float), float < 0);
    setStringAt(column, row, from, <u32>(digitsEnd - from));
  } else setWrongAt(column, row);
}

function readNumberTime(): void {
  if (timeUnit() == UNIT_ISO8601) unreadable();
  else if (kind == FLOAT) instantOfDouble(float, timeUnit());
  else instantOfInteger(integer, kind == UNSIGNED, timeUnit());
}

/** Reads the one value at `at` as a time, for number/instant.ts; false when it is NULL. */
export function readPackTime(at: usize, end: usize): bool {
  readHead(at, end);
  if (kind == NIL) return false;
  if (kind == INTEGER || kind == UNSIGNED || kind == FLOAT) readNumberTime();
  else if (kind == STRING) readTimeText(content, content + length);
  else if (kind != EXTENSION || !readTimestamp()) unreadable();
  return true;
}
