// What a source is: it moves chunks of bytes in a known framing to a handler, stops when asked to wait, and says
// how it is doing. It never looks into a message. Imports nothing.

export interface SourceStatus {
  state: "connecting" | "connected" | "ended" | "failed";
  /** In words, for /ready and the log. */
  detail: string;
}

export interface SourceHandler {
  /** Takes a chunk of whole or cut messages; it is borrowed until the call returns. */
  onChunk(chunk: Uint8Array): void;
  /** Protocol of the frames that follow, at the start of a connection; a cut frame of an earlier one is void. */
  onConnection(mqttVersion: 4 | 5): void;
  onHeader(names: string[]): void;
  onStatus(status: SourceStatus): void;
  /** The input is at its end, or cannot go on. */
  onEnd(error: Error | null): void;
}

export interface Source {
  start(): void;
  /** Stops reading until resume; what was read already still comes. */
  pause(): void;
  resume(): void;
  /** Ends the connection; resolves when nothing more will come. */
  stop(): Promise<void>;
}
