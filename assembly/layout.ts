// PORTABLE: compiled by asc and by tsc; plain `export const` only, no types but number.
// Everything that the kernel and its host must agree on: the header's fields, the plan bytes, type and
// operator codes, statuses, limits. A change of meaning here changes LAYOUT_VERSION, and with it every
// snapshot and every stored plan. It imports nothing.

export const LAYOUT_VERSION = 7;

// --- Limits -----------------------------------------------------------------------------------------------
/** Rows decoded before they are processed; a batch is invisible in results. */
export const BATCH_ROWS = 2048;
/** Bytes of one push, and the longest frame or line that is accepted. */
export const INPUT_BYTES = 1048576;
export const COLUMNS_MAX = 64;
/** Columns of a CSV line that are looked at. */
export const CSV_COLUMNS_MAX = 1024;
export const OUTPUTS_MAX = 64;
export const DEPTH_MAX = 64;
/** Slots of the cache of topics, and its bytes: see assembly/decode/topic.ts. */
export const TOPIC_SLOTS = 8192;
export const TOPIC_CACHE_BYTES = 524288;
/** Result rows staged before HAVING and the outputs are evaluated over them. */
export const STAGE_ROWS = 256;
export const RESULT_BYTES = 1048576;
/** Elements of an ARRAY result, and bytes of the arrays of one result and of one stage. */
export const ARRAY_ELEMENTS_MAX = 1002;
export const STAGE_ARRAY_BYTES = 524288;
/** Different values that COUNT(DISTINCT), MODE and TOP_K keep of a group, and values that ARRAY_AGG keeps. */
export const VALUES_MAX = 1000;
export const SERIES_MAX = 1000;
/** Values that INCREASE, RATE, TIME_WEIGHTED_AVG and TIME_IN keep of a group. */
export const ORDERED_MAX = 10000;
export const SAMPLE_COUNT_MAX = 16;
export const SAMPLE_TEXT_BYTES = 112;
/** Samples kept of one reason between two calls of the host. */
export const SAMPLES_EACH_MAX = 3;
export const QUANTILE_BUCKETS_MAX = 2048;
/** Empty windows of one gap that come out. */
export const EMPTY_WINDOWS_MAX = 1000;
/** Accepted event times lie within ± 2^62 ns. */
export const TIME_BITS = 62;

// --- Fixed places: constants in the kernel's code; the compiler's own data begin behind them (asconfig.json) -----
export const HEADER_AT = 1024;
export const PLAN_AT = 1536;
/** Bytes that a plan may have. */
export const PLAN_BYTES_MAX = 1047040;
export const INPUT_AT = 1048576;
/** For each row of the batch: where its payload lies (u32), its length (u32), its message's number (i64). */
export const ROW_TEXT_AT = 2097280;
export const ROW_TEXT_BYTES_AT = 2105600;
export const ROW_MESSAGE_AT = 2113920;
/** A text without its escapes, while it is looked up; as long as a payload may be. */
export const UNESCAPED_AT = 2162688;
/** First byte of the compiler's data: memoryBase of asconfig.json. */
export const STATIC_AT = 3211264;
/** Steps of all paths together, and so nodes of the tree that assembly/decode/paths.ts makes of them, less its root. */
export const PATH_STEPS_MAX = 511;

// --- Types of columns and registers ------------------------------------------------------------------------
// A cell has no separate null flag: NULL is NaN, string id 0, or boolean 2. An instant is never NULL.
/** f64, 8 bytes a row. */
export const TYPE_DOUBLE = 0;
/** u32 id in the dictionary, 4 bytes a row. */
export const TYPE_STRING = 1;
/** u8: 0 false, 1 true, 2 NULL; 1 byte a row. */
export const TYPE_BOOLEAN = 2;
/** i64 ns since 1970, 8 bytes a row. */
export const TYPE_INSTANT = 3;
/** ARRAY, only as a result: 8 bytes, count u32 (0 is NULL: no array is empty) and where its elements are u32. */
export const TYPE_ARRAY = 6;
export const BOOLEAN_NULL = 2;

// --- Status of a call --------------------------------------------------------------------------------------
export const STATUS_OK = 0;
/** The result region is full: read it, then call resume() until it says OK. */
export const STATUS_DRAIN = 1;
/** open(): the memory is smaller than the plan's regions need. */
export const STATUS_NO_MEMORY = 2;
/** open() or restore(): the bytes are of another LAYOUT_VERSION. */
export const STATUS_BAD_VERSION = 3;

// --- Refusals: index into the counters, same order as REFUSALS of host/core/engine.ts ------------------------
export const REFUSED_DECODE = 0;
export const REFUSED_NO_TIME = 1;
export const REFUSED_TIME_FORMAT = 2;
export const REFUSED_TIME_RANGE = 3;
export const REFUSED_TOPIC = 4;
export const REFUSED_OVERSIZED = 5;
export const REFUSED_KEYS = 6;
export const REFUSED_DICTIONARY = 7;
export const REFUSED_STATE = 8;
export const REFUSED_NONFINITE = 9;
/** Beyond the newest tick by more than `max_ahead`. */
export const REFUSED_FUTURE = 10;
export const REFUSAL_COUNT = 11;

// --- Framings, formats, time units -------------------------------------------------------------------------
export const FRAMING_MQTT = 0;
export const FRAMING_LINES = 1;
export const FORMAT_JSON = 0;
export const FORMAT_MSGPACK = 1;
export const FORMAT_CSV = 2;
export const FORMAT_VALUE = 3;
export const UNIT_S = 0;
export const UNIT_MS = 1;
export const UNIT_US = 2;
export const UNIT_NS = 3;
export const UNIT_ISO8601 = 4;
/** No time field: the newest tick is the time. */
export const UNIT_ARRIVAL = 5;
/** Levels of the topic template; a value ≥ 0 is the column that takes the level's text. */
export const LEVEL_LITERAL = -1;
export const LEVEL_ANY = -2;
export const LEVEL_REST = -3;

// --- Header: at HEADER_AT, little-endian; counters are i64 ------------------------------------------------------
//  0 ┌ version, result bytes, batch rows, row cursor, input begin/end … (u32)
// 64 ├ counters (i64)
// 320├ region bases (u32)
export const HEADER_BYTES = 512;
export const HEADER_VERSION = 0;
/** Bytes of finished rows in the result region. */
export const HEADER_RESULT_BYTES = 4;
/** Rows in the batch, and the next one to process. */
export const HEADER_ROWS = 8;
export const HEADER_ROW_CURSOR = 12;
/** Undecoded bytes of the input region: [begin, end). */
export const HEADER_INPUT_BEGIN = 16;
export const HEADER_INPUT_END = 20;
/** Bytes of an oversized frame or line that are still to be skipped (lines: 1 until the next newline). */
export const HEADER_SKIP_BYTES = 24;
export const HEADER_SAMPLES = 28;
export const HEADER_DICTIONARY_ENTRIES = 32;
export const HEADER_DICTIONARY_BYTES = 36;
export const HEADER_OPEN_SLICES = 52;
export const HEADER_POOL_USED = 56;
/** Keys of all key spaces together. */
export const HEADER_KEYS = 40;
/** 1 while the lines framing is at the first byte of its stream (a BOM is allowed there only). */
export const HEADER_AT_START = 60;

export const HEADER_MESSAGES = 64;
export const HEADER_RECEIVED = 72;
export const HEADER_ACCEPTED = 80;
export const HEADER_NULLED_TYPE = 88;
export const HEADER_NULLED_NONFINITE = 96;
/** Newest tick in ns. */
export const HEADER_NOW = 104;
/** 1 once a tick came. */
export const HEADER_TICKED = 112;
/** Clock of the whole source: largest accepted event time; TIME_NONE before the first record. */
export const HEADER_TIME_MAX = 120;
/** REFUSAL_COUNT counters. */
export const HEADER_REFUSED = 128;
/** Line of the file that was read last, from 1; the host sets where a file begins. */
export const HEADER_LINES = 224;
/** Columns, one bit each, that some record had. */
export const HEADER_SEEN = 232;

export const HEADER_RESULT_BASE = 328;
export const HEADER_SAMPLE_BASE = 332;
export const HEADER_DICTIONARY_TEXT_BASE = 336;
/** u32 begin offset of each entry's text; entry i ends where i + 1 begins. Entry 0 is NULL and empty. */
export const HEADER_DICTIONARY_INDEX_BASE = 340;
export const HEADER_PIPELINE_BASE = 344;
/** First byte that a snapshot need not hold, region by region: pairs (begin, end) of u32. */
export const HEADER_SNAPSHOT_RANGES = 352;
export const SNAPSHOT_RANGE_COUNT = 16;

// --- Samples: SAMPLE_COUNT_MAX structs of SAMPLE_BYTES -------------------------------------------------------
//  ┌ reason u32 ┬ position u32 ┬ message i64 ┬ text length u32 ┬ text (SAMPLE_TEXT_BYTES) ┐
export const SAMPLE_REASON = 0;
export const SAMPLE_POSITION = 4;
export const SAMPLE_MESSAGE = 8;
export const SAMPLE_LENGTH = 16;
export const SAMPLE_TEXT = 20;
export const SAMPLE_BYTES = 136;

// --- Pipeline counters: structs of i64 -----------------------------------------------------------------------
export const PIPELINE_COUNTED = 0;
export const PIPELINE_FILTERED = 8;
export const PIPELINE_LATE_RECORDS = 16;
export const PIPELINE_LATE_WINDOWS = 24;
export const PIPELINE_RESULTS = 32;
/** (record, window) pairs that were late and taken all the same. */
export const PIPELINE_LATE_UPDATES = 40;
/** Empty windows beyond EMPTY_WINDOWS_MAX of a gap. */
export const PIPELINE_EMPTY_SKIPPED = 48;
export const PIPELINE_COUNTERS_BYTES = 56;

// --- Result rows: one after the other, each a multiple of 8 bytes ---------------------------------------------
//  ┌ pipeline u16 ┬ kind u8 ┬ cause u8 ┬ flags u16 ┬ cells u16 ┬ revision u32 ┬ late count u32 ┬
//  ├ count i64 ┬ window start i64 ┬ window end i64 ┬ (late: by ns i64 in place of count) ┬
//  ├ place among rows of equal time u32 ┬ padding ┬ words, 8 bytes each ┘
// The words are the cells, then the elements of arrays; an array's cell is its count u32 and, from the row's first
// byte, the offset u32 of its elements.
export const ROW_PIPELINE = 0;
export const ROW_KIND = 2;
export const ROW_CAUSE = 3;
export const ROW_FLAGS = 4;
export const ROW_WORDS = 6;
export const ROW_REVISION = 8;
export const ROW_LATE_COUNT = 12;
export const ROW_COUNT = 16;
export const ROW_START = 24;
export const ROW_END = 32;
export const ROW_ORDINAL = 40;
export const ROW_HEADER_BYTES = 48;
export const KIND_RESULT = 0;
export const KIND_LATE = 1;
export const CAUSE_WATERMARK = 0;
export const CAUSE_FLUSH = 1;
export const CAUSE_RECORD = 2;
export const CAUSE_IDLE = 3;
export const CAUSE_LATE = 4;
export const CAUSE_UPDATE = 5;
/** HAVING kept the revision before, and does not keep this one. */
export const CAUSE_WITHDRAWN = 6;
export const FLAG_INEXACT = 1;

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

export const WINDOW_NONE = 0;
export const WINDOW_TUMBLE = 1;
export const WINDOW_HOP = 2;
export const WINDOW_CUMULATE = 3;
/** PIPE_SIZE is the gap, PIPE_SLIDE the most that the last record may be behind the first. */
export const WINDOW_SESSION = 4;
/** PIPE_SIZE is the range in ns, or with PIPE_SLIDE = 1 the number of rows before the current one. */
export const WINDOW_OVER = 5;
/** No window: one running aggregate for each key, from its first record on. */
export const WINDOW_RUNNING = 15;

/** What becomes of windows without records between a key's first and newest one. */
export const EMPTY_SKIP = 0;
export const EMPTY_EMIT = 1;
export const EMPTY_PREVIOUS = 2;

// --- Plan bytes: u32 words unless said; every section starts at a multiple of 8 --------------------------------
//  head      PLAN_* below
//  columns   COLUMN_* structs; path and name bytes follow in the text section
//  levels    i32 kind-or-column, u32 text offset, u32 text length
//  ops       OP structs: the input program, then each pipeline's result program
//  key spaces, groups, pipelines: see the constants
export const PLAN_VERSION = 0;
export const PLAN_BYTES = 4;
export const PLAN_FRAMING = 8;
export const PLAN_FORMAT = 12;
export const PLAN_MQTT_VERSION = 16;
export const PLAN_UNIT = 20;
export const PLAN_TIME_COLUMN = 24;
export const PLAN_NONFINITE_REFUSE = 28;
export const PLAN_CLOCK_SOURCE = 32;
export const PLAN_KEYS_MAX = 36;
export const PLAN_DELAY = 40; // i64
export const PLAN_DICTIONARY_BYTES = 48;
export const PLAN_DICTIONARY_ENTRIES_MAX = 52;
export const PLAN_COLUMN_COUNT = 56;
export const PLAN_COLUMNS_AT = 60;
export const PLAN_LEVEL_COUNT = 64;
export const PLAN_LEVELS_AT = 68;
/** Registers of the input program, the columns included. */
export const PLAN_REGISTER_COUNT = 72;
export const PLAN_OP_COUNT = 76;
export const PLAN_OPS_AT = 80;
export const PLAN_SPACE_COUNT = 84;
export const PLAN_SPACES_AT = 88;
export const PLAN_GROUP_COUNT = 92;
export const PLAN_GROUPS_AT = 96;
export const PLAN_PIPELINE_COUNT = 100;
export const PLAN_PIPELINES_AT = 104;
/** Texts of the string literals in id order: dictionary ids 1 … n are given to them at open(). */
export const PLAN_LITERAL_COUNT = 108;
export const PLAN_LITERALS_AT = 112;
export const PLAN_MEMORY_BYTES = 116;
/** 1 when a message holds columns: an array of times, an array for each parameter. */
export const PLAN_COLUMNAR = 120;
/** PLACE structs: where else than at its own path a column is looked for, and where the epoch is. */
export const PLAN_PLACE_COUNT = 124;
export const PLAN_PLACES_AT = 128;
/** i64 ns of silence from which on host time moves the emit clock; 0: it never does. */
export const PLAN_IDLE = 136;
/** i64 ns that a record may be beyond the newest tick; −1: any. */
export const PLAN_MAX_AHEAD = 144;
export const PLAN_HEAD_BYTES = 152;

/** The column, or PLACE_EPOCH; then a path as of a column. Places of one column are in the order of their rank. */
export const PLACE_COLUMN = 0;
export const PLACE_PATH_COUNT = 4;
export const PLACE_PATH_AT = 8;
export const PLACE_BYTES = 16;
export const PLACE_EPOCH = 4294967295;

export const COLUMN_TYPE = 0;
/** 0 topic, 1 time, 2 field. */
export const COLUMN_FROM = 4;
export const COLUMN_NUMBER_AS_TEXT = 8;
/** Steps of the path: pairs (text offset, text length) at COLUMN_PATH_AT. */
export const COLUMN_PATH_COUNT = 12;
export const COLUMN_PATH_AT = 16;
export const COLUMN_BYTES = 24;
export const FROM_TOPIC = 0;
export const FROM_TIME = 1;
export const FROM_FIELD = 2;

export const LEVEL_KIND = 0;
export const LEVEL_TEXT_AT = 4;
export const LEVEL_TEXT_BYTES = 8;
export const LEVEL_BYTES = 12;

/** A key space: one list of GROUP BY columns, shared by every pipeline that has it. */
export const SPACE_COLUMN_COUNT = 0;
export const SPACE_COLUMNS_AT = 4;
export const SPACE_BYTES = 8;

/** A slice group: key space + filter; its windowed pipelines share slices. */
export const GROUP_SPACE = 0;
/** Register of the WHERE, or 0xffffffff. */
export const GROUP_FILTER = 4;
export const GROUP_STATE_COUNT = 8;
export const GROUP_STATES_AT = 12;
/** Bytes of one slice, SLICE_STATES header included; a multiple of 8. */
export const GROUP_SLICE_BYTES = 16;
export const GROUP_PIPELINE_COUNT = 20;
export const GROUP_PIPELINES_AT = 24;
/** Slice edges: pairs of i64 (period, offset in [0, period)); a slice never crosses one. */
export const GROUP_EDGE_COUNT = 28;
export const GROUP_EDGES_AT = 32;
/** 1 when some hopping window leaves gaps (slide > size). */
export const GROUP_GAPS = 36;
/** GROUP_OF_*: what the group's keys hold. */
export const GROUP_KIND = 40;
export const GROUP_BYTES = 48;
export const GROUP_OF_SLICES = 0;
/** Of one pipeline. */
export const GROUP_OF_SESSIONS = 1;
/** Of one pipeline. */
export const GROUP_OF_OVER = 2;

export const EDGE_PERIOD = 0;
export const EDGE_OFFSET = 8;
export const EDGE_BYTES = 16;

export const STATE_KIND = 0;
/** Register of the argument. */
export const STATE_ARGUMENT = 4;
/** Offset within the slice. */
export const STATE_OFFSET = 8;
/** TYPE_* of the argument's register. */
export const STATE_TYPE = 12;
/** Register of the second argument. */
export const STATE_SECOND = 16;
/** How many cells or values: n of HISTOGRAM, the most that SERIES keeps. */
export const STATE_CELLS = 20;
export const STATE_LOW = 24; // f64
export const STATE_HIGH = 32; // f64
export const STATE_BYTES = 40;

export const PIPE_WINDOW = 0;
export const PIPE_GROUP = 4;
export const PIPE_SIDE = 8;
/** Register of the WHERE in the input program, or NO_REGISTER. */
export const PIPE_FILTER = 12;
export const PIPE_SIZE = 16; // i64
export const PIPE_SLIDE = 24; // i64: slide, step, or the size again
export const PIPE_OFFSET = 32; // i64
export const PIPE_AGGREGATE_COUNT = 40;
export const PIPE_AGGREGATES_AT = 44;
/** Result program: registers (result columns first), ops, register of HAVING, registers of the outputs. */
export const PIPE_REGISTER_COUNT = 48;
export const PIPE_OP_COUNT = 52;
export const PIPE_OPS_AT = 56;
export const PIPE_HAVING = 60;
export const PIPE_OUTPUT_COUNT = 64;
/** Pairs (register, TYPE_*). Without a window the registers are those of the input program. */
export const PIPE_OUTPUTS_AT = 68;
/** Most bytes that the arrays of one result take. */
export const PIPE_ARRAY_BYTES = 72;
/** 1: at each moment every open window comes out, 0: those that changed. */
export const PIPE_COMPLETE = 76;
/** i64 ns that a closed window still takes late records for. */
export const PIPE_ALLOW = 80;
/** i64 ns between two moments at which open windows come out; 0: they do not. */
export const PIPE_EVERY = 88;
/** EMPTY_*. */
export const PIPE_EMPTY = 96;
/** Columns that a row of OVER takes from its own record: u32 each. */
export const PIPE_CARRIED_COUNT = 100;
export const PIPE_CARRIED_AT = 104;
export const PIPE_BYTES = 112;
export const NO_REGISTER = 4294967295;

export const AGGREGATE_RESULT = 0;
/** Offsets within the slice of up to six states. */
export const AGGREGATE_A = 4;
export const AGGREGATE_B = 8;
export const AGGREGATE_C = 12;
export const AGGREGATE_D = 16;
export const AGGREGATE_E = 20;
export const AGGREGATE_F = 24;
/** TYPE_* of the result. */
export const AGGREGATE_TYPE = 28;
export const AGGREGATE_NUMBER = 32; // f64
/** How many elements: n of HISTOGRAM, k of TOP_K. */
export const AGGREGATE_CELLS = 40;
/** TYPE_* of the first argument. */
export const AGGREGATE_ARGUMENT_TYPE = 44;
export const AGGREGATE_BYTES = 48;

// --- Slice: 24 bytes, then the states ---------------------------------------------------------------------------
//  ┌ start i64 ┬ older u32 ┬ newer u32 ┬ records i64, bit 62: inexact ┬ states … ┐
export const SLICE_START = 0;
export const SLICE_OLDER = 8;
export const SLICE_NEWER = 12;
export const SLICE_COUNT = 16;
export const SLICE_STATES = 24;

// --- Session: a slice whose start is its first record's time, and the time of its last --------------------------
//  ┌ first i64 ┬ older u32 ┬ newer u32 ┬ records i64, bit 62: inexact ┬ last i64 ┬ states … ┐
export const SESSION_LAST = 24;
export const SESSION_STATES = 32;
