// JSON messages of columns: the members that columns want, an array into the cells of its column at once. As strict
// as decode/json.ts, whose checks it uses. Functions return the address behind what they read, or 0 with the place
// in failure.ts. Imports columns, json, paths, text, decimal.
import { DEPTH_MAX } from "../../layout";
import { setF64, setI64, u8At } from "../../memory/raw";
import { unescaped } from "../../memory/regions";
import { dropped, exponent, mantissa, negative, scanNumber, scanShort, toDouble, toWhole } from "../../number/decimal";
import {
  beginArray, endArray, first, meetColumn, meetNode, room, setBase64At, setBooleanAt, setDoubleAt, setNullAt, setStringAt, setTimeAt,
  setWholeAt, setWrongAt, touch,
} from "./columns";
import { numbersEnd, readNumbers } from "./json-numbers";
import { fail } from "../failure";
import {
  CLOSE_ARRAY, CLOSE_OBJECT, COMMA, OPEN_ARRAY, OPEN_OBJECT, QUOTE, memberAt, named, skipSpace, skipValue,
} from "../json";
import { ROOT, hasChildren, nodeColumn } from "../paths";
import {
  TAKES_BOTH, TAKES_BYTES, TAKES_NUMBER, TAKES_TEXT, TAKES_TIME, TAKES_WHOLE, cells, readTimeNumber, readTimeText, takes,
  wholeOfText, wholeTimeLimit, wholeTimePower,
} from "../row";
import { escaped, scanString, unescape } from "../text";

/** Reads the message at `at`, an object. */
export function readJsonColumns(at: usize, end: usize): usize {
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
      here = member(here, end, child, depth);
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

function member(at: usize, end: usize, node: u32, depth: u32): usize {
  if (at >= end) return fail(at);
  meetNode(node, at);
  const column = nodeColumn(node);
  const fresh = column >= 0 && meetColumn(<u32>column);
  const byte = u8At(at);
  if (byte == OPEN_OBJECT && hasChildren(node)) return object(at, end, node, depth + 1);
  if (byte != OPEN_ARRAY || column < 0) return skipValue(at, end, depth);
  return readJsonArray(at, end, node, fresh ? column : -1, depth);
}

/** Address of a comma or of the array's end behind an element; 0 when something else is there. */
// @ts-ignore: decorator
@inline function behindElement(at: usize, end: usize): usize {
  const here = skipSpace(at, end);
  if (here >= end) return 0;
  const byte = u8At(here);
  return byte == COMMA || byte == CLOSE_ARRAY ? here : 0;
}

/**
 * Reads the array at `at`: as many elements as there is room for into the cells of `column` (−1: none), the others
 * are checked and counted. `depth` is that of the value around.
 */
export function readJsonArray(at: usize, end: usize, node: u32, column: i32, depth: u32): usize {
  if (depth + 1 > <u32>DEPTH_MAX) return fail(at);
  if (column >= 0) beginArray(<u32>column, at);
  let here = skipSpace(at + 1, end);
  if (here < end && u8At(here) == CLOSE_ARRAY) {
    endArray(node, 0, 0);
    return here + 1;
  }
  let count: u32 = 0;
  let resume: usize = 0;
  if (column >= 0) {
    here = readJsonRun(<u32>column, here, end, room, depth + 1);
    if (here == 0) return 0;
    count = runItems;
    if (runClosed) {
      endArray(node, count, 0);
      return here;
    }
    resume = here;
  }
  while (true) {
    here = skipValue(here, end, depth + 1);
    if (here == 0) return 0;
    count++;
    const next = behindElement(here, end);
    if (next == 0) return fail(skipSpace(here, end));
    here = next + 1;
    if (u8At(next) == CLOSE_ARRAY) break;
    here = skipSpace(here, end);
  }
  endArray(node, count, resume);
  return here;
}

/** Numbers that readNumbers has to find for it to be asked again. */
const MANY: u32 = 4;

/** Elements that readJsonRun read last, and whether the array ended behind them. */
export let runItems: u32 = 0;
export let runClosed: bool = false;

/**
 * Reads at most `limit` elements from the one at `at` on into the rows from `first` on; returns the address of the
 * next element or, when `runClosed`, behind the array. `depth` is that of the array.
 */
export function readJsonRun(column: u32, at: usize, end: usize, limit: u32, depth: u32): usize {
  const kind = takes(column);
  const numbers = kind == TAKES_NUMBER;
  const times = kind == TAKES_TIME;
  const limitOfTime = times ? wholeTimeLimit() : -1;
  const power = wholeTimePower();
  const base = cells(column);
  let here = at;
  let row = first;
  const last = first + limit;
  let many = ASC_FEATURE_SIMD && (numbers || limitOfTime >= 0);
  runClosed = false;
  while (true) {
    // The last row is left to what follows, which looks at the end of the array.
    if (ASC_FEATURE_SIMD) if (many && row + 1 < last) {
      const cell = base + (<usize>row << 3);
      const read = <u32>((readNumbers(cell, base + (<usize>(last - 1) << 3), here, end, times) - cell) >> 3);
      // Where hardly any are usual, looking for them is no gain.
      many = read >= MANY;
      row += read;
      here = numbersEnd;
      if (here < end && u8At(here) <= 32) here = skipSpace(here, end);
    }
    const byte = here < end ? u8At(here) : 0;
    let after: usize = 0;
    if ((numbers || times) && (byte - 48 < 10 || byte == 45)) {
      after = scanShort(here, end);
      if (after == 0) after = scanNumber(here, end, true);
      if (after == 0) {
        touch(row + 1);
        return fail(here);
      }
      if (numbers) {
        const value = toDouble();
        if (value - value == 0) setF64(base + (<usize>row << 3), value + 0);
        else setDoubleAt(column, row, value);
      } else if (exponent == 0 && !dropped && !negative && <i64>mantissa >= 0 && <i64>mantissa <= limitOfTime) {
        setI64(base + (<usize>row << 3), <i64>mantissa * power);
      } else {
        readTimeNumber();
        setTimeAt(column, row);
      }
    } else {
      after = readJsonElement(column, row, here, end, depth);
      if (after == 0) {
        touch(row + 1);
        return 0;
      }
    }
    row++;
    if (u8At(after) == COMMA && after < end) here = after + 1;
    else {
      const next = behindElement(after, end);
      if (next == 0) {
        touch(row);
        return fail(skipSpace(after, end));
      }
      here = next + 1;
      if (u8At(next) == CLOSE_ARRAY) {
        runClosed = true;
        break;
      }
    }
    if (here < end && u8At(here) <= 32) here = skipSpace(here, end);
    if (row == last) break;
  }
  touch(row);
  runItems = row - first;
  return here;
}

/** Reads one value into a row; `depth` is that of the value around. */
export function readJsonElement(column: u32, row: u32, at: usize, end: usize, depth: u32): usize {
  if (at >= end) return fail(at);
  const byte = u8At(at);
  const kind = takes(column);
  if (byte == 45 || byte - 48 < 10) {
    let after = scanShort(at, end);
    if (after == 0) after = scanNumber(at, end, true);
    if (after == 0) return fail(at);
    if (kind == TAKES_TIME) {
      readTimeNumber();
      setTimeAt(column, row);
    } else if (kind == TAKES_NUMBER) setDoubleAt(column, row, toDouble());
    else if (kind == TAKES_WHOLE) setWholeAt(column, row, toWhole());
    else if (kind == TAKES_BOTH) setStringAt(column, row, at, <u32>(after - at));
    else setWrongAt(column, row);
    return after;
  }
  if (byte == QUOTE) {
    const close = scanString(at + 1, end);
    if (close == 0) return 0;
    const from = escaped ? unescaped : at + 1;
    const to = escaped ? unescape(at + 1, close) : close;
    if (kind == TAKES_TIME) {
      readTimeText(from, to);
      setTimeAt(column, row);
    } else if (kind == TAKES_TEXT || kind == TAKES_BOTH) setStringAt(column, row, from, <u32>(to - from));
    else if (kind == TAKES_WHOLE) setWholeAt(column, row, wholeOfText(from, to));
    else if (kind == TAKES_BYTES) setBase64At(column, row, from, to);
    else setWrongAt(column, row);
    return close + 1;
  }
  const after = skipValue(at, end, depth);
  if (after == 0) return 0;
  if (byte == 110) setNullAt(column, row);
  else if (byte == 116 || byte == 102) setBooleanAt(column, row, byte == 116);
  else setWrongAt(column, row);
  return after;
}

/** Reads the one value at `at` as a time, for number/instant.ts; false when it is NULL. */
export function readJsonTime(at: usize, end: usize): bool {
  const byte = u8At(at);
  if (byte == 110) return false;
  if (byte == 45 || byte - 48 < 10) {
    scanNumber(at, end, true);
    readTimeNumber();
  } else if (byte == QUOTE) {
    const close = scanString(at + 1, end);
    if (escaped) readTimeText(unescaped, unescape(at + 1, close));
    else readTimeText(at + 1, close);
  } else readTimeText(at, at);
  return true;
}
