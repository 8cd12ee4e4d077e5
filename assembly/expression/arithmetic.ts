// Arithmetic on DOUBLE columns. The basic four run two lanes at a time in the SIMD build; both builds give the
// same bits. `settle` then looks at each row: not finite from finite operands → NULL and counted, −0 → +0.
// Imports math, raw access.
import { CODE_COS, CODE_EXP, CODE_LN, CODE_LOG10, CODE_SIN, HEADER_NULLED_NONFINITE } from "../layout";
import { addI64, f64At, setF64, setVector, vectorAt } from "../memory/raw";
import { header } from "../memory/regions";
import { cos, exp, ln, log10, sin } from "../number/functions";
import { power, roundDigits, roundHalfAway } from "../number/math";

// @ts-ignore: decorator
@inline function cell(base: usize, row: u32): f64 { return f64At(base + (<usize>row << 3)); }

/** Writes one result: NaN when an operand is NULL (`there` false), counted when it is not finite. */
// @ts-ignore: decorator
@inline function put(target: usize, row: u32, value: f64, there: bool): void {
  if (value - value == 0) setF64(target + (<usize>row << 3), value + 0);
  else {
    setF64(target + (<usize>row << 3), NaN);
    if (there) addI64(header + HEADER_NULLED_NONFINITE, 1);
  }
}

/** Settles a column of raw results of two operands. */
function settle(target: usize, a: usize, b: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = cell(a, row);
    const y = cell(b, row);
    put(target, row, cell(target, row), x == x && y == y);
  }
}

// Columns have room for an even number of rows, so the last pair may run over.
export function add(target: usize, a: usize, b: usize, rows: u32): void {
  if (ASC_FEATURE_SIMD) {
    for (let at: usize = 0; at < <usize>rows << 3; at += 16) {
      setVector(target + at, f64x2.add(vectorAt(a + at), vectorAt(b + at)));
    }
  } else {
    for (let at: usize = 0; at < <usize>rows << 3; at += 8) setF64(target + at, f64At(a + at) + f64At(b + at));
  }
  settle(target, a, b, rows);
}

export function subtract(target: usize, a: usize, b: usize, rows: u32): void {
  if (ASC_FEATURE_SIMD) {
    for (let at: usize = 0; at < <usize>rows << 3; at += 16) {
      setVector(target + at, f64x2.sub(vectorAt(a + at), vectorAt(b + at)));
    }
  } else {
    for (let at: usize = 0; at < <usize>rows << 3; at += 8) setF64(target + at, f64At(a + at) - f64At(b + at));
  }
  settle(target, a, b, rows);
}

export function multiply(target: usize, a: usize, b: usize, rows: u32): void {
  if (ASC_FEATURE_SIMD) {
    for (let at: usize = 0; at < <usize>rows << 3; at += 16) {
      setVector(target + at, f64x2.mul(vectorAt(a + at), vectorAt(b + at)));
    }
  } else {
    for (let at: usize = 0; at < <usize>rows << 3; at += 8) setF64(target + at, f64At(a + at) * f64At(b + at));
  }
  settle(target, a, b, rows);
}

export function divide(target: usize, a: usize, b: usize, rows: u32): void {
  if (ASC_FEATURE_SIMD) {
    for (let at: usize = 0; at < <usize>rows << 3; at += 16) {
      setVector(target + at, f64x2.div(vectorAt(a + at), vectorAt(b + at)));
    }
  } else {
    for (let at: usize = 0; at < <usize>rows << 3; at += 8) setF64(target + at, f64At(a + at) / f64At(b + at));
  }
  settle(target, a, b, rows);
}

/** Remainder with the sign of the dividend; exact. */
export function modulo(target: usize, a: usize, b: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = cell(a, row);
    const y = cell(b, row);
    put(target, row, x % y, x == x && y == y);
  }
}

export function negate(target: usize, a: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) put(target, row, -cell(a, row), false);
}

export function absolute(target: usize, a: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) put(target, row, Math.abs(cell(a, row)), false);
}

export function flooring(target: usize, a: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) put(target, row, floor<f64>(cell(a, row)), false);
}

export function ceiling(target: usize, a: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) put(target, row, ceil<f64>(cell(a, row)), false);
}

export function rounded(target: usize, a: usize, digits: f64, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = cell(a, row);
    put(target, row, digits == 0 ? roundHalfAway(x) : roundDigits(x, digits), false);
  }
}

export function root(target: usize, a: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = cell(a, row);
    put(target, row, sqrt<f64>(x), x == x);
  }
}

export function powers(target: usize, a: usize, b: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = cell(a, row);
    const y = cell(b, row);
    if (x != x || y != y) put(target, row, NaN, false);
    else put(target, row, power(x, y), true);
  }
}

/** CODE_LN … CODE_COS. */
export function transcend(code: u32, target: usize, a: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = cell(a, row);
    if (x != x) put(target, row, x, false);
    else put(target, row, functionOf(code, x), true);
  }
}

function functionOf(code: u32, x: f64): f64 {
  switch (code) {
    case CODE_LN: return ln(x);
    case CODE_LOG10: return log10(x);
    case CODE_EXP: return exp(x);
    case CODE_SIN: return sin(x);
    case CODE_COS: return cos(x);
    default: return unreachable();
  }
}

/** The smaller of two, or the larger; NULL when one is. */
export function extreme(least: bool, target: usize, a: usize, b: usize, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    const x = cell(a, row);
    const y = cell(b, row);
    const first = x != x || (y == y && (least ? x <= y : x >= y));
    setF64(target + (<usize>row << 3), first ? x : y);
  }
}
