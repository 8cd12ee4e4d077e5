// A contest: several programs do the same work in one process, in interleaved rounds, and their results are compared
// before any figure is believed. CPU time of the whole process (collector and compiler threads with it) comes first:
// it is the steadiest figure on a machine that others use too.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type WindowRow, checkRows } from "../workload/rows.ts";
import type { Effort } from "./bench.ts";
import { type Statistics, statistics } from "./statistics.ts";

/** One program. `run` does the work once over all records, with what `prepare` set up beforehand, untimed. */
export interface Contestant {
  name: string;
  prepare(): void;
  run(): void;
  /** What the last run computed. */
  results(): WindowRow[];
  /** What it has to compute; null when that is nothing that can be compared (decoding alone). */
  expected: WindowRow[] | null;
  /** Its results equal the expected ones to the bit; the sums of others are rounded as they go. */
  exact: boolean;
}

export interface Contest {
  title: string;
  /** What is done, in one line, for the reader of the table. */
  about: string;
  /** Records that one run takes. */
  records: number;
  /** The first one is the one that the others are compared with. */
  contestants: Contestant[];
}

/** Median, least and spread of the rounds of one contestant; ns a record. */
export interface Row {
  name: string;
  cpuNs: Statistics;
  wallNs: Statistics;
  /** CPU of this one ÷ CPU of the first one, in the same round; median. */
  ratio: number;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Runs a contest. Throws when a contestant's results are not the expected ones. */
export function runContest(contest: Contest, effort: Effort): Row[] {
  const entries = contest.contestants.map((contestant) => {
    measure(contestant, 1, contest.records);
    const { name, expected, exact } = contestant;
    if (expected !== null) checkRows(`${contest.title}: ${name}`, expected, contestant.results(), exact);
    // The second run is warm, and says how many make a round.
    const { cpuNs } = measure(contestant, 1, contest.records);
    const passes = Math.max(1, Math.ceil((effort.roundMs * 1e6) / (cpuNs * contest.records)));
    return { contestant, passes, samples: [] as Sample[] };
  });
  for (let round = 0; round < effort.rounds; round++) {
    // Who goes first changes, so that nobody always comes after the same one.
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[(index + round) % entries.length]!;
      entry.samples.push(measure(entry.contestant, entry.passes, contest.records));
    }
  }
  const first = entries[0]!.samples;
  return entries.map(({ contestant, samples }) => ({
    name: contestant.name,
    cpuNs: statistics(samples.map((sample) => sample.cpuNs)),
    wallNs: statistics(samples.map((sample) => sample.wallNs)),
    ratio: statistics(samples.map((sample, round) => sample.cpuNs / first[round]!.cpuNs)).median,
  }));
}

interface Sample {
  cpuNs: number;
  wallNs: number;
}

/** CPU and wall time of a record, in ns, over some passes; what is prepared for each pass is not counted. */
function measure(contestant: Contestant, passes: number, records: number): Sample {
  let [cpu, wall] = [0, 0];
  collectGarbage();
  for (let pass = 0; pass < passes; pass++) {
    contestant.prepare();
    const began = process.hrtime.bigint();
    const before = process.cpuUsage();
    contestant.run();
    const { user, system } = process.cpuUsage(before);
    wall += Number(process.hrtime.bigint() - began);
    cpu += (user + system) * 1000;
  }
  return { cpuNs: cpu / (records * passes), wallNs: wall / (records * passes) };
}

/** A program that returns its windows. */
export function rivalContestant(name: string, expected: WindowRow[], work: () => WindowRow[]): Contestant {
  let rows: WindowRow[] = [];
  const run = (): void => {
    rows = work();
  };
  return { name, expected, exact: false, prepare: () => {}, run, results: () => rows };
}

/** Decoding alone: what it found is added up, so that none of it can be left out. */
export function decodingAlone(name: string, work: () => number): Contestant {
  const run = (): void => {
    if (!(work() > 0)) throw new Error(`${name} found nothing`);
  };
  return { name, expected: null, exact: false, prepare: () => {}, run, results: () => [] };
}
