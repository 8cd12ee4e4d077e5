// Types of columns, expressions and results. Portable: imports nothing.

/**
 * Type of a column or an expression. An instant is a signed 64-bit count of ns since 1970 (UTC); a BIGINT is a whole
 * number within ±(2^63 − 1).
 */
export type ScalarType = "double" | "string" | "boolean" | "bigint" | "bytes" | "instant";
export type Type = ScalarType | ArrayType | "partial";

/** A list of values, never empty; it comes from aggregates only, and goes straight into an output. */
export type ArrayType = `array<${Exclude<ScalarType, "instant">}>`;

export const isArray = (type: Type): type is ArrayType => type.startsWith("array<");

/** Type of an array's elements. */
export const elementType = (type: ArrayType): ScalarType => type.slice(6, -1) as ScalarType;
