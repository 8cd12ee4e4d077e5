// Framings, obviously: collects bytes and cuts messages off their front. Imports the limits.
import { INPUT_BYTES } from "../../layout.ts";

export type Message =
  | { kind: "payload"; topic: Uint8Array | null; payload: Uint8Array }
  | { kind: "malformed" }
  | { kind: "oversized" };

export interface Framer {
  /** Whole messages that the bytes so far hold. */
  push(chunk: Uint8Array): Message[];
  /** End of a file: what is left over. */
  end(): Message[];
  state(): unknown;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

export class LineFramer implements Framer {
  private rest: Uint8Array = new Uint8Array(0);
  private atStart = true;
  private skipping = false;

  push(chunk: Uint8Array): Message[] {
    const messages: Message[] = [];
    let bytes = concat(this.rest, chunk);
    for (;;) {
      const newline = bytes.indexOf(10);
      if (newline < 0 || (!this.skipping && newline >= INPUT_BYTES)) {
        if (bytes.length < INPUT_BYTES || this.skipping) break;
        messages.push({ kind: "oversized" });
        this.skipping = true;
        continue;
      }
      if (this.skipping) this.skipping = false;
      else this.line(bytes.subarray(0, newline), messages);
      bytes = bytes.slice(newline + 1);
    }
    this.rest = this.skipping ? new Uint8Array(0) : bytes;
    return messages;
  }

  private line(bytes: Uint8Array, messages: Message[]): void {
    let line = bytes;
    if (this.atStart && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) line = line.subarray(3);
    this.atStart = false;
    if (line.at(-1) === 13) line = line.subarray(0, -1);
    if (line.every((byte) => byte === 32 || byte === 9)) return;
    messages.push({ kind: "payload", topic: null, payload: line.slice() });
  }

  end(): Message[] {
    const messages = this.rest.length > 0 || this.skipping ? this.push(new Uint8Array([10])) : [];
    this.atStart = true;
    return messages;
  }

  state(): unknown {
    return { rest: this.rest, atStart: this.atStart, skipping: this.skipping };
  }
}

export class MqttFramer implements Framer {
  private rest: Uint8Array = new Uint8Array(0);
  /** Bytes of an oversized packet to come; Infinity when nothing more is read before the connection ends. */
  private skip = 0;
  version: 4 | 5;

  constructor(version: 4 | 5) {
    this.version = version;
  }

  push(chunk: Uint8Array): Message[] {
    const messages: Message[] = [];
    let bytes = concat(this.rest, chunk);
    for (;;) {
      const skipped = Math.min(this.skip, bytes.length);
      this.skip -= skipped;
      bytes = bytes.slice(skipped);
      const length = remainingLength(bytes, 1);
      if (length === "short") break;
      if (length === "malformed") {
        messages.push({ kind: "malformed" });
        this.skip = Infinity;
        continue;
      }
      const total = length.next + length.value;
      if (total > INPUT_BYTES) {
        messages.push({ kind: "oversized" });
        this.skip = total;
        continue;
      }
      if (bytes.length < total) break;
      if (bytes[0]! >> 4 === 3) messages.push(this.publish(bytes.slice(0, total), length.next));
      bytes = bytes.slice(total);
    }
    this.rest = bytes;
    return messages;
  }

  private publish(packet: Uint8Array, at: number): Message {
    if (at + 2 > packet.length) return { kind: "malformed" };
    const topicEnd = at + 2 + packet[at]! * 256 + packet[at + 1]!;
    let next = topicEnd + ((packet[0]! & 6) !== 0 ? 2 : 0);
    if (next > packet.length || topicEnd === at + 2) return { kind: "malformed" };
    if (this.version === 5) {
      const properties = remainingLength(packet, next);
      if (typeof properties === "string") return { kind: "malformed" };
      next = properties.next + properties.value;
      if (next > packet.length) return { kind: "malformed" };
    }
    return { kind: "payload", topic: packet.slice(at + 2, topicEnd), payload: packet.slice(next) };
  }

  end(): Message[] {
    const messages: Message[] = this.rest.length > 0 ? [{ kind: "malformed" }] : [];
    this.rest = new Uint8Array(0);
    this.skip = 0;
    return messages;
  }

  state(): unknown {
    return { rest: this.rest, skip: this.skip };
  }
}

function remainingLength(
  bytes: Uint8Array,
  at: number,
): { value: number; next: number } | "short" | "malformed" {
  let value = 0;
  let factor = 1;
  for (let count = 0; count < 4; count++) {
    const byte = bytes[at + count];
    if (byte === undefined) return "short";
    value += (byte & 127) * factor;
    if (byte < 128) return { value, next: at + count + 1 };
    factor *= 128;
  }
  return "malformed";
}
