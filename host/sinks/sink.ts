// What a sink is: it takes items of one pipeline in order, keeps them in its queue until the other side has them, and
// says how it is doing. The gateway stops reading when the queues hold too much. Imports core types.
import type { RefusedRecord } from "../encoders/refused-line.ts";
import type { Output } from "../core/engine.ts";

export interface SinkStatus {
  /**
   * `away`: the other side is not there; it is tried again. `failed`: it will not come back. `ended`: whoever read
   * wants no more, which is no error.
   */
  state: "connecting" | "connected" | "away" | "failed" | "ended";
  /** In words, for /ready and the log. */
  detail: string;
}

export type SinkItem = Output | RefusedRecord;

export interface Sink {
  /** Name for logs, metrics and saved state, unique among the sinks of a pipeline: `kafka temp-10s`. */
  name: string;
  /** Refused records have somewhere to go. */
  readonly takesRefused: boolean;
  /** Bytes (about) that wait; the gateway stops reading when they are too many. */
  readonly queuedBytes: number;
  readonly status: SinkStatus;
  /** Results and late records that the other side has. */
  readonly delivered: number;
  /** Results and late records that the other side will never take. */
  readonly lost: number;
  start(): void;
  write(item: SinkItem): void;
  /** Results and late records that the other side does not have for sure, in order. */
  pending(): Output[];
  /** Resolves whether nothing waits any more; false when that was not reached within `timeoutMs`. */
  drain(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Nothing will ever be written to it again. */
export function isOver({ status }: Sink): boolean {
  return status.state === "failed" || status.state === "ended";
}

/** What a queue holds: an item, encoded for the other side. */
export interface Queued<Encoded> {
  item: SinkItem;
  encoded: Encoded;
  bytes: number;
}

/** Items that wait, oldest first. */
export class Queue<Encoded> {
  bytes = 0;
  private items: Queued<Encoded>[] = [];
  private first = 0;

  get length(): number {
    return this.items.length - this.first;
  }

  push(queued: Queued<Encoded>): void {
    this.items.push(queued);
    this.bytes += queued.bytes;
  }

  /** The item that `place` older ones wait before. */
  at(place: number): Queued<Encoded> {
    return this.items[this.first + place]!;
  }

  /** The oldest items: at most `countMax`, and no more than it takes to reach `bytesMax`. */
  peek(countMax: number, bytesMax: number): Queued<Encoded>[] {
    let end = this.first;
    for (let bytes = 0; end < this.items.length && end - this.first < countMax && bytes < bytesMax; end++)
      bytes += this.items[end]!.bytes;
    return this.items.slice(this.first, end);
  }

  /** Drops the oldest `count` items. Returns how many of them were results or late records. */
  drop(count: number): number {
    let outputs = 0;
    for (let index = 0; index < count; index++) {
      const { item, bytes } = this.items[this.first++]!;
      this.bytes -= bytes;
      if (item.kind !== "refused") outputs++;
    }
    if (this.first > 1024 && this.first * 2 > this.items.length) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
    return outputs;
  }

  /** Results and late records that wait; only those whose encoding is wanted. */
  outputs(wanted: (encoded: Encoded) => boolean = () => true): Output[] {
    return this.items
      .slice(this.first)
      .flatMap(({ item, encoded }) => (item.kind !== "refused" && wanted(encoded) ? [item] : []));
  }
}

/** Something that somebody waits for: `wait` resolves at the next `ring`, or after `timeoutMs`. */
export class Bell {
  private resolve: (() => void) | null = null;

  ring(): void {
    this.resolve?.();
  }

  async wait(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.resolve = null;
  }
}

/** Waits until `done` says so, looking every 20 ms; false when `timeoutMs` passed before. */
export async function waitUntil(done: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!done()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

/** Waits for work to end, well or not, but no longer than `timeoutMs`. */
export async function atMost(work: Promise<unknown> | null, timeoutMs: number): Promise<void> {
  const bell = new Bell();
  const ring = (): void => bell.ring();
  work?.then(ring, ring);
  if (work !== null) await bell.wait(timeoutMs);
}
