// COUNT(x): how many values are not NULL. State: i64, 8 bytes. Exact; merged by adding.
// Imports layout, runs and raw access.
import { BOOLEAN_NULL, TYPE_BIGINT, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_STRING } from "../layout";
import { NULL_WHOLE, addI64, f64At, i64At, u32At, u8At, vectorAt } from "../memory/raw";
import { RUN_BEGIN, RUN_BYTES, RUN_END, RUN_SLICE, runs } from "./runs";

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
    else if (type == TYPE_BIGINT) there = i64At(values + (<usize>row << 3)) != NULL_WHOLE;
    if (slice != 0 && there) addI64(slice + offset, 1);
  }
}

/** addCount of a DOUBLE, run by run. */
export function addCountRuns(count: u32, offset: u32, values: usize): void {
  for (let run = runs; run < runs + <usize>count * RUN_BYTES; run += RUN_BYTES) {
    const end = values + (<usize>u32At(run + RUN_END) << 3);
    let at = values + (<usize>u32At(run + RUN_BEGIN) << 3);
    let there: i64 = 0;
    if (ASC_FEATURE_SIMD) {
      let both = i64x2.splat(0);
      for (; at + 16 <= end; at += 16) {
        const pair = vectorAt(at);
        // A lane that is true is −1.
        both = i64x2.sub(both, f64x2.eq(pair, pair));
      }
      there = i64x2.extract_lane(both, 0) + i64x2.extract_lane(both, 1);
    }
    for (; at < end; at += 8) {
      const value = f64At(at);
      there += value == value ? 1 : 0;
    }
    addI64(<usize>u32At(run + RUN_SLICE) + offset, there);
  }
}
