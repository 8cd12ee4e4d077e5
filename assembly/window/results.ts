// Results on their way out. Windowed results are staged in columns (keys, bounds, aggregates), HAVING and the
// outputs are evaluated over up to STAGE_ROWS of them at once, and the rows that stay are written to the result
// region; plain and late rows are written from the batch's columns at once. Row format: ROW_* of layout/.
// Struct of a pipeline (offsets P_*): register table of its result program, late counts of its keys.
// Imports memory, layout, expression, aggregates, keys and slices.
import {
  AGGREGATE_BYTES, AGGREGATE_TYPE, BOOLEAN_NULL, CAUSE_RECORD, CAUSE_WITHDRAWN, COLUMN_BYTES, COLUMN_TYPE,
  FLAG_INEXACT, HEADER_NULLED_DICTIONARY, HEADER_NULLED_NONFINITE, HEADER_NULLED_TYPE, HEADER_RESULT_BYTES, KIND_HANDED, KIND_LATE, KIND_RESULT, NO_REGISTER, PIPELINE_COUNTERS_BYTES,
  PIPELINE_RESULTS, PIPE_AGGREGATES_AT, PIPE_ARRAY_BYTES, PIPE_AGGREGATE_COUNT, PIPE_CARRIED_AT, PIPE_CARRIED_COUNT,
  PIPE_GROUP, PIPE_HANDS_OVER, PIPE_HAVING, PIPE_OPS_AT, PIPE_OP_COUNT, PIPE_OUTPUTS_AT, PIPE_OUTPUT_COUNT,
  PIPE_REGISTER_COUNT, PIPE_WINDOW, PLAN_COLUMNS_AT, PLAN_COLUMN_COUNT, PLAN_KEYS_MAX, PLAN_PIPELINE_COUNT,
  PARTIALS_BYTES_MAX, PLAN_SPACES_AT, RESULT_BYTES, ROW_CAUSE, ROW_WORDS, ROW_COUNT, ROW_END, ROW_FLAGS, ROW_HEADER_BYTES, ROW_KIND,
  ROW_LATE_COUNT, ROW_OCCASION, ROW_ORDINAL, ROW_PIPELINE, ROW_REVISION, ROW_START, SPACE_BYTES, SPACE_COLUMNS_AT,
  SPACE_COLUMN_COUNT, STAGE_ARRAY_BYTES, STAGE_ROWS, TYPE_ARRAY, TYPE_BIGINT, TYPE_BOOLEAN, TYPE_PARTIAL, TYPE_STRING, WINDOW_NONE, WINDOW_ROWS,
} from "../layout";
import { beyondBound, forgetBounds, isInexact, readAggregate, readArray, readPartial, readWhole, recordCount } from "../aggregate/results";
import { fillLiterals } from "../expression/evaluate";
import { evaluateResults } from "../operator/program";
import { addI64, f64At, i64At, setF64, setI64, setU16, setU32, setU64, setU8, u16At, u32At, u64At, u8At } from "../memory/raw";
import { align, header, pipelineCounters, plan, registerBase, results } from "../memory/regions";
import { keyCell } from "./keys";
import { carried, carriedFlags, nextRevision, wasShown } from "./marks";
import { groupPlan, groupSpace, pipeAt } from "./slices";

const P_REGISTERS: usize = 0;
const P_LATE: usize = 4;
const P_BYTES: usize = 8;

let pipelines: usize = 0;
/** Stage columns that no expression sees: key u32, count i64, flags u32, mark u32 (+ 1: the same revision again, + 2: withdrawn), ordinal i64. */
let stageKeys: usize = 0;
let stageCounts: usize = 0;
let stageFlags: usize = 0;
let stageOrdinals: usize = 0;
/** Elements of the staged arrays, and bytes of them in use; there is no such place when no result has an array. */
let stageArrays: usize = 0;
let stageArrayUsed: u32 = 0;
let stageMarks: usize = 0;
let stagePipeline: u32 = 0;
let stageRows: u32 = 0;
let stageCause: u32 = 0;
/** Number of the record, tick or flush at hand, for rows that come out because of it. */
let occasion: u32 = 0;

/** What comes out from here on does so because of something else. */
// @ts-ignore: decorator
@inline export function beginOccasion(): void { occasion++; }

// @ts-ignore: decorator
@inline export function pipelineCounter(pipeline: u32, counter: usize): usize {
  return pipelineCounters + <usize>pipeline * PIPELINE_COUNTERS_BYTES + counter;
}
// @ts-ignore: decorator
@inline function resultRegister(pipeline: u32, index: u32): usize {
  return <usize>u32At(<usize>u32At(pipelines + <usize>pipeline * P_BYTES + P_REGISTERS) + (<usize>index << 2));
}
// @ts-ignore: decorator
@inline function lateAt(pipeline: u32, key: u32): usize {
  return <usize>u32At(pipelines + <usize>pipeline * P_BYTES + P_LATE) + (<usize>key << 2);
}

/** Added to a mark: readers are to forget what came out. */
export const WITHDRAWN: usize = 2;

/** The key is not known any more. */
export function forgetLate(pipeline: u32, key: u32): void { setU32(lateAt(pipeline, key), 0); }

/** One more record of the key was late since its last result. */
export function countLate(pipeline: u32, key: u32): void {
  setU32(lateAt(pipeline, key), u32At(lateAt(pipeline, key)) + 1);
}

/** Places the stage, the result programs' registers and the late counts at `base`; returns what is behind. */
export function openResults(base: usize): usize {
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  const keysMax = <usize>u32At(plan + PLAN_KEYS_MAX);
  pipelines = base;
  stageKeys = align(base + <usize>count * P_BYTES);
  stageCounts = stageKeys + STAGE_ROWS * 4;
  stageFlags = stageCounts + STAGE_ROWS * 8;
  stageMarks = stageFlags + STAGE_ROWS * 4;
  stageRows = 0;
  stageArrayUsed = 0;
  stageOrdinals = align(stageMarks + STAGE_ROWS * 4);
  stageArrays = align(stageOrdinals + STAGE_ROWS * 8);
  let at = stageArrays;
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    if (u32At(pipeAt(pipeline) + PIPE_ARRAY_BYTES) != 0) at = stageArrays + STAGE_ARRAY_BYTES;
  }
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    const pipe = pipeAt(pipeline);
    if (u32At(pipe + PIPE_WINDOW) == WINDOW_NONE) continue;
    const to = pipelines + <usize>pipeline * P_BYTES;
    const registerCount = u32At(pipe + PIPE_REGISTER_COUNT);
    setU32(to + P_REGISTERS, <u32>at);
    let cells = align(at + (<usize>registerCount << 2));
    for (let index: u32 = 0; index < registerCount; index++) {
      setU32(at + (<usize>index << 2), <u32>cells);
      cells += STAGE_ROWS * 8;
    }
    fillLiterals(plan + u32At(pipe + PIPE_OPS_AT), u32At(pipe + PIPE_OP_COUNT), at, STAGE_ROWS);
    setU32(to + P_LATE, <u32>cells);
    memory.fill(cells, 0, keysMax * 4);
    at = align(cells + keysMax * 4);
  }
  return at;
}

/** True when the result region has room for `rows` rows of `cells` values, and for arrays. */
function hasRoom(rows: u32, cells: u32, arrayBytes: u32): bool {
  const bytes = rows * (ROW_HEADER_BYTES + cells * 8) + arrayBytes;
  return u32At(header + HEADER_RESULT_BYTES) + bytes <= <u32>RESULT_BYTES;
}

/**
 * Readies the stage for results of one pipeline: false when the result region must be drained first. What was
 * staged for it is written out as needed.
 */
export function stageFor(pipeline: u32, cause: u32): bool {
  const arrayBytes = u32At(pipeAt(pipeline) + PIPE_ARRAY_BYTES);
  const full = stageRows == STAGE_ROWS || (stageRows + 1) * arrayBytes > <u32>STAGE_ARRAY_BYTES;
  if (stageRows != 0 && (stagePipeline != pipeline || stageCause != cause || full)) flushStage();
  if (stageRows != 0) return true;
  const arrays = arrayBytes == 0 ? 0 : <u32>STAGE_ARRAY_BYTES;
  if (!hasRoom(STAGE_ROWS, u32At(pipeAt(pipeline) + PIPE_OUTPUT_COUNT), arrays)) return false;
  stagePipeline = pipeline;
  stageCause = cause;
  return true;
}

/**
 * Stages the result of one key's window, read from a slice; stageFor was true just before. `mark` is that of a window
 * that is kept, or 0; `again`: nothing changed since its last revision.
 */
export function stageResult(key: u32, slice: usize, start: i64, end: i64, mark: usize, again: bool): void {
  const pipeline = stagePipeline;
  const pipe = pipeAt(pipeline);
  const row = <usize>stageRows;
  const first = stageHead(pipeline, key, start, end);
  const aggregates = plan + u32At(pipe + PIPE_AGGREGATES_AT);
  const count = u32At(pipe + PIPE_AGGREGATE_COUNT);
  const nulled = i64At(header + HEADER_NULLED_NONFINITE);
  forgetBounds();
  for (let place: u32 = 0; place < count; place++) {
    const aggregate = aggregates + <usize>place * AGGREGATE_BYTES;
    const base = resultRegister(pipeline, first + place);
    const type = u32At(aggregate + AGGREGATE_TYPE);
    if (type == TYPE_PARTIAL) stagePartial(aggregate, groupPlan(u32At(pipe + PIPE_GROUP)), slice, base + (row << 3));
    else if (type == TYPE_ARRAY) stageArray(aggregate, slice, base + (row << 3));
    else if (type == TYPE_BIGINT) setI64(base + (row << 3), readWhole(aggregate, slice));
    else stageValue(base, row, type, readAggregate(aggregate, slice, start, end));
  }
  if (u32At(pipe + PIPE_HANDS_OVER) != 0) setI64(header + HEADER_NULLED_NONFINITE, nulled);
  const flags: u32 = isInexact(slice) || beyondBound ? FLAG_INEXACT : 0;
  stageTail(key, recordCount(slice), flags, mark | (again ? 1 : 0));
}

/** Stages a window without records that has the values of the one before it. */
export function stageCarried(key: u32, entry: usize, start: i64, end: i64, mark: usize): void {
  const pipeline = stagePipeline;
  const row = <usize>stageRows;
  const first = stageHead(pipeline, key, start, end);
  const pipe = pipeAt(pipeline);
  const aggregates = plan + u32At(pipe + PIPE_AGGREGATES_AT);
  const count = u32At(pipe + PIPE_AGGREGATE_COUNT);
  for (let place: u32 = 0; place < count; place++) {
    const type = u32At(aggregates + <usize>place * AGGREGATE_BYTES + AGGREGATE_TYPE);
    const cell = carried(entry) + (<usize>place << 3);
    const base = resultRegister(pipeline, first + place);
    if (type == TYPE_BIGINT) setI64(base + (row << 3), i64At(cell));
    else stageValue(base, row, type, f64At(cell));
  }
  stageTail(key, 0, u32At(carriedFlags(entry)), mark);
}

/** Keeps the values of the row staged last for windows without records behind it. */
export function keepCarried(entry: usize): void {
  const pipeline = stagePipeline;
  const pipe = pipeAt(pipeline);
  const row = <usize>stageRows - 1;
  const count = u32At(pipe + PIPE_AGGREGATE_COUNT);
  const space = plan + u32At(plan + PLAN_SPACES_AT) + <usize>groupSpace(u32At(pipe + PIPE_GROUP)) * SPACE_BYTES;
  const first = u32At(space + SPACE_COLUMN_COUNT) + 3;
  const aggregates = plan + u32At(pipe + PIPE_AGGREGATES_AT);
  for (let place: u32 = 0; place < count; place++) {
    const type = u32At(aggregates + <usize>place * AGGREGATE_BYTES + AGGREGATE_TYPE);
    const cell = carried(entry) + (<usize>place << 3);
    const base = resultRegister(pipeline, first + place);
    if (type == TYPE_BIGINT) setI64(cell, i64At(base + (row << 3)));
    else setF64(cell, stagedValue(base, row, type));
  }
  setU32(carriedFlags(entry), u32At(stageFlags + (row << 2)));
}

/** Key and bounds of the next row of the stage; returns the register of its first aggregate. */
function stageHead(pipeline: u32, key: u32, start: i64, end: i64): u32 {
  const pipe = pipeAt(pipeline);
  const row = <usize>stageRows;
  const space = groupSpace(u32At(pipe + PIPE_GROUP));
  const spacePlan = plan + u32At(plan + PLAN_SPACES_AT) + <usize>space * SPACE_BYTES;
  const keyCount = u32At(spacePlan + SPACE_COLUMN_COUNT);
  const keyColumns = plan + u32At(spacePlan + SPACE_COLUMNS_AT);
  let cell: u32 = 0;
  for (let place: u32 = 0; place < keyCount; place++) {
    const column = u32At(keyColumns + (<usize>place << 2));
    const type = u32At(plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES + COLUMN_TYPE);
    const base = resultRegister(pipeline, place);
    const value = keyCell(space, key, cell++);
    if (type == TYPE_BOOLEAN) setU8(base + row, value);
    else if (type == TYPE_STRING) setU32(base + (row << 2), value);
    else setU64(base + (row << 3), (<u64>keyCell(space, key, cell++) << 32) | value);
  }
  setI64(resultRegister(pipeline, keyCount) + (row << 3), start);
  setI64(resultRegister(pipeline, keyCount + 1) + (row << 3), end);
  setI64(resultRegister(pipeline, keyCount + 2) + (row << 3), u32At(pipe + PIPE_WINDOW) == WINDOW_ROWS ? end : end - 1);
  return keyCount + 3 + u32At(pipe + PIPE_CARRIED_COUNT);
}

function stageTail(key: u32, records: i64, flags: u32, mark: usize): void {
  const row = <usize>stageRows;
  setU32(stageKeys + (row << 2), key);
  setI64(stageCounts + (row << 3), records);
  setU32(stageFlags + (row << 2), flags);
  setU32(stageMarks + (row << 2), <u32>mark);
  setI64(stageOrdinals + (row << 3), 0);
  stageRows++;
}

/** A value in the stage; NaN is NULL. */
// @ts-ignore: decorator
@inline function stageValue(base: usize, row: usize, type: u32, value: f64): void {
  if (type == TYPE_STRING) setU32(base + (row << 2), value == value ? <u32>value : 0);
  else if (type == TYPE_BOOLEAN) setU8(base + row, value == value ? <u32>value : BOOLEAN_NULL);
  else setF64(base + (row << 3), value);
}

/** What stageValue wrote; an array is not carried on. */
function stagedValue(base: usize, row: usize, type: u32): f64 {
  if (type == TYPE_STRING) {
    const id = u32At(base + (row << 2));
    return id == 0 ? NaN : <f64>id;
  }
  if (type != TYPE_BOOLEAN) return f64At(base + (row << 3));
  const value = u8At(base + row);
  return value == BOOLEAN_NULL ? NaN : <f64>value;
}

/** An array's cell in the stage: its count u32, and where it is among the staged elements u32. */
function stageArray(aggregate: usize, slice: usize, cell: usize): void {
  const count = readArray(aggregate, slice, stageArrays + stageArrayUsed);
  setU32(cell, count);
  setU32(cell + 4, stageArrayUsed);
  stageArrayUsed += count << 3;
}

/** A partial's cell in the stage: its bytes u32, and where it is among the staged elements u32. */
function stagePartial(aggregate: usize, group: usize, slice: usize, cell: usize): void {
  const length = readPartial(aggregate, group, slice, stageArrays + stageArrayUsed);
  setU32(cell, length);
  setU32(cell + 4, stageArrayUsed);
  stageArrayUsed += (length + 7) & ~7;
}

/** Adds to the result staged last what a row of OVER has of its own: its carried cells and its ordinal. */
export function stageOwn(cells: usize, ordinal: u32): void {
  const pipe = pipeAt(stagePipeline);
  const row = <usize>stageRows - 1;
  const space = groupSpace(u32At(pipe + PIPE_GROUP));
  const first = u32At(plan + u32At(plan + PLAN_SPACES_AT) + <usize>space * SPACE_BYTES + SPACE_COLUMN_COUNT) + 3;
  const columns = plan + u32At(pipe + PIPE_CARRIED_AT);
  for (let place: u32 = 0; place < u32At(pipe + PIPE_CARRIED_COUNT); place++) {
    const column = u32At(columns + (<usize>place << 2));
    const type = u32At(plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES + COLUMN_TYPE);
    const base = resultRegister(stagePipeline, first + place);
    const cell = cells + (<usize>place << 3);
    if (type == TYPE_BOOLEAN) setU8(base + row, u8At(cell));
    else if (type == TYPE_STRING) setU32(base + (row << 2), u32At(cell));
    else setU64(base + (row << 3), u64At(cell));
  }
  stageOrdinal(ordinal);
}

/** Adds the ordinal to the result staged last. */
export function stageOrdinal(ordinal: i64): void {
  setI64(stageOrdinals + ((<usize>stageRows - 1) << 3), ordinal);
}

/** Evaluates HAVING and the outputs over the stage and writes the rows that stay. */
export function flushStage(): void {
  const rows = stageRows;
  if (rows == 0) return;
  stageRows = 0;
  const pipeline = stagePipeline;
  const pipe = pipeAt(pipeline);
  const registers = <usize>u32At(pipelines + <usize>pipeline * P_BYTES + P_REGISTERS);
  const handsOver = u32At(pipe + PIPE_HANDS_OVER) != 0;
  const having = u32At(pipe + PIPE_HAVING);
  const outputs = plan + u32At(pipe + PIPE_OUTPUTS_AT);
  const cells = u32At(pipe + PIPE_OUTPUT_COUNT);
  const group = u32At(pipe + PIPE_GROUP);
  const spacePlan = plan + u32At(plan + PLAN_SPACES_AT) + <usize>groupSpace(group) * SPACE_BYTES;
  const keyCount = u32At(spacePlan + SPACE_COLUMN_COUNT);
  const hasArrays = u32At(pipe + PIPE_ARRAY_BYTES) != 0;
  const starts = resultRegister(pipeline, keyCount);
  const ends = resultRegister(pipeline, keyCount + 1);
  // What the pipeline's own results had to make NULL is counted once.
  const nulled = i64At(header + HEADER_NULLED_NONFINITE);
  const wrong = i64At(header + HEADER_NULLED_TYPE);
  const lost = i64At(header + HEADER_NULLED_DICTIONARY);
  evaluateResults(plan + u32At(pipe + PIPE_OPS_AT), u32At(pipe + PIPE_OP_COUNT), registers, stageKeys, ends, rows);
  if (handsOver) {
    setI64(header + HEADER_NULLED_NONFINITE, nulled);
    setI64(header + HEADER_NULLED_TYPE, wrong);
    setI64(header + HEADER_NULLED_DICTIONARY, lost);
  }
  for (let row: usize = 0; row < rows; row++) {
    const word = <usize>u32At(stageMarks + (row << 2));
    const mark = word & ~<usize>3;
    const kept = (word & WITHDRAWN) == 0 && (having == NO_REGISTER || u8At(resultRegister(pipeline, having) + row) == 1);
    if (!kept && (mark == 0 || !wasShown(mark))) continue;
    const late = lateAt(pipeline, u32At(stageKeys + (row << 2)));
    const at = beginRow(pipeline, handsOver ? KIND_HANDED : KIND_RESULT, kept ? stageCause : <u32>CAUSE_WITHDRAWN, cells);
    if (mark != 0) setU32(at + ROW_REVISION, nextRevision(mark, kept, (word & 1) != 0));
    setU16(at + ROW_FLAGS, u32At(stageFlags + (row << 2)));
    setI64(at + ROW_ORDINAL, i64At(stageOrdinals + (row << 3)));
    setU32(at + ROW_LATE_COUNT, u32At(late));
    setU32(late, 0);
    setI64(at + ROW_COUNT, i64At(stageCounts + (row << 3)));
    setI64(at + ROW_START, i64At(starts + (row << 3)));
    setI64(at + ROW_END, i64At(ends + (row << 3)));
    for (let cell: u32 = 0; cell < cells; cell++) {
      const output = outputs + (<usize>cell << 3);
      const base = <usize>u32At(registers + (<usize>u32At(output) << 2));
      writeCell(at + ROW_HEADER_BYTES + (<usize>cell << 3), base, u32At(output + 4), row);
    }
    if (hasArrays) appendArrays(at, outputs, cells);
    addI64(pipelineCounter(pipeline, PIPELINE_RESULTS), 1);
  }
  stageArrayUsed = 0;
}

/** Appends the elements of a written row's arrays and its partials to it, and makes their cells say where in the row they are. */
function appendArrays(row: usize, outputs: usize, cells: u32): void {
  let words = cells;
  for (let place: u32 = 0; place < cells; place++) {
    const type = u32At(outputs + (<usize>place << 3) + 4);
    if (type != TYPE_ARRAY && type != TYPE_PARTIAL) continue;
    const cell = row + ROW_HEADER_BYTES + (<usize>place << 3);
    const count = type == TYPE_ARRAY ? u32At(cell) : (u32At(cell) + 7) >> 3;
    const offset = ROW_HEADER_BYTES + (words << 3);
    memory.copy(row + offset, stageArrays + u32At(cell + 4), <usize>count << 3);
    setU32(cell + 4, offset);
    words += count;
  }
  setU16(row + ROW_WORDS, words);
  setU32(header + HEADER_RESULT_BYTES, u32At(header + HEADER_RESULT_BYTES) + ((words - cells) << 3));
}

/** Appends a row's head and places of its cells to the result region and returns its address; there is room for it. */
function beginRow(pipeline: u32, kind: u32, cause: u32, cells: u32): usize {
  const used = u32At(header + HEADER_RESULT_BYTES);
  const at = results + used;
  setU16(at + ROW_PIPELINE, pipeline);
  setU8(at + ROW_KIND, kind);
  setU8(at + ROW_CAUSE, cause);
  setU16(at + ROW_FLAGS, 0);
  setU16(at + ROW_WORDS, cells);
  setU32(at + ROW_REVISION, 1);
  setU32(at + ROW_LATE_COUNT, 0);
  setI64(at + ROW_ORDINAL, 0);
  setU32(at + ROW_OCCASION, occasion);
  setU32(header + HEADER_RESULT_BYTES, used + ROW_HEADER_BYTES + cells * 8);
  return at;
}

// @ts-ignore: decorator
@inline function writeCell(at: usize, base: usize, type: u32, row: usize): void {
  if (type == TYPE_STRING) setU64(at, u32At(base + (row << 2)));
  else if (type == TYPE_BOOLEAN) setU64(at, u8At(base + row));
  else setU64(at, u64At(base + (row << 3)));
}

/** The partial in a cell of the row last begun, of so many cells; what does not fit behind it any more is NULL. */
function appendPartial(row: usize, cells: u32, cell: usize): void {
  const from = <usize>u32At(cell);
  const length = u32At(cell + 4);
  const offset = <u32>(results + u32At(header + HEADER_RESULT_BYTES) - row);
  const words = (length + 7) >> 3;
  const before = offset - ROW_HEADER_BYTES - (cells << 3);
  if (from == 0 || before + (words << 3) > <u32>PARTIALS_BYTES_MAX) {
    setU32(cell, 0);
    return;
  }
  memory.copy(row + offset, from, length);
  setU32(cell, length);
  setU32(cell + 4, offset);
  setU16(row + ROW_WORDS, u16At(row + ROW_WORDS) + words);
  setU32(header + HEADER_RESULT_BYTES, u32At(header + HEADER_RESULT_BYTES) + (words << 3));
}

/** Bytes of a batch's partial in a result; 0 for a register that holds none. */
// @ts-ignore: decorator
@inline function partialBytes(type: u32, register: u32, row: u32): u32 {
  return type == TYPE_PARTIAL ? (u32At(registerBase(register) + (<usize>row << 3) + 4) + 7) & ~7 : 0;
}

/** Writes one kept record of a pipeline without a window; false when there is no room. */
export function writePlain(pipeline: u32, row: u32, time: i64): bool {
  const pipe = pipeAt(pipeline);
  const cells = u32At(pipe + PIPE_OUTPUT_COUNT);
  const outputs = plan + u32At(pipe + PIPE_OUTPUTS_AT);
  let partials: u32 = 0;
  for (let cell: u32 = 0; cell < cells; cell++) {
    const output = outputs + (<usize>cell << 3);
    partials += partialBytes(u32At(output + 4), u32At(output), row);
  }
  if (!hasRoom(1, cells, min(partials, <u32>PARTIALS_BYTES_MAX))) return false;
  const at = beginRow(pipeline, KIND_RESULT, CAUSE_RECORD, cells);
  setI64(at + ROW_COUNT, 1);
  setI64(at + ROW_START, time);
  setI64(at + ROW_END, time);
  for (let cell: u32 = 0; cell < cells; cell++) {
    const output = outputs + (<usize>cell << 3);
    writeCell(at + ROW_HEADER_BYTES + (<usize>cell << 3), registerBase(u32At(output)), u32At(output + 4), row);
  }
  for (let cell: u32 = 0; cell < cells && partials != 0; cell++) {
    if (u32At(outputs + (<usize>cell << 3) + 4) != TYPE_PARTIAL) continue;
    appendPartial(at, cells, at + ROW_HEADER_BYTES + (<usize>cell << 3));
  }
  const results = pipelineCounter(pipeline, PIPELINE_RESULTS);
  addI64(results, 1);
  setI64(at + ROW_ORDINAL, i64At(results));
  return true;
}

/** Writes one late record for one window that it missed; false when there is no room. */
export function writeLate(pipeline: u32, row: u32, start: i64, end: i64, byNs: i64): bool {
  const cells = u32At(plan + PLAN_COLUMN_COUNT);
  const columns = plan + u32At(plan + PLAN_COLUMNS_AT);
  let partials: u32 = 0;
  for (let cell: u32 = 0; cell < cells; cell++) {
    partials += partialBytes(u32At(columns + <usize>cell * COLUMN_BYTES + COLUMN_TYPE), cell, row);
  }
  if (!hasRoom(1, cells, min(partials, <u32>PARTIALS_BYTES_MAX))) return false;
  const at = beginRow(pipeline, KIND_LATE, CAUSE_RECORD, cells);
  setI64(at + ROW_COUNT, byNs);
  setI64(at + ROW_START, start);
  setI64(at + ROW_END, end);
  for (let cell: u32 = 0; cell < cells; cell++) {
    const type = u32At(columns + <usize>cell * COLUMN_BYTES + COLUMN_TYPE);
    writeCell(at + ROW_HEADER_BYTES + (<usize>cell << 3), registerBase(cell), type, row);
  }
  for (let cell: u32 = 0; cell < cells && partials != 0; cell++) {
    if (u32At(columns + <usize>cell * COLUMN_BYTES + COLUMN_TYPE) != TYPE_PARTIAL) continue;
    appendPartial(at, cells, at + ROW_HEADER_BYTES + (<usize>cell << 3));
  }
  return true;
}
