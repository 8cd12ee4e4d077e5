// What holds when a window begins, of pipelines with `carry`: the last value before it by event time, then arrival. Slices
// have it as a LATEST state; what those of slices that are gone held is kept for each key, of groups that have such states:
//   table  ┌ cells u32 (0: the group has none) ┐ u32 a group
//   key    ┌ LATEST state, 24 bytes ┐ for each of the group's held states
// findHeld puts what holds before a slice into the cells at `held`, which are where the states are in a slice.
// Imports layout, memory and places.
import {
  GROUP_BYTES, GROUP_HELD_AT, GROUP_HELD_COUNT, GROUP_SLICE_BYTES, PLAN_GROUPS_AT, PLAN_GROUP_COUNT, PLAN_KEYS_MAX, SLICE_OLDER,
  STATE_LATEST, TYPE_DOUBLE,
} from "../../layout";
import { setU32, u32At } from "../../memory/raw";
import { align, plan } from "../../memory/regions";
import { initPlaced, isPlaced, mergeLatest, placedArrival } from "../places";

const CELL_BYTES: usize = 24;

let tables: usize = 0;
/** A slice of which only the held states are in use. */
export let held: usize = 0;

// @ts-ignore: decorator
@inline function groupPlan(group: u32): usize { return plan + u32At(plan + PLAN_GROUPS_AT) + <usize>group * GROUP_BYTES; }
// @ts-ignore: decorator
@inline function heldCount(group: u32): u32 { return u32At(groupPlan(group) + GROUP_HELD_COUNT); }
/** Where the n-th held state of a group is in its slices. */
// @ts-ignore: decorator
@inline function offsetOf(group: u32, place: u32): usize {
  return u32At(plan + u32At(groupPlan(group) + GROUP_HELD_AT) + (<usize>place << 2));
}
function cellsOf(group: u32, key: u32): usize {
  return <usize>u32At(tables + (<usize>group << 2)) + <usize>key * heldCount(group) * CELL_BYTES;
}

/** Places the cells of all groups at `base`; returns the first byte behind them. */
export function openHeld(base: usize): usize {
  const groups = u32At(plan + PLAN_GROUP_COUNT);
  const keysMax = <usize>u32At(plan + PLAN_KEYS_MAX);
  tables = base;
  held = align(tables + (<usize>groups << 2));
  let largest: u32 = 0;
  for (let group: u32 = 0; group < groups; group++) {
    if (heldCount(group) != 0) largest = max(largest, u32At(groupPlan(group) + GROUP_SLICE_BYTES));
  }
  let at = align(held + largest);
  for (let group: u32 = 0; group < groups; group++) {
    const bytes = <usize>heldCount(group) * CELL_BYTES;
    setU32(tables + (<usize>group << 2), bytes == 0 ? 0 : <u32>at);
    if (bytes == 0) continue;
    for (let key: usize = 0; key < keysMax; key++) forgetHeld(group, <u32>key);
    at = align(at + keysMax * bytes);
  }
  return at;
}

/** Nothing holds for the key any more. */
export function forgetHeld(group: u32, key: u32): void {
  for (let place: u32 = 0; place < heldCount(group); place++) {
    initPlaced(STATE_LATEST, cellsOf(group, key) + <usize>place * CELL_BYTES);
  }
}

/** Keeps what holds at the end of a slice that goes. */
export function keepHeld(group: u32, key: u32, slice: usize): void {
  for (let place: u32 = 0; place < heldCount(group); place++) {
    mergeLatest(cellsOf(group, key) + <usize>place * CELL_BYTES, slice + offsetOf(group, place), TYPE_DOUBLE);
  }
}

/**
 * Finds what holds behind a slice of the key, the newest one before a window, or 0. Returns a number that is
 * larger whenever something else holds than the last time: a later value arrived later.
 */
export function findHeld(group: u32, key: u32, before: usize): i64 {
  let version: i64 = 0;
  for (let place: u32 = 0; place < heldCount(group); place++) {
    const offset = offsetOf(group, place);
    memory.copy(held + offset, cellsOf(group, key) + <usize>place * CELL_BYTES, CELL_BYTES);
    let slice = before;
    while (slice != 0 && !isPlaced(slice + offset)) slice = <usize>u32At(slice + SLICE_OLDER);
    if (slice != 0) mergeLatest(held + offset, slice + offset, TYPE_DOUBLE);
    version += placedArrival(held + offset) + 1;
  }
  return version;
}
