// JSON (RFC 8259, as strict as JSON.parse): an object, flat or nested, to one row; the last of duplicate members
// wins, a lone surrogate becomes U+FFFD, depth is at most DEPTH_MAX. Values are decoded straight into cells;
// members that no column wants are checked and skipped. Functions return the address behind what they read, or
// 0 (failure.ts has the place). Imports row, paths, text, decimal.
import { DEPTH_MAX } from "../layout";
import { u8At } from "../memory/raw";
import { unescaped } from "../memory/regions";
import { scanNumber, scanShort } from "../number/decimal";
import { fail } from "./failure";
import { ROOT, expectName, expected, findChild, forgetBelow, hasChildren, nodeColumn } from "./paths";
import { setBoolean, setNull, setScanned, setText, setWrongType } from "./row";
import { escaped, scanString, unescape } from "./text";

export const QUOTE: u32 = 34;
export const COMMA: u32 = 44;
export const COLON: u32 = 58;
export const OPEN_ARRAY: u32 = 91;
export const CLOSE_ARRAY: u32 = 93;
export const OPEN_OBJECT: u32 = 123;
export const CLOSE_OBJECT: u32 = 125;

/** Address of the first byte that is not white space. */
// @ts-ignore: decorator
@inline export function skipSpace(at: usize, end: usize): usize {
  let here = at;
  while (here < end) {
    const byte = u8At(here);
    if (byte > 32 || (byte != 32 && byte != 9 && byte != 10 && byte != 13)) break;
    here++;
  }
  return here;
}

/** Node of the member that memberAt read the name of; 0 when no column wants it. */
export let named: u32 = 0;

/** Reads a member's name below `node`, behind its child `last`; returns the address of its value. */
// @ts-ignore: decorator
@inline export function memberAt(node: u32, last: u32, at: usize, end: usize): usize {
  let here = expectName(node, last, at, end);
  if (here != 0) named = expected;
  else {
    if (at >= end || u8At(at) != QUOTE) return fail(at);
    const name = at + 1;
    const close = scanString(name, end);
    if (close == 0) return 0;
    named = escaped
      ? findChild(node, last, unescaped, <u32>(unescape(name, close) - unescaped))
      : findChild(node, last, name, <u32>(close - name));
    here = close + 1;
  }
  here = skipSpace(here, end);
  return here >= end || u8At(here) != COLON ? fail(here) : skipSpace(here + 1, end);
}

/** Reads the object at `at` into the row at hand. */
export function decodeObject(at: usize, end: usize): usize {
  return object(at, end, ROOT, 1);
}

function object(at: usize, end: usize, node: u32, depth: u32): usize {
  if (depth > <u32>DEPTH_MAX) return fail(at);
  let here = skipSpace(at + 1, end);
  if (here < end && u8At(here) == CLOSE_OBJECT) return here + 1;
  let last: u32 = 0;
  while (true) {
    here = memberAt(node, last, here, end);
    if (here == 0) return 0;
    const child = named;
    if (child == 0) here = skipValue(here, end, depth);
    else {
      last = child;
      here = value(here, end, child, depth);
    }
    if (here == 0) return 0;
    here = skipSpace(here, end);
    if (here >= end) return fail(here);
    const byte = u8At(here);
    if (byte == CLOSE_OBJECT) return here + 1;
    if (byte != COMMA) return fail(here);
    here = skipSpace(here + 1, end);
  }
}

/** Reads a member's value into the column of its node, and what is below it into the columns below. */
// @ts-ignore: decorator
@inline function value(at: usize, end: usize, node: u32, depth: u32): usize {
  if (at >= end) return fail(at);
  const column = nodeColumn(node);
  if (hasChildren(node)) {
    forgetBelow(node);
    if (u8At(at) == OPEN_OBJECT) {
      if (column >= 0) setWrongType(<u32>column);
      return object(at, end, node, depth + 1);
    }
    if (column < 0) return skipValue(at, end, depth);
  }
  const byte = u8At(at);
  if (byte == 45 || byte - 48 < 10) {
    let after = scanShort(at, end);
    if (after == 0) after = scanNumber(at, end, true);
    if (after == 0) return fail(at);
    setScanned(<u32>column, at, after);
    return after;
  }
  if (byte == QUOTE) {
    const close = scanString(at + 1, end);
    if (close == 0) return 0;
    if (escaped) setText(<u32>column, unescaped, unescape(at + 1, close));
    else setText(<u32>column, at + 1, close);
    return close + 1;
  }
  const after = skipValue(at, end, depth);
  if (after == 0) return 0;
  if (byte == 110) setNull(<u32>column);
  else if (byte == 116 || byte == 102) setBoolean(<u32>column, byte == 116);
  else setWrongType(<u32>column);
  return after;
}

/** Checks any value and passes over it; `depth` is that of the value around it. */
export function skipValue(at: usize, end: usize, depth: u32): usize {
  if (at >= end) return fail(at);
  const byte = u8At(at);
  switch (byte) {
    case QUOTE: {
      const close = scanString(at + 1, end);
      return close == 0 ? 0 : close + 1;
    }
    case OPEN_OBJECT: return skipObject(at, end, depth + 1);
    case OPEN_ARRAY: return skipArray(at, end, depth + 1);
    case 116: return literal(at, end, 0x65757274, 4);
    case 110: return literal(at, end, 0x6c6c756e, 4);
    case 102: return literal(at, end, 0x65736c6166, 5);
    default: {
      const after = scanNumber(at, end, true);
      return after == 0 ? fail(at) : after;
    }
  }
}

/** `letters` holds the word's bytes, the first one lowest. */
function literal(at: usize, end: usize, letters: u64, length: usize): usize {
  if (at + length > end) return fail(at);
  for (let index: usize = 0; index < length; index++) {
    if (u8At(at + index) != <u32>((letters >> (<u64>index << 3)) & 0xff)) return fail(at);
  }
  return at + length;
}

function skipObject(at: usize, end: usize, depth: u32): usize {
  if (depth > <u32>DEPTH_MAX) return fail(at);
  let here = skipSpace(at + 1, end);
  if (here < end && u8At(here) == CLOSE_OBJECT) return here + 1;
  while (true) {
    if (here >= end || u8At(here) != QUOTE) return fail(here);
    here = scanString(here + 1, end);
    if (here == 0) return 0;
    here = skipSpace(here + 1, end);
    if (here >= end || u8At(here) != COLON) return fail(here);
    here = skipValue(skipSpace(here + 1, end), end, depth);
    if (here == 0) return 0;
    here = skipSpace(here, end);
    if (here >= end) return fail(here);
    if (u8At(here) == CLOSE_OBJECT) return here + 1;
    if (u8At(here) != COMMA) return fail(here);
    here = skipSpace(here + 1, end);
  }
}

function skipArray(at: usize, end: usize, depth: u32): usize {
  if (depth > <u32>DEPTH_MAX) return fail(at);
  let here = skipSpace(at + 1, end);
  if (here < end && u8At(here) == CLOSE_ARRAY) return here + 1;
  while (true) {
    here = skipValue(here, end, depth);
    if (here == 0) return 0;
    here = skipSpace(here, end);
    if (here >= end) return fail(here);
    if (u8At(here) == CLOSE_ARRAY) return here + 1;
    if (u8At(here) != COMMA) return fail(here);
    here = skipSpace(here + 1, end);
  }
}
