// The best that JavaScript does by hand: decoded columns in typed arrays, dense device numbers, state in typed arrays,
// a loop without a call. It starts where all decoding is already done.
import type { Readings } from "../workload/readings.ts";
import type { WindowRow } from "../workload/rows.ts";

/** Windows of all readings. */
export function arrayWindows(readings: Readings, windowMs: number): WindowRow[] {
  const { device, timeMs, v, w, devices } = readings;
  const rows: WindowRow[] = [];
  const end = new Float64Array(devices.length);
  const count = new Float64Array(devices.length);
  const [minV, maxV, sumV] = [0, 0, 0].map(() => new Float64Array(devices.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [minW, maxW, sumW] = [0, 0, 0].map(() => new Float64Array(devices.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const close = (key: number): void => {
    const n = count[key]!;
    const numbers = [n, minV[key]!, maxV[key]!, sumV[key]! / n, minW[key]!, maxW[key]!, sumW[key]! / n];
    rows.push({ key: devices[key]!, startMs: end[key]! - windowMs, numbers });
  };
  for (let index = 0; index < readings.count; index++) {
    const key = device[index]!;
    const time = timeMs[index]!;
    if (time >= end[key]!) {
      if (count[key] !== 0) close(key);
      end[key] = time - (time % windowMs) + windowMs;
      count[key] = sumV[key] = sumW[key] = 0;
      minV[key] = minW[key] = Infinity;
      maxV[key] = maxW[key] = -Infinity;
    }
    const a = v[index]!;
    const b = w[index]!;
    count[key]!++;
    sumV[key]! += a;
    sumW[key]! += b;
    if (a < minV[key]!) minV[key] = a;
    if (a > maxV[key]!) maxV[key] = a;
    if (b < minW[key]!) minW[key] = b;
    if (b > maxW[key]!) maxW[key] = b;
  }
  for (let key = 0; key < devices.length; key++) if (count[key] !== 0) close(key);
  return rows;
}
