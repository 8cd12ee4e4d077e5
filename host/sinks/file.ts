// Sinks `file` and `stdout`: replay lines, appended. Late and refused records go to files of their own when the
// definition names them. A file that cannot be written (a full disk) is tried again, with what waits in order; a line
// that was cut is taken back first. A closed stdout ends the gateway, quietly. Imports encoders, core.
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { backoffMs } from "../core/backoff.ts";
import type { Output } from "../core/engine.ts";
import { refusedLine } from "../encoders/refused-line.ts";
import type { ReplayLines } from "../encoders/replay-line.ts";
import type { FileSink as FileDefinition } from "../language/index.ts";
import type { Sink, SinkItem, SinkStatus } from "./sink.ts";
import { atMost, Bell, isOver, Queue, waitUntil } from "./sink.ts";

const BATCH_ITEMS_MAX = 4096;
const BATCH_BYTES_MAX = 256 * 1024;
const IDLE_MS = 60_000;
const CLOSE_MS = 2000;

/** Where lines go. `append` either takes all of the text or throws and leaves nothing of it behind. */
interface LineTarget {
  append(text: string): Promise<void>;
  close(): Promise<void>;
}

class FileTarget implements LineTarget {
  private readonly path: string;
  private file: FileHandle | null = null;

  constructor(path: string) {
    this.path = path;
  }

  async append(text: string): Promise<void> {
    if (this.file === null) {
      await mkdir(dirname(this.path), { recursive: true });
      this.file = await open(this.path, "a");
    }
    const { file } = this;
    const { size } = await file.stat();
    try {
      await file.appendFile(text);
    } catch (error) {
      this.file = null;
      await file.truncate(size).catch(() => {});
      await file.close().catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.file === null) return;
    await this.file.sync();
    await this.file.close();
  }
}

class StreamTarget implements LineTarget {
  private readonly stream: NodeJS.WritableStream;

  constructor(stream: NodeJS.WritableStream) {
    this.stream = stream;
    // Errors come to the callbacks of writes.
    stream.on("error", () => {});
  }

  append(text: string): Promise<void> {
    return new Promise((resolve, reject) =>
      this.stream.write(text, (error) => (error ? reject(error) : resolve())),
    );
  }

  async close(): Promise<void> {}
}

type Kind = "lines" | "late" | "refused";

export class LineSink implements Sink {
  name: string;
  status: SinkStatus = { state: "connecting", detail: "not open yet" };
  delivered = 0;
  readonly lost = 0;
  private readonly lines: ReplayLines;
  private readonly targets: Partial<Record<Kind, LineTarget>>;
  /** A stream that failed is gone for good; a file may be written again. */
  private readonly mayComeBack: boolean;
  private readonly queue = new Queue<{ kind: Kind; text: string }>();
  private readonly bell = new Bell();
  private readonly stopBell = new Bell();
  private running: Promise<void> | null = null;
  private closing = false;

  private constructor(
    name: string,
    lines: ReplayLines,
    targets: Partial<Record<Kind, LineTarget>>,
    mayComeBack: boolean,
  ) {
    this.name = name;
    this.lines = lines;
    this.targets = targets;
    this.mayComeBack = mayComeBack;
  }

  static file({ path, late, deadLetter }: FileDefinition, lines: ReplayLines): LineSink {
    const targets: Partial<Record<Kind, LineTarget>> = { lines: new FileTarget(path) };
    if (late !== null) targets.late = new FileTarget(late);
    if (deadLetter !== null) targets.refused = new FileTarget(deadLetter);
    return new LineSink(`file ${path}`, lines, targets, true);
  }

  static stdout(stream: NodeJS.WritableStream, lines: ReplayLines): LineSink {
    return new LineSink("stdout", lines, { lines: new StreamTarget(stream) }, false);
  }

  get takesRefused(): boolean {
    return this.targets.refused !== undefined;
  }

  get queuedBytes(): number {
    return this.queue.bytes;
  }

  start(): void {
    this.running = this.loop();
  }

  write(item: SinkItem): void {
    const kind: Kind =
      item.kind === "refused" ? "refused" : item.kind === "late" && this.targets.late ? "late" : "lines";
    const text = item.kind === "refused" ? refusedLine(item) : this.lines.line(item);
    this.queue.push({ item, encoded: { kind, text: `${text}\n` }, bytes: text.length + 64 });
    this.bell.ring();
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.closing) {
      try {
        const batch = this.queue.peek(BATCH_ITEMS_MAX, BATCH_BYTES_MAX).map(({ encoded }) => encoded);
        // An empty text opens the file: a path that cannot be written shows at the start.
        if (batch.length > 0) await this.append(batch);
        else if (this.status.state !== "connected") await this.targets.lines!.append("");
        this.status = { state: "connected", detail: "open" };
        failures = 0;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        const state = this.mayComeBack ? "away" : code === "EPIPE" ? "ended" : "failed";
        this.status = { state, detail: message };
        if (!this.mayComeBack) return;
        await this.stopBell.wait(backoffMs(this.name, failures++));
        continue;
      }
      if (this.queue.length === 0 && !this.closing) await this.bell.wait(IDLE_MS);
    }
  }

  /** Writes lines, those of one target in one piece; what is written leaves the queue. */
  private async append(batch: { kind: Kind; text: string }[]): Promise<void> {
    let from = 0;
    while (from < batch.length) {
      const { kind } = batch[from]!;
      let end = from;
      let text = "";
      while (end < batch.length && batch[end]!.kind === kind) text += batch[end++]!.text;
      await this.targets[kind]!.append(text);
      this.delivered += this.queue.drop(end - from);
      from = end;
    }
  }

  pending(): Output[] {
    return this.queue.outputs();
  }

  drain(timeoutMs: number): Promise<boolean> {
    return waitUntil(() => this.queue.length === 0 || isOver(this), timeoutMs).then(
      (done) => done && this.queue.length === 0,
    );
  }

  async close(): Promise<void> {
    this.closing = true;
    this.bell.ring();
    this.stopBell.ring();
    await atMost(this.running, CLOSE_MS);
    for (const target of Object.values(this.targets)) await target.close().catch(() => {});
  }
}
