// Compiles expressions to the kernel's operator structs (OP_* and CODE_* of assembly/layout/). Registers
// 0 … n−1 are the columns; every distinct sub-expression gets one register and is evaluated once a row.
// Imports core and the layout.
import * as L from "../../layout.ts";
import { toHex } from "../../bytes.ts";
import { BytesWriter } from "./bytes-writer.ts";
import { assert } from "../../errors.ts";
import type { Expression, Operator, StatefulExpression, StatefulOperator, Type } from "../plan.ts";
import { MAKES_TEXT, expressionKey } from "../plan.ts";

/** TYPE_* of each type. */
export const typeCodes: Record<Type, number> = {
  double: L.TYPE_DOUBLE,
  string: L.TYPE_STRING,
  boolean: L.TYPE_BOOLEAN,
  bigint: L.TYPE_BIGINT,
  // Ids of the dictionary, like texts.
  bytes: L.TYPE_STRING,
  instant: L.TYPE_INSTANT,
  partial: L.TYPE_PARTIAL,
  "array<double>": L.TYPE_ARRAY,
  "array<string>": L.TYPE_ARRAY,
  "array<boolean>": L.TYPE_ARRAY,
  "array<bigint>": L.TYPE_ARRAY,
  "array<bytes>": L.TYPE_ARRAY,
};

/** `case` has no code of its own: it becomes a chain of selects. */
const operatorCodes: Record<Exclude<Operator, "case" | "toBytes">, number> = {
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
  toDouble: L.CODE_TO_DOUBLE,
  toBigint: L.CODE_TO_BIGINT,
  ln: L.CODE_LN,
  log10: L.CODE_LOG10,
  exp: L.CODE_EXP,
  sin: L.CODE_SIN,
  cos: L.CODE_COS,
  least: L.CODE_LEAST,
  greatest: L.CODE_GREATEST,
  like: L.CODE_LIKE,
  toBoolean: L.CODE_TO_BOOLEAN,
  toText: L.CODE_TO_STRING,
  concat: L.CODE_CONCAT,
  upper: L.CODE_UPPER,
  lower: L.CODE_LOWER,
  substring: L.CODE_SUBSTRING,
};

const statefulCodes: Record<StatefulOperator, number> = {
  lag: L.CODE_LAG,
  changed: L.CODE_CHANGED,
  rising: L.CODE_RISING,
  falling: L.CODE_FALLING,
  deadband: L.CODE_DEADBAND,
  dedup: L.CODE_DEDUP,
  fill: L.CODE_FILL,
  debounce: L.CODE_DEBOUNCE,
  increase: L.CODE_INCREASE,
  rate: L.CODE_RATE,
};

/** Bytes of the state of one key; layout/operators.ts draws them. */
export function stateBytes({ operator, count }: StatefulExpression): number {
  if (operator === "lag") return L.LAG_HEAD_BYTES + 8 * count;
  if (operator === "rising" || operator === "falling") return 8;
  if (operator === "changed") return 16;
  return operator === "debounce" ? 32 : 24;
}

/** What the program has of a stateful operator besides its op. */
export interface OperatorForm {
  expression: StatefulExpression;
  space: number;
  gate: number;
}

interface Op {
  code: number;
  target: number;
  registers: number[];
  type: Type;
  number: number | bigint;
}

/** log2 of the bytes of a cell. */
const shiftOf = (type: Type): number => (type === "boolean" ? 0 : typeCodes[type] === L.TYPE_STRING ? 2 : 3);

/** NULL of a BIGINT. */
const NULL_BIGINT = -(2n ** 63n);

const encoder = new TextEncoder();

/** What the programs of a plan share. */
export class PlanTexts {
  /** The bytes of the literals, in hexadecimal: their place is their dictionary id, from 1. */
  readonly literals = new Map<string, number>();
  /** Ops that make texts. */
  made = 0;
  /** Some of them change capital and small letters. */
  cases = false;
}

/** A pattern of LIKE as the kernel reads it: 0xff for any text, 0xfe for any character, which no UTF-8 has. */
function likePattern(pattern: string, escape: string | undefined): Uint8Array {
  const bytes: number[] = [];
  let itself = false;
  for (const character of pattern) {
    if (!itself && character === escape) {
      itself = true;
      continue;
    }
    if (!itself && (character === "%" || character === "_")) bytes.push(character === "%" ? 0xff : 0xfe);
    else bytes.push(...encoder.encode(character));
    itself = false;
  }
  return Uint8Array.from(bytes);
}

const hexOf = (text: string): string => toHex(encoder.encode(text));

/** Dictionary id of bytes that the plan holds, in hexadecimal. */
function literalId(literals: Map<string, number>, hex: string): number {
  const id = literals.get(hex) ?? literals.size + 1;
  literals.set(hex, id);
  return id;
}

/** Dictionary id of a text that the plan holds. */
export const textId = (literals: Map<string, number>, text: string): number =>
  literalId(literals, hexOf(text));

export class Program {
  private readonly ops: Op[] = [];
  private readonly known = new Map<string, number>();
  private readonly texts: PlanTexts;
  private readonly spaceOf: (keys: number[]) => number;
  /** Type of each register. */
  private readonly types: Type[];
  /** Registers that depend on a stateful operator. */
  private readonly late = new Set<number>();
  /** Stateful operators of all programs of a plan. */
  private readonly operators: OperatorForm[];

  /**
   * `columns` are the types of the first registers. `texts` collects literals and what makes texts, `operators`
   * stateful operators; `spaceOf` gives their key space.
   */
  constructor(
    columns: Type[],
    texts: PlanTexts,
    operators: OperatorForm[],
    spaceOf: (keys: number[]) => number,
  ) {
    this.types = [...columns];
    this.texts = texts;
    this.operators = operators;
    this.spaceOf = spaceOf;
  }

  get registerCount(): number {
    return this.types.length;
  }

  get opCount(): number {
    return this.ops.length;
  }

  /** Ops that depend on no stateful operator: they are the first ones of `bytes`. */
  get statelessCount(): number {
    return this.ops.filter(({ target }) => !this.late.has(target)).length;
  }

  /** How far a row is shifted in each register: log2 of the bytes of a cell. */
  get shifts(): Uint8Array {
    return Uint8Array.from(this.types, shiftOf);
  }

  /** The register that holds the expression's value, compiled unless an equal one is there. */
  register(expression: Expression): number {
    if (expression.kind === "column") return expression.column;
    const text = expressionKey(expression);
    const found = this.known.get(text);
    if (found !== undefined) return found;
    const register =
      expression.kind === "literal"
        ? this.literal(expression)
        : expression.kind === "call"
          ? this.call(expression)
          : this.stateful(expression);
    this.known.set(text, register);
    return register;
  }

  bytes(): Uint8Array {
    const late = ({ target }: Op): boolean => this.late.has(target);
    const ordered = [...this.ops.filter((op) => !late(op)), ...this.ops.filter(late)];
    const writer = new BytesWriter();
    for (const { code, target, registers, type, number } of ordered) {
      const at = writer.reserve(L.OP_BYTES, 8);
      writer.setU32(at + L.OP_CODE, code);
      writer.setU32(at + L.OP_TARGET, target);
      writer.setU32(at + L.OP_A, registers[0] ?? 0);
      writer.setU32(at + L.OP_B, registers[1] ?? 0);
      writer.setU32(at + L.OP_C, registers[2] ?? 0);
      writer.setU32(at + L.OP_TYPE, typeCodes[type]);
      if (typeof number === "bigint") writer.setI64(at + L.OP_NUMBER, number);
      else writer.setF64(at + L.OP_NUMBER, number);
    }
    return writer.bytes();
  }

  private literal({ type, value }: Extract<Expression, { kind: "literal" }>): number {
    if (type === "string" || type === "bytes") {
      const hex = type === "bytes" ? (value as string) : hexOf(value as string);
      const id = value === null ? 0 : literalId(this.texts.literals, hex);
      return this.op(L.CODE_LITERAL, [id], type, type);
    }
    if (type === "bigint")
      return this.op(L.CODE_LITERAL, [], type, type, value === null ? NULL_BIGINT : BigInt(value));
    if (type === "boolean")
      return this.op(L.CODE_LITERAL, [value === null ? L.BOOLEAN_NULL : value ? 1 : 0], type, type);
    assert(type === "double", `a literal of type ${type} cannot be compiled`);
    return this.op(L.CODE_LITERAL, [], type, type, value === null ? Number.NaN : (value as number));
  }

  private call({ operator, arguments: parts, type }: Extract<Expression, { kind: "call" }>): number {
    if (operator === "case") return this.select(parts, type);
    if (operator === "round") {
      const digits = parts[1] ?? { kind: "literal", value: 0 };
      assert(digits.kind === "literal", "the digits of ROUND are no literal");
      return this.computed(L.CODE_ROUND, [this.register(parts[0]!)], type, type, Number(digits.value));
    }
    if (operator === "toBytes") return this.register(parts[0]!);
    if (operator === "toText" && parts[0]!.type === "bytes")
      return this.computed(L.CODE_BYTES_TO_STRING, [this.register(parts[0]!)], "string", type);
    if (MAKES_TEXT.has(operator)) {
      const registers = parts.map((part) => this.register(part));
      if (operator === "upper" || operator === "lower") this.texts.cases = true;
      while (registers.length < 3) registers.push(L.NO_REGISTER);
      return this.computed(operatorCodes[operator], registers, parts[0]!.type, type, ++this.texts.made);
    }
    if (operator === "like") {
      const [pattern, escape] = parts
        .slice(1)
        .map((part) => (part.kind === "literal" ? String(part.value) : ""));
      const bytes: Expression = {
        kind: "literal",
        type: "bytes",
        value: toHex(likePattern(pattern!, escape)),
      };
      const registers = [this.register(parts[0]!), this.register(bytes)];
      return this.computed(L.CODE_LIKE, registers, "string", type);
    }
    const registers = parts.map((part) => this.register(part));
    return this.computed(operatorCodes[operator], registers, parts[0]!.type, type);
  }

  private select(parts: Expression[], type: Type): number {
    let otherwise = this.register(parts[parts.length - 1]!);
    for (let index = parts.length - 3; index >= 0; index -= 2) {
      const condition = this.register(parts[index]!);
      const value = this.register(parts[index + 1]!);
      otherwise = this.computed(L.CODE_SELECT, [condition, value, otherwise], type, type);
    }
    return otherwise;
  }

  private stateful(expression: StatefulExpression): number {
    const [value, second] = expression.arguments.map((part) => this.register(part));
    const gate = expression.gate === null ? L.NO_REGISTER : this.register(expression.gate);
    const index = this.operators.push({ expression, space: this.spaceOf(expression.keys), gate }) - 1;
    const code = statefulCodes[expression.operator];
    const type = expression.arguments[0]!.type;
    const register = this.op(code, [value!, second ?? L.NO_REGISTER, index], type, expression.type);
    this.late.add(register);
    return register;
  }

  /** An op whose value depends on its registers. */
  private computed(code: number, registers: number[], type: Type, result: Type, number = 0): number {
    const register = this.op(code, registers, type, result, number);
    if (registers.some((each) => this.late.has(each))) this.late.add(register);
    return register;
  }

  /** `type` is the operands', `result` that of the new register. */
  private op(
    code: number,
    registers: number[],
    type: Type,
    result: Type,
    number: number | bigint = 0,
  ): number {
    const target = this.types.push(result) - 1;
    this.ops.push({ code, target, registers, type, number });
    return target;
  }
}
