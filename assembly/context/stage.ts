// One context message in the making: the cells that it sets, until it is known to be whole. It is a merge patch (RFC
// 7396): what it does not mention stays as it was, NULL takes it away, and so does another value where an object stood.
// Nothing counts before it is committed. In memory: ┌ values u64 … ┬ marks u8 … (0 not mentioned, 1 set) ┐
// Imports streams, paths, memory, layout.
import {
  CONTEXT_CELL_BYTES, CONTEXT_CELL_PATH_AT, CONTEXT_CELL_PATH_COUNT, CONTEXT_CELL_TYPE, HEADER_CONTEXT_MESSAGES,
  HEADER_NULLED_NONFINITE, HEADER_NULLED_TYPE, PLAN_CONTEXT_CELLS_AT, REFUSED_DICTIONARY, REFUSED_STREAMS, TYPE_DOUBLE,
} from "../layout";
import { addPathFrom, firstChild, newRoot, nextSibling, nodeColumn, setNodeColumn } from "../decode/paths";
import { FULL, intern } from "../memory/dictionary";
import { addI64, setU64, setU8, u32At, u64At, u8At } from "../memory/raw";
import { header, plan } from "../memory/regions";
import {
  NO_STREAM, beginsAnew, contextCells, findStream, forgetStream, hasContext, setCell, settleState, takeStream,
} from "./streams";

/** What commitMessage says when the message was taken. */
export const TAKEN: u32 = 0xffffffff;
/** NULL of a double. */
const NULL_DOUBLE: u64 = 0xffffffffffffffff;
const NOT_MENTIONED: u32 = 0;
const SET: u32 = 1;
/** Set to NULL because the value is of another type, or not finite. */
const SET_WRONG: u32 = 2;
const SET_NONFINITE: u32 = 3;
const SET_NO_ROOM: u32 = 4;

/** Node of the message itself. */
export let contextRoot: u32 = 0;
let values: usize = 0;
let marks: usize = 0;

/** Builds the tree of what a message may say; behind openPaths and openStreams. Returns the end of its memory. */
export function openStage(at: usize): usize {
  if (!hasContext) return at;
  values = (at + 7) & ~7;
  marks = values + (<usize>contextCells() << 3);
  contextRoot = newRoot();
  for (let cell: u32 = 0; cell < contextCells(); cell++) {
    const from = cellAt(cell);
    const path = plan + u32At(from + CONTEXT_CELL_PATH_AT);
    setNodeColumn(addPathFrom(contextRoot, path, u32At(from + CONTEXT_CELL_PATH_COUNT)), cell);
  }
  return marks + contextCells();
}

// @ts-ignore: decorator
@inline function cellAt(cell: u32): usize {
  return plan + u32At(plan + PLAN_CONTEXT_CELLS_AT) + <usize>cell * CONTEXT_CELL_BYTES;
}
// @ts-ignore: decorator
@inline export function isNumber(cell: u32): bool { return u32At(cellAt(cell) + CONTEXT_CELL_TYPE) == TYPE_DOUBLE; }

export function beginMessage(): void {
  memory.fill(marks, <u8>NOT_MENTIONED, contextCells());
}

/** A member is there again: what an earlier one of the same name said does not count. */
export function forgetMember(node: u32): void {
  const cell = nodeColumn(node);
  if (cell >= 0) setU8(marks + cell, NOT_MENTIONED);
  for (let child = firstChild(node); child != 0; child = nextSibling(child)) forgetMember(child);
}

/** No object stands where one may: everything below it is taken away. */
export function removeBelow(node: u32): void {
  const cell = nodeColumn(node);
  if (cell >= 0) setNullCell(<u32>cell);
  for (let child = firstChild(node); child != 0; child = nextSibling(child)) removeBelow(child);
}

function stage(cell: u32, mark: u32, value: u64): void {
  setU8(marks + cell, mark);
  setU64(values + (<usize>cell << 3), value);
}

// @ts-ignore: decorator
@inline function nullOf(cell: u32): u64 { return isNumber(cell) ? NULL_DOUBLE : 0; }

export function setNullCell(cell: u32): void { stage(cell, SET, nullOf(cell)); }
export function setWrongCell(cell: u32): void { stage(cell, SET_WRONG, nullOf(cell)); }

export function setDoubleCell(cell: u32, value: f64): void {
  if (value - value == 0) stage(cell, SET, reinterpret<u64>(value + 0));
  else stage(cell, SET_NONFINITE, NULL_DOUBLE);
}

export function setTextCell(cell: u32, at: usize, end: usize): void {
  const id = intern(at, <u32>(end - at));
  if (id == FULL) stage(cell, SET_NO_ROOM, 0);
  else stage(cell, SET, <u64>id);
}

/** Takes the message as said of the stream whose key is at hand: TAKEN, or why not. */
export function commitMessage(): u32 {
  const count = contextCells();
  for (let cell: u32 = 0; cell < count; cell++) if (u8At(marks + cell) == SET_NO_ROOM) return REFUSED_DICTIONARY;
  const stream = takeStream();
  if (stream == NO_STREAM) return REFUSED_STREAMS;
  if (u8At(marks) != NOT_MENTIONED && beginsAnew(stream, u64At(values))) forgetStream(stream);
  for (let cell: u32 = 0; cell < count; cell++) {
    const mark = u8At(marks + cell);
    if (mark == NOT_MENTIONED) continue;
    setCell(stream, cell, u64At(values + (<usize>cell << 3)));
    if (mark == SET_WRONG) addI64(header + HEADER_NULLED_TYPE, 1);
    if (mark == SET_NONFINITE) addI64(header + HEADER_NULLED_NONFINITE, 1);
  }
  settleState(stream);
  addI64(header + HEADER_CONTEXT_MESSAGES, 1);
  return TAKEN;
}

/** An empty message takes back all that was said of the stream: what a broker sends when a retained one is deleted. */
export function commitNothing(): u32 {
  const stream = findStream();
  if (stream != NO_STREAM) forgetStream(stream);
  addI64(header + HEADER_CONTEXT_MESSAGES, 1);
  return TAKEN;
}
