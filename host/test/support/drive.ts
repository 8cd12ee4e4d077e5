// Driving an engine through an input: bytes, ticks and file ends in order, cut where a test wants, with a snapshot
// and a restore into a new engine at any cut. What comes out is compared as text that keeps every bit.
import type { Counters, Engine, Output } from "../../core/engine.ts";

export type Step =
  | { kind: "bytes"; bytes: Uint8Array }
  | { kind: "tick"; ns: bigint }
  | { kind: "header"; names: string[] }
  | { kind: "endOfFile" };

export interface Run {
  outputs: Output[];
  counters: Counters;
  /** What is known of streams, a line each. */
  streams: string[];
}

export interface DriveOptions {
  /** Cuts each run of bytes into pieces; one piece when absent. */
  cut?: (bytes: Uint8Array) => Uint8Array[];
  /** A new engine to restore into, after every step and piece. */
  renew?: () => Engine;
  flush?: boolean;
}

export function drive(first: Engine, steps: Step[], options: DriveOptions = {}): Run {
  let engine = first;
  const outputs: Output[] = [];
  const renew = (): void => {
    if (!options.renew) return;
    const snapshot = engine.snapshot();
    engine = options.renew();
    engine.restore(snapshot);
  };
  for (const step of steps) {
    if (step.kind === "bytes") {
      for (const piece of options.cut?.(step.bytes) ?? [step.bytes]) {
        outputs.push(...engine.push(piece));
        renew();
      }
      continue;
    }
    if (step.kind === "tick") outputs.push(...engine.tick(step.ns));
    else if (step.kind === "header") engine.csvHeader(step.names);
    else outputs.push(...engine.endOfFile());
    renew();
  }
  if (options.flush !== false) outputs.push(...engine.flush());
  return { outputs, counters: engine.counters(), streams: streamsOf(engine) };
}

/** What is known of streams, in an order of its own: engines list them as they like. */
function streamsOf(engine: Engine): string[] {
  return engine
    .streams()
    .map((stream) => JSON.stringify(stream, exactText))
    .toSorted();
}

const bits = new DataView(new ArrayBuffer(8));

/** A value as text that tells any two different bit patterns apart. */
export function exactText(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "number") return value;
  bits.setFloat64(0, value);
  return Object.is(value, -0) || !Number.isInteger(value)
    ? `${value} #${bits.getBigUint64(0).toString(16)}`
    : value;
}

/** One line for each output, and one for the counters (less open slices and texts: engines count them differently). */
export function exactLines(run: Run): string[] {
  const { openSlices: _, textSweeps: _sweeps, textsGivenBack: _texts, ...counters } = run.counters;
  return [
    ...run.outputs.map((output) => JSON.stringify(output, exactText)),
    ...run.streams,
    JSON.stringify(counters),
  ];
}

/** Whether two values are of the same bits, all the way down: what exactLines compares as text, many times as fast. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  const [mine, others] = [Object.keys(a), Object.keys(b)];
  return (
    mine.length === others.length &&
    mine.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}

/** Throws with the first line that differs unless two runs are equal to the bit; `way` says what the second one is. */
export function expectSameRun(expected: Run, found: Run, way: string): void {
  const { openSlices, textSweeps, textsGivenBack } = expected.counters;
  const counters = { ...found.counters, openSlices, textSweeps, textsGivenBack };
  if (same(expected.outputs, found.outputs) && same(expected.counters, counters)) return;
  expectSameLines(exactLines(expected), exactLines(found), way);
}

/** The first line that differs, and what stands there: a diff of thousands of lines takes minutes to print. */
export function expectSameLines(expected: string[], found: string[], way: string): void {
  const at = expected.findIndex((line, index) => line !== found[index]);
  if (at < 0 && found.length === expected.length) return;
  const place = at < 0 ? expected.length : at;
  const shown = [expected[place], found[place]].map((line) => line?.slice(0, 2000) ?? "nothing");
  throw new Error(`${way}, output ${place} of ${expected.length}:\nwanted ${shown[0]}\nfound  ${shown[1]}`);
}
