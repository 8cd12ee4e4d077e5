// Comparisons, three-valued logic, and the choices between columns: CASE, COALESCE, IS NULL. A BOOLEAN cell is
// 0 false, 1 true, 2 NULL. Imports layout and raw access.
import {
  BOOLEAN_NULL, CODE_EQUAL, CODE_GREATER, CODE_GREATER_OR_EQUAL, CODE_LESS, CODE_LESS_OR_EQUAL, CODE_NOT_EQUAL,
  TYPE_BIGINT, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_STRING,
} from "../layout";
import { NULL_WHOLE, f64At, i64At, setU32, setU64, setU8, u32At, u64At, u8At } from "../memory/raw";

// @ts-ignore: decorator
@inline function decide<T>(code: u32, x: T, y: T): bool {
  switch (code) {
    case CODE_EQUAL: return x == y;
    case CODE_NOT_EQUAL: return x != y;
    case CODE_LESS: return x < y;
    case CODE_LESS_OR_EQUAL: return x <= y;
    case CODE_GREATER: return x > y;
    default: return x >= y;
  }
}

export function compare(code: u32, type: u32, target: usize, a: usize, b: usize, rows: u32): void {
  if (type == TYPE_DOUBLE) compareDoubles(code, target, a, b, rows);
  else if (type == TYPE_STRING) {
    for (let row: usize = 0; row < rows; row++) {
      const x = u32At(a + (row << 2));
      const y = u32At(b + (row << 2));
      setU8(target + row, x == 0 || y == 0 ? BOOLEAN_NULL : decide<u32>(code, x, y) ? 1 : 0);
    }
  } else if (type == TYPE_BOOLEAN) {
    for (let row: usize = 0; row < rows; row++) {
      const x = u8At(a + row);
      const y = u8At(b + row);
      setU8(target + row, x == BOOLEAN_NULL || y == BOOLEAN_NULL ? BOOLEAN_NULL : decide<u32>(code, x, y) ? 1 : 0);
    }
  } else if (type == TYPE_BIGINT) {
    for (let row: usize = 0; row < rows; row++) {
      const x = i64At(a + (row << 3));
      const y = i64At(b + (row << 3));
      setU8(target + row, x == NULL_WHOLE || y == NULL_WHOLE ? BOOLEAN_NULL : decide<i64>(code, x, y) ? 1 : 0);
    }
  } else {
    for (let row: usize = 0; row < rows; row++) {
      setU8(target + row, decide<i64>(code, i64At(a + (row << 3)), i64At(b + (row << 3))) ? 1 : 0);
    }
  }
}

/** A loop for each comparison, so that none is decided row by row. */
function compareDoubles(code: u32, target: usize, a: usize, b: usize, rows: u32): void {
  switch (code) {
    case CODE_EQUAL: doubles(CODE_EQUAL, target, a, b, rows); break;
    case CODE_NOT_EQUAL: doubles(CODE_NOT_EQUAL, target, a, b, rows); break;
    case CODE_LESS: doubles(CODE_LESS, target, a, b, rows); break;
    case CODE_LESS_OR_EQUAL: doubles(CODE_LESS_OR_EQUAL, target, a, b, rows); break;
    case CODE_GREATER: doubles(CODE_GREATER, target, a, b, rows); break;
    default: doubles(CODE_GREATER_OR_EQUAL, target, a, b, rows);
  }
}

// @ts-ignore: decorator
@inline function doubles(code: u32, target: usize, a: usize, b: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    const x = f64At(a + (row << 3));
    const y = f64At(b + (row << 3));
    setU8(target + row, x != x || y != y ? BOOLEAN_NULL : decide<f64>(code, x, y) ? 1 : 0);
  }
}

export function bothOf(target: usize, a: usize, b: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    const x = u8At(a + row);
    const y = u8At(b + row);
    setU8(target + row, x == 0 || y == 0 ? 0 : max(x, y));
  }
}

export function eitherOf(target: usize, a: usize, b: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    const x = u8At(a + row);
    const y = u8At(b + row);
    setU8(target + row, x == 1 || y == 1 ? 1 : max(x, y));
  }
}

export function notOf(target: usize, a: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    const x = u8At(a + row);
    setU8(target + row, x == BOOLEAN_NULL ? BOOLEAN_NULL : x ^ 1);
  }
}

// @ts-ignore: decorator
@inline function isNullAt(type: u32, a: usize, row: usize): bool {
  if (type == TYPE_DOUBLE) return f64At(a + (row << 3)) != f64At(a + (row << 3));
  if (type == TYPE_STRING) return u32At(a + (row << 2)) == 0;
  if (type == TYPE_BIGINT) return i64At(a + (row << 3)) == NULL_WHOLE;
  return type == TYPE_BOOLEAN && u8At(a + row) == BOOLEAN_NULL;
}

export function isNull(type: u32, target: usize, a: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) setU8(target + row, isNullAt(type, a, row) ? 1 : 0);
}

// @ts-ignore: decorator
@inline function copyCell(type: u32, target: usize, from: usize, row: usize): void {
  if (type == TYPE_STRING) setU32(target + (row << 2), u32At(from + (row << 2)));
  else if (type == TYPE_BOOLEAN) setU8(target + row, u8At(from + row));
  else setU64(target + (row << 3), u64At(from + (row << 3)));
}

/** b where the condition is true, else c. */
export function select(type: u32, target: usize, condition: usize, b: usize, c: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) copyCell(type, target, u8At(condition + row) == 1 ? b : c, row);
}

export function coalesce(type: u32, target: usize, a: usize, b: usize, rows: u32): void {
  for (let row: usize = 0; row < rows; row++) copyCell(type, target, isNullAt(type, a, row) ? b : a, row);
}
