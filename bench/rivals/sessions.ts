// Session windows by hand: an object a device, closed when the device's next reading is further away than the gap.
import type { Readings } from "../workload/readings.ts";
import type { WindowRow } from "../workload/rows.ts";

interface Open {
  startMs: number;
  lastMs: number;
  count: number;
  v: { min: number; max: number; sum: number };
  w: { min: number; max: number; sum: number };
}

/** Sessions that closed; the open ones at the end stay open. In order, as programs of this kind ask for. */
export function sessions({ device, timeMs, v, w, devices, count }: Readings, gapMs: number): WindowRow[] {
  const open: (Open | null)[] = devices.map(() => null);
  const rows: WindowRow[] = [];
  for (let index = 0; index < count; index++) {
    const key = device[index]!;
    const time = timeMs[index]!;
    const [a, b] = [v[index]!, w[index]!];
    const session = open[key]!;
    if (session !== null && time - session.lastMs <= gapMs) {
      session.lastMs = time;
      session.count++;
      session.v.min = Math.min(session.v.min, a);
      session.v.max = Math.max(session.v.max, a);
      session.v.sum += a;
      session.w.min = Math.min(session.w.min, b);
      session.w.max = Math.max(session.w.max, b);
      session.w.sum += b;
      continue;
    }
    if (session !== null) rows.push(rowOf(devices[key]!, session));
    const only = (value: number): Open["v"] => ({ min: value, max: value, sum: value });
    open[key] = { startMs: time, lastMs: time, count: 1, v: only(a), w: only(b) };
  }
  return rows;
}

function rowOf(key: string, { startMs, count, v, w }: Open): WindowRow {
  return { key, startMs, numbers: [count, v.min, v.max, v.sum / count, w.min, w.max, w.sum / count] };
}
