// The whole way: simulator → mosquitto → gateway → Kafka → reader, all on this machine. CPU time of the gateway's process
// for each message, and how long after a window's end its result is with the reader; against a plain program.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startKafka } from "../host/test/services/kafka.ts";
import { startMosquitto } from "../host/test/services/mosquitto.ts";
import { until } from "../host/test/services/ports.ts";
import { Arrivals } from "./harness/arrivals.ts";
import type { Bench, Effort, Table } from "./harness/bench.ts";
import { simulate, startGateway, Witness } from "./harness/live.ts";
import { builtRival, millraceInstalled, NODE_ARGUMENTS, usageOf } from "./harness/process.ts";
import { percentile, statistics } from "./harness/statistics.ts";
import { definitionText, TUMBLE_1S } from "./workload/definitions.ts";
import { checkRows } from "./workload/rows.ts";

const DEVICES = 1000;
const WINDOW_MS = 1000;
/** When the driver sent later than this, or left something out, the run's latencies are void. */
const DRIVER_LATE_MS_MAX = 100;
const ROUNDS_MAX = 5;

interface Load {
  rateHz: number;
  /** Before anything is measured. */
  warmUpSeconds: number;
  seconds: number;
}

const LOAD: Load = { rateHz: 20_000, warmUpSeconds: 5, seconds: 10 };
const LOAD_BRIEF: Load = { rateHz: 2000, warmUpSeconds: 0.5, seconds: 1.5 };

interface Program {
  name: string;
  /** Command line for Node, with results going to a topic. */
  args(topic: string): string[];
  results: "exact" | "near" | "none";
}

interface Sample {
  cpuNs: number;
  rssMb: number;
  latenciesMs: number[];
  driverLateMs: number;
  /** The driver was late: its latencies do not count. CPU for each message that came does. */
  isVoid: boolean;
}

interface Stage {
  folder: string;
  url: string;
  broker: string;
  load: Load;
}

export const endToEndBench: Bench = {
  name: "end-to-end",
  about: "simulator → mosquitto → gateway → Kafka",
  run: async (effort) => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
    const mosquitto = await startMosquitto({ lines: ["max_queued_messages 0"] });
    const kafka = await startKafka();
    try {
      const stage = {
        folder,
        url: mosquitto.url,
        broker: kafka.broker,
        load: effort.brief ? LOAD_BRIEF : LOAD,
      };
      const admin = kafka.client().admin();
      await admin.connect();
      const createTopic = async (topic: string): Promise<void> =>
        void (await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true }));
      const table = await endToEndTable(stage, createTopic, effort);
      await admin.disconnect();
      return [table];
    } finally {
      await mosquitto.close();
      await kafka.close();
      rmSync(folder, { recursive: true });
    }
  },
};

async function endToEndTable(
  stage: Stage,
  createTopic: (topic: string) => Promise<void>,
  effort: Effort,
): Promise<Table> {
  const { url, broker, load, folder } = stage;
  const definitionFor = (topic: string): string =>
    definitionText({
      broker: url,
      clock: "source",
      windows: [TUMBLE_1S],
      to: `{ kafka: "${broker}", topic: ${topic}, key: "{device}" }`,
    });
  const programs: Program[] = [
    {
      name: "millrace run",
      args: (topic) => {
        const file = join(folder, `${topic}.yaml`);
        writeFileSync(file, definitionFor(topic));
        return [millraceInstalled, "run", file, "--data", join(folder, topic), "--http", "127.0.0.1:0"];
      },
      results: "exact",
    },
    {
      name: "Node: mqtt.js + JSON.parse + Map + kafkajs",
      args: (topic) => [builtRival("gateway"), url, `${WINDOW_MS}`, broker, topic],
      results: "near",
    },
    {
      name: "Node: mqtt.js, messages thrown away",
      args: () => [builtRival("receive"), url],
      results: "none",
    },
  ];
  const samples = programs.map((): Sample[] => []);
  for (let round = 0; round < Math.min(ROUNDS_MAX, effort.rounds); round++) {
    for (let index = 0; index < programs.length; index++) {
      const at = (index + round) % programs.length;
      const topic = `bench-${round}-${at}`;
      effort.say(`end to end, round ${round + 1}: ${programs[at]!.name}`);
      await createTopic(topic);
      samples[at]!.push(await runOnce(programs[at]!, topic, definitionFor(topic), stage));
    }
  }
  return {
    title: "simulator → mosquitto → gateway → Kafka",
    about: `${load.rateHz.toLocaleString("en")} JSON messages/s from ${DEVICES.toLocaleString("en")} devices, 1 s windows, so ${DEVICES.toLocaleString("en")} results/s; ms from a window's end to the reader`,
    columns: [
      "CPU ns/message",
      "min",
      "MAD",
      "× first",
      "p50 ms",
      "p99 ms",
      "p99.9 ms",
      "RSS MB",
      "driver late ms",
      "void rounds",
    ],
    rows: programs.map(({ name }, index) => {
      const list = samples[index]!;
      const valid = list.filter(({ isVoid }) => !isVoid);
      const cpu = statistics(list.map(({ cpuNs }) => cpuNs));
      const ratio = statistics(list.map(({ cpuNs }, round) => cpuNs / samples[0]![round]!.cpuNs)).median;
      const latencies = valid.flatMap(({ latenciesMs }) => latenciesMs);
      const quantiles = [0.5, 0.99, 0.999].map((q) =>
        latencies.length === 0 ? null : percentile(latencies, q),
      );
      const rss = statistics(list.map(({ rssMb }) => rssMb)).median;
      const late = Math.max(...list.map(({ driverLateMs }) => driverLateMs));
      const cells = [
        cpu.median,
        cpu.min,
        cpu.mad,
        ratio,
        ...quantiles,
        rss,
        late,
        list.length - valid.length,
      ];
      return { name, cells, samples: cpu.samples };
    }),
  };
}

/** One program under load; its results are compared with the witness's. */
async function runOnce(
  program: Program,
  topic: string,
  definition: string,
  { url, broker, load }: Stage,
): Promise<Sample> {
  const witness = new Witness(definition, `witness-${topic}`);
  const arrivals = new Arrivals(broker, topic);
  const gateway = await startGateway([...NODE_ARGUMENTS, ...program.args(topic)]);
  try {
    await Promise.all([witness.ready(), arrivals.start()]);
    const { rateHz, warmUpSeconds, seconds } = load;
    const sim = simulate({ url, devices: DEVICES, rateHz, seconds: warmUpSeconds + seconds + 1 });
    await until("the first message", () => witness.received > 0);
    await sleep(warmUpSeconds * 1000);
    const pid = gateway.process.pid!;
    const [before, countBefore, beginMs] = [usageOf(pid), witness.received, Date.now()];
    await sleep(seconds * 1000);
    const [after, countAfter, endMs] = [usageOf(pid), witness.received, Date.now()];
    const report = await sim;
    await until("the witness to have every message", () => witness.received >= report.messages);
    if (program.results !== "none") {
      await until(
        `${witness.results} results of ${program.name}`,
        () => arrivals.list.length >= witness.results,
      );
      checkRows(
        program.name,
        witness.rows(),
        arrivals.list.map(({ row }) => row),
        program.results === "exact",
      );
    }
    const ended = arrivals.list.map(({ row, atMs }) => ({ windowEndMs: row.startMs + WINDOW_MS, atMs }));
    return {
      cpuNs: (after.cpuNs - before.cpuNs) / (countAfter - countBefore),
      rssMb: after.rssKb / 1024,
      latenciesMs: ended
        .filter(({ windowEndMs }) => windowEndMs >= beginMs && windowEndMs < endMs)
        .map(({ windowEndMs, atMs }) => atMs - windowEndMs),
      driverLateMs: report.lagMaxMs,
      isVoid: report.unsent > 0 || report.lagMaxMs > DRIVER_LATE_MS_MAX,
    };
  } finally {
    await gateway.stop();
    await witness.stop();
    await arrivals.stop();
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
