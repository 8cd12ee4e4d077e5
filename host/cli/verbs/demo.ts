// `millrace demo`: everything at once with nothing configured: a broker on loopback, a simulated fleet with faults,
// two real series, the gateway with the pipelines of examples/demo.yaml, the live page. Imports run, sensors-sim.
import { mkdir, rm } from "node:fs/promises";
import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Aedes } from "aedes";
import { parseSignal } from "../../../sensors-sim/signal.ts";
import type { SimReport } from "../../../sensors-sim/report.ts";
import { readSeries } from "../../../sensors-sim/series.ts";
import type { Publishing } from "../../../sensors-sim/sim.ts";
import { runFleet, runSeries } from "../../../sensors-sim/sim.ts";
import { MillraceError } from "../../core/errors.ts";
import { nowMs } from "../../effects/clock.ts";
import { loadKernel, packageRoot } from "../../effects/kernel-file.ts";
import { Gateway } from "../../gateway/gateway.ts";
import type { KafkaSink } from "../../language/index.ts";
import { startServer } from "../../server/server.ts";
import { parseVerbArguments } from "../arguments.ts";
import { loadDefinition } from "../load-definition.ts";
import { runGateway } from "./run.ts";
import type { Verb } from "../verb.ts";

const HELP = `Usage: millrace demo [options]

Runs a broker, simulated and real sensors, three pipelines and the live page, all on this machine. Ctrl-C ends it.

  --kafka BROKERS   send the results to Kafka as well (topics millrace-PIPELINE, created when missing);
                    while it is away the demo goes on and its results wait
  --devices N       devices of the simulated fleet (20)
  --rate N          records a second of the fleet (100)
  --http PORT       port of the live page (8080, or the next free one)
  --mqtt PORT       port of the broker (1883, or the next free one)
  --results FILE    where results are written (data/demo-results.ndjson)

Example: millrace demo --devices 1000 --rate 2000
`;

const OPTIONS = {
  kafka: { type: "string" },
  devices: { type: "string", default: "20" },
  rate: { type: "string", default: "100" },
  http: { type: "string", default: "8080" },
  mqtt: { type: "string", default: "1883" },
  results: { type: "string", default: "data/demo-results.ndjson" },
  help: { type: "boolean", short: "h", default: false },
} as const;

const DEFINITION = fileURLToPath(new URL("examples/demo.yaml", packageRoot));
const PORTS_TRIED = 50;
const PORT_MAX = 65_535;
const WAIT_MS = 5000;
/** The machine's series runs a day in 4 s, so that the first day is over soon. */
const SERIES_SPEED = 21_600;

export const demo: Verb = {
  name: "demo",
  summary: "try it: simulated and real sensors, results, live page; nothing to configure",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = parseVerbArguments(args, OPTIONS);
    if (positionals.length > 0)
      throw new MillraceError("MR152", `demo takes no "${positionals[0]}": see millrace demo --help`);
    const [devices, rateHz, httpPort, mqttPort] = [values.devices, values.rate, values.http, values.mqtt].map(
      (text) => {
        const value = Number(text);
        if (!Number.isInteger(value) || value < 1)
          throw new MillraceError("MR152", `${text}: a whole number above 0 is wanted`);
        return value;
      },
    ) as [number, number, number, number];
    if (httpPort > PORT_MAX || mqttPort > PORT_MAX)
      throw new MillraceError("MR152", `a port is at most ${PORT_MAX}`);
    const say = (text: string): void => void io.stdout.write(`${text}\n`);
    const kafka = values.kafka === undefined ? null : kafkaBrokers(values.kafka);
    const results = resolve(values.results);
    await makeRoom(results);
    const broker = await startBroker(mqttPort);
    const env = { ...io.env, MILLRACE_DEMO_PORT: `${broker.port}`, MILLRACE_DEMO_RESULTS: results };
    const definition = await loadDefinition(DEFINITION, { ...io, env }, true);
    // A gateway that the user runs beside it, on the same broker, has the host's name; a broker knows one of each name.
    definition.gateway.id = "demo";
    if (kafka !== null)
      for (const pipeline of definition.pipelines) pipeline.sinks.push(kafkaSink(kafka, pipeline.name));
    const kernel = await loadKernel();
    const log = (text: string): void => void io.stderr.write(`${text}\n`);
    const gateway = new Gateway({
      definition,
      kernel,
      data: null,
      record: null,
      stdout: io.stdout,
      nowMs,
      log,
    });
    const server = await startServer({
      gateway,
      kernel: kernel.bytes,
      host: "127.0.0.1",
      port: httpPort,
      nextFree: true,
      nowMs,
    });
    if (broker.port !== mqttPort) say(`port ${mqttPort} is taken: the broker listens on ${broker.port}`);
    if (!server.address.endsWith(`:${httpPort}`))
      say(`port ${httpPort} is taken: the page is on the next free one`);
    say(nextSteps(server.address, results, broker.port));
    const gatewayStop = new AbortController();
    const gatewayOver = new AbortController();
    const gatewayDone = runGateway(gateway, { ...io, signal: gatewayStop.signal }, false).finally(() =>
      gatewayOver.abort(),
    );
    // A gateway that cannot go on, because the disk is full perhaps, ends the demo as Ctrl-C does.
    const signal = AbortSignal.any([io.signal, gatewayOver.signal]);
    // The sensors begin when everybody listens, so that the numbers at the end can add up.
    const listening = (): boolean => gateway.runners.every((runner) => runner.status.state === "connected");
    await waitFor(() => listening() || signal.aborted);
    const reports = await simulate(broker.port, signal, { devices, rateHz });
    // What is under way still arrives before the gateway stops reading.
    await waitFor(
      () =>
        gatewayOver.signal.aborted ||
        arrivals(reports, gateway).every(({ sent, received }) => received >= sent),
    );
    gatewayStop.abort();
    const status = await gatewayDone;
    say(describe(reports, gateway));
    await server.close();
    await broker.close();
    return status;
  },
};

function nextSteps(address: string, results: string, mqttPort: number): string {
  const near = relative("", DEFINITION);
  const definition = near.startsWith("..") ? DEFINITION : near;
  const millrace = import.meta.url.endsWith(".ts") ? "npm run -s millrace --" : "millrace";
  return `
  live page   ${address}
  results     ${results}

  Next steps
  1. Look at the results:      tail -f ${results}
  2. Send a reading yourself:  mosquitto_pub -p ${mqttPort} -t sensors/site0/mine/telemetry -m '{"t":'$(date +%s000)',"temp":21.5}'
  3. Run your own pipelines:   cp ${definition} mine.yaml, change it, and in another terminal
       MILLRACE_DEMO_PORT=${mqttPort} MILLRACE_DEMO_RESULTS=mine.ndjson ${millrace} run mine.yaml --http 127.0.0.1:0

  Ctrl-C ends the demo.
`;
}

function kafkaBrokers(text: string): string[] {
  const brokers = text.split(",").map((broker) => broker.trim());
  if (brokers.every((broker) => /^[^\s:]+:\d{1,5}$/.test(broker))) return brokers;
  throw new MillraceError(
    "MR152",
    `--kafka ${text}: it is HOST:PORT, several with commas between, as in localhost:9092`,
  );
}

/** The folder of the results, and no results of an earlier demo. */
async function makeRoom(results: string): Promise<void> {
  try {
    await mkdir(dirname(results), { recursive: true });
    await rm(results, { force: true });
  } catch (error) {
    throw new MillraceError("MR151", `--results ${results}: ${(error as Error).message}`, { cause: error });
  }
}

interface Broker {
  port: number;
  close(): Promise<void>;
}

/** A broker on loopback, at the wanted port or the next free one. */
async function startBroker(wanted: number): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  for (let port = wanted; port < wanted + PORTS_TRIED; port++) {
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      aedes.handle(socket);
    });
    const free = await new Promise<boolean>((done) => {
      server.once("error", () => done(false));
      server.listen(port, "127.0.0.1", () => done(true));
    });
    if (!free) continue;
    const close = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => aedes.close(() => done()));
      await new Promise<void>((done) => server.close(() => done()));
    };
    return { port, close };
  }
  throw new MillraceError(
    "MR303",
    `no free port for the broker from ${wanted} to ${wanted + PORTS_TRIED}: choose another with --mqtt PORT`,
  );
}

function kafkaSink(brokers: string[], pipeline: string): KafkaSink {
  return {
    kind: "kafka",
    brokers,
    topic: `millrace-${pipeline.replaceAll("_", "-")}`,
    key: null,
    format: "json",
    create: { partitions: 1, replication: 1 },
    clientId: null,
    login: null,
    sasl: "plain",
    tls: null,
    late: null,
    deadLetter: null,
  };
}

interface Reports {
  plant: SimReport;
  real: SimReport[];
}

/** Runs the fleet and the two series until the signal says stop. */
async function simulate(
  port: number,
  signal: AbortSignal,
  fleet: { devices: number; rateHz: number },
): Promise<Reports> {
  const publishing: Publishing = {
    url: `mqtt://127.0.0.1:${port}`,
    topic: "sensors/{site}/{device}/telemetry",
    qos: 0,
    format: "json",
    timeField: "t",
    connections: 1,
    client: {},
    signal,
    nowMs,
  };
  const signals = new Map([["temp", parseSignal("sine:mean=20,amplitude=5,period=60,noise=0.5")]]);
  const faults = {
    late: 0.005,
    duplicate: 0.005,
    outOfOrder: 0.01,
    burst: 0.01,
    malformed: 0.002,
    silent: 0.05,
  };
  const plant = runFleet(
    { ...fleet, sites: 4, seconds: Infinity, batch: 1, seed: 1, signals, faults },
    publishing,
  );
  const series = async (device: string, file: string): Promise<SimReport> => {
    const readings = await readSeries(new URL(`sensors-sim/data/${file}`, packageRoot));
    return runSeries(
      { device, parameter: "reading", series: readings, speed: SERIES_SPEED },
      { ...publishing, topic: "history/{site}/{device}/reading" },
    );
  };
  const real = await Promise.all([
    series("machine", "machine_temperature_system_failure.csv"),
    series("traffic", "speed_t4013.csv"),
  ]);
  return { plant: await plant, real };
}

/** Messages sent to each source, and those that arrived. */
function arrivals(
  { plant, real }: Reports,
  gateway: Gateway,
): { name: string; sent: number; received: number }[] {
  const sent: Record<string, number> = {
    plant: plant.messages,
    history: real.reduce((sum, report) => sum + report.messages, 0),
  };
  return gateway.runners.map(({ plan, engine }) => {
    const { name } = plan.source;
    return { name, sent: sent[name] ?? 0, received: engine.counters().received };
  });
}

/** What the sensors sent against what the gateway took. */
function describe(reports: Reports, gateway: Gateway): string {
  return arrivals(reports, gateway)
    .map(({ name, sent, received }) => {
      const others = received > sent ? `, and ${received - sent} of others` : "";
      const verdict = received >= sent ? `all of them arrived${others}` : `${received} of them arrived`;
      return `${name}: the sensors sent ${sent} messages, ${verdict}`;
    })
    .join("\n");
}

/** Looks ten times a second, and gives up after WAIT_MS: a hint to go on, not a promise. */
async function waitFor(done: () => boolean): Promise<void> {
  for (let waitedMs = 0; !done() && waitedMs < WAIT_MS; waitedMs += 100)
    await new Promise((next) => setTimeout(next, 100));
}
