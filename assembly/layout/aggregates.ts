// PORTABLE: compiled by asc and by tsc; plain `export const` only, no types but number.
// Aggregate states, and what a result reads from them. It imports nothing.

// --- Aggregate states within a slice, and what is read from them ----------------------------------------------
//  kind          bytes  holds
//  COUNT           8    i64 values that are not NULL
//  SUM            16    double-double of the exact sum, or a reference to a wide accumulator
//  SQUARES        24    three doubles: exact sum of the squares' products, or a reference likewise
//  MIN, MAX        8    f64, ±∞ when empty
//  FIRST, LAST    16    arrival number i64, value f64
//  EARLIEST, LATEST 24  time i64, arrival i64, value f64
//  SKETCH         16    first page u32, buckets u32, count i64
//  PRODUCTS       24    exact sum of x·y, held like SQUARES
//  TIMES          40    exact sums of event time and of its square, held like SUM and SQUARES
//  TIME_PRODUCTS  24    exact sum of time·x, held like SQUARES
//  MIN_BY, MAX_BY 24    y f64, arrival number i64, x f64
//  SPAN           16    smallest and largest event time i64
//  HISTOGRAM  8·(n+2)   counts i64
//  MIN_TEXT, MAX_TEXT 8 f64 id of a string, NaN when empty
//  VALUES         24    hash table of different values with their counts
//  REGISTERS      16    HyperLogLog: sparse or dense registers
//  SERIES         16    list of (time, arrival, value), in that order
//  SUM_WHOLE      16    sum of BIGINTs, 128 bits
//  MIN_WHOLE, MAX_WHOLE 8 i64, NULL when empty
// Where a value is kept it is 8 bytes: f64 of a DOUBLE, i64 of a BIGINT, else a string id or boolean as f64.
export const STATE_COUNT = 0;
export const STATE_SUM = 1;
export const STATE_SQUARES = 2;
export const STATE_MIN = 3;
export const STATE_MAX = 4;
export const STATE_FIRST = 5;
export const STATE_LAST = 6;
export const STATE_EARLIEST = 7;
export const STATE_LATEST = 8;
export const STATE_SKETCH = 9;
export const STATE_PRODUCTS = 10;
export const STATE_TIMES = 11;
export const STATE_TIME_PRODUCTS = 12;
export const STATE_MIN_BY = 13;
export const STATE_MAX_BY = 14;
export const STATE_SPAN = 15;
export const STATE_HISTOGRAM = 16;
export const STATE_MIN_TEXT = 17;
export const STATE_MAX_TEXT = 18;
export const STATE_VALUES = 19;
export const STATE_REGISTERS = 20;
export const STATE_SERIES = 21;
export const STATE_SUM_WHOLE = 22;
export const STATE_MIN_WHOLE = 23;
export const STATE_MAX_WHOLE = 24;

/** What a result column reads: function code and up to six states (by offset in the slice). */
export const RESULT_COUNT_ALL = 0;
export const RESULT_COUNT = 1;
export const RESULT_SUM = 2;
export const RESULT_AVG = 3;
export const RESULT_MIN = 4;
export const RESULT_MAX = 5;
export const RESULT_VAR_POP = 6;
export const RESULT_VAR_SAMP = 7;
export const RESULT_STDDEV_POP = 8;
export const RESULT_STDDEV_SAMP = 9;
export const RESULT_FIRST = 10;
export const RESULT_LAST = 11;
export const RESULT_EARLIEST = 12;
export const RESULT_LATEST = 13;
export const RESULT_QUANTILE = 14;
export const RESULT_RANGE = 15;
export const RESULT_DELTA = 16;
export const RESULT_MIN_BY = 17;
export const RESULT_MAX_BY = 18;
export const RESULT_COVAR_POP = 19;
export const RESULT_CORR = 20;
export const RESULT_SLOPE = 21;
export const RESULT_COVERAGE = 22;
export const RESULT_HISTOGRAM = 23;
export const RESULT_COUNT_DISTINCT = 24;
export const RESULT_APPROX_DISTINCT = 25;
export const RESULT_MODE = 26;
export const RESULT_TOP_K = 27;
export const RESULT_ARRAY_AGG = 28;
export const RESULT_INCREASE = 29;
export const RESULT_RATE = 30;
export const RESULT_TIME_WEIGHTED_AVG = 31;
export const RESULT_TIME_IN = 32;
/** The partial state itself, as bytes. */
export const RESULT_PARTIAL = 33;

export const WINDOW_NONE = 0;
export const WINDOW_TUMBLE = 1;
export const WINDOW_HOP = 2;
export const WINDOW_CUMULATE = 3;
/** PIPE_SIZE is the gap, PIPE_SLIDE the most that the last record may be behind the first. */
export const WINDOW_SESSION = 4;
/** PIPE_SIZE is the range in ns, or with PIPE_SLIDE = 1 the number of rows before the current one. */
export const WINDOW_OVER = 5;
/** PIPE_SIZE is how many records of a key, PIPE_SLIDE how many from a window's first to the first of the next. */
export const WINDOW_ROWS = 6;
/** No window: one running aggregate for each key, from its first record on. */
export const WINDOW_RUNNING = 15;

/** What becomes of windows without records between a key's first and newest one. */
export const EMPTY_SKIP = 0;
export const EMPTY_EMIT = 1;
export const EMPTY_PREVIOUS = 2;
