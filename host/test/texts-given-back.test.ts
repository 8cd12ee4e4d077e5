// Texts are given back where the dictionary has no room for more. The reference has room for all: while the kernels
// refuse nothing for want of it, they do what the reference does, to the bit, however often ids were used again. Where
// they refuse, all of them refuse the same, wherever the input is cut and whenever the state is saved and restored.
// MILLRACE_SEED repeats a failure, MILLRACE_RUNS sets how many plans are drawn.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Engine } from "../core/engine.ts";
import type { Run } from "./support/drive.ts";
import { drive, expectSameRun } from "./support/drive.ts";
import { kernels, type MemoryPlace, reference } from "./support/engines.ts";
import { Draw, drawPlan } from "./support/random/plan.ts";
import { drawStream } from "./support/random/stream.ts";

const RUNS = Math.ceil(Number(process.env.MILLRACE_RUNS ?? 2000) / 4);
const seed = process.env.MILLRACE_SEED === undefined ? {} : { seed: Number(process.env.MILLRACE_SEED) };
const places: [MemoryPlace, MemoryPlace] = [[], []];

const refusals = ({ counters }: Run): number =>
  [counters, ...counters.chained].reduce((sum, { refused }) => sum + refused.dictionary, 0);

function reporter<T>(run: fc.RunDetails<T>): void {
  if (!run.failed) return;
  const cause = run.errorInstance as Error;
  throw new Error(`MILLRACE_SEED=${run.seed}, path ${run.counterexamplePath}: ${cause.message}`, { cause });
}

describe("random plans over texts that never repeat", () => {
  test(`ids are used again, and nothing shows (${RUNS} plans)`, { timeout: 600_000 }, () => {
    const found = { sweeps: 0, texts: 0, equal: 0, refusing: 0 };
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const draw = new Draw(g);
        const plan = drawPlan(draw);
        draw.neverRepeating = true;
        const { steps, mqttVersion } = drawStream(draw, plan, 60);
        plan.limits.dictionaryBytes = 150 + Math.floor(draw.freshBytes * draw.pick([0.05, 0.2, 0.4, 0.6]));
        const share = draw.whole(0, 1000);
        const cut = (bytes: Uint8Array): Uint8Array[] => {
          const at = Math.floor((bytes.length * share) / 1000);
          return [bytes.subarray(0, at), bytes.subarray(at)];
        };
        const runs = kernels.flatMap((kernel) => {
          const engines = [
            kernel.create(plan, mqttVersion, places[0]),
            kernel.create(plan, mqttVersion, places[1]),
          ] as const;
          const empty = engines[0].snapshot();
          const whole = drive(engines[0], steps);
          engines[0].restore(empty);
          let turn = 0;
          const renew = (): Engine => engines[++turn % 2]!;
          return [whole, drive(engines[0], steps, { cut, renew })];
        });
        const [first] = runs;
        const { textSweeps, textsGivenBack } = first!.counters;
        runs.forEach((run, index) => {
          expectSameRun(first!, run, `kernel run ${index}`);
          expect([run.counters.textSweeps, run.counters.textsGivenBack]).toEqual([
            textSweeps,
            textsGivenBack,
          ]);
        });
        if (refusals(first!) > 0) found.refusing++;
        else {
          expectSameRun(drive(reference.create(plan, mqttVersion), steps), first!, "kernel");
          if (textsGivenBack > 0) found.equal++;
        }
        found.sweeps += textSweeps;
        found.texts += textsGivenBack;
      }),
      { numRuns: RUNS, endOnFailure: true, reporter, ...seed },
    );
    expect(found.equal).toBeGreaterThan(RUNS / 10);
    expect(found.refusing).toBeGreaterThan(RUNS / 10);
  });
});
