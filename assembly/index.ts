// The kernel's exported functions, and nothing else: the order of the stages for one chunk of bytes. Its only
// import is its memory. Calls return STATUS_*; after DRAIN the host reads the result region and calls resume
// until it says OK. Bad data is counted and never traps; a trap is a bug of ours. Imports every room.
import {
  CAUSE_FLUSH, CAUSE_IDLE, CAUSE_UPDATE, HEADER_AT_START, HEADER_BYTES, HEADER_INPUT_BEGIN, HEADER_INPUT_END,
  HEADER_RESULT_BYTES, HEADER_ROWS, HEADER_SNAPSHOT_RANGES, HEADER_TIME_MAX, HEADER_VERSION,
  LAYOUT_VERSION, PLAN_OPS_AT, PLAN_OP_COUNT, PLAN_VERSION, STATUS_BAD_VERSION, STATUS_DRAIN,
  STATUS_NO_MEMORY, STATUS_OK, BATCH_ROWS, HEADER_DICTIONARY_BYTES, HEADER_DICTIONARY_ENTRIES,
} from "./layout";
import { openContext } from "./context/messages";
import { openCells } from "./aggregate/cells";
import { openRegisters } from "./aggregate/distinct/registers";
import { openValues } from "./aggregate/distinct/values";
import { openHeld } from "./aggregate/in-time/carry";
import { openSeries } from "./aggregate/in-time/series";
import { openSketches } from "./aggregate/sketch";
import { openWide } from "./aggregate/exact/wide";
import { beginFile, csvHeader as decodeCsvHeader, decodeBatch, endOfFile as decodeEndOfFile, openDecode } from "./decode/batch";
import { fillLiterals } from "./expression/evaluate";
import { rebuildDictionary, wantsSweep } from "./memory/dictionary";
import { openPool, poolTop } from "./memory/pool";
import { i64At, setI64, setU32, u32At } from "./memory/raw";
import {
  csvMap, dictionaryIndex, dictionaryPayers, dictionaryText, dictionaryUsed, header, input, memoryEnd, pipelineCounters,
  placeRegions, plan, registers, samples, stateBase,
} from "./memory/regions";
import "./memory/trap";
import { fillBatch, openReorder, releaseAll, releaseSilent, reorders, takeArrived } from "./reorder/reorder";
import { openOperators } from "./operator/operators";
import { evaluateStateless, openProgram } from "./operator/program";
import { BEFORE_ALL } from "./window/bounds";
import { idleEnds, moveTick, openClocks, passMoments } from "./window/clocks";
import { beginPass, openClosing, runPass } from "./window/close";
import { openKeyLimit } from "./window/key-limit";
import { openKeys } from "./window/keys";
import { openMarks } from "./window/marks";
import { openOver } from "./window/data-driven/over";
import { openRowWindows } from "./window/data-driven/row-windows";
import { giveBackTexts } from "./text-holders";
import { beginOccasion, openResults } from "./window/results";
import { openRows, processRows } from "./window/rows";
import { openSessions } from "./window/data-driven/sessions";
import { openSlices } from "./window/slices";
import { openStacks } from "./window/stacks";
import { openStretch } from "./window/stretch";

/** Steps of a tick: records that go on by silence, what idleness closes, what a moment brings out. */
const TICK_DONE: u32 = 0;
const TICK_RELEASE: u32 = 1;
const TICK_IDLE: u32 = 2;
const TICK_MOMENT: u32 = 3;

/** What resume() goes on with. */
let flushing: bool = false;
/** The flush has records that wait to be put in order to let go on first. */
let releasing: bool = false;
let ticking: u32 = TICK_DONE;
let endingFile: bool = false;

/** Reads the plan bytes and sets up an empty engine. */
export function open(): u32 {
  if (u32At(plan + PLAN_VERSION) != LAYOUT_VERSION) return STATUS_BAD_VERSION;
  memory.fill(header, 0, HEADER_BYTES);
  if (!placeRegions()) return STATUS_NO_MEMORY;
  setU32(header + HEADER_VERSION, LAYOUT_VERSION);
  setI64(header + HEADER_TIME_MAX, BEFORE_ALL);
  setU32(header + HEADER_AT_START, 1);
  memory.fill(samples, 0, dictionaryText - samples);
  openDecode();
  fillLiterals(plan + u32At(plan + PLAN_OPS_AT), u32At(plan + PLAN_OP_COUNT), registers, BATCH_ROWS);
  let state = openRows(openContext(stateBase));
  state = openReorder(state);
  state = openKeys(state);
  state = openKeyLimit(state);
  state = openMarks(state);
  state = openHeld(openSlices(state));
  state = openStacks(state);
  state = openSessions(state);
  state = openOver(state);
  state = openRowWindows(state);
  state = openClocks(state);
  state = openResults(state);
  state = openClosing(state);
  state = openWide(state);
  state = openSketches(state);
  state = openValues(state);
  state = openRegisters(state);
  state = openSeries(state);
  state = openCells(state);
  state = openOperators(state);
  state = openProgram(state);
  if (state >= memoryEnd) return STATUS_NO_MEMORY;
  openPool(state);
  openStretch();
  flushing = false;
  releasing = false;
  ticking = TICK_DONE;
  endingFile = false;
  return STATUS_OK;
}

/** Where the host writes the next chunk; there is room for INPUT_BYTES less what is left undecoded. */
export function inputEnd(): usize {
  return input + u32At(header + HEADER_INPUT_END);
}

/** Takes `length` bytes that the host wrote at inputEnd(). */
export function push(length: u32): u32 {
  setU32(header + HEADER_INPUT_END, u32At(header + HEADER_INPUT_END) + length);
  return run();
}

/** Decodes and processes until the input is used up; what is left of an unfinished frame moves to the front. */
function run(): u32 {
  let more = true;
  while (releaseDue() && more) {
    if (wantsSweep) {
      // Rows that came out say ids: they are read first.
      if (u32At(header + HEADER_RESULT_BYTES) != 0) return STATUS_DRAIN;
      giveBackTexts();
    }
    more = decodeBatch();
    if (reorders) takeArrived();
    else if (u32At(header + HEADER_ROWS) != 0) evaluateStateless(u32At(header + HEADER_ROWS));
  }
  if (u32At(header + HEADER_ROWS) != 0) return STATUS_DRAIN;
  const begin = u32At(header + HEADER_INPUT_BEGIN);
  const left = u32At(header + HEADER_INPUT_END) - begin;
  if (begin != 0) memory.copy(input, input + begin, left);
  setU32(header + HEADER_INPUT_BEGIN, 0);
  setU32(header + HEADER_INPUT_END, left);
  if (endingFile) beginFile();
  endingFile = false;
  return STATUS_OK;
}

/** Processes the batch, then those of records that go on; false when the result region must be drained. */
function releaseDue(): bool {
  while (u32At(header + HEADER_ROWS) == 0 || processRows()) {
    if (!reorders || !fillBatch()) return true;
    evaluateStateless(u32At(header + HEADER_ROWS));
  }
  return false;
}

/** Goes on after the host has drained the result region. */
export function resume(): u32 {
  setU32(header + HEADER_RESULT_BYTES, 0);
  if (ticking != TICK_DONE) return finishTick();
  if (releasing || (flushing && u32At(header + HEADER_ROWS) == 0)) return finishFlush();
  return run();
}

/** Host time in ns; an earlier one than the last is ignored. It closes windows of silent keys, and passes moments. */
export function tick(now: i64): u32 {
  if (!moveTick(now)) return STATUS_OK;
  ticking = TICK_RELEASE;
  if (reorders) releaseSilent();
  return finishTick();
}

function beginIdle(): void {
  ticking = TICK_IDLE;
  beginOccasion();
  if (idleEnds()) beginPass(CAUSE_IDLE);
  else if (passMoments()) {
    ticking = TICK_MOMENT;
    beginPass(CAUSE_UPDATE);
  } else ticking = TICK_DONE;
}

function finishTick(): u32 {
  if (ticking == TICK_RELEASE) {
    if (!releaseDue()) return STATUS_DRAIN;
    beginIdle();
  }
  while (ticking != TICK_DONE) {
    if (!runPass()) return STATUS_DRAIN;
    if (ticking == TICK_IDLE && passMoments()) {
      ticking = TICK_MOMENT;
      beginPass(CAUSE_UPDATE);
    } else ticking = TICK_DONE;
  }
  return STATUS_OK;
}

/** End of one file of several: an unfinished last line is complete, and the next byte begins a new file. */
export function endOfFile(): u32 {
  decodeEndOfFile();
  endingFile = true;
  return run();
}

/** The host wrote `count` u32 at inputEnd(): the column of each CSV position, or NO_REGISTER. */
export function csvHeader(count: u32): void {
  decodeCsvHeader(count);
}

/** Brings out all open windows; the input was pushed to its end before. */
export function flush(): u32 {
  releasing = true;
  if (reorders) releaseAll();
  return finishFlush();
}

function finishFlush(): u32 {
  if (releasing) {
    if (!releaseDue()) return STATUS_DRAIN;
    releasing = false;
    flushing = true;
    beginOccasion();
    beginPass(CAUSE_FLUSH);
  }
  if (!runPass()) return STATUS_DRAIN;
  flushing = false;
  return STATUS_OK;
}

/** The host has put a snapshot's ranges back, after open(). */
export function restored(): void {
  rebuildDictionary();
}

/** Writes the (begin, end) pairs of memory that a snapshot holds into the header; returns how many. */
export function snapshotRanges(): u32 {
  let at = header + HEADER_SNAPSHOT_RANGES;
  at = range(at, input, input + u32At(header + HEADER_INPUT_END));
  at = range(at, pipelineCounters, dictionaryText + u32At(header + HEADER_DICTIONARY_BYTES));
  at = range(at, dictionaryIndex, dictionaryIndex + (u32At(header + HEADER_DICTIONARY_ENTRIES) + 2) * 4);
  if (dictionaryPayers != 0) {
    at = range(at, dictionaryUsed, dictionaryPayers + (u32At(header + HEADER_DICTIONARY_ENTRIES) + 2) * 4);
  }
  at = range(at, csvMap, registers);
  at = range(at, stateBase, poolTop());
  return <u32>((at - header - HEADER_SNAPSHOT_RANGES) >> 3);
}

function range(at: usize, begin: usize, end: usize): usize {
  setU32(at, <u32>begin);
  setU32(at + 4, <u32>end);
  return at + 8;
}
