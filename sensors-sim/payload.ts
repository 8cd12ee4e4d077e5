// Readings to payloads: JSON, MessagePack, CSV or a bare value; one record or an array of them.
// Imports the encoder of MessagePack.
import { encode } from "@msgpack/msgpack";
import type { Reading } from "./fleet.ts";

export const FORMATS = ["json", "msgpack", "csv", "value"] as const;
export type PayloadFormat = (typeof FORMATS)[number];

/** What a malformed message is, in each format. */
const BROKEN = Buffer.from('{"t":17,,"broken"');

export function encodePayload(readings: Reading[], format: PayloadFormat, timeField: string): Buffer {
  if (readings.some((reading) => reading.fault === "malformed")) return BROKEN;
  if (format === "value") return Buffer.from(String(Object.values(readings[0]!.values)[0]));
  if (format === "csv") {
    const lines = readings.map((reading) => [reading.timeMs, ...Object.values(reading.values)].join(","));
    return Buffer.from(lines.join("\n"));
  }
  const records = readings.map((reading) => ({ [timeField]: reading.timeMs, ...reading.values }));
  const body = records.length === 1 ? records[0]! : records;
  return format === "json" ? Buffer.from(JSON.stringify(body)) : Buffer.from(encode(body));
}

/** A QoS 0 PUBLISH frame of MQTT 3.1.1. */
export function publishFrame(topic: string, payload: Buffer): Buffer {
  const topicBytes = Buffer.from(topic);
  let remaining = 2 + topicBytes.length + payload.length;
  const head = [0x30];
  do {
    const digit = remaining & 127;
    remaining >>= 7;
    head.push(remaining > 0 ? digit | 128 : digit);
  } while (remaining > 0);
  return Buffer.concat([
    Buffer.from(head),
    Buffer.from([topicBytes.length >> 8, topicBytes.length & 255]),
    topicBytes,
    payload,
  ]);
}
