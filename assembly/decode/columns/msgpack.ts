// MessagePack messages of columns: the members that columns want, an array into the cells of its column at once. As
// wary as decode/msgpack.ts, whose heads it uses. Functions return the address behind what they read, or 0 with the
// place in failure.ts. Imports columns, msgpack, paths, text.
import { DEPTH_MAX, UNIT_ISO8601 } from "../../layout";
import { NULL_WHOLE, u8At } from "../../memory/raw";
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
import { alikeBytes, excess, readAlike } from "./msgpack-numbers";
import { ROOT, findChild, hasChildren, nodeColumn } from "../paths";
import {
  TAKES_BOTH, TAKES_BYTES, TAKES_NUMBER, TAKES_TEXT, TAKES_TIME, TAKES_WHOLE, cells, clearCells, readTimeText, takes, timeUnit,
  wholeOfText, wholeTimeLimit,
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
  const numbers = kind == TAKES_NUMBER;
  const plain = numbers || (kind == TAKES_TIME && wholeTimeLimit() >= 0);
  const base = cells(column);
  const last = first + count;
  let here = at;
  let row = first;
  while (row < last) {
    const alike = plain ? readAlike(base + (<usize>row << 3), last - row, here, end, numbers) : 0;
    if (alike != 0 && !excess) {
      here += alike * alikeBytes;
      row += alike;
      continue;
    }
    // What was read has something in it that is looked at one by one.
    if (alike != 0) clearCells(kind, base, row, alike);
    const until = row + max(alike, 1);
    while (row < until) {
      here = readPackElement(column, row++, here, end, depth);
      if (here != 0) continue;
      touch(row);
      return 0;
    }
  }
  touch(last);
  return here;
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
