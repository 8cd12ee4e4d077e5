// Where lines go: a file that is appended to, or a stream. Imports nothing.
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

/** `append` either takes all of the lines or throws and leaves nothing of it behind. */
export interface LineTarget {
  /** It may take lines again after an error; a stream that failed is gone for good. */
  readonly mayComeBack: boolean;
  append(lines: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export class FileTarget implements LineTarget {
  readonly mayComeBack = true;
  private readonly path: string;
  private file: FileHandle | null = null;

  constructor(path: string) {
    this.path = path;
  }

  async append(lines: Uint8Array): Promise<void> {
    if (this.file === null) {
      await mkdir(dirname(this.path), { recursive: true });
      this.file = await open(this.path, "a");
    }
    const { file } = this;
    const { size } = await file.stat();
    try {
      await file.appendFile(lines);
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

export class StreamTarget implements LineTarget {
  readonly mayComeBack = false;
  private readonly stream: NodeJS.WritableStream;

  constructor(stream: NodeJS.WritableStream) {
    this.stream = stream;
    // Errors come to the callbacks of writes.
    stream.on("error", () => {});
  }

  append(lines: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) =>
      this.stream.write(lines, (error) => (error ? reject(error) : resolve())),
    );
  }

  async close(): Promise<void> {}
}
