// Runs: rows of a batch that follow one another and go to the same slice. States are added run by run where runs are
// long: a cell is read and written once for all of them. Run (offsets RUN_*): ┌ slice u32 ┬ first row u32 ┬ row behind u32 ┐
// Imports raw access and sweeps.
import { setU32, u32At } from "../memory/raw";
import { alikeWords } from "../memory/sweeps";

export const RUN_SLICE: usize = 0;
export const RUN_BEGIN: usize = 4;
export const RUN_END: usize = 8;
export const RUN_BYTES: usize = 12;
/** Rows of a run, on average, from which on the states are added run by run. */
const RUN_ROWS: u32 = 4;
/** Runs that may be shorter before it is said that runs are short. */
const SLACK: u32 = 8;

/** The runs of rows that go to a slice at all, in order: at most 520 of a batch of 2,048 rows. */
export const runs = memory.data(6240, 8);

/** Finds the runs of rows [from, to); how many they are, or RUNS_MANY when they are short. */
export function findRuns(slices: usize, from: u32, to: u32): u32 {
  let count: u32 = 0;
  let all: u32 = 0;
  let row = from;
  while (row < to) {
    const slice = u32At(slices + (<usize>row << 2));
    const begin = row;
    row += alikeWords(slices + (<usize>row << 2), slice, to - row);
    all++;
    if (all > (row - from) / RUN_ROWS + SLACK) return RUNS_MANY;
    if (slice == 0) continue;
    const run = runs + <usize>count * RUN_BYTES;
    setU32(run + RUN_SLICE, slice);
    setU32(run + RUN_BEGIN, begin);
    setU32(run + RUN_END, row);
    count++;
  }
  return count;
}
export const RUNS_MANY: u32 = 0xffffffff;
