// Everything that the kernel and its host must agree on: the header's fields, the plan bytes, type and operator
// codes, statuses, limits. The parts are portable; this list of them is for asc, host/core/layout.ts the same
// for tsc. It owns nothing.
export * from "./limits";
export * from "./codes";
export * from "./memory";
export * from "./operators";
export * from "./aggregates";
export * from "./partials";
export * from "./plan";
