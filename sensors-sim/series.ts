// Real series from CSV files (`timestamp,value`): their readings in file order, with their own times. Imports nothing.
import { readFile } from "node:fs/promises";

export interface SeriesReading {
  timeMs: number;
  value: number;
}

/** Reads a whole file. Throws an Error that names the line when one has no time or no number. */
export async function readSeries(path: string | URL): Promise<SeriesReading[]> {
  const lines = (await readFile(path, "utf8")).trimEnd().split(/\r?\n/);
  return lines.slice(1).map((line, index) => {
    const [time = "", value = ""] = line.split(",");
    const reading = { timeMs: Date.parse(`${time.replace(" ", "T")}Z`), value: Number(value) };
    const sound = Number.isFinite(reading.timeMs) && value.trim() !== "" && Number.isFinite(reading.value);
    if (!sound) throw new Error(`line ${index + 2} is not "timestamp,value": ${line}`);
    return reading;
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
