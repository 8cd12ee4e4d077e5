// Real series from CSV files (`timestamp,value`): their readings in file order, with their own times. Imports nothing.
import { readFile } from "node:fs/promises";

export interface SeriesReading {
  timeMs: number;
  value: number;
}

export async function readSeries(path: string | URL): Promise<SeriesReading[]> {
  const text = await readFile(path, "utf8");
  return text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [time = "", value = ""] = line.split(",");
      return { timeMs: Date.parse(`${time.replace(" ", "T")}Z`), value: Number(value) };
    });
}

/** Moments of sending, in ms since the run's begin: the series' own pace, `speed` times as fast; steps back wait for nothing. */
export function paceOf(series: SeriesReading[], speed: number): number[] {
  let newest = series[0]?.timeMs ?? 0;
  const begin = newest;
  return series.map(({ timeMs }) => {
    newest = Math.max(newest, timeMs);
    return (newest - begin) / speed;
  });
}
