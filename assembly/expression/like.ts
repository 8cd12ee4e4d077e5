// LIKE: texts against a pattern, both UTF-8. Byte 0xff of a pattern stands for any text, 0xfe for one character; neither
// is a byte of UTF-8. Greedy with one step back: the last 0xff takes a character more whenever what is behind it does
// not fit, which is at most the product of both lengths. Imports the dictionary, raw access.
import { BOOLEAN_NULL } from "../layout";
import { textAt, textBytes } from "../memory/dictionary";
import { setU8, u32At, u8At } from "../memory/raw";

const ANY_TEXT: u32 = 0xff;
const ANY_CHARACTER: u32 = 0xfe;

/** Whether each text of the column `a` is like the text that all rows of `b` hold. */
export function like(target: usize, a: usize, b: usize, rows: u32): void {
  let last: u32 = 0;
  let lastIs: u32 = BOOLEAN_NULL;
  for (let row: usize = 0; row < rows; row++) {
    const id = u32At(a + (row << 2));
    // Readings of one series follow one another, and their texts are mostly the same.
    if (id != last) {
      last = id;
      lastIs = isLike(id, u32At(b + (row << 2))) ? 1 : 0;
    }
    setU8(target + row, id == 0 ? BOOLEAN_NULL : lastIs);
  }
}

// @ts-ignore: decorator
@inline function nextCharacter(at: usize, end: usize): usize {
  let next = at + 1;
  while (next < end && (u8At(next) & 0xc0) == 0x80) next++;
  return next;
}

function isLike(text: u32, like: u32): bool {
  let at = textAt(text);
  const end = at + textBytes(text);
  let pattern = textAt(like);
  const patternEnd = pattern + textBytes(like);
  let again: usize = 0;
  let from: usize = 0;
  while (true) {
    const wanted = pattern < patternEnd ? u8At(pattern) : 0;
    if (pattern < patternEnd && wanted == ANY_TEXT) {
      again = ++pattern;
      from = at;
      continue;
    }
    if (at == end && pattern == patternEnd) return true;
    if (at < end && pattern < patternEnd && (wanted == ANY_CHARACTER || wanted == u8At(at))) {
      at = wanted == ANY_CHARACTER ? nextCharacter(at, end) : at + 1;
      pattern++;
      continue;
    }
    if (again == 0 || from == end) return false;
    from = nextCharacter(from, end);
    at = from;
    pattern = again;
  }
}
