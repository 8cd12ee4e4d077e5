// The clocks of a source of the definition file: how far behind its records its watermark runs, what silence does,
// how far ahead of host time a record may be. Portable: imports core types, yaml/section.
import type { SourcePlan } from "../../core/plan/plan.ts";
import type { Section } from "../yaml/section.ts";

export const CLOCK_KEYS = ["delay", "clock", "idle", "max_ahead"];
/** Of live sources, unless they say it: a device whose clock is further ahead is not believed. */
const MAX_AHEAD_NS = 60_000_000_000n;

/** How a pipeline takes the results of another one. */
export type ReaderClocks = Pick<SourcePlan, "delayNs" | "clock" | "idleNs">;

/** Keys of a source that a pipeline which reads another one has as well. */
export const READER_KEYS = ["delay", "clock", "idle"];

export function readReaderClocks(section: Section): ReaderClocks {
  return {
    delayNs: section.durationNs("delay", 0n),
    clock: section.word("clock", ["key", "source"], "key"),
    idleNs: readIdle(section),
  };
}

/** `live`: its records come as they happen. */
export function readClocks(
  section: Section,
  live: boolean,
): Pick<SourcePlan, "delayNs" | "clock" | "idleNs" | "maxAheadNs"> {
  return {
    ...readReaderClocks(section),
    maxAheadNs: isOff(section, "max_ahead", !live) ? null : section.durationNs("max_ahead", MAX_AHEAD_NS),
  };
}

function isOff(section: Section, key: string, otherwise: boolean): boolean {
  return section.has(key) ? section.text(key)?.value === "off" : otherwise;
}

function readIdle(section: Section): bigint | null {
  if (isOff(section, "idle", true)) return null;
  const ns = section.durationNs("idle", 1n);
  if (ns > 0n) return ns;
  section.error(
    "MR107",
    section.valuePlace("idle"),
    "a silence of no length",
    "how long a key is silent before its windows close: idle: 30s, or idle: off",
  );
  return null;
}
