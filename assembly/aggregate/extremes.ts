// MIN and MAX. State of each: f64, 8 bytes, +∞ or −∞ while no value came. Exact in any order.
// NULL is NaN, which compares as false and so is skipped without a test. Imports raw access.
import { f64At, setF64, u32At } from "../memory/raw";

export function addMin(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice != 0 && value < f64At(slice + offset)) setF64(slice + offset, value);
  }
}

export function addMax(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const value = f64At(values + (<usize>row << 3));
    if (slice != 0 && value > f64At(slice + offset)) setF64(slice + offset, value);
  }
}

export function mergeMin(into: usize, from: usize): void {
  if (f64At(from) < f64At(into)) setF64(into, f64At(from));
}

export function mergeMax(into: usize, from: usize): void {
  if (f64At(from) > f64At(into)) setF64(into, f64At(from));
}
