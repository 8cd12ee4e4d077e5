// Where messages end in a stream of chunks: what a recording that begins in the middle of one has to pass over. Looks
// at nothing but newlines, or the length of each MQTT packet. Source: OASIS MQTT 3.1.1 §2.2. Imports types of core.
import type { Framing } from "../core/plan/plan.ts";

export class MessageBoundary {
  private readonly framing: Framing;
  /** Bytes of an MQTT packet that are still to come; -1: a line is not at its end. */
  private left = 0;

  constructor(framing: Framing) {
    this.framing = framing;
  }

  /** What is missing of the last message: a number of bytes, -1 for a line's end, 0 for nothing. */
  get skip(): number {
    return this.left;
  }

  /** A new connection or file: what was cut off is void. */
  reset(): void {
    this.left = 0;
  }

  take(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.framing === "lines") {
      this.left = chunk.at(-1) === 10 ? 0 : -1;
      return;
    }
    let at = this.left;
    while (at < chunk.length) at = packetEnd(chunk, at);
    this.left = at - chunk.length;
  }
}

/** Where the packet ends that begins at a place; the source cuts packets behind their length only. */
function packetEnd(chunk: Uint8Array, begin: number): number {
  let length = 0;
  let at = begin + 1;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = chunk[at++];
    if (byte === undefined) break;
    length += (byte & 127) << shift;
    if (byte < 128) return at + length;
  }
  // No length at all: nothing behind it is read until the next connection.
  return chunk.length;
}
