// Context messages as they come in: on a topic of their own, or as lines with a member `context`. One that is taken is
// no record: it counts as a message of context. One that is not is refused like a record.
// Imports the readers, streams, stage, the topic and row decoders, layout.
import {
  FORMAT_JSON, FORMAT_MSGPACK, FRAMING_MQTT, HEADER_ROWS, PLAN_FORMAT, PLAN_FRAMING, REFUSED_DECODE, REFUSED_DICTIONARY,
} from "../layout";
import { fail, failedAt } from "../decode/failure";
import { OPEN_OBJECT, decodeObject, skipSpace } from "../decode/json";
import { dropRow, hasRoom, refuseRecord } from "../decode/row";
import { contextPart, contextPartBytes, contextParts } from "../decode/topic";
import { FULL, intern, wantRoom } from "../memory/dictionary";
import { setU32, u32At, u8At } from "../memory/raw";
import { header, plan } from "../memory/regions";
import { findContext, readJsonContext } from "./from-json";
import { readPackContext } from "./from-msgpack";
import { TAKEN, beginMessage, commitMessage, commitNothing, openStage } from "./stage";
import { fillRows, hasContext, keyAt, openStreams, readKey } from "./streams";

let packed: bool = false;
/** Lines may be context. */
export let inLines: bool = false;

/** Sets up the table of streams at `at`; behind openDecode. Returns its end. */
export function openContext(at: usize): usize {
  const end = openStage(openStreams(at));
  const format = u32At(plan + PLAN_FORMAT);
  packed = format == FORMAT_MSGPACK;
  inLines = hasContext && u32At(plan + PLAN_FRAMING) != FRAMING_MQTT && format == FORMAT_JSON;
  return end;
}

/** Takes or refuses the payload of a message on the context topic, whose levels were read last. */
export function takeMessage(at: usize, end: usize, message: i64): void {
  fillRows();
  const key = internKey();
  if (key != TAKEN) {
    refuseMessage(key, 0, at, end, message);
    return;
  }
  if (packed ? at == end : skipSpace(at, end) == end) {
    commitNothing();
    return;
  }
  beginMessage();
  let after: usize;
  if (packed) after = readPackContext(at, end);
  else {
    const first = skipSpace(at, end);
    after = u8At(first) == OPEN_OBJECT ? readJsonContext(first, end, 1) : fail(at);
    if (after != 0) after = skipSpace(after, end);
  }
  if (after != end) {
    const failed = after != 0 ? after : failedAt;
    refuseMessage(REFUSED_DECODE, <u32>(max(failed, at) - at), at, end, message);
    return;
  }
  const why = commitMessage();
  if (why != TAKEN) refuseMessage(why, 0, at, end, message);
}

function internKey(): u32 {
  for (let place: u32 = 0; place < contextParts(); place++) {
    const id = intern(contextPart(place), contextPartBytes(place));
    if (id == FULL) return REFUSED_DICTIONARY;
    setU32(keyAt + (<usize>place << 2), id);
  }
  return TAKEN;
}

/** Refuses the message, or wants texts to be given back first. */
function refuseMessage(reason: u32, position: u32, at: usize, end: usize, message: i64): void {
  if (reason == <u32>REFUSED_DICTIONARY && wantRoom()) return;
  refuseRecord(reason, position, at, <u32>(end - at), message);
}

/** Takes the object at `at` when the line is context: then true. Its stream is what a record of the line would be of. */
export function takeLine(at: usize, end: usize, message: i64): bool {
  const inner = findContext(at, end);
  if (inner == 0) return false;
  fillRows();
  decodeObject(at, end);
  readKey(u32At(header + HEADER_ROWS));
  let why = hasRoom() ? TAKEN : <u32>REFUSED_DICTIONARY;
  dropRow();
  if (why == TAKEN) {
    beginMessage();
    readJsonContext(inner, end, 2);
    why = commitMessage();
  }
  if (why != TAKEN) refuseMessage(why, 0, at, end, message);
  return true;
}
