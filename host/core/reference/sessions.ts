// Sessions: records of a key whose neighbours are at most `gap` apart, kept as plain lists. Owns which records
// stand together, which are late, and which sessions have ended. Imports windows.
import type { Bounds, OwnWindows } from "./windows.ts";

interface Timed {
  time: bigint;
  arrival: number;
}

/** Reported as [first, last + gap). */
export interface Session<Key, Member> extends Bounds {
  key: Key;
  /** In the order of arrival. */
  records: Member[];
}

export class Sessions<Key, Member extends Timed> implements OwnWindows<Key, Member> {
  private readonly gapNs: bigint;
  private readonly maxNs: bigint | null;
  private open: Session<Key, Member>[] = [];
  /** Last instants of the sessions of each key that have closed. */
  private readonly closed = new Map<Key, bigint[]>();

  /** `maxNs`: the most that a session's last record may be later than its first; null for any. */
  constructor(gapNs: bigint, maxNs: bigint | null) {
    this.gapNs = gapNs;
    this.maxNs = maxNs;
  }

  /**
   * Takes a record into the session that it makes with the open ones it touches; those are joined from the
   * earliest on, as far as `max` lets them. Returns the window that it missed when it is late, else null.
   */
  add(key: Key, record: Member, watermark: bigint | null): Bounds | null {
    const t = record.time;
    const touched = this.open
      .filter((session) => session.key === key && t >= session.start - this.gapNs && t <= session.end)
      .sort((a, b) => (a.start < b.start ? -1 : 1));
    let joined = this.session(key, [record]);
    const taken = new Set<Session<Key, Member>>();
    for (const session of touched) {
      const both = this.session(key, [...joined.records, ...session.records]);
      if (this.maxNs !== null && both.end - this.gapNs - both.start > this.maxNs) continue;
      joined = both;
      taken.add(session);
    }
    const beside = (this.closed.get(key) ?? []).some((last) => t <= last + this.gapNs);
    const behind = watermark !== null && watermark > t;
    if (behind && (beside || watermark > joined.end)) return { start: t, end: t + this.gapNs };
    this.open = [...this.open.filter((session) => !taken.has(session)), joined];
    return null;
  }

  private session(key: Key, records: Member[]): Session<Key, Member> {
    const times = records.map((record) => record.time);
    const start = times.reduce((a, b) => (b < a ? b : a));
    const last = times.reduce((a, b) => (b > a ? b : a));
    return { key, start, end: last + this.gapNs, records: records.toSorted((a, b) => a.arrival - b.arrival) };
  }

  get all(): Session<Key, Member>[] {
    return this.open;
  }

  /** The end is inclusive: a record at `end` would still join. */
  ended(watermarkOf: (key: Key) => bigint | null): Session<Key, Member>[] {
    return this.open.filter((session) => {
      const watermark = watermarkOf(session.key);
      return watermark !== null && watermark > session.end;
    });
  }

  close(session: Bounds): void {
    const [found] = this.open.filter((open) => open === session);
    if (found === undefined) return;
    this.open = this.open.filter((open) => open !== found);
    this.closed.set(found.key, [...(this.closed.get(found.key) ?? []), found.end - this.gapNs]);
  }
}
