// The kernel in memory: bytes to windows, for each framing and format, against what JavaScript does with the same
// bytes; and columns to windows alone.
import { replayPlan } from "../host/core/plan/replay-plan.ts";
import { type Bench, contestRow, contestTable, type Effort, type Table } from "./harness/bench.ts";
import {
  type Contest,
  type Contestant,
  decodingAlone,
  rivalContestant,
  runContest,
} from "./harness/contest.ts";
import { type Input, kernelContestant, KERNELS, expectedRows } from "./harness/kernels.ts";
import { statistics } from "./harness/statistics.ts";
import { arrayWindows } from "./rivals/array-windows.ts";
import { type Reading, readFrames, readLines } from "./rivals/decoders.ts";
import { MapWindows } from "./rivals/map-windows.ts";
import { planOf, TUMBLE_10S } from "./workload/definitions.ts";
import {
  chunksOf,
  CSV_NAMES,
  csvOf,
  FILE_BYTES,
  framesOf,
  linesOf,
  makeReadings,
  type Readings,
  SOCKET_BYTES,
} from "./workload/readings.ts";
import type { WindowRow } from "./workload/rows.ts";

/** As TUMBLE_10S says. */
const WINDOW_MS = 10_000;
/** Pipelines of the contest that tells what one of them costs. */
const MANY_PIPELINES = 5;

export const kernelBench: Bench = {
  name: "kernel",
  about: "bytes in memory to keyed windows",
  run: async (effort) => {
    const readings = makeReadings({ count: effort.brief ? 20_000 : 300_000, devices: 1000, intervalMs: 100 });
    const tables: Table[] = [];
    for (const make of [framesContest("msgpack"), framesContest("json"), linesContest, csvContest]) {
      const contest = make(readings);
      effort.say(contest.title);
      tables.push(contestTable(contest, runContest(contest, effort)));
    }
    effort.say("columns");
    tables.push(columnsTable(readings, effort));
    return tables;
  },
};

const kernels = (input: Input, expected: WindowRow[]): Contestant[] =>
  KERNELS.map(({ name, module }) => kernelContestant(name, module, input, expected));

/** A program that hands its windows out one by one. */
function rival(
  name: string,
  expected: WindowRow[],
  work: (emit: (row: WindowRow) => void) => void,
): Contestant {
  return rivalContestant(name, expected, () => {
    const rows: WindowRow[] = [];
    work((row) => rows.push(row));
    return rows;
  });
}

function framesContest(format: "json" | "msgpack"): (readings: Readings) => Contest {
  return (readings) => {
    const inputOf = (some: Readings): Input => ({
      plan: planOf({ format }),
      chunks: chunksOf(framesOf(some, format), SOCKET_BYTES),
    });
    const input = inputOf(readings);
    const expected = expectedRows(inputOf, readings);
    const decoder = format === "json" ? "JSON.parse" : "@msgpack/msgpack";
    const contestants = [
      ...kernels(input, expected),
      rival(`mqtt-packet + ${decoder} + Map`, expected, (emit) => {
        const windows = new MapWindows(WINDOW_MS, emit);
        readFrames(input.chunks as Buffer[], format, (device, { t, v, w }) => windows.add(device, t, v, w));
        windows.flush();
      }),
    ];
    if (format === "json") {
      const texts = Array.from({ length: readings.count }, (_, index) =>
        JSON.stringify({ t: readings.timeMs[index], v: readings.v[index], w: readings.w[index] }),
      );
      contestants.push(
        decodingAlone("JSON.parse alone (text is ready)", () => {
          let sum = 0;
          for (const text of texts) sum += (JSON.parse(text) as Reading).v;
          return sum;
        }),
      );
    }
    return {
      title: `MQTT frame + ${format === "json" ? "JSON" : "MessagePack"} → window`,
      about: `${about(input, readings)} a frame; {t, v, w}; 1,000 devices, 10 s windows of 100 readings; chunks of 64 KiB`,
      records: readings.count,
      contestants,
    };
  };
}

function linesContest(readings: Readings): Contest {
  const inputOf = (some: Readings): Input => ({
    plan: replayPlan(planOf(), "json"),
    chunks: chunksOf(linesOf(some), FILE_BYTES),
  });
  const input = inputOf(readings);
  const expected = expectedRows(inputOf, readings);
  return {
    title: "NDJSON lines → window",
    about: `${about(input, readings)} a line; chunks of 256 KiB`,
    records: readings.count,
    contestants: [
      ...kernels(input, expected),
      rival("lines + JSON.parse + Map", expected, (emit) => {
        const windows = new MapWindows(WINDOW_MS, emit);
        readLines(input.chunks as Buffer[], (line) => {
          const { device, t, v, w } = JSON.parse(line) as Reading & { device: string };
          windows.add(device, t, v, w);
        });
        windows.flush();
      }),
    ],
  };
}

function csvContest(readings: Readings): Contest {
  const inputOf = (some: Readings): Input => ({
    plan: replayPlan(planOf(), "csv"),
    chunks: chunksOf(csvOf(some), FILE_BYTES),
    header: CSV_NAMES,
  });
  const input = inputOf(readings);
  const expected = expectedRows(inputOf, readings);
  return {
    title: "CSV lines → window",
    about: `${about(input, readings)} a line; chunks of 256 KiB`,
    records: readings.count,
    contestants: [
      ...kernels(input, expected),
      rival("lines + split + Map", expected, (emit) => {
        const windows = new MapWindows(WINDOW_MS, emit);
        readLines(input.chunks as Buffer[], (line) => {
          const [device, t, v, w] = line.split(",") as [string, string, string, string];
          windows.add(device, Number(t), Number(v), Number(w));
        });
        windows.flush();
      }),
    ],
  };
}

/**
 * Columns to windows. Engines take bytes only, so this is measured as what a pipeline adds to a source that has some
 * already: the difference between five and one, by four. Their conditions differ, so that they share no slices.
 */
function columnsTable(readings: Readings, effort: Effort): Table {
  const inputFor =
    (pipelines: number) =>
    (some: Readings): Input => ({
      plan: planOf({
        format: "msgpack",
        windows: Array.from({ length: pipelines }, () => TUMBLE_10S),
        where: (index) => `WHERE v > ${-1 - index}`,
      }),
      chunks: chunksOf(framesOf(some, "msgpack"), SOCKET_BYTES),
    });
  const one = inputFor(1)(readings);
  const many = { ...inputFor(MANY_PIPELINES)(readings), chunks: one.chunks };
  const expected = expectedRows(inputFor(1), readings);
  const allExpected = expectedRows(inputFor(MANY_PIPELINES), readings);
  const contest: Contest = {
    title: "columns → window",
    about: `kernels: what one pipeline more costs (${MANY_PIPELINES} pipelines less 1, by ${MANY_PIPELINES - 1}), its WHERE and its results with it`,
    records: readings.count,
    contestants: [
      ...KERNELS.flatMap(({ name, module }) => [
        kernelContestant(name, module, one, expected),
        kernelContestant(`${name}, many`, module, many, allExpected),
      ]),
      rivalContestant("typed arrays by hand", expected, () => arrayWindows(readings, WINDOW_MS)),
      rival("Map of objects", expected, (emit) => {
        const windows = new MapWindows(WINDOW_MS, emit);
        const { count, devices, device, timeMs, v, w } = readings;
        for (let index = 0; index < count; index++)
          windows.add(devices[device[index]!]!, timeMs[index]!, v[index]!, w[index]!);
        windows.flush();
      }),
    ],
  };
  const rows = runContest(contest, effort);
  const marginal = [0, 2].map((at) =>
    rows[at + 1]!.cpuNs.samples.map(
      (cpu, round) => (cpu - rows[at]!.cpuNs.samples[round]!) / (MANY_PIPELINES - 1),
    ),
  );
  const ratioTo = (samples: number[]): number =>
    statistics(samples.map((cpu, round) => cpu / marginal[0]![round]!)).median;
  const table = contestTable(contest, []);
  table.rows = [
    ...KERNELS.map(({ name }, index) =>
      contestRow(name, statistics(marginal[index]!), null, ratioTo(marginal[index]!)),
    ),
    ...rows
      .slice(4)
      .map(({ name, cpuNs, wallNs }) => contestRow(name, cpuNs, wallNs.median, ratioTo(cpuNs.samples))),
  ];
  return table;
}

function about({ chunks }: Input, { count }: Readings): string {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return `${count.toLocaleString("en")} records, ${(bytes / count).toFixed(0)} bytes`;
}
