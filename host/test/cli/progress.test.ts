// The progress line: on a terminal what one input has come to, elsewhere nothing.
import { expect, it } from "vitest";
import type { Counters } from "../../core/engine.ts";
import { Progress } from "../../cli/progress.ts";

const RECORDS_BEFORE = 1_000_000;

/** What a progress line of the second of two inputs says when half of its bytes are read. */
function printed(isTTY: boolean, totalBytes: number | null): string {
  let text = "";
  const stream = { isTTY, write: (piece: string) => (text += piece) } as unknown as NodeJS.WriteStream;
  const engine = { counters: () => ({ received: RECORDS_BEFORE }) as Counters };
  const progress = new Progress(stream, "b.ndjson", totalBytes, engine);
  progress.advance(1_048_576);
  progress.end();
  return text;
}

it("says position, rate and time left of the input that is read, and clears its line", () => {
  const [start, line, cleared] = printed(true, 2_097_152).split("\r");
  expect([start, cleared]).toEqual(["", "\u001b[K"]);
  expect(line).toMatch(/b\.ndjson: 50 %, 0 records\/s, \d+ s left$/);
});

it("says how much was read where the end is not known", () => {
  expect(printed(true, null)).toBe("\r\u001b[Kb.ndjson: 1.0 MB, 0 records/s\r\u001b[K");
});

it("says nothing on a pipe", () => {
  expect(printed(false, 2_097_152)).toBe("");
});
