// Arguments of any type as columns of 8 bytes, which is how states take them: a BIGINT is its i64, all others are doubles:
// a STRING is its id, a BOOLEAN 0 or 1, NULL is NaN. Ids are exact as doubles and equal when the texts are; their order
// says nothing, so where order or a hash is asked for it is that of the text. States that take several types keep the
// 8 bytes as a word; equal values are equal words, since there is neither −0 nor a NULL among them. Owns two columns of the batch. Imports memory and layout.
import { BATCH_ROWS, BOOLEAN_NULL, TYPE_BIGINT, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_STRING } from "../layout";
import { textAt, textBytes, textIsLess } from "../memory/dictionary";
import { NULL_WHOLE, setF64, u32At, u64At, u8At } from "../memory/raw";
import { align, registerBase } from "../memory/regions";
import { hashText, hashWord } from "../number/xxhash";

let column: usize = 0;

/** Places the column at `base`; returns the first byte behind it. */
export function openCells(base: usize): usize {
  column = base;
  return align(base + BATCH_ROWS * 8);
}

/** Cells of a register as values, rows [from, to) of them; valid until the next call. */
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

/** The word of a row's value. */
// @ts-ignore: decorator
@inline export function wordAt(values: usize, row: u32): u64 { return u64At(values + (<usize>row << 3)); }

/** True when the word stands for NULL. */
// @ts-ignore: decorator
@inline export function isNullWord(word: u64, type: u32): bool {
  if (type == TYPE_BIGINT) return <i64>word == NULL_WHOLE;
  return (word & 0x7fffffffffffffff) > 0x7ff0000000000000;
}

// @ts-ignore: decorator
@inline function idOf(word: u64): u32 { return <u32>reinterpret<f64>(word); }

/** Hash of a value: of a text's bytes, or of a number's 8 bytes. */
export function hashOf(word: u64, type: u32): u64 {
  if (type != TYPE_STRING) return hashWord(word);
  return hashText(textAt(idOf(word)), textBytes(idOf(word)));
}

/** True when one value comes before another of its type: false before true, texts by their bytes. */
export function isLess(a: u64, b: u64, type: u32): bool {
  if (type == TYPE_STRING) return textIsLess(idOf(a), idOf(b));
  return type == TYPE_BIGINT ? <i64>a < <i64>b : reinterpret<f64>(a) < reinterpret<f64>(b);
}

/** A value as element of an ARRAY: a number as it is, an id or a boolean as whole number of 64 bits. */
export function elementOf(word: u64, type: u32): u64 {
  return type == TYPE_DOUBLE || type == TYPE_BIGINT ? word : <u64>reinterpret<f64>(word);
}
