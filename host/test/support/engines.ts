// The engines that every case and property runs on, in one place: the reference, the plain and the SIMD kernel.
import { readFileSync } from "node:fs";
import type { Engine } from "../../core/engine.ts";
import { createKernelEngine } from "../../core/kernel/kernel-engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { ReferenceEngine } from "../../core/reference/engine.ts";

export interface EngineKind {
  name: string;
  create(plan: Plan, mqttVersion?: 4 | 5): Engine;
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
export const kernels: EngineKind[] = [
  {
    name: "plain kernel",
    create: (plan, mqttVersion = 4) => createKernelEngine(plan, plain, { mqttVersion }),
  },
  { name: "SIMD kernel", create: (plan, mqttVersion = 4) => createKernelEngine(plan, simd, { mqttVersion }) },
];
