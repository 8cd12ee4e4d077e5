// The values of a group in the order of time, then arrival: ARRAY_AGG, and what ordered.ts reads. A list of pages, each with its entries in order:
//   state ┌ first page u32 ┬ last page u32 ┬ values u32 ┬ over u32 ┐                                    16 bytes
//   page  ┌ next u32 ┬ previous u32 ┬ used u32 ┬ u32 ┬ 20 entries: time i64, arrival i64, value u64 ┐ 496 bytes
// Values come mostly in order, so the place of one is looked for from the end. Past STATE_CELLS values the latest one leaves:
// the first ones are kept whatever the order in which they came, and the state says that it is over its bound; also
// when the pool has no page left. Merged by adding one after the other. Imports pool, cells and raw access.
import { STATE_CELLS, STATE_TYPE } from "../../layout";
import { give, take } from "../../memory/pool";
import { f64At, i64At, setI64, setU32, setU64, u32At, u64At } from "../../memory/raw";
import { markWord } from "../../memory/collect";
import { elementOf, isLess, isNullWord, wordAt } from "../cells";

const FIRST: usize = 0;
const LAST: usize = 4;
const COUNT: usize = 8;
const OVER: usize = 12;

const NEXT: usize = 0;
const PREVIOUS: usize = 4;
const USED: usize = 8;
const ENTRIES: usize = 16;
const PAGE_ENTRIES: u32 = 20;
const PAGE_BYTES: usize = 496;

const TIME: usize = 0;
const ARRIVAL: usize = 8;
const VALUE: usize = 16;
const ENTRY_BYTES: usize = 24;

let freeList: usize = 0;

/** Places the free list's head at `base`; returns the first byte behind. */
export function openSeries(base: usize): usize {
  freeList = base;
  setU32(freeList, 0);
  return base + 64;
}

export function initSeries(at: usize): void {
  memory.fill(at, 0, 16);
}

/** `state` is the address of the STATE_* struct. */
export function addSeries(
  state: usize, slices: usize, offset: u32, values: usize, from: u32, to: u32, times: usize, arrival: i64,
): void {
  const most = u32At(state + STATE_CELLS);
  type = u32At(state + STATE_TYPE);
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = wordAt(values, row);
    if (slice != 0 && !isNullWord(value, type)) insert(slice + offset, most, i64At(times + (<usize>row << 3)), arrival + row, value);
  }
}

// @ts-ignore: decorator
@inline function entryAt(page: usize, place: u32): usize { return page + ENTRIES + <usize>place * ENTRY_BYTES; }

/** Type of the values of the list at hand. */
let type: u32 = 0;

/** True when (time, arrival) comes before an entry; values of one number, of partials of several engines, by size. */
// @ts-ignore: decorator
@inline function isBefore(time: i64, arrival: i64, value: u64, entry: usize): bool {
  if (time != i64At(entry + TIME)) return time < i64At(entry + TIME);
  if (arrival != i64At(entry + ARRIVAL)) return arrival < i64At(entry + ARRIVAL);
  return isLess(value, u64At(entry + VALUE), type);
}

/** Adds a value to the list of a state, whose STATE_* struct `state` is. */
export function insertSeries(state: usize, at: usize, time: i64, arrival: i64, value: u64): void {
  type = u32At(state + STATE_TYPE);
  insert(at, u32At(state + STATE_CELLS), time, arrival, value);
}

export function flagSeries(at: usize): void { setU32(at + OVER, 1); }

function insert(at: usize, most: u32, time: i64, arrival: i64, value: u64): void {
  if (u32At(at + COUNT) == most) {
    setU32(at + OVER, 1);
    const last = <usize>u32At(at + LAST);
    if (!isBefore(time, arrival, value, entryAt(last, u32At(last + USED) - 1))) return;
    removeLast(at);
  }
  let page = <usize>u32At(at + LAST);
  while (page != 0 && u32At(page + PREVIOUS) != 0 && isBefore(time, arrival, value, entryAt(page, 0))) {
    page = <usize>u32At(page + PREVIOUS);
  }
  if (page == 0 || u32At(page + USED) == PAGE_ENTRIES) {
    const fresh = newPage(at, page);
    if (fresh == 0) return;
    if (page == 0) page = fresh;
    else page = split(page, fresh, time, arrival, value);
  }
  let place = u32At(page + USED);
  while (place > 0 && isBefore(time, arrival, value, entryAt(page, place - 1))) place--;
  const entry = entryAt(page, place);
  memory.copy(entry + ENTRY_BYTES, entry, <usize>(u32At(page + USED) - place) * ENTRY_BYTES);
  setI64(entry + TIME, time);
  setI64(entry + ARRIVAL, arrival);
  setU64(entry + VALUE, value);
  setU32(page + USED, u32At(page + USED) + 1);
  setU32(at + COUNT, u32At(at + COUNT) + 1);
}

/** A page behind `page` (0: the first one), or 0 and over the bound when the pool has none. */
function newPage(at: usize, page: usize): usize {
  const fresh = take(freeList, PAGE_BYTES);
  if (fresh == 0) {
    setU32(at + OVER, 1);
    return 0;
  }
  const next = page == 0 ? 0 : u32At(page + NEXT);
  setU32(fresh + NEXT, next);
  setU32(fresh + PREVIOUS, <u32>page);
  setU32(fresh + USED, 0);
  setU32(page == 0 ? at + FIRST : page + NEXT, <u32>fresh);
  setU32(next == 0 ? at + LAST : <usize>next + PREVIOUS, <u32>fresh);
  return fresh;
}

/** Which of a full page and the fresh one behind it takes an entry; half of the page moves when it lies within it. */
function split(page: usize, fresh: usize, time: i64, arrival: i64, value: u64): usize {
  if (!isBefore(time, arrival, value, entryAt(page, PAGE_ENTRIES - 1))) return fresh;
  const half = PAGE_ENTRIES >> 1;
  memory.copy(entryAt(fresh, 0), entryAt(page, half), <usize>(PAGE_ENTRIES - half) * ENTRY_BYTES);
  setU32(fresh + USED, PAGE_ENTRIES - half);
  setU32(page + USED, half);
  return isBefore(time, arrival, value, entryAt(fresh, 0)) ? page : fresh;
}

function removeLast(at: usize): void {
  const page = <usize>u32At(at + LAST);
  const used = u32At(page + USED) - 1;
  setU32(page + USED, used);
  setU32(at + COUNT, u32At(at + COUNT) - 1);
  if (used != 0) return;
  const previous = u32At(page + PREVIOUS);
  setU32(at + LAST, previous);
  setU32(previous == 0 ? at + FIRST : <usize>previous + NEXT, 0);
  give(freeList, page);
}

export function mergeSeries(state: usize, into: usize, from: usize): void {
  const most = u32At(state + STATE_CELLS);
  type = u32At(state + STATE_TYPE);
  if (u32At(from + OVER) != 0) setU32(into + OVER, 1);
  for (let page = <usize>u32At(from + FIRST); page != 0; page = <usize>u32At(page + NEXT)) {
    for (let place: u32 = 0; place < u32At(page + USED); place++) {
      const entry = entryAt(page, place);
      insert(into, most, i64At(entry + TIME), i64At(entry + ARRIVAL), u64At(entry + VALUE));
    }
  }
}

export function clearSeries(at: usize): void {
  let page = <usize>u32At(at + FIRST);
  while (page != 0) {
    const next = <usize>u32At(page + NEXT);
    give(freeList, page);
    page = next;
  }
  initSeries(at);
}

/** Marks the texts of a list of texts. */
export function markSeries(at: usize): void {
  for (let page = <usize>u32At(at + FIRST); page != 0; page = <usize>u32At(page + NEXT)) {
    for (let place: u32 = 0; place < u32At(page + USED); place++) markWord(f64At(entryAt(page, place) + VALUE));
  }
}

export function seriesCount(at: usize): u32 { return u32At(at + COUNT); }
export function seriesIsOver(at: usize): bool { return u32At(at + OVER) != 0; }

/** Writes the values as elements to `to`; returns how many. */
export function readSeries(at: usize, elements: u32, to: usize): u32 {
  let out = to;
  for (let page = <usize>u32At(at + FIRST); page != 0; page = <usize>u32At(page + NEXT)) {
    for (let place: u32 = 0; place < u32At(page + USED); place++) {
      setU64(out, elementOf(u64At(entryAt(page, place) + VALUE), elements));
      out += 8;
    }
  }
  return u32At(at + COUNT);
}

/**
 * A walk over the values: beginSeries, then nextEntry as long as it is true; entryTime and entryValue are of the entry,
 * entryWhole is the value of a BIGINT.
 */
export let entryTime: i64 = 0;
export let entryArrival: i64 = 0;
export let entryValue: f64 = 0;
export let entryWhole: i64 = 0;
let walkPage: usize = 0;
let walkPlace: u32 = 0;

export function beginSeries(at: usize): void {
  walkPage = <usize>u32At(at + FIRST);
  walkPlace = 0;
}

export function nextEntry(): bool {
  if (walkPage == 0) return false;
  const entry = entryAt(walkPage, walkPlace);
  entryTime = i64At(entry + TIME);
  entryArrival = i64At(entry + ARRIVAL);
  entryWhole = i64At(entry + VALUE);
  entryValue = reinterpret<f64>(entryWhole);
  walkPlace++;
  if (walkPlace == u32At(walkPage + USED)) {
    walkPage = <usize>u32At(walkPage + NEXT);
    walkPlace = 0;
  }
  return true;
}
