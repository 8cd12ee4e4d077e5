// OVER: for each record a row over itself and records of its key before it, as plain lists. Owns which records a row
// stands for, which rows are due, which records are late. Imports own-windows.
import type { Cause } from "../../engine.ts";
import type { OverPlan } from "../../plan/plan.ts";
import { type ClockOf, type Emission, type OpenWindow, isSettled } from "../closing/emission.ts";
import type { Admission, OwnWindows } from "./own-windows.ts";
import { newWindow } from "./own-windows.ts";

interface Timed {
  time: bigint;
  arrival: number;
}

export class OverRows<Key, Member extends Timed> implements OwnWindows<Key, Member> {
  private readonly pipeline: number;
  private readonly plan: OverPlan;
  private readonly members = new Map<Key, Member[]>();
  private due = new Set<Member>();
  private readonly shows: boolean;
  /** Rows that silence brought out, and that are still due. */
  private readonly shown = new Map<Member, OpenWindow<Key, Member>>();

  /** `shows`: silence brings out rows. */
  constructor(pipeline: number, plan: OverPlan, shows: boolean) {
    this.pipeline = pipeline;
    this.plan = plan;
    this.shows = shows;
  }

  add(key: Key, record: Member, watermark: bigint | null): Admission {
    const { time } = record;
    if (watermark !== null && watermark > time) return { kind: "missed", window: { start: time, end: time } };
    this.members.set(key, [...(this.members.get(key) ?? []), record]);
    this.due.add(record);
    return { kind: "in" };
  }

  closing(clock: ClockOf<Key>, cause: Cause): Emission<Key, Member>[] {
    const idle = cause === "idle";
    if (idle && !this.shows) return [];
    return [...this.members].flatMap(([key, members]) => {
      const now = clock(key);
      const due = members.filter((member) => this.due.has(member) && now !== null && now > member.time);
      const rows = due.map((record): OpenWindow<Key, Member> => {
        const { revision, shown, out } = this.shown.get(record) ?? { revision: 0, shown: false, out: null };
        return { ...this.row(key, record, members), revision, shown, out };
      });
      for (const row of rows) {
        if (idle) this.shown.set(row.record!, row);
        else {
          this.due.delete(row.record!);
          this.shown.delete(row.record!);
        }
      }
      return rows.filter((row) => !isSettled(row)).map((window) => ({ window, cause }));
    });
  }

  /** The row of a record: both bounds are its time. */
  private row(key: Key, record: Member, members: Member[]): OpenWindow<Key, Member> {
    const { rangeNs, rows } = this.plan;
    const equal = members.filter(({ time }) => time === record.time);
    const before = members
      .filter(
        ({ time, arrival }) => time < record.time || (time === record.time && arrival <= record.arrival),
      )
      .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.arrival - b.arrival));
    const records =
      rangeNs === null
        ? before.slice(-rows - 1).sort((a, b) => a.arrival - b.arrival)
        : members.filter(({ time }) => time >= record.time - rangeNs && time <= record.time);
    const window = newWindow<Key, Member>(this.pipeline, key, { start: record.time, end: record.time });
    // It is another row when another record is in it, also where its number of records is bounded.
    return { ...window, records, held: () => records, record, ordinal: equal.indexOf(record) + 1 };
  }

  update(): Emission<Key, Member>[] {
    return [];
  }

  drop(): void {}

  dropAll(): void {}

  isOut(key: Key, clock: bigint | null): boolean {
    const members = this.members.get(key) ?? [];
    const due = members.filter((member) => this.due.has(member));
    return due.every((member) => {
      const before = this.shown.get(member);
      const isBehind = clock !== null && clock > member.time;
      return (
        isBehind &&
        before !== undefined &&
        isSettled({ ...before, ...this.row(key, member, members), out: before.out })
      );
    });
  }

  forgetKey(key: Key): void {
    for (const member of this.members.get(key) ?? []) {
      this.due.delete(member);
      this.shown.delete(member);
    }
    this.members.delete(key);
  }

  get size(): number {
    return this.due.size;
  }
}
