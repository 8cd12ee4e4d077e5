// Key spaces: for each list of GROUP BY columns a hash table from key cells to dense key numbers in first-seen
// order, and each key's clock. Struct of a space in memory (offsets K_*):
//   ┌ keys u32 ┬ slots u32 ┬ table u32 ┬ cells u32 ┬ clocks u32 ┬ columns u32 ┬ column count ┬ current ┬ slot ┬
//   ├ rows' keys u32 ┐ (columns and column count are those of the cells)
// A cell is a u32: string id or boolean; a BIGINT is two, its lower half first. Bytes for each key: 4·cells + 8 (clock)
// + ≥ 8 (table).
// Imports memory and layout.
import {
  BATCH_ROWS,
  PLAN_COLUMNS_AT, PLAN_CLOCK_SOURCE, PLAN_KEYS_MAX, PLAN_SPACES_AT, PLAN_SPACE_COUNT, COLUMN_BYTES, COLUMN_TYPE,
  HEADER_KEYS, HEADER_ROWS, HEADER_TIME_MAX, KEYS_EVICT_IDLE, KEYS_OTHER, PLAN_KEYS_LIMIT, PLAN_KEYS_POLICY, SPACE_BYTES,
  SPACE_COLUMNS_AT, SPACE_COLUMN_COUNT, SPACE_OTHER_AT, TYPE_BIGINT, TYPE_BOOLEAN,
} from "../layout";
import { i64At, setI64, setU32, u32At, u8At } from "../memory/raw";
import { align, header, plan, registerBase } from "../memory/regions";
import { alikeWords, fillWords } from "../memory/sweeps";
import { markText } from "../memory/collect";
import { BEFORE_ALL } from "./bounds";
import { forgetKeyOf, noteSeen, silentKey } from "./key-limit";

const K_COUNT: usize = 0;
const K_SLOTS: usize = 4;
const K_TABLE: usize = 8;
const K_CELLS: usize = 12;
const K_CLOCKS: usize = 16;
/** For each cell of the key ┌ that of the first row u32 ┬ CELL_* ┐. */
const K_COLUMNS: usize = 20;
const K_COLUMN_COUNT: usize = 24;
/** Key of the row at hand, or NO_KEY while it is not known. */
const K_CURRENT: usize = 28;
/** Table slot where the key of the row at hand would go. */
const K_SLOT: usize = 32;
/** For each row of the batch its key, or NO_KEY where that was not known when the batch began. */
const K_ROW_KEYS: usize = 36;
/** Key that makes room for that of the row at hand, or NO_KEY. */
const K_SILENT: usize = 40;
const K_BYTES: usize = 48;

const CELL_WORD: u32 = 0;
const CELL_BYTE: u32 = 1;
/** Half of a BIGINT. */
const CELL_HALF: u32 = 2;

export const NO_KEY: u32 = 0xffffffff;

let spaces: usize = 0;
let spaceCount: u32 = 0;
let keysMax: u32 = 0;
let keysLimit: u32 = 0;
let policy: u32 = 0;
/** The row at hand belongs to a key for all others. */
export let isOther: bool = false;
let sourceClock: bool = false;

// @ts-ignore: decorator
@inline function spaceAt(space: u32): usize { return spaces + <usize>space * K_BYTES; }
// @ts-ignore: decorator
@inline export function keyCount(space: u32): u32 { return u32At(spaceAt(space) + K_COUNT); }
// @ts-ignore: decorator
@inline export function currentKey(space: u32): u32 { return u32At(spaceAt(space) + K_CURRENT); }
// @ts-ignore: decorator
@inline function clockAt(space: u32, key: u32): usize {
  return sourceClock ? header + HEADER_TIME_MAX : <usize>u32At(spaceAt(space) + K_CLOCKS) + (<usize>key << 3);
}

// @ts-ignore: decorator
@inline export function rowKeys(space: u32): usize { return <usize>u32At(spaceAt(space) + K_ROW_KEYS); }
/** Where the clock of key 0 is, and how far that of the next one is from it. */
export function firstClock(space: u32): usize { return clockAt(space, 0); }
export function clockBytes(): u32 { return sourceClock ? 0 : 8; }

/** Largest accepted event time of the key, or of the source with `clock: source`; BEFORE_ALL at first. */
// @ts-ignore: decorator
@inline export function timeMax(space: u32, key: u32): i64 { return i64At(clockAt(space, key)); }

export function setTimeMax(space: u32, key: u32, time: i64): void {
  setI64(clockAt(space, key), time);
}

/** Cell of a key, by its place among its cells. */
export function keyCell(space: u32, key: u32, place: u32): u32 {
  const at = spaceAt(space);
  return u32At(<usize>u32At(at + K_CELLS) + ((<usize>key * u32At(at + K_COLUMN_COUNT) + place) << 2));
}

/** Marks the texts of all keys. */
export function markKeys(): void {
  for (let space: u32 = 0; space < spaceCount; space++) {
    const at = spaceAt(space);
    const count = u32At(at + K_COLUMN_COUNT);
    for (let place: u32 = 0; place < count; place++) {
      if (u32At(<usize>u32At(at + K_COLUMNS) + (<usize>place << 3) + 4) != CELL_WORD) continue;
      for (let key: u32 = 0; key < keyCount(space); key++) markText(keyCell(space, key, place));
    }
  }
}

/** Places the spaces at `base`; returns the first byte behind them. */
export function openKeys(base: usize): usize {
  spaceCount = u32At(plan + PLAN_SPACE_COUNT);
  keysMax = u32At(plan + PLAN_KEYS_MAX);
  keysLimit = u32At(plan + PLAN_KEYS_LIMIT);
  policy = u32At(plan + PLAN_KEYS_POLICY);
  sourceClock = u32At(plan + PLAN_CLOCK_SOURCE) != 0;
  spaces = base;
  let slots: u32 = 16;
  while (slots < keysMax * 2) slots <<= 1;
  let at = align(base + <usize>spaceCount * K_BYTES);
  for (let space: u32 = 0; space < spaceCount; space++) {
    const from = plan + u32At(plan + PLAN_SPACES_AT) + <usize>space * SPACE_BYTES;
    const to = spaceAt(space);
    const columns = u32At(from + SPACE_COLUMN_COUNT);
    let cells: u32 = 0;
    setU32(to + K_COUNT, 0);
    setU32(to + K_SLOTS, slots);
    setU32(to + K_COLUMNS, <u32>at);
    for (let place: u32 = 0; place < columns; place++) {
      const column = u32At(plan + u32At(from + SPACE_COLUMNS_AT) + (<usize>place << 2));
      const type = u32At(plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES + COLUMN_TYPE);
      const kind = type == TYPE_BOOLEAN ? CELL_BYTE : type == TYPE_BIGINT ? CELL_HALF : CELL_WORD;
      for (let half: u32 = 0; half <= (kind == CELL_HALF ? 1 : 0); half++) {
        setU32(at + (<usize>cells << 3), <u32>registerBase(column) + half * 4);
        setU32(at + (<usize>cells << 3) + 4, kind);
        cells++;
      }
    }
    at = align(at + (<usize>cells << 3));
    setU32(to + K_COLUMN_COUNT, cells);
    setU32(to + K_TABLE, <u32>at);
    memory.fill(at, 0, <usize>slots * 4);
    at = align(at + <usize>slots * 4);
    setU32(to + K_CELLS, <u32>at);
    at = align(at + <usize>keysMax * cells * 4);
    setU32(to + K_CLOCKS, <u32>at);
    at = align(at + <usize>keysMax * 8);
    setU32(to + K_ROW_KEYS, <u32>at);
    at = align(at + BATCH_ROWS * 4);
  }
  return at;
}

// @ts-ignore: decorator
@inline function rowCell(columns: usize, place: u32, row: u32): u32 {
  const base = <usize>u32At(columns + (<usize>place << 3));
  const kind = u32At(columns + (<usize>place << 3) + 4);
  if (kind == CELL_BYTE) return u8At(base + row);
  return u32At(base + (<usize>row << (kind == CELL_WORD ? 2 : 3)));
}

/** The row's key in the space at `at`, or NO_KEY: then K_SLOT is the slot for it. */
function findKey(at: usize, row: u32): u32 {
  const columns = <usize>u32At(at + K_COLUMNS);
  const count = u32At(at + K_COLUMN_COUNT);
  // Cells are mostly small dense numbers: a key of one is its own hash.
  let hash: u32 = 0;
  for (let place: u32 = 0; place < count; place++) {
    hash = (hash ^ (hash >>> 15)) * 0x85ebca6b + rowCell(columns, place, row);
  }
  const mask = u32At(at + K_SLOTS) - 1;
  const table = <usize>u32At(at + K_TABLE);
  const cells = <usize>u32At(at + K_CELLS);
  let slot = hash & mask;
  while (true) {
    const entry = u32At(table + (<usize>slot << 2));
    if (entry == 0) break;
    const key = entry - 1;
    const keyCells = cells + ((<usize>key * count) << 2);
    let place: u32 = 0;
    while (place < count && u32At(keyCells + (<usize>place << 2)) == rowCell(columns, place, row)) place++;
    if (place == count) return key;
    slot = (slot + 1) & mask;
  }
  setU32(at + K_SLOT, slot);
  return NO_KEY;
}

/** How many rows from `row` on have the same cells, of `rows` in all. */
function alikeRows(at: usize, row: u32, rows: u32): u32 {
  const columns = <usize>u32At(at + K_COLUMNS);
  let alike = rows - row;
  for (let place: u32 = 0; place < u32At(at + K_COLUMN_COUNT) && alike > 1; place++) {
    const first = rowCell(columns, place, row);
    if (u32At(columns + (<usize>place << 3) + 4) == CELL_WORD) {
      alike = alikeWords(<usize>u32At(columns + (<usize>place << 3)) + (<usize>row << 2), first, alike);
      continue;
    }
    let next: u32 = 1;
    while (next < alike && rowCell(columns, place, row + next) == first) next++;
    alike = next;
  }
  return alike;
}

/** Finds the keys of all rows of a new batch; one that is not known yet is found again when its row comes. */
export function findBatchKeys(rows: u32): void {
  for (let space: u32 = 0; space < spaceCount; space++) {
    const at = spaceAt(space);
    const keys = rowKeys(space);
    const columns = <usize>u32At(at + K_COLUMNS);
    if (u32At(at + K_COLUMN_COUNT) != 1 || u32At(columns + 4) != 0) {
      for (let row: u32 = 0; row < rows; ) {
        const alike = alikeRows(at, row, rows);
        fillWords(keys + (<usize>row << 2), findKey(at, row), alike);
        row += alike;
      }
      continue;
    }
    // A key of one string: mostly in the slot of its id.
    const ids = <usize>u32At(columns);
    const mask = u32At(at + K_SLOTS) - 1;
    const table = <usize>u32At(at + K_TABLE);
    const cells = <usize>u32At(at + K_CELLS);
    for (let row: u32 = 0; row < rows; ) {
      const id = u32At(ids + (<usize>row << 2));
      const entry = u32At(table + (<usize>(id & mask) << 2));
      const there = entry != 0 && u32At(cells + (<usize>(entry - 1) << 2)) == id;
      const key = there ? entry - 1 : findKey(at, row);
      setU32(keys + (<usize>row << 2), key);
      row++;
      if (row == rows || u32At(ids + (<usize>row << 2)) != id) continue;
      const alike = alikeWords(ids + (<usize>row << 2), id, rows - row);
      fillWords(keys + (<usize>row << 2), key, alike);
      row += alike;
    }
  }
}

/**
 * Makes the row's key in every space the current one, adding it where it is new. False, and nothing added,
 * when one of them would pass the limit and there is no room for it: then no pipeline takes the record.
 */
export function findKeys(row: u32): bool {
  let fresh = false;
  isOther = false;
  for (let space: u32 = 0; space < spaceCount; space++) {
    let key = u32At(rowKeys(space) + (<usize>row << 2));
    if (key == NO_KEY) key = findKey(spaceAt(space), row);
    setU32(spaceAt(space) + K_CURRENT, key);
    if (key != NO_KEY) continue;
    fresh = true;
    if (keyCount(space) >= keysLimit && !findRoom(space)) return false;
  }
  if (fresh) addKeys(row);
  return true;
}

/** Decides what becomes of a key beyond the limit, the current one of the space; false when its record is refused. */
function findRoom(space: u32): bool {
  const at = spaceAt(space);
  if (policy == KEYS_OTHER) {
    isOther = true;
    setU32(at + K_CURRENT, findOther(at, otherCells(space)));
    return true;
  }
  if (policy != KEYS_EVICT_IDLE) return false;
  setU32(at + K_SILENT, silentKey(space));
  return u32At(at + K_SILENT) != NO_KEY;
}

/** Cells of the key for all others. */
// @ts-ignore: decorator
@inline function otherCells(space: u32): usize {
  return plan + u32At(plan + u32At(plan + PLAN_SPACES_AT) + <usize>space * SPACE_BYTES + SPACE_OTHER_AT);
}

/** The key of these cells, or NO_KEY: then K_SLOT is the slot for it. */
function findOther(at: usize, wanted: usize): u32 {
  const count = u32At(at + K_COLUMN_COUNT);
  const bytes = <usize>count << 2;
  const mask = u32At(at + K_SLOTS) - 1;
  let slot = hashOf(wanted, count) & mask;
  while (true) {
    const entry = u32At(<usize>u32At(at + K_TABLE) + (<usize>slot << 2));
    if (entry == 0) break;
    if (memory.compare(<usize>u32At(at + K_CELLS) + <usize>(entry - 1) * bytes, wanted, bytes) == 0) return entry - 1;
    slot = (slot + 1) & mask;
  }
  setU32(at + K_SLOT, slot);
  return NO_KEY;
}

/** The hash that findKey computes of a row's cells. */
function hashOf(cells: usize, count: u32): u32 {
  let hash: u32 = 0;
  for (let place: u32 = 0; place < count; place++) {
    hash = (hash ^ (hash >>> 15)) * 0x85ebca6b + u32At(cells + (<usize>place << 2));
  }
  return hash;
}

/** Takes a key out of the table: entries behind it move up where their hash allows it. */
function removeKey(at: usize, key: u32): void {
  const count = u32At(at + K_COLUMN_COUNT);
  const cells = <usize>u32At(at + K_CELLS);
  const table = <usize>u32At(at + K_TABLE);
  const mask = u32At(at + K_SLOTS) - 1;
  let free = hashOf(cells + ((<usize>key * count) << 2), count) & mask;
  while (u32At(table + (<usize>free << 2)) != key + 1) free = (free + 1) & mask;
  let slot = free;
  while (true) {
    slot = (slot + 1) & mask;
    const entry = u32At(table + (<usize>slot << 2));
    if (entry == 0) break;
    const home = hashOf(cells + ((<usize>(entry - 1) * count) << 2), count) & mask;
    if (((slot - home) & mask) < ((slot - free) & mask)) continue;
    setU32(table + (<usize>free << 2), entry);
    free = slot;
  }
  setU32(table + (<usize>free << 2), 0);
}

/** The key that was silent makes room for that of the row, which takes its number. */
function evict(space: u32, row: u32): void {
  const at = spaceAt(space);
  const key = u32At(at + K_SILENT);
  forgetKeyOf(space, key);
  removeKey(at, key);
  // Rows behind this one were given their keys when the batch began.
  const keys = rowKeys(space);
  const rows = u32At(header + HEADER_ROWS);
  for (let later = row + 1; later < rows; later++) {
    if (u32At(keys + (<usize>later << 2)) == key) setU32(keys + (<usize>later << 2), NO_KEY);
  }
  findKey(at, row);
  enterKey(space, key, row);
}

function addKeys(row: u32): void {
  for (let space: u32 = 0; space < spaceCount; space++) {
    const at = spaceAt(space);
    if (u32At(at + K_CURRENT) != NO_KEY) continue;
    const key = u32At(at + K_COUNT);
    if (key >= keysLimit && policy == KEYS_EVICT_IDLE) {
      evict(space, row);
      continue;
    }
    setU32(at + K_COUNT, key + 1);
    setU32(header + HEADER_KEYS, u32At(header + HEADER_KEYS) + 1);
    enterKey(space, key, row);
  }
}

/** The number becomes that of the row's key, or of the one for all others; K_SLOT is its slot in the table. */
function enterKey(space: u32, key: u32, row: u32): void {
  const at = spaceAt(space);
  const count = u32At(at + K_COLUMN_COUNT);
  const cells = <usize>u32At(at + K_CELLS) + ((<usize>key * count) << 2);
  if (key >= keysLimit) memory.copy(cells, otherCells(space), <usize>count << 2);
  else for (let place: u32 = 0; place < count; place++) {
    setU32(cells + (<usize>place << 2), rowCell(<usize>u32At(at + K_COLUMNS), place, row));
  }
  setU32(<usize>u32At(at + K_TABLE) + (<usize>u32At(at + K_SLOT) << 2), key + 1);
  setI64(<usize>u32At(at + K_CLOCKS) + (<usize>key << 3), BEFORE_ALL);
  setU32(at + K_CURRENT, key);
  noteSeen(space, key);
}
