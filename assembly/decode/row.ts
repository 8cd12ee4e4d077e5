// One row in the making: cells of the batch's columns, what had to become NULL, the time. A row counts only
// when it is committed; a refused one leaves nothing behind. Imports memory, layout, numbers.
import {
  BATCH_ROWS, BOOLEAN_NULL, COLUMN_BYTES, COLUMN_TEXT, COLUMN_TYPE, HEADER_NOW, HEADER_NULLED_NONFINITE,
  HEADER_NULLED_TYPE, HEADER_RECEIVED, HEADER_ROWS, HEADER_SEEN, HEADER_TICKED, PLAN_COLUMNS_AT,
  PLAN_COLUMN_COUNT, PLAN_NONFINITE_REFUSE, PLAN_TIME_COLUMN, PLAN_UNIT, REFUSED_DICTIONARY, REFUSED_NONFINITE,
  REFUSED_NO_TIME, REFUSED_TIME_FORMAT, REFUSED_TIME_RANGE, TEXT_BYTES, TEXT_OR_NUMBER, TYPE_BIGINT, TYPE_BOOLEAN,
  TYPE_PARTIAL, TYPE_STRING, COLUMN_PARTS_AT, INPUT_BYTES, UNIT_ARRIVAL, UNIT_ISO8601,
} from "../layout";
import { DAMAGED, NO_ROOM, checkPartial } from "../aggregate/partial/check";
import { FULL, intern, wantRoom } from "../memory/dictionary";
import {
  NULL_WHOLE, addI64, fillNullWhole, i64At, setF64, setI64, setU32, setU64, setU8, u32At, u64At,
} from "../memory/raw";
import { refuse } from "../memory/refusals";
import { header, partials, plan, registerBase, rowMessage, rowText, rowTextBytes, unescaped } from "../memory/regions";
import { dropped, exponent, mantissa, negative, scanNumber, scanWhole, toDouble, toWhole } from "../number/decimal";
import {
  TIME_ABSENT, TIME_GOOD, TIME_OUT_OF_RANGE, TIME_UNREADABLE, instant, instantOfDecimal, instantOfText, status,
  unitLimit, unitPower, unreadable,
} from "../number/instant";
import { base64Bytes } from "./text";

let timeColumn: u32 = 0;
let unit: u32 = 0;
/** Nanoseconds of one time unit, and the largest whole time that is accepted; −1 when the unit takes none. */
let timePower: i64 = 0;
let timeLimit: i64 = -1;
let timeStatus: u32 = TIME_ABSENT;
let time: i64 = 0;
/** Columns, one bit each, whose value was of another type or not finite in this row. */
let nulledType: u64 = 0;
let nulledNonfinite: u64 = 0;
let dictionaryFull: bool = false;
/** Columns that this row has, one bit each. */
let seen: u64 = 0;
/** Rows of the batch before whose cells may be anything. */
let dirty: u32 = 0;

/** The row in the making is the one behind the batch's rows. */
// @ts-ignore: decorator
@inline function row(): usize { return <usize>u32At(header + HEADER_ROWS); }

/** What a column takes. */
export const TAKES_NUMBER: u32 = 0;
export const TAKES_TEXT: u32 = 1;
export const TAKES_BOOLEAN: u32 = 2;
export const TAKES_TIME: u32 = 3;
/** Text, and a number as its text. */
export const TAKES_BOTH: u32 = 4;
/** A whole number of 64 bits. */
export const TAKES_WHOLE: u32 = 5;
/** Bytes, or base64 where there is only text. */
export const TAKES_BYTES: u32 = 6;
/** A partial state: bytes, or base64, that are checked and stay where they are until the batch is done. */
export const TAKES_PARTIAL: u32 = 7;
/** For each column ┌ first cell u32 ┬ TAKES_* u32 ┐: all that a setter asks. */
const columns = memory.data(512, 8);

// @ts-ignore: decorator
@inline export function cells(column: u32): usize { return <usize>u32At(columns + (<usize>column << 3)); }
// @ts-ignore: decorator
@inline export function takes(column: u32): u32 { return u32At(columns + (<usize>column << 3) + 4); }
// @ts-ignore: decorator
@inline export function takesNumber(column: u32): bool { return takes(column) == TAKES_NUMBER; }
// @ts-ignore: decorator
@inline export function takesWhole(column: u32): bool { return takes(column) == TAKES_WHOLE; }
// @ts-ignore: decorator
@inline export function takesBoolean(column: u32): bool { return takes(column) == TAKES_BOOLEAN; }
// @ts-ignore: decorator
@inline export function isTimeColumn(column: u32): bool { return takes(column) == TAKES_TIME; }
/** True when numbers are taken by this STRING column as their text. */
// @ts-ignore: decorator
@inline export function takesNumberText(column: u32): bool { return takes(column) == TAKES_BOTH; }
/** True when cells of the column are texts' ids. */
// @ts-ignore: decorator
@inline export function takesTexts(column: u32): bool {
  const kind = takes(column);
  return kind == TAKES_TEXT || kind == TAKES_BOTH || kind == TAKES_BYTES;
}
// @ts-ignore: decorator
@inline export function timeUnit(): u32 { return unit; }

export function openRow(): void {
  timeColumn = u32At(plan + PLAN_TIME_COLUMN);
  unit = u32At(plan + PLAN_UNIT);
  timePower = unitPower(unit);
  timeLimit = unit == UNIT_ISO8601 ? -1 : unitLimit(unit);
  for (let column: u32 = 0; column < u32At(plan + PLAN_COLUMN_COUNT); column++) {
    const from = plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES;
    const type = u32At(from + COLUMN_TYPE);
    let kind = TAKES_NUMBER;
    if (column == timeColumn && unit != UNIT_ARRIVAL) kind = TAKES_TIME;
    else if (type == TYPE_STRING) kind = takesOfText(u32At(from + COLUMN_TEXT));
    else if (type == TYPE_BOOLEAN) kind = TAKES_BOOLEAN;
    else if (type == TYPE_BIGINT) kind = TAKES_WHOLE;
    else if (type == TYPE_PARTIAL) kind = TAKES_PARTIAL;
    setU32(columns + (<usize>column << 3), <u32>registerBase(column));
    setU32(columns + (<usize>column << 3) + 4, kind);
  }
  forgetFaults();
  beginRow();
  dirty = BATCH_ROWS;
}

function takesOfText(text: u32): u32 {
  return text == TEXT_BYTES ? TAKES_BYTES : text == TEXT_OR_NUMBER ? TAKES_BOTH : TAKES_TEXT;
}

/** Makes `count` cells from the one at `base` on NULL, of a column that takes `kind`. */
// @ts-ignore: decorator
@inline export function clearCells(kind: u32, base: usize, from: usize, count: u32): void {
  switch (kind) {
    case TAKES_NUMBER: memory.fill(base + (from << 3), 0xff, <usize>count << 3); break;
    case TAKES_WHOLE: fillNullWhole(base + (from << 3), count); break;
    case TAKES_TEXT:
    case TAKES_BOTH:
    case TAKES_BYTES: memory.fill(base + (from << 2), 0, <usize>count << 2); break;
    case TAKES_PARTIAL: memory.fill(base + (from << 3), 0, <usize>count << 3); break;
    case TAKES_BOOLEAN: memory.fill(base + from, <u8>BOOLEAN_NULL, count); break;
    default: break;
  }
}

/** Before the first row of a batch: every cell NULL that the rows of the last one wrote. */
export function beginBatch(): void {
  for (let column: u32 = 0; column < u32At(plan + PLAN_COLUMN_COUNT); column++) {
    clearCells(takes(column), cells(column), 0, dirty);
  }
  dirty = 0;
  partialUsed = 0;
}

/** Every field of the next row is NULL; topic columns are written by their owner. */
// @ts-ignore: decorator
@inline function beginRow(): void {
  timeStatus = TIME_ABSENT;
  seen = 0;
}

function forgetFaults(): void {
  nulledType = 0;
  nulledNonfinite = 0;
  dictionaryFull = false;
}

/** Leaves nothing of a row that is not taken. */
function abandonRow(): void {
  for (; seen != 0; seen &= seen - 1) clearCell(<u32>ctz<u64>(seen));
  forgetFaults();
  beginRow();
}

/** As if the row in the making had not been begun. */
export function dropRow(): void {
  abandonRow();
}

/** False when the dictionary had no room for a text of the row in the making. */
export function hasRoom(): bool { return !dictionaryFull; }

function clearCell(column: u32): void {
  clearCells(takes(column), cells(column), row(), 1);
}

/** The record has the column: what an earlier member of the same name set does not count. */
// @ts-ignore: decorator
@inline function claim(column: u32): void {
  const bit = (<u64>1) << <u64>column;
  if ((seen & bit) != 0) forget(column);
  seen |= bit;
}

/** NULL that the record has. */
export function setNull(column: u32): void {
  if (isTimeColumn(column)) timeStatus = TIME_ABSENT;
  else claim(column);
}

/** NULL as if the record did not have it: about to be written anew. */
export function forget(column: u32): void {
  if (isTimeColumn(column)) {
    timeStatus = TIME_ABSENT;
    return;
  }
  clearCell(column);
  const bit = (<u64>1) << <u64>column;
  seen &= ~bit;
  nulledType &= ~bit;
  nulledNonfinite &= ~bit;
}

/** NULL because the value is of another type than the column; an unreadable time for the time column. */
export function setWrongType(column: u32): void {
  if (isTimeColumn(column)) {
    timeStatus = TIME_UNREADABLE;
    return;
  }
  claim(column);
  nulledType |= (<u64>1) << <u64>column;
}

/** A DOUBLE; NaN and ±∞ become NULL and count as not finite; −0 becomes +0. */
// @ts-ignore: decorator
@inline export function setDouble(column: u32, value: f64): void {
  claim(column);
  if (value - value == 0) setF64(cells(column) + (row() << 3), value + 0);
  else nulledNonfinite |= (<u64>1) << <u64>column;
}

/** A BIGINT; NULL_WHOLE says that the number is none, or beyond it. */
export function setWhole(column: u32, value: i64): void {
  if (value == NULL_WHOLE) {
    setWrongType(column);
    return;
  }
  claim(column);
  setI64(cells(column) + (row() << 3), value);
}

/** NULL because the value is not finite. */
export function setNonfinite(column: u32): void {
  claim(column);
  nulledNonfinite |= (<u64>1) << <u64>column;
}

export function setBoolean(column: u32, value: bool): void {
  if (takes(column) != TAKES_BOOLEAN) {
    setWrongType(column);
    return;
  }
  claim(column);
  setU8(cells(column) + row(), value ? 1 : 0);
}

/** Bytes as they are; NULL in a column that takes none. */
export function setBytes(column: u32, at: usize, length: u32): void {
  const kind = takes(column);
  if (kind == TAKES_PARTIAL) setPartial(column, at, length);
  else if (kind != TAKES_BYTES) setWrongType(column);
  else {
    claim(column);
    setString(column, at, length);
  }
}

/** A partial, of bytes that stay where they are; NULL when they are none of what the column holds. */
function setPartial(column: u32, at: usize, length: u32): void {
  const from = plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES;
  const found = checkPartial(plan + u32At(from + COLUMN_PARTS_AT), at, length);
  if (found == DAMAGED) {
    setWrongType(column);
    return;
  }
  claim(column);
  if (found == NO_ROOM) dictionaryFull = true;
  const cell = cells(column) + (row() << 3);
  setU32(cell, <u32>at);
  setU32(cell + 4, length);
}

/** Bytes of the batch's partials that came as text. */
let partialUsed: usize = 0;

/** Keeps `length` bytes at `unescaped` for as long as the batch is there. */
function keepPartial(column: u32, length: u32): void {
  if (partialUsed + length > <usize>INPUT_BYTES) {
    setWrongType(column);
    return;
  }
  const at = partials + partialUsed;
  memory.copy(at, unescaped, length);
  partialUsed += length;
  setPartial(column, at, length);
}

/** Text for a STRING column or the time column; the digits of a BIGINT, the base64 of BYTES. */
export function setText(column: u32, at: usize, end: usize): void {
  if (isTimeColumn(column)) {
    setTimeText(at, end);
    return;
  }
  const kind = takes(column);
  if (kind == TAKES_TEXT || kind == TAKES_BOTH) {
    claim(column);
    setString(column, at, <u32>(end - at));
  } else if (kind == TAKES_WHOLE) setWhole(column, wholeOfText(at, end));
  else if (kind == TAKES_BYTES) {
    const length = base64Bytes(at, end);
    if (length < 0) setWrongType(column);
    else setBytes(column, unescaped, <u32>length);
  } else if (kind == TAKES_PARTIAL) {
    const length = base64Bytes(at, end);
    if (length < 0) setWrongType(column);
    else keepPartial(column, <u32>length);
  } else setWrongType(column);
}

/** The BIGINT that a text is, by its digits alone. */
export function wholeOfText(at: usize, end: usize): i64 {
  return at < end && scanNumber(at, end, true) == end ? toWhole() : NULL_WHOLE;
}

// @ts-ignore: decorator
@inline function setString(column: u32, at: usize, length: u32): void {
  const id = intern(at, length);
  if (id == FULL) dictionaryFull = true;
  else setU32(cells(column) + (row() << 2), id);
}

/** A number that was just scanned from [at, end). */
// @ts-ignore: decorator
@inline export function setScanned(column: u32, at: usize, end: usize): void {
  const kind = takes(column);
  if (kind == TAKES_NUMBER) setDouble(column, toDouble());
  else if (kind == TAKES_WHOLE) setWhole(column, toWhole());
  else if (kind != TAKES_TIME || !setTimeMantissa()) setOtherScanned(column, kind, at, end);
}

/** The number that was just scanned as the time, when it is a whole one; else false. */
// @ts-ignore: decorator
@inline function setTimeMantissa(): bool {
  const value = <i64>mantissa;
  return exponent == 0 && !dropped && value >= 0 && setTimeWhole(negative ? -value : value);
}

function setOtherScanned(column: u32, kind: u32, at: usize, end: usize): void {
  if (kind == TAKES_TIME) {
    if (unit == UNIT_ISO8601) timeStatus = TIME_UNREADABLE;
    else {
      instantOfDecimal(unit);
      keepTime();
    }
  } else if (kind == TAKES_BOTH) {
    claim(column);
    setString(column, at, <u32>(end - at));
  } else setWrongType(column);
}

/** A whole number for the time column, which has a unit; false when it is beyond what is accepted. */
// @ts-ignore: decorator
@inline export function setTimeWhole(value: i64): bool {
  // The unit's limit makes the product fit: as instantOfInteger, with what it looks up at hand.
  if (value > timeLimit || value < -timeLimit) return false;
  timeStatus = TIME_GOOD;
  time = value * timePower;
  return true;
}

/** Whole units that are an accepted time for sure, from 0 to the number that comes back; −1: none. */
// @ts-ignore: decorator
@inline export function wholeTimeLimit(): i64 { return timeLimit; }
/** Nanoseconds of such a unit. */
// @ts-ignore: decorator
@inline export function wholeTimePower(): i64 { return timePower; }

/** Keeps what number/instant.ts read last as the row's time. */
export function keepTime(): void {
  timeStatus = status;
  time = instant;
}

/** A time as text: ISO 8601, or for a unit the digits of a number. */
function setTimeText(at: usize, end: usize): void {
  if (unit == UNIT_ISO8601) {
    instantOfText(at, end);
    keepTime();
  } else if (at < end && scanWhole(at, end)) {
    if (setTimeMantissa()) return;
    instantOfDecimal(unit);
    keepTime();
  } else timeStatus = TIME_UNREADABLE;
}

/** Reads a time as text, for number/instant.ts: ISO 8601, or for a unit the digits of a number. */
export function readTimeText(at: usize, end: usize): void {
  if (unit == UNIT_ISO8601) instantOfText(at, end);
  else if (at < end && scanWhole(at, end)) instantOfDecimal(unit);
  else unreadable();
}

/** Reads the number that was just scanned as a time, for number/instant.ts. */
// @ts-ignore: decorator
@inline export function readTimeNumber(): void {
  if (unit == UNIT_ISO8601) unreadable();
  else instantOfDecimal(unit);
}

export function setTimeUnreadable(): void {
  timeStatus = TIME_UNREADABLE;
}

/** Takes the row into the batch, refuses the record, or wants texts to be given back first; [text, text + length) is its payload. */
// @ts-ignore: decorator
@inline export function commitRow(text: usize, length: u32, message: i64): void {
  if (unit == UNIT_ARRIVAL) {
    timeStatus = u32At(header + HEADER_TICKED) != 0 ? TIME_GOOD : TIME_ABSENT;
    time = i64At(header + HEADER_NOW);
  }
  if (timeStatus != TIME_GOOD || (nulledType | nulledNonfinite) != 0 || dictionaryFull) {
    if (!takeFaults(text, length, message)) return;
  }
  addI64(header + HEADER_RECEIVED, 1);
  const at = row();
  setI64(cells(timeColumn) + (at << 3), time);
  setU64(header + HEADER_SEEN, u64At(header + HEADER_SEEN) | seen);
  setU32(rowText + (at << 2), <u32>text);
  setU32(rowTextBytes + (at << 2), length);
  setI64(rowMessage + (at << 3), message);
  beginRow();
  dirty = <u32>at + 1;
  setU32(header + HEADER_ROWS, dirty);
}

/** Counts what had to become NULL, or refuses the row, or wants room for it: then false. */
function takeFaults(text: usize, length: u32, message: i64): bool {
  const reason = reasonAgainst();
  if (reason != NO_REASON) {
    abandonRow();
    if (reason == <u32>REFUSED_DICTIONARY && wantRoom()) return false;
    addI64(header + HEADER_RECEIVED, 1);
    refuse(reason, 0, text, length, message);
    return false;
  }
  addI64(header + HEADER_NULLED_TYPE, popcnt<u64>(nulledType));
  addI64(header + HEADER_NULLED_NONFINITE, popcnt<u64>(nulledNonfinite));
  forgetFaults();
  return true;
}

const NO_REASON: u32 = 0xffffffff;

/** Why the row cannot be taken, the first reason of the defined order. */
function reasonAgainst(): u32 {
  if (timeStatus == TIME_ABSENT) return REFUSED_NO_TIME;
  if (timeStatus == TIME_UNREADABLE) return REFUSED_TIME_FORMAT;
  if (timeStatus == TIME_OUT_OF_RANGE) return REFUSED_TIME_RANGE;
  if (nulledNonfinite != 0 && u32At(plan + PLAN_NONFINITE_REFUSE) != 0) return REFUSED_NONFINITE;
  return dictionaryFull ? <u32>REFUSED_DICTIONARY : NO_REASON;
}

/** Refuses one record that did not become a row. */
export function refuseRecord(reason: u32, position: u32, text: usize, length: u32, message: i64): void {
  abandonRow();
  addI64(header + HEADER_RECEIVED, 1);
  refuse(reason, position, text, length, message);
}

/** The batch has `rows` rows now; all before them may have been written. */
export function takeRows(rows: u32): void {
  dirty = rows;
  setU32(header + HEADER_ROWS, rows);
}

/** Writes the text of a topic level into its column of the row to come. */
// @ts-ignore: decorator
@inline export function setTopicCell(column: u32, id: u32): void {
  setU32(cells(column) + (row() << 2), id);
}
