// PORTABLE: compiled by asc and by tsc; plain `export const` only, no types but number.
// The plan bytes. A change of meaning in any part changes LAYOUT_VERSION,
// and with it every snapshot. It imports nothing.

export const LAYOUT_VERSION = 21;

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
/** Keys of a space at most, that for all others included. */
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
/** Ops of the input program that depend on no stateful operator: they come first. */
export const PLAN_STATELESS_COUNT = 152;
/** OPERATOR structs, and of each register of the input program how far a row is shifted: log2 of a cell's bytes, u8. */
export const PLAN_OPERATOR_COUNT = 156;
export const PLAN_OPERATORS_AT = 160;
export const PLAN_SHIFTS_AT = 164;
/** KEYS_*: what becomes of a record whose key would be one more than PLAN_KEYS_LIMIT. */
export const PLAN_KEYS_POLICY = 168;
export const PLAN_KEYS_LIMIT = 172;
export const KEYS_REFUSE = 0;
/** The key that was silent longest, none of whose windows is open, makes room. */
export const KEYS_EVICT_IDLE = 1;
/** It belongs to one key more, which stands for all others: SPACE_OTHER_AT. */
export const KEYS_OTHER = 2;
/** 1 when streams have context. */
export const PLAN_CONTEXT = 176;
/** Most streams of which context is kept. */
export const PLAN_STREAMS_MAX = 180;
/** Levels of the context topic, as those of the topic; a value ≥ 0 is the place of the level's text in the key. */
export const PLAN_CONTEXT_LEVEL_COUNT = 184;
export const PLAN_CONTEXT_LEVELS_AT = 188;
/** Columns that name a record's stream: u32 each. */
export const PLAN_CONTEXT_KEY_COUNT = 192;
export const PLAN_CONTEXT_KEYS_AT = 196;
export const PLAN_CONTEXT_CELL_COUNT = 200;
export const PLAN_CONTEXT_CELLS_AT = 204;
/** String id of the state `open`. */
export const PLAN_CONTEXT_OPEN = 208;
/** Ops of all programs that make texts, at most TEXT_OPS_MAX, and what each of them may add to the dictionary. */
export const PLAN_TEXT_OPS = 216;
export const PLAN_TEXT_SHARE_BYTES = 220;
export const PLAN_TEXT_SHARE_ENTRIES = 224;
/** Two tables of u16, the capital and the small letter of each character below CASE_CHARACTERS; 0: there are none. */
export const PLAN_CASES_AT = 228;
/** 1 when a stream's records wait to be put in order. */
export const PLAN_REORDER = 232;
export const PLAN_REORDER_DELAY = 240; // i64
/** Most records of one stream that wait, and of all; most streams. */
export const PLAN_REORDER_RECORDS = 248;
export const PLAN_REORDER_HELD = 252;
export const PLAN_REORDER_STREAMS = 256;
/** STRING columns that name a record's stream: u32 each. */
export const PLAN_REORDER_KEY_COUNT = 260;
export const PLAN_REORDER_KEYS_AT = 264;
export const PLAN_HEAD_BYTES = 272;

/** What a context message may say; the first one is the stream's state. A path as of a column, within the message. */
export const CONTEXT_CELL_TYPE = 0;
export const CONTEXT_CELL_PATH_COUNT = 4;
export const CONTEXT_CELL_PATH_AT = 8;
/** u64: a double, or a string's id. */
export const CONTEXT_CELL_INITIAL = 16;
export const CONTEXT_CELL_BYTES = 24;

/** The column, or PLACE_EPOCH; then a path as of a column. Places of one column are in the order of their rank. */
export const PLACE_COLUMN = 0;
export const PLACE_PATH_COUNT = 4;
export const PLACE_PATH_AT = 8;
export const PLACE_BYTES = 16;
export const PLACE_EPOCH = 4294967295;

export const COLUMN_TYPE = 0;
/** FROM_*. */
export const COLUMN_FROM = 4;
/** TEXT_*: what a column of TYPE_STRING takes. */
export const COLUMN_TEXT = 8;
export const TEXT_ONLY = 0;
/** A number as its own text besides. */
export const TEXT_OR_NUMBER = 1;
/** Bytes: MessagePack's, or base64 in text. */
export const TEXT_BYTES = 2;
/** Steps of the path: pairs (text offset, text length) at COLUMN_PATH_AT. FROM_CONTEXT has none, but its context cell there. */
export const COLUMN_PATH_COUNT = 12;
export const COLUMN_PATH_AT = 16;
/** Of TYPE_PARTIAL: where the list of PART structs is. */
export const COLUMN_PARTS_AT = 20;
export const COLUMN_BYTES = 24;
export const FROM_TOPIC = 0;
export const FROM_TIME = 1;
export const FROM_FIELD = 2;
export const FROM_CONTEXT = 3;

export const LEVEL_KIND = 0;
export const LEVEL_TEXT_AT = 4;
export const LEVEL_TEXT_BYTES = 8;
export const LEVEL_BYTES = 12;

/** A key space: one list of GROUP BY columns, shared by every pipeline that has it. */
export const SPACE_COLUMN_COUNT = 0;
export const SPACE_COLUMNS_AT = 4;
/** Cells of the key for all others, u32 each, as keys.ts holds them. */
export const SPACE_OTHER_AT = 8;
export const SPACE_BYTES = 16;

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
/** Offsets within the slice of the LATEST states that hold when the next window begins: u32 each. Then it is of one pipeline. */
export const GROUP_HELD_COUNT = 44;
export const GROUP_HELD_AT = 48;
export const GROUP_BYTES = 56;
export const GROUP_OF_SLICES = 0;
/** Of one pipeline. */
export const GROUP_OF_SESSIONS = 1;
/** Of one pipeline. */
export const GROUP_OF_OVER = 2;
/** Of one pipeline. */
export const GROUP_OF_ROWS = 3;

export const EDGE_PERIOD = 0;
export const EDGE_OFFSET = 8;
/** Where the edge's PANES table is, 0 when its panes are all of one length. */
export const EDGE_PANES = 16;
export const EDGE_BYTES = 24;

/**
 * Panes: the stretches between the edges of windows that go by the wall clock of a zone. A table has a head, then a
 * struct for each stretch of time with one offset from UTC. An instant t of it lies in the pane of the number
 * ⌊(t + PANE_SHIFT) / PANES_PERIOD⌋ + PANE_NUMBERS; panes are numbered one after the other.
 */
export const PANES_COUNT = 0;
export const PANES_PERIOD = 8; // i64
export const PANES_HEAD_BYTES = 16;
/** i64: the stretch's first instant; the least i64 for the first one. */
export const PANE_FROM = 0;
/** i64: the zone's offset from UTC less that of the windows. */
export const PANE_SHIFT = 8;
/** i64: what is added to the count of periods. */
export const PANE_NUMBERS = 16;
/** i64: the first pane that begins here; the least i64 for the first stretch. */
export const PANE_FIRST = 24;
export const PANE_BYTES = 32;

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
/** TYPE_* of the second argument's register. */
export const STATE_SECOND_TYPE = 40;
/**
 * The state as part of a partial: PART_* in byte 0, VALUE_* of its values in byte 1; in byte 2 which part of the
 * argument, a partial, is merged into it, from 1 (0: the argument is a value).
 */
export const STATE_PART = 44;
export const STATE_BYTES = 48;

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
/** COMPLETE_*: which open windows come out at a moment. */
export const PIPE_COMPLETE = 76;
/** Those that changed. */
export const COMPLETE_NOT = 0;
/** Every one; one that did not change keeps its revision. */
export const COMPLETE_ALL = 1;
/** Every one, and each changed: its values last until the moment. */
export const COMPLETE_ANEW = 2;
/** i64 ns that a closed window still takes late records for. */
export const PIPE_ALLOW = 80;
/** i64 ns between two moments at which open windows come out; 0: they do not. */
export const PIPE_EVERY = 88;
/** EMPTY_*. */
export const PIPE_EMPTY = 96;
/** Columns that a row of OVER takes from its own record: u32 each. */
export const PIPE_CARRIED_COUNT = 100;
export const PIPE_CARRIED_AT = 104;
/** Of windows in a zone: where the PANES table of PIPE_SLIDE is, and that of PIPE_SIZE for CUMULATE; else 0. */
export const PIPE_PANES = 108;
export const PIPE_SIZE_PANES = 112;
/** 1: its results are for the pipelines that read it; silence does not close its windows. */
export const PIPE_HANDS_OVER = 116;
/** Of OVER as RESAMPLE: i64 ns from one instant to the next and where they begin in [0, period); 0: rows are records. */
export const PIPE_PERIOD = 120;
export const PIPE_PERIOD_OFFSET = 128;
/** How many of the carried cells, the last ones, are interpolated. */
export const PIPE_LINEAR_COUNT = 136;
/** 1: silence brings out its rows of OVER, which have a mark before their states. */
export const PIPE_SHOWS_ROWS = 140;
export const PIPE_BYTES = 144;
export const NO_REGISTER = 4294967295;

export const AGGREGATE_RESULT = 0;
/** Offsets within the slice of up to six states; of RESULT_PARTIAL their numbers in the group, or STATE_OF_RECORDS. */
export const AGGREGATE_A = 4;
export const AGGREGATE_B = 8;
export const AGGREGATE_C = 12;
export const AGGREGATE_D = 16;
export const AGGREGATE_E = 20;
export const AGGREGATE_F = 24;
/** TYPE_* of the result. */
export const AGGREGATE_TYPE = 28;
export const AGGREGATE_NUMBER = 32; // f64
/** How many elements: n of HISTOGRAM, k of TOP_K, states of RESULT_PARTIAL; of COVERAGE 1 when it is of partials. */
export const AGGREGATE_CELLS = 40;
/** TYPE_* of the first argument. */
export const AGGREGATE_ARGUMENT_TYPE = 44;
export const AGGREGATE_BYTES = 48;
