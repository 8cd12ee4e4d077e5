// The engines that every case and property runs on, in one place: the reference, the plain and the SIMD kernel.
import { readFileSync } from "node:fs";
import type { Engine } from "../../core/engine.ts";
import { createKernelEngine, type KernelOptions } from "../../core/kernel/kernel-engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { ReferenceEngine } from "../../core/reference/engine.ts";

export type MemoryPlace = NonNullable<KernelOptions["memories"]>;

export interface EngineKind {
  name: string;
  /** A `place` is one for engines that are not used at the same time: they share memory. */
  create(plan: Plan, mqttVersion?: 4 | 5, place?: MemoryPlace): Engine;
}

export function kernelModule(name: "kernel" | "kernel-simd"): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL(`../../../build/${name}.wasm`, import.meta.url)));
}

const plain = kernelModule("kernel");
const simd = kernelModule("kernel-simd");

export const reference: EngineKind = {
  name: "reference",
  create: (plan, mqttVersion = 4) => new ReferenceEngine(plan, { mqttVersion }),
};
const kernelKind = (name: string, module: WebAssembly.Module): EngineKind => ({
  name,
  create: (plan, mqttVersion = 4, memories = []) =>
    createKernelEngine(plan, module, { mqttVersion, memories }),
});

export const kernels: EngineKind[] = [kernelKind("plain kernel", plain), kernelKind("SIMD kernel", simd)];
