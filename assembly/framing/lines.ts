// Lines: text cut at \n (a \r before it belongs to the end), cut into chunks anywhere. Blank lines (white space
// only) are not counted; a byte order mark is taken at the very beginning only. Sets the payload of the line
// read. Imports memory and layout.
import {
  HEADER_AT_START, HEADER_INPUT_BEGIN, HEADER_INPUT_END, HEADER_LINES, HEADER_MESSAGES, HEADER_RECEIVED, HEADER_SKIP_BYTES,
  INPUT_BYTES, REFUSED_OVERSIZED,
} from "../layout";
import { findByte } from "../memory/bytes";
import { addI64, i64At, setI64, setU32, setU8, u32At, u8At } from "../memory/raw";
import { refuse } from "../memory/refusals";
import { header, input } from "../memory/regions";
import { FRAME_NONE, FRAME_PASSED, FRAME_READ } from "./mqtt";

export let lineAt: usize = 0;
export let lineEnd: usize = 0;

const NEWLINE: u8 = 10;

/** Reads the next line: FRAME_READ, FRAME_PASSED (blank, go on), or FRAME_NONE (needs bytes). */
// @ts-ignore: decorator
@inline export function nextLine(): u32 {
  const begin = u32At(header + HEADER_INPUT_BEGIN);
  const end = input + u32At(header + HEADER_INPUT_END);
  let at = input + begin;
  if (at >= end) return FRAME_NONE;
  const newline = findByte(at, end, NEWLINE);
  if (u32At(header + HEADER_SKIP_BYTES) != 0) {
    if (newline == end) {
      setU32(header + HEADER_INPUT_BEGIN, u32At(header + HEADER_INPUT_END));
      return FRAME_NONE;
    }
    setU32(header + HEADER_SKIP_BYTES, 0);
    addI64(header + HEADER_LINES, 1);
    setU32(header + HEADER_INPUT_BEGIN, <u32>(newline + 1 - input));
    return FRAME_PASSED;
  }
  if (newline == end) {
    if (end - at < <usize>INPUT_BYTES) return FRAME_NONE;
    addI64(header + HEADER_MESSAGES, 1);
    addI64(header + HEADER_RECEIVED, 1);
    refuse(REFUSED_OVERSIZED, 0, at, <u32>(end - at), i64At(header + HEADER_LINES) + 1);
    setU32(header + HEADER_SKIP_BYTES, 1);
    return FRAME_PASSED;
  }
  setU32(header + HEADER_INPUT_BEGIN, <u32>(newline + 1 - input));
  addI64(header + HEADER_LINES, 1);
  if (u32At(header + HEADER_AT_START) != 0) {
    setU32(header + HEADER_AT_START, 0);
    if (newline - at >= 3 && u8At(at) == 0xef && u8At(at + 1) == 0xbb && u8At(at + 2) == 0xbf) at += 3;
  }
  let stop = newline;
  if (stop > at && u8At(stop - 1) == 13) stop--;
  let first = at;
  while (first < stop && (u8At(first) == 32 || u8At(first) == 9)) first++;
  if (first == stop) return FRAME_PASSED;
  lineAt = at;
  lineEnd = stop;
  addI64(header + HEADER_MESSAGES, 1);
  return FRAME_READ;
}

/** Ends an unfinished last line; the next file may begin with a byte order mark again. */
export function endLines(): void {
  const used = u32At(header + HEADER_INPUT_END);
  if (used > u32At(header + HEADER_INPUT_BEGIN) || u32At(header + HEADER_SKIP_BYTES) != 0) {
    setU8(input + used, NEWLINE);
    setU32(header + HEADER_INPUT_END, used + 1);
  }
}

/** The next line is the first one of a file. */
export function beginLines(): void {
  setI64(header + HEADER_LINES, 0);
  setU32(header + HEADER_AT_START, 1);
}
