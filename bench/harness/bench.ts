// What a benchmark is: a name, and tables that it fills. Imports the contest's types.
import type { Contest, Row } from "./contest.ts";
import type { Statistics } from "./statistics.ts";

export interface Effort {
  /** As CI runs it: the least that shows that everything still works. */
  brief: boolean;
  rounds: number;
  /** CPU time that a round of one contestant takes at least. */
  roundMs: number;
  /** Says what goes on, on stderr. */
  say(text: string): void;
}

export interface Bench {
  name: string;
  about: string;
  run(effort: Effort): Promise<Table[]>;
}

export interface Table {
  title: string;
  about: string;
  /** Names of the cells, with units. */
  columns: string[];
  rows: TableRow[];
}

export interface TableRow {
  name: string;
  /** null where there is nothing to say. */
  cells: (number | null)[];
  /** Every round of the first cell. */
  samples: number[];
}

export const CONTEST_COLUMNS = ["CPU ns/record", "min", "MAD", "wall ns/record", "× first"];

/** The table of a contest. */
export function contestTable(contest: Contest, rows: Row[]): Table {
  return {
    title: contest.title,
    about: contest.about,
    columns: CONTEST_COLUMNS,
    rows: rows.map(({ name, cpuNs, wallNs, ratio }) => contestRow(name, cpuNs, wallNs.median, ratio)),
  };
}

export function contestRow(
  name: string,
  cpuNs: Statistics,
  wallNs: number | null,
  ratio: number | null,
): TableRow {
  return { name, cells: [cpuNs.median, cpuNs.min, cpuNs.mad, wallNs, ratio], samples: cpuNs.samples };
}
