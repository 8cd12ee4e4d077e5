// What a plain program decodes with: mqtt-packet for frames, @msgpack/msgpack or JSON.parse for payloads, a split at
// line ends and commas for files.
import { StringDecoder } from "node:string_decoder";
import { decode } from "@msgpack/msgpack";
import { type IPublishPacket, parser } from "mqtt-packet";

export interface Reading {
  t: number;
  v: number;
  w: number;
}

/** Device of a topic `plant/DEVICE/reading`. */
export const deviceOf = (topic: string): string => topic.slice(6, topic.indexOf("/", 6));

/** Takes readings of MQTT frames, cut anywhere. */
export function readFrames(
  chunks: Buffer[],
  format: "json" | "msgpack",
  take: (device: string, reading: Reading) => void,
): void {
  const packets = parser({ protocolVersion: 4 });
  packets.on("packet", (packet) => {
    const { topic, payload } = packet as IPublishPacket;
    const reading = format === "json" ? JSON.parse(payload.toString()) : decode(payload as Buffer);
    take(deviceOf(topic), reading as Reading);
  });
  for (const chunk of chunks) packets.parse(chunk);
}

/** Cuts chunks, which end anywhere, into lines; the last line ends with a line end. */
export class LineReader {
  private readonly decoder = new StringDecoder("utf8");
  private readonly take: (line: string) => void;
  private rest = "";

  constructor(take: (line: string) => void) {
    this.take = take;
  }

  push(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split("\n");
    this.rest = lines.pop()!;
    for (const line of lines) this.take(line);
  }
}

/** Takes the lines of all chunks. */
export function readLines(chunks: Buffer[], take: (line: string) => void): void {
  const lines = new LineReader(take);
  for (const chunk of chunks) lines.push(chunk);
}
