// Where each character of a YAML scalar's value stands in the file, so that a problem inside an SQL text
// points at the file's own line and column. Works for every style (plain, quoted, | and >): value and source
// have the same characters in the same order but for white space, doubled single quotes, and escapes.
// Portable: imports types of yaml only.
import type { Scalar } from "yaml";

/**
 * File offsets of the value's UTF-16 units, and one more for the value's end: just behind its last character
 * that is not white space. `text` is the whole file.
 */
export function scalarPlaces(text: string, node: Scalar, value: string): number[] {
  const [begin, end] = node.range ?? [0, 0];
  const type = node.type ?? "PLAIN";
  const block = type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED";
  const content = block ? text.indexOf("\n", begin) + 1 || end : begin;
  return align(value, solidUnits(text, content, end, type), begin);
}

interface Unit {
  at: number;
  length: number;
}

/** The units of a scalar's source that are not white space, without quotes; an escape is one unit. */
function solidUnits(text: string, begin: number, end: number, type: string): Unit[] {
  const quoted = type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE";
  const to = quoted ? end - 1 : end;
  const units: Unit[] = [];
  let at = quoted ? begin + 1 : begin;
  while (at < to) {
    const escape = type === "QUOTE_DOUBLE" && text[at] === "\\" ? readEscape(text, at) : null;
    const length = escape?.length ?? (type === "QUOTE_SINGLE" && text[at] === "'" ? 2 : 1);
    const content = escape?.value ?? text[at]!;
    for (let unit = 0; unit < content.length; unit++)
      if (!isSpace(content[unit]!)) units.push({ at, length });
    at += length;
  }
  return units;
}

/** Escapes of double-quoted YAML whose content is not white space; the others leave no unit behind. */
const ESCAPES: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  "0": "\0",
  a: "\u0007",
  b: "\b",
  e: "\u001b",
};

function readEscape(text: string, at: number): { value: string; length: number } {
  const letter = text[at + 1] ?? "";
  const digits = letter === "x" ? 2 : letter === "u" ? 4 : letter === "U" ? 8 : 0;
  if (digits === 0) return { value: ESCAPES[letter] ?? "", length: 2 };
  const code = Number.parseInt(text.slice(at + 2, at + 2 + digits), 16);
  return { value: code <= 0x10ffff ? String.fromCodePoint(code) : "", length: 2 + digits };
}

const isSpace = (character: string): boolean => character.trim() === "";

function align(value: string, units: Unit[], begin: number): number[] {
  const places: number[] = [];
  let next = 0;
  let behind = units[0]?.at ?? begin;
  for (let index = 0; index < value.length; index++) {
    const unit = isSpace(value[index]!) ? undefined : units[next];
    if (unit === undefined) places.push(behind);
    else {
      places.push(unit.at);
      behind = unit.at + unit.length;
      next++;
    }
  }
  places.push(next === 0 ? begin : behind);
  return places;
}
