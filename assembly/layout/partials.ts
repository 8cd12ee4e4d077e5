// PORTABLE: compiled by asc and by tsc; plain `export const` only, no types but number.
// Partial states as bytes, for other engines to merge: docs/partials.md says what they mean. It imports nothing.

/** First bytes of a partial: "mp", then the version of the format. */
export const PARTIAL_MARK = 28781;
export const PARTIAL_VERSION = 1;
/** ┌ mark u16 ┬ version u8 ┬ parts u8 ┐ */
export const PARTIAL_HEAD_BYTES = 4;
/** ┌ kind u8 ┬ type u8 ┬ flags u8 ┬ 0 u8 ┬ bytes of its content u32 ┐ */
export const PART_HEAD_BYTES = 8;
/** Flag: it is beyond its stated bound. */
export const PART_OVER = 1;

/** Kinds of parts. */
export const PART_COUNT = 1;
export const PART_SUM = 2;
export const PART_SQUARES = 3;
export const PART_PRODUCTS = 4;
export const PART_TIMES = 5;
export const PART_TIME_PRODUCTS = 6;
export const PART_MIN = 7;
export const PART_MAX = 8;
export const PART_FIRST = 9;
export const PART_LAST = 10;
export const PART_EARLIEST = 11;
export const PART_LATEST = 12;
export const PART_MIN_BY = 13;
export const PART_MAX_BY = 14;
export const PART_SKETCH = 15;
export const PART_VALUES = 16;
export const PART_REGISTERS = 17;
export const PART_SERIES = 18;
export const PART_HISTOGRAM = 19;
export const PART_SPAN = 20;

/** Types of values in a part; 0 where it has none. */
export const VALUE_DOUBLE = 1;
export const VALUE_BIGINT = 2;
export const VALUE_BOOLEAN = 3;
export const VALUE_STRING = 4;
export const VALUE_BYTES = 5;

/** An exact number: none, a number, one that is not finite. */
export const EXACT_NONE = 0;
export const EXACT_NUMBER = 1;
export const EXACT_NOT_FINITE = 2;
/** The size of an exact number is below 2^(8 · this − 1074). */
export const EXACT_BYTES_MAX = 272;
/** Counts and arrival numbers are below 2^this. */
export const COUNT_BITS = 48;
/** Different registers up to which they are written one by one. */
export const REGISTERS_SPARSE_MAX = 1000;

/** Bytes of a partial that is read, at most. */
export const PARTIAL_BYTES_MAX = 262144;
/** Bytes of a partial that holds one text or a few (or BYTES), and of one that holds lists of them, when it is written. */
export const PARTIAL_TEXT_BYTES = 16384;
export const PARTIAL_TEXTS_BYTES = 131072;
/** Bytes of all partials and arrays of one result, or of one late record. */
export const PARTIALS_BYTES_MAX = 512000;

/**
 * PART: what a part of a column's partials has to be. A list begins with how many there are (u32, then u32 0).
 * HISTOGRAM has its bins, SERIES the most values in PARTS_CELLS.
 */
export const PARTS_HEAD_BYTES = 8;
export const PARTS_KIND = 0;
export const PARTS_TYPE = 4;
export const PARTS_CELLS = 8;
/** VALUE_* of the second argument. */
export const PARTS_SECOND = 12;
export const PARTS_LOW = 16; // f64
export const PARTS_HIGH = 24; // f64
export const PARTS_BYTES = 32;
/** In place of a state's number: the records of the slice. */
export const STATE_OF_RECORDS = 4294967295;
