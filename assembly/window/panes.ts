// Panes: the stretches between the edges of windows that go by the wall clock of a zone. A pane lasts as long as the
// clock stays between two multiples of a period, so one may be shorter or longer than another: a day has 23, 24 or
// 25 hours. They are numbered one after the other; in these numbers windows lie on a plain raster of period 1. The
// kernel knows no zones: the plan has a PANES table for each (zone, period, offset), made by host/core/plan.
// Imports layout and raw access.
import {
  PANES_COUNT, PANES_HEAD_BYTES, PANES_PERIOD, PANE_BYTES, PANE_FIRST, PANE_FROM, PANE_NUMBERS, PANE_SHIFT,
} from "../layout";
import { i64At, u32At } from "../memory/raw";

/** No window of an accepted record begins or ends beyond ± this; with any shift it stays within 64 bits. */
const FAR: i64 = <i64>13 << 59;

/** The last struct of the table whose i64 at `field` is ≤ value; the first one has the least i64 there. */
function stretchOf(table: usize, field: usize, value: i64): usize {
  let low: u32 = 0;
  let high = u32At(table + PANES_COUNT);
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (i64At(table + PANES_HEAD_BYTES + <usize>middle * PANE_BYTES + field) <= value) low = middle;
    else high = middle;
  }
  return table + PANES_HEAD_BYTES + <usize>low * PANE_BYTES;
}

/** Number of the pane that t lies in. */
export function paneOf(table: usize, t: i64): i64 {
  const near = min(max(t, -FAR), FAR);
  const stretch = stretchOf(table, PANE_FROM, near);
  const period = i64At(table + PANES_PERIOD);
  const local = near + i64At(stretch + PANE_SHIFT);
  const periods = local / period - (local % period < 0 ? 1 : 0);
  return periods + i64At(stretch + PANE_NUMBERS);
}

/** First instant of a pane. */
export function paneStart(table: usize, pane: i64): i64 {
  const stretch = stretchOf(table, PANE_FIRST, pane);
  const periods = pane - i64At(stretch + PANE_NUMBERS);
  return max(i64At(stretch + PANE_FROM), periods * i64At(table + PANES_PERIOD) - i64At(stretch + PANE_SHIFT));
}
