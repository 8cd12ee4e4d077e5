// What a run sent, so that totals on the other side can be checked. Imports fleet's types.
import type { Fault, Reading } from "./fleet.ts";
import { FAULTS } from "./fleet.ts";

export interface ParameterTotals {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** readings = records − duplicates + malformed + silent + unsent. */
export interface SimReport {
  /** Readings that the schedule had, up to the end of the run. */
  readings: number;
  /** Messages handed to the broker. */
  messages: number;
  /** Records in them, malformed messages apart. */
  records: number;
  /** Readings sent with each fault; of `silent` those that were not sent because of it. */
  faults: Record<Fault, number>;
  parameters: Record<string, ParameterTotals>;
  /** Readings whose message the connection could not take in time: they were not sent. */
  unsent: number;
  /** Messages of QoS 1 that the broker had not confirmed when the run ended. */
  unconfirmed: number;
  seconds: number;
  /** Largest delay of a message behind its intended time, in ms. */
  lagMaxMs: number;
}

export function emptyReport(): SimReport {
  const faults = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  return {
    readings: 0,
    messages: 0,
    records: 0,
    faults,
    parameters: {},
    unsent: 0,
    unconfirmed: 0,
    seconds: 0,
    lagMaxMs: 0,
  };
}

/** Counts the readings of one message that was not sent; a duplicate is no reading of its own. */
export function countUnsent(report: SimReport, readings: Reading[]): void {
  report.unsent += readings.filter((reading) => reading.fault !== "duplicate").length;
}

/** Counts the readings of one message that was sent. */
export function countMessage(report: SimReport, readings: Reading[]): void {
  report.messages++;
  const malformed = readings.some((reading) => reading.fault === "malformed");
  for (const reading of readings) {
    if (reading.fault !== null) report.faults[reading.fault]++;
    if (malformed) continue;
    report.records++;
    for (const [name, value] of Object.entries(reading.values)) {
      const totals = (report.parameters[name] ??= { count: 0, sum: 0, min: Infinity, max: -Infinity });
      totals.count++;
      totals.sum += value;
      totals.min = Math.min(totals.min, value);
      totals.max = Math.max(totals.max, value);
    }
  }
}

/** The report in words. */
export function describeReport(report: SimReport): string {
  const faults = Object.entries(report.faults).filter(([, count]) => count > 0);
  const lines = [
    `sent ${report.messages} messages with ${report.records} records in ${report.seconds.toFixed(1)} s (${Math.round(report.messages / Math.max(report.seconds, 0.001))} messages/s)`,
  ];
  if (faults.length > 0)
    lines.push(`faults: ${faults.map(([name, count]) => `${count} ${name}`).join(", ")}`);
  for (const [name, { count, sum, min, max }] of Object.entries(report.parameters)) {
    lines.push(`${name}: ${count} values, sum ${sum}, min ${min}, max ${max}`);
  }
  if (report.unsent > 0)
    lines.push(`${report.unsent} readings were not sent: the broker did not take them in time`);
  if (report.unconfirmed > 0) lines.push(`${report.unconfirmed} messages were not confirmed by the broker`);
  lines.push(`largest lag behind the schedule: ${report.lagMaxMs.toFixed(1)} ms`);
  return lines.join("\n");
}
