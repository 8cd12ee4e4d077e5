// What is known of each stream: a bounded table from the cells of its key columns to the cells of its context. Records
// take theirs from it when they enter the batch, so that behind decoding a context column is a column like any other.
//   head      ┌ streams u32 ┬ endings u32 ┬ first entry u32 ┬ bytes of an entry u32 ┐
//   an entry  ┌ ended u32 (0: open, else the how-manieth to end) ┬ key ids u32 … ┬ cells u64 … ┐
// A cell is a double (NULL is NaN) or a string's id (NULL is 0); cell 0 is the stream's state. Imports memory, layout.
import {
  COLUMN_BYTES, COLUMN_FROM, COLUMN_PATH_AT, COLUMN_TYPE, CONTEXT_CELL_BYTES, CONTEXT_CELL_INITIAL, CONTEXT_CELL_TYPE, FROM_CONTEXT,
  HEADER_ROWS, HEADER_STREAMS_BASE, PLAN_COLUMNS_AT, PLAN_COLUMN_COUNT, PLAN_CONTEXT, PLAN_CONTEXT_CELLS_AT,
  PLAN_CONTEXT_CELL_COUNT, PLAN_CONTEXT_KEYS_AT, PLAN_CONTEXT_KEY_COUNT, PLAN_CONTEXT_OPEN, PLAN_STREAMS_MAX,
  STREAMS_COUNT, STREAMS_ENDINGS, STREAMS_ENTRIES, STREAMS_ENTRY_BYTES, STREAMS_HEAD_BYTES, STREAM_ENDED, STREAM_KEYS,
  TYPE_DOUBLE,
} from "../layout";
import { hashBytes, sameBytes } from "../memory/bytes";
import { setU32, setU64, u32At, u64At } from "../memory/raw";
import { align, header, plan, registerBase } from "../memory/regions";
import { markText } from "../memory/collect";

export const NO_STREAM: u32 = 0xffffffff;

/** The source has context. */
export let hasContext: bool = false;
let head: usize = 0;
/** What a stream says before anything was said of it. */
let initial: usize = 0;
let table: usize = 0;
let slots: u32 = 0;
let entries: usize = 0;
let entryBytes: usize = 0;
let cellsOffset: usize = 0;
let keyCount: usize = 0;
let keysBytes: u32 = 0;
let streamsMax: u32 = 0;
/** Key of the row, or of the context message, at hand. */
export let keyAt: usize = 0;
/** Context columns: ┌ first cell u32 ┬ context cell u32 ┬ 1 for a double u32 ┐ each, 64 at most. */
const columns = memory.data(768, 8);
let columnCount: usize = 0;
/** Rows of the batch before this one have what their streams said. */
let filled: u32 = 0;

// @ts-ignore: decorator
@inline function entryAt(stream: u32): usize { return entries + <usize>stream * entryBytes; }
// @ts-ignore: decorator
@inline function cellsOf(stream: u32): usize { return stream == NO_STREAM ? initial : entryAt(stream) + cellsOffset; }

export function contextCells(): u32 { return u32At(plan + PLAN_CONTEXT_CELL_COUNT); }

/** Sets up an empty table at `at`; returns its end. */
export function openStreams(at: usize): usize {
  hasContext = u32At(plan + PLAN_CONTEXT) != 0;
  columnCount = 0;
  filled = 0;
  if (!hasContext) return at;
  const cellCount = <usize>contextCells();
  keyCount = u32At(plan + PLAN_CONTEXT_KEY_COUNT);
  keysBytes = <u32>keyCount << 2;
  streamsMax = u32At(plan + PLAN_STREAMS_MAX);
  cellsOffset = (<usize>STREAM_KEYS + keyCount * 4 + 7) & ~7;
  entryBytes = cellsOffset + cellCount * 8;
  head = align(at);
  keyAt = head + STREAMS_HEAD_BYTES;
  initial = (keyAt + keyCount * 4 + 7) & ~7;
  table = initial + cellCount * 8;
  slots = 16;
  while (slots < streamsMax * 2) slots <<= 1;
  entries = align(table + <usize>slots * 4);
  memory.fill(head, 0, entries - head);
  setU32(head + STREAMS_ENTRIES, <u32>entries);
  setU32(head + STREAMS_ENTRY_BYTES, <u32>entryBytes);
  setU32(header + HEADER_STREAMS_BASE, <u32>head);
  for (let cell: usize = 0; cell < cellCount; cell++) {
    const from = plan + u32At(plan + PLAN_CONTEXT_CELLS_AT) + cell * CONTEXT_CELL_BYTES;
    setU64(initial + (cell << 3), u64At(from + CONTEXT_CELL_INITIAL));
  }
  for (let column: usize = 0; column < u32At(plan + PLAN_COLUMN_COUNT); column++) {
    const from = plan + u32At(plan + PLAN_COLUMNS_AT) + column * COLUMN_BYTES;
    if (u32At(from + COLUMN_FROM) != FROM_CONTEXT) continue;
    const to = columns + columnCount++ * 12;
    setU32(to, <u32>registerBase(<u32>column));
    setU32(to + 4, u32At(from + COLUMN_PATH_AT));
    setU32(to + 8, u32At(from + COLUMN_TYPE) == TYPE_DOUBLE ? 1 : 0);
  }
  return entries + <usize>streamsMax * entryBytes;
}

// @ts-ignore: decorator
@inline function slotAt(slot: u32): usize { return table + (<usize>slot << 2); }

/** Slot of the key at hand, or the empty one where it would go. */
function findSlot(): u32 {
  const mask = slots - 1;
  let slot = hashBytes(keyAt, keysBytes) & mask;
  while (true) {
    const number = u32At(slotAt(slot));
    if (number == 0 || sameBytes(entryAt(number - 1) + STREAM_KEYS, keyAt, keysBytes)) return slot;
    slot = (slot + 1) & mask;
  }
}

/** The stream of the key at hand, or NO_STREAM when nothing was said of it. */
export function findStream(): u32 {
  // The number is one less; 0 − 1 is NO_STREAM.
  return u32At(slotAt(findSlot())) - 1;
}

/** The stream of the key at hand, new if need be; NO_STREAM when there is no room and none has ended. */
export function takeStream(): u32 {
  const slot = findSlot();
  const number = u32At(slotAt(slot));
  if (number != 0) return number - 1;
  const count = u32At(head + STREAMS_COUNT);
  if (count == streamsMax) return replaceEnded();
  setU32(head + STREAMS_COUNT, count + 1);
  setU32(slotAt(slot), count + 1);
  beginStream(count);
  return count;
}

function beginStream(stream: u32): void {
  const at = entryAt(stream);
  setU32(at + STREAM_ENDED, 0);
  memory.copy(at + STREAM_KEYS, keyAt, keysBytes);
  memory.copy(at + cellsOffset, initial, <usize>contextCells() << 3);
}

/** Gives the place of the stream that ended first to the key at hand. */
function replaceEnded(): u32 {
  let oldest: u32 = NO_STREAM;
  for (let stream: u32 = 0; stream < streamsMax; stream++) {
    const ended = u32At(entryAt(stream) + STREAM_ENDED);
    if (ended != 0 && (oldest == NO_STREAM || ended < u32At(entryAt(oldest) + STREAM_ENDED))) oldest = stream;
  }
  if (oldest == NO_STREAM) return NO_STREAM;
  beginStream(oldest);
  const mask = slots - 1;
  memory.fill(table, 0, <usize>slots << 2);
  for (let stream: u32 = 0; stream < streamsMax; stream++) {
    let slot = hashBytes(entryAt(stream) + STREAM_KEYS, keysBytes) & mask;
    while (u32At(slotAt(slot)) != 0) slot = (slot + 1) & mask;
    setU32(slotAt(slot), stream + 1);
  }
  return oldest;
}

/** Marks the texts that are known of streams, and those of their keys. */
export function markStreams(): void {
  if (!hasContext) return;
  const cells = plan + u32At(plan + PLAN_CONTEXT_CELLS_AT);
  for (let stream: u32 = 0; stream < u32At(head + STREAMS_COUNT); stream++) {
    const at = entryAt(stream);
    for (let place: usize = 0; place < keyCount; place++) markText(u32At(at + STREAM_KEYS + (place << 2)));
    for (let cell: usize = 0; cell < contextCells(); cell++) {
      if (u32At(cells + cell * CONTEXT_CELL_BYTES + CONTEXT_CELL_TYPE) == TYPE_DOUBLE) continue;
      markText(u32At(at + cellsOffset + (cell << 3)));
    }
  }
}

/** Forgets all that was said of the stream. */
export function forgetStream(stream: u32): void {
  setU32(entryAt(stream) + STREAM_ENDED, 0);
  memory.copy(entryAt(stream) + cellsOffset, initial, <usize>contextCells() << 3);
}

export function setCell(stream: u32, cell: u32, value: u64): void {
  setU64(entryAt(stream) + cellsOffset + (<usize>cell << 3), value);
}

/** A stream that has ended begins anew when its state becomes `open`: with nothing of before. */
export function beginsAnew(stream: u32, state: u64): bool {
  return u32At(entryAt(stream) + STREAM_ENDED) != 0 && state == <u64>u32At(plan + PLAN_CONTEXT_OPEN);
}

/** Notes whether the stream has ended: any state but `open` is why. */
export function settleState(stream: u32): void {
  const at = entryAt(stream);
  const state = u64At(at + cellsOffset);
  if (state == 0 || state == <u64>u32At(plan + PLAN_CONTEXT_OPEN)) setU32(at + STREAM_ENDED, 0);
  else if (u32At(at + STREAM_ENDED) == 0) {
    const endings = u32At(head + STREAMS_ENDINGS) + 1;
    setU32(head + STREAMS_ENDINGS, endings);
    setU32(at + STREAM_ENDED, endings);
  }
}

/** The next row is the first one of a batch. */
export function beginFill(): void {
  filled = 0;
}

/** Gives the rows taken since the last call what is known of their streams. */
export function fillRows(): void {
  const end = u32At(header + HEADER_ROWS);
  let stream: u32 = NO_STREAM;
  let known = false;
  for (let row: usize = filled; columnCount != 0 && row < end; row++) {
    if (readKey(row) || !known) {
      stream = findStream();
      known = true;
    }
    const from = cellsOf(stream);
    for (let place: usize = 0; place < columnCount; place++) {
      const to = columns + place * 12;
      const cell = from + (<usize>u32At(to + 4) << 3);
      if (u32At(to + 8) != 0) setU64(<usize>u32At(to) + (row << 3), u64At(cell));
      else setU32(<usize>u32At(to) + (row << 2), u32At(cell));
    }
  }
  filled = end;
}

/** Takes the key columns of a row as the key at hand; true when it is another one. */
export function readKey(row: usize): bool {
  let changed = false;
  for (let place: usize = 0; place < keyCount; place++) {
    const id = u32At(registerBase(u32At(plan + u32At(plan + PLAN_CONTEXT_KEYS_AT) + (place << 2))) + (row << 2));
    if (u32At(keyAt + (place << 2)) != id) changed = true;
    setU32(keyAt + (place << 2), id);
  }
  return changed;
}
