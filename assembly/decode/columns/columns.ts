// A message of columns on its way into the batch: which member holds which column, the rows' cells, and what is wrong
// with some of them. Arrays are decoded straight into cells while the message is read; nothing counts before it is
// committed, and one that is refused leaves nothing behind. In memory, all of it worth nothing between two messages:
//   a node    ┌ serial of the message u32 ┬ begin of its value u32 ┬ elements u32 ┬ next element u32 ┬ next place u32 ┬ next element before the part u32 ┐
//   a column  ┌ first place u32 ┬ begin of what was decoded u32 ┬ place that holds it u32 ┬ faults u32 ┬ cell u64 ┐
//   a row     ┌ wrong type u64 ┬ not finite u64 ┬ no room for its text u64 ┬ time's fault u8 ┐ (a bit for each column)
// Imports row, paths, memory, layout.
import {
  BATCH_ROWS, COLUMN_BYTES, COLUMN_FROM, COLUMN_PATH_AT, COLUMN_PATH_COUNT, FROM_CONTEXT, FROM_TOPIC,
  HEADER_NULLED_NONFINITE,
  HEADER_NULLED_TYPE, HEADER_RECEIVED, HEADER_ROWS, HEADER_SEEN, PLACE_BYTES, PLACE_COLUMN, PLACE_EPOCH,
  PLACE_PATH_AT, PLACE_PATH_COUNT, PLAN_COLUMNAR, PLAN_COLUMNS_AT, PLAN_COLUMN_COUNT, PLAN_NONFINITE_REFUSE,
  PLAN_PLACES_AT, PLAN_PLACE_COUNT, PLAN_TIME_COLUMN, REFUSED_DICTIONARY, REFUSED_NONFINITE, REFUSED_NO_TIME,
  REFUSED_TIME_FORMAT, REFUSED_TIME_RANGE, TIME_BITS,
} from "../../layout";
import { FULL, beginTry, endTry, intern, undoTry, wantRoom } from "../../memory/dictionary";
import { NULL_WHOLE, addI64, i64At, setF64, setI64, setU32, setU64, setU8, u32At, u64At, u8At } from "../../memory/raw";
import { refuse } from "../../memory/refusals";
import { fillLongs, fillWords } from "../../memory/sweeps";
import {
  BATCH_COLUMN_BYTES, BATCH_NODE_BYTES, ROW_FAULT_BYTES, batchColumns, batchNodes, header, plan, rowFaults, rowMessage,
  rowText, rowTextBytes, unescaped,
} from "../../memory/regions";
import { markText } from "../../memory/collect";
import { TIME_ABSENT, TIME_GOOD, TIME_OUT_OF_RANGE, TIME_UNREADABLE, addInstants, instant, status } from "../../number/instant";
import { addPath, firstChild, nextSibling, setNodeColumn } from "../paths";
import {
  TAKES_BOOLEAN, TAKES_NUMBER, TAKES_TIME, TAKES_WHOLE, cells, clearCells, takeRows, takes, takesTexts,
} from "../row";
import { base64Bytes } from "../text";

const TIME_LIMIT: i64 = (<i64>1) << TIME_BITS;

const N_SERIAL: usize = 0;
const N_BEGIN: usize = 4;
const N_COUNT: usize = 8;
const N_RESUME: usize = 12;
const N_NEXT: usize = 16;
const N_BEFORE: usize = 20;

const C_NODE: usize = 0;
const C_DECODED: usize = 4;
const C_PLACE: usize = 8;
const C_FAULTS: usize = 12;
const C_CELL: usize = 16;

const R_TYPE: usize = 0;
const R_NONFINITE: usize = 8;
const R_FULL: usize = 16;
const R_TIME: usize = 24;

/** Elements of a value that is no array. */
export const NO_ARRAY: u32 = 0xffffffff;

export let columnar: bool = false;
/** Node of the epoch, 0 when times have none. */
export let epochNode: u32 = 0;
/** Rows of the batch that the message may take: `room` from `first` on. */
export let first: u32 = 0;
export let room: u32 = 0;
let serial: u32 = 0;
/** Columns met in this message, one bit each; some column or member was there twice. */
let met: u64 = 0;
let conflict: bool = false;
/** Rows from `first` on in which something may have been written. */
let written: u32 = 0;
/** Something is wrong in some row. */
let faulty: bool = false;
/** The dictionary had no room for some text of the part at hand. */
export let roomless: bool = false;
/** Most rows of a part: fewer than the batch takes where texts find no room, so that each row is judged by itself. */
let partMost: u32 = BATCH_ROWS;

// @ts-ignore: decorator
@inline function nodeAt(node: u32): usize { return batchNodes + <usize>node * BATCH_NODE_BYTES; }
// @ts-ignore: decorator
@inline function columnAt(column: u32): usize { return batchColumns + <usize>column * BATCH_COLUMN_BYTES; }
// @ts-ignore: decorator
@inline function faultAt(row: u32): usize { return rowFaults + <usize>row * ROW_FAULT_BYTES; }
// @ts-ignore: decorator
@inline function bitOf(column: u32): u64 { return (<u64>1) << <u64>column; }
// @ts-ignore: decorator
@inline export function nodeBegin(node: u32): usize { return u32At(nodeAt(node) + N_BEGIN); }
/** Elements of the array there, or NO_ARRAY. */
// @ts-ignore: decorator
@inline export function nodeCount(node: u32): u32 { return u32At(nodeAt(node) + N_COUNT); }
// @ts-ignore: decorator
@inline export function nodeResume(node: u32): usize { return u32At(nodeAt(node) + N_RESUME); }
/** Node that holds the column in this message, 0 when it has none. */
// @ts-ignore: decorator
@inline export function columnPlace(column: u32): u32 { return u32At(columnAt(column) + C_PLACE); }
// @ts-ignore: decorator
@inline export function columnCount(): u32 { return u32At(plan + PLAN_COLUMN_COUNT); }
// @ts-ignore: decorator
@inline export function timeColumn(): u32 { return u32At(plan + PLAN_TIME_COLUMN); }
// @ts-ignore: decorator
@inline export function hasNode(node: u32): bool { return node != 0 && u32At(nodeAt(node) + N_SERIAL) == serial; }

/** Notes where columns and epoch may be; behind openPaths. */
export function openColumns(): void {
  columnar = u32At(plan + PLAN_COLUMNAR) != 0;
  epochNode = 0;
  if (!columnar) return;
  memory.fill(batchNodes, 0, rowFaults + <usize>BATCH_ROWS * ROW_FAULT_BYTES - batchNodes);
  serial = 0;
  faulty = false;
  for (let column: u32 = 0; column < columnCount(); column++) {
    const at = plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES;
    const steps = u32At(at + COLUMN_PATH_COUNT);
    const from = u32At(at + COLUMN_FROM);
    if (from == FROM_TOPIC || from == FROM_CONTEXT || steps == 0) continue;
    setU32(columnAt(column) + C_NODE, addPath(plan + u32At(at + COLUMN_PATH_AT), steps));
  }
  for (let place: usize = 0; place < u32At(plan + PLAN_PLACE_COUNT); place++) {
    const at = plan + u32At(plan + PLAN_PLACES_AT) + place * PLACE_BYTES;
    const node = addPath(plan + u32At(at + PLACE_PATH_AT), u32At(at + PLACE_PATH_COUNT));
    const column = u32At(at + PLACE_COLUMN);
    if (column == PLACE_EPOCH) {
      epochNode = node;
      continue;
    }
    setNodeColumn(node, column);
    let link = columnAt(column) + C_NODE;
    while (u32At(link) != 0) link = nodeAt(u32At(link)) + N_NEXT;
    setU32(link, node);
  }
}

/** Begins a message: nothing of it is known. */
export function beginColumns(): void {
  if (++serial == 0) {
    for (let node = batchNodes; node < batchColumns; node += BATCH_NODE_BYTES) setU32(node + N_SERIAL, 0);
    serial = 1;
  }
  for (let column: u32 = 0; column < columnCount(); column++) setU32(columnAt(column) + C_DECODED, 0);
  beginPart();
  met = 0;
  conflict = false;
  written = 0;
}

/** Begins a further part of a message that is longer than the batch. */
export function beginPart(): void {
  first = u32At(header + HEADER_ROWS);
  room = min(BATCH_ROWS - first, partMost);
  roomless = false;
  beginTry();
}

/** A part was taken: the next one may be longer. */
export function endPart(): void {
  endTry();
  partMost = min(partMost << 1, <u32>BATCH_ROWS);
}

/**
 * Texts of the `count` rows of the part found no room: as if they had not been decoded. True when it is to be decoded
 * anew, with fewer rows or after texts were given back; false when its only row is to be refused.
 */
export function undoPart(count: u32): bool {
  if (count == 1 && (reasonAgainst(faultAt(first)) != <u32>REFUSED_DICTIONARY || !wantRoom())) return false;
  if (count > 1) partMost = count >> 1;
  const rows = max(count, written);
  for (let column: u32 = 0; column < columnCount(); column++) {
    clearCells(takes(column), cells(column), first, rows);
    const node = columnPlace(column);
    if (node != 0) setU32(nodeAt(node) + N_RESUME, u32At(nodeAt(node) + N_BEFORE));
  }
  memory.fill(faultAt(first), 0, <usize>rows * ROW_FAULT_BYTES);
  faulty = false;
  written = 0;
  undoTry();
  return true;
}

/** Marks the texts that stand for every row of the message at hand. */
export function markScalars(): void {
  for (let column: u32 = 0; column < columnCount(); column++) {
    const node = columnPlace(column);
    if (node != 0 && nodeCount(node) == NO_ARRAY && takesTexts(column)) markText(<u32>u64At(columnAt(column) + C_CELL));
  }
}

/** The member of a node has its value at `at`; what an earlier member of the same name had does not count. */
export function meetNode(node: u32, at: usize): void {
  const entry = nodeAt(node);
  if (u32At(entry + N_SERIAL) == serial) {
    conflict = true;
    forgetBelow(node);
  }
  setU32(entry + N_SERIAL, serial);
  setU32(entry + N_BEGIN, <u32>at);
  setU32(entry + N_COUNT, NO_ARRAY);
  setU32(entry + N_RESUME, 0);
}

function forgetBelow(node: u32): void {
  for (let child = firstChild(node); child != 0; child = nextSibling(child)) {
    setU32(nodeAt(child) + N_SERIAL, 0);
    forgetBelow(child);
  }
}

/** True when the column was not met before: then its array is decoded at once. */
export function meetColumn(column: u32): bool {
  const fresh = (met & bitOf(column)) == 0;
  if (!fresh) conflict = true;
  met |= bitOf(column);
  return fresh;
}

/** The array at `at` is being decoded into the rows from `first` on. */
export function beginArray(column: u32, at: usize): void {
  setU32(columnAt(column) + C_DECODED, <u32>at);
}

/** The array of the node has `count` elements; `resume` is the first one that is not decoded, 0 when all are. */
export function endArray(node: u32, count: u32, resume: usize): void {
  setU32(nodeAt(node) + N_COUNT, count);
  setU32(nodeAt(node) + N_BEFORE, u32At(nodeAt(node) + N_RESUME));
  setU32(nodeAt(node) + N_RESUME, <u32>resume);
}

/** Rows before `row` may have been written. */
// @ts-ignore: decorator
@inline export function touch(row: u32): void { written = max(written, row - first); }

/**
 * Settles which place holds each column; where it is not what was decoded, that is undone. Then texts are decoded anew, so
 * that none takes room that does not count.
 */
export function settleColumns(): void {
  if (conflict) {
    undoTry();
    beginTry();
    roomless = false;
  }
  for (let column: u32 = 0; column < columnCount(); column++) {
    const at = columnAt(column);
    let node = u32At(at + C_NODE);
    while (node != 0 && !hasNode(node)) node = u32At(nodeAt(node) + N_NEXT);
    setU32(at + C_PLACE, node);
    if (conflict && u32At(at + C_DECODED) != 0 && (takesTexts(column) || !isDecoded(column))) {
      clearColumn(column, first, written);
      setU32(at + C_DECODED, 0);
    }
  }
}

/** True when what was decoded of the column is what counts. */
export function isDecoded(column: u32): bool {
  const node = columnPlace(column);
  return node != 0 && u32At(columnAt(column) + C_DECODED) == <u32>nodeBegin(node);
}

/** Leaves nothing of the message. */
export function abandonColumns(): void {
  for (let column: u32 = 0; column < columnCount(); column++) {
    if (u32At(columnAt(column) + C_DECODED) != 0) clearColumn(column, first, written);
  }
  faulty = false;
  undoTry();
}

function clearColumn(column: u32, from: u32, count: u32): void {
  clearCells(takes(column), cells(column), from, count);
  if (!faulty) return;
  const others = ~bitOf(column);
  const isTime = takes(column) == TAKES_TIME;
  for (let row = from; row < from + count; row++) {
    const at = faultAt(row);
    setU64(at + R_TYPE, u64At(at + R_TYPE) & others);
    setU64(at + R_NONFINITE, u64At(at + R_NONFINITE) & others);
    setU64(at + R_FULL, u64At(at + R_FULL) & others);
    if (isTime) setU8(at + R_TIME, 0);
  }
}

// --- One value into one row; its cell is NULL before ------------------------------------------------------------

function fault(row: u32, what: usize, column: u32): void {
  const at = faultAt(row) + what;
  setU64(at, u64At(at) | bitOf(column));
  faulty = true;
}

function timeFault(row: u32, why: u32): void {
  setU8(faultAt(row) + R_TIME, why + 1);
  faulty = true;
}

export function setNullAt(column: u32, row: u32): void {
  if (takes(column) == TAKES_TIME) timeFault(row, TIME_ABSENT);
}

/** NULL because the value is of another type than the column; an unreadable time for the time column. */
export function setWrongAt(column: u32, row: u32): void {
  if (takes(column) == TAKES_TIME) timeFault(row, TIME_UNREADABLE);
  else fault(row, R_TYPE, column);
}

/** A DOUBLE; NaN and ±∞ become NULL and count as not finite; −0 becomes +0. */
// @ts-ignore: decorator
@inline export function setDoubleAt(column: u32, row: u32, value: f64): void {
  if (value - value == 0) setF64(cells(column) + (<usize>row << 3), value + 0);
  else fault(row, R_NONFINITE, column);
}

/** A BIGINT; NULL_WHOLE says that the number is none, or beyond it. */
export function setWholeAt(column: u32, row: u32, value: i64): void {
  if (value == NULL_WHOLE) fault(row, R_TYPE, column);
  else setI64(cells(column) + (<usize>row << 3), value);
}

/** NULL because the value is not finite. */
export function setNonfiniteAt(column: u32, row: u32): void {
  fault(row, R_NONFINITE, column);
}

export function setBooleanAt(column: u32, row: u32, value: bool): void {
  if (takes(column) == TAKES_BOOLEAN) setU8(cells(column) + row, value ? 1 : 0);
  else setWrongAt(column, row);
}

/** What number/instant.ts read last. */
// @ts-ignore: decorator
@inline export function setTimeAt(column: u32, row: u32): void {
  if (status == TIME_GOOD) setI64(cells(column) + (<usize>row << 3), instant);
  else timeFault(row, status);
}

/** Text for a STRING column that takes it, or bytes for BYTES. */
export function setStringAt(column: u32, row: u32, at: usize, length: u32): void {
  const id = intern(at, length);
  if (id == FULL) {
    fault(row, R_FULL, column);
    roomless = true;
  } else setU32(cells(column) + (<usize>row << 2), id);
}

/** Base64 for BYTES. */
export function setBase64At(column: u32, row: u32, at: usize, end: usize): void {
  const length = base64Bytes(at, end);
  if (length < 0) setWrongAt(column, row);
  else setStringAt(column, row, unescaped, <u32>length);
}

// --- One value into every row ------------------------------------------------------------------------------------

/** Takes the value of row `first` as that of every row. */
export function keepScalar(column: u32): void {
  const at = columnAt(column);
  const base = cells(column);
  let cell: u64 = 0;
  switch (takes(column)) {
    case TAKES_NUMBER:
    case TAKES_WHOLE: cell = u64At(base + (<usize>first << 3)); break;
    case TAKES_BOOLEAN: cell = u8At(base + first); break;
    default: cell = u32At(base + (<usize>first << 2)); break;
  }
  const fault = faultAt(first);
  const place = <u64>column;
  const faults =
    ((u64At(fault + R_TYPE) >> place) & 1) | (((u64At(fault + R_NONFINITE) >> place) & 1) << 1) |
    (((u64At(fault + R_FULL) >> place) & 1) << 2);
  setU32(at + C_FAULTS, <u32>faults);
  setU64(at + C_CELL, cell);
}

/** Writes it into `count` rows. */
export function fillScalar(column: u32, count: u32): void {
  const at = columnAt(column);
  const cell = u64At(at + C_CELL);
  const kind = takes(column);
  const width: usize = kind == TAKES_NUMBER || kind == TAKES_WHOLE ? 3 : kind == TAKES_BOOLEAN ? 0 : 2;
  const base = cells(column) + (<usize>first << width);
  if (width == 0) memory.fill(base, <u8>cell, count);
  else if (width == 2) fillWords(base, <u32>cell, count);
  else fillLongs(base, cell, count);
  const faults = u32At(at + C_FAULTS);
  if (faults == 0) return;
  for (let row = first; row < first + count; row++) {
    if ((faults & 1) != 0) fault(row, R_TYPE, column);
    if ((faults & 2) != 0) fault(row, R_NONFINITE, column);
    if ((faults & 4) != 0) fault(row, R_FULL, column);
  }
}

// --- The rows into the batch -----------------------------------------------------------------------------------

/** Adds the epoch to the times of `count` rows. */
export function addEpoch(epoch: i64, count: u32): void {
  if (epoch == 0) return;
  const base = cells(timeColumn());
  let beyond: i64 = 0;
  const end = base + (<usize>(first + count) << 3);
  for (let at = base + (<usize>first << 3); at < end; at += 8) {
    const sum = i64At(at) + epoch;
    setI64(at, sum);
    beyond |= sum + TIME_LIMIT;
  }
  if (beyond >= 0 && !faulty) return;
  // The largest instant there is, or one beyond it, is among them; times that were no good have a fault already.
  for (let row = first; row < first + count; row++) {
    if (faulty && u8At(faultAt(row) + R_TIME) != 0) continue;
    addInstants(i64At(base + (<usize>row << 3)), 0);
    if (status != TIME_GOOD) timeFault(row, status);
  }
}

/** Takes `count` rows into the batch, less those that are refused; [text, text + length) is their message. */
export function commitColumns(count: u32, text: usize, length: u32, message: i64): void {
  addI64(header + HEADER_RECEIVED, count);
  const kept = faulty ? weed(count, text, length, message) : count;
  if (kept == 0) return;
  let seen: u64 = 0;
  for (let column: u32 = 0; column < columnCount(); column++) {
    if (columnPlace(column) != 0 && takes(column) != TAKES_TIME) seen |= bitOf(column);
  }
  setU64(header + HEADER_SEEN, u64At(header + HEADER_SEEN) | seen);
  fillWords(rowText + (<usize>first << 2), <u32>text, kept);
  fillWords(rowTextBytes + (<usize>first << 2), length, kept);
  fillLongs(rowMessage + (<usize>first << 3), <u64>message, kept);
  takeRows(first + kept);
}

const NO_REASON: u32 = 0xffffffff;

/** Why the row cannot be taken, the first reason of the defined order. */
function reasonAgainst(at: usize): u32 {
  const time = u8At(at + R_TIME);
  if (time == TIME_ABSENT + 1) return REFUSED_NO_TIME;
  if (time == TIME_UNREADABLE + 1) return REFUSED_TIME_FORMAT;
  if (time == TIME_OUT_OF_RANGE + 1) return REFUSED_TIME_RANGE;
  if (u64At(at + R_NONFINITE) != 0 && u32At(plan + PLAN_NONFINITE_REFUSE) != 0) return REFUSED_NONFINITE;
  return u64At(at + R_FULL) != 0 ? <u32>REFUSED_DICTIONARY : NO_REASON;
}

/** Refuses rows among `count`, moves the others together and counts what became NULL in them; returns how many. */
function weed(count: u32, text: usize, length: u32, message: i64): u32 {
  let to = first;
  for (let row = first; row < first + count; row++) {
    const at = faultAt(row);
    const reason = reasonAgainst(at);
    if (reason != NO_REASON) refuse(reason, 0, text, length, message);
    else {
      addI64(header + HEADER_NULLED_TYPE, popcnt<u64>(u64At(at + R_TYPE)));
      addI64(header + HEADER_NULLED_NONFINITE, popcnt<u64>(u64At(at + R_NONFINITE)));
      if (to != row) moveRow(row, to);
      to++;
    }
    memory.fill(at, 0, ROW_FAULT_BYTES);
  }
  for (let column: u32 = 0; column < columnCount(); column++) {
    clearCells(takes(column), cells(column), to, first + count - to);
  }
  faulty = false;
  return to - first;
}

function moveRow(from: usize, to: usize): void {
  for (let column: u32 = 0; column < columnCount(); column++) {
    const base = cells(column);
    switch (takes(column)) {
      case TAKES_NUMBER:
      case TAKES_WHOLE:
      case TAKES_TIME: setU64(base + (to << 3), u64At(base + (from << 3))); break;
      case TAKES_BOOLEAN: setU8(base + to, u8At(base + from)); break;
      default: setU32(base + (to << 2), u32At(base + (from << 2))); break;
    }
  }
}
