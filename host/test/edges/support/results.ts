// Outputs made by hand for tests of sinks, and a plan that they belong to.
import type { Output, Result } from "../../../core/engine.ts";
import { type PipelineDefinition, readDefinition } from "../../../language/index.ts";
import type { Plan } from "../../../core/plan/plan.ts";

/** A definition of one pipeline `p` (device, window_start, n, mean), and its sinks from YAML lines. */
export function pipelineWith(sink: string): { plan: Plan; pipeline: PipelineDefinition } {
  const text = `
version: 1
sources:
  plant: { mqtt: "mqtt://localhost", topic: "t/{device}", format: json, time: { field: ts, unit: ms } }
pipelines:
  p:
    sql: |
      SELECT device, window_start, COUNT(*) AS n, AVG(v) AS mean
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND))
      GROUP BY device, window_start, window_end
    late: side
    to: ${sink}
`;
  const { definition, problems } = readDefinition(text, {
    fileName: "/test.yaml",
    env: {},
    requireEnv: false,
  });
  if (definition === null) throw new Error(problems.map((problem) => problem.message).join("\n"));
  return { plan: definition.plans[0]!, pipeline: definition.pipelines[0]! };
}

/** The n-th result of a device: window [10 n s, 10 n + 10 s) with n records. */
export function result(device: string | null, n: number): Result {
  const windowStart = BigInt(n) * 10_000_000_000n;
  return {
    kind: "result",
    pipeline: 0,
    revision: 1,
    cause: "watermark",
    windowStart,
    windowEnd: windowStart + 10_000_000_000n,
    idStart: windowStart,
    count: n,
    lateCount: 2,
    ordinal: 0,
    inexact: false,
    values: [device, windowStart, n, n / 3],
  };
}

/** A late record of a device, 4.25 ms after the end of its window. */
export function late(device: string, timeMs: number): Output {
  const start = (BigInt(timeMs) / 10_000n) * 10_000_000_000n;
  return {
    kind: "late",
    pipeline: 0,
    windowStart: start,
    windowEnd: start + 10_000_000_000n,
    byNs: 4_250_000n,
    values: [device, BigInt(timeMs) * 1_000_000n, 1.5],
  };
}
