// What a sink is: it takes outputs of one pipeline in order, keeps them in a bounded queue until the other side has
// them, and says how it is doing. Imports core types.
import type { Output } from "../core/engine.ts";

export interface SinkStatus {
  state: "connecting" | "connected" | "failed";
  /** In words, for /ready and the log. */
  detail: string;
}

export interface Sink {
  /** Name for logs and metrics: `kafka temp-10s`. */
  readonly name: string;
  /** Bytes (about) that wait; the gateway stops reading when they are too many. */
  readonly queuedBytes: number;
  readonly status: SinkStatus;
  /** Outputs that the other side has. */
  readonly delivered: number;
  start(): void;
  write(output: Output): void;
  /** Resolves when nothing waits any more; rejects when that cannot be within `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Waits until `done` says so, looking every 20 ms. */
export async function waitUntil(done: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!done()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
