// What an engine is, whichever one runs: the kernel (kernel-engine.ts) and the reference (reference/)
// promise the same, to the bit. Pure and synchronous: bytes and ticks in, results out; it reads no clock.
// Portable: imports types of core only.

/**
 * A single value: DOUBLE is number, STRING string, BOOLEAN boolean, BIGINT bigint, BYTES Uint8Array, an instant bigint (ns),
 * NULL null. The plan's types tell a BIGINT from an instant.
 */
export type Scalar = number | string | boolean | bigint | Uint8Array | null;

/** A value of a result; an ARRAY is the list of its elements. */
export type Value = Scalar | Scalar[];

/**
 * Why a result came out: its window closed (`watermark`, `idle`: by silence, `flush`: at the end of the input), a late
 * record changed it, its moment came (`update`), HAVING does not keep it any more or it became part of another (`withdrawn`), or it is a `record`, or a
 * window of rows that a record filled.
 */
export type Cause = "watermark" | "flush" | "record" | "idle" | "late" | "update" | "withdrawn";

/** One result of a pipeline. */
export interface Result {
  kind: "result";
  /** Index in Plan.pipelines. */
  pipeline: number;
  revision: number;
  cause: Cause;
  /** Bounds of the window in ns; both the record's time when the pipeline has no window. */
  windowStart: bigint;
  windowEnd: bigint;
  /** `windowStart`, or that of a session when it came out first: its id keeps that. */
  idStart: bigint;
  /** Records that the result stands for. */
  count: number;
  /** Late records of the key since its previous result. */
  lateCount: number;
  /**
   * Of a row of OVER: its place among the key's rows of equal time; of a window of rows: its number among the key's;
   * without a window: its number among the pipeline's. From 1; else 0.
   */
  ordinal: number;
  /** Something in it is beyond its stated bound, and which: never silently wrong. */
  inexact: boolean;
  /** One for each of the pipeline's outputs, hidden ones included. */
  values: Value[];
}

/** A late record of a pipeline with `late: side`: one for each window that it missed. */
export interface LateRecord {
  kind: "late";
  pipeline: number;
  windowStart: bigint;
  windowEnd: bigint;
  /** Drop clock minus window end. */
  byNs: bigint;
  /** One for each of the source's columns. */
  values: Value[];
}

export type Output = Result | LateRecord;

/**
 * What a call of an engine brings out, in its defined order, each output once. They are made while they are taken, so
 * that a call may bring out more than memory holds; whoever takes them may pause between any two. All of them are taken
 * before the engine's next call, but counters, samples, streams and the watermark may be asked for; a call that brings nothing out is done when it returns.
 */
export type Outputs = Iterable<Output>;

export const REFUSALS = [
  "decode",
  "no_time",
  "time_format",
  "time_range",
  "topic",
  "oversized",
  "keys",
  "dictionary",
  "state",
  "nonfinite",
  "future",
  "streams",
  "late",
] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface PipelineCounters {
  /** Records that entered at least one window (without a window: that became a result). */
  counted: number;
  /** Records that WHERE removed, or that fall between hopping windows. */
  filtered: number;
  /** Records late for every window they belong to. */
  lateRecords: number;
  /** (record, window) pairs missed. */
  lateWindows: number;
  /** (record, window) pairs that were late, and taken because of `late: update`. */
  lateUpdates: number;
  results: number;
  /** Empty windows that did not come out: more than 1,000 in one gap. */
  emptySkipped: number;
}

/** What became of the records of a source: received = accepted + Σ refused; of one that reorders them, + held. */
export interface SourceCounters {
  /** Records read, refused ones included. */
  received: number;
  accepted: number;
  refused: Record<Refusal, number>;
  /** `dictionary`: texts that were made and found no room. */
  nulled: { type: number; nonfinite: number; dictionary: number };
  /** Values that DEDUP forgot before their time, because too many different ones came within it. */
  forgotten: number;
}

/** Those of the plan's source; for each pipeline its source's accepted = counted + filtered + lateRecords. */
export interface Counters extends SourceCounters {
  /** Frames or lines (not blank) read. */
  messages: number;
  /** Of each of Plan.chained: results that were handed to the pipelines that read it. */
  chained: SourceCounters[];
  pipelines: PipelineCounters[];
  /** Keys and open slices of all pipelines. */
  keys: number;
  /** Keys that made room for others: `keysPolicy: evict-idle`. */
  keysEvicted: number;
  /** Records that belong to the key for all others: `keysPolicy: other`. */
  otherRecords: number;
  /** Records that wait to be put in order: they are not accepted yet. */
  held: number;
  /** Records that went on before they were sure to be in order, because too many waited. */
  early: number;
  /** Messages of context that were taken; they are no records. */
  contextMessages: number;
  /** How often texts were given back because there was no room for one more, and how many that were. */
  textSweeps: number;
  textsGivenBack: number;
  openSlices: number;
  /** Fields that no record had so far. */
  absentFields: string[];
}

/** What is known of one stream. */
export interface StreamContext {
  /** Its values of the key columns, ContextPlan.keys. */
  key: (string | null)[];
  /** Its state is another one than `open`. */
  ended: boolean;
  /** One for each of ContextPlan.cells. */
  cells: Scalar[];
}

/** A refused record, one of the first few of its reason since the last call of takeSamples. */
export interface Sample {
  reason: Refusal;
  /** Number of the frame since the engine's start, or of the line in its file, from 1. */
  message: number;
  /** Offset in the payload at which decoding stopped, in bytes; 0 when it has no such place. */
  position: number;
  /** The beginning of the payload, at most SAMPLE_TEXT_BYTES long. */
  text: Uint8Array;
}

export interface Engine {
  /**
   * Takes the next bytes of the source, cut anywhere: where the cuts are never shows in the outputs. The chunk is
   * borrowed until the outputs are taken.
   */
  push(chunk: Uint8Array): Outputs;
  /**
   * Hands in host time, in ns since 1970; it never goes back (an earlier one is ignored). Moves arrival time, closes
   * windows of silent keys, brings out open ones at their moments.
   */
  tick(nowNs: bigint): Outputs;
  /** Protocol of the frames to come, which begin at a packet's start: 4 is MQTT 3.1.1. */
  setMqttVersion(version: 4 | 5): void;
  /** End of input: an unfinished last line is read, then every open window comes out with cause `flush`. */
  flush(): Outputs;
  /** End of one input file among several: an unfinished last line is read; windows stay open. */
  endOfFile(): Outputs;
  /** CSV with a header row, which is line 1: the column names of the lines that follow. */
  csvHeader(names: string[]): void;
  counters(): Counters;
  /** Every stream of which something was said, in no order that means anything. */
  streams(): StreamContext[];
  takeSamples(): Sample[];
  /** Largest accepted event time minus delay of the whole source; null before the first record. */
  watermark(): bigint | null;
  /** Everything that later results depend on. Same engine build only; see restore. */
  snapshot(): Uint8Array;
  /** Replaces the state; outputs that were not taken are forgotten. Throws MillraceError MR501 when the bytes are of another plan or build. */
  restore(snapshot: Uint8Array): void;
}
