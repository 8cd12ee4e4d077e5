// PORTABLE: compiled by asc and by tsc; plain `export const` only, no types but number.
// Operators of expression programs. It imports nothing.

// --- Operators: struct of EXPRESSION_OP_BYTES: code u32, target, a, b, c (registers, u32), width u32, f64 ------
// Registers 0 … n−1 are the columns (source columns, or result columns in a result program). Each register is
// written once. `type` is the type of the operands a (and b) where the operator works on several types.
export const OP_BYTES = 32;
export const OP_CODE = 0;
export const OP_TARGET = 4;
export const OP_A = 8;
export const OP_B = 12;
export const OP_C = 16;
export const OP_TYPE = 20;
export const OP_NUMBER = 24;

/** Literals fill their register once, at open(): number in OP_NUMBER (of BIGINT an i64), string id or boolean in OP_A. */
export const CODE_LITERAL = 0;
export const CODE_ADD = 1;
export const CODE_SUBTRACT = 2;
export const CODE_MULTIPLY = 3;
export const CODE_DIVIDE = 4;
export const CODE_MODULO = 5;
export const CODE_NEGATE = 6;
export const CODE_ABS = 7;
export const CODE_FLOOR = 8;
export const CODE_CEIL = 9;
/** round(a, OP_NUMBER digits); 0 digits for the plain one. */
export const CODE_ROUND = 10;
export const CODE_SQRT = 11;
export const CODE_POWER = 12;
/** Comparisons of a and b of OP_TYPE; target is BOOLEAN. */
export const CODE_EQUAL = 13;
export const CODE_NOT_EQUAL = 14;
export const CODE_LESS = 15;
export const CODE_LESS_OR_EQUAL = 16;
export const CODE_GREATER = 17;
export const CODE_GREATER_OR_EQUAL = 18;
export const CODE_AND = 19;
export const CODE_OR = 20;
export const CODE_NOT = 21;
/** a of OP_TYPE. */
export const CODE_IS_NULL = 22;
/** target = a is true ? b : c; b and c of OP_TYPE. CASE is a chain of these. */
export const CODE_SELECT = 23;
/** target = a unless NULL, else b; both of OP_TYPE. */
export const CODE_COALESCE = 24;
/** Casts of a, which is of OP_TYPE: DOUBLE, BIGINT, BOOLEAN or STRING. */
export const CODE_TO_DOUBLE = 25;
export const CODE_TO_BIGINT = 26;
export const CODE_LN = 27;
export const CODE_LOG10 = 28;
export const CODE_EXP = 29;
export const CODE_SIN = 30;
export const CODE_COS = 31;
/** The smaller or larger of a and b, both of OP_TYPE; NULL when one is. */
export const CODE_LEAST = 32;
export const CODE_GREATEST = 33;
/** True when the text a is like the pattern of id b: byte 0xff stands for any text, 0xfe for any character. */
export const CODE_LIKE = 34;
export const CODE_TO_BOOLEAN = 35;
/** BYTES that are UTF-8 as text. */
export const CODE_BYTES_TO_STRING = 36;
/** Ops that make texts: OP_NUMBER says which of them it is, from 1. */
export const CODE_TO_STRING = 37;
/** a, b and, unless OP_C is NO_REGISTER, c. */
export const CODE_CONCAT = 38;
export const CODE_UPPER = 39;
export const CODE_LOWER = 40;
/** From character b on, c of them unless OP_C is NO_REGISTER; b and c are BIGINT. */
export const CODE_SUBSTRING = 41;

// --- Stateful operators: what they know of a key lies in OPERATOR structs' tables, see assembly/operator/ ----------
// OP_A is the argument's register, OP_B the second one's (or NO_REGISTER), OP_C the place of the OPERATOR struct,
// OP_TYPE the argument's type. Codes from CODE_STATEFUL on are stateful.
export const CODE_STATEFUL = 100;
/** a as it was OPERATOR_COUNT records before; b, or NULL, where there was none. */
export const CODE_LAG = 100;
export const CODE_CHANGED = 101;
export const CODE_RISING = 102;
export const CODE_FALLING = 103;
/** True when a is more than OPERATOR_NUMBER from the value reported last, or that is OPERATOR_SPAN ago (0: ever). */
export const CODE_DEADBAND = 104;
/** True unless an equal a was let through within OPERATOR_SPAN. */
export const CODE_DEDUP = 105;
/** a, or the last value that is not NULL, at most OPERATOR_SPAN old (0: any). */
export const CODE_FILL = 106;
/** The value that a had for OPERATOR_SPAN at least. */
export const CODE_DEBOUNCE = 107;
export const CODE_INCREASE = 108;
export const CODE_RATE = 109;

export const OPERATOR_SPACE = 0;
/** Register of the condition under which a record belongs to the series, or NO_REGISTER. */
export const OPERATOR_GATE = 4;
/** Bytes of what is known of one key; a multiple of 8. */
export const OPERATOR_STATE_BYTES = 8;
export const OPERATOR_COUNT = 12;
export const OPERATOR_SPAN = 16; // i64
export const OPERATOR_NUMBER = 24; // f64
/** 1: its state holds a ring of DEDUP. */
export const OPERATOR_RING = 32;
export const OPERATOR_BYTES = 40;

// Bytes of a state. A value is 8 bytes, whatever its type; `there` is 0 before the first one.
//  LAG       ┌ next place u32 ┬ records u32 ┬ value … ┐             8 + 8 · OPERATOR_COUNT
//  CHANGED   ┌ there u32 ┬ u32 ┬ value ┐                            16
//  RISING, FALLING ┌ last u32: 0 unknown, 1 false, 2 true ┬ u32 ┐   8
//  DEADBAND, FILL, INCREASE, RATE ┌ there u32 ┬ u32 ┬ time i64 ┬ value ┐  24
//  DEBOUNCE  ┌ there u32 ┬ u32 ┬ time i64 ┬ candidate ┬ value ┐     32
//  DEDUP     ┌ ring u32 ┬ size class u32 ┬ first u32 ┬ count u32 ┬ newest time i64 ┐  24; see dedup.ts
export const LAG_HEAD_BYTES = 8;
