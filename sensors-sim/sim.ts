// The simulator: a fleet or real series over MQTT, open loop: every message has its intended moment, fixed before
// the run; a slow broker makes the simulator say so, never send later than it must. Imports its parts.
import type { IClientOptions } from "mqtt";
import { Connection } from "./connection.ts";
import type { FleetOptions, Reading } from "./fleet.ts";
import { Fleet } from "./fleet.ts";
import type { PayloadFormat } from "./payload.ts";
import { encodePayload } from "./payload.ts";
import type { SimReport } from "./report.ts";
import { countMessage, countUnsent, emptyReport } from "./report.ts";
import type { SeriesReading } from "./series.ts";
import { paceOf } from "./series.ts";

export interface Publishing {
  url: string;
  /** `sensors/{site}/{device}/telemetry` */
  topic: string;
  qos: 0 | 1;
  format: PayloadFormat;
  timeField: string;
  connections: number;
  client: IClientOptions;
  signal: AbortSignal;
  nowMs(): number;
}

export interface FleetRun extends FleetOptions {
  /** Records a second of the whole fleet. */
  rateHz: number;
  /** Records in one message. */
  batch: number;
  /** Infinity: until stopped. */
  seconds: number;
}

const STEP_MS = 10;

async function openAll({ url, qos, connections, client }: Publishing): Promise<Connection[]> {
  return Promise.all(Array.from({ length: connections }, () => Connection.open(url, qos, client)));
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Topic of a device: `{site}` is the site, other names in braces are the device. */
function topicOf(template: string, site: string, device: string): string {
  return template.replace(/\{([^}]*)\}/g, (_, name: string) => (name === "site" ? site : device));
}

async function closeAll(connections: Connection[], report: SimReport): Promise<void> {
  const unconfirmed = await Promise.all(connections.map((connection) => connection.close()));
  report.unconfirmed = unconfirmed.reduce((sum, count) => sum + count, 0);
}

/**
 * Sends what a fleet reads until its time is over or the signal says stop; resolves with what was sent. The format
 * `value` holds one value: one parameter, and a batch of 1.
 */
export async function runFleet(run: FleetRun, publishing: Publishing): Promise<SimReport> {
  const fleet = new Fleet(run);
  const connections = await openAll(publishing);
  const report = emptyReport();
  const topics = Array.from({ length: run.devices }, (_, device) =>
    topicOf(publishing.topic, `site${device % run.sites}`, `device${device}`),
  );
  const waiting: Reading[][] = topics.map(() => []);
  const begunMs = publishing.nowMs();
  const total = run.seconds === Infinity ? Infinity : Math.round(run.rateHz * run.seconds);
  const send = (device: number, readings: Reading[]): void => {
    const payload = encodePayload(readings, publishing.format, publishing.timeField);
    if (connections[device % connections.length]!.publish(topics[device]!, payload))
      countMessage(report, readings);
    else countUnsent(report, readings);
  };
  const take = (reading: Reading): void => {
    const batch = waiting[reading.device]!;
    // A malformed message carries nothing else.
    if (reading.fault === "malformed") return send(reading.device, [reading]);
    batch.push(reading);
    if (batch.length >= run.batch) send(reading.device, batch.splice(0));
  };
  let k = 0;
  while (k < total && !publishing.signal.aborted) {
    const elapsedMs = publishing.nowMs() - begunMs;
    const due = Math.min(total, Math.floor((elapsedMs / 1000) * run.rateHz) + 1);
    if (k < due) report.lagMaxMs = Math.max(report.lagMaxMs, elapsedMs - (k / run.rateHz) * 1000);
    for (; k < due; k++) {
      const seconds = k / run.rateHz;
      for (const reading of fleet.at(k, seconds, Math.round(begunMs + seconds * 1000))) take(reading);
    }
    for (const connection of connections) connection.flush();
    await sleep(STEP_MS);
  }
  for (const reading of fleet.rest()) take(reading);
  waiting.forEach((batch, device) => {
    if (batch.length > 0) send(device, batch.splice(0));
  });
  await closeAll(connections, report);
  report.readings = k;
  report.faults.silent = fleet.silenced;
  report.seconds = (publishing.nowMs() - begunMs) / 1000;
  return report;
}

export interface SeriesRun {
  /** Name of the one device. */
  device: string;
  parameter: string;
  series: SeriesReading[];
  /** How many times as fast as its own time. */
  speed: number;
}

/** Replays a real series with its original times, faster. */
export async function runSeries(run: SeriesRun, publishing: Publishing): Promise<SimReport> {
  const [connection] = (await openAll({ ...publishing, connections: 1 })) as [Connection];
  const report = emptyReport();
  const { series } = run;
  const pace = paceOf(series, run.speed);
  const topic = topicOf(publishing.topic, "real", run.device);
  const begunMs = publishing.nowMs();
  let next = 0;
  while (next < series.length && !publishing.signal.aborted) {
    const elapsedMs = publishing.nowMs() - begunMs;
    for (; next < series.length && pace[next]! <= elapsedMs; next++) {
      const { timeMs, value } = series[next]!;
      const reading: Reading = { device: 0, timeMs, values: { [run.parameter]: value }, fault: null };
      report.lagMaxMs = Math.max(report.lagMaxMs, elapsedMs - pace[next]!);
      if (!connection.publish(topic, encodePayload([reading], publishing.format, publishing.timeField))) {
        countUnsent(report, [reading]);
        continue;
      }
      countMessage(report, [reading]);
    }
    connection.flush();
    await sleep(STEP_MS);
  }
  await closeAll([connection], report);
  report.readings = next;
  report.seconds = (publishing.nowMs() - begunMs) / 1000;
  return report;
}
