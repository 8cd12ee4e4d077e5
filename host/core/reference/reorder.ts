// `reorder` in the reference: each stream holds its records, sorted, until its newest one is the delay ahead of them.
// Imports core types, clocks.
import type { Value } from "../engine.ts";
import type { Plan } from "../plan/plan.ts";
import { type Clock, type Ticks, newClock } from "./closing/clocks.ts";
import { keyText } from "./values.ts";

export interface Waiting {
  time: bigint;
  columns: Value[];
}

interface Stream extends Clock {
  records: (Waiting & { arrival: number })[];
}

export class Reorder {
  /** Records that wait. */
  held = 0;
  /** Records that went on before their time. */
  early = 0;
  private readonly plan: Plan;
  private readonly ticks: Ticks;
  /** The stream that was silent longest is the first one. */
  private readonly streams = new Map<string, Stream>();
  private arrivals = 0;

  constructor(plan: Plan, ticks: Ticks) {
    const { source } = plan;
    // A stream's clocks are those of a key, only that they run behind by another delay.
    this.plan = { ...plan, source: { ...source, delayNs: source.reorder!.delayNs } };
    this.ticks = ticks;
  }

  /** What goes on because of a record, in order; null when the record itself is late. */
  take(record: Waiting): Waiting[] | null {
    const { keys, records, held } = this.plan.source.reorder!;
    const name = keyText(keys.map((key) => record.columns[key]!));
    const known = this.streams.get(name);
    const until = known === undefined ? null : this.ticks.dropClock(this.plan, known);
    if (until !== null && record.time < until) return null;
    const goingOn: Waiting[] = [];
    if (known === undefined && this.streams.size === this.plan.limits.keys) {
      const [silent, stream] = [...this.streams][0]!;
      this.streams.delete(silent);
      goingOn.push(...this.beyond(stream, 0));
    }
    const stream: Stream = known ?? { ...newClock(), records: [] };
    this.streams.delete(name);
    this.streams.set(name, stream);
    this.ticks.record(stream, record.time);
    stream.records.push({ ...record, arrival: this.arrivals++ });
    stream.records.sort(order);
    this.held++;
    goingOn.push(...this.until(stream, this.ticks.dropClock(this.plan, stream)!));
    goingOn.push(...this.beyond(stream, records));
    if (this.held > held) goingOn.push(...this.beyond(stream, stream.records.length - 1));
    return goingOn;
  }

  /** What goes on because of silence, at a tick. */
  silent(): Waiting[] {
    return [...this.streams.values()]
      .flatMap((stream) => {
        const silent = this.plan.source.idleNs !== null;
        return silent ? this.until(stream, this.ticks.emitClock(this.plan, stream)!) : [];
      })
      .sort(order);
  }

  /** All that waits: the input has ended. */
  all(): Waiting[] {
    return [...this.streams.values()].flatMap((stream) => this.until(stream, 2n ** 65n)).sort(order);
  }

  private until(stream: Stream, until: bigint): Stream["records"] {
    return this.first(stream, stream.records.filter(({ time }) => time <= until).length);
  }

  /** The first records of a stream that holds more than `most`. */
  private beyond(stream: Stream, most: number): Stream["records"] {
    const early = this.first(stream, Math.max(0, stream.records.length - most));
    this.early += early.length;
    return early;
  }

  private first(stream: Stream, count: number): Stream["records"] {
    this.held -= count;
    return stream.records.splice(0, count);
  }
}

const order = (a: Stream["records"][number], b: Stream["records"][number]): number =>
  a.time < b.time ? -1 : a.time > b.time ? 1 : a.arrival - b.arrival;
