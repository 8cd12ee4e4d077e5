// Member names of the columns as a tree: `a.b` is the child b of the child a of the root. Decoders of nested
// formats walk it along with the payload. A node in memory (offsets N_*), at most one a path step:
//   ┌ first bytes u64 ┬ name u32 ┬ name bytes u32 ┬ column i32 (−1 none) ┬ first child u32 ┬ next sibling u32 ┬
//   ├ plain u32 ┬ packed u64 ┬ packed mask u64 ┬ first mask u64 ┬ then u32 ┬ then below u32 ┐
// Children and siblings are node numbers, 0 none; the first bytes are the name's first eight, zeros behind a shorter.
// Built from the plan at open; imports memory and layout.
import {
  COLUMN_BYTES, COLUMN_FROM, COLUMN_PATH_AT, COLUMN_PATH_COUNT, FROM_CONTEXT, FROM_TOPIC, PATH_STEPS_MAX, PLAN_COLUMNS_AT,
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
/**
 * A name of up to seven bytes as MessagePack has it, head and text in one word, and the bits of a word that count;
 * no word fits a longer one, nor the root, which stands for "none".
 */
const N_PACKED: usize = 32;
const N_PACKED_MASK: usize = 40;
/** The bits of the first bytes that count. */
const N_FIRST_MASK: usize = 48;
/** Which sibling came behind this node in the record before, and which child came first below it; 0 not known. */
const N_THEN: usize = 56;
const N_THEN_BELOW: usize = 60;
const NODE_BYTES: usize = 64;
/** 64 columns of up to 8 steps on average; the host checks that a plan fits. */
const NODES_MAX: u32 = PATH_STEPS_MAX + 1;

const nodes = memory.data(32832, 64);
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
  setU64(nodeAt(ROOT) + N_PACKED, 1);
  for (let column: u32 = 0; column < u32At(plan + PLAN_COLUMN_COUNT); column++) {
    const at = plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES;
    const from = u32At(at + COLUMN_FROM);
    if (from == FROM_TOPIC || from == FROM_CONTEXT) continue;
    const steps = u32At(at + COLUMN_PATH_COUNT);
    if (steps == 0) continue;
    setNodeColumn(addPath(plan + u32At(at + COLUMN_PATH_AT), steps), column);
  }
}

/** Node of a path, new if need be: `steps` pairs (text offset, text length) at `at`. */
export function addPath(at: usize, steps: u32): u32 {
  return addPathFrom(ROOT, at, steps);
}

/** Likewise below another root. */
export function addPathFrom(root: u32, at: usize, steps: u32): u32 {
  let node = root;
  for (let step: u32 = 0; step < steps; step++) {
    const pair = at + (<usize>step << 3);
    node = childOrNew(node, plan + u32At(pair), u32At(pair + 4));
  }
  return node;
}

/** A root of a tree of its own. */
export function newRoot(): u32 {
  assert(count < NODES_MAX);
  const fresh = count++;
  memory.fill(nodeAt(fresh), 0, NODE_BYTES);
  setU32(nodeAt(fresh) + N_COLUMN, 0xffffffff);
  setU64(nodeAt(fresh) + N_PACKED, 1);
  return fresh;
}

export function setNodeColumn(node: u32, column: u32): void {
  setU32(nodeAt(node) + N_COLUMN, column);
}
// @ts-ignore: decorator
@inline export function firstChild(node: u32): u32 { return u32At(nodeAt(node) + N_CHILD); }
// @ts-ignore: decorator
@inline export function nextSibling(node: u32): u32 { return u32At(nodeAt(node) + N_SIBLING); }

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
  setU64(at + N_FIRST_MASK, length == 0 ? 0 : lowBytes(min(length, 8)));
  setU64(at + N_PACKED, length < 8 ? (first << 8) | 0xa0 | length : 1);
  setU64(at + N_PACKED_MASK, length < 8 ? lowBytes(length + 1) : 0);
  setU64(at + N_THEN, 0);
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

/** Where it is kept which child of `node` came behind `last` (0: first) in the record before. */
// @ts-ignore: decorator
@inline function expectation(node: u32, last: u32): usize {
  return last != 0 ? nodeAt(last) + N_THEN : nodeAt(node) + N_THEN_BELOW;
}

/** The child that is expected behind `last`, 0 for none: devices send members in the same order, record by record. */
// @ts-ignore: decorator
@inline export function nextChild(node: u32, last: u32): u32 { return u32At(expectation(node, last)); }

/** Behind the packed name at `at` when it is that of `child`, else 0. */
// @ts-ignore: decorator
@inline export function packedName(child: u32, at: usize, end: usize): usize {
  const node = nodeAt(child);
  if ((u64At(at) & u64At(node + N_PACKED_MASK)) != u64At(node + N_PACKED)) return 0;
  const behind = at + 1 + u32At(node + N_NAME_BYTES);
  return behind <= end ? behind : 0;
}

/** Behind `"name"` at `at` when it is the name that is expected next, whose node is then in `expected`; else 0. */
// @ts-ignore: decorator
@inline export function expectName(node: u32, last: u32, at: usize, end: usize): usize {
  expected = nextChild(node, last);
  const to = nodeAt(expected);
  if ((u64At(at + 1) & u64At(to + N_FIRST_MASK)) != u64At(to + N_FIRST)) return 0;
  if (u32At(to + N_PLAIN) == 0 || u8At(at) != 34) return 0;
  const length = u32At(to + N_NAME_BYTES);
  const behind = at + 2 + length;
  if (behind > end || u8At(behind - 1) != 34) return 0;
  return length <= 8 || sameBytes(u32At(to + N_NAME), at + 1, length) ? behind : 0;
}
export let expected: u32 = 0;

/** Child of `node` named [name, name + length), or 0. It is expected behind `last` from now on. */
export function findChild(node: u32, last: u32, name: usize, length: u32): u32 {
  const first = firstBytes(name, length);
  let child = u32At(nodeAt(node) + N_CHILD);
  while (child != 0 && !matches(child, first, name, length)) child = u32At(nodeAt(child) + N_SIBLING);
  if (child != 0) setU32(expectation(node, last), child);
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
