// When the kernel's memory is used up: records for new windows are refused (`state`), open windows go on and keep
// every record that was accepted, and what closes makes room again. The reference has no such limit: it gets the
// accepted records only.
import { describe, expect, test } from "vitest";
import type { Engine, Output } from "../core/engine.ts";
import { MillraceError } from "../core/errors.ts";
import type { Plan } from "../core/plan/plan.ts";
import { readDefinition } from "../language/index.ts";
import { drive } from "./support/drive.ts";
import type { EngineKind } from "./support/engines.ts";
import { kernels, reference } from "./support/engines.ts";

const encoder = new TextEncoder();
const DEFINITION = `
version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: s }, delay: 1h }
pipelines:
  p:
    sql: |
      SELECT a, window_start, COUNT(*) AS n, SUM(v) AS total, VAR_POP(v) AS variance, MAX(v) AS most, LATEST(v) AS latest
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '1' SECOND))
      GROUP BY a, window_start, window_end
limits: { keys: 4, dictionary: 16KB }
`;

function planWith(memoryBytes: number): Plan {
  const { definition } = readDefinition(DEFINITION, { fileName: "memory.yaml", env: {}, requireEnv: false });
  const plan = definition!.plans[0]!;
  return { ...plan, limits: { ...plan.limits, memoryBytes } };
}

/** The plan with hardly more memory than it needs to open. */
function tightPlan(kind: EngineKind): Plan {
  for (let memoryBytes = 1 << 20; ; memoryBytes += 65536) {
    try {
      kind.create(planWith(memoryBytes));
      return planWith(memoryBytes);
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== "MR503" || memoryBytes > 32 << 20) throw error;
    }
  }
}

const push = (engine: Engine, lines: string[]): Output[] => [...engine.push(encoder.encode(lines.join("")))];

/** Hands in a record of each second until `refusals` were refused; returns the lines that were accepted. */
function fill(engine: Engine, refusals: number): string[] {
  const taken: string[] = [];
  for (let second = 0; engine.counters().refused.state < refusals; second++) {
    const line = `{"t":${second},"a":"k${second % 3}","v":${second % 7}}\n`;
    const { accepted } = engine.counters();
    expect(push(engine, [line])).toEqual([]);
    if (engine.counters().accepted > accepted) taken.push(line);
    expect(second).toBeLessThan(3000);
  }
  return taken;
}

describe.each(kernels)("$name out of memory", (kind) => {
  test("refuses what needs a new window, and keeps what is open", () => {
    const plan = tightPlan(kind);
    const engine = kind.create(plan);
    const taken = fill(engine, 5);
    expect(taken.length).toBeGreaterThan(20);
    const open = [100, 1e16, 1, -1e16].map((value) => `{"t":0,"a":"k0","v":${value}}\n`);
    push(engine, open);
    expect(engine.counters().refused.state).toBe(5);
    const lines = [...taken, ...open].join("");
    const expected = drive(reference.create(plan), [{ kind: "bytes", bytes: encoder.encode(lines) }]);
    expect([...engine.flush()]).toEqual(expected.outputs);
    const { received, accepted, refused, openSlices } = engine.counters();
    expect([received, refused.state, openSlices]).toEqual([accepted + 5, 5, 0]);
  });

  test("a refused record moves the clock, so that windows close and make room", () => {
    const engine = kind.create(tightPlan(kind));
    const taken = fill(engine, 1);
    const ahead = '{"t":10000,"a":"k0","v":1}\n';
    const closed = push(engine, [ahead]);
    expect(closed.length).toBe(taken.filter((line) => line.includes('"k0"')).length);
    expect(engine.counters().refused.state).toBe(2);
    push(engine, [
      ahead,
      ...Array.from({ length: closed.length - 1 }, (_, place) => ahead.replace("10000", `${10001 + place}`)),
    ]);
    expect(engine.counters()).toMatchObject({
      accepted: taken.length + closed.length,
      refused: { state: 2 },
    });
  });
});
