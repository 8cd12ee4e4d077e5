// Member names of the columns as a tree: `a.b` is the child b of the child a of the root. Decoders of nested
// formats walk it along with the payload. A node in memory (offsets N_*), at most one a path step:
//   ┌ first bytes u64 ┬ name u32 ┬ name bytes u32 ┬ column i32 (−1 none) ┬ first child u32 ┬ next sibling u32 ┬ plain u32 ┐
// Children and siblings are node numbers, 0 none; the first bytes are the name's first eight, zeros behind a shorter.
// Built from the plan at open; imports memory and layout.
import {
  COLUMNS_MAX, COLUMN_BYTES, COLUMN_FROM, COLUMN_PATH_AT, COLUMN_PATH_COUNT, FROM_TOPIC, PLAN_COLUMNS_AT,
  PLAN_COLUMN_COUNT,
} from "../layout";
import { lowBytes, sameBytes } from "../memory/bytes";
import { i32At, setU32, setU64, u32At, u64At, u8At } from "../memory/raw";
import { plan } from "../memory/regions";
import { forget } from "./row";

const N_FIRST: usize = 0;
const N_NAME: usize = 8;
const N_NAME_BYTES: usize = 12;
const N_COLUMN: usize = 16;
const N_CHILD: usize = 20;
const N_SIBLING: usize = 24;
/** 1 when the name stands in JSON as it is, without escapes. */
const N_PLAIN: usize = 28;
const NODE_BYTES: usize = 32;
/** 64 columns of up to 8 steps on average; the host checks that a plan fits. */
const NODES_MAX: u32 = COLUMNS_MAX * 8;

const nodes = memory.data(16416, 8);
let count: u32 = 0;

// @ts-ignore: decorator
@inline function nodeAt(node: u32): usize { return nodes + <usize>node * NODE_BYTES; }
// @ts-ignore: decorator
@inline export function nodeColumn(node: u32): i32 { return i32At(nodeAt(node) + N_COLUMN); }
// @ts-ignore: decorator
@inline export function hasChildren(node: u32): bool { return u32At(nodeAt(node) + N_CHILD) != 0; }

export const ROOT: u32 = 0;

/** Builds the tree; the child order is that of the columns. */
export function openPaths(): void {
  count = 1;
  memory.fill(nodes, 0, NODE_BYTES);
  setU32(nodeAt(ROOT) + N_COLUMN, 0xffffffff);
  for (let column: u32 = 0; column < u32At(plan + PLAN_COLUMN_COUNT); column++) {
    const at = plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES;
    if (u32At(at + COLUMN_FROM) == FROM_TOPIC) continue;
    const steps = u32At(at + COLUMN_PATH_COUNT);
    if (steps == 0) continue;
    let node = ROOT;
    for (let step: u32 = 0; step < steps; step++) {
      const pair = plan + u32At(at + COLUMN_PATH_AT) + (<usize>step << 3);
      node = childOrNew(node, plan + u32At(pair), u32At(pair + 4));
    }
    setU32(nodeAt(node) + N_COLUMN, column);
  }
}

function childOrNew(node: u32, name: usize, length: u32): u32 {
  const first = firstBytes(name, length);
  let link = nodeAt(node) + N_CHILD;
  while (u32At(link) != 0) {
    const child = u32At(link);
    if (matches(child, first, name, length)) return child;
    link = nodeAt(child) + N_SIBLING;
  }
  assert(count < NODES_MAX);
  const fresh = count++;
  const at = nodeAt(fresh);
  setU32(link, fresh);
  setU64(at + N_FIRST, first);
  setU32(at + N_NAME, <u32>name);
  setU32(at + N_NAME_BYTES, length);
  setU32(at + N_PLAIN, isPlain(name, length) ? 1 : 0);
  setU32(at + N_COLUMN, 0xffffffff);
  setU32(at + N_CHILD, 0);
  setU32(at + N_SIBLING, 0);
  return fresh;
}

function isPlain(name: usize, length: u32): bool {
  for (let offset: u32 = 0; offset < length; offset++) {
    const byte = u8At(name + offset);
    if (byte < 32 || byte == 34 || byte == 92) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline function firstBytes(name: usize, length: u32): u64 {
  return length == 0 ? 0 : u64At(name) & lowBytes(min(length, 8));
}

// @ts-ignore: decorator
@inline function matches(child: u32, first: u64, name: usize, length: u32): bool {
  const at = nodeAt(child);
  if (u64At(at + N_FIRST) != first || u32At(at + N_NAME_BYTES) != length) return false;
  return length <= 8 || sameBytes(u32At(at + N_NAME), name, length);
}

/**
 * Child of `node` named [name, name + length), or 0. `last` is the child found before: devices send members in
 * the same order, so the one behind it is tried first.
 */
// @ts-ignore: decorator
@inline export function findChild(node: u32, last: u32, name: usize, length: u32): u32 {
  const first = firstBytes(name, length);
  const next = last != 0 ? u32At(nodeAt(last) + N_SIBLING) : u32At(nodeAt(node) + N_CHILD);
  if (next != 0 && matches(next, first, name, length)) return next;
  return searchChild(node, first, name, length);
}

/** Behind `"name"` at `at` when it is the name that is expected next, whose node is then in `expected`; else 0. */
// @ts-ignore: decorator
@inline export function expectName(node: u32, last: u32, at: usize, end: usize): usize {
  expected = last != 0 ? u32At(nodeAt(last) + N_SIBLING) : u32At(nodeAt(node) + N_CHILD);
  if (expected == 0 || u32At(nodeAt(expected) + N_PLAIN) == 0 || u8At(at) != 34) return 0;
  const length = u32At(nodeAt(expected) + N_NAME_BYTES);
  const behind = at + 2 + length;
  if (behind > end || u8At(behind - 1) != 34) return 0;
  return matches(expected, firstBytes(at + 1, length), at + 1, length) ? behind : 0;
}
export let expected: u32 = 0;

function searchChild(node: u32, first: u64, name: usize, length: u32): u32 {
  let child = u32At(nodeAt(node) + N_CHILD);
  while (child != 0 && !matches(child, first, name, length)) child = u32At(nodeAt(child) + N_SIBLING);
  return child;
}

/** A member is there again: what an earlier one of the same name set below it does not count. */
export function forgetBelow(node: u32): void {
  const column = nodeColumn(node);
  if (column >= 0) forget(<u32>column);
  for (let child = u32At(nodeAt(node) + N_CHILD); child != 0; child = u32At(nodeAt(child) + N_SIBLING)) {
    forgetBelow(child);
  }
}
