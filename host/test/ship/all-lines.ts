// Prints what every golden case and forty random plans give, on the reference and both kernels, with every bit
// of every value: started by arm.test.ts on this machine's Node and on one for aarch64.
import fc from "fast-check";
import type { Plan } from "../../core/plan/plan.ts";
import { type Step, drive, exactLines } from "../support/drive.ts";
import { kernels, reference } from "../support/engines.ts";
import { planOf, readCases, stepsOf } from "../support/golden-case.ts";
import { Draw, drawPlan } from "../support/random/plan.ts";
import { drawStream } from "../support/random/stream.ts";

const RANDOM_PLANS = 40;
const SEED = 20_131_202;

function print(name: string, plan: Plan, steps: Step[], version?: 4 | 5): void {
  for (const kind of [reference, ...kernels]) {
    const lines = exactLines(drive(kind.create(plan, version), steps));
    process.stdout.write(lines.map((line) => `${name}, ${kind.name}: ${line}\n`).join(""));
  }
}

for (const golden of readCases()) print(golden.name, planOf(golden), stepsOf(golden), golden.mqttVersion);

for (const [index, g] of fc.sample(fc.gen(), { numRuns: RANDOM_PLANS, seed: SEED }).entries()) {
  const draw = new Draw(g);
  const plan = drawPlan(draw);
  const { steps, mqttVersion } = drawStream(draw, plan);
  print(`random ${index}`, plan, steps, mqttVersion);
}
