// `millrace sim`: the sensor simulator on the command line. Imports sensors-sim.
import { MillraceError } from "../../core/errors.ts";
import { nowMs } from "../../effects/clock.ts";
import { suggestion } from "../../language/suggest.ts";
import type { Fault } from "../../../sensors-sim/fleet.ts";
import { FAULTS, chancesOf } from "../../../sensors-sim/fleet.ts";
import { FORMATS } from "../../../sensors-sim/payload.ts";
import { describeReport } from "../../../sensors-sim/report.ts";
import { type SeriesReading, readSeries } from "../../../sensors-sim/series.ts";
import { parseSignal } from "../../../sensors-sim/signal.ts";
import type { Publishing } from "../../../sensors-sim/sim.ts";
import { runFleet, runSeries } from "../../../sensors-sim/sim.ts";
import { parseVerbArguments } from "../arguments.ts";
import { readError } from "../load-definition.ts";
import type { Verb } from "../verb.ts";

const HELP = `Usage: millrace sim [options]

Simulates sensors over MQTT and says what it sent, so that totals can be checked.

  --url URL            broker (mqtt://127.0.0.1:1883)
  --topic TEMPLATE     sensors/{site}/{device}/telemetry
  --devices N          devices of the fleet (20); --sites N places they stand at (4)
  --rate N             records a second of the whole fleet (100)
  --seconds N          how long; without it until Ctrl-C
  --signal NAME=SPEC   a parameter: temp=sine:mean=20,amplitude=5,period=60 (repeat for more)
                       constant:value=  sine:mean=,amplitude=,period=,noise=  walk:start=,step=
                       square:low=,high=,period=  counter:step=,reset=
  --fault NAME=SHARE   late, duplicate, outOfOrder, burst, malformed (shares of readings),
                       skewed, silent (shares of devices); repeat for more
  --series FILE        replay a CSV file (timestamp,value) instead; --speed N times as fast (3600)
  --format NAME        json, msgpack, csv, value (json); --time-field NAME (t)
  --batch N            records in one message (1); --qos 0|1 (0); --connections N (1)
  --username U --password P
  --seed N             same seed, same readings (1)
  --json               print the report as JSON

Example: millrace sim --devices 100 --rate 1000 --seconds 10 --fault late=0.01
`;

const DEFAULT_SIGNALS = ["temp=sine:mean=20,amplitude=5,period=60,noise=0.5"];

const OPTIONS = {
  url: { type: "string", default: "mqtt://127.0.0.1:1883" },
  topic: { type: "string", default: "sensors/{site}/{device}/telemetry" },
  devices: { type: "string", default: "20" },
  sites: { type: "string", default: "4" },
  rate: { type: "string", default: "100" },
  seconds: { type: "string", default: "Infinity" },
  signal: { type: "string", multiple: true },
  fault: { type: "string", multiple: true },
  series: { type: "string" },
  speed: { type: "string", default: "3600" },
  format: { type: "string", default: "json" },
  "time-field": { type: "string", default: "t" },
  batch: { type: "string", default: "1" },
  qos: { type: "string", default: "0" },
  connections: { type: "string", default: "1" },
  username: { type: "string" },
  password: { type: "string" },
  seed: { type: "string", default: "1" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

function number(name: string, text: string, least: number, most = Infinity): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (value >= least && value <= most) return value;
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new MillraceError("MR152", `--${name} ${text}: it is a number ${range}`);
}

function whole(name: string, text: string, least: number): number {
  const value = number(name, text, least);
  if (Number.isSafeInteger(value)) return value;
  throw new MillraceError("MR152", `--${name} ${text}: it is a whole number`);
}

function oneOf<T extends string>(name: string, text: string, values: readonly T[]): T {
  if (values.includes(text as T)) return text as T;
  throw new MillraceError("MR152", `--${name} ${text}: ${suggestion(text, [...values], "values")}`);
}

function pairs(name: string, list: readonly string[]): [string, string][] {
  return list.map((text) => {
    const at = text.indexOf("=");
    if (at <= 0) throw new MillraceError("MR152", `--${name} ${text}: it is NAME=…`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
}

function broker(url: string): string {
  if (/^mqtts?:\/\/[^/]/.test(url) && URL.canParse(url)) return url;
  throw new MillraceError(
    "MR152",
    `--url ${url}: a broker's address is mqtt://HOST:1883 or mqtts://HOST:8883`,
  );
}

/** What `read` returns; its error is about the option. */
function asked<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new MillraceError("MR152", `--${name}: ${(error as Error).message}`, { cause: error });
  }
}

export const sim: Verb = {
  name: "sim",
  summary: "simulate sensors over MQTT",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = parseVerbArguments(args, OPTIONS);
    if (positionals.length > 0) {
      throw new MillraceError("MR152", `sim takes no "${positionals[0]}": see millrace sim --help`);
    }
    const publishing: Publishing = {
      url: broker(values.url),
      topic: values.topic,
      qos: Number(oneOf("qos", values.qos, ["0", "1"])) as 0 | 1,
      format: oneOf("format", values.format, FORMATS),
      timeField: values["time-field"],
      connections: whole("connections", values.connections, 1),
      client: { username: values.username, password: values.password },
      signal: io.signal,
      nowMs,
    };
    const faults: Partial<Record<Fault, number>> = {};
    for (const [name, share] of pairs("fault", values.fault ?? []))
      faults[oneOf("fault", name, FAULTS)] = number(`fault ${name}`, share, 0, 1);
    asked("fault", () => chancesOf(faults));
    const specs = pairs("signal", values.signal ?? DEFAULT_SIGNALS);
    const signals = new Map(specs.map(([name, spec]) => [name, asked("signal", () => parseSignal(spec))]));
    const fleet = {
      devices: whole("devices", values.devices, 1),
      sites: whole("sites", values.sites, 1),
      rateHz: number("rate", values.rate, 0.001),
      batch: whole("batch", values.batch, 1),
      seconds: number("seconds", values.seconds, 0),
      seed: whole("seed", values.seed, 0),
      signals,
      faults,
    };
    if (publishing.format === "value" && (signals.size > 1 || fleet.batch > 1)) {
      throw new MillraceError(
        "MR152",
        "--format value: a message is one number, so one --signal and --batch 1",
      );
    }
    const speed = number("speed", values.speed, 0.001);
    const series = values.series === undefined ? null : await loadSeries(values.series);
    const running =
      series === null
        ? runFleet(fleet, publishing)
        : runSeries({ device: "series", parameter: "value", series, speed }, publishing);
    const report = await running.catch((cause: Error) => {
      throw new MillraceError("MR304", `cannot send to ${values.url}: ${cause.message}`, { cause });
    });
    io.stdout.write(`${values.json ? JSON.stringify(report) : describeReport(report)}\n`);
    return 0;
  },
};

async function loadSeries(file: string): Promise<SeriesReading[]> {
  return readSeries(file).catch((cause: Error) => {
    throw new MillraceError("MR151", `cannot read ${file}: ${readError(cause)}`, { cause });
  });
}
