// The two builds of the kernel, and an engine that can run again and again on its own memory.
import { readFileSync } from "node:fs";
import type { Engine, Output } from "../../host/core/engine.ts";
import { createKernelEngine } from "../../host/core/kernel/kernel-engine.ts";
import type { Plan } from "../../host/core/plan/plan.ts";
import { ReferenceEngine } from "../../host/core/reference/engine.ts";
import { buildFolder } from "../../host/effects/kernel-file.ts";
import { makeReadings, type Readings } from "../workload/readings.ts";
import { checkRows, rowsOfOutputs, type WindowRow } from "../workload/rows.ts";
import type { Contestant } from "./contest.ts";

export const KERNELS = [
  { name: "SIMD kernel", file: "kernel-simd.wasm" },
  { name: "plain kernel", file: "kernel.wasm" },
].map(({ name, file }) => ({
  name,
  module: new WebAssembly.Module(readFileSync(new URL(file, buildFolder))),
}));

/** What goes into an engine: the header row of CSV, if any, then the bytes, cut as they come. */
export interface Input {
  plan: Plan;
  chunks: Uint8Array[];
  header?: string[];
  /** Windows that are open at the end stay open. */
  keepOpen?: boolean;
}

/** Pushes all of the input; returns what came out. */
function drive(engine: Engine, { chunks, header, keepOpen }: Input): Output[] {
  const outputs: Output[] = [];
  if (header) engine.csvHeader(header);
  for (const chunk of chunks) for (const output of engine.push(chunk)) outputs.push(output);
  if (!keepOpen) for (const output of engine.flush()) outputs.push(output);
  return outputs;
}

const rowsOf = (engine: Engine, input: Input): WindowRow[] => rowsOfOutputs(drive(engine, input));

/** Few readings of few devices, several windows each: what the reference engine can do in a moment. */
const SMALL = { count: 6000, devices: 20, intervalMs: 100 };

/**
 * What is computed from all readings. Checks on a smaller set, to the bit, that both kernels compute what the
 * reference engine does.
 */
export function expectedRows(inputOf: (readings: Readings) => Input, readings: Readings): WindowRow[] {
  const small = inputOf(makeReadings(SMALL));
  const expected = rowsOf(new ReferenceEngine(small.plan), small);
  if (expected.length === 0) throw new Error("no window closes in the small input: it would check nothing");
  for (const { name, module } of KERNELS) {
    checkRows(`the ${name}`, expected, rowsOf(createKernelEngine(small.plan, module), small), true);
  }
  const all = inputOf(readings);
  return rowsOf(createKernelEngine(all.plan, KERNELS[0]!.module), all);
}

/**
 * A kernel as a contestant: its engine is made once and emptied before each run, so that its memory is warm, as it is
 * in a gateway that has run for a while.
 */
export function kernelContestant(
  name: string,
  module: WebAssembly.Module,
  input: Input,
  expected: WindowRow[],
): Contestant {
  const engine = createKernelEngine(input.plan, module);
  const empty = engine.snapshot();
  let outputs: Output[] = [];
  return {
    name,
    expected,
    exact: true,
    prepare: () => engine.restore(empty),
    run: () => {
      outputs = drive(engine, input);
    },
    results: () => rowsOfOutputs(outputs),
  };
}
