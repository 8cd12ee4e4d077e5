// Arguments of any type as columns of doubles, which is how states take them: a STRING is its id, a BOOLEAN 0 or 1, NULL
// is NaN. Ids are exact as doubles and equal when the texts are; their order says nothing, so where order or a hash is
// asked for it is that of the text. Owns two columns of the batch. Imports memory and layout.
import { BATCH_ROWS, BOOLEAN_NULL, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_STRING } from "../layout";
import { textAt, textBytes, textIsLess } from "../memory/dictionary";
import { setF64, u32At, u8At } from "../memory/raw";
import { align, registerBase } from "../memory/regions";
import { hashText, hashWord } from "../number/xxhash";

let column: usize = 0;

/** Places the column at `base`; returns the first byte behind it. */
export function openCells(base: usize): usize {
  column = base;
  return align(base + BATCH_ROWS * 8);
}

/** Cells of a register as doubles, rows [from, to) of them; valid until the next call. */
export function numbersOf(register: u32, type: u32, from: u32, to: u32): usize {
  const cells = registerBase(register);
  if (type == TYPE_STRING) {
    for (let row = from; row < to; row++) {
      const id = u32At(cells + (<usize>row << 2));
      setF64(column + (<usize>row << 3), id == 0 ? NaN : <f64>id);
    }
    return column;
  }
  if (type == TYPE_BOOLEAN) {
    for (let row = from; row < to; row++) {
      const cell = u8At(cells + row);
      setF64(column + (<usize>row << 3), cell == BOOLEAN_NULL ? NaN : <f64>cell);
    }
    return column;
  }
  return cells;
}

/** Hash of a value: of a text's bytes, or of a double's 8 bytes. */
export function hashOf(value: f64, type: u32): u64 {
  if (type != TYPE_STRING) return hashWord(reinterpret<u64>(value));
  return hashText(textAt(<u32>value), textBytes(<u32>value));
}

/** True when one value comes before another of its type: false before true, texts by their bytes. */
export function isLess(a: f64, b: f64, type: u32): bool {
  return type == TYPE_STRING ? textIsLess(<u32>a, <u32>b) : a < b;
}

/** A value as element of an ARRAY: a double as it is, an id or a boolean as whole number of 64 bits. */
export function elementOf(value: f64, type: u32): u64 {
  return type == TYPE_DOUBLE ? reinterpret<u64>(value) : <u64>value;
}
