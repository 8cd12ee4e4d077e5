// Who holds texts: all of them are asked before texts are given back, and each marks its own. It is done between two
// records, when everything before is processed and the host has read what came out: no batch, no stage and no result row
// holds any then. To add something that keeps a text's id beyond its record: mark it here.
// Imports everybody who keeps ids, and memory/collect.
import {
  AGGREGATE_BYTES, AGGREGATE_TYPE, COLUMN_BYTES, COLUMN_TYPE, EMPTY_PREVIOUS, GROUP_OF_OVER, GROUP_OF_ROWS, GROUP_OF_SLICES,
  GROUP_PIPELINE_COUNT, PIPE_AGGREGATES_AT, PIPE_AGGREGATE_COUNT, PIPE_CARRIED_AT, PIPE_CARRIED_COUNT, PIPE_EMPTY,
  PIPE_GROUP, PIPE_OPS_AT, PIPE_OP_COUNT, PIPE_WINDOW, PLAN_COLUMNS_AT, PLAN_OPS_AT, PLAN_OP_COUNT, PLAN_PIPELINE_COUNT,
  TYPE_STRING, WINDOW_NONE,
} from "./layout";
import { markStates, statesKeepTexts } from "./aggregate/state-texts";
import { markStreams } from "./context/streams";
import { isWithinMessage } from "./decode/batch";
import { markScalars } from "./decode/columns/columns";
import { rowsLeft } from "./decode/columns/message";
import { dropTopics } from "./decode/topic";
import { f64At, u32At } from "./memory/raw";
import { plan } from "./memory/regions";
import { beginMarks, markText, markWord, sweepTexts } from "./memory/collect";
import { markOperators } from "./operator/operators";
import { markReorder } from "./reorder/reorder";
import { carriedAt, windowOf } from "./window/data-driven/over";
import { aheadSum, backOf as backOfOver, middleOf, newestRow, oldestRow, rowToRead } from "./window/data-driven/over-window";
import { sumOf } from "./window/data-driven/row-windows";
import { keyCount, markKeys } from "./window/keys";
import { carried, hasCarried, markEntry } from "./window/marks";
import {
  groupCount, groupKind, groupPipeline, groupPlan, groupSpace, newerSlice, oldestSlice, pipeAt,
} from "./window/slices";
import { backOf, frontOf } from "./window/stacks";

/** Gives back the texts that nobody holds. The record at hand is decoded behind it. */
export function giveBackTexts(): void {
  beginMarks();
  dropTopics(isWithinMessage());
  if (rowsLeft != 0) markScalars();
  markStreams();
  markReorder();
  markKeys();
  markOperators(plan + u32At(plan + PLAN_OPS_AT), u32At(plan + PLAN_OP_COUNT));
  for (let pipeline: u32 = 0; pipeline < u32At(plan + PLAN_PIPELINE_COUNT); pipeline++) markPipeline(pipeline);
  for (let group: u32 = 0; group < groupCount; group++) markGroup(group);
  sweepTexts();
}

/** What operators over results know, and what `empty: previous` carries on. */
function markPipeline(pipeline: u32): void {
  const pipe = pipeAt(pipeline);
  if (u32At(pipe + PIPE_WINDOW) == WINDOW_NONE) return;
  markOperators(plan + u32At(pipe + PIPE_OPS_AT), u32At(pipe + PIPE_OP_COUNT));
  if (u32At(pipe + PIPE_EMPTY) != EMPTY_PREVIOUS) return;
  const keys = keyCount(groupSpace(u32At(pipe + PIPE_GROUP)));
  for (let key: u32 = 0; key < keys; key++) {
    const entry = markEntry(pipeline, key);
    if (entry == 0 || !hasCarried(entry)) continue;
    for (let place: u32 = 0; place < u32At(pipe + PIPE_AGGREGATE_COUNT); place++) {
      const aggregate = plan + u32At(pipe + PIPE_AGGREGATES_AT) + <usize>place * AGGREGATE_BYTES;
      if (u32At(aggregate + AGGREGATE_TYPE) == TYPE_STRING) markWord(f64At(carried(entry) + (<usize>place << 3)));
    }
  }
}

/** The windows of all keys of a group. */
function markGroup(group: u32): void {
  const from = groupPlan(group);
  const kind = groupKind(group);
  const inStates = statesKeepTexts(from);
  const keys = keyCount(groupSpace(group));
  for (let key: u32 = 0; key < keys; key++) {
    if (kind == GROUP_OF_OVER) markCarried(group, key);
    if (!inStates) continue;
    markSlices(from, oldestSlice(group, key));
    if (kind == GROUP_OF_SLICES) markStacks(group, key);
    else if (kind == GROUP_OF_OVER) markOver(group, key);
    else if (kind == GROUP_OF_ROWS && sumOf(group, key) != 0) markStates(from, sumOf(group, key));
  }
}

/** A list of slices, sessions, rows or panes. */
function markSlices(from: usize, first: usize): void {
  for (let slice = first; slice != 0; slice = newerSlice(slice)) markStates(from, slice);
}

/** What is merged ahead: what has left its window is not read any more, but texts that come are compared with it. */
function markStacks(group: u32, key: u32): void {
  const from = groupPlan(group);
  for (let place: u32 = 0; place < u32At(from + GROUP_PIPELINE_COUNT); place++) {
    const pipeline = groupPipeline(group, place);
    markSlices(from, frontOf(pipeline, key));
    if (backOf(pipeline, key) != 0) markStates(from, backOf(pipeline, key));
  }
}

/** The rows in the window of OVER, and its two slices. */
function markOver(group: u32, key: u32): void {
  const from = groupPlan(group);
  const window = windowOf(group, key);
  markSlices(from, oldestRow(window));
  if (backOfOver(window) == 0) return;
  markStates(from, backOfOver(window));
  markStates(from, middleOf(window));
  if (aheadSum(window) != 0) markStates(from, aheadSum(window));
}

/** What rows of OVER carry that have not come out: those that wait, those behind the one that is read next; and the newest one. */
function markCarried(group: u32, key: u32): void {
  const window = windowOf(group, key);
  for (let row = oldestSlice(group, key); row != 0; row = newerSlice(row)) markCells(group, row);
  for (let row = rowToRead(window); row != 0; row = newerSlice(row)) markCells(group, row);
  if (newestRow(window) != 0) markCells(group, newestRow(window));
}

function markCells(group: u32, row: usize): void {
  const pipe = pipeAt(groupPipeline(group, 0));
  const columns = plan + u32At(pipe + PIPE_CARRIED_AT);
  for (let place: u32 = 0; place < u32At(pipe + PIPE_CARRIED_COUNT); place++) {
    const column = plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>u32At(columns + (<usize>place << 2)) * COLUMN_BYTES;
    if (u32At(column + COLUMN_TYPE) == TYPE_STRING) markText(u32At(carriedAt(group, row) + (<usize>place << 3)));
  }
}
