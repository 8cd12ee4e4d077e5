// Context messages in JSON: an object into the stage. They are few, so that nothing here is made for speed. As strict
// as decode/json.ts, whose checks it uses. Functions return the address behind what they read, or 0 with the place in
// failure.ts. Imports stage, the JSON decoder, paths, text, decimal.
import { DEPTH_MAX } from "../layout";
import { fail } from "../decode/failure";
import { CLOSE_OBJECT, COLON, COMMA, OPEN_OBJECT, QUOTE, skipSpace, skipValue } from "../decode/json";
import { findChild, hasChildren, nodeColumn } from "../decode/paths";
import { escaped, scanString, unescape } from "../decode/text";
import { u8At } from "../memory/raw";
import { unescaped } from "../memory/regions";
import { scanNumber, toDouble } from "../number/decimal";
import {
  contextRoot, forgetMember, isNumber, removeBelow, setDoubleCell, setNullCell, setTextCell, setWrongCell,
} from "./stage";

/** Reads the object at `at`; `depth` is its own. */
export function readJsonContext(at: usize, end: usize, depth: u32): usize {
  return object(at, end, contextRoot, depth);
}

/** The member that nextName read: its node (0 none). */
let child: u32 = 0;
/** A name as it stands, without escapes. */
let nameAt: usize = 0;
let nameEnd: usize = 0;

/** Reads `"name" :` at `at`, to the value. */
function nextName(at: usize, end: usize): usize {
  if (at >= end || u8At(at) != QUOTE) return fail(at);
  const close = scanString(at + 1, end);
  if (close == 0) return 0;
  nameAt = escaped ? unescaped : at + 1;
  nameEnd = escaped ? unescape(at + 1, close) : close;
  const here = skipSpace(close + 1, end);
  return here >= end || u8At(here) != COLON ? fail(here) : skipSpace(here + 1, end);
}

function object(at: usize, end: usize, node: u32, depth: u32): usize {
  if (depth > <u32>DEPTH_MAX) return fail(at);
  let here = skipSpace(at + 1, end);
  if (here < end && u8At(here) == CLOSE_OBJECT) return here + 1;
  while (true) {
    here = nextName(here, end);
    if (here == 0) return 0;
    child = findChild(node, 0, nameAt, <u32>(nameEnd - nameAt));
    here = child == 0 ? skipValue(here, end, depth) : member(here, end, child, depth);
    if (here == 0) return 0;
    here = skipSpace(here, end);
    if (here >= end) return fail(here);
    if (u8At(here) == CLOSE_OBJECT) return here + 1;
    if (u8At(here) != COMMA) return fail(here);
    here = skipSpace(here + 1, end);
  }
}

function member(at: usize, end: usize, node: u32, depth: u32): usize {
  if (at >= end) return fail(at);
  forgetMember(node);
  const byte = u8At(at);
  if (hasChildren(node)) {
    if (byte == OPEN_OBJECT) return object(at, end, node, depth + 1);
    removeBelow(node);
    return skipValue(at, end, depth);
  }
  const cell = <u32>nodeColumn(node);
  if (byte == QUOTE) {
    const close = scanString(at + 1, end);
    if (close == 0) return 0;
    if (isNumber(cell)) setWrongCell(cell);
    else if (escaped) setTextCell(cell, unescaped, unescape(at + 1, close));
    else setTextCell(cell, at + 1, close);
    return close + 1;
  }
  if (byte == 45 || byte - 48 < 10) {
    const after = scanNumber(at, end, true);
    if (after == 0) return fail(at);
    if (isNumber(cell)) setDoubleCell(cell, toDouble());
    else setTextCell(cell, at, after);
    return after;
  }
  if (byte == 110) setNullCell(cell);
  else setWrongCell(cell);
  return skipValue(at, end, depth);
}

/**
 * Looks for the member `context` of the object at `at`, a line: where the object begins that it is, of several the last
 * one; 0 when it is no object, or the line is malformed.
 */
export function findContext(at: usize, end: usize): usize {
  let found: usize = 0;
  let here = skipSpace(at + 1, end);
  if (here < end && u8At(here) == CLOSE_OBJECT) return 0;
  while (true) {
    here = nextName(here, end);
    if (here == 0) return 0;
    if (isContext()) found = here < end && u8At(here) == OPEN_OBJECT ? here : 0;
    here = skipValue(here, end, 1);
    if (here == 0) return 0;
    here = skipSpace(here, end);
    if (here >= end) return 0;
    if (u8At(here) == CLOSE_OBJECT) return skipSpace(here + 1, end) == end ? found : 0;
    if (u8At(here) != COMMA) return 0;
    here = skipSpace(here + 1, end);
  }
}

const WORD = memory.data<u8>([99, 111, 110, 116, 101, 120, 116]);

function isContext(): bool {
  if (nameEnd - nameAt != 7) return false;
  for (let index: usize = 0; index < 7; index++) if (u8At(nameAt + index) != u8At(WORD + index)) return false;
  return true;
}
