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

/** Faults of single readings, with the readings that a draw settles: itself, the one it is overtaken by, the burst. */
const BURST_READINGS = 10;
const READINGS_OF_DRAW = {
  malformed: 1,
  late: 1,
  duplicate: 1,
  outOfOrder: 2,
  burst: BURST_READINGS,
} as const;
/** Readings with the fault among those. */
const FAULTY_OF_DRAW = { malformed: 1, late: 1, duplicate: 1, outOfOrder: 1, burst: BURST_READINGS } as const;
type ReadingFault = keyof typeof READINGS_OF_DRAW;
const READING_FAULTS = Object.keys(READINGS_OF_DRAW) as ReadingFault[];

const LATE_MS = 30_000;
const SKEW_MS = 3_600_000;
const SILENCE_S = 20;

interface Device {
  signals: [string, Signal][];
  skewed: boolean;
  silent: boolean;
  /** Readings held back: by a burst, or to come after the next one. */
  held: Reading[];
  burst: number;
}

export class Fleet {
  private readonly random: Random;
  private readonly chances: [ReadingFault, number][];
  private readonly devices: Device[];
  /** Readings that silent devices did not send. */
  silenced = 0;

  constructor(options: FleetOptions) {
    this.random = new Random(options.seed);
    this.chances = chancesOf(options.faults);
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
    const fault = this.draw();
    if (fault === null) return [reading];
    const faulty = { ...reading, fault };
    if (fault === "malformed") return [faulty];
    if (fault === "late") return [{ ...faulty, timeMs: timeMs - LATE_MS }];
    if (fault === "duplicate") return [reading, faulty];
    device.held = [faulty];
    if (fault === "burst") device.burst = BURST_READINGS - 1;
    return [];
  }

  private draw(): ReadingFault | null {
    let drawn = this.random.next();
    for (const [fault, chance] of this.chances) {
      if (drawn < chance) return fault;
      drawn -= chance;
    }
    return null;
  }

  /** What is still held back at the end of a run. A single reading is neither out of order nor a burst. */
  rest(): Reading[] {
    return this.devices.flatMap((device) => {
      const held = device.held.splice(0);
      return held.length === 1 ? [{ ...held[0]!, fault: null }] : held;
    });
  }
}

/**
 * The chance of each fault at a draw, so that its share of all readings is what was asked for: some draws settle
 * several readings, so fewer than all are drawn for. Throws an Error when the shares leave no room for it.
 */
export function chancesOf(faults: FleetOptions["faults"]): [ReadingFault, number][] {
  const drawsOf = (fault: ReadingFault): number => (faults[fault] ?? 0) / FAULTY_OF_DRAW[fault];
  const sum = (each: (fault: ReadingFault) => number): number =>
    READING_FAULTS.reduce((total, fault) => total + each(fault), 0);
  if (sum((fault) => drawsOf(fault) * READINGS_OF_DRAW[fault]) > 1 + 1e-9) {
    throw new Error(`the shares of ${READING_FAULTS.join(", ")} exceed 1 (outOfOrder counts twice)`);
  }
  const draws = 1 - sum((fault) => drawsOf(fault) * (READINGS_OF_DRAW[fault] - 1));
  return READING_FAULTS.map((fault) => [fault, drawsOf(fault) / draws]);
}

/** Sensors report few digits, and no −0, which not every format can say. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000 + 0;
}
