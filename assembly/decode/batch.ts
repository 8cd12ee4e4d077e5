// Filling a batch: frames or lines from the input, their payloads through the source's decoder, rows into the
// columns, until the batch is full or the input is used up. An array of records is checked whole first (a
// malformed message is refused once), then decoded element by element, over several batches if need be.
// Imports framings, decoders, memory.
import {
  BATCH_ROWS, COLUMN_BYTES, COLUMN_FROM, CSV_COLUMNS_MAX, FORMAT_CSV, FORMAT_MSGPACK, FORMAT_ROW, FORMAT_VALUE, FRAMING_LINES,
  FRAMING_MQTT, FRAMING_ROWS,
  FROM_CONTEXT, FROM_FIELD, FROM_TOPIC, HEADER_AT_START, HEADER_INPUT_BEGIN, HEADER_INPUT_END, HEADER_LINES, HEADER_MESSAGES, HEADER_RECEIVED, HEADER_ROWS,
  HEADER_SKIP_BYTES, INPUT_BYTES, PLAN_COLUMNS_AT, PLAN_COLUMN_COUNT, PLAN_FORMAT, PLAN_FRAMING,
  REFUSED_DECODE, REFUSED_DICTIONARY, REFUSED_TOPIC, PLAN_TIME_COLUMN, PLAN_UNIT, UNIT_ARRIVAL,
} from "../layout";
import { inLines, takeLine, takeMessage } from "../context/messages";
import { beginFill, fillRows, hasContext } from "../context/streams";
import { FRAME_NONE, FRAME_READ, nextFrame, payloadAt, payloadEnd, topicAt, topicBytes } from "../framing/mqtt";
import { beginLines, endLines, lineAt, lineEnd, nextLine } from "../framing/lines";
import { nextRow, rowAt, rowEnd } from "../framing/rows";
import { openDictionary, wantRoom, wantsSweep } from "../memory/dictionary";
import { addI64, i64At, setI64, setU32, u32At, u8At } from "../memory/raw";
import { refuse } from "../memory/refusals";
import { csvMap, header, input, plan } from "../memory/regions";
import { decodeCells } from "./cells";
import { columnar, openColumns } from "./columns/columns";
import { continueMessage as continueColumns, openMessages, readMessage as readColumns, rowsLeft } from "./columns/message";
import { decodeCsvLine, decodeValue } from "./csv";
import { failedAt } from "./failure";
import { decodeObject, skipSpace, skipValue as skipJson } from "./json";
import {
  TOP_ARRAY, TOP_MAP, decodeMap, skipValue as skipPack, topContent, topCount, topKind,
} from "./msgpack";
import { openPaths } from "./paths";
import { beginBatch, commitRow, openRow, refuseRecord } from "./row";
import { TOPIC_CONTEXT, TOPIC_MATCHES, TOPIC_NO_ROOM, openTopics, readTopic, writeTopic } from "./topic";

let framing: u32 = 0;
let format: u32 = 0;
let valueColumn: u32 = 0;
let message: i64 = 0;
/** A message of columns is begun with room for this many rows at least. */
const COLUMNS_ROOM: u32 = <u32>BATCH_ROWS / 2;

/** What is left of an array message (or of the lines of a CSV payload); never set between two pushes. */
let pendingAt: usize = 0;
let pendingEnd: usize = 0;
let pendingCount: u32 = 0;

/** Sets up the decoders for the plan; the dictionary is emptied. */
export function openDecode(): void {
  framing = u32At(plan + PLAN_FRAMING);
  format = u32At(plan + PLAN_FORMAT);
  pendingAt = 0;
  openDictionary();
  openRow();
  openPaths();
  openColumns();
  openMessages(format, framing);
  openTopics(framing == FRAMING_MQTT);
  memory.fill(csvMap, 0xff, CSV_COLUMNS_MAX * 4);
  const columns = u32At(plan + PLAN_COLUMN_COUNT);
  let position: usize = 0;
  for (let column: u32 = 0; column < columns; column++) {
    const from = u32At(plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES + COLUMN_FROM);
    if (from == FROM_FIELD) valueColumn = column;
    const arrival = column == u32At(plan + PLAN_TIME_COLUMN) && u32At(plan + PLAN_UNIT) == UNIT_ARRIVAL;
    if (from != FROM_TOPIC && from != FROM_CONTEXT && !arrival) setU32(csvMap + (position++ << 2), column);
  }
}

/** The host wrote `count` u32 behind the input: the column of each CSV position, or NO_REGISTER. */
export function csvHeader(count: u32): void {
  const kept = min(count, <u32>CSV_COLUMNS_MAX);
  memory.fill(csvMap, 0xff, CSV_COLUMNS_MAX * 4);
  memory.copy(csvMap, input + u32At(header + HEADER_INPUT_END), <usize>kept << 2);
}

// Where the record at hand begins: when texts are to be given back for it, it is decoded anew behind that.
let cursorBegin: u32 = 0;
let cursorSkip: u32 = 0;
let cursorAtStart: u32 = 0;
let cursorPending: usize = 0;
let cursorCount: u32 = 0;
let cursorLines: i64 = 0;
let cursorMessages: i64 = 0;

// @ts-ignore: decorator
@inline function noteCursor(): void {
  cursorBegin = u32At(header + HEADER_INPUT_BEGIN);
  cursorSkip = u32At(header + HEADER_SKIP_BYTES);
  cursorAtStart = u32At(header + HEADER_AT_START);
  cursorPending = pendingAt;
  cursorCount = pendingCount;
  cursorLines = i64At(header + HEADER_LINES);
  cursorMessages = i64At(header + HEADER_MESSAGES);
}

function backToCursor(): void {
  setU32(header + HEADER_INPUT_BEGIN, cursorBegin);
  setU32(header + HEADER_SKIP_BYTES, cursorSkip);
  setU32(header + HEADER_AT_START, cursorAtStart);
  pendingAt = cursorPending;
  pendingCount = cursorCount;
  setI64(header + HEADER_LINES, cursorLines);
  setI64(header + HEADER_MESSAGES, cursorMessages);
}

/** True between two records of one message. */
export function isWithinMessage(): bool { return pendingAt != 0 || rowsLeft != 0; }

/**
 * True when the batch is full or there may be more to decode, also when `wantsSweep` says that texts are to be given back
 * first; false when more bytes are needed.
 */
export function decodeBatch(): bool {
  if (u32At(header + HEADER_ROWS) == 0) {
    beginBatch();
    beginFill();
  }
  const more = decodeRows();
  if (hasContext) fillRows();
  return more;
}

function decodeRows(): bool {
  while (u32At(header + HEADER_ROWS) < <u32>BATCH_ROWS) {
    if (wantsSweep) {
      backToCursor();
      return true;
    }
    noteCursor();
    if (rowsLeft != 0) {
      continueColumns();
      continue;
    }
    if (columnar && u32At(header + HEADER_ROWS) > <u32>BATCH_ROWS - COLUMNS_ROOM) return true;
    if (pendingAt != 0) {
      continueMessage();
      continue;
    }
    const found = framing == FRAMING_MQTT ? nextFrame() : framing == FRAMING_ROWS ? nextRow() : nextLine();
    if (found == FRAME_NONE) return false;
    if (found != FRAME_READ) continue;
    let at = lineAt;
    let end = lineEnd;
    if (framing == FRAMING_MQTT) {
      message = i64At(header + HEADER_MESSAGES);
      const topic = readTopic(topicAt, topicBytes);
      if (topic == TOPIC_CONTEXT) {
        takeMessage(payloadAt, payloadEnd, message);
        continue;
      }
      if (topic != TOPIC_MATCHES) {
        refuseTopic(topic);
        continue;
      }
      at = payloadAt;
      end = payloadEnd;
    } else if (framing == FRAMING_ROWS) {
      message = i64At(header + HEADER_MESSAGES);
      at = rowAt;
      end = rowEnd;
    } else message = i64At(header + HEADER_LINES);
    decodePayload(at, end);
  }
  return true;
}

function refuseTopic(topic: u32): void {
  if (topic == TOPIC_NO_ROOM && wantRoom()) return;
  const reason = topic == TOPIC_NO_ROOM ? REFUSED_DICTIONARY : REFUSED_TOPIC;
  refuseRecord(reason, 0, topicAt, <u32>(payloadEnd - topicAt), message);
}

// @ts-ignore: decorator
@inline function reject(at: usize, end: usize, failed: usize): void {
  refuseRecord(REFUSED_DECODE, <u32>(max(failed, at) - at), at, <u32>(end - at), message);
}

// @ts-ignore: decorator
@inline function startRow(): void {
  if (framing == FRAMING_MQTT) writeTopic();
}

// @ts-ignore: decorator
@inline function finishRow(at: usize, end: usize): void {
  commitRow(at, <u32>(end - at), message);
}

// @ts-ignore: decorator
@inline function decodePayload(at: usize, end: usize): void {
  if (format == FORMAT_MSGPACK) packMessage(at, end);
  else if (format == FORMAT_CSV) csvMessage(at, end);
  else if (format == FORMAT_VALUE) {
    startRow();
    if (decodeValue(valueColumn, at, end)) finishRow(at, end);
    else reject(at, end, failedAt);
  } else if (format == FORMAT_ROW) {
    if (decodeCells(at, end)) finishRow(at, end);
    else reject(at, end, failedAt);
  } else jsonMessage(at, end);
}

// @ts-ignore: decorator
@inline function jsonMessage(at: usize, end: usize): void {
  const first = skipSpace(at, end);
  if (first < end && u8At(first) == 123) {
    if (inLines && takeLine(first, end, message)) return;
    if (columnar) {
      readColumns(first, end, skipSpaceBack(first, end), message);
      return;
    }
    startRow();
    const after = decodeObject(first, end);
    if (after == 0) reject(at, end, failedAt);
    else if (skipSpace(after, end) != end) reject(at, end, after);
    else finishRow(at, end);
  } else jsonArray(at, end, first);
}

function jsonArray(at: usize, end: usize, first: usize): void {
  if (first >= end || u8At(first) != 91) {
    reject(at, end, first);
    return;
  }
  const after = skipJson(first, end, 0);
  const inner = skipSpace(first + 1, end);
  if (after == 0) reject(at, end, failedAt);
  else if (skipSpace(after, end) != end) reject(at, end, after);
  else if (u8At(inner) == 93) reject(at, end, inner);
  else {
    pendingAt = inner;
    pendingEnd = end;
  }
}

/** Address behind the last byte that is not white space. */
function skipSpaceBack(at: usize, end: usize): usize {
  let here = end;
  while (here > at) {
    const byte = u8At(here - 1);
    if (byte != 32 && byte != 9 && byte != 10 && byte != 13) break;
    here--;
  }
  return here;
}

// @ts-ignore: decorator
@inline function packMessage(at: usize, end: usize): void {
  const kind = topKind(at, end);
  if (kind == TOP_MAP) {
    if (columnar) {
      readColumns(at, end, end, message);
      return;
    }
    startRow();
    const after = decodeMap(end);
    if (after == 0) reject(at, end, failedAt);
    else if (after != end) reject(at, end, after);
    else finishRow(at, end);
  } else packArray(at, end, kind);
}

function packArray(at: usize, end: usize, kind: u32): void {
  if (kind != TOP_ARRAY || topCount == 0) {
    reject(at, end, at);
    return;
  }
  const count = topCount;
  const inner = topContent;
  const after = skipPack(at, end, 0);
  if (after == 0) reject(at, end, failedAt);
  else if (after != end) reject(at, end, after);
  else {
    pendingAt = inner;
    pendingEnd = end;
    pendingCount = count;
  }
}

function csvMessage(at: usize, end: usize): void {
  if (framing != FRAMING_MQTT) {
    csvLine(at, end);
    return;
  }
  if (skipSpace(at, end) == end) {
    reject(at, end, at);
    return;
  }
  pendingAt = at;
  pendingEnd = end;
}

function csvLine(at: usize, end: usize): void {
  startRow();
  if (decodeCsvLine(at, end)) finishRow(at, end);
  else reject(at, end, failedAt);
}

/** Decodes the next record of the pending message. */
function continueMessage(): void {
  const at = pendingAt;
  const end = pendingEnd;
  if (format == FORMAT_CSV) {
    let stop = at;
    while (stop < end && u8At(stop) != 10) stop++;
    pendingAt = stop < end && skipSpace(stop, end) < end ? stop + 1 : 0;
    const close = stop > at && u8At(stop - 1) == 13 ? stop - 1 : stop;
    if (skipSpace(at, close) < close) csvLine(at, close);
    return;
  }
  if (format == FORMAT_MSGPACK) {
    const after = skipPack(at, end, 1);
    pendingAt = --pendingCount == 0 ? 0 : after;
    if (topKind(at, end) == TOP_MAP) {
      if (columnar) readColumns(at, after, 0, message);
      else {
        startRow();
        decodeMap(end);
        finishRow(at, after);
      }
    } else reject(at, after, at);
    return;
  }
  let after: usize;
  if (u8At(at) == 123) {
    if (columnar) after = readColumns(at, end, 0, message);
    else {
      startRow();
      after = decodeObject(at, end);
      finishRow(at, after);
    }
  } else {
    after = skipJson(at, end, 1);
    reject(at, after, at);
  }
  const next = skipSpace(after, end);
  pendingAt = u8At(next) == 44 ? skipSpace(next + 1, end) : 0;
}

/** End of a file: an unfinished last line is complete, an unfinished frame is refused. */
export function endOfFile(): void {
  if (framing == FRAMING_LINES) endLines();
  if (framing != FRAMING_MQTT) return;
  const begin = u32At(header + HEADER_INPUT_BEGIN);
  const left = u32At(header + HEADER_INPUT_END) - begin;
  setU32(header + HEADER_SKIP_BYTES, 0);
  setU32(header + HEADER_INPUT_BEGIN, begin + left);
  if (left == 0) return;
  addI64(header + HEADER_MESSAGES, 1);
  addI64(header + HEADER_RECEIVED, 1);
  refuse(REFUSED_DECODE, 0, input + begin, min(left, <u32>INPUT_BYTES), i64At(header + HEADER_MESSAGES));
}

/** The next bytes begin a new file. */
export function beginFile(): void {
  beginLines();
}
