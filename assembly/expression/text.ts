// Ops that make texts: CONCAT, UPPER, LOWER, SUBSTRING, and casts to STRING. A text is written to the place of unescaped
// texts, which decoding is done with, and becomes an entry of the dictionary; one for which the op's share has no room is
// NULL and counted. Positions count characters. Imports layout, dictionary, numbers, text, raw access.
import {
  BOOLEAN_NULL, CASE_CHARACTERS, CODE_UPPER, HEADER_NULLED_DICTIONARY, INPUT_BYTES, PLAN_CASES_AT, TYPE_BIGINT,
  TYPE_BOOLEAN,
} from "../layout";
import { FULL, internFor, textAt, textBytes } from "../memory/dictionary";
import { NULL_WHOLE, addI64, f64At, i64At, setU32, setU8, u16At, u32At, u8At } from "../memory/raw";
import { header, plan, unescaped } from "../memory/regions";
import { isUtf8, writeCharacter } from "../decode/text";
import { writeDouble, writeWhole } from "../number/shortest";

/** The id of the text at `unescaped` that ends at `end`, for op number `op`; NULL and counted when there is no room. */
function keep(op: u32, end: usize): u32 {
  const id = internFor(op, unescaped, <u32>(end - unescaped));
  if (id != FULL) return id;
  addI64(header + HEADER_NULLED_DICTIONARY, 1);
  return 0;
}

/** The texts of two or, unless `c` is 0, three columns one behind the other. */
export function concat(op: u32, target: usize, a: usize, b: usize, c: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    const first = u32At(a + (row << 2));
    const second = u32At(b + (row << 2));
    const third = c == 0 ? 0 : u32At(c + (row << 2));
    let id: u32 = 0;
    if (first != 0 && second != 0 && (c == 0 || third != 0)) {
      const bytes = <u64>textBytes(first) + textBytes(second) + (c == 0 ? 0 : textBytes(third));
      if (bytes > <u64>INPUT_BYTES) addI64(header + HEADER_NULLED_DICTIONARY, 1);
      else {
        let end = append(unescaped, first);
        end = append(end, second);
        if (c != 0) end = append(end, third);
        id = keep(op, end);
      }
    }
    setU32(target + (row << 2), id);
  }
}

function append(at: usize, id: u32): usize {
  memory.copy(at, textAt(id), textBytes(id));
  return at + textBytes(id);
}

/** UPPER or LOWER. No letter becomes longer by it. */
export function changeCase(code: u32, op: u32, target: usize, a: usize, rows: u32): void {
  const cases = plan + u32At(plan + PLAN_CASES_AT) + (code == CODE_UPPER ? 0 : <usize>CASE_CHARACTERS * 2);
  let last: u32 = 0;
  let lastId: u32 = 0;
  for (let row: usize = 0; row < rows; row++) {
    const text = u32At(a + (row << 2));
    if (text != last || lastId == 0) {
      last = text;
      lastId = text == 0 ? 0 : keep(op, writeCased(cases, textAt(text), textBytes(text)));
    }
    setU32(target + (row << 2), lastId);
  }
}

function writeCased(cases: usize, begin: usize, length: u32): usize {
  let write = unescaped;
  const end = begin + length;
  for (let at = begin; at < end; ) {
    const byte = u8At(at);
    if (byte < 0x80) {
      setU8(write++, u16At(cases + (<usize>byte << 1)));
      at++;
      continue;
    }
    const point = byte >= 0xc0 && byte < 0xe0 ? ((byte & 31) << 6) | (u8At(at + 1) & 63) : <u32>CASE_CHARACTERS;
    if (point < <u32>CASE_CHARACTERS) {
      write = writeCharacter(write, u16At(cases + (<usize>point << 1)));
      at += 2;
    } else {
      setU8(write++, byte);
      at++;
    }
  }
  return write;
}

/** The part of a text from a character on, `counts` of them unless that is 0; as Flink's SUBSTRING. */
export function substring(op: u32, target: usize, a: usize, starts: usize, counts: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    const text = u32At(a + (row << 2));
    const start = i64At(starts + (row << 3));
    const count = counts == 0 ? i64.MAX_VALUE : i64At(counts + (row << 3));
    let id: u32 = 0;
    if (text != 0 && start != NULL_WHOLE && count >= 0) id = keep(op, copyPart(text, start, count));
    setU32(target + (row << 2), id);
  }
}

function copyPart(text: u32, start: i64, count: i64): usize {
  const begin = textAt(text);
  const end = begin + textBytes(text);
  let skipped = start - 1;
  if (start <= 0) {
    skipped = start == 0 ? 0 : charactersOf(begin, end) + start;
    if (skipped < 0) return unescaped;
  }
  const from = behind(begin, end, skipped);
  const to = behind(from, end, count);
  memory.copy(unescaped, from, to - from);
  return unescaped + (to - from);
}

function charactersOf(begin: usize, end: usize): i64 {
  let count: i64 = 0;
  for (let at = begin; at < end; at++) if ((u8At(at) & 0xc0) != 0x80) count++;
  return count;
}

/** Behind that many characters, or the end. */
function behind(begin: usize, end: usize, count: i64): usize {
  let at = begin;
  for (let left = count; left > 0 && at < end; left--) {
    at++;
    while (at < end && (u8At(at) & 0xc0) == 0x80) at++;
  }
  return at;
}

/** A number as results print it, a BOOLEAN as TRUE or FALSE. */
export function toText(type: u32, op: u32, target: usize, a: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    let end: usize = 0;
    if (type == TYPE_BOOLEAN) {
      const value = u8At(a + row);
      if (value != BOOLEAN_NULL) end = writeWord(value == 1);
    } else if (type == TYPE_BIGINT) {
      const value = i64At(a + (row << 3));
      if (value != NULL_WHOLE) end = writeWhole(unescaped, value);
    } else {
      const value = f64At(a + (row << 3));
      if (value == value) end = writeDouble(unescaped, value);
    }
    setU32(target + (row << 2), end == 0 ? 0 : keep(op, end));
  }
}

function writeWord(value: bool): usize {
  // "TRUE" and "FALSE", the first letter in the lowest byte.
  const letters: u64 = value ? 0x45555254 : 0x45534c4146;
  const length: usize = value ? 4 : 5;
  for (let at: usize = 0; at < length; at++) setU8(unescaped + at, <u32>(letters >> (<u64>at << 3)) & 255);
  return unescaped + length;
}

/** BYTES as the text that they are in UTF-8: the same entry of the dictionary. NULL when they are none. */
export function bytesToText(target: usize, a: usize, rows: u32, wrong: usize): void {
  for (let row: usize = 0; row < rows; row++) {
    const id = u32At(a + (row << 2));
    const fine = id == 0 || isUtf8(textAt(id), textAt(id) + textBytes(id));
    if (!fine) addI64(wrong, 1);
    setU32(target + (row << 2), fine ? id : 0);
  }
}
