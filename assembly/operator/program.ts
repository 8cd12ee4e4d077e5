// The part of the input program that depends on stateful operators: it runs over rows in their order, and over none that
// is refused, since a record that is not taken leaves no trace. A run of rows that are surely taken goes column by
// column as everything else does; the row that makes a key known is a run of its own. Imports operators, evaluate.
import {
  CODE_STATEFUL, OP_BYTES, OP_CODE, PLAN_OPS_AT, PLAN_OP_COUNT, PLAN_REGISTER_COUNT, PLAN_SHIFTS_AT, PLAN_SPACE_COUNT,
  PLAN_STATELESS_COUNT, PLAN_TIME_COLUMN,
} from "../layout";
import { evaluate } from "../expression/evaluate";
import { i64At, setU32, u32At, u8At } from "../memory/raw";
import { align, plan, registerBase, registers } from "../memory/regions";
import { latestTime } from "../window/clocks";
import { NO_KEY, currentKey, rowKeys } from "../window/keys";
import { runOperator, spaceOf } from "./operators";

/** Addresses of the registers' cells of a row that is not the first one. */
let shifted: usize = 0;
let stateful: bool = false;

/** Keeps the table of addresses at `base`; returns the first byte behind it. */
export function openProgram(base: usize): usize {
  shifted = base;
  stateful = u32At(plan + PLAN_STATELESS_COUNT) != u32At(plan + PLAN_OP_COUNT);
  return align(base + <usize>u32At(plan + PLAN_REGISTER_COUNT) * 4);
}

/** Evaluates what depends on no operator over a new batch. */
export function evaluateStateless(rows: u32): void {
  evaluate(plan + u32At(plan + PLAN_OPS_AT), u32At(plan + PLAN_STATELESS_COUNT), registers, rows);
}

/**
 * Evaluates the rest over the rows from `from` on that are surely taken: of known keys and not of the future. Returns
 * the first row that is not, or `rows`.
 */
export function evaluateTaken(from: u32, rows: u32): u32 {
  if (!stateful) return rows;
  const times = registerBase(u32At(plan + PLAN_TIME_COLUMN));
  const spaces = u32At(plan + PLAN_SPACE_COUNT);
  const latest = latestTime();
  let to = from;
  for (; to < rows; to++) {
    if (i64At(times + (<usize>to << 3)) > latest) break;
    let space: u32 = 0;
    while (space < spaces && u32At(rowKeys(space) + (<usize>to << 2)) != NO_KEY) space++;
    if (space < spaces) break;
  }
  if (to > from) evaluateStateful(from, to);
  return to;
}

/** Evaluates the rest over a row that has just been taken: its keys are the current ones. */
export function evaluateRow(row: u32): void {
  for (let space: u32 = 0; space < u32At(plan + PLAN_SPACE_COUNT); space++) {
    setU32(rowKeys(space) + (<usize>row << 2), currentKey(space));
  }
  evaluateStateful(row, row + 1);
}

function evaluateStateful(from: u32, to: u32): void {
  const ops = plan + u32At(plan + PLAN_OPS_AT);
  const count = u32At(plan + PLAN_OP_COUNT);
  const times = registerBase(u32At(plan + PLAN_TIME_COLUMN));
  const shifts = plan + u32At(plan + PLAN_SHIFTS_AT);
  let table = registers;
  if (from != 0) {
    table = shifted;
    for (let register: u32 = 0; register < u32At(plan + PLAN_REGISTER_COUNT); register++) {
      setU32(shifted + (<usize>register << 2), <u32>(registerBase(register) + (<usize>from << u8At(shifts + register))));
    }
  }
  for (let index = u32At(plan + PLAN_STATELESS_COUNT); index < count; ) {
    const op = ops + <usize>index * OP_BYTES;
    if (u32At(op + OP_CODE) >= <u32>CODE_STATEFUL) {
      runOperator(op, registers, rowKeys(spaceOf(op)), times, from, to);
      index++;
      continue;
    }
    const end = endOfPlain(ops, index, count);
    evaluate(op, end - index, table, to - from);
    index = end;
  }
}

/** Runs a program over rows that come out, each of a key and time. */
export function evaluateResults(ops: usize, count: u32, registers: usize, keys: usize, times: usize, rows: u32): void {
  for (let index: u32 = 0; index < count; ) {
    const op = ops + <usize>index * OP_BYTES;
    if (u32At(op + OP_CODE) >= <u32>CODE_STATEFUL) {
      runOperator(op, registers, keys, times, 0, rows);
      index++;
      continue;
    }
    const end = endOfPlain(ops, index, count);
    evaluate(op, end - index, registers, rows);
    index = end;
  }
}

/** First op from `index` on that is stateful, or `count`. */
function endOfPlain(ops: usize, index: u32, count: u32): u32 {
  let end = index;
  while (end < count && u32At(ops + <usize>end * OP_BYTES + OP_CODE) < <u32>CODE_STATEFUL) end++;
  return end;
}
