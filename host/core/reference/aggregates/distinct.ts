// Aggregates over the different values of a group: counted exactly up to a bound, estimated by HyperLogLog, ranked.
// Imports core types and xxhash.
import type { Scalar } from "../../engine.ts";
import { xxh64 } from "./xxhash.ts";

/** Different values that are kept. */
const VALUES_MAX = 1000;
const REGISTERS = 4096;
const RANK_BITS = 52;

const encoder = new TextEncoder();

/** Hash of a text's UTF-8 bytes, of bytes, or of the 8 bytes of a number; a BOOLEAN is the DOUBLE 0 or 1. */
function hashOf(value: Scalar): bigint {
  if (typeof value === "string") return xxh64(encoder.encode(value));
  if (value instanceof Uint8Array) return xxh64(value);
  const bytes = new Uint8Array(8);
  if (typeof value === "bigint") new DataView(bytes.buffer).setBigInt64(0, value, true);
  else new DataView(bytes.buffer).setFloat64(0, Number(value), true);
  return xxh64(bytes);
}

/** Negative when a comes before b: numbers by size, false before true, texts by their UTF-8 bytes, bytes likewise. */
export function compareValues(a: Scalar, b: Scalar): number {
  // UTF-8 orders as code points do.
  if (typeof a === "string")
    return compareLists(
      [...a].map((each) => each.codePointAt(0)!),
      [...(b as string)].map((each) => each.codePointAt(0)!),
    );
  if (a instanceof Uint8Array) return compareLists([...a], [...(b as Uint8Array)]);
  if (typeof a === "bigint") return a > (b as bigint) ? 1 : a < (b as bigint) ? -1 : 0;
  return Number(a) - Number(b) > 0 ? 1 : Number(a) < Number(b) ? -1 : 0;
}

function compareLists(x: number[], y: number[]): number {
  const differs = x.findIndex((each, index) => each !== y[index]);
  return differs < 0 ? x.length - y.length : x[differs]! - (y[differs] ?? -1);
}

export interface Counted {
  value: Scalar;
  count: number;
}

/** Different values, and whether there were more than are kept. */
export interface Kept {
  kept: Counted[];
  over: boolean;
}

/** The different values with how often each came; past the bound those of the smallest hashes. */
export function countValues(values: Scalar[]): Kept {
  const counts = new Map<Scalar, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return keep([...counts].map(([value, count]) => ({ value, count })));
}

/** Different values, all of them while they are not too many, else those of the smallest hashes. */
export function keep(all: Counted[]): Kept {
  if (all.length <= VALUES_MAX) return { kept: all, over: false };
  const hashed = all
    .map((each) => ({ each, hash: hashOf(each.value) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  return { kept: hashed.slice(0, VALUES_MAX).map(({ each }) => each), over: true };
}

/** Most frequent first; of equal frequency the smaller value first. */
export function ranked(kept: Counted[]): Scalar[] {
  return kept
    .toSorted((a, b) => b.count - a.count || compareValues(a.value, b.value))
    .map(({ value }) => value);
}

/** In the order of their hashes. */
export const byHash = (counted: Counted[]): Counted[] =>
  counted
    .map((each) => ({ each, hash: hashOf(each.value) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .map(({ each }) => each);

/** HyperLogLog: the largest rank of each register. */
export function registersOf(values: Scalar[]): number[] {
  const registers = Array.from({ length: REGISTERS }, () => 0);
  for (const value of new Set(values)) {
    const hash = hashOf(value);
    const rest = hash & ((1n << BigInt(RANK_BITS)) - 1n);
    const rank = RANK_BITS - (rest === 0n ? 0 : rest.toString(2).length) + 1;
    const register = Number(hash >> BigInt(RANK_BITS));
    registers[register] = Math.max(registers[register]!, rank);
  }
  return registers;
}

/** Ertl's estimator ("New cardinality estimation algorithms", 2017, algorithm 6). */
export function approximateCount(registers: number[]): number {
  const having = (rank: number): number => registers.filter((each) => each === rank).length;
  if (having(0) === REGISTERS) return 0;
  let z = REGISTERS * tau(1 - having(RANK_BITS + 1) / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + having(rank));
  z += REGISTERS * sigma(having(0) / REGISTERS);
  return Math.floor((0.7213475204444817 * REGISTERS * REGISTERS) / z + 0.5);
}

/** x + Σ x^(2^k) · 2^(k − 1) */
function sigma(share: number): number {
  let [x, y, z] = [share, 1, share];
  for (;;) {
    const before = z;
    x *= x;
    z += x * y;
    y += y;
    if (z === before) return z;
  }
}

/** (1 − x − Σ (1 − x^(2^−k))² · 2^−k) ÷ 3 */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [x, y, z] = [share, 1, 1 - share];
  for (;;) {
    const before = z;
    x = Math.sqrt(x);
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
    if (z === before) return z / 3;
  }
}
