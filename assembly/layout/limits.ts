// PORTABLE: compiled by asc and by tsc; plain `export const` only, no types but number.
// Limits, and the fixed places of the memory. It imports nothing.

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
/** Ops that make texts, and the characters whose capital and small letters UPPER and LOWER know. */
export const TEXT_OPS_MAX = 31;
export const CASE_CHARACTERS = 1424;
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
/** Records that LAG looks back, at most, and values that DEDUP remembers of a key. */
export const LAG_MAX = 1000;
export const DEDUP_MAX = 1024;
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
/** What is kept of a stream's context: state, name and such, properties, five of each parameter. */
export const CONTEXT_CELLS_MAX = 448;
