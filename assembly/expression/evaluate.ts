// Expressions, a column at a time: runs a program of OP structs over registers (OP_* and CODE_* of layout/).
// One switch an operator, one loop over the rows in each branch. NULL is in-band (NaN, id 0, boolean 2, smallest i64), so
// arithmetic carries it along by itself. A double that is not finite although its operands are there becomes
// NULL and is counted; −0 becomes +0. Imports the operators' files, raw access.
import {
  CODE_ADD, CODE_AND, CODE_CEIL, CODE_COALESCE, CODE_EQUAL, CODE_FLOOR, CODE_GREATER_OR_EQUAL, CODE_IS_NULL,
  CODE_LITERAL, CODE_MULTIPLY, CODE_NOT, CODE_OR, CODE_POWER, CODE_SELECT, OP_A, OP_B, OP_BYTES, OP_C, OP_CODE,
  OP_NUMBER, OP_TARGET, OP_TYPE, TYPE_BIGINT, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_STRING, CODE_ABS, CODE_DIVIDE, CODE_MODULO,
  CODE_NEGATE, CODE_ROUND, CODE_SQRT, CODE_SUBTRACT, CODE_TO_BIGINT, CODE_TO_DOUBLE,
  CODE_BYTES_TO_STRING, CODE_CONCAT, CODE_LOWER, CODE_SUBSTRING, CODE_TO_BOOLEAN, CODE_TO_STRING, CODE_UPPER, NO_REGISTER,
  HEADER_NULLED_TYPE, CODE_COS, CODE_EXP, CODE_GREATEST, CODE_LEAST, CODE_LIKE, CODE_LN, CODE_LOG10, CODE_SIN,
} from "../layout";
import { f64At, i64At, setF64, setI64, setU32, setU8, u32At } from "../memory/raw";
import { header } from "../memory/regions";
import {
  absolute, add, ceiling, divide, extreme, flooring, modulo, multiply, negate, powers, root, rounded, subtract, transcend,
} from "./arithmetic";
import { like } from "./like";
import { toBooleans, toDoubles, toWholes } from "./cast";
import { bytesToText, changeCase, concat, substring, toText } from "./text";
import { calculateWhole, extremeWhole } from "./whole";
import { bothOf, coalesce, compare, eitherOf, isNull, notOf, select } from "./logic";

// @ts-ignore: decorator
@inline function base(registers: usize, op: usize, field: usize): usize {
  return <usize>u32At(registers + (<usize>u32At(op + field) << 2));
}

/** Fills the registers of a program's literals; once, since nothing else writes them. */
export function fillLiterals(ops: usize, count: u32, registers: usize, rows: u32): void {
  for (let index: usize = 0; index < count; index++) {
    const op = ops + index * OP_BYTES;
    if (u32At(op + OP_CODE) != CODE_LITERAL) continue;
    const target = base(registers, op, OP_TARGET);
    const type = u32At(op + OP_TYPE);
    for (let row: usize = 0; row < rows; row++) {
      if (type == TYPE_DOUBLE) setF64(target + (row << 3), f64At(op + OP_NUMBER) + 0);
      else if (type == TYPE_STRING) setU32(target + (row << 2), u32At(op + OP_A));
      else if (type == TYPE_BOOLEAN) setU8(target + row, u32At(op + OP_A));
      else if (type == TYPE_BIGINT) setI64(target + (row << 3), i64At(op + OP_NUMBER));
    }
  }
}

/** Runs `count` operators over `rows` rows; `registers` is the table of the registers' addresses. */
export function evaluate(ops: usize, count: u32, registers: usize, rows: u32): void {
  for (let index: usize = 0; index < count; index++) {
    const op = ops + index * OP_BYTES;
    const code = u32At(op + OP_CODE);
    if (code == CODE_LITERAL) continue;
    const target = base(registers, op, OP_TARGET);
    const a = base(registers, op, OP_A);
    const b = base(registers, op, OP_B);
    if (code <= <u32>CODE_POWER) {
      if (u32At(op + OP_TYPE) == TYPE_BIGINT) calculateWhole(code, target, a, b, rows);
      else calculate(code, target, a, b, f64At(op + OP_NUMBER), rows);
    } else if (code >= <u32>CODE_EQUAL && code <= <u32>CODE_GREATER_OR_EQUAL) {
      compare(code, u32At(op + OP_TYPE), target, a, b, rows);
    } else {
      switch (code) {
        case CODE_AND: bothOf(target, a, b, rows); break;
        case CODE_OR: eitherOf(target, a, b, rows); break;
        case CODE_NOT: notOf(target, a, rows); break;
        case CODE_IS_NULL: isNull(u32At(op + OP_TYPE), target, a, rows); break;
        case CODE_SELECT: select(u32At(op + OP_TYPE), target, a, b, base(registers, op, OP_C), rows); break;
        case CODE_TO_DOUBLE: toDoubles(u32At(op + OP_TYPE), target, a, rows); break;
        case CODE_TO_BIGINT: toWholes(u32At(op + OP_TYPE), target, a, rows); break;
        case CODE_TO_BOOLEAN: toBooleans(u32At(op + OP_TYPE), target, a, rows); break;
        case CODE_BYTES_TO_STRING: bytesToText(target, a, rows, header + HEADER_NULLED_TYPE); break;
        case CODE_TO_STRING:
        case CODE_CONCAT:
        case CODE_UPPER:
        case CODE_LOWER:
        case CODE_SUBSTRING: makeTexts(code, op, registers, target, a, b, rows); break;
        case CODE_LN:
        case CODE_LOG10:
        case CODE_EXP:
        case CODE_SIN:
        case CODE_COS: transcend(code, target, a, rows); break;
        case CODE_LEAST:
        case CODE_GREATEST:
          if (u32At(op + OP_TYPE) == TYPE_BIGINT) extremeWhole(code == CODE_LEAST, target, a, b, rows);
          else extreme(code == CODE_LEAST, target, a, b, rows);
          break;
        case CODE_LIKE: like(target, a, b, rows); break;
        case CODE_COALESCE: coalesce(u32At(op + OP_TYPE), target, a, b, rows); break;
        default: unreachable();
      }
    }
  }
}

function calculate(code: u32, target: usize, a: usize, b: usize, number: f64, rows: u32): void {
  switch (code) {
    case CODE_ADD: add(target, a, b, rows); break;
    case CODE_SUBTRACT: subtract(target, a, b, rows); break;
    case CODE_MULTIPLY: multiply(target, a, b, rows); break;
    case CODE_DIVIDE: divide(target, a, b, rows); break;
    case CODE_MODULO: modulo(target, a, b, rows); break;
    case CODE_NEGATE: negate(target, a, rows); break;
    case CODE_ABS: absolute(target, a, rows); break;
    case CODE_FLOOR: flooring(target, a, rows); break;
    case CODE_CEIL: ceiling(target, a, rows); break;
    case CODE_ROUND: rounded(target, a, number, rows); break;
    case CODE_SQRT: root(target, a, rows); break;
    case CODE_POWER: powers(target, a, b, rows); break;
    default: unreachable();
  }
}

function makeTexts(code: u32, op: usize, registers: usize, target: usize, a: usize, b: usize, rows: u32): void {
  const number = <u32>f64At(op + OP_NUMBER);
  const third: usize = u32At(op + OP_C) == NO_REGISTER ? 0 : base(registers, op, OP_C);
  switch (code) {
    case CODE_TO_STRING: toText(u32At(op + OP_TYPE), number, target, a, rows); break;
    case CODE_CONCAT: concat(number, target, a, b, third, rows); break;
    case CODE_SUBSTRING: substring(number, target, a, b, third, rows); break;
    default: changeCase(code, number, target, a, rows);
  }
}
