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
  return { outputs, counters: engine.counters() };
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

/** One line for each output, and one for the counters (open slices apart: engines count them differently). */
export function exactLines(run: Run): string[] {
  const { openSlices: _, ...counters } = run.counters;
  return [...run.outputs.map((output) => JSON.stringify(output, exactText)), JSON.stringify(counters)];
}
