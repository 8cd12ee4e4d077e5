// Hopping windows by hand as most programs do them: typed arrays, and each record updates every window that holds it.
import type { Readings } from "../workload/readings.ts";
import type { WindowRow } from "../workload/rows.ts";

/** Windows of `overlap` slides each that closed, one after each slide; the open ones at the end stay open. */
export function hopWindows(readings: Readings, slideMs: number, overlap: number): WindowRow[] {
  const { device, timeMs, v, w, devices } = readings;
  const rows: WindowRow[] = [];
  const cells = devices.length * overlap;
  const count = new Float64Array(cells);
  const minV = new Float64Array(cells).fill(Infinity);
  const maxV = new Float64Array(cells).fill(-Infinity);
  const sumV = new Float64Array(cells);
  const minW = new Float64Array(cells).fill(Infinity);
  const maxW = new Float64Array(cells).fill(-Infinity);
  const sumW = new Float64Array(cells);
  /** Number of each device's newest slide. */
  const newest = new Float64Array(devices.length).fill(-1);
  const close = (key: number, window: number): void => {
    const at = key * overlap + (window % overlap);
    const n = count[at]!;
    if (n === 0) return;
    const numbers = [n, minV[at]!, maxV[at]!, sumV[at]! / n, minW[at]!, maxW[at]!, sumW[at]! / n];
    rows.push({ key: devices[key]!, startMs: window * slideMs, numbers });
    count[at] = sumV[at] = sumW[at] = 0;
    minV[at] = minW[at] = Infinity;
    maxV[at] = maxW[at] = -Infinity;
  };
  for (let index = 0; index < readings.count; index++) {
    const key = device[index]!;
    const slide = Math.floor(timeMs[index]! / slideMs);
    const before = newest[key]!;
    if (slide !== before) {
      if (before >= 0)
        for (let window = before - overlap + 1; window <= Math.min(before, slide - overlap); window++)
          close(key, window);
      newest[key] = slide;
    }
    const a = v[index]!;
    const b = w[index]!;
    const end = (key + 1) * overlap;
    // Every one of the device's cells is a window that holds the record.
    for (let at = key * overlap; at < end; at++) {
      count[at]!++;
      sumV[at]! += a;
      sumW[at]! += b;
      if (a < minV[at]!) minV[at] = a;
      if (a > maxV[at]!) maxV[at] = a;
      if (b < minW[at]!) minW[at] = b;
      if (b > maxW[at]!) maxW[at] = b;
    }
  }
  return rows;
}
