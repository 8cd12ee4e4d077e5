// The two builds of the kernel, and an engine that can run again and again on its own memory.
import { readFileSync } from "node:fs";
import type { Engine, Output } from "../../host/core/engine.ts";
import { createKernelEngine } from "../../host/core/kernel-engine.ts";
import type { Plan } from "../../host/core/plan.ts";
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
}

/** Pushes all of the input and brings out every window. */
export function drive(engine: Engine, { chunks, header }: Input): Output[] {
  const outputs: Output[] = [];
  if (header) engine.csvHeader(header);
  for (const chunk of chunks) for (const output of engine.push(chunk)) outputs.push(output);
  for (const output of engine.flush()) outputs.push(output);
  return outputs;
}

/** Few readings of few devices, several windows each: what the reference engine can do in a moment. */
const SMALL = { count: 6000, devices: 20, intervalMs: 100 };

/**
 * What the first pipeline computes from all readings. Checks on a smaller set, to the bit, that both kernels compute
 * what the reference engine does.
 */
export function expectedRows(inputOf: (readings: Readings) => Input, readings: Readings): WindowRow[] {
  const small = inputOf(makeReadings(SMALL));
  const expected = firstPipeline(drive(new ReferenceEngine(small.plan), small));
  for (const { name, module } of KERNELS) {
    const actual = firstPipeline(drive(createKernelEngine(small.plan, module), small));
    checkRows(`the ${name}`, expected, actual, true);
  }
  const all = inputOf(readings);
  return firstPipeline(drive(createKernelEngine(all.plan, KERNELS[0]!.module), all));
}

const firstPipeline = (outputs: Output[]): WindowRow[] =>
  rowsOfOutputs(outputs.filter(({ pipeline }) => pipeline === 0));

/**
 * A kernel as a contestant: its engine is made once and emptied before each run, so that its memory is warm, as it is
 * in a gateway that has run for a while. The results of its last pipeline are compared.
 */
export function kernelContestant(name: string, module: WebAssembly.Module, input: Input): Contestant {
  const engine = createKernelEngine(input.plan, module);
  const empty = engine.snapshot();
  const last = input.plan.pipelines.length - 1;
  let outputs: Output[] = [];
  return {
    name,
    exact: true,
    prepare: () => engine.restore(empty),
    run: () => {
      outputs = drive(engine, input);
    },
    results: () => rowsOfOutputs(outputs.filter(({ pipeline }) => pipeline === last)),
  };
}
