// Sessions: records of a key whose neighbours are at most `gap` apart, kept as plain lists. Owns which records stand
// together, which are late, which sessions come out, and what readers are told of those that have become one.
// Imports own-windows.
import type { Cause } from "../../engine.ts";
import type { SessionPlan } from "../../plan/plan.ts";
import type { ClockOf, Emission, OpenWindow } from "../closing/emission.ts";
import { isChanged, isSettled } from "../closing/emission.ts";
import type { Admission, OwnWindows } from "./own-windows.ts";
import { newWindow, spanOf } from "./own-windows.ts";

interface Timed {
  time: bigint;
  arrival: number;
}

/** Every window here is reported as [first, last + gap). */
export class Sessions<Key, Member extends Timed> implements OwnWindows<Key, Member> {
  private readonly pipeline: number;
  private readonly plan: SessionPlan;
  private readonly allowNs: bigint;
  private readonly complete: boolean;
  /** What is open, and what has closed and still takes late records. */
  private windows: OpenWindow<Key, Member>[] = [];
  /** Ends of the sessions of each key that take none any more. */
  private readonly gone = new Map<Key, bigint[]>();
  /** The one that took the record at hand although that was late. */
  private changedLate: OpenWindow<Key, Member> | null = null;
  /** Those that had come out and are part of another one now. */
  private withdrawn: OpenWindow<Key, Member>[] = [];

  /** `complete`: at a moment every open session comes out, not only those that changed. */
  constructor(pipeline: number, plan: SessionPlan, allowNs: bigint, complete: boolean) {
    this.pipeline = pipeline;
    this.plan = plan;
    this.allowNs = allowNs;
    this.complete = complete;
  }

  /**
   * A record goes into the session that it makes with those it touches, which are joined from the earliest on as
   * far as `max` lets them.
   */
  add(key: Key, record: Member, watermark: bigint | null): Admission {
    const t = record.time;
    const { gapNs, maxNs } = this.plan;
    const own = this.windows.filter((window) => window.key === key);
    const touched = own
      .filter(({ start, end }) => t >= start - gapNs && t <= end)
      .sort((a, b) => (a.start < b.start ? -1 : 1));
    let joined = this.session(key, [record]);
    const taken: OpenWindow<Key, Member>[] = [];
    for (const session of touched) {
      const both = this.session(key, [...joined.records, ...session.records]);
      if (maxNs !== null && both.end - gapNs - both.start > maxNs) continue;
      joined = both;
      taken.push(session);
    }
    const behind = watermark !== null && watermark > t;
    const besideGone = (this.gone.get(key) ?? []).some((end) => t <= end);
    const besideClosed = own.some(({ end }) => watermark !== null && watermark > end && t <= end);
    const late = behind && (besideGone || besideClosed || watermark > joined.end);
    if (late && (besideGone || watermark >= joined.end + this.allowNs))
      return { kind: "missed", window: { start: t, end: t + gapNs } };
    this.join(joined, taken);
    if (!late) return { kind: "in" };
    this.changedLate = joined;
    return { kind: "late", window: joined };
  }

  private session(key: Key, records: Member[]): OpenWindow<Key, Member> {
    const { first, last } = spanOf(records);
    const window = newWindow<Key, Member>(this.pipeline, key, { start: first, end: last + this.plan.gapNs });
    return { ...window, records: records.toSorted((a, b) => a.arrival - b.arrival) };
  }

  /** Readers know the joined session as the earliest part that came out; they are told to forget the others. */
  private join(joined: OpenWindow<Key, Member>, parts: OpenWindow<Key, Member>[]): void {
    const [known, ...others] = parts.filter(({ revision }) => revision > 0);
    if (known !== undefined) {
      joined.revision = known.revision;
      joined.shown = known.shown;
      joined.idStart = known.idStart!;
    }
    this.withdrawn.push(...others.filter(({ shown }) => shown).map((other) => ({ ...other, records: [] })));
    this.windows = [...this.windows.filter((window) => !parts.includes(window)), joined];
  }

  /** A session's end is inclusive: a record at `end` would still join. */
  closing(clock: ClockOf<Key>, cause: Cause): Emission<Key, Member>[] {
    const late = this.changedLate;
    const withdrawn = this.withdrawn.map((window) => ({ window, cause: "withdrawn" as const }));
    this.changedLate = null;
    this.withdrawn = [];
    const due = this.windows.filter(
      (window) => window === late || (isBehind(window, clock) && !isSettled(window)),
    );
    return [
      ...due.map((window) => ({ window, cause: window === late ? ("late" as const) : cause })),
      ...withdrawn,
    ];
  }

  update(watermark: ClockOf<Key>): Emission<Key, Member>[] {
    const due = this.windows.filter(
      (window) => !isBehind(window, watermark) && (this.complete ? !isSettled(window) : isChanged(window)),
    );
    return due.map((window) => ({ window, cause: "update" }));
  }

  drop(watermark: ClockOf<Key>): void {
    const finished = this.windows.filter(
      (window) => isBehind(window, watermark) && watermark(window.key)! >= window.end + this.allowNs,
    );
    this.forget(finished);
  }

  dropAll(): void {
    this.forget(this.windows);
  }

  isOut(key: Key, clock: bigint | null): boolean {
    return this.windows.every(
      (window) =>
        window.key !== key ||
        (isSettled(window) && isBehind(window, () => clock) && clock! >= window.end + this.allowNs),
    );
  }

  forgetKey(key: Key): void {
    this.windows = this.windows.filter((window) => window.key !== key);
    this.gone.delete(key);
  }

  private forget(finished: OpenWindow<Key, Member>[]): void {
    for (const { key, end } of finished) this.gone.set(key, [...(this.gone.get(key) ?? []), end]);
    this.windows = this.windows.filter((window) => !finished.includes(window));
  }

  get size(): number {
    return this.windows.length;
  }
}

/** True when a clock is past the window's end. */
function isBehind<Key>({ key, end }: OpenWindow<Key, unknown>, clock: ClockOf<Key>): boolean {
  const now = clock(key);
  return now !== null && now > end;
}
