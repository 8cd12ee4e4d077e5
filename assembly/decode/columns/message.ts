// One message of columns, once it was read: whether it is whole, its epoch, the values that stand for every row, and
// its rows into the batch, over several batches if need be. What is wrong with the message is refused once, what is
// wrong with a row is refused with that row. Imports columns and their decoders, row, layout.
import { FORMAT_MSGPACK, REFUSED_DECODE, REFUSED_NO_TIME, REFUSED_TIME_FORMAT, REFUSED_TIME_RANGE, FRAMING_MQTT } from "../../layout";
import { u8At } from "../../memory/raw";
import { TIME_GOOD, TIME_UNREADABLE, instant, status } from "../../number/instant";
import {
  NO_ARRAY, abandonColumns, addEpoch, beginColumns, beginPart, columnCount, columnPlace, commitColumns, endArray,
  endPart, epochNode, fillScalar, first, hasNode, isDecoded, keepScalar, nodeBegin, nodeCount, nodeResume, room, roomless,
  settleColumns, timeColumn, undoPart,
} from "./columns";
import {
  readJsonArray, readJsonColumns, readJsonElement, readJsonRun, readJsonTime,
} from "./json";
import {
  readPackArray, readPackColumns, readPackElement, readPackRun, readPackTime,
} from "./msgpack";
import { failedAt } from "../failure";
import { refuseRecord } from "../row";
import { wantsSweep } from "../../memory/dictionary";
import { writeTopicRows } from "../topic";

let packed: bool = false;
let topics: bool = false;
let text: usize = 0;
let textEnd: usize = 0;
let number: i64 = 0;
let epoch: i64 = 0;
/** Rows of the message that are still to be taken. */
export let rowsLeft: u32 = 0;

export function openMessages(format: u32, framing: u32): void {
  packed = format == FORMAT_MSGPACK;
  topics = framing == FRAMING_MQTT;
  rowsLeft = 0;
}

/**
 * Reads the object or map at `at` (a map's head was read by topKind) and takes its rows. It has to end at `last`, the
 * end of the message, or anywhere when that is 0; returns the address behind it, or 0 when it was refused as malformed.
 */
export function readMessage(at: usize, end: usize, last: usize, message: i64): usize {
  text = at;
  number = message;
  while (true) {
    const after = readOnce(at, end, last);
    if (!again) return after;
  }
}

/** The message is to be read once more: its texts found no room. */
let again: bool = false;

function readOnce(at: usize, end: usize, last: usize): usize {
  again = false;
  beginColumns();
  textEnd = end;
  const after = packed ? readPackColumns(end) : readJsonColumns(at, end);
  if (after == 0) {
    refuseMessage(REFUSED_DECODE, failedAt);
    return 0;
  }
  if (last != 0 && after != last) {
    refuseMessage(REFUSED_DECODE, after);
    return 0;
  }
  textEnd = after;
  settle();
  return after;
}

function refuseMessage(reason: u32, failed: usize): void {
  abandonColumns();
  refuseRecord(reason, <u32>(max(failed, text) - text), text, <u32>(textEnd - text), number);
}

/** Settles what the message says, and takes its first rows or refuses it. */
function settle(): void {
  settleColumns();
  for (let column: u32 = 0; column < columnCount(); column++) {
    const node = columnPlace(column);
    if (node != 0 && nodeCount(node) != NO_ARRAY && !isDecoded(column)) readArray(node, column);
  }
  const times = columnPlace(timeColumn());
  if (times == 0 || isNull(nodeBegin(times))) {
    refuseMessage(REFUSED_NO_TIME, text);
    return;
  }
  const rows = nodeCount(times) == NO_ARRAY ? 1 : nodeCount(times);
  if (rows == 0) {
    refuseMessage(REFUSED_DECODE, nodeBegin(times));
    return;
  }
  for (let column: u32 = 0; column < columnCount(); column++) {
    const node = columnPlace(column);
    if (node == 0 || nodeCount(node) == NO_ARRAY || nodeCount(node) == rows) continue;
    refuseMessage(REFUSED_DECODE, nodeBegin(node));
    return;
  }
  epoch = 0;
  if (hasNode(epochNode) && readTime(nodeBegin(epochNode))) {
    if (status != TIME_GOOD) {
      refuseMessage(status == TIME_UNREADABLE ? REFUSED_TIME_FORMAT : REFUSED_TIME_RANGE, nodeBegin(epochNode));
      return;
    }
    epoch = instant;
  }
  for (let column: u32 = 0; column < columnCount(); column++) {
    const node = columnPlace(column);
    if (node == 0 || nodeCount(node) != NO_ARRAY) continue;
    if (packed) readPackElement(column, first, nodeBegin(node), textEnd, 0);
    else readJsonElement(column, first, nodeBegin(node), textEnd, 0);
    if (column != timeColumn()) keepScalar(column);
  }
  rowsLeft = rows;
  if (takePart()) return;
  rowsLeft = 0;
  again = !wantsSweep;
}

function readArray(node: u32, column: u32): void {
  if (packed) readPackArray(nodeBegin(node), textEnd, node, column, 0);
  else readJsonArray(nodeBegin(node), textEnd, node, column, 0);
}

// @ts-ignore: decorator
@inline function isNull(at: usize): bool { return u8At(at) == (packed ? 0xc0 : 110); }

function readTime(at: usize): bool {
  return packed ? readPackTime(at, textEnd) : readJsonTime(at, textEnd);
}

/** Takes the rows that were decoded; false when they were undone, for want of room for their texts. */
function takePart(): bool {
  const count = min(rowsLeft, room);
  if (roomless && undoPart(count)) return false;
  rowsLeft -= count;
  if (topics) writeTopicRows(first, count);
  for (let column: u32 = 0; column < columnCount(); column++) {
    const node = columnPlace(column);
    if (node != 0 && nodeCount(node) == NO_ARRAY && column != timeColumn()) fillScalar(column, count);
  }
  addEpoch(epoch, count);
  commitColumns(count, text, <u32>(textEnd - text), number);
  endPart();
  return true;
}

/** Decodes the next rows of a message that is longer than the batch, and takes them, unless texts are to be given back first. */
export function continueMessage(): void {
  while (!continuePart()) if (wantsSweep) return;
}

function continuePart(): bool {
  beginPart();
  const count = min(rowsLeft, room);
  for (let column: u32 = 0; column < columnCount(); column++) {
    const node = columnPlace(column);
    if (node == 0 || nodeCount(node) == NO_ARRAY) continue;
    const at = nodeResume(node);
    const next = packed ? readPackRun(column, at, textEnd, count, 0) : readJsonRun(column, at, textEnd, count, 0);
    endArray(node, nodeCount(node), next);
  }
  return takePart();
}
