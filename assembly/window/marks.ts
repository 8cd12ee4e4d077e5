// What has come out of windows that are kept: a mark holds the revision that came out last, and what it was
// of (isUnchanged). Only windows that may come out again have one: those that idleness or an update brought out, and those
// that take late records. Per pipeline and key an entry (offsets E_*), for pipelines that need it:
//   ┌ marks u32 ┬ hint u32 ┬ empty run u32 ┬ carried flags u32 ┬ reached i64 ┬ barrier i64 ┬ newest i64 ┬
//   ├ carried end i64 ┬ carried values f64 … ┐
// Marks: MARK_* of layout/; a key's are in the order of their ends. Sessions and windows of rows hold theirs themselves.
// Imports memory and layout.
import {
  EMPTY_PREVIOUS, EMPTY_SKIP, MARK_BYTES, MARK_END, MARK_NEXT, MARK_CONTENT, MARK_REVISION, PIPE_AGGREGATE_COUNT,
  PIPE_ALLOW, PIPE_BYTES, PIPE_EMPTY, PIPE_EVERY, PIPE_WINDOW, PLAN_IDLE, PLAN_KEYS_MAX, PLAN_PIPELINES_AT,
  PLAN_PIPELINE_COUNT, WINDOW_NONE, WINDOW_OVER, WINDOW_ROWS, WINDOW_SESSION,
} from "../layout";
import { give, take } from "../memory/pool";
import { i64At, setI64, setU32, u32At } from "../memory/raw";
import { align, plan } from "../memory/regions";
import { BEFORE_ALL } from "./bounds";

const E_MARKS: usize = 0;
/** The mark that was looked for last, or 0. */
const E_HINT: usize = 4;
const E_EMPTY_RUN: usize = 8;
const E_CARRIED_FLAGS: usize = 12;
const E_REACHED: usize = 16;
const E_BARRIER: usize = 24;
const E_NEWEST: usize = 32;
const E_CARRIED_END: usize = 40;
const E_CARRIED: usize = 48;

const CLOSED: i64 = 1 << 61;
const SHOWN: i64 = 1 << 62;
const CONTENT: i64 = CLOSED - 1;

/** For each pipeline ┌ entries u32 (0: it needs none) ┬ bytes of an entry u32 ┐. */
let tables: usize = 0;
let freeMarks: usize = 0;
/** Some pipeline has entries. */
export let anyMarks: bool = false;

/** Places the entries of all pipelines at `base`; returns the first byte behind them. */
export function openMarks(base: usize): usize {
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  const keysMax = <usize>u32At(plan + PLAN_KEYS_MAX);
  freeMarks = base;
  setU32(freeMarks, 0);
  tables = base + 8;
  anyMarks = false;
  let at = align(tables + <usize>count * 8);
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    const pipe = plan + u32At(plan + PLAN_PIPELINES_AT) + <usize>pipeline * PIPE_BYTES;
    const to = tables + (<usize>pipeline << 3);
    const form = u32At(pipe + PIPE_WINDOW);
    const windowed = form != WINDOW_NONE && form != WINDOW_SESSION && form != WINDOW_OVER && form != WINDOW_ROWS;
    const keeps = i64At(plan + PLAN_IDLE) != 0 || i64At(pipe + PIPE_ALLOW) != 0 || i64At(pipe + PIPE_EVERY) != 0;
    setU32(to, 0);
    setU32(to + 4, 0);
    if (!windowed || !(keeps || u32At(pipe + PIPE_EMPTY) != EMPTY_SKIP)) continue;
    const carried = u32At(pipe + PIPE_EMPTY) == EMPTY_PREVIOUS ? u32At(pipe + PIPE_AGGREGATE_COUNT) : 0;
    const bytes = E_CARRIED + <usize>carried * 8;
    anyMarks = true;
    setU32(to, <u32>at);
    setU32(to + 4, <u32>bytes);
    for (let key: usize = 0; key < keysMax; key++) clearEntry(at + key * bytes);
    at = align(at + keysMax * bytes);
  }
  return at;
}

function clearEntry(entry: usize): void {
  setI64(entry + E_MARKS, 0);
  setI64(entry + E_EMPTY_RUN, 0);
  setI64(entry + E_REACHED, BEFORE_ALL);
  setI64(entry + E_BARRIER, BEFORE_ALL);
  setI64(entry + E_NEWEST, BEFORE_ALL);
  setI64(entry + E_CARRIED_END, BEFORE_ALL);
}

/** The entry of a pipeline's key, 0 when the pipeline needs none. */
// @ts-ignore: decorator
@inline export function markEntry(pipeline: u32, key: u32): usize {
  const table = tables + (<usize>pipeline << 3);
  const base = <usize>u32At(table);
  return base == 0 ? 0 : base + <usize>key * u32At(table + 4);
}

/** Largest end of a window that closed; BEFORE_ALL at first. */
// @ts-ignore: decorator
@inline export function reachedAt(entry: usize): i64 { return i64At(entry + E_REACHED); }
/** Start of the newest slice that a window of the pipeline took records of; BEFORE_ALL at first. */
// @ts-ignore: decorator
@inline export function newestAt(entry: usize): i64 { return i64At(entry + E_NEWEST); }
/** Empty windows that closed since the last one with records. */
// @ts-ignore: decorator
@inline export function emptyRun(entry: usize): u32 { return u32At(entry + E_EMPTY_RUN); }

/** A window of the key closed. */
export function reach(entry: usize, end: i64, empty: bool): void {
  if (end <= i64At(entry + E_REACHED)) return;
  setI64(entry + E_REACHED, end);
  setU32(entry + E_EMPTY_RUN, empty ? u32At(entry + E_EMPTY_RUN) + 1 : 0);
}

/** Windows of the pipeline took records of the slice that starts here. */
export function noteSlice(entry: usize, start: i64): void {
  if (start > i64At(entry + E_NEWEST)) setI64(entry + E_NEWEST, start);
}

/** Windows of the key that end until here take no record any more, at a watermark. */
export function missedUntil(pipe: usize, pipeline: u32, key: u32, closed: i64): i64 {
  const allow = i64At(pipe + PIPE_ALLOW);
  if (allow == 0 || closed == BEFORE_ALL) return closed;
  // Or memory was too short to keep them.
  return max(closed - allow, i64At(markEntry(pipeline, key) + E_BARRIER));
}

/** The window's mark, 0 when it has none. */
export function findMark(entry: usize, end: i64): usize {
  let mark = <usize>u32At(entry + E_HINT);
  if (mark == 0 || i64At(mark + MARK_END) > end) mark = <usize>u32At(entry + E_MARKS);
  while (mark != 0 && i64At(mark + MARK_END) < end) {
    setU32(entry + E_HINT, <u32>mark);
    mark = <usize>u32At(mark + MARK_NEXT);
  }
  if (mark == 0 || i64At(mark + MARK_END) != end) return 0;
  setU32(entry + E_HINT, <u32>mark);
  return mark;
}

/** A new mark for a window that has none, of revision 0; 0 when the memory is used up. */
export function addMark(entry: usize, end: i64): usize {
  const mark = take(freeMarks, MARK_BYTES);
  if (mark == 0) return 0;
  setU32(mark + MARK_REVISION, 0);
  setI64(mark + MARK_END, end);
  setI64(mark + MARK_CONTENT, 0);
  let link = entry + E_MARKS;
  const hint = <usize>u32At(entry + E_HINT);
  if (hint != 0 && i64At(hint + MARK_END) < end) link = hint + MARK_NEXT;
  while (u32At(link) != 0 && i64At(<usize>u32At(link) + MARK_END) < end) link = <usize>u32At(link) + MARK_NEXT;
  setU32(mark + MARK_NEXT, u32At(link));
  setU32(link, <u32>mark);
  return mark;
}

/** A mark that a window holds itself, before anything came out of it. */
export function clearMark(mark: usize): void {
  memory.fill(mark, 0, MARK_BYTES);
}

/** No mark could be kept for a closed window: it takes no late record any more. */
export function raiseBarrier(entry: usize, end: i64): void {
  setI64(entry + E_BARRIER, max(i64At(entry + E_BARRIER), end));
}

// @ts-ignore: decorator
@inline export function isClosed(mark: usize): bool { return (i64At(mark + MARK_CONTENT) & CLOSED) != 0; }
/**
 * True when the window is what it was when it came out last. `content` is the number of its records, and with `carry`
 * what findHeld says besides: it grows with every change.
 */
// @ts-ignore: decorator
@inline export function isUnchanged(mark: usize, content: i64): bool {
  return (i64At(mark + MARK_CONTENT) & CONTENT) == content;
}

/** The window comes out with this content. */
export function noteContent(mark: usize, content: i64, closing: bool): void {
  setI64(mark + MARK_CONTENT, (i64At(mark + MARK_CONTENT) & SHOWN) | (closing ? CLOSED : 0) | content);
}

// @ts-ignore: decorator
@inline export function wasShown(mark: usize): bool { return (i64At(mark + MARK_CONTENT) & SHOWN) != 0; }

/** Sets whether readers have the window's newest revision, and returns that; `again`: the same one once more. */
export function nextRevision(mark: usize, kept: bool, again: bool): u32 {
  const revision = again ? max<u32>(1, u32At(mark + MARK_REVISION)) : u32At(mark + MARK_REVISION) + 1;
  setU32(mark + MARK_REVISION, revision);
  const records = i64At(mark + MARK_CONTENT);
  setI64(mark + MARK_CONTENT, kept ? records | SHOWN : records & ~SHOWN);
  return revision;
}

/** Gives back the marks of windows that end until `end`. */
export function dropMarks(entry: usize, end: i64): void {
  let mark = <usize>u32At(entry + E_MARKS);
  while (mark != 0 && i64At(mark + MARK_END) <= end) {
    const next = <usize>u32At(mark + MARK_NEXT);
    give(freeMarks, mark);
    mark = next;
  }
  setU32(entry + E_MARKS, <u32>mark);
  setU32(entry + E_HINT, 0);
}

/** After a flush nothing is known of the key's windows. */
export function forgetWindows(entry: usize): void {
  dropMarks(entry, i64.MAX_VALUE);
  clearEntry(entry);
}

/** Where the values are that `empty: previous` carries on; 0 when the window is older than theirs. */
export function carriedFrom(entry: usize, end: i64): usize {
  if (end < i64At(entry + E_CARRIED_END)) return 0;
  setI64(entry + E_CARRIED_END, end);
  return entry + E_CARRIED;
}
/** True when there are such values. */
export function hasCarried(entry: usize): bool { return i64At(entry + E_CARRIED_END) != BEFORE_ALL; }
// @ts-ignore: decorator
@inline export function carried(entry: usize): usize { return entry + E_CARRIED; }
// @ts-ignore: decorator
@inline export function carriedFlags(entry: usize): usize { return entry + E_CARRIED_FLAGS; }
