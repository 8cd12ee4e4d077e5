// Recordings made by hand for tests. A message is a QoS 0 PUBLISH packet of MQTT 3.1.1.
import {
  type BeginEntry,
  ENTRY_BEGIN,
  ENTRY_CHUNK,
  ENTRY_CONNECTION,
  ENTRY_END,
  ENTRY_STATE,
  ENTRY_TICK,
} from "../../store/recording-format.ts";
import { RecordingWriter } from "../../store/recording-writer.ts";

export const BEGIN: BeginEntry = {
  source: "plant",
  framing: "mqtt",
  format: "json",
  mqttVersion: 4,
  csvHeader: null,
  build: null,
  atMs: 1000,
  state: "empty",
  stateBytes: 0,
  stateHash: null,
  skip: 0,
};

export function publish(topic: string, payload: string): Uint8Array {
  const name = Buffer.from(topic);
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 255]),
    name,
    Buffer.from(payload),
  ]);
  if (body.length > 127) throw new Error("a test's message is short");
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

export function tickBytes(ms: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(ms) * 1_000_000n);
  return bytes;
}

/** One thing that enters the engine; `flush` writes the block so far. */
export type Part =
  | { tick: number }
  | { chunk: Uint8Array }
  | { begin: BeginEntry }
  | { state: Uint8Array }
  | "connection"
  | "flush"
  | "end";

/** Writes a recording of one run, or of those that `begin` begins. */
export function writeRecording(path: string, parts: Part[], first: Partial<BeginEntry> = {}): void {
  const writer = new RecordingWriter(path, null);
  writer.appendJson(ENTRY_BEGIN, { ...BEGIN, ...first });
  for (const part of parts) {
    if (part === "flush") writer.flush();
    else if (part === "connection") writer.append(ENTRY_CONNECTION, new Uint8Array([4]));
    else if (part === "end") writer.appendJson(ENTRY_END, { stateHash: null });
    else if ("tick" in part) writer.append(ENTRY_TICK, tickBytes(part.tick));
    else if ("begin" in part) writer.appendJson(ENTRY_BEGIN, part.begin);
    else if ("state" in part) writer.append(ENTRY_STATE, part.state);
    else writer.appendLong(ENTRY_CHUNK, part.chunk);
  }
  writer.close();
}
