// CSV lines (RFC 4180, quotes within one line): a line to one row. Which position is which column is told by
// csvMap. An empty unquoted cell is NULL, missing cells too; further ones are passed over. `value` payloads (one
// bare number) live here as well: both are plain text. Imports row, text, decimal.
import { CSV_COLUMNS_MAX, NO_REGISTER } from "../layout";
import { findByte } from "../memory/bytes";
import { setU8, u32At, u8At } from "../memory/raw";
import { csvMap, unescaped } from "../memory/regions";
import { scanWhole } from "../number/decimal";
import {
  TAKES_BYTES, TAKES_PARTIAL, isTimeColumn, setBoolean, setNonfinite, setNull, setScanned, setText, setWrongType, takes, takesBoolean,
  takesNumber, takesWhole,
} from "./row";
import { isUtf8 } from "./text";
import { fail } from "./failure";

const QUOTE: u32 = 34;
const COMMA: u32 = 44;

/** Reads the cells of the line [at, end) into the row at hand; false when the line is no CSV. */
export function decodeCsvLine(at: usize, end: usize): bool {
  let here = at;
  if (!isUtf8(at, end)) {
    fail(at);
    return false;
  }
  let position: u32 = 0;
  while (true) {
    const column = position < <u32>CSV_COLUMNS_MAX ? u32At(csvMap + (<usize>position << 2)) : <u32>NO_REGISTER;
    if (here < end && u8At(here) == QUOTE) {
      const close = quotedEnd(here + 1, end);
      if (close == 0) {
        fail(here);
        return false;
      }
      if (column != NO_REGISTER) setCell(column, unescaped, unquote(here + 1, close), true);
      here = close + 1;
      if (here < end && u8At(here) != COMMA) {
        fail(here);
        return false;
      }
    } else {
      const from = here;
      here = findByte(here, end, <u8>COMMA);
      if (column != NO_REGISTER) setCell(column, from, here, false);
    }
    if (here >= end) return true;
    here++;
    position++;
  }
}

/** Address of the quote that ends a quoted cell; a doubled quote is content. */
function quotedEnd(at: usize, end: usize): usize {
  let here = at;
  while (here < end) {
    if (u8At(here) == QUOTE) {
      if (here + 1 >= end || u8At(here + 1) != QUOTE) return here;
      here++;
    }
    here++;
  }
  return 0;
}

/** Writes a quoted cell with single quotes for doubled ones to `unescaped`; returns its end. */
function unquote(at: usize, end: usize): usize {
  let write = unescaped;
  for (let read = at; read < end; read++) {
    const byte = u8At(read);
    if (byte == QUOTE) read++;
    setU8(write++, byte);
  }
  return write;
}

function setCell(column: u32, at: usize, end: usize, quoted: bool): void {
  if (at == end && !quoted) {
    setNull(column);
    return;
  }
  if (isTimeColumn(column)) {
    setText(column, trimStart(at, end), trimEnd(at, end));
    return;
  }
  if (takesNumber(column) || takesWhole(column)) setNumberText(column, trimStart(at, end), trimEnd(at, end));
  else if (takesBoolean(column)) {
    const word = wordOf(trimStart(at, end), trimEnd(at, end));
    if (word == TRUE || word == FALSE) setBoolean(column, word == TRUE);
    else setWrongType(column);
  } else if (takes(column) == TAKES_BYTES || takes(column) == TAKES_PARTIAL) setText(column, trimStart(at, end), trimEnd(at, end));
  else setText(column, at, end);
}

function trimStart(at: usize, end: usize): usize {
  let here = at;
  while (here < end && (u8At(here) == 32 || u8At(here) == 9)) here++;
  return here;
}

function trimEnd(at: usize, end: usize): usize {
  let here = end;
  while (here > at && (u8At(here - 1) == 32 || u8At(here - 1) == 9)) here--;
  return here;
}

/** Text for a DOUBLE or BIGINT column: a number, or a word for one that is not finite. */
function setNumberText(column: u32, at: usize, end: usize): void {
  if (at < end && scanWhole(at, end)) setScanned(column, at, end);
  else if (isNonfiniteWord(at, end)) setNonfinite(column);
  else if (at >= end) setNull(column);
  else setWrongType(column);
}

const TRUE: u64 = 0x65757274;
const FALSE: u64 = 0x65736c6166;
const NAN: u64 = 0x6e616e;
const INF: u64 = 0x666e69;
const INFINITY: u64 = 0x7974696e69666e69;

/** Up to eight letters in lower case, the first one in the lowest byte; 0 for anything longer. */
function wordOf(at: usize, end: usize): u64 {
  if (end <= at || end - at > 8) return 0;
  let word: u64 = 0;
  for (let index: usize = 0; at + index < end; index++) {
    word |= <u64>(u8At(at + index) | 32) << (<u64>index << 3);
  }
  return word;
}

function isNonfiniteWord(at: usize, end: usize): bool {
  if (at >= end) return false;
  const signed = u8At(at) == 45 || u8At(at) == 43;
  const word = wordOf(signed ? at + 1 : at, end);
  return word == NAN || word == INF || word == INFINITY;
}

/** A payload that is one number, with white space around it, into `column`; false when it is none. */
export function decodeValue(column: u32, at: usize, end: usize): bool {
  let from = at;
  let to = end;
  while (from < to && u8At(from) <= 32) from++;
  while (to > from && u8At(to - 1) <= 32) to--;
  fail(from);
  if (from < to && scanWhole(from, to)) setScanned(column, from, to);
  else if (isNonfiniteWord(from, to)) setNonfinite(column);
  else return false;
  return true;
}
