// PORTABLE: compiled by asc and by tsc; plain `export const` only, no types but number.
// Types, statuses, refusals, formats: codes that several structs use. It imports nothing.

// --- Types of columns and registers ------------------------------------------------------------------------
// A cell has no separate null flag: NULL is NaN, string id 0, boolean 2, or the smallest i64. An instant
// is never NULL. BYTES are cells of TYPE_STRING: only their decoder tells them from texts.
/** f64, 8 bytes a row. */
export const TYPE_DOUBLE = 0;
/** u32 id in the dictionary, 4 bytes a row. */
export const TYPE_STRING = 1;
/** u8: 0 false, 1 true, 2 NULL; 1 byte a row. */
export const TYPE_BOOLEAN = 2;
/** i64 ns since 1970, 8 bytes a row. */
export const TYPE_INSTANT = 3;
/** i64, 8 bytes a row; -2^63 is NULL. */
export const TYPE_BIGINT = 4;
/** ARRAY, only as a result: 8 bytes, count u32 (0 is NULL: no array is empty) and where its elements are u32. */
export const TYPE_ARRAY = 6;
/** A partial state, checked: 8 bytes, where its bytes are u32 (0 is NULL) and how many u32. As a result count, then place. */
export const TYPE_PARTIAL = 7;
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
/** Context of a stream that would be one more than `limits.streams`. */
export const REFUSED_STREAMS = 11;
/** Further behind its stream's newest record than `reorder` waits. */
export const REFUSED_LATE = 12;
export const REFUSAL_COUNT = 13;

// --- Framings, formats, time units -------------------------------------------------------------------------
export const FRAMING_MQTT = 0;
export const FRAMING_LINES = 1;
/** Results of another pipeline, as host/core/chain/row-bytes.ts writes them. */
export const FRAMING_ROWS = 2;
export const FORMAT_JSON = 0;
export const FORMAT_MSGPACK = 1;
export const FORMAT_CSV = 2;
export const FORMAT_VALUE = 3;
/** Cells in the order of the columns; with FRAMING_ROWS only. */
export const FORMAT_ROW = 4;
/** Length of a row that its writer would not write: it is above INPUT_BYTES. */
export const ROW_OVERSIZED = 4294967295;
/** Length of a text that is NULL. */
export const TEXT_NULL = 4294967295;
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
