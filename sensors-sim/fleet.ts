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
  fault: Fault | null;
}

const LATE_MS = 30_000;
const SKEW_MS = 3_600_000;
const SILENCE_S = 20;
const BURST_READINGS = 10;

interface Device {
  signals: [string, Signal][];
  skewMs: number;
  silent: boolean;
  /** Readings held back: by a burst, or to come after the next one. */
  held: Reading[];
  burst: number;
}

export class Fleet {
  private readonly options: FleetOptions;
  private readonly random: Random;
  private readonly devices: Device[];

  constructor(options: FleetOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    const { skewed = 0, silent = 0 } = options.faults;
    this.devices = Array.from({ length: options.devices }, (_, index) => ({
      signals: [...options.signals].map(([name, make]): [string, Signal] => [name, make()]),
      // Devices, not readings: the first ones of the fleet, so that a share is exact.
      skewMs: index < Math.round(skewed * options.devices) ? SKEW_MS : 0,
      silent: index >= options.devices - Math.round(silent * options.devices),
      held: [],
      burst: 0,
    }));
  }

  /** Readings that go out at the fleet's k-th moment: none, one, or several. */
  at(k: number, seconds: number, timeMs: number): Reading[] {
    const index = k % this.devices.length;
    const device = this.devices[index]!;
    const values = Object.fromEntries(device.signals.map(([name, signal]) => [name, round(signal(seconds, this.random))]));
    const reading: Reading = { device: index, timeMs: timeMs + device.skewMs, values, fault: device.skewMs === 0 ? null : "skewed" };
    if (device.silent && Math.floor(seconds / SILENCE_S) % 2 === 1) return [];
    const { faults } = this.options;
    if (device.burst > 0) {
      device.held.push({ ...reading, fault: "burst" });
      device.burst--;
      return device.burst === 0 ? device.held.splice(0) : [];
    }
    const before = device.held.splice(0);
    if (this.random.chance(faults.malformed ?? 0)) return [...before, { ...reading, fault: "malformed" }];
    if (this.random.chance(faults.late ?? 0)) return [...before, { ...reading, timeMs: reading.timeMs - LATE_MS, fault: "late" }];
    if (this.random.chance(faults.duplicate ?? 0)) return [...before, reading, { ...reading, fault: "duplicate" }];
    if (this.random.chance(faults.burst ?? 0)) {
      device.burst = BURST_READINGS - 1;
      device.held = [{ ...reading, fault: "burst" }];
      return before;
    }
    if (this.random.chance(faults.outOfOrder ?? 0)) {
      device.held = [{ ...reading, fault: "outOfOrder" }];
      return before;
    }
    return [reading, ...before];
  }

  /** What is still held back, at the end of a run. */
  rest(): Reading[] {
    return this.devices.flatMap((device) => device.held.splice(0));
  }
}

/** Sensors report few digits. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
