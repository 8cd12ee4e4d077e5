// The fleet without a broker: reproducible, and each fault is what it says, as often as was asked for.
import { describe, expect, it } from "vitest";
import { type Fault, Fleet, type FleetOptions, type Reading } from "../fleet.ts";
import { paceOf, readSeries } from "../series.ts";
import { parseSignal } from "../signal.ts";

const DEVICES = 20;
const RATE_HZ = 100;
const BEGIN_MS = 1_700_000_000_000;

interface Moment {
  seconds: number;
  timeMs: number;
  device: number;
  sent: Reading[];
}

/** Each of `count` moments with what was sent at it; the last one is the end of the run. */
function moments(
  faults: FleetOptions["faults"],
  { seed = 1, count = 40_000 } = {},
): { list: Moment[]; silenced: number } {
  const signals = new Map([
    ["n", parseSignal("counter:step=1,reset=1000000")],
    ["temp", parseSignal("walk")],
  ]);
  const fleet = new Fleet({ devices: DEVICES, sites: 4, signals, faults, seed });
  const list = Array.from({ length: count }, (_, k): Moment => {
    const seconds = k / RATE_HZ;
    const timeMs = BEGIN_MS + Math.round(seconds * 1000);
    return { seconds, timeMs, device: k % DEVICES, sent: fleet.at(k, seconds, timeMs) };
  });
  list.push({ seconds: Infinity, timeMs: Infinity, device: -1, sent: fleet.rest() });
  return { list, silenced: fleet.silenced };
}

const sentIn = (list: Moment[]): Reading[] => list.flatMap(({ sent }) => sent);
const withFault = (list: Moment[], fault: Fault): Reading[] =>
  sentIn(list).filter((reading) => reading.fault === fault);
/** Intended time of a device's n-th reading. */
const intendedMs = ({ device, values }: Reading): number =>
  BEGIN_MS + Math.round((((values.n! - 1) * DEVICES + device) / RATE_HZ) * 1000);

describe("a fleet", () => {
  it("without faults sends each device's readings in turn, at their times", () => {
    const { list } = moments({}, { count: 1000 });
    for (const { sent, timeMs, device } of list.slice(0, -1)) {
      expect(sent).toMatchObject([{ device, timeMs, fault: null }]);
      expect(intendedMs(sent[0]!)).toBe(timeMs);
    }
    expect(list.at(-1)!.sent).toEqual([]);
  });

  it("sends the same for the same seed, and other readings and faults for another", () => {
    const faults = { late: 0.1, duplicate: 0.1, outOfOrder: 0.1, burst: 0.1, malformed: 0.1 };
    const [one, same, other] = [7, 7, 8].map((seed) => sentIn(moments(faults, { seed, count: 5000 }).list));
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
  });

  const shares: [Fault, number][] = [
    ["late", 0.05],
    ["duplicate", 0.05],
    ["outOfOrder", 0.2],
    ["outOfOrder", 0.5],
    ["burst", 0.3],
    ["burst", 1],
    ["malformed", 0.05],
  ];
  it.each(shares)("has %s in a share %f of its readings", (fault, share) => {
    const { list } = moments({ [fault]: share });
    expect(withFault(list, fault).length / 40_000).toBeCloseTo(share, 2);
    expect(withFault(list, fault).length).toBeGreaterThan(0);
  });

  it("has all faults at once in their shares", () => {
    const faults = { late: 0.05, duplicate: 0.04, outOfOrder: 0.1, burst: 0.2, malformed: 0.03 };
    const { list } = moments(faults);
    for (const [fault, share] of Object.entries(faults)) {
      expect(withFault(list, fault as Fault).length / 40_000, fault).toBeCloseTo(share, 2);
    }
  });

  it("cannot have more faults than readings", () => {
    expect(() => moments({ outOfOrder: 0.6 })).toThrow("exceed 1");
    expect(() => moments({ late: 0.5, burst: 0.6 })).toThrow("exceed 1");
    expect(moments({ late: 0.5, burst: 0.5 }).list).toHaveLength(40_001);
  });
});

describe("faults", () => {
  it("late: 30 s before its time", () => {
    for (const reading of withFault(moments({ late: 0.1 }).list, "late"))
      expect(reading.timeMs).toBe(intendedMs(reading) - 30_000);
  });

  it("duplicate: the same reading twice", () => {
    const twice = moments({ duplicate: 0.1 }).list.filter(({ sent }) => sent.length > 1);
    for (const { sent } of twice) expect(sent[1]).toEqual({ ...sent[0], fault: "duplicate" });
    expect(twice.length).toBeGreaterThan(3000);
  });

  it("outOfOrder: behind the device's next reading, every one of them", () => {
    const newest = new Map<number, number>();
    for (const { device, timeMs, fault } of sentIn(moments({ outOfOrder: 0.3, late: 0.1 }).list)) {
      if (fault !== "late")
        expect(timeMs < (newest.get(device) ?? 0), fault ?? "").toBe(fault === "outOfOrder");
      newest.set(device, Math.max(timeMs, newest.get(device) ?? 0));
    }
  });

  it("burst: ten readings of a device at once, in their order and with their times", () => {
    const bursts = moments({ burst: 0.3 }).list.filter(({ sent }) =>
      sent.some(({ fault }) => fault === "burst"),
    );
    for (const { sent, device } of bursts.slice(0, -1)) {
      expect(sent.map((reading) => [reading.device, reading.fault])).toEqual(
        Array(10).fill([device, "burst"]),
      );
      expect(sent.map(({ values }) => values.n! - sent[0]!.values.n!)).toEqual([
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
      ]);
      for (const reading of sent) expect(reading.timeMs).toBe(intendedMs(reading));
    }
    expect(bursts.length).toBeGreaterThan(1000);
  });

  it("malformed: one reading", () => {
    expect(moments({ malformed: 0.1 }).list.every(({ sent }) => sent.length <= 1)).toBe(true);
  });

  it("skewed: a share of the devices is an hour ahead, always", () => {
    const sent = sentIn(moments({ skewed: 0.25, late: 0.1, burst: 0.1 }, { count: 5000 }).list);
    for (const reading of sent.filter(({ device }) => device < 5)) {
      expect(reading).toMatchObject({ fault: "skewed", timeMs: intendedMs(reading) + 3_600_000 });
    }
    expect(sent.some(({ device, fault }) => device >= 5 && fault === "skewed")).toBe(false);
  });

  it("silent: a share of the devices sends nothing in every other 20 s", () => {
    const { list, silenced } = moments({ silent: 0.1 });
    const quiet = list.filter(({ seconds, device }) => device >= 18 && Math.floor(seconds / 20) % 2 === 1);
    expect(list.slice(0, -1).filter(({ sent }) => sent.length === 0)).toEqual(quiet);
    expect(silenced).toBe(quiet.length);
    expect(silenced).toBe(2000);
  });

  it("what is held back at the end is sent, and a single reading has no fault", () => {
    const { list } = moments({ outOfOrder: 0.5 }, { count: 15 });
    expect(list.at(-1)!.sent).toHaveLength(15);
    expect(list.at(-1)!.sent.map(({ fault }) => fault)).toEqual(Array(15).fill(null));
    expect(
      moments({ burst: 1 }, { count: 45 })
        .list.at(-1)!
        .sent.map(({ fault }) => fault),
    ).toEqual(Array(45).fill("burst"));
  });

  it("every reading is sent once, whatever the faults", () => {
    const faults = {
      late: 0.05,
      duplicate: 0.05,
      outOfOrder: 0.1,
      burst: 0.2,
      malformed: 0.05,
      silent: 0.2,
      skewed: 0.1,
    };
    const { list, silenced } = moments(faults);
    const sent = sentIn(list);
    const distinct = new Set(sent.map(({ device, values }) => `${device}:${values.n}`));
    expect(distinct.size).toBe(40_000 - silenced);
    expect(sent.length).toBe(distinct.size + withFault(list, "duplicate").length);
  });
});

describe("the pace of a series", () => {
  it("is its own, faster; steps back wait for nothing", () => {
    const at = (seconds: number) => ({ timeMs: 5000 + seconds * 1000, value: 0 });
    expect(paceOf([0, 60, 30, 59, 180].map(at), 60)).toEqual([0, 1000, 1000, 1000, 3000]);
    expect(paceOf([], 60)).toEqual([]);
  });

  it("is the distance in the file divided by the speed, for the real series", async () => {
    const series = await readSeries(
      new URL("../data/machine_temperature_system_failure.csv", import.meta.url),
    );
    const pace = paceOf(series, 3600);
    expect(series).toHaveLength(22_695);
    expect(series[0]).toEqual({ timeMs: Date.UTC(2013, 11, 2, 21, 15), value: 73.96732207 });
    expect(pace.at(-1)).toBe((Date.UTC(2014, 1, 19, 15, 25) - Date.UTC(2013, 11, 2, 21, 15)) / 3600);
    expect(pace.every((moment, index) => index === 0 || moment >= pace[index - 1]!)).toBe(true);
  });
});
