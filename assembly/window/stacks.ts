// Windows that overlap: the aggregate of all slices between two instants that only move forward, at two or three
// merges a window, however many slices it has. Two stacks: the front one holds, for each of its slices, the aggregate
// from there to the split; the back one a single aggregate from the split on. When the front has run empty, all
// slices of the window become the new front. K. Tangwongsan, M. Hirzel, S. Schneider, "In-order sliding-window
// aggregation", VLDB Journal 30 (2021) call it Two-Stacks; each slice is merged into the front once. Here the window's
// worst case may be its number of slices: its results are due together, not within a time of each.
// A cache: what it holds can be forgotten at any moment, and is when a late record changes a slice or memory runs
// short. An entry for each pipeline that overlaps and each key (offsets E_*): ┌ front u32 ┬ back u32 ┬ split i64 ┬ end i64 ┬
//   ├ wait u32, padding ┐
// Blocks are slices without neighbours: SLICE_START is where theirs begin, SLICE_NEWER the next one of the front.
// Imports slices, bounds, aggregate states, pool.
import {
  GROUP_PIPELINE_COUNT, GROUP_SLICE_BYTES, GROUP_STATES_AT, GROUP_STATE_COUNT, PIPE_GROUP, PIPE_SIZE, PIPE_SLIDE, PIPE_WINDOW,
  PLAN_KEYS_MAX, PLAN_PIPELINE_COUNT, SLICE_COUNT, SLICE_NEWER, SLICE_OLDER, SLICE_START, STATE_BYTES, STATE_KIND,
  STATE_REGISTERS, STATE_SERIES, STATE_SKETCH, STATE_VALUES, WINDOW_CUMULATE, WINDOW_HOP,
} from "../layout";
import { clearStates, initStates, mergeStates } from "../aggregate/states";
import { give, take } from "../memory/pool";
import { i64At, setI64, setU32, u32At } from "../memory/raw";
import { align, plan } from "../memory/regions";
import { entryAt, freeSlices, groupPipeline, groupPlan, newerSlice, newestBefore, newestSlice, oldestSlice, pipeAt } from "./slices";

/** Slides in a window from which on the stacks pay. */
const OVERLAP_MIN: i64 = 4;

const E_FRONT: usize = 0;
const E_BACK: usize = 4;
const E_SPLIT: usize = 8;
const E_END: usize = 16;
/** Windows still to be merged one by one: after a late record, so that many of those cost no more than before. */
const E_WAIT: usize = 24;
const E_BYTES: usize = 32;

const WAIT: u32 = 4;

/** For each pipeline the address of its entries, 0 for none. */
let tables: usize = 0;
/** Some pipeline has entries. */
let anyStacks: bool = false;

/** Places the entries of all pipelines at `base`; returns the first byte behind them. */
export function openStacks(base: usize): usize {
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  const bytes = <usize>u32At(plan + PLAN_KEYS_MAX) * E_BYTES;
  tables = base;
  anyStacks = false;
  let at = align(base + (<usize>count << 2));
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    setU32(tables + (<usize>pipeline << 2), 0);
    const pipe = pipeAt(pipeline);
    if (!overlaps(pipe) || !isPlain(groupPlan(u32At(pipe + PIPE_GROUP)))) continue;
    setU32(tables + (<usize>pipeline << 2), <u32>at);
    memory.fill(at, 0, bytes);
    at = align(at + bytes);
    anyStacks = true;
  }
  return at;
}

function overlaps(pipe: usize): bool {
  const kind = u32At(pipe + PIPE_WINDOW);
  return (kind == WINDOW_HOP || kind == WINDOW_CUMULATE)
    && i64At(pipe + PIPE_SIZE) / i64At(pipe + PIPE_SLIDE) >= OVERLAP_MIN;
}

/** True when no state of the group grows with its values: copies of lists would fill the memory. */
function isPlain(from: usize): bool {
  let state = plan + u32At(from + GROUP_STATES_AT);
  const end = state + <usize>u32At(from + GROUP_STATE_COUNT) * STATE_BYTES;
  for (; state < end; state += STATE_BYTES) {
    const kind = u32At(state + STATE_KIND);
    if (kind == STATE_SKETCH || kind == STATE_VALUES || kind == STATE_REGISTERS || kind == STATE_SERIES) return false;
  }
  return true;
}

/** The entry of a pipeline's key, 0 when its windows hardly overlap. */
// @ts-ignore: decorator
@inline function entryOf(pipeline: u32, key: u32): usize {
  const table = <usize>u32At(tables + (<usize>pipeline << 2));
  return table == 0 ? 0 : table + <usize>key * E_BYTES;
}

/**
 * Adds all slices of the window to `into`, an empty slice; `first` is the oldest of them. False when they must be
 * merged one by one. The key's windows come in the order of their ends, none of them changed by a late record.
 */
export function windowWithin(pipeline: u32, group: u32, key: u32, first: usize, start: i64, end: i64, into: usize): bool {
  const entry = entryOf(pipeline, key);
  if (entry == 0) return false;
  if (u32At(entry + E_WAIT) != 0) {
    setU32(entry + E_WAIT, u32At(entry + E_WAIT) - 1);
    return false;
  }
  const from = groupPlan(group);
  while (front(entry) != 0 && i64At(front(entry) + SLICE_START) < start) pop(group, entry);
  if (back(entry) != 0 && end < i64At(entry + E_END)) return false;
  if (back(entry) == 0 || (front(entry) == 0 && start > i64At(entry + E_SPLIT))) {
    if (!turn(group, key, entry, first, end)) return false;
  } else extend(group, key, entry, end);
  if (front(entry) != 0) mergeStates(from, into, front(entry));
  if (i64At(entry + E_SPLIT) < end) mergeStates(from, into, back(entry));
  return true;
}

// @ts-ignore: decorator
@inline function front(entry: usize): usize { return <usize>u32At(entry + E_FRONT); }
// @ts-ignore: decorator
@inline function back(entry: usize): usize { return <usize>u32At(entry + E_BACK); }

/** What is merged ahead of a pipeline's key: the first slice of the front, and the back; 0 where there is none. */
export function frontOf(pipeline: u32, key: u32): usize {
  const entry = anyStacks ? entryOf(pipeline, key) : 0;
  return entry == 0 ? 0 : front(entry);
}
export function backOf(pipeline: u32, key: u32): usize {
  const entry = anyStacks ? entryOf(pipeline, key) : 0;
  return entry == 0 ? 0 : back(entry);
}

function pop(group: u32, entry: usize): void {
  const block = front(entry);
  setU32(entry + E_FRONT, u32At(block + SLICE_NEWER));
  giveBlock(group, block);
}

function giveBlock(group: u32, block: usize): void {
  clearStates(groupPlan(group), block);
  give(freeSlices(group), block);
}

/** The back goes on to `end`. */
function extend(group: u32, key: u32, entry: usize, end: i64): void {
  const from = groupPlan(group);
  const last = newestBefore(group, key, i64At(entry + E_END));
  let slice = last == 0 ? oldestSlice(group, key) : newerSlice(last);
  for (; slice != 0 && i64At(slice + SLICE_START) < end; slice = newerSlice(slice)) {
    mergeStates(from, back(entry), slice);
  }
  setI64(entry + E_END, end);
}

/** The slices from `first` to `end` become the front; false when there is no memory for that. */
function turn(group: u32, key: u32, entry: usize, first: usize, end: i64): bool {
  const from = groupPlan(group);
  const bytes = <usize>u32At(from + GROUP_SLICE_BYTES);
  if (back(entry) != 0) giveBlock(group, back(entry));
  setU32(entry + E_BACK, 0);
  const oldest = i64At(first + SLICE_START);
  let slice = newestBefore(group, key, end);
  while (slice != 0 && i64At(slice + SLICE_START) >= oldest) {
    if (!push(group, entry, slice, bytes)) {
      forget(group, entry);
      return false;
    }
    slice = <usize>u32At(slice + SLICE_OLDER);
  }
  const empty = take(freeSlices(group), bytes);
  if (empty == 0) {
    forget(group, entry);
    return false;
  }
  setI64(empty + SLICE_COUNT, 0);
  initStates(from, empty);
  setU32(entry + E_BACK, <u32>empty);
  setI64(entry + E_SPLIT, end);
  setI64(entry + E_END, end);
  return true;
}

/** A slice before all of the front joins it; false when there is no memory for that. */
function push(group: u32, entry: usize, slice: usize, bytes: usize): bool {
  const from = groupPlan(group);
  const block = take(freeSlices(group), bytes);
  if (block == 0) return false;
  setI64(block + SLICE_START, i64At(slice + SLICE_START));
  setI64(block + SLICE_COUNT, 0);
  setU32(block + SLICE_OLDER, 0);
  setU32(block + SLICE_NEWER, u32At(entry + E_FRONT));
  initStates(from, block);
  if (front(entry) != 0) mergeStates(from, block, front(entry));
  mergeStates(from, block, slice);
  setU32(entry + E_FRONT, <u32>block);
  return true;
}

function forget(group: u32, entry: usize): void {
  while (front(entry) != 0) pop(group, entry);
  if (back(entry) != 0) giveBlock(group, back(entry));
  setU32(entry + E_BACK, 0);
}

/** Slices of the key that lie behind its watermark change, or leave: what was merged of them does not hold. */
export function forgetKey(group: u32, key: u32): void {
  if (!anyStacks) return;
  const pipelines = u32At(groupPlan(group) + GROUP_PIPELINE_COUNT);
  for (let place: u32 = 0; place < pipelines; place++) {
    const entry = entryOf(groupPipeline(group, place), key);
    if (entry == 0 || back(entry) == 0) continue;
    forget(group, entry);
    setU32(entry + E_WAIT, WAIT);
  }
}

/** Gives back all that is cached for a group: records go first. */
export function forgetGroup(group: u32, keys: u32): void {
  if (!anyStacks) return;
  for (let key: u32 = 0; key < keys; key++) forgetKey(group, key);
}
