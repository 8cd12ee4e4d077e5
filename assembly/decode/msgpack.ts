// MessagePack: a map, flat or nested, to one row; all forms of the specification. Nothing is trusted: a length
// beyond the payload is refused at once, depth is at most DEPTH_MAX, strings are checked as UTF-8. The extension
// −1 (timestamp) is taken as a time; others are passed over. Functions return the address behind what they read,
// or 0 (failure.ts has the place). Imports row, paths, text.
import { DEPTH_MAX, UNIT_ISO8601, UNIT_NS, UNIT_S } from "../layout";
import { NULL_WHOLE, bigAt, setU8, u8At } from "../memory/raw";
import { instantOfDouble, instantOfInteger } from "../number/instant";
import { fail } from "./failure";
import { ROOT, findChild, forgetBelow, hasChildren, nextChild, nodeColumn, packedName } from "./paths";
import {
  isTimeColumn, keepTime, setBoolean, setBytes, setDouble, setNonfinite, setNull, setText, setTimeUnreadable,
  setTimeWhole, setWhole, setWrongType, takesNumber, takesNumberText, takesWhole, timeUnit,
} from "./row";
import { isUtf8 } from "./text";

// What head() found: kind, its number of bytes or elements, and where its content begins.
export const NIL = 0;
export const BOOLEAN = 1;
export const INTEGER = 2;
export const UNSIGNED = 3;
export const FLOAT = 4;
export const STRING = 5;
export const BINARY = 6;
export const ARRAY = 7;
export const MAP = 8;
export const EXTENSION = 9;
export let kind: i32 = 0;
export let length: u32 = 0;
export let content: usize = 0;
export let integer: i64 = 0;
export let float: f64 = 0;

// @ts-ignore: decorator
@inline function big16(at: usize): u32 { return <u32>bigAt<u16>(at); }
// @ts-ignore: decorator
@inline function big32(at: usize): u32 { return <u32>bigAt<u32>(at); }
// @ts-ignore: decorator
@inline function big64(at: usize): u64 { return bigAt<u64>(at); }

/** Reads the head of a value: false when it is cut off, unknown, or longer than the payload. */
// @ts-ignore: decorator
@inline function head(at: usize, end: usize): bool {
  if (at >= end) return false;
  const byte = u8At(at);
  content = at + 1;
  return byte - 0xa0 < 32 ? sized(STRING, byte & 31, end) : otherHead(byte, end);
}

/** As head, for other files. */
export function readHead(at: usize, end: usize): bool {
  return head(at, end);
}

/** Any head but that of a short string; `content` is behind its first byte. */
function otherHead(byte: u32, end: usize): bool {
  length = 0;
  if (byte < 0x80) return whole(<i64>byte);
  if (byte >= 0xe0) return whole(<i64>byte - 256);
  if (byte < 0x90) return sized(MAP, byte & 15, end);
  if (byte < 0xa0) return sized(ARRAY, byte & 15, end);
  if (byte == 0xc1) return false;
  const width = headBytes(byte);
  if (content + width > end) return false;
  return wideHead(byte, end);
}

/** Bytes between the first byte and the content's end (numbers) or begin (the rest). */
function headBytes(byte: u32): usize {
  switch (byte) {
    case 0xc4: case 0xd9: case 0xcc: case 0xd0: return 1;
    case 0xc5: case 0xda: case 0xcd: case 0xd1: case 0xdc: case 0xde: return 2;
    case 0xc6: case 0xdb: case 0xce: case 0xd2: case 0xca: case 0xdd: case 0xdf: return 4;
    case 0xcb: case 0xcf: case 0xd3: return 8;
    case 0xc7: return 2;
    case 0xc8: return 3;
    case 0xc9: return 5;
    case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return 1;
    default: return 0;
  }
}

function wideHead(byte: u32, end: usize): bool {
  const at = content;
  content += headBytes(byte);
  switch (byte) {
    case 0xc0: kind = NIL; return true;
    case 0xc2: case 0xc3: kind = BOOLEAN; integer = <i64>(byte - 0xc2); return true;
    case 0xc4: return sized(BINARY, u8At(at), end);
    case 0xc5: return sized(BINARY, big16(at), end);
    case 0xc6: return sized(BINARY, big32(at), end);
    case 0xc7: return sized(EXTENSION, u8At(at), end);
    case 0xc8: return sized(EXTENSION, big16(at), end);
    case 0xc9: return sized(EXTENSION, big32(at), end);
    case 0xca: kind = FLOAT; float = <f64>reinterpret<f32>(big32(at)); return true;
    case 0xcb: kind = FLOAT; float = reinterpret<f64>(big64(at)); return true;
    case 0xcc: return whole(<i64>u8At(at));
    case 0xcd: return whole(<i64>big16(at));
    case 0xce: return whole(<i64>big32(at));
    case 0xcf: {
      const value = big64(at);
      whole(<i64>value);
      if (<i64>value < 0) kind = UNSIGNED;
      return true;
    }
    case 0xd0: return whole(<i64><i8>u8At(at));
    case 0xd1: return whole(<i64><i16>big16(at));
    case 0xd2: return whole(<i64><i32>big32(at));
    case 0xd3: return whole(<i64>big64(at));
    case 0xd9: return sized(STRING, u8At(at), end);
    case 0xda: return sized(STRING, big16(at), end);
    case 0xdb: return sized(STRING, big32(at), end);
    case 0xdc: return sized(ARRAY, big16(at), end);
    case 0xdd: return sized(ARRAY, big32(at), end);
    case 0xde: return sized(MAP, big16(at), end);
    case 0xdf: return sized(MAP, big32(at), end);
    default: return sized(EXTENSION, 1 << (byte - 0xd4), end);
  }
}

// @ts-ignore: decorator
@inline function whole(value: i64): bool {
  kind = INTEGER;
  integer = value;
  return true;
}

/** Every element takes a byte at least, and a map's entry two: longer ones are lies. */
// @ts-ignore: decorator
@inline function sized(what: i32, count: u32, end: usize): bool {
  kind = what;
  length = count;
  const left = <u64>(end - content);
  return (what == MAP ? <u64>count * 2 : <u64>count) <= left;
}

/** Reads the head of a message: TOP_*. */
// @ts-ignore: decorator
@inline export function topKind(at: usize, end: usize): u32 {
  const count = u8At(at) - 0x80;
  if (count < 16 && at + 1 + (<usize>count << 1) <= end) {
    topCount = count;
    topContent = at + 1;
    return TOP_MAP;
  }
  return anyTopKind(at, end);
}

function anyTopKind(at: usize, end: usize): u32 {
  if (!head(at, end)) return TOP_OTHER;
  topCount = length;
  topContent = content;
  return kind == MAP ? TOP_MAP : kind == ARRAY ? TOP_ARRAY : TOP_OTHER;
}
export const TOP_OTHER: u32 = 0;
export const TOP_MAP: u32 = 1;
export const TOP_ARRAY: u32 = 2;
/** Entries of the map or the array that topKind read, and where the first one is. */
export let topCount: u32 = 0;
export let topContent: usize = 0;

/** Reads the map that topKind found into the row at hand. */
export function decodeMap(end: usize): usize {
  return entries(topContent, topCount, end, ROOT, 1);
}

function entries(at: usize, count: u32, end: usize, node: u32, depth: u32): usize {
  if (depth > <u32>DEPTH_MAX) return fail(at);
  let here = at;
  let last: u32 = 0;
  for (let entry: u32 = 0; entry < count; entry++) {
    if (here >= end) return fail(here);
    let child = nextChild(node, last);
    const behind = packedName(child, here, end);
    if (behind != 0) here = behind;
    else {
      here = anyName(here, end, node, last, depth);
      if (here == 0) return 0;
      child = named;
    }
    if (child == 0) here = skipValue(here, end, depth);
    else {
      last = child;
      here = hasChildren(child) ? parent(here, end, child, depth) : leaf(here, end, <u32>nodeColumn(child), depth);
    }
    if (here == 0) return 0;
  }
  return here;
}

/** Column node of the name that anyName read, or 0. */
let named: u32 = 0;

/** Reads a name that is not the expected one, or a longer one. */
function anyName(at: usize, end: usize, node: u32, last: u32, depth: u32): usize {
  const short = u8At(at) - 0xa0;
  if (short >= 32) return longName(at, end, node, depth);
  const name = at + 1;
  const behind = name + short;
  if (behind > end) return fail(at);
  named = findChild(node, last, name, short);
  return named == 0 && !isUtf8(name, behind) ? fail(name) : behind;
}

/** Reads a name that is no short string: a longer one, bytes, or something that names no column. */
function longName(at: usize, end: usize, node: u32, depth: u32): usize {
  named = 0;
  if (!head(at, end)) return fail(at);
  if (kind != STRING && kind != BINARY) return skipValue(at, end, depth);
  if (kind == STRING && !isUtf8(content, content + length)) return fail(content);
  named = findChild(node, 0, content, length);
  return content + length;
}

/** Reads a member that columns lie below of, and perhaps one of its own. */
function parent(at: usize, end: usize, node: u32, depth: u32): usize {
  if (!head(at, end)) return fail(at);
  const column = nodeColumn(node);
  forgetBelow(node);
  if (kind == MAP) {
    if (column >= 0) setWrongType(<u32>column);
    return entries(content, length, end, node, depth + 1);
  }
  return column < 0 ? skipValue(at, end, depth) : anyLeaf(at, end, <u32>column, depth);
}

/** Reads a value into its column. */
// @ts-ignore: decorator
@inline function leaf(at: usize, end: usize, column: u32, depth: u32): usize {
  // What encoders write for a reading and for its time, without the way through head().
  if (at + 9 <= end) {
    const byte = u8At(at);
    const bits = big64(at + 1);
    if (byte == 0xcb && takesNumber(column)) {
      setDouble(column, reinterpret<f64>(bits));
      return at + 9;
    }
    if (byte == 0xcf && <i64>bits >= 0 && isTimeColumn(column) && setTimeWhole(<i64>bits)) return at + 9;
  }
  return anyLeaf(at, end, column, depth);
}

function anyLeaf(at: usize, end: usize, column: u32, depth: u32): usize {
  if (!head(at, end)) return fail(at);
  switch (kind) {
    case NIL: setNull(column); return content;
    case BOOLEAN: setBoolean(column, integer != 0); return content;
    case INTEGER:
    case UNSIGNED: setInteger(column, integer, kind == UNSIGNED); return content;
    case FLOAT: setFloat(column, float); return content;
    case STRING: {
      const text = content;
      const textEnd = content + length;
      if (!isUtf8(text, textEnd)) return fail(text);
      setText(column, text, textEnd);
      return textEnd;
    }
    case BINARY: {
      const after = content + length;
      setBytes(column, content, length);
      return after;
    }
    case EXTENSION:
      if (isTimeColumn(column) && readTimestamp()) keepTime();
      else setWrongType(column);
      return content + length;
    default: {
      const after = skipValue(at, end, depth);
      if (after != 0) setWrongType(column);
      return after;
    }
  }
}

/** `unsigned`: the 64 bits are those of a number of 2^63 or more. */
function setInteger(column: u32, value: i64, unsigned: bool): void {
  if (takesNumber(column)) setDouble(column, unsigned ? <f64><u64>value : <f64>value);
  else if (takesWhole(column)) setWhole(column, unsigned ? NULL_WHOLE : value);
  else if (isTimeColumn(column)) {
    if (timeUnit() == UNIT_ISO8601) setTimeUnreadable();
    else {
      instantOfInteger(value, unsigned, timeUnit());
      keepTime();
    }
  } else if (takesNumberText(column)) {
    setText(column, digitsOf(unsigned || value >= 0 ? <u64>value : <u64>-value, !unsigned && value < 0), digitsEnd);
  } else setWrongType(column);
}

function setFloat(column: u32, value: f64): void {
  if (takesNumber(column)) setDouble(column, value);
  else if (takesWhole(column)) {
    if (value - value != 0) setNonfinite(column);
    else setWhole(column, wholeOfDouble(value));
  } else if (isTimeColumn(column)) {
    if (timeUnit() == UNIT_ISO8601) setTimeUnreadable();
    else {
      instantOfDouble(value, timeUnit());
      keepTime();
    }
  } else if (takesNumberText(column) && isWhole(value)) {
    setText(column, digitsOf(<u64>Math.abs(value), value < 0), digitsEnd);
  } else setWrongType(column);
}

/** The BIGINT that a double is; NULL when it is none. */
export function wholeOfDouble(value: f64): i64 {
  return value == floor<f64>(value) && Math.abs(value) < 9223372036854775808.0 ? <i64>value : NULL_WHOLE;
}

/** A number that has decimal digits only, none of them made up. */
export function isWhole(value: f64): bool {
  return value == floor<f64>(value) && Math.abs(value) <= 9007199254740992;
}

const digits = memory.data(32);
export const digitsEnd: usize = digits + 32;

/** Writes a whole number's decimal digits; they end at `digitsEnd`, and where they begin comes back. */
export function digitsOf(magnitude: u64, minus: bool): usize {
  let at = digitsEnd;
  let rest = magnitude;
  do {
    setU8(--at, <u32>(rest % 10) + 48);
    rest /= 10;
  } while (rest != 0);
  if (minus) setU8(--at, 45);
  return at;
}

/** Reads the timestamp extension of 4, 8 or 12 bytes at `content` as an instant; false when it is none of these. */
export function readTimestamp(): bool {
  if (<i8>u8At(content - 1) != -1) return false;
  let seconds: i64 = 0;
  let nanoseconds: u32 = 0;
  if (length == 4) seconds = <i64>big32(content);
  else if (length == 8) {
    const both = big64(content);
    nanoseconds = <u32>(both >> 34);
    seconds = <i64>(both & 0x3ffffffff);
  } else if (length == 12) {
    nanoseconds = big32(content);
    seconds = <i64>big64(content + 4);
  } else return false;
  if (nanoseconds > 999999999) return false;
  if (seconds > 4611686018 || seconds < -4611686019) instantOfInteger(seconds, false, UNIT_S);
  else instantOfInteger(seconds * 1000000000 + <i64>nanoseconds, false, UNIT_NS);
  return true;
}

/** Checks any value and passes over it; `depth` is that of the value around it. */
export function skipValue(at: usize, end: usize, depth: u32): usize {
  if (!head(at, end)) return fail(at);
  switch (kind) {
    case STRING: return isUtf8(content, content + length) ? content + length : fail(content);
    case BINARY:
    case EXTENSION: return content + length;
    case ARRAY:
    case MAP: {
      if (depth + 1 > <u32>DEPTH_MAX) return fail(at);
      const count = kind == MAP ? <u64>length * 2 : <u64>length;
      let here = content;
      for (let element: u64 = 0; element < count; element++) {
        here = skipValue(here, end, depth + 1);
        if (here == 0) return 0;
      }
      return here;
    }
    default: return content;
  }
}
