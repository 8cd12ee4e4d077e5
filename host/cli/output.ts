// Writing much text to a stream: collected into large pieces, waiting while the reader is slow, and ending quietly
// when the reader is gone (`| head`). Imports core.
import { MillraceError } from "../core/errors.ts";

const PIECE_LENGTH = 65536;

export class LineWriter {
  private readonly stream: NodeJS.WritableStream;
  private text = "";
  private waiting: Promise<void> | null = null;
  private goOn: () => void = () => {};
  /** The reader closed its end. */
  closed = false;

  constructor(stream: NodeJS.WritableStream) {
    this.stream = stream;
    stream.on("drain", () => this.release());
    stream.on("close", () => this.release());
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") {
        throw new MillraceError("MR151", `cannot write the output: ${error.message}`, { cause: error });
      }
      this.closed = true;
      this.release();
    });
  }

  private release(): void {
    this.waiting = null;
    this.goOn();
  }

  write(line: string): void {
    this.text += `${line}\n`;
    if (this.text.length >= PIECE_LENGTH) this.flush();
  }

  /** Hands on what was collected, be it little. */
  flush(): void {
    if (this.text === "" || this.closed) return;
    const text = this.text;
    this.text = "";
    if (!this.stream.write(text)) this.waiting ??= new Promise((resolve) => (this.goOn = resolve));
  }

  /** The stream is to take what it has before it gets more. */
  get isFull(): boolean {
    return this.waiting !== null;
  }

  /** Resolves when the stream takes more. */
  async ready(): Promise<void> {
    await this.waiting;
  }

  /** Writes what is left, and resolves when the stream has taken it. */
  async end(): Promise<void> {
    this.flush();
    await this.waiting;
    if (this.closed) return;
    await new Promise<void>((resolve) => this.stream.write("", () => resolve()));
  }
}
