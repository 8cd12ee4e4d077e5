// The way of lines to one place, which several sinks may share: one queue, so that the lines of pipelines that write to
// the same file, or to stdout, stand in the order in which they came out, and that what a full disk cut off can be
// taken back. A place that cannot be written is tried again. Imports core.
import { backoffMs } from "../core/backoff.ts";
import type { Output } from "../core/engine.ts";
import { FileTarget, type LineTarget, StreamTarget } from "./line-target.ts";
import type { SinkItem, SinkStatus } from "./sink.ts";
import { atMost, Bell, Queue } from "./sink.ts";

const BATCH_ITEMS_MAX = 4096;
const BATCH_BYTES_MAX = 256 * 1024;
const IDLE_MS = 60_000;
const CLOSE_MS = 2000;

/** One sink's part in a channel. */
export class ChannelUse {
  /** Results and late records that the place has. */
  delivered = 0;
  queuedBytes = 0;
  private readonly channel: LineChannel;

  constructor(channel: LineChannel) {
    this.channel = channel;
  }

  get status(): SinkStatus {
    return this.channel.status;
  }

  write(item: SinkItem, text: string): void {
    this.channel.write(this, item, text);
  }

  /** Results and late records that the place does not have, in order. */
  pending(): Output[] {
    return this.channel.pending(this);
  }

  close(): Promise<void> {
    return this.channel.leave();
  }
}

export class LineChannel {
  status: SinkStatus = { state: "connecting", detail: "not open yet" };
  private readonly name: string;
  private readonly target: LineTarget;
  /** Lines wait as bytes: a text that was put together is many times as large until it is written. */
  private readonly queue = new Queue<{ use: ChannelUse; line: Uint8Array }>();
  private readonly bell = new Bell();
  private readonly stopBell = new Bell();
  private running: Promise<void> | null = null;
  private users = 0;
  private closing = false;

  constructor(name: string, target: LineTarget) {
    this.name = name;
    this.target = target;
  }

  join(): ChannelUse {
    this.users++;
    return new ChannelUse(this);
  }

  /** Opens the place now; otherwise it is opened for the first line. */
  start(): void {
    this.running ??= this.loop();
  }

  write(use: ChannelUse, item: SinkItem, line: string): void {
    const encoded = { use, line: Buffer.from(`${line}\n`) };
    const bytes = encoded.line.length + 64;
    this.queue.push({ item, encoded, bytes });
    use.queuedBytes += bytes;
    this.start();
    this.bell.ring();
  }

  pending(use: ChannelUse): Output[] {
    return this.queue.outputs((encoded) => encoded.use === use);
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.closing) {
      try {
        // No line at all opens the file: a path that cannot be written shows at the start.
        if (this.queue.length > 0 || this.status.state !== "connected") await this.append();
        this.status = { state: "connected", detail: "open" };
        failures = 0;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        const state = this.target.mayComeBack ? "away" : code === "EPIPE" ? "ended" : "failed";
        this.status = { state, detail: message };
        if (!this.target.mayComeBack) return;
        await this.stopBell.wait(backoffMs(this.name, failures++));
        continue;
      }
      if (this.queue.length === 0 && !this.closing) await this.bell.wait(IDLE_MS);
    }
  }

  /** Writes the oldest lines in one piece; what is written leaves the queue. */
  private async append(): Promise<void> {
    const batch = this.queue.peek(BATCH_ITEMS_MAX, BATCH_BYTES_MAX);
    await this.target.append(Buffer.concat(batch.map(({ encoded }) => encoded.line)));
    for (const { item, encoded, bytes } of batch) {
      encoded.use.queuedBytes -= bytes;
      if (item.kind !== "refused") encoded.use.delivered++;
    }
    this.queue.drop(batch.length);
  }

  /** The last one to leave closes the place. */
  async leave(): Promise<void> {
    if (--this.users > 0) return;
    this.closing = true;
    this.bell.ring();
    this.stopBell.ring();
    await atMost(this.running, CLOSE_MS);
    await this.target.close().catch(() => {});
  }
}

/** The channels of a gateway: one for each file, one for stdout. */
export class LineChannels {
  private readonly channels = new Map<string, LineChannel>();
  private readonly stdoutStream: NodeJS.WritableStream;

  constructor(stdout: NodeJS.WritableStream) {
    this.stdoutStream = stdout;
  }

  file(path: string): LineChannel {
    return this.channel(`file ${path}`, () => new FileTarget(path));
  }

  stdout(): LineChannel {
    return this.channel("stdout", () => new StreamTarget(this.stdoutStream));
  }

  private channel(name: string, create: () => LineTarget): LineChannel {
    const found = this.channels.get(name) ?? new LineChannel(name, create());
    this.channels.set(name, found);
    return found;
  }
}
