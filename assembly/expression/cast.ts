// Casts between DOUBLE, BIGINT, BOOLEAN, and from STRING to these; those to STRING make texts (text.ts). A text that is
// none of the type wanted is NULL and counted (`nulled.type`), a number beyond it is not finite.
// Imports layout, dictionary, decimal, whole, raw access.
import {
  BOOLEAN_NULL, HEADER_NULLED_NONFINITE, HEADER_NULLED_TYPE, TYPE_BIGINT, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_STRING,
} from "../layout";
import { textAt, textBytes } from "../memory/dictionary";
import { NULL_WHOLE, addI64, f64At, i64At, setF64, setI64, setU8, u32At, u8At } from "../memory/raw";
import { header } from "../memory/regions";
import { scanWhole, toDouble, toTruncated } from "../number/decimal";
import { doubleToWhole, wholeToDouble } from "./whole";

/** Scans a text without the blanks around it as a number; false when it is none. */
function scanText(id: u32): bool {
  let at = textAt(id);
  let end = at + textBytes(id);
  while (at < end && (u8At(at) == 32 || u8At(at) == 9)) at++;
  while (end > at && (u8At(end - 1) == 32 || u8At(end - 1) == 9)) end--;
  if (at < end && scanWhole(at, end)) return true;
  addI64(header + HEADER_NULLED_TYPE, 1);
  return false;
}

export function toDoubles(type: u32, target: usize, a: usize, rows: u32): void {
  if (type == TYPE_BIGINT) {
    wholeToDouble(target, a, rows);
    return;
  }
  for (let row: usize = 0; row < rows; row++) {
    let value = NaN;
    if (type == TYPE_BOOLEAN) {
      const cell = u8At(a + row);
      if (cell != BOOLEAN_NULL) value = <f64>cell;
    } else {
      const id = u32At(a + (row << 2));
      if (id != 0 && scanText(id)) {
        value = toDouble();
        if (value - value != 0) {
          value = NaN;
          addI64(header + HEADER_NULLED_NONFINITE, 1);
        }
      }
    }
    setF64(target + (row << 3), value);
  }
}

export function toWholes(type: u32, target: usize, a: usize, rows: u32): void {
  if (type == TYPE_DOUBLE) {
    doubleToWhole(target, a, rows);
    return;
  }
  for (let row: usize = 0; row < rows; row++) {
    let value = NULL_WHOLE;
    if (type == TYPE_BOOLEAN) {
      const cell = u8At(a + row);
      if (cell != BOOLEAN_NULL) value = <i64>cell;
    } else {
      const id = u32At(a + (row << 2));
      if (id != 0 && scanText(id)) {
        value = toTruncated();
        if (value == NULL_WHOLE) addI64(header + HEADER_NULLED_NONFINITE, 1);
      }
    }
    setI64(target + (row << 3), value);
  }
}

export function toBooleans(type: u32, target: usize, a: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    let value: u32 = BOOLEAN_NULL;
    if (type == TYPE_STRING) {
      const id = u32At(a + (row << 2));
      if (id != 0) value = truthOf(textAt(id), textBytes(id));
    } else if (type == TYPE_BIGINT) {
      const cell = i64At(a + (row << 3));
      if (cell != NULL_WHOLE) value = cell != 0 ? 1 : 0;
    } else {
      const cell = f64At(a + (row << 3));
      if (cell == cell) value = cell != 0 ? 1 : 0;
    }
    setU8(target + row, value);
  }
}

/** What Flink takes for true and false, in any case: t true y yes 1, f false n no 0. */
function truthOf(at: usize, length: u32): u32 {
  let word: u64 = 0;
  if (length <= 5) for (let index: u32 = 0; index < length; index++) {
    const byte = u8At(at + index);
    word |= <u64>(byte - 65 < 26 ? byte | 32 : byte) << (<u64>index << 3);
  }
  switch (word) {
    case 0x74: case 0x65757274: case 0x79: case 0x736579: case 0x31: return 1;
    case 0x66: case 0x65736c6166: case 0x6e: case 0x6f6e: case 0x30: return 0;
    default:
      addI64(header + HEADER_NULLED_TYPE, 1);
      return BOOLEAN_NULL;
  }
}
