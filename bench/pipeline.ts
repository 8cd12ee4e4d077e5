// `millrace replay` as a process of its own, from its start to its end, over a file of NDJSON lines; against a plain
// program that does the same.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replayPlan } from "../host/core/plan/replay-plan.ts";
import type { Bench, Effort, Table } from "./harness/bench.ts";
import { expectedRows, type Input } from "./harness/kernels.ts";
import { builtRival, type Finished, millrace, millraceInstalled, runNode } from "./harness/process.ts";
import { statistics } from "./harness/statistics.ts";
import { definitionText, planOf } from "./workload/definitions.ts";
import { chunksOf, FILE_BYTES, linesOf, makeReadings, type Readings } from "./workload/readings.ts";
import { checkRows, rowsOfLines, type WindowRow } from "./workload/rows.ts";

/** A process takes a second: fewer rounds than in memory. */
const ROUNDS_MAX = 5;

export const pipelineBench: Bench = {
  name: "pipeline",
  about: "`millrace replay` of a file of NDJSON lines, as a process",
  run: async (effort) => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
    try {
      return [await replayTable(folder, effort)];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

interface Program {
  name: string;
  args: string[];
  /** Its results are the expected ones to the bit, nearly, or it has none. */
  results: "exact" | "near" | "none";
}

async function replayTable(folder: string, effort: Effort): Promise<Table> {
  const readings = makeReadings({
    count: effort.brief ? 100_000 : 2_000_000,
    devices: 1000,
    intervalMs: 100,
  });
  const bytes = linesOf(readings);
  const file = join(folder, "readings.ndjson");
  const definition = join(folder, "definition.yaml");
  writeFileSync(file, bytes);
  writeFileSync(definition, definitionText());
  const inputOf = (some: Readings): Input => ({
    plan: replayPlan(planOf(), "json"),
    chunks: chunksOf(some === readings ? bytes : linesOf(some), FILE_BYTES),
  });
  const expected = expectedRows(inputOf, readings);
  const programs: Program[] = [
    {
      name: "millrace replay, installed",
      args: [millraceInstalled, "replay", definition, file],
      results: "exact",
    },
    {
      name: "millrace replay, from a checkout",
      args: [millrace, "replay", definition, file],
      results: "exact",
    },
    { name: "Node: lines + JSON.parse + Map", args: [builtRival("replay"), file], results: "near" },
    { name: "Node: reading the file alone", args: [builtRival("read-file"), file], results: "none" },
    { name: "Node: starting alone", args: ["-e", "0"], results: "none" },
  ];
  const runs = programs.map((): Finished[] => []);
  for (let round = 0; round < Math.min(ROUNDS_MAX, effort.rounds); round++) {
    for (let index = 0; index < programs.length; index++) {
      const at = (index + round) % programs.length;
      effort.say(`pipeline, round ${round + 1}: ${programs[at]!.name}`);
      runs[at]!.push(await runChecked(programs[at]!, expected));
    }
  }
  const { count } = readings;
  return {
    title: "NDJSON file → results on stdout, whole process",
    about: `${count.toLocaleString("en")} lines of ${(bytes.length / count).toFixed(0)} bytes; CPU is user + system from start to end, ${expected.length.toLocaleString("en")} results`,
    columns: ["CPU ns/record", "min", "MAD", "wall ns/record", "× first", "peak RSS MB"],
    rows: programs.map(({ name }, index) => {
      const list = runs[index]!;
      const cpu = statistics(list.map(({ cpuNs }) => cpuNs / count));
      const wall = statistics(list.map(({ wallNs }) => wallNs / count)).median;
      const ratio = statistics(list.map(({ cpuNs }, round) => cpuNs / runs[0]![round]!.cpuNs)).median;
      const rss = statistics(list.map(({ rssPeakKb }) => rssPeakKb / 1024)).median;
      return { name, cells: [cpu.median, cpu.min, cpu.mad, wall, ratio, rss], samples: cpu.samples };
    }),
  };
}

async function runChecked({ name, args, results }: Program, expected: WindowRow[]): Promise<Finished> {
  const finished = await runNode(args);
  if (results !== "none") checkRows(name, expected, rowsOfLines(finished.stdout), results === "exact");
  return finished;
}
