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

/** Literals fill their register once, at open(): number in OP_NUMBER, string id or boolean in OP_A. */
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
