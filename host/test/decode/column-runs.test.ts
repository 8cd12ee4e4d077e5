// Messages of columns whose records make runs, in windows of every length: what takes many records at once gives what the
// reference gives one by one, wherever late records, ends of windows, WHERE and wrong values lie among them.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AggregateName, Expression, PipelinePlan, Plan, WindowPlan } from "../../core/plan/plan.ts";
import { drive, expectSameRun, type Step } from "../support/drive.ts";
import { kernels, type MemoryPlace, reference } from "../support/engines.ts";
import { drawBatchColumns, drawBatchText, packed } from "../support/random/batch.ts";
import { drawExpression } from "../support/random/expression.ts";
import { Draw } from "../support/random/plan.ts";
import { frame, planOf } from "../kernel/support.ts";

const RUNS = Math.max(100, Math.ceil(Number(process.env.MILLRACE_RUNS ?? 2000) / 8));
const seed = process.env.MILLRACE_SEED === undefined ? {} : { seed: Number(process.env.MILLRACE_SEED) };
const SECOND = 1_000_000_000n;
const AGGREGATES: AggregateName[] = ["count_all", "count", "sum", "avg", "min", "max"];
/** One engine at a time. */
const place: MemoryPlace = [];

function drawWindow(draw: Draw): WindowPlan {
  const lengthNs = BigInt(draw.whole(1, 24)) * (SECOND / 2n);
  const manyNs = lengthNs * BigInt(draw.whole(1, 4));
  const offsetNs = BigInt(draw.pick([0, 0, 3])) * (SECOND / 2n);
  const kind = draw.pick(["tumble", "tumble", "hop", "cumulate", "session"] as const);
  if (kind === "tumble") return { kind, sizeNs: lengthNs, offsetNs };
  if (kind === "hop") return { kind, slideNs: lengthNs, sizeNs: manyNs, offsetNs };
  if (kind === "cumulate") return { kind, stepNs: lengthNs, sizeNs: manyNs, offsetNs };
  return { kind, gapNs: lengthNs, maxNs: draw.chance(0.5) ? null : manyNs };
}

/** One pipeline, so that the kernel takes many records at once wherever it may. */
function drawRunsPlan(draw: Draw): Plan {
  const format = draw.pick(["json", "msgpack"] as const);
  const unit = draw.pick(["s", "ms", "ms", "iso8601"] as const);
  const fields = { a: "string", flag: "boolean", v: "double", w: "double" } as const;
  const plan = planOf({
    format,
    framing: "mqtt",
    fields,
    unit,
    topic: [{ literal: "d" }, { column: "site" }],
  });
  const { source, limits } = plan;
  const columnOf = (name: string): number => source.columns.findIndex((column) => column.name === name);
  const inputs = source.columns.map(({ type }, column) => ({ type, column }));
  const keys = draw.pick([[], ["site"], ["site"], ["site", "flag"], ["a", "site"]]).map(columnOf);
  const aggregates = Array.from({ length: draw.whole(1, 5) }, () => {
    const name = draw.pick(AGGREGATES);
    const argument: Expression = { kind: "column", type: "double", column: columnOf(draw.pick(["v", "w"])) };
    return { name, argument: name === "count_all" ? null : argument, parameter: null };
  });
  const outputs = aggregates.map((_, index) => ({
    name: `c${index}`,
    expression: { kind: "column", type: "double", column: keys.length + 3 + index } as Expression,
    hidden: false,
  }));
  const pipeline: PipelinePlan = {
    ...plan.pipelines[0]!,
    where: draw.chance(0.4) ? drawExpression(draw, "boolean", inputs, 2, null) : null,
    keys,
    window: drawWindow(draw),
    aggregates,
    outputs,
    late: draw.pick(["drop", "side"] as const),
  };
  const clocks = {
    delayNs: draw.pick([0n, SECOND, 7n * SECOND]),
    clock: draw.pick(["key", "source"] as const),
    idleNs: draw.pick([null, 5n * SECOND]),
    maxAheadNs: draw.pick([null, 4n * SECOND]),
    nonfinite: draw.pick(["null", "refuse"] as const),
  };
  return {
    source: { ...source, ...clocks, ...drawBatchColumns(draw, source.columns, unit) },
    pipelines: [pipeline],
    limits,
  };
}

function drawSteps(draw: Draw, plan: Plan): Step[] {
  const steps: Step[] = [];
  let second = draw.whole(-20, 20);
  for (let left = draw.whole(1, 8); left > 0; left--) {
    if (draw.chance(0.2)) steps.push({ kind: "tick", ns: BigInt(second + draw.whole(0, 40)) * SECOND });
    const text = drawBatchText(draw, plan, second, { long: 0.004, runs: 0.85 });
    const payload = plan.source.format === "json" ? Buffer.from(text) : packed(text);
    steps.push({ kind: "bytes", bytes: frame(`d/${draw.pick(["A", "A", "B"])}`, payload) });
    second += draw.whole(-2, 12);
  }
  return steps;
}

test(`runs of records in windows (${RUNS})`, { timeout: 600_000 }, () => {
  let accepted = 0;
  let results = 0;
  fc.assert(
    fc.property(fc.gen(), (g) => {
      const draw = new Draw(g);
      const plan = drawRunsPlan(draw);
      const steps = drawSteps(draw, plan);
      const expected = drive(reference.create(plan), steps);
      accepted += expected.counters.accepted;
      results += expected.outputs.length;
      const share = draw.whole(0, 1000) / 1000;
      const cut = (bytes: Uint8Array): Uint8Array[] => {
        const at = Math.floor(bytes.length * share);
        return [bytes.subarray(0, at), bytes.subarray(at)];
      };
      for (const kernel of kernels)
        expectSameRun(expected, drive(kernel.create(plan, 4, place), steps, { cut }), kernel.name);
    }),
    { numRuns: RUNS, endOnFailure: true, ...seed },
  );
  expect(accepted).toBeGreaterThan(RUNS * 50);
  expect(results).toBeGreaterThan(RUNS * 2);
});
