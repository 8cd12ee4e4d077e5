// Kinds of windows, as plain data. Portable: imports nothing.

/**
 * Windows on a raster of time, known without any record. In a `zone` the raster is that of its wall clock: a pane is a
 * stretch in which this clock stays between two multiples of the period (tumble: size, hop: slide, cumulate: step)
 * plus the offset. A hopping window is as many panes as its size, a multiple of the slide, has slides; a cumulating
 * one begins with a pane of its size.
 */
export type RasterPlan = (
  | { kind: "tumble"; sizeNs: bigint; offsetNs: bigint }
  | { kind: "hop"; slideNs: bigint; sizeNs: bigint; offsetNs: bigint }
  | { kind: "cumulate"; stepNs: bigint; sizeNs: bigint; offsetNs: bigint }
) & { zone?: ZonePlan };

/** What the wall clock of a time zone shows: UTC plus an offset, which changes. */
export interface ZonePlan {
  /** Its IANA name. */
  name: string;
  /** Version of the zone database; null where the host does not know it. */
  database: string | null;
  /** Offset before the first change. */
  offsetNs: bigint;
  /** From when on there is which offset, in order; nothing is known of later ones than accepted times. */
  changes: { atNs: bigint; offsetNs: bigint }[];
}

/** A session ends `gapNs` after its last record; `maxNs` bounds the distance of its last record from its first. */
export interface SessionPlan {
  kind: "session";
  gapNs: bigint;
  maxNs: bigint | null;
}

/** GROUP BY without a window: all records of a key. */
export interface RunningPlan {
  kind: "running";
}

/**
 * The instants ≡ `offsetNs` (mod `periodNs`) from a key's first record to its newest one. A row takes its columns from
 * the last record up to it, but the last `linear` of `carried`, DOUBLE all, between that and the next one.
 */
export interface ResamplePlan {
  periodNs: bigint;
  offsetNs: bigint;
  linear: number;
}

/**
 * OVER: each record is a row over the records of its key whose time is at most `rangeNs` before its own, or (null
 * then) over itself and the `rows` before it.
 */
export interface OverPlan {
  kind: "over";
  rangeNs: bigint | null;
  rows: number;
  /** Source columns that the row takes from its own record. */
  carried: number[];
  /** RESAMPLE: rows are instants instead of records. Without aggregates, and with `rows` 1. */
  resample?: ResamplePlan;
}

/** Every `slide` records of a key, in the order of arrival, begin a window of `size` records. */
export interface RowsPlan {
  kind: "rows";
  slide: number;
  size: number;
}

/** Windows that come from the records themselves. */
export type OwnPlan = SessionPlan | OverPlan | RowsPlan;

export type WindowPlan = RasterPlan | OwnPlan | RunningPlan;

/** True for windows that come from the records themselves. */
export const isOwn = (window: WindowPlan | null): window is OwnPlan =>
  window !== null && (window.kind === "session" || window.kind === "over" || window.kind === "rows");

/** The end of a window is an instant that belongs to it: that of a record, or of a moment. Others are half open. */
export const endsWithin = (window: WindowPlan | null): boolean =>
  window === null || window.kind === "over" || window.kind === "running" || window.kind === "rows";

/** True for windows on a raster of time. */
export const isRaster = (window: WindowPlan | null): window is RasterPlan =>
  window !== null && window.kind !== "running" && !isOwn(window);

/** How many windows on a raster one record lies in, by their size; 1 for windows of other kinds. */
export function windowsOfARecord(window: WindowPlan | null): bigint {
  if (window?.kind === "hop") return window.sizeNs / window.slideNs;
  return window?.kind === "cumulate" ? window.sizeNs / window.stepNs : 1n;
}
