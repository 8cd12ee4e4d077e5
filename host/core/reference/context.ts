// What is known of streams, obviously: a list of them, each with its values; a message of context is a merge patch.
// Imports core types, the decoded values.
import type { Scalar, StreamContext } from "../engine.ts";
import type { ContextPlan } from "../plan/plan.ts";
import type { Found } from "./decoding/record.ts";
import { toCell } from "./decoding/record.ts";

/** One message of context: the stream, and what is said at a path (undefined: nothing); null takes all of it back. */
export interface ContextMessage {
  key: (string | null)[];
  patch: ((path: string[]) => Found | undefined) | null;
}

interface Stream extends StreamContext {
  /** How many had ended when it did, itself included; 0 while it is open. */
  ending: number;
}

export class Streams {
  private readonly plan: ContextPlan | null;
  private readonly list: Stream[] = [];
  private endings = 0;
  messages = 0;

  constructor(plan: ContextPlan | undefined) {
    this.plan = plan ?? null;
  }

  /** What is known of the stream of a record with these columns. */
  cell(columns: readonly unknown[], cell: number): Scalar {
    const key = this.plan!.keys.map((column) => columns[column] as string | null);
    const { cells } = this.find(key) ?? { cells: this.initial };
    return cells[cell]!;
  }

  get all(): StreamContext[] {
    return this.list.map(({ key, ending, cells }) => ({ key, ended: ending > 0, cells: [...cells] }));
  }

  private get initial(): Scalar[] {
    return this.plan!.cells.map(({ initial }) => initial);
  }

  private find(key: (string | null)[]): Stream | undefined {
    return this.list.find((stream) => stream.key.every((value, place) => value === key[place]));
  }

  /** Takes a message; false when there is no place for its stream. `count` is told of what became NULL. */
  take({ key, patch }: ContextMessage, count: (type: number, nonfinite: number) => void): boolean {
    const known = this.find(key);
    if (patch === null) {
      if (known !== undefined) Object.assign(known, { ending: 0, cells: this.initial });
      this.messages++;
      return true;
    }
    const stream = known ?? this.place(key);
    if (stream === null) return false;
    const said = this.plan!.cells.map(({ path, type }) => {
      const found = patch(path);
      return found === undefined ? undefined : toCell(type, found);
    });
    if (stream.ending > 0 && said[0]?.value === "open") stream.cells = this.initial;
    said.forEach((cell, place) => {
      if (cell === undefined) return;
      stream.cells[place] = cell.value;
      count(cell.nulledType, cell.nulledNonfinite);
    });
    const [state] = stream.cells;
    if (state === null || state === "open") stream.ending = 0;
    else if (stream.ending === 0) stream.ending = ++this.endings;
    this.messages++;
    return true;
  }

  /** A place for a new stream: that of the one that ended first when all are taken. */
  private place(key: (string | null)[]): Stream | null {
    const fresh: Stream = { key, ended: false, ending: 0, cells: this.initial };
    if (this.list.length < this.plan!.streams) {
      this.list.push(fresh);
      return fresh;
    }
    const [oldest] = this.list.filter(({ ending }) => ending > 0).toSorted((a, b) => a.ending - b.ending);
    return oldest === undefined ? null : Object.assign(oldest, fresh);
  }
}
