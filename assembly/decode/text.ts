// UTF-8 and JSON string tokens: finding the end of a string eight bytes at a time, checking UTF-8 as the
// Unicode standard's table 3-7 says, and turning escapes into bytes (the result is never longer).
// Imports memory.
import { fail } from "./failure";
import { setU8, u64At, u8At } from "../memory/raw";
import { unescaped } from "../memory/regions";

/** Set by scanString: the token holds escapes. */
export let escaped: bool = false;

/**
 * From the first byte of a string's content to its closing quote; 0 when it is not a valid JSON string, with
 * the place noted.
 */
export function scanString(at: usize, end: usize): usize {
  escaped = false;
  let here = at;
  while (here < end) {
    const word = u64At(here);
    const quotes = word ^ 0x2222222222222222;
    const slashes = word ^ 0x5c5c5c5c5c5c5c5c;
    const special =
      ((quotes - 0x0101010101010101) & ~quotes) |
      ((slashes - 0x0101010101010101) & ~slashes) |
      ((word - 0x2020202020202020) & ~word) |
      word;
    const found = special & 0x8080808080808080;
    if (found == 0) {
      here += 8;
      continue;
    }
    here += <usize>(ctz<u64>(found) >> 3);
    if (here >= end) break;
    const byte = u8At(here);
    if (byte == 34) return here;
    if (byte == 92) {
      const next = scanEscape(here, end);
      if (next == 0) return fail(here);
      escaped = true;
      here = next;
    } else if (byte >= 0x80) {
      const next = skipCharacter(here, end);
      if (next == 0) return fail(here);
      here = next;
    } else if (byte < 32) return fail(here);
    else here++;
  }
  return fail(min(here, end));
}

function scanEscape(at: usize, end: usize): usize {
  if (at + 1 >= end) return 0;
  const byte = u8At(at + 1);
  if (byte == 117) {
    if (at + 6 > end || hex4(at + 2) < 0) return 0;
    return at + 6;
  }
  const plain =
    byte == 34 || byte == 92 || byte == 47 || byte == 98 || byte == 102 || byte == 110 || byte == 114 || byte == 116;
  return plain ? at + 2 : 0;
}

function hexDigit(byte: u32): i32 {
  if (byte - 48 < 10) return <i32>(byte - 48);
  const letter = (byte | 32) - 97;
  return letter < 6 ? <i32>letter + 10 : -1;
}

function hex4(at: usize): i32 {
  let value = 0;
  for (let index: usize = 0; index < 4; index++) {
    const digit = hexDigit(u8At(at + index));
    if (digit < 0) return -1;
    value = (value << 4) | digit;
  }
  return value;
}

/** Address behind the UTF-8 character of two to four bytes at `at`; 0 when it is not a valid one. */
export function skipCharacter(at: usize, end: usize): usize {
  const first = u8At(at);
  if (first < 0xc2 || first > 0xf4) return 0;
  const length: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > end) return 0;
  const second = u8At(at + 1);
  let least: u32 = 0x80;
  let most: u32 = 0xbf;
  if (first == 0xe0) least = 0xa0;
  else if (first == 0xed) most = 0x9f;
  else if (first == 0xf0) least = 0x90;
  else if (first == 0xf4) most = 0x8f;
  if (second < least || second > most) return 0;
  for (let index: usize = 2; index < length; index++) {
    if ((u8At(at + index) & 0xc0) != 0x80) return 0;
  }
  return at + length;
}

/** True when [at, end) is valid UTF-8. */
export function isUtf8(at: usize, end: usize): bool {
  let here = at;
  while (here < end) {
    if (here + 8 <= end && (u64At(here) & 0x8080808080808080) == 0) here += 8;
    else if (u8At(here) < 0x80) here++;
    else {
      here = skipCharacter(here, end);
      if (here == 0) return false;
    }
  }
  return true;
}

/** Value of a digit of base64, 64 for anything else. */
function digit64(byte: u32): u32 {
  if (byte - 65 < 26) return byte - 65;
  if (byte - 97 < 26) return byte - 71;
  if (byte - 48 < 10) return byte + 4;
  return byte == 43 ? 62 : byte == 47 ? 63 : 64;
}

/**
 * Writes the bytes that [at, end) is the base64 of (RFC 4648, section 4, with its padding and no other bits) to
 * `unescaped`, where the text itself may stand; returns how many, or −1 when it is no base64.
 */
export function base64Bytes(at: usize, end: usize): i32 {
  if (((end - at) & 3) != 0) return -1;
  let write = unescaped;
  for (let here = at; here < end; here += 4) {
    const a = digit64(u8At(here));
    const b = digit64(u8At(here + 1));
    let c = digit64(u8At(here + 2));
    let d = digit64(u8At(here + 3));
    let kept = 3;
    if (here + 4 == end && u8At(here + 3) == 61) {
      kept = u8At(here + 2) == 61 ? 1 : 2;
      d = 0;
      if (kept == 1) c = 0;
      if ((kept == 1 ? b & 15 : c & 3) != 0) return -1;
    }
    if ((a | b | c | d) >= 64) return -1;
    const word = (a << 18) | (b << 12) | (c << 6) | d;
    setU8(write, word >> 16);
    if (kept > 1) setU8(write + 1, (word >> 8) & 255);
    if (kept > 2) setU8(write + 2, word & 255);
    write += kept;
  }
  return <i32>(write - unescaped);
}

/** Turns the escapes of a scanned string into bytes, at `unescaped`; returns their end. */
export function unescape(at: usize, end: usize): usize {
  let read = at;
  let write = unescaped;
  while (read < end) {
    const byte = u8At(read);
    if (byte != 92) {
      setU8(write++, byte);
      read++;
      continue;
    }
    const code = u8At(read + 1);
    if (code != 117) {
      setU8(write++, plainEscape(code));
      read += 2;
      continue;
    }
    let point = <u32>hex4(read + 2);
    read += 6;
    if (point >= 0xd800 && point < 0xe000) {
      let low: i32 = 0;
      if (point < 0xdc00 && read + 6 <= end && u8At(read) == 92 && u8At(read + 1) == 117) low = hex4(read + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + (<u32>low - 0xdc00);
        read += 6;
      } else point = 0xfffd;
    }
    write = writeCharacter(write, point);
  }
  return write;
}

function plainEscape(code: u32): u32 {
  switch (code) {
    case 98: return 8;
    case 102: return 12;
    case 110: return 10;
    case 114: return 13;
    case 116: return 9;
    default: return code;
  }
}

export function writeCharacter(at: usize, point: u32): usize {
  if (point < 0x80) {
    setU8(at, point);
    return at + 1;
  }
  if (point < 0x800) {
    setU8(at, 0xc0 | (point >> 6));
    setU8(at + 1, 0x80 | (point & 0x3f));
    return at + 2;
  }
  if (point < 0x10000) {
    setU8(at, 0xe0 | (point >> 12));
    setU8(at + 1, 0x80 | ((point >> 6) & 0x3f));
    setU8(at + 2, 0x80 | (point & 0x3f));
    return at + 3;
  }
  setU8(at, 0xf0 | (point >> 18));
  setU8(at + 1, 0x80 | ((point >> 12) & 0x3f));
  setU8(at + 2, 0x80 | ((point >> 6) & 0x3f));
  setU8(at + 3, 0x80 | (point & 0x3f));
  return at + 4;
}
