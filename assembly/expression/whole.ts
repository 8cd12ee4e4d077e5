// Arithmetic on BIGINT columns, and casts to and from them. NULL is the smallest i64. What is beyond BIGINT, and what is
// divided by zero, becomes NULL and is counted as not finite. Division drops what is behind the point; the remainder has
// the sign of the dividend. Imports layout, raw access.
import {
  CODE_ABS, CODE_ADD, CODE_DIVIDE, CODE_MODULO, CODE_MULTIPLY, CODE_NEGATE, CODE_SUBTRACT, HEADER_NULLED_NONFINITE,
} from "../layout";
import { NULL_WHOLE, addI64, f64At, i64At, setF64, setI64 } from "../memory/raw";
import { header } from "../memory/regions";

// @ts-ignore: decorator
@inline function cell(base: usize, row: u32): i64 { return i64At(base + (<usize>row << 3)); }

/** Each of the operators of two operands that are there; NULL when the result is beyond BIGINT. */
// @ts-ignore: decorator
@inline function apply(code: u32, x: i64, y: i64): i64 {
  switch (code) {
    case CODE_ADD: {
      const sum = x + y;
      return ((x ^ sum) & (y ^ sum)) < 0 ? NULL_WHOLE : sum;
    }
    case CODE_SUBTRACT: {
      const difference = x - y;
      return ((x ^ y) & (x ^ difference)) < 0 ? NULL_WHOLE : difference;
    }
    case CODE_MULTIPLY: return product(x, y);
    case CODE_DIVIDE: return y == 0 ? NULL_WHOLE : x / y;
    default: return y == 0 ? NULL_WHOLE : x % y;
  }
}

function product(x: i64, y: i64): i64 {
  if (x == 0 || y == 0) return 0;
  const value = x * y;
  // Neither operand is the smallest i64, so the division cannot trap but for this value, which is NULL anyway.
  return value == NULL_WHOLE || value / y != x ? NULL_WHOLE : value;
}

// @ts-ignore: decorator
@inline function column(code: u32, target: usize, a: usize, b: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = cell(a, row);
    const y = cell(b, row);
    let value = NULL_WHOLE;
    if (x != NULL_WHOLE && y != NULL_WHOLE) {
      value = apply(code, x, y);
      if (value == NULL_WHOLE) addI64(header + HEADER_NULLED_NONFINITE, 1);
    }
    setI64(target + (<usize>row << 3), value);
  }
}

/** CODE_ADD … CODE_MODULO, CODE_NEGATE and CODE_ABS of BIGINTs. */
export function calculateWhole(code: u32, target: usize, a: usize, b: usize, rows: u32): void {
  switch (code) {
    case CODE_ADD: column(CODE_ADD, target, a, b, rows); break;
    case CODE_SUBTRACT: column(CODE_SUBTRACT, target, a, b, rows); break;
    case CODE_MULTIPLY: column(CODE_MULTIPLY, target, a, b, rows); break;
    case CODE_DIVIDE: column(CODE_DIVIDE, target, a, b, rows); break;
    case CODE_MODULO: column(CODE_MODULO, target, a, b, rows); break;
    case CODE_NEGATE:
      // The negative of NULL is the same bits.
      for (let row: u32 = 0; row < rows; row++) setI64(target + (<usize>row << 3), -cell(a, row));
      break;
    case CODE_ABS:
      for (let row: u32 = 0; row < rows; row++) {
        const x = cell(a, row);
        setI64(target + (<usize>row << 3), x < 0 ? -x : x);
      }
      break;
    default: unreachable();
  }
}

/** The nearest double. */
export function wholeToDouble(target: usize, a: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = cell(a, row);
    setF64(target + (<usize>row << 3), x == NULL_WHOLE ? NaN : <f64>x);
  }
}

/** Without what is behind the point. */
export function doubleToWhole(target: usize, a: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = f64At(a + (<usize>row << 3));
    let value = NULL_WHOLE;
    if (Math.abs(x) < 9223372036854775808.0) value = <i64>x;
    else if (x == x) addI64(header + HEADER_NULLED_NONFINITE, 1);
    setI64(target + (<usize>row << 3), value);
  }
}

/** The smaller of two BIGINTs, or the larger; NULL, the smallest of all, when one is. */
export function extremeWhole(least: bool, target: usize, a: usize, b: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = cell(a, row);
    const y = cell(b, row);
    const smaller = min(x, y);
    setI64(target + (<usize>row << 3), least || smaller == NULL_WHOLE ? smaller : max(x, y));
  }
}
