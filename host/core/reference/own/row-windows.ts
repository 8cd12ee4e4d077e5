// Windows of rows: every `slide` records of a key, in the order of arrival, begin one of `size` records. Each is a plain
// list of its records. Imports own-windows.
import type { Cause } from "../../engine.ts";
import { type ClockOf, type Emission, type OpenWindow, isChanged } from "../closing/emission.ts";
import type { Admission, OwnWindows } from "./own-windows.ts";
import { newWindow, spanOf } from "./own-windows.ts";

interface Series<Key, Member> {
  /** Records since the first one, or since a flush. */
  arrived: number;
  begun: number;
  open: OpenWindow<Key, Member>[];
}

export class RowWindows<Key, Member extends { time: bigint; arrival: number }> implements OwnWindows<
  Key,
  Member
> {
  private readonly pipeline: number;
  private readonly slide: number;
  private readonly length: number;
  private readonly complete: boolean;
  private readonly series = new Map<Key, Series<Key, Member>>();

  /** `complete`: at a moment every open window comes out, not only those that changed. */
  constructor(pipeline: number, slide: number, length: number, complete: boolean) {
    this.pipeline = pipeline;
    this.slide = slide;
    this.length = length;
    this.complete = complete;
  }

  add(key: Key, record: Member): Admission {
    const series = this.series.get(key) ?? { arrived: 0, begun: 0, open: [] };
    this.series.set(key, series);
    const place = series.arrived++ % this.slide;
    if (place >= this.length) return { kind: "between" };
    if (place === 0) {
      const fresh = newWindow<Key, Member>(this.pipeline, key, { start: record.time, end: record.time });
      series.open.push({ ...fresh, ordinal: ++series.begun });
    }
    for (const window of series.open) {
      window.records.push(record);
      const { first, last } = spanOf(window.records);
      window.start = first;
      window.end = last;
    }
    return { kind: "in" };
  }

  /** A window comes out with the record that fills it: no clock closes one. */
  closing(_clock: ClockOf<Key>, cause: Cause): Emission<Key, Member>[] {
    if (cause === "flush") return this.open.map((window) => ({ window, cause }));
    if (cause !== "watermark") return [];
    const full = this.open.filter(({ records }) => records.length === this.length);
    for (const series of this.series.values())
      series.open = series.open.filter((window) => !full.includes(window));
    return full.map((window) => ({ window, cause: "record" }));
  }

  update(): Emission<Key, Member>[] {
    const due = this.open.filter((window) => this.complete || isChanged(window));
    return due.map((window) => ({ window, cause: "update" }));
  }

  /** Full ones are gone when they came out. */
  drop(): void {}

  dropAll(): void {
    for (const series of this.series.values()) {
      series.open = [];
      series.arrived = 0;
    }
  }

  isOut(key: Key): boolean {
    return (this.series.get(key)?.open ?? []).length === 0;
  }

  forgetKey(key: Key): void {
    this.series.delete(key);
  }

  private get open(): OpenWindow<Key, Member>[] {
    return [...this.series.values()].flatMap(({ open }) => open);
  }

  get size(): number {
    return this.open.length;
  }
}
