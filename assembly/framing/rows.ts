// Rows: results of another pipeline, each a length (u32) and so many bytes of cells. A length of ROW_OVERSIZED stands
// for a row that was too long to be written. Sets the payload of the row read. Imports memory and layout.
import {
  HEADER_INPUT_BEGIN, HEADER_INPUT_END, HEADER_MESSAGES, HEADER_RECEIVED, REFUSED_OVERSIZED, ROW_OVERSIZED,
} from "../layout";
import { addI64, i64At, setU32, u32At } from "../memory/raw";
import { refuse } from "../memory/refusals";
import { header, input } from "../memory/regions";
import { FRAME_NONE, FRAME_PASSED, FRAME_READ } from "./mqtt";

export let rowAt: usize = 0;
export let rowEnd: usize = 0;

/** Reads the next row: FRAME_READ, FRAME_PASSED (refused, go on), or FRAME_NONE (needs bytes). */
export function nextRow(): u32 {
  const begin = u32At(header + HEADER_INPUT_BEGIN);
  const left = u32At(header + HEADER_INPUT_END) - begin;
  if (left < 4) return FRAME_NONE;
  const length = u32At(input + begin);
  if (length == <u32>ROW_OVERSIZED) {
    setU32(header + HEADER_INPUT_BEGIN, begin + 4);
    addI64(header + HEADER_MESSAGES, 1);
    addI64(header + HEADER_RECEIVED, 1);
    refuse(REFUSED_OVERSIZED, 0, input + begin, 0, i64At(header + HEADER_MESSAGES));
    return FRAME_PASSED;
  }
  if (left - 4 < length) return FRAME_NONE;
  rowAt = input + begin + 4;
  rowEnd = rowAt + length;
  setU32(header + HEADER_INPUT_BEGIN, begin + 4 + length);
  addI64(header + HEADER_MESSAGES, 1);
  return FRAME_READ;
}
