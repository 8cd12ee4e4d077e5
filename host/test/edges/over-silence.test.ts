// Rows of OVER that silence brings out, over streams that are long enough for every stretch of a key's window: the
// kernels against the reference, with records that come behind rows that are out.
import { describe, expect, test } from "vitest";
import type { Plan } from "../../core/plan/plan.ts";
import { readDefinition } from "../../language/index.ts";
import { type Step, drive, expectSameRun } from "../support/drive.ts";
import { kernels, reference } from "../support/engines.ts";
import { Chance } from "../kernel/support.ts";

const planOf = (frame: string): Plan => {
  const text = `version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: ms }, delay: 20s, idle: 5s }
pipelines:
  p:
    sql: |
      SELECT a, t, COUNT(*) OVER w AS n, SUM(v) OVER w AS total, MAX(v) OVER w AS high, LAST_VALUE(v) OVER w AS newest,
        ARRAY_AGG(v) OVER w AS list
      FROM s
      WINDOW w AS (PARTITION BY a ORDER BY t ${frame} AND CURRENT ROW)
`;
  const { definition, problems } = readDefinition(text, { fileName: "p.yaml", env: {}, requireEnv: false });
  expect(problems).toEqual([]);
  return definition!.plans[0]!;
};

/** Readings of two keys some 200 ms apart, a third of them up to 15 s late; now and then silence of 6 to 30 s. */
function stepsOf(chance: Chance): Step[] {
  const steps: Step[] = [];
  let now = 0;
  for (let run = 0; run < 12; run++) {
    const lines = Array.from({ length: chance.whole(1, 60) }, () => {
      now += chance.whole(0, 400);
      const t = chance.whole(0, 2) === 0 ? now - chance.whole(0, 15_000) : now;
      return `${JSON.stringify({ t, a: chance.whole(0, 2) === 0 ? "A" : "B", v: chance.whole(-500, 500) / 4 })}\n`;
    });
    steps.push({ kind: "tick", ns: BigInt(now) * 1_000_000n });
    steps.push({ kind: "bytes", bytes: Buffer.from(lines.join("")) });
    steps.push({ kind: "tick", ns: BigInt(now) * 1_000_000n });
    if (chance.whole(0, 2) > 0) now += chance.whole(6000, 30_000);
    steps.push({ kind: "tick", ns: BigInt(now) * 1_000_000n });
  }
  return steps;
}

describe("rows that silence brings out", () => {
  test.each([
    "RANGE BETWEEN INTERVAL '2' SECOND PRECEDING",
    "RANGE BETWEEN INTERVAL '12' SECOND PRECEDING",
    "RANGE BETWEEN INTERVAL '90' SECOND PRECEDING",
    "ROWS BETWEEN 0 PRECEDING",
    "ROWS BETWEEN 7 PRECEDING",
    "ROWS BETWEEN 45 PRECEDING",
    "ROWS BETWEEN 200 PRECEDING",
  ])("%s", { timeout: 120_000 }, (frame) => {
    const plan = planOf(frame);
    const chance = new Chance();
    let again = 0;
    for (let round = 0; round < 12; round++) {
      const steps = stepsOf(chance);
      const expected = drive(reference.create(plan), steps);
      const results = expected.outputs.filter((output) => output.kind === "result");
      expect(results.some(({ cause }) => cause === "idle")).toBe(true);
      again += results.filter(({ revision }) => revision > 1).length;
      for (const kernel of kernels) expectSameRun(expected, drive(kernel.create(plan), steps), kernel.name);
    }
    if (!frame.startsWith("ROWS BETWEEN 0")) expect(again).toBeGreaterThan(15);
  });
});
