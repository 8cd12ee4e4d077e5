// Where everything lies. What every record touches has a fixed address, a constant in the code; the bases of the
// other regions are each computed from the one before, from __heap_base on.
// Owns the layout of the kernel's memory (drawn in assembly/README.md); everybody else asks for a base here.
// Bases are derived from the plan alone, so a snapshot never holds one. Imports layout and raw access.
import {
  BATCH_ROWS, COLUMNS_MAX, COLUMN_BYTES, COLUMN_TYPE, CSV_COLUMNS_MAX, FRAMING_MQTT, FRAMING_ROWS, HEADER_AT, HEADER_DICTIONARY_INDEX_BASE, HEADER_DICTIONARY_TEXT_BASE,
  HEADER_PIPELINE_BASE, HEADER_RESULT_BASE, HEADER_SAMPLE_BASE, INPUT_AT, PIPELINE_COUNTERS_BYTES, PATH_STEPS_MAX, PLAN_AT,
  INPUT_BYTES, PLAN_COLUMNS_AT, PLAN_COLUMN_COUNT, TYPE_PARTIAL,
  PLAN_COLUMNAR, PLAN_DICTIONARY_BYTES, PLAN_DICTIONARY_ENTRIES_MAX, PLAN_FRAMING, PLAN_MEMORY_BYTES, PLAN_PIPELINE_COUNT,
  PLAN_REGISTER_COUNT, PLAN_TEXT_OPS, PLAN_TEXT_SHARE_BYTES, PLAN_TEXT_SHARE_ENTRIES, RESULT_BYTES, ROW_MESSAGE_AT, ROW_TEXT_AT, ROW_TEXT_BYTES_AT, SAMPLE_BYTES, SAMPLE_COUNT_MAX,
  TOPIC_CACHE_BYTES, UNESCAPED_AT,
} from "../layout";
import { setU32, u32At } from "./raw";

/** Counters and cursors; HEADER_* of layout/. */
export const header: usize = HEADER_AT;
/** The plan bytes as the host wrote them; PLAN_* of layout/. */
export const plan: usize = PLAN_AT;
/** Undecoded bytes: what the last push left over, then what the host writes next. */
export const input: usize = INPUT_AT;
export const rowText: usize = ROW_TEXT_AT;
export const rowTextBytes: usize = ROW_TEXT_BYTES_AT;
export const rowMessage: usize = ROW_MESSAGE_AT;
/** Where a text stands without its escapes: the input itself is kept as it came, for samples of refused records. */
export const unescaped: usize = UNESCAPED_AT;
export let samples: usize = 0;
export let pipelineCounters: usize = 0;
export let dictionaryText: usize = 0;
export let dictionaryIndex: usize = 0;
/** Hash table of the dictionary: dictionarySlots entries of u32 (id, 0 = empty). */
export let dictionaryTable: usize = 0;
export let dictionarySlots: u32 = 0;
/** For each entry who pays for it, one bit each, and for each of them ┌ bytes u32 ┬ entries u32 ┐; 0: only input does. */
export let dictionaryPayers: usize = 0;
export let dictionaryUsed: usize = 0;
/** Entries that the input took into its share while it tried whether rows have room, u32 each; only with messages of columns. */
export let dictionaryPaid: usize = 0;
/** Entries that fit. */
export let dictionaryEntries: u32 = 0;
/** CSV position → column: u32 each, NO_REGISTER = not wanted. */
export let csvMap: usize = 0;
/** Base address of each register of the input program; the source's columns are the first ones. */
export let registers: usize = 0;
/** Topics seen lately and their columns; decode/topic.ts. Not part of a snapshot. */
export let topicCache: usize = 0;
/** Where the values of a message of columns are, by node and by column, and what is wrong in each row; decode/columns/columns.ts. */
export let batchNodes: usize = 0;
export let batchColumns: usize = 0;
export let rowFaults: usize = 0;
export const BATCH_NODE_BYTES: usize = 24;
export const BATCH_COLUMN_BYTES: usize = 32;
export const ROW_FAULT_BYTES: usize = 32;
/** Partials of the batch that came as text. */
export let partials: usize = 0;
export let results: usize = 0;
/** First byte behind the regions above; window state follows. */
export let stateBase: usize = 0;
/** End of the memory that the plan may use. */
export let memoryEnd: usize = 0;

// @ts-ignore: decorator
@inline export function align(at: usize): usize { return (at + 63) & ~(<usize>63); }

/** Address of the first cell of register `index` of the input program. */
// @ts-ignore: decorator
@inline export function registerBase(index: u32): usize { return u32At(registers + (<usize>index << 2)); }

/**
 * Bytes from one register to the next: a batch and a little more, so that cells of one row in several registers do
 * not fall on the same set of the processor's cache.
 */
const REGISTER_BYTES: usize = BATCH_ROWS * 8 + 320;

/** True when a column of partials may come as text. */
function hasTextPartials(): bool {
  if (u32At(plan + PLAN_FRAMING) == FRAMING_ROWS) return false;
  const columns = plan + u32At(plan + PLAN_COLUMNS_AT);
  for (let column: u32 = 0; column < u32At(plan + PLAN_COLUMN_COUNT); column++) {
    if (u32At(columns + <usize>column * COLUMN_BYTES + COLUMN_TYPE) == TYPE_PARTIAL) return true;
  }
  return false;
}

/** Places all regions for the plan bytes; false when the memory is too small. */
export function placeRegions(): bool {
  const pipelines = <usize>u32At(plan + PLAN_PIPELINE_COUNT);
  const textOps = <usize>u32At(plan + PLAN_TEXT_OPS);
  dictionaryEntries = u32At(plan + PLAN_DICTIONARY_ENTRIES_MAX) + <u32>textOps * u32At(plan + PLAN_TEXT_SHARE_ENTRIES);
  const entries = <usize>dictionaryEntries;
  const texts = <usize>u32At(plan + PLAN_DICTIONARY_BYTES) + textOps * <usize>u32At(plan + PLAN_TEXT_SHARE_BYTES);
  const registerCount = <usize>u32At(plan + PLAN_REGISTER_COUNT);
  memoryEnd = <usize>u32At(plan + PLAN_MEMORY_BYTES);
  samples = align(__heap_base);
  pipelineCounters = align(samples + SAMPLE_COUNT_MAX * SAMPLE_BYTES);
  dictionaryText = align(pipelineCounters + pipelines * PIPELINE_COUNTERS_BYTES);
  // Each has a head; in the index the upper half of all numbers says of ids that they are free.
  const textsEnd = <u64>texts + (<u64>entries + 1) * 8;
  if (textsEnd >= 0x80000000) return false;
  dictionaryIndex = align(dictionaryText + <usize>textsEnd);
  dictionaryUsed = textOps == 0 ? 0 : align(dictionaryIndex + (entries + 2) * 4);
  dictionaryPayers = textOps == 0 ? 0 : align(dictionaryUsed + (textOps + 1) * 8);
  dictionaryTable = align(textOps == 0 ? dictionaryIndex + (entries + 2) * 4 : dictionaryPayers + (entries + 2) * 4);
  dictionaryPaid = dictionaryTable;
  const tries = textOps != 0 && u32At(plan + PLAN_COLUMNAR) != 0;
  if (tries) dictionaryTable = align(dictionaryPaid + entries * 4);
  dictionarySlots = 16;
  while (<usize>dictionarySlots < entries * 2) dictionarySlots <<= 1;
  csvMap = align(dictionaryTable + <usize>dictionarySlots * 4);
  registers = align(csvMap + CSV_COLUMNS_MAX * 4);
  topicCache = align(registers + registerCount * 4);
  batchNodes = align(topicCache + (u32At(plan + PLAN_FRAMING) == FRAMING_MQTT ? <usize>TOPIC_CACHE_BYTES : 0));
  const columnar: usize = u32At(plan + PLAN_COLUMNAR) != 0 ? 1 : 0;
  batchColumns = align(batchNodes + columnar * (PATH_STEPS_MAX + 1) * BATCH_NODE_BYTES);
  rowFaults = align(batchColumns + columnar * COLUMNS_MAX * BATCH_COLUMN_BYTES);
  partials = align(rowFaults + columnar * BATCH_ROWS * ROW_FAULT_BYTES);
  let at = align(partials + (hasTextPartials() ? <usize>INPUT_BYTES : 0));
  if (memoryEnd > <usize>memory.size() << 16 || at + registerCount * REGISTER_BYTES + RESULT_BYTES > memoryEnd) {
    return false;
  }
  for (let index: usize = 0; index < registerCount; index++) {
    setU32(registers + (index << 2), <u32>at);
    at += REGISTER_BYTES;
  }
  results = align(at);
  stateBase = align(results + RESULT_BYTES);
  setU32(header + HEADER_RESULT_BASE, <u32>results);
  setU32(header + HEADER_SAMPLE_BASE, <u32>samples);
  setU32(header + HEADER_DICTIONARY_TEXT_BASE, <u32>dictionaryText);
  setU32(header + HEADER_DICTIONARY_INDEX_BASE, <u32>dictionaryIndex);
  setU32(header + HEADER_PIPELINE_BASE, <u32>pipelineCounters);
  return true;
}
