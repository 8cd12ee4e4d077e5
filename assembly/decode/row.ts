// One row in the making: cells of the batch's columns, what had to become NULL, the time. A row counts only
// when it is committed; a refused one leaves nothing behind. Imports memory, layout, numbers.
import {
  BOOLEAN_NULL, COLUMN_BYTES, COLUMN_FROM, COLUMN_NUMBER_AS_TEXT, COLUMN_TYPE, FROM_TOPIC, HEADER_NOW,
  HEADER_NULLED_NONFINITE, HEADER_NULLED_TYPE, HEADER_RECEIVED, HEADER_ROWS, HEADER_SEEN, HEADER_TICKED, PLAN_COLUMNS_AT,
  PLAN_COLUMN_COUNT, PLAN_NONFINITE_REFUSE, PLAN_TIME_COLUMN, PLAN_UNIT, REFUSED_DICTIONARY, REFUSED_NONFINITE,
  REFUSED_NO_TIME, REFUSED_TIME_FORMAT, REFUSED_TIME_RANGE, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_STRING, UNIT_ARRIVAL,
  UNIT_ISO8601,
} from "../layout";
import { FULL, intern } from "../memory/dictionary";
import { addI64, i64At, setF64, setI64, setU32, setU64, setU8, u32At, u64At } from "../memory/raw";
import { refuse } from "../memory/refusals";
import { header, plan, registerBase, rowMessage, rowText, rowTextBytes } from "../memory/regions";
import { scanNumber, toDouble } from "../number/decimal";
import {
  TIME_ABSENT, TIME_GOOD, TIME_OUT_OF_RANGE, TIME_UNREADABLE, instant, instantOfDecimal, instantOfText, status,
} from "../number/instant";

let row: usize = 0;
let timeColumn: u32 = 0;
let unit: u32 = 0;
let timeStatus: u32 = TIME_ABSENT;
let time: i64 = 0;
/** Columns, one bit each, whose value was of another type or not finite in this row. */
let nulledType: u64 = 0;
let nulledNonfinite: u64 = 0;
let dictionaryFull: bool = false;
/** Columns that this row has, one bit each. */
let seen: u64 = 0;

// @ts-ignore: decorator
@inline function columnAt(column: u32): usize {
  return plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES;
}
// @ts-ignore: decorator
@inline export function columnType(column: u32): u32 { return u32At(columnAt(column) + COLUMN_TYPE); }
// @ts-ignore: decorator
@inline export function isTimeColumn(column: u32): bool { return column == timeColumn && unit != UNIT_ARRIVAL; }
// @ts-ignore: decorator
@inline export function timeUnit(): u32 { return unit; }

export function openRow(): void {
  timeColumn = u32At(plan + PLAN_TIME_COLUMN);
  unit = u32At(plan + PLAN_UNIT);
}

/** Begins the next row of the batch: every field NULL; topic columns are written by their owner. */
export function beginRow(): void {
  row = u32At(header + HEADER_ROWS);
  const count = u32At(plan + PLAN_COLUMN_COUNT);
  for (let column: u32 = 0; column < count; column++) {
    if (u32At(columnAt(column) + COLUMN_FROM) != FROM_TOPIC) clearCell(column);
  }
  timeStatus = TIME_ABSENT;
  nulledType = 0;
  nulledNonfinite = 0;
  dictionaryFull = false;
  seen = 0;
}

// @ts-ignore: decorator
@inline function clearCell(column: u32): void {
  const base = registerBase(column);
  const type = columnType(column);
  if (type == TYPE_DOUBLE) setF64(base + (row << 3), NaN);
  else if (type == TYPE_STRING) setU32(base + (row << 2), 0);
  else if (type == TYPE_BOOLEAN) setU8(base + row, BOOLEAN_NULL);
}

/** NULL that the record has. */
export function setNull(column: u32): void {
  seen |= (<u64>1) << <u64>column;
  forget(column);
}

/** NULL as if the record did not have it: about to be written anew. */
export function forget(column: u32): void {
  if (isTimeColumn(column)) {
    timeStatus = TIME_ABSENT;
    return;
  }
  clearCell(column);
  const bit = (<u64>1) << <u64>column;
  nulledType &= ~bit;
  nulledNonfinite &= ~bit;
}

/** NULL because the value is of another type than the column; an unreadable time for the time column. */
export function setWrongType(column: u32): void {
  if (isTimeColumn(column)) {
    timeStatus = TIME_UNREADABLE;
    return;
  }
  setNull(column);
  nulledType |= (<u64>1) << <u64>column;
}

/** A DOUBLE; NaN and ±∞ become NULL and count as not finite; −0 becomes +0. */
export function setDouble(column: u32, value: f64): void {
  setNull(column);
  if (value - value == 0) setF64(registerBase(column) + (row << 3), value + 0);
  else nulledNonfinite |= (<u64>1) << <u64>column;
}

export function setBoolean(column: u32, value: bool): void {
  if (isTimeColumn(column) || columnType(column) != TYPE_BOOLEAN) {
    setWrongType(column);
    return;
  }
  setNull(column);
  setU8(registerBase(column) + row, value ? 1 : 0);
}

/** Text for a STRING column or the time column. */
export function setText(column: u32, at: usize, end: usize): void {
  if (isTimeColumn(column)) {
    setTimeText(at, end);
    return;
  }
  if (columnType(column) != TYPE_STRING) {
    setWrongType(column);
    return;
  }
  setNull(column);
  setString(column, at, <u32>(end - at));
}

// @ts-ignore: decorator
@inline function setString(column: u32, at: usize, length: u32): void {
  const id = intern(at, length);
  if (id == FULL) dictionaryFull = true;
  else setU32(registerBase(column) + (row << 2), id);
}

/** A number that was just scanned from [at, end). */
export function setScanned(column: u32, at: usize, end: usize): void {
  if (isTimeColumn(column)) {
    if (unit == UNIT_ISO8601) timeStatus = TIME_UNREADABLE;
    else {
      instantOfDecimal(unit);
      keepTime();
    }
    return;
  }
  const type = columnType(column);
  if (type == TYPE_DOUBLE) setDouble(column, toDouble());
  else if (type == TYPE_STRING && u32At(columnAt(column) + COLUMN_NUMBER_AS_TEXT) != 0) {
    setNull(column);
    setString(column, at, <u32>(end - at));
  } else setWrongType(column);
}

/** True when numbers are taken by this STRING column as their text. */
export function takesNumberText(column: u32): bool {
  return columnType(column) == TYPE_STRING && u32At(columnAt(column) + COLUMN_NUMBER_AS_TEXT) != 0;
}

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
  } else if (at < end && scanNumber(at, end, false) == end) {
    instantOfDecimal(unit);
    keepTime();
  } else timeStatus = TIME_UNREADABLE;
}

export function setTimeUnreadable(): void {
  timeStatus = TIME_UNREADABLE;
}

/** Takes the row into the batch, or refuses the record; [text, text + length) is its payload. */
export function commitRow(text: usize, length: u32, message: i64): void {
  addI64(header + HEADER_RECEIVED, 1);
  if (unit == UNIT_ARRIVAL) {
    timeStatus = u32At(header + HEADER_TICKED) != 0 ? TIME_GOOD : TIME_ABSENT;
    time = i64At(header + HEADER_NOW);
  }
  if (timeStatus != TIME_GOOD) {
    let reason: u32 = REFUSED_NO_TIME;
    if (timeStatus == TIME_UNREADABLE) reason = REFUSED_TIME_FORMAT;
    else if (timeStatus == TIME_OUT_OF_RANGE) reason = REFUSED_TIME_RANGE;
    refuse(reason, 0, text, length, message);
    return;
  }
  if (nulledNonfinite != 0 && u32At(plan + PLAN_NONFINITE_REFUSE) != 0) {
    refuse(REFUSED_NONFINITE, 0, text, length, message);
    return;
  }
  if (dictionaryFull) {
    refuse(REFUSED_DICTIONARY, 0, text, length, message);
    return;
  }
  if ((nulledType | nulledNonfinite) != 0) {
    addI64(header + HEADER_NULLED_TYPE, popcnt<u64>(nulledType));
    addI64(header + HEADER_NULLED_NONFINITE, popcnt<u64>(nulledNonfinite));
  }
  setI64(registerBase(timeColumn) + (row << 3), time);
  setU64(header + HEADER_SEEN, u64At(header + HEADER_SEEN) | seen);
  setU32(rowText + (row << 2), <u32>text);
  setU32(rowTextBytes + (row << 2), length);
  setI64(rowMessage + (row << 3), message);
  setU32(header + HEADER_ROWS, <u32>row + 1);
}

/** Refuses one record that never became a row. */
export function refuseRecord(reason: u32, position: u32, text: usize, length: u32, message: i64): void {
  addI64(header + HEADER_RECEIVED, 1);
  refuse(reason, position, text, length, message);
}

/** Writes the text of a topic level into its column of the row to come; false when the dictionary is full. */
export function setTopicCell(column: u32, id: u32): void {
  setU32(registerBase(column) + (<usize>u32At(header + HEADER_ROWS) << 2), id);
}
