// Which windows of one pipeline come out when, and as which revision: those that close, closed ones that a late
// record changed, open ones at their moments, empty ones between others. Every window is a plain list of records.
// Imports core types, windows.
import type { Cause, Value } from "../../engine.ts";
import type { PipelinePlan } from "../../plan/plan.ts";
import { isRaster } from "../../plan/plan.ts";
import type { Bounds } from "../windows.ts";
import { nextRasterEnd } from "../windows.ts";

/** Empty windows of one gap that come out. */
const EMPTY_MAX = 1000;

export interface OpenWindow<Key, Member> extends Bounds {
  pipeline: number;
  key: Key;
  /** In the order of arrival. */
  records: Member[];
  revision: number;
  /** Readers have its newest revision: HAVING kept that. */
  shown: boolean;
  /**
   * What its result is made of besides the number of its records. Of a pipeline with `carry`: for each aggregate that has it
   * the record whose value holds when the window begins; of a row of OVER its records.
   */
  held?: () => (Member | null)[];
  /** What it was of when it came out last (contentOf), and whether that was because it closed. */
  out: { content: string; closed: boolean } | null;
  /** Of a session that came out: the start that it had then, which its id keeps. */
  idStart?: bigint;
  /** Of a row of OVER: its record. */
  record?: Member;
  /** Of an instant of RESAMPLE instead: what it takes from records, and the time of the one that brings it out. */
  cells?: Value[];
  place?: bigint;
  /** Of a row of OVER its place among those of equal time, of a window of rows its number. */
  ordinal?: number;
}

/** A window that is to come out now. */
export interface Emission<Key, Member> {
  window: OpenWindow<Key, Member>;
  cause: Cause;
}

/** How far empty windows of a key came out. */
interface Gap {
  /** Largest end of a window that closed. */
  reached: bigint;
  /** Empty windows since the last one with records. */
  run: number;
}

interface Timed {
  time: bigint;
  arrival: number;
}

/** The watermark of a key, or another instant that windows are closed up to; null before all time. */
export type ClockOf<Key> = (key: Key) => bigint | null;

const isAfter = (end: bigint, clock: bigint | null): boolean => clock === null || end > clock;

export class Emissions<Key extends { order: number }, Member extends Timed> {
  /** Windows without records that did not come out because there were too many in a gap. */
  emptySkipped = 0;
  private windows = new Map<string, OpenWindow<Key, Member>>();
  private gaps = new Map<Key, Gap>();
  private readonly plan: PipelinePlan;
  private readonly index: number;
  private readonly carried: ((record: Member) => unknown)[];
  /** With `carry`: all records of a key that some window took, in the order of arrival. */
  private readonly taken = new Map<Key, Member[]>();

  /** `carried`: the argument of each aggregate with `carry`; null is NULL. */
  constructor(plan: PipelinePlan, index: number, carried: ((record: Member) => unknown)[]) {
    this.plan = plan;
    this.index = index;
    this.carried = carried;
  }

  get size(): number {
    return [...this.windows.values()].filter(({ records }) => records.length > 0).length;
  }

  add(bounds: Bounds, key: Key, record: Member): void {
    this.window(bounds, key).records.push(record);
    const taken = this.taken.get(key) ?? [];
    if (this.carried.length > 0 && taken.at(-1) !== record) this.taken.set(key, [...taken, record]);
  }

  /** The last record before an instant that has a value, for each aggregate with `carry`. */
  private heldBefore(start: bigint, key: Key): (Member | null)[] {
    const earlier = (this.taken.get(key) ?? []).filter(({ time }) => time < start);
    return this.carried.map((valueOf) =>
      earlier
        .filter((record) => valueOf(record) !== null)
        .reduce<Member | null>((last, record) => (last && last.time > record.time ? last : record), null),
    );
  }

  private window({ start, end }: Bounds, key: Key): OpenWindow<Key, Member> {
    const name = `${key.order}/${start}/${end}`;
    const fresh = {
      start,
      end,
      pipeline: this.index,
      key,
      records: [],
      revision: 0,
      shown: false,
      ...(this.carried.length === 0 ? {} : { held: () => this.heldBefore(start, key) }),
      out: null,
    };
    const window = this.windows.get(name) ?? fresh;
    this.windows.set(name, window);
    return window;
  }

  /** What closes when each key's clock moves from `from` to `to`; windows up to `from` are there for a late record. */
  closing(from: ClockOf<Key>, to: ClockOf<Key>, cause: Cause): Emission<Key, Member>[] {
    const filled = this.fill(to);
    const closing = [...this.windows.values()].filter(
      (window) => window.records.length > 0 && !isAfter(window.end, to(window.key)) && !isSettled(window),
    );
    return [
      ...filled.map((window) => ({ window, cause })),
      ...closing.map((window) => ({
        window,
        cause: isAfter(window.end, from(window.key)) ? cause : ("late" as const),
      })),
    ];
  }

  /** What comes out at a moment. */
  update(watermark: ClockOf<Key>): Emission<Key, Member>[] {
    const complete = this.plan.emit.kind === "complete";
    const open = [...this.windows.values()].filter(
      (window) =>
        window.records.length > 0 &&
        isAfter(window.end, watermark(window.key)) &&
        (complete ? !isSettled(window) : isChanged(window)),
    );
    return open.map((window) => ({ window, cause: "update" }));
  }

  /** Empty windows up to each key's clock, between the first window that closed and the newest one with records. */
  private fill(to: ClockOf<Key>): OpenWindow<Key, Member>[] {
    const { empty, window: form } = this.plan;
    if (empty === "skip" || !isRaster(form)) return [];
    const filled: OpenWindow<Key, Member>[] = [];
    const keys = new Set([...this.windows.values()].map(({ key }) => key));
    for (const key of keys) {
      const own = [...this.windows.values()].filter(
        (window) => window.key === key && window.records.length > 0,
      );
      const ends = own.map(({ end }) => end).filter((end) => !isAfter(end, to(key)));
      const first = ends.reduce<bigint | null>(
        (least, end) => (least === null || end < least ? end : least),
        null,
      );
      const gap = this.gaps.get(key) ?? (first === null ? null : { reached: first, run: 0 });
      if (gap === null) continue;
      this.gaps.set(key, gap);
      const newest = own.flatMap(({ records }) => records.map(({ time }) => time));
      for (;;) {
        const next = nextRasterEnd(form, gap.reached);
        if (isAfter(next.end, to(key)) || !newest.some((time) => time >= next.start)) break;
        gap.reached = next.end;
        if (ends.includes(next.end)) gap.run = 0;
        else if (++gap.run <= EMPTY_MAX) filled.push(this.window(next, key));
        else this.emptySkipped++;
      }
    }
    return filled;
  }

  /** Forgets windows that take no late record any more. */
  drop(watermark: ClockOf<Key>): void {
    for (const [name, { end, key }] of this.windows) {
      const clock = watermark(key);
      if (clock !== null && clock >= end + this.plan.allowNs) this.windows.delete(name);
    }
  }

  dropAll(): void {
    this.windows.clear();
    this.gaps.clear();
    this.taken.clear();
  }

  /** True when all of the key's windows came out, and take no late record any more. */
  isOut(key: Key, clock: bigint | null): boolean {
    return [...this.windows.values()].every(
      (window) =>
        window.key !== key ||
        window.records.length === 0 ||
        (isSettled(window) && !isAfter(window.end + this.plan.allowNs, clock)),
    );
  }

  /** The key is not known any more. */
  forgetKey(key: Key): void {
    for (const [name, window] of this.windows) if (window.key === key) this.windows.delete(name);
    this.gaps.delete(key);
    this.taken.delete(key);
  }
}

/** Names what the window's result is made of: its records, of which none leaves, and what holds at its start. */
function contentOf({ records, held }: OpenWindow<unknown, Timed>): string {
  return [records.length, ...(held?.() ?? []).map((record) => record?.arrival)].join();
}

/** True when the window is another one than when it came out last, or has not come out. */
export const isChanged = (window: OpenWindow<unknown, Timed>): boolean =>
  window.out?.content !== contentOf(window);

/** True when the window closed, and has not changed since. */
export function isSettled(window: OpenWindow<unknown, Timed>): boolean {
  return window.out !== null && window.out.closed && !isChanged(window);
}

/**
 * Notes that a window comes out. `kept`: by HAVING; `moves`: it is another one now, also without new records. Returns its revision and cause, or null when there is nothing to
 * tell the readers.
 */
export function revise(
  window: OpenWindow<unknown, Timed>,
  cause: Cause,
  kept: boolean,
  moves: boolean,
): { revision: number; cause: Cause } | null {
  if (cause === "withdrawn") {
    // The window is part of another one.
    window.shown = false;
    return { revision: ++window.revision, cause };
  }
  const again = cause === "update" && !isChanged(window) && !moves;
  window.out = { content: contentOf(window), closed: cause !== "update" };
  if (!kept && !window.shown) return null;
  window.shown = kept;
  window.revision = again ? Math.max(1, window.revision) : window.revision + 1;
  return { revision: window.revision, cause: kept ? cause : "withdrawn" };
}
