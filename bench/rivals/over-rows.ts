// OVER … ROWS by hand, of one device: a sum that what leaves is taken from, and queues of the candidates for minimum and
// maximum. Faster than any general way; only its sums lose bits, which whole hundredths below 2^53 do not show.
import type { Readings } from "../workload/readings.ts";
import type { WindowRow } from "../workload/rows.ts";

/** For each reading but the last: how many, least, largest and sum of it and the `before` before it. */
export function overRows({ timeMs, v, devices, count }: Readings, before: number): WindowRow[] {
  const least = new Uint32Array(count);
  const most = new Uint32Array(count);
  let [leastFrom, leastTo, mostFrom, mostTo, cents] = [0, 0, 0, 0, 0];
  const rows: WindowRow[] = [];
  for (let index = 0; index < count - 1; index++) {
    const value = v[index]!;
    const leaves = index - before - 1;
    cents += Math.round(value * 100) - (leaves >= 0 ? Math.round(v[leaves]! * 100) : 0);
    while (leastTo > leastFrom && v[least[leastTo - 1]!]! >= value) leastTo--;
    least[leastTo++] = index;
    if (least[leastFrom]! === leaves) leastFrom++;
    while (mostTo > mostFrom && v[most[mostTo - 1]!]! <= value) mostTo--;
    most[mostTo++] = index;
    if (most[mostFrom]! === leaves) mostFrom++;
    const n = Math.min(index, before) + 1;
    rows.push({
      key: devices[0]!,
      startMs: timeMs[index]!,
      numbers: [n, v[least[leastFrom]!]!, v[most[mostFrom]!]!, cents / 100],
    });
  }
  return rows;
}
