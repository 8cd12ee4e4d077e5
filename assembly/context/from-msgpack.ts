// Context messages in MessagePack: a map into the stage. Nothing is trusted, as in decode/msgpack.ts, whose heads it
// reads. Functions return the address behind what they read, or 0 (failure.ts has the place).
// Imports stage, the MessagePack decoder, paths, text.
import { DEPTH_MAX } from "../layout";
import { fail } from "../decode/failure";
import {
  BINARY, FLOAT, INTEGER, MAP, NIL, STRING, UNSIGNED, content, digitsEnd, digitsOf, float,
  integer, isWhole, kind, length, readHead, skipValue,
} from "../decode/msgpack";
import { findChild, hasChildren, nodeColumn } from "../decode/paths";
import { isUtf8 } from "../decode/text";
import {
  contextRoot, forgetMember, isNumber, removeBelow, setDoubleCell, setNullCell, setTextCell, setWrongCell,
} from "./stage";

/** Reads the map at `at`, a whole message. */
export function readPackContext(at: usize, end: usize): usize {
  if (!readHead(at, end) || kind != MAP) return fail(at);
  return entries(content, length, end, contextRoot, 1);
}

function entries(at: usize, count: u32, end: usize, node: u32, depth: u32): usize {
  if (depth > <u32>DEPTH_MAX) return fail(at);
  let here = at;
  for (let entry: u32 = 0; entry < count; entry++) {
    if (!readHead(here, end)) return fail(here);
    let child: u32 = 0;
    if (kind == STRING || kind == BINARY) {
      if (kind == STRING && !isUtf8(content, content + length)) return fail(content);
      child = findChild(node, 0, content, length);
      here = content + length;
    } else here = skipValue(here, end, depth);
    if (here == 0) return 0;
    here = child == 0 ? skipValue(here, end, depth) : member(here, end, child, depth);
    if (here == 0) return 0;
  }
  return here;
}

function member(at: usize, end: usize, node: u32, depth: u32): usize {
  if (!readHead(at, end)) return fail(at);
  forgetMember(node);
  if (hasChildren(node)) {
    if (kind == MAP) return entries(content, length, end, node, depth + 1);
    removeBelow(node);
    return skipValue(at, end, depth);
  }
  const cell = <u32>nodeColumn(node);
  switch (kind) {
    case NIL: setNullCell(cell); return content;
    case INTEGER:
    case UNSIGNED: setInteger(cell, kind == UNSIGNED); return content;
    case FLOAT: setFloat(cell, float); return content;
    case STRING: {
      const textEnd = content + length;
      if (!isUtf8(content, textEnd)) return fail(content);
      if (isNumber(cell)) setWrongCell(cell);
      else setTextCell(cell, content, textEnd);
      return textEnd;
    }
    default: {
      const after = skipValue(at, end, depth);
      if (after != 0) setWrongCell(cell);
      return after;
    }
  }
}

/** `unsigned`: the 64 bits are those of a number of 2^63 or more. */
function setInteger(cell: u32, unsigned: bool): void {
  if (isNumber(cell)) setDoubleCell(cell, unsigned ? <f64><u64>integer : <f64>integer);
  else {
    const minus = !unsigned && integer < 0;
    setTextCell(cell, digitsOf(minus ? <u64>-integer : <u64>integer, minus), digitsEnd);
  }
}

function setFloat(cell: u32, value: f64): void {
  if (isNumber(cell)) setDoubleCell(cell, value);
  else if (isWhole(value)) setTextCell(cell, digitsOf(<u64>Math.abs(value), value < 0), digitsEnd);
  else setWrongCell(cell);
}
