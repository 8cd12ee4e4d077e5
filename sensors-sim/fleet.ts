// A fleet of simulated devices: the k-th reading of the fleet, at its intended time, and what faults make of it.
// Pure: time and chance come in; the same seed gives the same messages. Imports random, signal.
import { Random } from "./random.ts";
import type { Signal } from "./signal.ts";

export const FAULTS = ["late", "duplicate", "outOfOrder", "skewed", "silent", "burst", "malformed"] as const;
export type Fault = (typeof FAULTS)[number];

export interface FleetOptions {
  devices: number;
  sites: number;
  /** Makers of each parameter's signal. */
  signals: Map<string, () => Signal>;
  /** Shares in [0, 1]: of readings, or of devices for `skewed` and `silent`. */
  faults: Partial<Record<Fault, number>>;
  seed: number;
}

export interface Reading {
  device: number;
  /** Event time as the device says it, in ms. */
  timeMs: number;
  values: Record<string, number>;
  /** One at most: a count of each fault then says exactly what was sent. */
  fault: Fault | null;
}

/** Drawn for each reading in this order; a skewed device has no other fault. */
const READING_FAULTS = ["malformed", "late", "duplicate", "burst", "outOfOrder"] as const;

const LATE_MS = 30_000;
const SKEW_MS = 3_600_000;
const SILENCE_S = 20;
const BURST_READINGS = 10;

interface Device {
  signals: [string, Signal][];
  skewed: boolean;
  silent: boolean;
  /** Readings held back: by a burst, or to come after the next one. */
  held: Reading[];
  burst: number;
}

export class Fleet {
  private readonly options: FleetOptions;
  private readonly random: Random;
  private readonly devices: Device[];
  /** Readings that silent devices did not send. */
  silenced = 0;

  constructor(options: FleetOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    const { skewed = 0, silent = 0 } = options.faults;
    this.devices = Array.from({ length: options.devices }, (_, index) => ({
      signals: [...options.signals].map(([name, make]): [string, Signal] => [name, make()]),
      // Devices, not readings: the first ones of the fleet, so that a share is exact.
      skewed: index < Math.round(skewed * options.devices),
      silent: index >= options.devices - Math.round(silent * options.devices),
      held: [],
      burst: 0,
    }));
  }

  /** Readings that go out at the fleet's k-th moment: none, one, or several. */
  at(k: number, seconds: number, timeMs: number): Reading[] {
    const index = k % this.devices.length;
    const device = this.devices[index]!;
    const values = Object.fromEntries(
      device.signals.map(([name, signal]) => [name, round(signal(seconds, this.random))]),
    );
    const reading: Reading = { device: index, timeMs, values, fault: null };
    if (device.silent && Math.floor(seconds / SILENCE_S) % 2 === 1) {
      this.silenced++;
      return [];
    }
    if (device.skewed) return [{ ...reading, timeMs: timeMs + SKEW_MS, fault: "skewed" }];
    if (device.burst > 0) {
      device.held.push({ ...reading, fault: "burst" });
      device.burst--;
      return device.burst === 0 ? device.held.splice(0) : [];
    }
    // What overtakes a held reading is sound itself: the held one then is out of order for certain.
    if (device.held.length > 0) return [reading, ...device.held.splice(0)];
    const fault = READING_FAULTS.find((name) => this.random.chance(this.options.faults[name] ?? 0));
    if (fault === undefined) return [reading];
    const faulty = { ...reading, fault };
    if (fault === "malformed") return [faulty];
    if (fault === "late") return [{ ...faulty, timeMs: timeMs - LATE_MS }];
    if (fault === "duplicate") return [reading, faulty];
    device.held = [faulty];
    if (fault === "burst") device.burst = BURST_READINGS - 1;
    return [];
  }

  /** What is still held back at the end of a run. A single reading is neither out of order nor a burst. */
  rest(): Reading[] {
    return this.devices.flatMap((device) => {
      const held = device.held.splice(0);
      return held.length === 1 ? [{ ...held[0]!, fault: null }] : held;
    });
  }
}

/** Sensors report few digits. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
