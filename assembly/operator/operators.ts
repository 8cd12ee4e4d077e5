// Stateful operators: columns whose value depends on the records of the same series before. Each has a table of states,
// one for each key of its space; a record that its gate keeps out is not of the series and gives NULL.
// Owns the tables:  ┌ table of operator 0 u32 ┬ … ┐ states of operator 0, by key │ … Imports dedup, edges, values, cells.
import {
  BOOLEAN_NULL, CODE_CHANGED, CODE_DEADBAND, CODE_DEBOUNCE, CODE_DEDUP, CODE_FALLING, CODE_FILL, CODE_INCREASE,
  CODE_LAG, CODE_RATE, CODE_RISING, CODE_STATEFUL, NO_REGISTER, OPERATOR_BYTES, OPERATOR_COUNT, OPERATOR_GATE, OPERATOR_NUMBER,
  OPERATOR_RING, OPERATOR_SPACE, OPERATOR_SPAN, OPERATOR_STATE_BYTES, OP_A, OP_B, OP_BYTES, OP_C, OP_CODE, OP_TARGET, OP_TYPE, PLAN_KEYS_MAX,
  PLAN_OPERATORS_AT, PLAN_OPERATOR_COUNT, TYPE_BIGINT, TYPE_DOUBLE, TYPE_STRING,
} from "../layout";
import { f64At, i64At, setU32, setU8, u32At, u8At } from "../memory/raw";
import { align, plan } from "../memory/regions";
import { cellAt, isNull, nullOf, setCell } from "./cells";
import { keyCount } from "../window/keys";
import { forgetDedup, letThrough, markDedup, openDedup } from "./dedup";
import { changed, edge, leavesBand, markChanged } from "./edges";
import {
  debounced, filled, growth, growthWhole, keepFilling, lag, markDebounced, markFilling, markLag,
} from "./values";

let tables: usize = 0;

/** Places the tables at `base`; returns the first byte behind them. */
export function openOperators(base: usize): usize {
  const count = u32At(plan + PLAN_OPERATOR_COUNT);
  const keys = <usize>u32At(plan + PLAN_KEYS_MAX);
  tables = base;
  let at = openDedup(align(base + (<usize>count << 2)));
  for (let index: u32 = 0; index < count; index++) {
    const bytes = keys * <usize>u32At(operatorAt(index) + OPERATOR_STATE_BYTES);
    setU32(tables + (<usize>index << 2), <u32>at);
    memory.fill(at, 0, bytes);
    at = align(at + bytes);
  }
  return at;
}

// @ts-ignore: decorator
@inline function operatorAt(index: u32): usize {
  return plan + u32At(plan + PLAN_OPERATORS_AT) + <usize>index * OPERATOR_BYTES;
}

/** The key is not known any more: its series are forgotten. */
export function forgetOperators(space: u32, key: u32): void {
  for (let index: u32 = 0; index < u32At(plan + PLAN_OPERATOR_COUNT); index++) {
    const operator = operatorAt(index);
    if (u32At(operator + OPERATOR_SPACE) != space) continue;
    const bytes = <usize>u32At(operator + OPERATOR_STATE_BYTES);
    const state = <usize>u32At(tables + (<usize>index << 2)) + <usize>key * bytes;
    if (u32At(operator + OPERATOR_RING) != 0) forgetDedup(state);
    memory.fill(state, 0, bytes);
  }
}

/** Marks the texts that the operators of a program know of; `ops` are `count` ops. */
export function markOperators(ops: usize, count: u32): void {
  for (let index: u32 = 0; index < count; index++) {
    const op = ops + <usize>index * OP_BYTES;
    if (u32At(op + OP_CODE) < <u32>CODE_STATEFUL || u32At(op + OP_TYPE) != TYPE_STRING) continue;
    const bytes = <usize>u32At(operatorAt(u32At(op + OP_C)) + OPERATOR_STATE_BYTES);
    let state = <usize>u32At(tables + (<usize>u32At(op + OP_C) << 2));
    for (let key: u32 = 0; key < keyCount(spaceOf(op)); key++) {
      markState(u32At(op + OP_CODE), state);
      state += bytes;
    }
  }
}

function markState(code: u32, state: usize): void {
  switch (code) {
    case CODE_LAG: markLag(state); break;
    case CODE_CHANGED: markChanged(state); break;
    case CODE_DEDUP: markDedup(state); break;
    case CODE_FILL: markFilling(state); break;
    case CODE_DEBOUNCE: markDebounced(state); break;
    default: unreachable();
  }
}

/** Key space of the operator of an op. */
export function spaceOf(op: usize): u32 { return u32At(operatorAt(u32At(op + OP_C)) + OPERATOR_SPACE); }

/**
 * Runs the operator of an op over rows [from, to) of the registers whose addresses are at `registers`; `keys` and
 * `times` are those of row 0.
 */
export function runOperator(op: usize, registers: usize, keys: usize, times: usize, from: u32, to: u32): void {
  const index = u32At(op + OP_C);
  const operator = operatorAt(index);
  const states = <usize>u32At(tables + (<usize>index << 2));
  const stateBytes = <usize>u32At(operator + OPERATOR_STATE_BYTES);
  const gate = u32At(operator + OPERATOR_GATE);
  const gates: usize = gate == NO_REGISTER ? 0 : <usize>u32At(registers + (<usize>gate << 2));
  const target = <usize>u32At(registers + (<usize>u32At(op + OP_TARGET) << 2));
  const values = <usize>u32At(registers + (<usize>u32At(op + OP_A) << 2));
  const code = u32At(op + OP_CODE);
  const type = u32At(op + OP_TYPE);
  // RATE of BIGINT is the one whose value is of another type.
  const given = code == CODE_RATE ? <u32>TYPE_DOUBLE : type;
  const says = code == CODE_CHANGED || code == CODE_RISING || code == CODE_FALLING || code == CODE_DEADBAND || code == CODE_DEDUP;
  for (let row = from; row < to; row++) {
    if (gates != 0 && u8At(gates + row) != 1) {
      if (says) setU8(target + row, BOOLEAN_NULL);
      else setCell(given, target, row, nullOf(given));
      continue;
    }
    const state = states + <usize>u32At(keys + (<usize>row << 2)) * stateBytes;
    const time = i64At(times + (<usize>row << 3));
    const value = cellAt(type, values, row);
    if (says) setU8(target + row, say(code, operator, state, type, value, time) ? 1 : 0);
    else if (code == CODE_LAG) {
      const second = u32At(op + OP_B);
      const otherwise = second == NO_REGISTER ? nullOf(type)
        : cellAt(type, <usize>u32At(registers + (<usize>second << 2)), row);
      setCell(type, target, row, lag(state, value, u32At(operator + OPERATOR_COUNT), otherwise));
    } else setCell(type, target, row, give(code, operator, state, type, value, time));
  }
}

/** What an operator of truth says of a row. */
// @ts-ignore: decorator
@inline function say(code: u32, operator: usize, state: usize, type: u32, value: u64, time: i64): bool {
  if (isNull(type, value)) return code == CODE_DEDUP;
  switch (code) {
    case CODE_CHANGED: return changed(state, value);
    case CODE_RISING: return edge(state, value, 1);
    case CODE_FALLING: return edge(state, value, 0);
    case CODE_DEDUP: return letThrough(state, value, time, i64At(operator + OPERATOR_SPAN));
    default: {
      const band = f64At(operator + OPERATOR_NUMBER);
      return leavesBand(state, reinterpret<f64>(value), time, band, i64At(operator + OPERATOR_SPAN));
    }
  }
}

// @ts-ignore: decorator
@inline function give(code: u32, operator: usize, state: usize, type: u32, value: u64, time: i64): u64 {
  const there = !isNull(type, value);
  const span = i64At(operator + OPERATOR_SPAN);
  if (code == CODE_DEBOUNCE) return debounced(state, there, value, time, span, nullOf(type));
  if (code == CODE_INCREASE || code == CODE_RATE) {
    const perSecond = code == CODE_RATE;
    if (!there) return nullOf(perSecond ? <u32>TYPE_DOUBLE : type);
    if (type == TYPE_BIGINT) return growthWhole(state, <i64>value, time, perSecond);
    return reinterpret<u64>(growth(state, reinterpret<f64>(value), time, perSecond));
  }
  assert(code == CODE_FILL);
  if (!there) return filled(state, time, span, nullOf(type));
  keepFilling(state, value, time);
  return value;
}
