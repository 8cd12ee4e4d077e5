// PORTABLE: compiled by asc and by tsc; plain `export const` only, no types but number.
// Structs of the running kernel that its host reads, or that several of its rooms share. It imports nothing.

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
/** Ids of the dictionary that were ever given out, and bytes of its texts with their heads; assembly/memory/dictionary.ts. */
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
export const HEADER_LINES = 272;
/** Columns, one bit each, that some record had. */
export const HEADER_SEEN = 280;
/** Values that DEDUP forgot before their time. */
export const HEADER_FORGOTTEN = 312;
/** Keys that made room for others, and records of the key for all others. */
export const HEADER_KEYS_EVICTED = 296;
export const HEADER_OTHER_RECORDS = 304;
/** Records that wait to be put in order (u32), and those that went on before their time. */
export const HEADER_HELD = 44;
export const HEADER_REORDERED_EARLY = 288;
/** Messages of context that were taken. */
export const HEADER_CONTEXT_MESSAGES = 240;
/** Texts that an op made and the dictionary had no room for. */
export const HEADER_NULLED_DICTIONARY = 320;

export const HEADER_RESULT_BASE = 328;
export const HEADER_SAMPLE_BASE = 332;
export const HEADER_DICTIONARY_TEXT_BASE = 336;
/**
 * u32 of each id: where its text begins, from HEADER_DICTIONARY_TEXT_BASE; the four bytes before it are its length. Id 0
 * is NULL and empty.
 */
export const HEADER_DICTIONARY_INDEX_BASE = 340;
export const HEADER_PIPELINE_BASE = 344;
/** STREAMS_* of a source with context. */
export const HEADER_STREAMS_BASE = 348;
/** First byte that a snapshot need not hold, region by region: pairs (begin, end) of u32. */
export const HEADER_SNAPSHOT_RANGES = 352;
export const SNAPSHOT_RANGE_COUNT = 16;
/** First free id of the dictionary (0: none), and how many are free. */
export const HEADER_TEXTS_FREE = 480;
export const HEADER_TEXTS_FREE_COUNT = 484;
/** How often texts were given back (u32), how many that were, and the record before which it was done last (i64). */
export const HEADER_SWEEPS = 488;
/** 1: that gave back little, so it is not done again at once. */
export const HEADER_SWEEP_WAIT = 492;
export const HEADER_TEXTS_GIVEN_BACK = 496;
export const HEADER_SWEEP_AT = 504;

// --- Samples: SAMPLE_COUNT_MAX structs of SAMPLE_BYTES -------------------------------------------------------
//  ┌ reason u32 ┬ position u32 ┬ message i64 ┬ text length u32 ┬ text (SAMPLE_TEXT_BYTES) ┐
export const SAMPLE_REASON = 0;
export const SAMPLE_POSITION = 4;
export const SAMPLE_MESSAGE = 8;
export const SAMPLE_LENGTH = 16;
export const SAMPLE_TEXT = 20;
export const SAMPLE_BYTES = 136;

// --- Streams and their context: assembly/context/streams.ts --------------------------------------------------
export const STREAMS_COUNT = 0;
export const STREAMS_ENDINGS = 4;
export const STREAMS_ENTRIES = 8;
export const STREAMS_ENTRY_BYTES = 12;
export const STREAMS_HEAD_BYTES = 16;
/** 0 while the stream is open. The cells end where the entry does. */
export const STREAM_ENDED = 0;
export const STREAM_KEYS = 4;

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
//  ├ ordinal i64 ┬ occasion u32 ┬ padding ┬ words, 8 bytes each ┘
// The ordinal: of a row of OVER its place among those of equal time, of a window of rows its number, of a session its
// first record's time when it came out first, without a window the number of the pipeline's result; else 0.
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
/** What came out because of the same record, tick or flush has the same number here. */
export const ROW_OCCASION = 48;
export const ROW_HEADER_BYTES = 56;
export const KIND_RESULT = 0;
export const KIND_LATE = 1;
/** A result that only readers of the pipeline get: see PIPE_HANDS_OVER. */
export const KIND_HANDED = 2;
export const CAUSE_WATERMARK = 0;
export const CAUSE_FLUSH = 1;
export const CAUSE_RECORD = 2;
export const CAUSE_IDLE = 3;
export const CAUSE_LATE = 4;
export const CAUSE_UPDATE = 5;
/** HAVING kept the revision before, and does not keep this one. */
export const CAUSE_WITHDRAWN = 6;
export const FLAG_INEXACT = 1;

// --- Slice: 24 bytes, then the states ---------------------------------------------------------------------------
//  ┌ start i64 ┬ older u32 ┬ newer u32 ┬ records i64, bit 62: inexact ┬ states … ┐
export const SLICE_START = 0;
export const SLICE_OLDER = 8;
export const SLICE_NEWER = 12;
export const SLICE_COUNT = 16;
export const SLICE_STATES = 24;

// --- Session: a slice whose start is its first record's time, and the time of its last --------------------------
//  ┌ first i64 ┬ older u32 ┬ newer u32 ┬ records i64, bit 62: inexact ┬ last i64 ┬ mark, where it may come out again ┬ states … ┐
// In its mark "next" is a SESSION_* code, and "end" the first record's time when it came out first.
export const SESSION_LAST = 24;
export const SESSION_STATES = 32;
/** It changed since it came out last, or never did. */
export const SESSION_CHANGED = 0;
/** It came out as it is, at a moment. */
export const SESSION_SHOWN = 1;
/** It came out as it is, because it had closed. */
export const SESSION_SETTLED = 2;

// --- Pane: a slice of records of a key in the order of arrival, for windows of rows -----------------------------
//  ┌ smallest time i64 ┬ older u32 ┬ newer u32 ┬ records i64, bit 62: inexact ┬ largest time i64 ┬
//  ├ number of the window that begins with it i64, 0: none ┬ mark, where windows come out before they are full ┬ states … ┐
export const PANE_LAST = 24;
export const PANE_ORDINAL = 32;
export const PANE_STATES = 40;

// --- Mark: what came out of a window that may come out again -----------------------------------------------------
//  ┌ next u32 ┬ revision u32 ┬ end i64 ┬ content i64, bit 61: closed, bit 62: shown ┐
export const MARK_NEXT = 0;
export const MARK_REVISION = 4;
export const MARK_END = 8;
export const MARK_CONTENT = 16;
export const MARK_BYTES = 24;
