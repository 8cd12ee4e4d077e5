// The simulator at a real mosquitto: what its report says is what another client received. The schedule's clock runs
// faster than the wall's, so a minute of faults takes seconds.
import { readFileSync, rmSync } from "node:fs";
import { type Socket, connect, createServer } from "node:net";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { decode } from "@msgpack/msgpack";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Mosquitto, startMosquitto } from "../../host/test/services/mosquitto.ts";
import { Fleet } from "../fleet.ts";
import { readSeries } from "../series.ts";
import { parseSignal } from "../signal.ts";
import { type FleetRun, type Publishing, runFleet, runSeries } from "../sim.ts";
import { type Message, Subscriber } from "./subscriber.ts";

const LOG = join(tmpdir(), `millrace-mosquitto-${process.pid}.log`);
let broker: Mosquitto;
let subscriber: Subscriber;

beforeAll(async () => {
  const log = [`log_dest file ${LOG}`, "log_type notice"];
  broker = await startMosquitto({ lines: ["max_queued_messages 0", "max_inflight_messages 0", ...log] });
});
afterAll(async () => {
  await broker.close();
  rmSync(LOG, { force: true });
});
afterEach(() => subscriber.close());

const BEGIN_MS = 1_700_000_000_000;

/** A clock that goes on by `stepMs` each time it is read. */
function steppingClock(stepMs: number): () => number {
  let now = BEGIN_MS - stepMs;
  return () => (now += stepMs);
}

function publishing(settings: Partial<Publishing> = {}): Publishing {
  return {
    url: broker.url,
    topic: "sensors/{site}/{device}/telemetry",
    qos: 0,
    format: "json",
    timeField: "t",
    connections: 1,
    client: {},
    signal: new AbortController().signal,
    nowMs: steppingClock(100),
    ...settings,
  };
}

function fleetRun(settings: Partial<FleetRun> = {}): FleetRun {
  const signals = new Map([
    ["n", parseSignal("counter:step=1,reset=1000000")],
    ["temp", parseSignal("sine:noise=1")],
  ]);
  return {
    devices: 10,
    sites: 3,
    signals,
    faults: {},
    seed: 1,
    rateHz: 100,
    batch: 1,
    seconds: 10,
    ...settings,
  };
}

interface Received {
  device: number;
  t: number;
  n: number;
  temp: number;
}

const deviceOf = ({ topic }: Message): number =>
  Number(/^sensors\/site\d+\/device(\d+)\/telemetry$/.exec(topic)![1]);
const sum = (numbers: number[]): number => numbers.reduce((total, value) => total + value, 0);

/** The record of a JSON message, null when it is malformed. */
function recordOf(message: Message): Received | null {
  try {
    return { ...JSON.parse(message.payload.toString()), device: deviceOf(message) } as Received;
  } catch {
    return null;
  }
}

describe("the report", () => {
  it("is what a subscriber counts: messages, records, sums, each fault", async () => {
    const faults = {
      late: 0.02,
      duplicate: 0.02,
      outOfOrder: 0.05,
      burst: 0.1,
      malformed: 0.01,
      silent: 0.2,
      skewed: 0.2,
    };
    subscriber = await Subscriber.connect(broker.url);
    const report = await runFleet(
      fleetRun({ faults, seconds: 100 }),
      publishing({ nowMs: steppingClock(1000) }),
    );
    const messages = await subscriber.all(report.messages);
    const records = messages.map(recordOf);
    const sound = records.filter((record) => record !== null);
    expect(messages).toHaveLength(report.messages);
    expect(sound).toHaveLength(report.records);
    for (const parameter of ["n", "temp"] as const) {
      const values = sound.map((record) => record[parameter]);
      expect(report.parameters[parameter]).toEqual({
        count: values.length,
        sum: sum(values),
        min: Math.min(...values),
        max: Math.max(...values),
      });
    }

    // Each fault by what it does to the records, without a look at how the simulator decides.
    const seen = new Set<string>();
    const newest = new Map<number, number>();
    const malformed = messages.length - sound.length;
    const counts = { late: 0, duplicate: 0, outOfOrder: 0, burst: 0, skewed: 0, malformed };
    records.forEach((record, index) => {
      if (record === null) return;
      const { device, n, t } = record;
      const shiftMs = t - BEGIN_MS - ((n - 1) * 10 + device) * 10;
      expect([0, -30_000, 3_600_000]).toContain(shiftMs);
      const [before, after] = [records[index - 1], records[index + 1]];
      if (shiftMs < 0) counts.late++;
      else if (shiftMs > 0) counts.skewed++;
      else if (seen.has(`${device}:${n}`)) counts.duplicate++;
      else if (n < (newest.get(device) ?? 0)) counts.outOfOrder++;
      // Otherwise devices take turns.
      else if (before?.device === device && before.n < n) counts.burst++;
      else if (after?.device === device && after.n > n) counts.burst++;
      seen.add(`${device}:${n}`);
      newest.set(device, Math.max(n, newest.get(device) ?? 0));
    });
    const silent = report.readings - seen.size - counts.malformed;
    expect({ ...counts, silent }).toEqual(report.faults);
    expect(report).toMatchObject({ readings: 10_000, unsent: 0, unconfirmed: 0 });
    expect(Math.min(...Object.values(report.faults))).toBeGreaterThan(20);
    const { duplicate } = report.faults;
    expect(report.readings).toBe(report.records - duplicate + malformed + silent);
  });

  it("adds up when the broker takes nothing for a while; the schedule goes on", async () => {
    subscriber = await Subscriber.connect(broker.url);
    const network = await startNetwork(broker.port);
    const clock = steppingClock(100);
    // The network stands still in the second third of the schedule.
    const nowMs = (): number => {
      const now = clock();
      network.hold(now >= BEGIN_MS + 10_000 && now < BEGIN_MS + 20_000);
      return now;
    };
    const url = `mqtt://127.0.0.1:${network.port}`;
    const faults = { duplicate: 0.2, malformed: 0.1 };
    const report = await runFleet(
      fleetRun({ faults, rateHz: 1000, seconds: 30 }),
      publishing({ url, qos: 1, nowMs }),
    );
    const messages = await subscriber.all(report.messages);
    await network.close();
    expect(messages).toHaveLength(report.messages);
    expect(messages.filter((message) => recordOf(message) !== null)).toHaveLength(report.records);
    const { duplicate, malformed } = report.faults;
    expect(report.readings).toBe(30_000);
    expect(report.readings).toBe(report.records - duplicate + malformed + report.unsent);
    // No more than 1,000 messages wait for their confirmation.
    expect(report.unsent).toBeGreaterThan(5000);
    expect(report.unconfirmed).toBe(0);
  });

  it("says what the broker has not confirmed when it no longer answers", async () => {
    subscriber = await Subscriber.connect(broker.url);
    const network = await startNetwork(broker.port);
    const clock = steppingClock(100);
    const nowMs = (): number => {
      const now = clock();
      network.hold(now >= BEGIN_MS + 5000);
      return now;
    };
    const url = `mqtt://127.0.0.1:${network.port}`;
    const report = await runFleet(fleetRun({ rateHz: 1000 }), publishing({ url, qos: 1, nowMs }));
    const messages = await subscriber.all(report.messages - report.unconfirmed);
    await network.close();
    expect(report).toMatchObject({ readings: 10_000, unconfirmed: 1000 });
    expect(report.messages + report.unsent).toBe(10_000);
    expect(messages.length).toBeLessThanOrEqual(report.messages);
  });
});

describe("the schedule", () => {
  it("is open loop: the k-th reading has its moment, however late it is sent", async () => {
    subscriber = await Subscriber.connect(broker.url);
    const nowMs = steppingClock(1370);
    const report = await runFleet(fleetRun({ rateHz: 250, seconds: 20 }), publishing({ nowMs }));
    const records = (await subscriber.all(report.messages)).map((message) => recordOf(message)!);
    expect(report).toMatchObject({ readings: 5000, records: 5000, messages: 5000 });
    expect(records.map(({ t }) => t)).toEqual(Array.from({ length: 5000 }, (_, k) => BEGIN_MS + k * 4));
    expect(records.map(({ device }) => device)).toEqual(Array.from({ length: 5000 }, (_, k) => k % 10));
    // It looked every 1,370 ms: the reading right behind such a look waited for the next one.
    expect(report.lagMaxMs).toBeGreaterThan(1300);
    expect(report.lagMaxMs).toBeLessThanOrEqual(1370);
  });

  it("sends what is due when it is stopped, and no more", async () => {
    subscriber = await Subscriber.connect(broker.url);
    const stop = new AbortController();
    const clock = steppingClock(100);
    const nowMs = (): number => {
      const now = clock();
      if (now >= BEGIN_MS + 1000) stop.abort();
      return now;
    };
    const run = fleetRun({ seconds: Infinity, batch: 7 });
    const report = await runFleet(run, publishing({ nowMs, signal: stop.signal }));
    const messages = await subscriber.all(report.messages);
    const records = messages.flatMap(({ payload }) => JSON.parse(payload.toString()) as unknown);
    expect(records).toHaveLength(101);
    expect(report).toMatchObject({ readings: 101, records: 101 });
  });
});

describe("payloads", () => {
  /** What a fleet of the same seed reads, without a broker. */
  function expected(run: FleetRun): Map<number, number[][]> {
    const fleet = new Fleet(run);
    const byDevice = new Map<number, number[][]>();
    for (let k = 0; k < run.rateHz * run.seconds; k++) {
      const seconds = k / run.rateHz;
      for (const { device, timeMs, values } of fleet.at(k, seconds, BEGIN_MS + Math.round(seconds * 1000))) {
        byDevice.set(device, [...(byDevice.get(device) ?? []), [timeMs, ...Object.values(values)]]);
      }
    }
    return byDevice;
  }

  const cells = (text: string): number[][] => text.split("\n").map((line) => line.split(",").map(Number));
  const members = (body: unknown): number[][] =>
    [body].flat().map((record) => Object.values(record as object));
  const readers = {
    json: (payload: Buffer) => members(JSON.parse(payload.toString())),
    msgpack: (payload: Buffer) => members(decode(payload)),
    csv: (payload: Buffer) => cells(payload.toString()),
  };

  it.each(
    (["json", "msgpack", "csv"] as const).flatMap((format) => [1, 5].map((batch) => ({ format, batch }))),
  )("$format, $batch in a message", async ({ format, batch }) => {
    subscriber = await Subscriber.connect(broker.url);
    const run = fleetRun({ batch, rateHz: 103 });
    const report = await runFleet(run, publishing({ format }));
    const byDevice = new Map<number, number[][]>();
    const sizes = new Set<number>();
    for (const message of await subscriber.all(report.messages)) {
      const rows = readers[format](message.payload);
      sizes.add(rows.length);
      byDevice.set(deviceOf(message), [...(byDevice.get(deviceOf(message)) ?? []), ...rows]);
    }
    expect(byDevice).toEqual(expected(run));
    expect(Math.max(...sizes)).toBe(batch);
  });

  it("value: one number", async () => {
    subscriber = await Subscriber.connect(broker.url);
    const signals = new Map([["temp", parseSignal("walk:step=0.01")]]);
    const run = fleetRun({ signals, devices: 1 });
    const report = await runFleet(run, publishing({ format: "value" }));
    const numbers = (await subscriber.all(report.messages)).map(({ payload }) => Number(payload.toString()));
    expect(numbers).toEqual(
      expected(run)
        .get(0)!
        .map(([, value]) => value),
    );
    expect(sum(numbers)).toBe(report.parameters.temp!.sum);
  });
});

describe("connections", () => {
  it("are as many as asked for, at QoS 1 as at 0; each device keeps to one", async () => {
    for (const qos of [0, 1] as const) {
      subscriber = await Subscriber.connect(broker.url);
      const before = readFileSync(LOG, "utf8").length;
      const run = fleetRun({ devices: 1000, rateHz: 10_000, seconds: 1 });
      const report = await runFleet(run, publishing({ qos, connections: 100 }));
      const messages = await subscriber.all(10_000);
      const connected = readFileSync(LOG, "utf8")
        .slice(before)
        .match(/New client connected/g);
      expect(connected).toHaveLength(100);
      expect(new Set(messages.map((message) => message.qos))).toEqual(new Set([qos]));
      expect(report).toMatchObject({ messages: 10_000, records: 10_000, unsent: 0, unconfirmed: 0 });
      const newest = new Map<number, number>();
      for (const message of messages) {
        const { device, n } = recordOf(message)!;
        expect(n).toBe((newest.get(device) ?? 0) + 1);
        newest.set(device, n);
      }
      await subscriber.close();
    }
  });

  it("may need a name and a password", async () => {
    const login = { username: "sim", password: "s3cret" };
    const own = await startMosquitto({ login });
    await expect(runFleet(fleetRun(), publishing({ url: own.url }))).rejects.toThrow(/[Nn]ot authorized/);
    const report = await runFleet(fleetRun(), publishing({ url: own.url, client: login, qos: 1 }));
    expect(report).toMatchObject({ messages: 1000, unconfirmed: 0 });
    await own.close();
  });
});

describe("a real series", () => {
  it.each(["speed_t4013", "occupancy_t4013"])(
    "%s comes with the times and values of its file",
    async (name) => {
      subscriber = await Subscriber.connect(broker.url);
      const file = new URL(`../data/${name}.csv`, import.meta.url);
      const series = await readSeries(file);
      const run = { device: "traffic", parameter: "reading", series, speed: 100_000 };
      const report = await runSeries(run, publishing({ topic: "sensors/{site}/{device}/reading/{device}" }));
      const messages = await subscriber.all(report.messages);
      const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(1);
      const expected = lines.map((line) => {
        const [time, value] = line.split(",") as [string, string];
        return `{"t":${Date.parse(`${time.replace(" ", "T")}.000Z`)},"reading":${Number(value)}}`;
      });
      expect(messages.map(({ payload }) => payload.toString())).toEqual(expected);
      expect(new Set(messages.map(({ topic }) => topic))).toEqual(
        new Set(["sensors/real/traffic/reading/traffic"]),
      );
      expect(report).toMatchObject({ readings: lines.length, records: lines.length, unsent: 0 });
      // As long as the file, at 100,000 times its pace: the clock goes on by 100 ms between two looks.
      const spanMs = (series.at(-1)!.timeMs - series[0]!.timeMs) / 100_000;
      expect(report.seconds * 1000).toBeGreaterThanOrEqual(spanMs);
    },
  );
});

/** A network to the broker that can stand still: nothing goes either way. */
async function startNetwork(target: number) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const other = connect(target, "127.0.0.1");
    socket.pipe(other).pipe(socket);
    for (const end of [socket, other]) {
      sockets.add(end);
      end.on("error", () => {});
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  let held = false;
  return {
    port: (server.address() as { port: number }).port,
    hold(still: boolean): void {
      if (still === held) return;
      held = still;
      const [near, far] = [...sockets] as [Socket, Socket];
      if (still) {
        near.unpipe(far);
        far.unpipe(near);
      } else near.pipe(far).pipe(near);
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
