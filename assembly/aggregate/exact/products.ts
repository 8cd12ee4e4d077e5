// Σx·y over the records that have both: what COVAR_POP and CORR are made of, besides the sums of each. Each product is
// split into two doubles without loss and both go into an exact sum. State, 24 bytes: as in squares.ts, which also has
// its init, merge and clear. Imports squares, product and raw access.
import { f64At, u32At } from "../../memory/raw";
import { product, productLow } from "../../number/product";
import { addPart } from "./squares";

export function addProducts(slices: usize, offset: u32, values: usize, seconds: usize, from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    const x = f64At(values + (<usize>row << 3));
    const y = f64At(seconds + (<usize>row << 3));
    if (slice != 0 && x == x && y == y) addProduct(slice, slice + offset, x, y);
  }
}

/** Adds x·y, exactly. */
export function addProduct(slice: usize, at: usize, x: f64, y: f64): void {
  const high = product(x, y);
  const low = productLow;
  addPart(slice, at, high);
  if (low != 0) addPart(slice, at, low);
}
