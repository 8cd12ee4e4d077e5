// OVER: for each record a row over itself and records of its key before it, as plain lists. Owns which records a row
// stands for, which rows are due, which records are late. Imports own-windows.
import type { Cause } from "../../engine.ts";
import type { OverPlan } from "../../plan/plan.ts";
import type { ClockOf, Emission, OpenWindow } from "../closing/emission.ts";
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

  constructor(pipeline: number, plan: OverPlan) {
    this.pipeline = pipeline;
    this.plan = plan;
  }

  add(key: Key, record: Member, watermark: bigint | null): Admission {
    const { time } = record;
    if (watermark !== null && watermark > time) return { kind: "missed", window: { start: time, end: time } };
    this.members.set(key, [...(this.members.get(key) ?? []), record]);
    this.due.add(record);
    return { kind: "in" };
  }

  closing(clock: ClockOf<Key>, cause: Cause): Emission<Key, Member>[] {
    if (cause === "idle") return [];
    return [...this.members].flatMap(([key, members]) => {
      const now = clock(key);
      const due = members.filter((member) => this.due.has(member) && now !== null && now > member.time);
      for (const member of due) this.due.delete(member);
      return due.map((record) => ({ window: this.row(key, record, members), cause }));
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
    return { ...window, records, record, ordinal: equal.indexOf(record) + 1 };
  }

  update(): Emission<Key, Member>[] {
    return [];
  }

  drop(): void {}

  dropAll(): void {}

  isOut(key: Key): boolean {
    return !(this.members.get(key) ?? []).some((member) => this.due.has(member));
  }

  forgetKey(key: Key): void {
    this.members.delete(key);
  }

  get size(): number {
    return this.due.size;
  }
}
