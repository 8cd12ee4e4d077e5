// What sinks with a connection have in common: a queue, and rounds of connecting and sending that begin again after a
// pause when one fails, for ever. Imports core types.
import { backoffMs } from "../core/backoff.ts";
import type { Output } from "../core/engine.ts";
import type { Sink, SinkItem, SinkStatus } from "./sink.ts";
import { atMost, Bell, Queue, waitUntil } from "./sink.ts";

const CLOSE_MS = 3000;

export abstract class RemoteSink<Encoded> implements Sink {
  name: string;
  status: SinkStatus = { state: "connecting", detail: "not connected yet" };
  delivered = 0;
  lost = 0;
  abstract readonly takesRefused: boolean;
  protected readonly clientId: string;
  protected readonly queue = new Queue<Encoded>();
  /** Rings when there is something to do. */
  protected readonly bell = new Bell();
  protected closing = false;
  private readonly stopBell = new Bell();
  private running: Promise<void> | null = null;

  constructor(name: string, clientId: string) {
    this.name = name;
    this.clientId = clientId;
  }

  get queuedBytes(): number {
    return this.queue.bytes;
  }

  start(): void {
    this.running = this.loop();
  }

  abstract write(item: SinkItem): void;

  /** Connects if need be, says so, sends what it can; resolves when there may be more to do. Any error ends the connection. */
  protected abstract round(): Promise<void>;
  /** Gives the connection up; what it did not deliver stays in the queue. */
  protected abstract drop(): Promise<void> | void;
  /** An error as /ready and the log say it. */
  protected abstract reasonOf(error: Error): string;
  /** Ends the connection as it should be, at a stop. */
  protected async leave(): Promise<void> {}

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.closing) {
      try {
        await this.round();
        failures = 0;
      } catch (error) {
        this.status = { state: "away", detail: this.reasonOf(error as Error) };
        await this.drop();
        if (!this.closing) await this.stopBell.wait(backoffMs(this.clientId, failures++));
      }
    }
  }

  pending(): Output[] {
    return this.queue.outputs();
  }

  drain(timeoutMs: number): Promise<boolean> {
    return waitUntil(() => this.queue.length === 0, timeoutMs);
  }

  async close(): Promise<void> {
    this.closing = true;
    this.bell.ring();
    this.stopBell.ring();
    await atMost(this.leave(), CLOSE_MS);
    await atMost(this.running, CLOSE_MS);
    await this.drop();
  }
}
