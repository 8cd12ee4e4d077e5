// Refusals: a record that is not taken is counted by reason, and the first few of each reason are kept as
// samples for people: SAMPLE_* of layout/. Bounded; the host empties the ring by setting HEADER_SAMPLES to 0.
// Imports layout, raw access and regions.
import {
  HEADER_REFUSED, HEADER_SAMPLES, SAMPLES_EACH_MAX, SAMPLE_BYTES, SAMPLE_COUNT_MAX, SAMPLE_LENGTH, SAMPLE_MESSAGE,
  SAMPLE_POSITION, SAMPLE_REASON, SAMPLE_TEXT, SAMPLE_TEXT_BYTES,
} from "../layout";
import { addI64, setI64, setU32, u32At } from "./raw";
import { header, samples } from "./regions";

/** Counts one refused record; `position` is where in the payload [text, text + length) decoding stopped. */
export function refuse(reason: u32, position: u32, text: usize, length: u32, message: i64): void {
  addI64(header + HEADER_REFUSED + (<usize>reason << 3), 1);
  const count = u32At(header + HEADER_SAMPLES);
  if (count >= <u32>SAMPLE_COUNT_MAX) return;
  let same: u32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    if (u32At(samples + <usize>index * SAMPLE_BYTES + SAMPLE_REASON) == reason) same++;
  }
  if (same >= <u32>SAMPLES_EACH_MAX) return;
  const at = samples + <usize>count * SAMPLE_BYTES;
  const kept = min(length, <u32>SAMPLE_TEXT_BYTES);
  setU32(at + SAMPLE_REASON, reason);
  setU32(at + SAMPLE_POSITION, position);
  setI64(at + SAMPLE_MESSAGE, message);
  setU32(at + SAMPLE_LENGTH, kept);
  memory.copy(at + SAMPLE_TEXT, text, kept);
  setU32(header + HEADER_SAMPLES, count + 1);
}
