// Where a partial is written: bytes one behind the other, none beyond the place that there is. Nothing is aligned.
// Imports raw access.
import { setF64, setU16, setU32, setU64, setU8, u32At } from "../../memory/raw";

let here: usize = 0;
let end: usize = 0;
/** Something did not fit: what was written is to be thrown away. */
export let isFull: bool = false;

/** Begins at `to`, with room for `limit` bytes. */
export function beginOut(to: usize, limit: u32): void {
  here = to;
  end = to + limit;
  isFull = false;
}

/** Address behind what was written. */
export function outEnd(): usize { return here; }

function room(bytes: usize): bool {
  if (end - here >= bytes && !isFull) return true;
  isFull = true;
  return false;
}

export function put8(value: u32): void {
  if (!room(1)) return;
  setU8(here, value);
  here += 1;
}

export function put16(value: u32): void {
  if (!room(2)) return;
  setU16(here, value);
  here += 2;
}

export function put32(value: u32): void {
  if (!room(4)) return;
  setU32(here, value);
  here += 4;
}

export function put64(value: u64): void {
  if (!room(8)) return;
  setU64(here, value);
  here += 8;
}

export function putF64(value: f64): void {
  if (!room(8)) return;
  setF64(here, value);
  here += 8;
}

export function putBytes(at: usize, length: u32): void {
  if (!room(length)) return;
  memory.copy(here, at, length);
  here += length;
}

/** Leaves a u32 to be written later; returns where it is. */
export function leave32(): usize {
  const at = here;
  put32(0);
  return at;
}

/** Writes the bytes between a place and here, but for the place itself, to the place. */
export function putLength(at: usize): void {
  if (!isFull) setU32(at, <u32>(here - at - 4));
}

/** Adds to a u32 that was written. */
export function bump32(at: usize): void {
  if (!isFull) setU32(at, u32At(at) + 1);
}
