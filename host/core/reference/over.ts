// OVER: for each record a row over itself and records of its key before it, as plain lists. Owns which records a row
// stands for, which rows are due, which records are late. Imports windows.
import type { Bounds, OwnWindows } from "./windows.ts";

interface Timed {
  time: bigint;
  arrival: number;
}

/** The row of one record: both bounds are its time. */
export interface OverRow<Key, Member> extends Bounds {
  key: Key;
  /** What it stands for, in the order of arrival. */
  records: Member[];
  /** Its own record. */
  record: Member;
  /** Place of that among the key's records of equal time, from 1. */
  ordinal: number;
}

export class OverRows<Key, Member extends Timed> implements OwnWindows<Key, Member> {
  private readonly rangeNs: bigint | null;
  private readonly rows: number;
  private readonly members = new Map<Key, Member[]>();
  private readonly due = new Set<Member>();

  /** Either `rangeNs`, or (null then) the number of rows before the current one. */
  constructor(rangeNs: bigint | null, rows: number) {
    this.rangeNs = rangeNs;
    this.rows = rows;
  }

  add(key: Key, record: Member, watermark: bigint | null): Bounds | null {
    if (watermark !== null && watermark > record.time) return { start: record.time, end: record.time };
    this.members.set(key, [...(this.members.get(key) ?? []), record]);
    this.due.add(record);
    return null;
  }

  get all(): OverRow<Key, Member>[] {
    return this.ended(() => null, true);
  }

  ended(watermarkOf: (key: Key) => bigint | null, every = false): OverRow<Key, Member>[] {
    return [...this.members].flatMap(([key, members]) => {
      const watermark = watermarkOf(key);
      const due = members.filter(
        (member) => this.due.has(member) && (every || (watermark !== null && watermark > member.time)),
      );
      return due.map((record) => this.row(key, record, members));
    });
  }

  private row(key: Key, record: Member, members: Member[]): OverRow<Key, Member> {
    const equal = members.filter(({ time }) => time === record.time);
    const before = members
      .filter(
        ({ time, arrival }) => time < record.time || (time === record.time && arrival <= record.arrival),
      )
      .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.arrival - b.arrival));
    const records =
      this.rangeNs === null
        ? before.slice(-this.rows - 1).sort((a, b) => a.arrival - b.arrival)
        : members.filter(({ time }) => time >= record.time - this.rangeNs! && time <= record.time);
    return { key, start: record.time, end: record.time, record, records, ordinal: equal.indexOf(record) + 1 };
  }

  close(row: Bounds): void {
    if ("record" in row) this.due.delete(row.record as Member);
  }
}
