// Properties over random plans and streams: the kernels do what the reference does, to the bit, wherever the
// input is cut and whenever the state is saved and restored; counts add up; pipelines do not see each other.
// A failure prints its seed and path; MILLRACE_SEED repeats it, MILLRACE_RUNS sets how many are drawn.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Engine } from "../core/engine.ts";
import { planOfPipeline } from "../core/plan/chain.ts";
import type { Plan } from "../core/plan/plan.ts";
import { resultId } from "../encoders/result-value.ts";
import type { Run } from "./support/drive.ts";
import { drive, exactText, expectSameRun } from "./support/drive.ts";
import { kernels, type MemoryPlace, reference } from "./support/engines.ts";
import { Draw, drawPlan } from "./support/random/plan.ts";
import { drawStream } from "./support/random/stream.ts";

const RUNS = Number(process.env.MILLRACE_RUNS ?? 2000);
const seed = process.env.MILLRACE_SEED === undefined ? {} : { seed: Number(process.env.MILLRACE_SEED) };

function check(runs: number, property: (draw: Draw) => void): void {
  fc.assert(
    fc.property(fc.gen(), (g) => property(new Draw(g))),
    { numRuns: runs, endOnFailure: true, reporter, ...seed },
  );
}

/** Says how to repeat a failure and what it was; the drawn values are thousands of numbers that tell nobody a thing. */
function reporter<T>(run: fc.RunDetails<T>): void {
  if (!run.failed) return;
  const cause = run.errorInstance as Error;
  throw new Error(`MILLRACE_SEED=${run.seed}, path ${run.counterexamplePath}: ${cause.message}`, { cause });
}

function conserve(plan: Plan, { counters, outputs }: Run): void {
  for (const { received, accepted, refused } of [counters, ...counters.chained])
    expect(received).toBe(accepted + Object.values(refused).reduce((sum, count) => sum + count, 0));
  expect(counters.held).toBe(0);
  counters.pipelines.forEach((pipeline, index) => {
    const { from } = plan.pipelines[index]!;
    const { accepted } = from === undefined ? counters : counters.chained[from]!;
    expect(accepted).toBe(pipeline.counted + pipeline.filtered + pipeline.lateRecords);
    const results = outputs.filter((output) => output.pipeline === index && output.kind === "result");
    expect(results.length).toBe(pipeline.results);
    if (plan.pipelines[index]!.late === "side" && plan.pipelines[index]!.window !== null) {
      expect(outputs.filter((output) => output.pipeline === index && output.kind === "late").length).toBe(
        pipeline.lateWindows,
      );
    }
  });
}

/** Memory for two engines at a time; making it anew for each plan would take longer than running most. */
const places: [MemoryPlace, MemoryPlace] = [[], []];

/** A cut of every run of bytes, at one share of its length. */
function cutAt(share: number): (bytes: Uint8Array) => Uint8Array[] {
  return (bytes) => {
    const at = Math.floor((bytes.length * share) / 1000);
    return [bytes.subarray(0, at), bytes.subarray(at)];
  };
}

describe("random plans and streams", () => {
  test(
    `kernels equal the reference, cut anywhere, restored anywhere (${RUNS} plans)`,
    { timeout: 600_000 },
    () => {
      const seen = new Set<string>();
      let accepted = 0;
      let said = 0;
      let early = 0;
      check(RUNS, (draw) => {
        const plan = drawPlan(draw);
        const { steps, mqttVersion } = drawStream(draw, plan);
        const expected = drive(reference.create(plan, mqttVersion), steps);
        conserve(plan, expected);
        const share = draw.whole(0, 1000);
        for (const kernel of kernels) {
          const engines = [
            kernel.create(plan, mqttVersion, places[0]),
            kernel.create(plan, mqttVersion, places[1]),
          ] as const;
          const empty = engines[0].snapshot();
          expectSameRun(expected, drive(engines[0], steps), kernel.name);
          // The two take turns: a restore replaces all that an engine had before.
          engines[0].restore(empty);
          let turn = 0;
          const renew = (): Engine => engines[++turn % 2]!;
          const restored = drive(engines[0], steps, { cut: cutAt(share), renew });
          expectSameRun(expected, restored, `${kernel.name}, cut and restored`);
        }
        const { framing, format, batch } = plan.source;
        seen.add(`${framing} ${format}${batch === undefined ? "" : " columns"}`);
        accepted += expected.counters.accepted;
        early += expected.counters.early;
        said += expected.counters.contextMessages;
      });
      // A failure is not hidden by streams of which nothing is taken.
      expect(seen.size).toBe(9);
      expect(accepted).toBeGreaterThan(RUNS * 5);
      expect(said).toBeGreaterThan(RUNS / 4);
      expect(early).toBeGreaterThan(RUNS / 4);
    },
  );

  test("a pipeline gives the same results whichever others are in the file", { timeout: 300_000 }, () => {
    check(Math.ceil(RUNS / 10), (draw) => {
      const plan = drawPlan(draw);
      plan.limits.keys = 1000;
      const { steps, mqttVersion } = drawStream(draw, plan);
      const together = drive(kernels[1]!.create(plan, mqttVersion, places[0]), steps);
      plan.pipelines.forEach((pipeline, index) => {
        const { plan: own, place } = planOfPipeline(plan, index);
        const alone = drive(kernels[1]!.create(own, mqttVersion, places[1]), steps);
        const mine = together.outputs.filter((output) => output.pipeline === index);
        expect(
          mine.map((output) => ({ ...output, pipeline: place })),
          pipeline.name,
        ).toEqual(alone.outputs.filter((output) => output.pipeline === place));
      });
    });
  });

  test("each window of a key comes out as revision 1, 2, 3 …", { timeout: 300_000 }, () => {
    check(Math.ceil(RUNS / 10), (draw) => {
      const plan = drawPlan(draw);
      const { steps, mqttVersion } = drawStream(draw, plan);
      // A key that made room and comes back is new.
      if (plan.limits.keysPolicy === "evict-idle") plan.limits.keysPolicy = "refuse";
      const { outputs } = drive(kernels[0]!.create(plan, mqttVersion, places[0]), steps);
      const seen = new Map<string, number>();
      for (const output of outputs) {
        const pipeline = plan.pipelines[output.pipeline]!;
        if (output.kind === "late") continue;
        if (pipeline.window === null) {
          // Equal readings are results of their own.
          const id = resultId(plan, output);
          expect(seen.has(id), `${id} is there twice`).toBe(false);
          seen.set(id, 1);
          continue;
        }
        const { kind } = pipeline.window;
        const fixed = kind === "running" || kind === "rows" ? [] : [output.windowStart, output.windowEnd];
        const bounds = kind === "session" ? [output.idStart] : fixed;
        // NULL and the empty text are two keys.
        const key = JSON.stringify(output.values.slice(0, pipeline.keys.length), exactText);
        const id = [output.pipeline, ...bounds, output.ordinal, key].join("/");
        const last = seen.get(id) ?? 0;
        // Only a window that is open, shown whole again and again, may be as it was.
        const again =
          output.cause === "update" && pipeline.emit.kind === "complete" && output.revision === last;
        expect(
          again || output.revision === last + 1,
          `${id}: revision ${output.revision} after ${last}`,
        ).toBe(true);
        seen.set(id, output.revision);
      }
    });
  });
});
