// What a source is: it moves chunks of bytes in a known framing to a handler, stops when asked to wait, and says
// how it is doing. It never looks into a message. Imports nothing.

export interface SourceStatus {
  /** `away`: an attempt to connect failed, or the connection was lost; it is tried again. */
  state: "connecting" | "connected" | "away" | "ended" | "failed";
  /** In words, for /ready and the log. */
  detail: string;
}

export interface SourceHandler {
  /** Takes a chunk of whole or cut messages; nobody writes to it any more. */
  onChunk(chunk: Uint8Array): void;
  /** Protocol of the frames that follow, at the start of a connection; a cut frame of an earlier one is void. */
  onConnection(mqttVersion: 4 | 5): void;
  onHeader(names: string[]): void;
  onStatus(status: SourceStatus): void;
  /** The input is at its end, or cannot go on. */
  onEnd(error: Error | null): void;
}

/** What a source counted since it was made. */
export interface SourceCounters {
  /** Bytes handed on. */
  bytes: number;
  /** Connections that were accepted. */
  connections: number;
  /** Reconnects at which the broker had forgotten the session, and with it what it had queued. */
  sessionsLost: number;
}

export interface Source {
  readonly counters: SourceCounters;
  /** Where to go on after a restart: bytes of a bounded input that were handed on; 0 for a connection. */
  readonly positionBytes: number;
  /** `positionBytes` of an earlier run; 0 is the beginning. */
  start(positionBytes: number): void;
  /** Stops reading until resume; what was read already still comes. */
  pause(): void;
  resume(): void;
  /** Ends the connection; resolves when nothing more will come. */
  stop(): Promise<void>;
}
