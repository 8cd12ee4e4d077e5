// Windows that come from the records themselves, of one pipeline: sessions, rows of OVER, windows of rows. What they
// have in common: they take records, and say which of them are to come out. Imports closing, windows.
import type { Cause } from "../../engine.ts";
import type { ClockOf, Emission, OpenWindow } from "../closing/emission.ts";
import type { Bounds } from "../windows.ts";

/**
 * What becomes of a record: it is taken; it lies between windows; it is late, and its window does not take it; it is
 * late, and its window, which had closed, takes it.
 */
export type Admission =
  | { kind: "in" }
  | { kind: "between" }
  | { kind: "missed"; window: Bounds }
  | { kind: "late"; window: Bounds };

export interface OwnWindows<Key, Member> {
  /** Takes a record, judged by the watermark before it. */
  add(key: Key, record: Member, watermark: bigint | null): Admission;
  /** What comes out because of the record that was taken last, or because the clocks moved; each window once. */
  closing(clock: ClockOf<Key>, cause: Cause): Emission<Key, Member>[];
  /** What is open at a moment, `watermark` being the drop clocks. */
  update(watermark: ClockOf<Key>): Emission<Key, Member>[];
  /** Forgets what takes no record any more. */
  drop(watermark: ClockOf<Key>): void;
  dropAll(): void;
  /** True when all of the key's windows came out, and take no late record any more at its emit clock. */
  isOut(key: Key, clock: bigint | null): boolean;
  /** The key is not known any more. */
  forgetKey(key: Key): void;
  /** How many windows are open. */
  readonly size: number;
  /** Of RESAMPLE: instants that did not come out, and values on a line that were not finite. */
  readonly skipped?: number;
  readonly nonfinite?: number;
}

/** A window before its first record. */
export function newWindow<Key, Member>(
  pipeline: number,
  key: Key,
  { start, end }: Bounds,
): OpenWindow<Key, Member> {
  return { start, end, pipeline, key, records: [], revision: 0, shown: false, out: null };
}

/** Smallest and largest time of some records. */
export function spanOf(records: { time: bigint }[]): { first: bigint; last: bigint } {
  const times = records.map(({ time }) => time);
  return {
    first: times.reduce((a, b) => (b < a ? b : a)),
    last: times.reduce((a, b) => (b > a ? b : a)),
  };
}
