// APPROX_COUNT_DISTINCT: HyperLogLog with 4096 registers, standard error 1.04 ÷ √4096 = 1.6 %. The upper 12 bits of
// XXH64 choose the register, which keeps the largest rank of the other 52 (leading zeros + 1).
//   state  ┌ block u32 ┬ entries u32, or DENSE ┬ over u32 ┬ u32 ┐                          16 bytes
//   sparse ┌ up to 126 entries u32: register · 64 + rank ┐ 504 bytes    dense ┌ 4096 ranks u8 ┐
// What is read depends on the registers alone, so neither on the order nor on slices; merged by the larger rank. When
// the pool has no block left the value is not counted and the state says that it is over its bound.
// Sources: Flajolet et al., "HyperLogLog" (2007); O. Ertl, "New cardinality estimation algorithms for HyperLogLog
// sketches" (2017), algorithm 6, which needs no table of biases. Imports pool, cells and raw access.
import { give, take } from "../../memory/pool";
import { setU32, setU8, u32At, u8At } from "../../memory/raw";
import { hashOf, isNullWord, wordAt } from "../cells";

const BLOCK: usize = 0;
const ENTRIES: usize = 4;
const OVER: usize = 8;

const DENSE: u32 = 0xffffffff;
const SPARSE_MAX: u32 = 126;
const SPARSE_BYTES: usize = 504;
const REGISTERS: u32 = 4096;
const RANK_MAX: i32 = 53;
/** 1 ÷ (2 ln 2) */
const ALPHA: f64 = 0.7213475204444817;

let freeSparse: usize = 0;
let freeDense: usize = 0;
/** How many registers have each rank, for reading. */
let ranks: usize = 0;

/** Places the free lists and the place for reading at `base`; returns the first byte behind. */
export function openRegisters(base: usize): usize {
  freeSparse = base;
  freeDense = base + 4;
  memory.fill(base, 0, 64);
  ranks = base + 64;
  return ranks + 256;
}

export function initRegisters(at: usize): void {
  memory.fill(at, 0, 16);
}

export function addRegisters(slices: usize, offset: u32, values: usize, type: u32, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = wordAt(values, row);
    if (slice == 0 || isNullWord(value, type)) continue;
    const hash = hashOf(value, type);
    const rank = <u32>min<u64>(clz<u64>(hash << 12), 52) + 1;
    raise(slice + offset, <u32>(hash >> 52), rank);
  }
}

/** Makes a register at least `rank`. */
export function raise(at: usize, register: u32, rank: u32): void {
  if (u32At(at + ENTRIES) != DENSE && raiseSparse(at, register, rank)) return;
  const cell = <usize>u32At(at + BLOCK) + register;
  if (u32At(at + ENTRIES) == DENSE && u8At(cell) < rank) setU8(cell, rank);
}

/** False when the registers have become dense, or there is no room for it to happen. */
function raiseSparse(at: usize, register: u32, rank: u32): bool {
  const entries = u32At(at + ENTRIES);
  if (entries == 0) {
    const block = u32At(at + BLOCK) != 0 ? <usize>u32At(at + BLOCK) : take(freeSparse, SPARSE_BYTES);
    setU32(at + BLOCK, <u32>block);
    if (block == 0) {
      setU32(at + OVER, 1);
      return true;
    }
  }
  const block = <usize>u32At(at + BLOCK);
  for (let place: u32 = 0; place < entries; place++) {
    const entry = u32At(block + (<usize>place << 2));
    if (entry >> 6 != register) continue;
    if ((entry & 63) < rank) setU32(block + (<usize>place << 2), (register << 6) | rank);
    return true;
  }
  if (entries < SPARSE_MAX) {
    setU32(block + (<usize>entries << 2), (register << 6) | rank);
    setU32(at + ENTRIES, entries + 1);
    return true;
  }
  const dense = take(freeDense, REGISTERS);
  if (dense == 0) {
    setU32(at + OVER, 1);
    return true;
  }
  memory.fill(dense, 0, REGISTERS);
  for (let place: u32 = 0; place < entries; place++) {
    const entry = u32At(block + (<usize>place << 2));
    setU8(dense + (entry >> 6), entry & 63);
  }
  give(freeSparse, block);
  setU32(at + BLOCK, <u32>dense);
  setU32(at + ENTRIES, DENSE);
  return false;
}

export function mergeRegisters(into: usize, from: usize): void {
  if (u32At(from + OVER) != 0) setU32(into + OVER, 1);
  const block = <usize>u32At(from + BLOCK);
  if (u32At(from + ENTRIES) != DENSE) {
    for (let place: u32 = 0; place < u32At(from + ENTRIES); place++) {
      const entry = u32At(block + (<usize>place << 2));
      raise(into, entry >> 6, entry & 63);
    }
    return;
  }
  for (let register: u32 = 0; register < REGISTERS; register++) {
    const rank = u8At(block + register);
    if (rank != 0) raise(into, register, rank);
  }
}

export function clearRegisters(at: usize): void {
  const block = u32At(at + BLOCK);
  if (block != 0) give(u32At(at + ENTRIES) == DENSE ? freeDense : freeSparse, block);
  setU32(at + BLOCK, 0);
  setU32(at + ENTRIES, 0);
}

/** Rank of every register, 0 for none, one byte each, at `to`; how many have one. */
export function copyRegisters(at: usize, to: usize): u32 {
  const block = <usize>u32At(at + BLOCK);
  const entries = u32At(at + ENTRIES);
  if (entries == DENSE) {
    memory.copy(to, block, REGISTERS);
    let used: u32 = 0;
    for (let register: u32 = 0; register < REGISTERS; register++) if (u8At(to + register) != 0) used++;
    return used;
  }
  memory.fill(to, 0, REGISTERS);
  for (let place: u32 = 0; place < entries; place++) {
    const entry = u32At(block + (<usize>place << 2));
    setU8(to + (entry >> 6), entry & 63);
  }
  return entries;
}

export function flagRegisters(at: usize): void { setU32(at + OVER, 1); }
export function registersAreOver(at: usize): bool { return u32At(at + OVER) != 0; }

// @ts-ignore: decorator
@inline function registersOf(rank: i32): f64 { return <f64>u32At(ranks + (<usize>rank << 2)); }

/** How many different values, as a whole number. */
export function readRegisters(at: usize): f64 {
  memory.fill(ranks, 0, 256);
  const block = <usize>u32At(at + BLOCK);
  const entries = u32At(at + ENTRIES);
  const dense = entries == DENSE;
  const used = dense ? REGISTERS : entries;
  for (let place: u32 = 0; place < used; place++) {
    const rank = dense ? u8At(block + place) : u32At(block + (<usize>place << 2)) & 63;
    const cell = ranks + (<usize>rank << 2);
    setU32(cell, u32At(cell) + 1);
  }
  if (!dense) setU32(ranks, REGISTERS - entries);
  if (u32At(ranks) == REGISTERS) return 0;
  const m = <f64>REGISTERS;
  let z = m * tau(1 - registersOf(RANK_MAX) / m);
  for (let rank = RANK_MAX - 1; rank >= 1; rank--) z = 0.5 * (z + registersOf(rank));
  z += m * sigma(registersOf(0) / m);
  return floor<f64>(ALPHA * m * m / z + 0.5);
}

function sigma(share: f64): f64 {
  let x = share;
  let y: f64 = 1;
  let z = x;
  while (true) {
    const before = z;
    x = x * x;
    z += x * y;
    y += y;
    if (z == before) return z;
  }
}

function tau(share: f64): f64 {
  if (share == 0 || share == 1) return 0;
  let x = share;
  let y: f64 = 1;
  let z = 1 - x;
  while (true) {
    const before = z;
    x = Math.sqrt(x);
    y = 0.5 * y;
    z -= (1 - x) * (1 - x) * y;
    if (z == before) return z / 3;
  }
}
