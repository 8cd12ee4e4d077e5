// The readings that all benchmarks use, made once: a plant of devices that report at a fixed rate, two values with two
// decimals each, in order. The same seed gives the same bytes in every form: frames, lines, columns.
import { encode } from "@msgpack/msgpack";
import { publishFrame } from "../../sensors-sim/payload.ts";
import { Random } from "../../sensors-sim/random.ts";

export interface Readings {
  count: number;
  devices: string[];
  /** Index in `devices`. */
  device: Uint32Array;
  timeMs: Float64Array;
  v: Float64Array;
  w: Float64Array;
}

export interface ReadingsOptions {
  count: number;
  devices: number;
  /** Time from one reading of a device to its next. */
  intervalMs: number;
}

/** What a socket and a file give at once. */
export const SOCKET_BYTES = 65_536;
export const FILE_BYTES = 262_144;

const BEGIN_MS = Date.UTC(2026, 0, 1);
const SEED = 7;

export function makeReadings({ count, devices, intervalMs }: ReadingsOptions): Readings {
  const random = new Random(SEED);
  const readings: Readings = {
    count,
    devices: Array.from({ length: devices }, (_, index) => `pump${String(index).padStart(4, "0")}`),
    device: new Uint32Array(count),
    timeMs: new Float64Array(count),
    v: new Float64Array(count),
    w: new Float64Array(count),
  };
  for (let index = 0; index < count; index++) {
    readings.device[index] = index % devices;
    readings.timeMs[index] = BEGIN_MS + Math.floor((index * intervalMs) / devices);
    readings.v[index] = Math.round(1500 + random.next() * 2000) / 100;
    readings.w[index] = Math.round(4000 + random.next() * 4000) / 100;
  }
  return readings;
}

/** The same readings with pauses: after each `length` readings a device is silent for `pauseMs`. */
export function withPauses(readings: Readings, length: number, pauseMs: number): Readings {
  const seen = new Uint32Array(readings.devices.length);
  const timeMs = readings.timeMs.map(
    (time, index) => time + Math.floor(seen[readings.device[index]!]!++ / length) * pauseMs,
  );
  return { ...readings, timeMs };
}

/** The same readings, `share` of them sent up to `laterMs` after their time. */
export function outOfOrder(readings: Readings, share: number, laterMs: number): Readings {
  const random = new Random(SEED);
  const sentMs = readings.timeMs.map((time) => time + (random.next() < share ? random.next() * laterMs : 0));
  const order = Uint32Array.from(sentMs.keys()).sort((a, b) => sentMs[a]! - sentMs[b]! || a - b);
  return {
    ...readings,
    device: readings.device.map((_, index) => readings.device[order[index]!]!),
    timeMs: readings.timeMs.map((_, index) => readings.timeMs[order[index]!]!),
    v: readings.v.map((_, index) => readings.v[order[index]!]!),
    w: readings.w.map((_, index) => readings.w[order[index]!]!),
  };
}

/** MQTT PUBLISH frames on `plant/DEVICE/reading`, one reading each. */
export function framesOf(readings: Readings, format: "json" | "msgpack"): Buffer {
  return join(readings, (index, device) => {
    const reading = { t: readings.timeMs[index]!, v: readings.v[index]!, w: readings.w[index]! };
    const payload = format === "json" ? Buffer.from(JSON.stringify(reading)) : Buffer.from(encode(reading));
    return publishFrame(`plant/${device}/reading`, payload);
  });
}

/** NDJSON of 60 bytes a line. */
export function linesOf(readings: Readings): Buffer {
  return join(readings, (index, device) =>
    Buffer.from(
      `{"device":"${device}","t":${readings.timeMs[index]},"v":${readings.v[index]},"w":${readings.w[index]}}\n`,
    ),
  );
}

export const CSV_NAMES = ["device", "t", "v", "w"];

/** CSV without its header row. */
export function csvOf(readings: Readings): Buffer {
  return join(readings, (index, device) =>
    Buffer.from(`${device},${readings.timeMs[index]},${readings.v[index]},${readings.w[index]}\n`),
  );
}

function join(readings: Readings, piece: (index: number, device: string) => Buffer): Buffer {
  return Buffer.concat(
    Array.from({ length: readings.count }, (_, index) =>
      piece(index, readings.devices[readings.device[index]!]!),
    ),
  );
}

/** Cuts bytes into chunks as a socket or a file gives them, anywhere. */
export function chunksOf(bytes: Buffer, chunkBytes: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
}
