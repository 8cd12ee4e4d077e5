// Clocks of the reference: what silence does to an emit clock, how far ahead of host time a record may be, when the
// moments of `emit: updates` come. Event times and ticks are BigInt; null is a clock that has not started.
// Imports core types, wall-clock.
import type { Plan } from "../../plan/plan.ts";
import { floorTo } from "../wall-clock.ts";

/** What the clocks know of a key (or, with `clock: source`, of the source). */
export interface Clock {
  /** Largest accepted event time. */
  newest: bigint | null;
  /** The tick that was current at the last record; null before the first tick. */
  lastTick: bigint | null;
}

export const newClock = (): Clock => ({ newest: null, lastTick: null });

/** Host time, as far as it was handed in. */
export class Ticks {
  now: bigint | null = null;
  private first: bigint | null = null;

  /** False for a tick before the newest one: it is ignored. */
  move(nowNs: bigint): boolean {
    if (this.now !== null && nowNs < this.now) return false;
    this.first ??= nowNs;
    this.now = nowNs;
    return true;
  }

  /** True for a time too far beyond the newest tick. */
  isFuture(plan: Plan, time: bigint): boolean {
    const { maxAheadNs } = plan.source;
    return this.now !== null && maxAheadNs !== null && time > this.now + maxAheadNs;
  }

  /** A record of the clock's key was taken. */
  record(clock: Clock, time: bigint): void {
    if (clock.newest === null || time > clock.newest) clock.newest = time;
    clock.lastTick = this.now;
  }

  /** Decides what is late: moved by data only. */
  dropClock(plan: Plan, clock: Clock): bigint | null {
    return clock.newest === null ? null : clock.newest - plan.source.delayNs;
  }

  /** Decides what is closed: beyond the drop clock while the key is silent, at the pace of host time. */
  emitClock(plan: Plan, clock: Clock): bigint | null {
    const watermark = this.dropClock(plan, clock);
    const { idleNs } = plan.source;
    if (watermark === null || idleNs === null || this.now === null) return watermark;
    const silent = this.now - (clock.lastTick ?? this.first!);
    return silent >= idleNs ? watermark + silent : watermark;
  }
}

/** The moments of one pipeline: multiples of `everyNs`, by host time once there is any. */
export class Moments {
  private last: bigint | null = null;
  private byTicks = false;
  private readonly everyNs: bigint | null;

  constructor(everyNs: bigint | null) {
    this.everyNs = everyNs;
  }

  /** True when the time passed a multiple since the last call. */
  pass(time: bigint, isTick: boolean): boolean {
    if (this.everyNs === null || (this.byTicks && !isTick)) return false;
    if (isTick && !this.byTicks) this.last = null;
    this.byTicks = isTick;
    const moment = floorTo(time, this.everyNs, 0n);
    const passed = this.last !== null && moment > this.last;
    if (passed || this.last === null) this.last = moment;
    return passed;
  }
}
