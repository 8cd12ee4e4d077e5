// Time zones as plans hold them: the offsets that Intl knows, from the first to the last time that a record may have.
// Engines have no tables of zones; what is found here goes into the plan, and with it wherever that goes.
// Portable: imports core types.
import type { ZonePlan } from "../core/plan/plan.ts";

/** Accepted times, in ms: ± 2⁶² ns, years 1823 to 2116. */
const LATEST_MS = 4_611_686_018_428;
/** No zone has changed twice within fewer days, nor is to; a test looks at all of them. */
const STRIDE_MS = 6 * 86_400_000;
const NS = 1_000_000n;

const found = new Map<string, ZonePlan>();

/** The name of a zone as the zone database writes it; null when it has none of that name. */
export function zoneName(name: string): string | null {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/** All names that the zone database has a zone of its own for. */
export const zoneNames = (): string[] => Intl.supportedValuesOf("timeZone");

/** What the zone's wall clock shows, for a name of zoneName(). */
export function zonePlan(name: string): ZonePlan {
  const known = found.get(name) ?? findChanges(name);
  found.set(name, known);
  return known;
}

/** Version of the zone database, where the host tells it. */
function databaseVersion(): string | null {
  const host = globalThis as { process?: { versions?: { tz?: string } } };
  return host.process?.versions?.tz ?? null;
}

function findChanges(name: string): ZonePlan {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  const offsetAt = (ms: number): bigint => offsetOf(format.format(ms));
  const first = offsetAt(-LATEST_MS);
  const changes: ZonePlan["changes"] = [];
  let offsetNs = first;
  for (let from = -LATEST_MS; from < LATEST_MS; from += STRIDE_MS) {
    const until = Math.min(from + STRIDE_MS, LATEST_MS);
    const next = offsetAt(until);
    if (next === offsetNs) continue;
    changes.push({ atNs: BigInt(firstOf(offsetAt, from, until, next)) * NS, offsetNs: next });
    offsetNs = next;
  }
  return { name, database: databaseVersion(), offsetNs: first, changes };
}

/** The first ms in (from, until] with the offset that is there at `until`. */
function firstOf(offsetAt: (ms: number) => bigint, from: number, until: number, offset: bigint): number {
  let before = from;
  let at = until;
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2);
    if (offsetAt(middle) === offset) at = middle;
    else before = middle;
  }
  return at;
}

/** Of `3/31/2024, GMT+02:00`, `…, GMT-00:53:28` and `…, GMT`, in ns. */
function offsetOf(text: string): bigint {
  const [, sign, hours, minutes, seconds] = /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(text)!;
  if (sign === undefined) return 0n;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
  return BigInt(sign === "-" ? -whole : whole) * 1_000_000_000n;
}
