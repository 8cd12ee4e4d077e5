// `reorder`: the records of a stream wait until its newest one is the delay ahead of them, and go on in the order of
// their times. So there are two stages between decoding and all that follows: rows leave the batch for slots of their
// own, in the order in which they came; then each is judged, and what it lets go on makes up batches again. Where
// batches begin never shows. Owns nothing but the rows that wait to be judged. Imports records, streams, clocks.
import {
  BATCH_ROWS, HEADER_HELD, HEADER_ROWS, HEADER_TICKED, HEADER_NOW, PLAN_REORDER, PLAN_REORDER_DELAY, PLAN_REORDER_HELD, PLAN_REORDER_RECORDS,
  REFUSED_FUTURE, REFUSED_LATE,
} from "../layout";
import { beginBatch, takeRows } from "../decode/row";
import { i64At, setI64, setU32, u32At } from "../memory/raw";
import { refuse } from "../memory/refusals";
import { align, header, plan } from "../memory/regions";
import { BEFORE_ALL, NONE } from "../window/bounds";
import { emitClockOf, idles, latestTime } from "../window/clocks";
import {
  CELLS, MESSAGE, TEXT, TEXT_BYTES, TIME, freeRecord, holdRecord, markRecords, openRecords, recordAt, releaseEarly, releaseUntil,
  sortDue, storeRow, writeDue,
} from "./records";
import {
  FIRST, LAST_TICK, NEWEST_TIME, RECORDS, addStream, findStream, markStreamKey, openStreams, streamAt, streamCount, streamToEvict,
  touchStream,
} from "./streams";

/** The source reorders its records. */
export let reorders: bool = false;
let delay: i64 = 0;
/** Most records of one stream, and of all. */
let recordsMax: u32 = 0;
let heldMax: u32 = 0;
/** Slots of rows that were decoded and are not yet judged; none between two calls of the host. */
let arrived: usize = 0;
let arrivedAt: u32 = 0;
let arrivedCount: u32 = 0;

/** Sets up an empty buffer at `at`; returns its end. */
export function openReorder(at: usize): usize {
  reorders = u32At(plan + PLAN_REORDER) != 0;
  if (!reorders) return at;
  delay = i64At(plan + PLAN_REORDER_DELAY);
  recordsMax = u32At(plan + PLAN_REORDER_RECORDS);
  heldMax = u32At(plan + PLAN_REORDER_HELD);
  arrivedAt = 0;
  arrivedCount = 0;
  arrived = openRecords(openStreams(at));
  return align(arrived + BATCH_ROWS * 4);
}

/** Takes the rows out of the batch that was decoded. */
export function takeArrived(): void {
  const rows = u32At(header + HEADER_ROWS);
  for (let row: u32 = 0; row < rows; row++) setU32(arrived + (<usize>row << 2), storeRow(row));
  arrivedAt = 0;
  arrivedCount = rows;
  setU32(header + HEADER_ROWS, 0);
}

/** Makes a batch of records that go on, in their order; false when there are none. */
export function fillBatch(): bool {
  beginBatch();
  let rows: u32 = 0;
  while (rows < <u32>BATCH_ROWS) {
    if (writeDue(rows)) rows++;
    else if (arrivedAt < arrivedCount) {
      arrivedAt++;
      judge(u32At(arrived + (<usize>(arrivedAt - 1) << 2)));
    }
    else break;
  }
  takeRows(rows);
  return rows != 0;
}

function judge(slot: u32): void {
  const at = recordAt(slot);
  const time = i64At(at + TIME);
  if (time > latestTime()) {
    refuseRecord(slot, REFUSED_FUTURE);
    return;
  }
  let stream = findStream(at + CELLS);
  if (stream != 0 && time < i64At(streamAt(stream) + NEWEST_TIME) - delay) {
    refuseRecord(slot, REFUSED_LATE);
    return;
  }
  if (stream == 0) {
    const evicted = streamToEvict();
    if (evicted != 0) releaseEarly(evicted, 0);
    stream = addStream(evicted);
    setI64(streamAt(stream) + NEWEST_TIME, time);
  } else touchStream(stream);
  const base = streamAt(stream);
  if (time > i64At(base + NEWEST_TIME)) setI64(base + NEWEST_TIME, time);
  setI64(base + LAST_TICK, u32At(header + HEADER_TICKED) != 0 ? i64At(header + HEADER_NOW) : BEFORE_ALL);
  holdRecord(stream, slot);
  releaseUntil(stream, i64At(base + NEWEST_TIME) - delay);
  releaseEarly(stream, recordsMax);
  if (u32At(header + HEADER_HELD) > heldMax && u32At(base + RECORDS) != 0) releaseEarly(stream, u32At(base + RECORDS) - 1);
}

function refuseRecord(slot: u32, reason: u32): void {
  const at = recordAt(slot);
  refuse(reason, 0, u32At(at + TEXT), u32At(at + TEXT_BYTES), i64At(at + MESSAGE));
  freeRecord(slot);
}

/** Marks the texts of what waits, and of the streams that are known. */
export function markReorder(): void {
  if (!reorders) return;
  for (let stream: u32 = 1; stream <= streamCount(); stream++) {
    markStreamKey(stream);
    markRecords(stream);
  }
}

/** Lets go on what silence has made due; behind a tick. */
export function releaseSilent(): void {
  if (!idles() || u32At(header + HEADER_HELD) == 0) return;
  for (let stream: u32 = 1; stream <= streamCount(); stream++) {
    const base = streamAt(stream);
    if (u32At(base + FIRST) == 0) continue;
    const closed = i64At(base + NEWEST_TIME) - delay;
    releaseUntil(stream, emitClockOf(closed, i64At(base + LAST_TICK)));
  }
  sortDue();
}

/** Lets all go on: the input has ended. */
export function releaseAll(): void {
  for (let stream: u32 = 1; stream <= streamCount(); stream++) releaseUntil(stream, NONE);
  sortDue();
}
