// MQTT frames: PUBLISH packets as they come from the socket, protocol 3.1.1 (4) or 5, cut anywhere. Other
// packets are passed over. Sources: OASIS MQTT 3.1.1 §2.2, §3.3; MQTT 5 §2.2.2, §3.3. Sets topic and payload of
// the frame read. Imports memory and layout.
import {
  HEADER_INPUT_BEGIN, HEADER_INPUT_END, HEADER_MESSAGES, HEADER_RECEIVED, HEADER_SKIP_BYTES, INPUT_BYTES,
  PLAN_MQTT_VERSION, REFUSED_DECODE, REFUSED_OVERSIZED,
} from "../layout";
import { addI64, i64At, setU32, u32At, u8At } from "../memory/raw";
import { refuse } from "../memory/refusals";
import { header, input, plan } from "../memory/regions";

export const FRAME_NONE: u32 = 0;
export const FRAME_READ: u32 = 1;
export const FRAME_PASSED: u32 = 2;

export let topicAt: usize = 0;
export let topicBytes: u32 = 0;
export let payloadAt: usize = 0;
export let payloadEnd: usize = 0;

const PUBLISH: u32 = 3;
/** HEADER_SKIP_BYTES: nothing more is read before the connection ends. */
const SKIP_ALL: u32 = 0xffffffff;

function refuseFrame(reason: u32, at: usize, end: usize): void {
  addI64(header + HEADER_MESSAGES, 1);
  addI64(header + HEADER_RECEIVED, 1);
  refuse(reason, 0, at, <u32>(end - at), i64At(header + HEADER_MESSAGES));
}

/** Passes over what is left of an oversized frame; false while there is more to come. */
function skipOversized(skip: u32): bool {
  const begin = u32At(header + HEADER_INPUT_BEGIN);
  if (skip == SKIP_ALL) {
    setU32(header + HEADER_INPUT_BEGIN, u32At(header + HEADER_INPUT_END));
    return false;
  }
  const step = min(skip, u32At(header + HEADER_INPUT_END) - begin);
  setU32(header + HEADER_INPUT_BEGIN, begin + step);
  setU32(header + HEADER_SKIP_BYTES, skip - step);
  return skip == step;
}

/** Reads the next frame: FRAME_READ and its parts are set, FRAME_PASSED (go on), or FRAME_NONE (needs bytes). */
// @ts-ignore: decorator
@inline export function nextFrame(): u32 {
  const skip = u32At(header + HEADER_SKIP_BYTES);
  if (skip != 0 && !skipOversized(skip)) return FRAME_NONE;
  const begin = u32At(header + HEADER_INPUT_BEGIN);
  const at = input + begin;
  const end = input + u32At(header + HEADER_INPUT_END);
  let here = at + 1;
  let remaining: u32 = 0;
  let shift: u32 = 0;
  while (true) {
    if (here >= end) return FRAME_NONE;
    const byte = u8At(here++);
    remaining |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
    shift += 7;
    if (shift == 28) {
      // No length has five bytes: this is no MQTT, and where the next frame begins cannot be known.
      refuseFrame(REFUSED_DECODE, at, end);
      setU32(header + HEADER_SKIP_BYTES, SKIP_ALL);
      return FRAME_PASSED;
    }
  }
  const total = <u32>(here - at) + remaining;
  if (total > <u32>INPUT_BYTES) {
    refuseFrame(REFUSED_OVERSIZED, at, end);
    setU32(header + HEADER_SKIP_BYTES, total);
    return FRAME_PASSED;
  }
  if (total > <u32>(end - at)) return FRAME_NONE;
  setU32(header + HEADER_INPUT_BEGIN, begin + total);
  if (u8At(at) >> 4 != PUBLISH) return FRAME_PASSED;
  if (!readPublish(at, here, at + total)) {
    refuseFrame(REFUSED_DECODE, at, at + total);
    return FRAME_PASSED;
  }
  addI64(header + HEADER_MESSAGES, 1);
  return FRAME_READ;
}

/** Splits a PUBLISH packet's rest [at, end); false when its lengths do not add up. */
// @ts-ignore: decorator
@inline function readPublish(first: usize, at: usize, end: usize): bool {
  if (at + 2 > end) return false;
  topicBytes = (u8At(at) << 8) | u8At(at + 1);
  topicAt = at + 2;
  let here = topicAt + topicBytes;
  if ((u8At(first) & 6) != 0) here += 2;
  if (here > end || topicBytes == 0) return false;
  if (u32At(plan + PLAN_MQTT_VERSION) == 5) {
    here = skipProperties(here, end);
    if (here == 0) return false;
  }
  payloadAt = here;
  payloadEnd = end;
  return true;
}

/** Behind the properties of protocol 5; 0 when their length goes beyond the packet. */
function skipProperties(at: usize, end: usize): usize {
  let here = at;
  let length: u32 = 0;
  let shift: u32 = 0;
  while (true) {
    if (here >= end || shift == 28) return 0;
    const byte = u8At(here++);
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
    shift += 7;
  }
  here += length;
  return here > end ? 0 : here;
}
