// Sinks `file` and `stdout`: replay lines, appended. Late and refused records go to files of their own when the
// definition names them. Sinks of one place share its channel. A file that cannot be written (a full disk) is tried
// again, with what waits in order; a closed stdout ends the gateway, quietly. Imports encoders, core.
import type { Output } from "../core/engine.ts";
import { refusedLine } from "../encoders/refused-line.ts";
import type { ReplayLines } from "../encoders/replay-line.ts";
import type { FileSink as FileDefinition } from "../language/index.ts";
import type { ChannelUse, LineChannel, LineChannels } from "./line-channel.ts";
import type { Sink, SinkItem, SinkStatus } from "./sink.ts";
import { isOver, waitUntil } from "./sink.ts";

/** Channels of results, and of late and refused records where they have one of their own. */
interface Places {
  lines: LineChannel;
  late: LineChannel | null;
  refused: LineChannel | null;
}

export class LineSink implements Sink {
  name: string;
  readonly lost = 0;
  private readonly lines: ReplayLines;
  private readonly channel: LineChannel;
  private readonly results: ChannelUse;
  private readonly late: ChannelUse | null;
  private readonly refused: ChannelUse | null;
  private readonly uses: ChannelUse[];

  private constructor(name: string, lines: ReplayLines, places: Places) {
    this.name = name;
    this.lines = lines;
    this.channel = places.lines;
    this.results = places.lines.join();
    this.late = places.late?.join() ?? null;
    this.refused = places.refused?.join() ?? null;
    this.uses = [this.results, this.late, this.refused].filter((use) => use !== null);
  }

  static file(
    { path, late, deadLetter }: FileDefinition,
    lines: ReplayLines,
    channels: LineChannels,
  ): LineSink {
    return new LineSink(`file ${path}`, lines, {
      lines: channels.file(path),
      late: late === null ? null : channels.file(late),
      refused: deadLetter === null ? null : channels.file(deadLetter),
    });
  }

  static stdout(lines: ReplayLines, channels: LineChannels): LineSink {
    return new LineSink("stdout", lines, { lines: channels.stdout(), late: null, refused: null });
  }

  get takesRefused(): boolean {
    return this.refused !== null;
  }

  get queuedBytes(): number {
    return this.uses.reduce((sum, use) => sum + use.queuedBytes, 0);
  }

  get delivered(): number {
    return this.uses.reduce((sum, use) => sum + use.delivered, 0);
  }

  /** Of the place of results; that of another one while it is not there. */
  get status(): SinkStatus {
    const away = this.uses.find(
      ({ status }) => status.state !== "connected" && status.state !== "connecting",
    );
    return away?.status ?? this.results.status;
  }

  /** Files of late and refused records are opened when there are some. */
  start(): void {
    this.channel.start();
  }

  write(item: SinkItem): void {
    const use =
      item.kind === "refused"
        ? this.refused
        : item.kind === "late"
          ? (this.late ?? this.results)
          : this.results;
    if (use === null) return;
    use.write(item, item.kind === "refused" ? refusedLine(item) : this.lines.line(item));
  }

  pending(): Output[] {
    return this.uses.flatMap((use) => use.pending());
  }

  drain(timeoutMs: number): Promise<boolean> {
    return waitUntil(() => this.queuedBytes === 0 || isOver(this), timeoutMs).then(
      (done) => done && this.queuedBytes === 0,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.uses.map((use) => use.close()));
  }
}
