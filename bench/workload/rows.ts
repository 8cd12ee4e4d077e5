// The results of every contestant in one form, and whether they are the same.
import type { Output } from "../../host/core/engine.ts";

/** One window of one key: count, then minimum, maximum and mean of v and of w. */
export interface WindowRow {
  key: string;
  startMs: number;
  numbers: number[];
}

/** Rivals add as they go; the engine rounds once. */
const TOLERANCE = 1e-12;

/** Rows of an engine whose outputs are key, window_start, then numbers; pipelines are told apart by the key. */
export function rowsOfOutputs(outputs: Output[]): WindowRow[] {
  return outputs.map(({ pipeline, values }) => {
    const [key, start, ...numbers] = values;
    return {
      key: keyOf(key as string, pipeline),
      startMs: Number((start as bigint) / 1_000_000n),
      numbers: numbers as number[],
    };
  });
}

/** Key of a row of the `pipeline`-th pipeline. */
export function keyOf(device: string, pipeline: number): string {
  return pipeline === 0 ? device : `${device} ${pipeline}`;
}

/** Rows of what `millrace replay` prints; of one pipeline. */
export function rowsOfLines(text: string): WindowRow[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => rowOfObject((JSON.parse(line) as { row: Record<string, string | number> }).row));
}

/** A result as an object: device, window_start as ISO 8601, then numbers. */
export function rowOfObject(row: Record<string, string | number>): WindowRow {
  const [key, start, ...numbers] = Object.values(row);
  return { key: key as string, startMs: Date.parse(start as string), numbers: numbers as number[] };
}

/** Throws where `actual`, in any order, is not `expected`: to the bit, or with sums rounded on the way. */
export function checkRows(who: string, expected: WindowRow[], actual: WindowRow[], exact: boolean): void {
  if (expected.length !== actual.length)
    throw new Error(`${who} has ${actual.length} results, not ${expected.length}`);
  const [left, right] = [inOrder(expected), inOrder(actual)];
  left.forEach((row, index) => {
    const other = right[index]!;
    const numbersAgree =
      row.numbers.length === other.numbers.length &&
      row.numbers.every((number, at) => {
        const found = other.numbers[at]!;
        return (
          Object.is(number, found) || (!exact && Math.abs(number - found) <= Math.abs(number) * TOLERANCE)
        );
      });
    if (row.key === other.key && row.startMs === other.startMs && numbersAgree) return;
    throw new Error(`${who} computes ${JSON.stringify(other)}, not ${JSON.stringify(row)}`);
  });
}

function inOrder(rows: WindowRow[]): WindowRow[] {
  return rows.toSorted((a, b) => a.startMs - b.startMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
