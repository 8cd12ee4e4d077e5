// Resident memory of the gateway when it has seen many keys, against Node that does nothing and a plain program with
// the same keys. Results go to a file: no Kafka client is in these figures.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "../host/test/services/child.ts";
import { startMosquitto } from "../host/test/services/mosquitto.ts";
import { until } from "../host/test/services/ports.ts";
import type { Bench, Effort, Table, TableRow } from "./harness/bench.ts";
import { simulate, startGateway, Witness } from "./harness/live.ts";
import { builtRival, millraceInstalled, NODE_ARGUMENTS, usageOf } from "./harness/process.ts";
import { statistics } from "./harness/statistics.ts";
import { definitionText, TUMBLE_10S } from "./workload/definitions.ts";

const KEYS = 10_000;
const ROUNDS_MAX = 5;
/** A garbage collector that has nothing to do any more comes to rest within this. */
const SETTLE_MS = 1000;

export const memoryBench: Bench = {
  name: "memory",
  about: "resident memory of the gateway at 10,000 keys",
  run: async (effort) => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
    const mosquitto = await startMosquitto({ lines: ["max_queued_messages 0"] });
    try {
      return [await memoryTable(mosquitto.url, folder, effort)];
    } finally {
      await mosquitto.close();
      rmSync(folder, { recursive: true });
    }
  },
};

async function memoryTable(url: string, folder: string, effort: Effort): Promise<Table> {
  const definition = definitionText({
    broker: url,
    clock: "source",
    windows: [TUMBLE_10S],
    to: `{ file: "${join(folder, "results.ndjson")}" }`,
  });
  const file = join(folder, "definition.yaml");
  writeFileSync(file, definition);
  const idle: number[] = [];
  const rows: { name: string; args(round: number): string[]; started: number[]; loaded: number[] }[] = [
    {
      name: "millrace run",
      args: (round) => [
        millraceInstalled,
        "run",
        file,
        "--data",
        join(folder, `data-${round}`),
        "--http",
        "127.0.0.1:0",
      ],
      started: [],
      loaded: [],
    },
    {
      name: "Node: mqtt.js + JSON.parse + Map",
      args: () => [builtRival("gateway"), url, "10000"],
      started: [],
      loaded: [],
    },
  ];
  for (let round = 0; round < Math.min(ROUNDS_MAX, effort.rounds); round++) {
    effort.say(`memory, round ${round + 1}`);
    idle.push(await idleMb());
    for (const row of rows) {
      const { started, loaded } = await loadedMb(
        [...NODE_ARGUMENTS, ...row.args(round)],
        url,
        definition,
        effort,
      );
      row.started.push(started);
      row.loaded.push(loaded);
    }
  }
  const bare = statistics(idle).median;
  const tableRow = (name: string, samples: number[]): TableRow => {
    const { median, min, mad } = statistics(samples);
    return { name, cells: [median, min, mad, median / bare], samples };
  };
  return {
    title: "resident memory",
    about: `${KEYS.toLocaleString("en")} devices, 1 Hz each, one pipeline, 10 s windows; memory that the kernel may take is 64 MB, of which only what is used is resident`,
    columns: ["RSS MB", "min", "MAD", "× bare Node"],
    rows: [
      tableRow("Node: bare, idle", idle),
      ...rows.flatMap(({ name, started, loaded }) => [
        tableRow(`${name}: started`, started),
        tableRow(`${name}: ${KEYS.toLocaleString("en")} keys`, loaded),
      ]),
    ],
  };
}

async function idleMb(): Promise<number> {
  const child = new Child(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log('ready')"]);
  try {
    await until("an idle Node", () => child.output.includes("ready"));
    await sleep(SETTLE_MS);
    return usageOf(child.process.pid!).rssKb / 1024;
  } finally {
    await child.stop();
  }
}

/** Memory after the start, and once every key has had windows. */
async function loadedMb(
  args: string[],
  url: string,
  definition: string,
  effort: Effort,
): Promise<{ started: number; loaded: number }> {
  const witness = new Witness(definition, "memory-witness");
  const gateway = await startGateway(args);
  const now = async (): Promise<number> => {
    await sleep(SETTLE_MS);
    return usageOf(gateway.process.pid!).rssKb / 1024;
  };
  try {
    await witness.ready();
    const started = await now();
    const report = await simulate({ url, devices: KEYS, rateHz: KEYS, seconds: effort.brief ? 1.5 : 22 });
    await until("the witness to have every message", () => witness.received >= report.messages);
    if (witness.keys !== KEYS) throw new Error(`there are ${witness.keys} keys, not ${KEYS}`);
    const loaded = await now();
    await checkReceived(gateway, report.messages);
    return { started, loaded };
  } finally {
    await gateway.stop();
    await witness.stop();
  }
}

/** The gateway says itself what it has received and how many keys it holds. */
async function checkReceived(gateway: Child, messages: number): Promise<void> {
  const address = /http:\/\/[\d.:]+/.exec(gateway.output)?.[0];
  if (address === undefined) return;
  const progress = (await (await fetch(`${address}/progress`)).json()) as {
    sources: { received: number; keys: number }[];
  };
  const { received, keys } = progress.sources[0]!;
  if (received !== messages || keys !== KEYS)
    throw new Error(`the gateway has ${received} records of ${messages}, ${keys} keys`);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
