// The engine's public face (`import … from "millrace/core"`): a plan and a compiled kernel make an engine, bytes and
// ticks go in, results come out. Portable: it runs in browsers as it does in Node.
export { createKernelEngine, type KernelOptions } from "./kernel/kernel-engine.ts";
export { MillraceError } from "./errors.ts";
export { formatInstant } from "./time.ts";
export { replayPlan } from "./plan/replay-plan.ts";
export type * from "./engine.ts";
export type * from "./plan/plan.ts";
