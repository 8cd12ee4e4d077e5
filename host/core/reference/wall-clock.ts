// The wall clock of a zone, and the edges of windows by it: instants at which it comes into another period. Found by
// going from change to change and from multiple to multiple, without any table but the zone's own. Imports core types.
import type { ZonePlan } from "../plan/plan.ts";

/** Largest multiple of `period` plus `offset` that is ≤ t. */
export function floorTo(t: bigint, period: bigint, offset: bigint): bigint {
  const rest = (t - offset) % period;
  return t - (rest < 0n ? rest + period : rest);
}

export class WallClock {
  private readonly zone: ZonePlan;

  constructor(zone: ZonePlan) {
    this.zone = zone;
  }

  /** What it shows at an instant, as a count of ns like an instant of UTC. */
  private shows(t: bigint): bigint {
    const last = this.zone.changes.findLast(({ atNs }) => atNs <= t);
    return t + (last ?? this.zone).offsetNs;
  }

  /** The last edge ≤ t. */
  edgeUpTo(t: bigint, period: bigint, offset: bigint): bigint {
    const begun = floorTo(this.shows(t), period, offset);
    const multiple = t - (this.shows(t) - begun);
    const change = this.zone.changes.findLast(({ atNs }) => atNs <= t)?.atNs;
    const begin = change !== undefined && change > multiple ? change : multiple;
    const before = floorTo(this.shows(begin - 1n), period, offset);
    return before === begun ? this.edgeUpTo(begin - 1n, period, offset) : begin;
  }

  /** The first edge > t. */
  edgeBehind(t: bigint, period: bigint, offset: bigint): bigint {
    const begun = floorTo(this.shows(t), period, offset);
    const multiple = t + (begun + period - this.shows(t));
    const change = this.zone.changes.find(({ atNs }) => atNs > t)?.atNs;
    const next = change !== undefined && change < multiple ? change : multiple;
    return floorTo(this.shows(next), period, offset) === begun ? this.edgeBehind(next, period, offset) : next;
  }
}
