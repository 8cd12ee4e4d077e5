// Records that wait, and the list of those whose time has come. A record is a slot:
//   ┌ older u32 ┬ newer u32 ┬ time i64 ┬ message i64 ┬ arrival i64 ┬ its payload: address u32 ┬ bytes u32 ┬ cells u64 … ┐
// "older" and "newer" chain a stream's records by (time, arrival). The payload is there only until the call returns in
// which the record came. Slots, like streams, count from 1. Imports memory, layout, the decoder's columns.
import {
  BATCH_ROWS, HEADER_HELD, HEADER_REORDERED_EARLY, PLAN_COLUMN_COUNT, PLAN_REORDER_HELD, PLAN_TIME_COLUMN,
} from "../layout";
import { TAKES_BOOLEAN, TAKES_NUMBER, TAKES_TIME, TAKES_WHOLE, cells, takes, takesTexts } from "../decode/row";
import { addI64, i64At, setI64, setU32, setU64, setU8, u32At, u64At, u8At } from "../memory/raw";
import { align, header, plan, rowMessage, rowText, rowTextBytes } from "../memory/regions";
import { markText } from "../memory/collect";
import { FIRST, LAST, RECORDS, streamAt } from "./streams";

const OLDER: usize = 0;
const NEWER: usize = 4;
export const TIME: usize = 8;
export const MESSAGE: usize = 16;
export const ARRIVAL: usize = 24;
export const TEXT: usize = 32;
export const TEXT_BYTES: usize = 36;
export const CELLS: usize = 40;

/** ┌ first free slot u32 ┬ slots ever used u32 ┬ records so far i64 ┐ */
let head: usize = 0;
let slots: usize = 0;
let slotBytes: usize = 0;
/** Slots whose records go on, in this order: u32 each. It is empty between two calls of the host. */
let due: usize = 0;
let dueAt: u32 = 0;
let dueCount: u32 = 0;

// @ts-ignore: decorator
@inline export function recordAt(slot: u32): usize { return slots + <usize>(slot - 1) * slotBytes; }

/** Sets up an empty store at `at`; returns its end. */
export function openRecords(at: usize): usize {
  const most = <usize>u32At(plan + PLAN_REORDER_HELD) + BATCH_ROWS;
  slotBytes = CELLS + (<usize>u32At(plan + PLAN_COLUMN_COUNT) << 3);
  head = align(at);
  due = head + 64;
  slots = align(due + (most << 2));
  memory.fill(head, 0, slots - head);
  dueAt = 0;
  dueCount = 0;
  return align(slots + most * slotBytes);
}

/** Takes a row of the batch out of it; returns its slot. */
export function storeRow(row: usize): u32 {
  let slot = u32At(head);
  if (slot != 0) setU32(head, u32At(recordAt(slot) + NEWER));
  else {
    slot = u32At(head + 4) + 1;
    setU32(head + 4, slot);
  }
  const at = recordAt(slot);
  const count = u32At(plan + PLAN_COLUMN_COUNT);
  for (let column: u32 = 0; column < count; column++) {
    const to = at + CELLS + (<usize>column << 3);
    const from = cells(column);
    const kind = takes(column);
    if (isWide(kind)) setU64(to, u64At(from + (row << 3)));
    else setU64(to, kind == TAKES_BOOLEAN ? <u64>u8At(from + row) : <u64>u32At(from + (row << 2)));
  }
  setI64(at + TIME, i64At(cells(u32At(plan + PLAN_TIME_COLUMN)) + (row << 3)));
  setI64(at + MESSAGE, i64At(rowMessage + (row << 3)));
  setI64(at + ARRIVAL, i64At(head + 8));
  addI64(head + 8, 1);
  setU32(at + TEXT, u32At(rowText + (row << 2)));
  setU32(at + TEXT_BYTES, u32At(rowTextBytes + (row << 2)));
  return slot;
}

// @ts-ignore: decorator
@inline function isWide(kind: u32): bool { return kind == TAKES_NUMBER || kind == TAKES_WHOLE || kind == TAKES_TIME; }

export function freeRecord(slot: u32): void {
  setU32(recordAt(slot) + NEWER, u32At(head));
  setU32(head, slot);
}

/** Puts a record among those of its stream: behind all that are not later. */
export function holdRecord(stream: u32, slot: u32): void {
  const base = streamAt(stream);
  const at = recordAt(slot);
  const time = i64At(at + TIME);
  let before = u32At(base + LAST);
  while (before != 0 && i64At(recordAt(before) + TIME) > time) before = u32At(recordAt(before) + OLDER);
  const behind = before != 0 ? recordAt(before) + NEWER : base + FIRST;
  const after = u32At(behind);
  setU32(at + OLDER, before);
  setU32(at + NEWER, after);
  setU32(behind, slot);
  setU32(after != 0 ? recordAt(after) + OLDER : base + LAST, slot);
  setU32(base + RECORDS, u32At(base + RECORDS) + 1);
  setU32(header + HEADER_HELD, u32At(header + HEADER_HELD) + 1);
}

/** Marks the texts of the records of a stream. */
export function markRecords(stream: u32): void {
  const count = u32At(plan + PLAN_COLUMN_COUNT);
  for (let slot = u32At(streamAt(stream) + FIRST); slot != 0; slot = u32At(recordAt(slot) + NEWER)) {
    for (let column: u32 = 0; column < count; column++) {
      if (takesTexts(column)) markText(u32At(recordAt(slot) + CELLS + (<usize>column << 3)));
    }
  }
}

/** Lets the first record of a stream go on. */
function releaseFirst(base: usize): void {
  const slot = u32At(base + FIRST);
  const after = u32At(recordAt(slot) + NEWER);
  setU32(base + FIRST, after);
  setU32(after != 0 ? recordAt(after) + OLDER : base + LAST, 0);
  setU32(base + RECORDS, u32At(base + RECORDS) - 1);
  setU32(header + HEADER_HELD, u32At(header + HEADER_HELD) - 1);
  setU32(due + (<usize>dueCount << 2), slot);
  dueCount++;
}

/** Lets the records of a stream go on whose time is not behind `until`. */
export function releaseUntil(stream: u32, until: i64): void {
  const base = streamAt(stream);
  while (u32At(base + FIRST) != 0 && i64At(recordAt(u32At(base + FIRST)) + TIME) <= until) releaseFirst(base);
}

/** Lets records of a stream go on before their time, the first ones first, until it holds `most`. */
export function releaseEarly(stream: u32, most: u32): void {
  const base = streamAt(stream);
  while (u32At(base + RECORDS) > most) {
    releaseFirst(base);
    addI64(header + HEADER_REORDERED_EARLY, 1);
  }
}

/** Writes the next record that goes on as a row of the batch; false when there is none. */
export function writeDue(row: usize): bool {
  if (dueAt == dueCount) {
    dueAt = 0;
    dueCount = 0;
    return false;
  }
  const slot = slotAt(dueAt++);
  const at = recordAt(slot);
  const count = u32At(plan + PLAN_COLUMN_COUNT);
  for (let column: u32 = 0; column < count; column++) {
    const from = at + CELLS + (<usize>column << 3);
    const to = cells(column);
    const kind = takes(column);
    if (isWide(kind)) setU64(to + (row << 3), u64At(from));
    else if (kind == TAKES_BOOLEAN) setU8(to + row, u8At(from));
    else setU32(to + (row << 2), u32At(from));
  }
  setU32(rowText + (row << 2), 0);
  setU32(rowTextBytes + (row << 2), 0);
  setI64(rowMessage + (row << 3), i64At(at + MESSAGE));
  freeRecord(slot);
  return true;
}

/** Puts the records that go on in the order of (time, arrival): a heap sort, since it needs no further memory. */
export function sortDue(): void {
  for (let root = dueCount >> 1; root > 0; root--) sink(root - 1, dueCount);
  for (let end: u32 = dueCount; end > 1; end--) {
    const last = slotAt(end - 1);
    setSlot(end - 1, slotAt(0));
    setSlot(0, last);
    sink(0, end - 1);
  }
}

// @ts-ignore: decorator
@inline function slotAt(place: u32): u32 { return u32At(due + (<usize>place << 2)); }
// @ts-ignore: decorator
@inline function setSlot(place: u32, slot: u32): void { setU32(due + (<usize>place << 2), slot); }

function sink(from: u32, end: u32): void {
  const slot = slotAt(from);
  let place = from;
  while (true) {
    let child: u32 = 2 * place + 1;
    if (child >= end) break;
    if (child + 1 < end && isBefore(slotAt(child), slotAt(child + 1))) child++;
    if (!isBefore(slot, slotAt(child))) break;
    setSlot(place, slotAt(child));
    place = child;
  }
  setSlot(place, slot);
}

function isBefore(a: u32, b: u32): bool {
  const left = recordAt(a);
  const right = recordAt(b);
  const time = i64At(left + TIME);
  const other = i64At(right + TIME);
  return time < other || (time == other && i64At(left + ARRIVAL) < i64At(right + ARRIVAL));
}
