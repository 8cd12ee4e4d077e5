// What the gateway and the live page say to each other over the WebSocket: binary messages, first byte the kind,
// then a sequence number (u32) that counts what entered the engine since the stream began. Portable: imports types.

/** JSON text: hello, and numbers every half second. */
export const MESSAGE_TEXT = 0;
/** A snapshot of the running engine; everything after it has a larger sequence number. */
export const MESSAGE_SNAPSHOT = 1;
export const MESSAGE_CHUNK = 2;
/** i64 ns. */
export const MESSAGE_TICK = 3;
/** Replay lines of the outputs since the last such message, joined by newlines. */
export const MESSAGE_OUTPUTS = 4;
/** A bounded input is at its end: every open window comes out. */
export const MESSAGE_FLUSH = 5;

const HEAD_BYTES = 5;

export interface StreamMessage {
  kind: number;
  sequence: number;
  body: Uint8Array;
}

export function encodeMessage(kind: number, sequence: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(HEAD_BYTES + body.length);
  message[0] = kind;
  new DataView(message.buffer).setUint32(1, sequence >>> 0, true);
  message.set(body, HEAD_BYTES);
  return message;
}

export function decodeMessage(bytes: Uint8Array): StreamMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { kind: view.getUint8(0), sequence: view.getUint32(1, true), body: bytes.subarray(HEAD_BYTES) };
}

/** What the gateway says first. */
export interface Hello {
  type: "hello";
  sources: string[];
  source: string;
  /** The plan as JSON text; instants and lengths as { "ns": "…" }. */
  plan: string;
  mqttVersion: 4 | 5;
  /** Column names of a CSV file, once they are read. */
  csvHeader: string[] | null;
}

/** Twice a second. */
export interface Stats {
  type: "stats";
  received: number;
  accepted: number;
  refused: number;
  late: number;
  results: number;
  keys: number;
  /** How far the watermark is behind the gateway's clock, in ms; null before the first record. */
  watermarkDelayMs: number | null;
  waiting: boolean;
  notReady: string[];
}

/** Plans hold bigints: JSON with them as { ns: text }. */
export const bigintToJson = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? { ns: `${value}` } : value;
export const bigintFromJson = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && "ns" in value ? BigInt(value.ns as string) : value;
