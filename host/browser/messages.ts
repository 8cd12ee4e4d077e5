// What page and worker say to each other. The page asks (`look`) and gets one answer (`view`), so neither can flood
// the other, and a hidden page costs nothing. Imports core types.
import type { Stats } from "../core/stream-protocol.ts";

/** The second engine against the gateway's: `paused` while it waits for a new snapshot. */
export type Equality = "waiting" | "yes" | "no" | "paused";

/** What the page wants to see. */
export interface Look {
  /** Devices in the chart; none is all of them together. */
  chosen: string[];
  /** Part of a device's name, in any case. */
  filter: string;
  /** Place in Shape.readings. */
  reading: number;
  /** Place in Shape.pipelines, and in its outputs. */
  pipeline: number;
  output: number;
}

/** What a source has to show; sent when it begins or has changed. */
export interface Shape {
  sources: string[];
  source: string;
  /** Numeric fields of the readings. */
  readings: string[];
  /** Pipelines with their numeric outputs; `keyed` ones have a GROUP BY. */
  pipelines: { name: string; keyed: boolean; outputs: string[] }[];
}

export interface DeviceRow {
  name: string;
  value: number | null;
}

/** What is known of a device's stream besides its records, in words. */
export interface About {
  device: string;
  /** Its state, when it has said one. */
  state: string | null;
  ended: boolean;
  /** Name, parent, properties; parameters with name, unit, range and format. */
  facts: string[];
}

export interface ResultRow {
  key: string;
  endMs: number;
  values: (number | null)[];
}

/** Columns over shared times (s since 1970): readings are points, results are steps that end at their time. */
export interface ChartData {
  times: number[];
  columns: { label: string; kind: "reading" | "result" | "band"; values: (number | null)[] }[];
}

export interface View {
  type: "view";
  link: "connecting" | "open" | "closed";
  stats: Stats | null;
  /** A second, over the last few seconds. */
  rates: { received: number; results: number } | null;
  equality: Equality;
  compared: number;
  difference: string;
  /** What went wrong in the worker; empty when all is well. */
  error: string;
  devices: { known: number; matching: number; rows: DeviceRow[] };
  chart: ChartData;
  /** Of the chosen devices, those of whose streams something is known. */
  about: About[];
  results: ResultRow[];
}

export type ToPage = { type: "shape"; shape: Shape } | View;
export type ToWorker = { type: "open"; source: string | null } | { type: "look"; look: Look };
