// COUNT(x): how many values are not NULL. State: i64, 8 bytes. Exact; merged by adding.
// Imports layout and raw access.
import { BOOLEAN_NULL, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_STRING } from "../layout";
import { addI64, f64At, u32At, u8At } from "../memory/raw";

export function addCount(slices: usize, offset: u32, values: usize, type: u32, from: u32, to: u32): void {
  if (type == TYPE_DOUBLE) {
    for (let row = from; row < to; row++) {
      const slice = <usize>u32At(slices + (<usize>row << 2));
      const value = f64At(values + (<usize>row << 3));
      if (slice != 0 && value == value) addI64(slice + offset, 1);
    }
    return;
  }
  for (let row = from; row < to; row++) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    let there = true;
    if (type == TYPE_STRING) there = u32At(values + (<usize>row << 2)) != 0;
    else if (type == TYPE_BOOLEAN) there = u8At(values + row) != BOOLEAN_NULL;
    if (slice != 0 && there) addI64(slice + offset, 1);
  }
}

/** addCount of a DOUBLE, for rows of which many in a row go to one slice. */
export function addCountRuns(slices: usize, offset: u32, values: usize, from: u32, to: u32): void {
  let row = from;
  while (row < to) {
    const slice = <usize>u32At(slices + (<usize>row << 2));
    let count: i64 = 0;
    do {
      const value = f64At(values + (<usize>row << 3));
      count += value == value ? 1 : 0;
      row++;
    } while (row < to && u32At(slices + (<usize>row << 2)) == <u32>slice);
    if (slice != 0) addI64(slice + offset, count);
  }
}
