// What page and worker say to each other. Imports core types.
import type { Stats } from "../core/stream-protocol.ts";

/** The second engine against the gateway's: `paused` while it waits for a new snapshot. */
export type Equality = "waiting" | "yes" | "no" | "paused";

export interface ReadingPoint {
  key: string;
  timeMs: number;
  values: (number | null)[];
}

export interface ResultPoint {
  pipeline: number;
  key: string;
  endMs: number;
  values: (number | null)[];
  text: string;
}

export type ToPage =
  | { type: "plan"; sources: string[]; source: string; readings: string[]; pipelines: { name: string; outputs: string[] }[] }
  | { type: "stats"; stats: Stats }
  | { type: "equal"; equality: Equality; compared: number; difference: string }
  | { type: "data"; readings: ReadingPoint[]; results: ResultPoint[] }
  | { type: "closed" };

export type ToWorker = { type: "open"; source: string | null };
