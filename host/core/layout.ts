// Everything that the kernel and its host must agree on: the header's fields, the plan bytes, type and operator
// codes, statuses, limits. The parts are portable; this list of them is for tsc, assembly/layout/index.ts the same
// for asc. It owns nothing.
export * from "../../assembly/layout/limits.ts";
export * from "../../assembly/layout/codes.ts";
export * from "../../assembly/layout/memory.ts";
export * from "../../assembly/layout/operators.ts";
export * from "../../assembly/layout/aggregates.ts";
export * from "../../assembly/layout/partials.ts";
export * from "../../assembly/layout/plan.ts";
