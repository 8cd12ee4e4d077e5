// RESAMPLE: the instants of a fixed rate between the records of a key, from lists of records in the order of time. Each
// record that a watermark is past brings out those behind the one before it. Imports over, own-windows.
import type { Cause, Scalar, Value } from "../../engine.ts";
import type { OverPlan, ResamplePlan } from "../../plan/plan.ts";
import type { ClockOf, Emission, OpenWindow } from "../closing/emission.ts";
import type { Admission, OwnWindows } from "./own-windows.ts";
import { newWindow } from "./own-windows.ts";

/** Instants between two records that come out. */
const BETWEEN_MAX = 1000;

interface Sample {
  time: bigint;
  arrival: number;
  columns: Value[];
}

interface Series<Member> {
  waiting: Member[];
  /** The record that came out last. */
  before: Member | null;
}

export class ResampledRows<Key, Member extends Sample> implements OwnWindows<Key, Member> {
  /** Instants that did not come out because there were too many between two records. */
  skipped = 0;
  /** Values on a line that were not finite. */
  nonfinite = 0;
  private readonly pipeline: number;
  private readonly plan: OverPlan;
  private readonly resample: ResamplePlan;
  /** Place of the time among the columns. */
  private readonly timeColumn: number;
  private readonly series = new Map<Key, Series<Member>>();

  constructor(pipeline: number, plan: OverPlan, resample: ResamplePlan, timeColumn: number) {
    this.pipeline = pipeline;
    this.plan = plan;
    this.resample = resample;
    this.timeColumn = timeColumn;
  }

  add(key: Key, record: Member, watermark: bigint | null): Admission {
    const { time } = record;
    if (watermark !== null && watermark > time) return { kind: "missed", window: { start: time, end: time } };
    const series = this.series.get(key) ?? { waiting: [], before: null };
    this.series.set(key, series);
    series.waiting.push(record);
    return { kind: "in" };
  }

  closing(clock: ClockOf<Key>, cause: Cause): Emission<Key, Member>[] {
    if (cause === "idle") return [];
    return [...this.series].flatMap(([key, series]) => {
      const now = clock(key);
      const isDue = ({ time }: Member): boolean => now !== null && now > time;
      const due = series.waiting
        .filter(isDue)
        .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.arrival - b.arrival));
      series.waiting = series.waiting.filter((record) => !isDue(record));
      const windows = due.flatMap((record, index) => {
        const last = due[index + 1]?.time !== record.time;
        const found = this.instants(key, series.before, record, last);
        series.before = record;
        return found;
      });
      return windows.map((window) => ({ window, cause }));
    });
  }

  /** The instants behind the record before, up to the record; that at the record's own time if it is the last of it. */
  private instants(
    key: Key,
    before: Member | null,
    record: Member,
    last: boolean,
  ): OpenWindow<Key, Member>[] {
    const { periodNs, offsetNs } = this.resample;
    const rest = (((record.time - offsetNs) % periodNs) + periodNs) % periodNs;
    const found: OpenWindow<Key, Member>[] = [];
    if (before !== null) {
      const gone = (((before.time - offsetNs) % periodNs) + periodNs) % periodNs;
      let count = 0;
      for (let at = before.time - gone + periodNs; at < record.time; at += periodNs) {
        if (count++ < BETWEEN_MAX) found.push(this.instant(key, at, before, record));
        else this.skipped++;
      }
    }
    if (rest === 0n && last) found.push(this.instant(key, record.time, record, record));
    return found;
  }

  private instant(key: Key, at: bigint, before: Member, next: Member): OpenWindow<Key, Member> {
    const { carried } = this.plan;
    const cells = carried.map((column, place): Value => {
      if (place >= carried.length - this.resample.linear) return this.onLine(column, at, before, next);
      return column === this.timeColumn ? at : before.columns[column]!;
    });
    const window = newWindow<Key, Member>(this.pipeline, key, { start: at, end: at });
    return { ...window, records: at === next.time ? [next] : [], cells, place: next.time, ordinal: 1 };
  }

  private onLine(column: number, at: bigint, before: Member, next: Member): Scalar {
    const x = before.columns[column] as number | null;
    const y = next.columns[column] as number | null;
    if (before === next) return y;
    if (x === null || y === null) return null;
    const value = x + (y - x) * (Number(at - before.time) / Number(next.time - before.time));
    if (Number.isFinite(value)) return value + 0;
    this.nonfinite++;
    return null;
  }

  update(): Emission<Key, Member>[] {
    return [];
  }

  drop(): void {}

  dropAll(): void {}

  isOut(key: Key): boolean {
    return (this.series.get(key)?.waiting ?? []).length === 0;
  }

  forgetKey(key: Key): void {
    this.series.delete(key);
  }

  get size(): number {
    return [...this.series.values()].reduce((sum, { waiting }) => sum + waiting.length, 0);
  }
}
