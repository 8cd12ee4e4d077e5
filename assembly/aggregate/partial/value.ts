// A value in a partial: f64 of a DOUBLE, i64 of a BIGINT, u8 of a BOOLEAN, of STRING and BYTES their length (u32) and bytes.
// As a word it is what states keep (cells.ts). Imports layout, memory, the output and text.
import { VALUE_BIGINT, VALUE_BOOLEAN, VALUE_BYTES, VALUE_DOUBLE, VALUE_STRING } from "../../layout";
import { isUtf8 } from "../../decode/text";
import { FULL, intern, textAt, textBytes } from "../../memory/dictionary";
import { NULL_WHOLE, f64At, i64At, u32At, u64At, u8At } from "../../memory/raw";
import { put32, put64, put8, putBytes } from "./out";

/** Some text of what was checked did not fit into the dictionary. */
export let textsFit: bool = true;

export function beginTexts(): void {
  textsFit = true;
}

/** Writes a value. */
export function putValue(word: u64, type: u32): void {
  if (type == VALUE_BOOLEAN) put8(reinterpret<f64>(word) != 0 ? 1 : 0);
  else if (type == VALUE_STRING || type == VALUE_BYTES) {
    const id = <u32>reinterpret<f64>(word);
    put32(textBytes(id));
    putBytes(textAt(id), textBytes(id));
  } else put64(word);
}

/** Bytes of the value at `at`; 0 when there is none that ends before `end`, or no state could have it. */
export function valueBytes(at: usize, end: usize, type: u32): u32 {
  const left = end - at;
  if (type == VALUE_BOOLEAN) return left >= 1 && u8At(at) < 2 ? 1 : 0;
  if (type == VALUE_DOUBLE) {
    if (left < 8) return 0;
    const value = f64At(at);
    return value - value == 0 && u64At(at) != 0x8000000000000000 ? 8 : 0;
  }
  if (type == VALUE_BIGINT) return left >= 8 && i64At(at) != NULL_WHOLE ? 8 : 0;
  if (type != VALUE_STRING && type != VALUE_BYTES) return 0;
  if (left < 4) return 0;
  const length = u32At(at);
  if (left - 4 < <usize>length) return 0;
  if (type == VALUE_STRING && !isUtf8(at + 4, at + 4 + length)) return 0;
  if (intern(at + 4, length) == FULL) textsFit = false;
  return 4 + length;
}

/** Bytes of the value that valueWord read last. */
export let wordBytes: u32 = 0;

/** The value at `at`, which was checked: its text is in the dictionary. */
export function valueWord(at: usize, type: u32): u64 {
  wordBytes = 8;
  if (type == VALUE_BOOLEAN) {
    wordBytes = 1;
    return reinterpret<u64>(<f64>u8At(at));
  }
  if (type == VALUE_STRING || type == VALUE_BYTES) {
    const length = u32At(at);
    wordBytes = 4 + length;
    return reinterpret<u64>(<f64>intern(at + 4, length));
  }
  return u64At(at);
}
