// Compiles expressions to the kernel's operator structs (OP_* and CODE_* of assembly/layout/). Registers
// 0 … n−1 are the columns; every distinct sub-expression gets one register and is evaluated once a row.
// Imports core and the layout.
import * as L from "../layout.ts";
import { BytesWriter } from "./bytes-writer.ts";
import { assert } from "../errors.ts";
import type { Expression, Operator, Type } from "./plan.ts";

/** TYPE_* of each type. */
export const typeCodes: Record<Type, number> = {
  double: L.TYPE_DOUBLE,
  string: L.TYPE_STRING,
  boolean: L.TYPE_BOOLEAN,
  instant: L.TYPE_INSTANT,
  "array<double>": L.TYPE_ARRAY,
  "array<string>": L.TYPE_ARRAY,
  "array<boolean>": L.TYPE_ARRAY,
};

/** `case` has no code of its own: it becomes a chain of selects. */
const operatorCodes: Record<Exclude<Operator, "case">, number> = {
  add: L.CODE_ADD,
  subtract: L.CODE_SUBTRACT,
  multiply: L.CODE_MULTIPLY,
  divide: L.CODE_DIVIDE,
  modulo: L.CODE_MODULO,
  negate: L.CODE_NEGATE,
  abs: L.CODE_ABS,
  floor: L.CODE_FLOOR,
  ceil: L.CODE_CEIL,
  round: L.CODE_ROUND,
  sqrt: L.CODE_SQRT,
  power: L.CODE_POWER,
  equal: L.CODE_EQUAL,
  notEqual: L.CODE_NOT_EQUAL,
  less: L.CODE_LESS,
  lessOrEqual: L.CODE_LESS_OR_EQUAL,
  greater: L.CODE_GREATER,
  greaterOrEqual: L.CODE_GREATER_OR_EQUAL,
  and: L.CODE_AND,
  or: L.CODE_OR,
  not: L.CODE_NOT,
  isNull: L.CODE_IS_NULL,
  coalesce: L.CODE_COALESCE,
};

export class Program {
  private readonly ops = new BytesWriter();
  private readonly known = new Map<string, number>();
  private readonly literals: Map<string, number>;
  registerCount: number;
  opCount = 0;

  /** `literals` collects the texts of string literals: their place is their dictionary id, from 1. */
  constructor(columnCount: number, literals: Map<string, number>) {
    this.registerCount = columnCount;
    this.literals = literals;
  }

  /** The register that holds the expression's value, compiled unless an equal one is there. */
  register(expression: Expression): number {
    if (expression.kind === "column") return expression.column;
    const text = JSON.stringify(expression);
    const found = this.known.get(text);
    if (found !== undefined) return found;
    const register = expression.kind === "literal" ? this.literal(expression) : this.call(expression);
    this.known.set(text, register);
    return register;
  }

  bytes(): Uint8Array {
    return this.ops.bytes();
  }

  private literal({ type, value }: Extract<Expression, { kind: "literal" }>): number {
    if (type === "string") {
      const id = value === null ? 0 : (this.literals.get(value as string) ?? this.literals.size + 1);
      if (value !== null) this.literals.set(value as string, id);
      return this.op(L.CODE_LITERAL, [id], type, 0);
    }
    if (type === "boolean")
      return this.op(L.CODE_LITERAL, [value === null ? L.BOOLEAN_NULL : value ? 1 : 0], type, 0);
    assert(type === "double", `a literal of type ${type} cannot be compiled`);
    return this.op(L.CODE_LITERAL, [], type, value === null ? Number.NaN : (value as number));
  }

  private call({ operator, arguments: parts, type }: Extract<Expression, { kind: "call" }>): number {
    if (operator === "case") return this.select(parts, type);
    if (operator === "round") {
      const digits = parts[1] ?? { kind: "literal", value: 0 };
      assert(digits.kind === "literal", "the digits of ROUND are no literal");
      return this.op(L.CODE_ROUND, [this.register(parts[0]!)], type, Number(digits.value));
    }
    const registers = parts.map((part) => this.register(part));
    return this.op(operatorCodes[operator], registers, parts[0]!.type, 0);
  }

  private select(parts: Expression[], type: Type): number {
    let otherwise = this.register(parts[parts.length - 1]!);
    for (let index = parts.length - 3; index >= 0; index -= 2) {
      const condition = this.register(parts[index]!);
      otherwise = this.op(L.CODE_SELECT, [condition, this.register(parts[index + 1]!), otherwise], type, 0);
    }
    return otherwise;
  }

  private op(code: number, registers: number[], type: Type, number: number): number {
    const at = this.ops.reserve(L.OP_BYTES, 8);
    const target = this.registerCount++;
    this.opCount++;
    this.ops.setU32(at + L.OP_CODE, code);
    this.ops.setU32(at + L.OP_TARGET, target);
    this.ops.setU32(at + L.OP_A, registers[0] ?? 0);
    this.ops.setU32(at + L.OP_B, registers[1] ?? 0);
    this.ops.setU32(at + L.OP_C, registers[2] ?? 0);
    this.ops.setU32(at + L.OP_TYPE, typeCodes[type]);
    this.ops.setF64(at + L.OP_NUMBER, number);
    return target;
  }
}
