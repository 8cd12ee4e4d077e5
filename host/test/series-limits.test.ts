// What DEDUP remembers has a bound for each series, and the kernel's memory is one for all of them: past either, the value
// let through first is forgotten, counted, and may come again. Nothing else is lost. RESAMPLE bounds what one gap gives.
import { describe, expect, test } from "vitest";
import type { Engine, Output } from "../core/engine.ts";
import type { Plan } from "../core/plan/plan.ts";
import { readDefinition } from "../language/index.ts";
import { drive, exactLines } from "./support/drive.ts";
import { kernels, reference } from "./support/engines.ts";

const DEFINITION = `
version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: s }, fields: { a: string, id: double } }
pipelines:
  p:
    sql: SELECT id FROM s WHERE DEDUP(id, INTERVAL '1' HOUR) OVER (PARTITION BY a)
limits: { keys: 100, dictionary: 16KB }
`;

const RESAMPLED = DEFINITION.replace(
  /sql: .*/,
  "sql: SELECT t, INTERPOLATE(id) AS line FROM TABLE(RESAMPLE(TABLE s PARTITION BY a, DESCRIPTOR(t), INTERVAL '1' SECOND))",
);

function planWith(memoryBytes: number, text = DEFINITION): Plan {
  const { definition } = readDefinition(text, { fileName: "dedup.yaml", env: {}, requireEnv: false });
  const plan = definition!.plans[0]!;
  return { ...plan, limits: { ...plan.limits, memoryBytes } };
}

const line = (t: number, a: string, id: number): string => `{"t":${t},"a":"${a}","id":${id}}\n`;
const push = (engine: Engine, lines: string[]): Output[] => [...engine.push(Buffer.from(lines.join("")))];

describe.each(kernels)("$name", (kind) => {
  test("remembers 1,024 values of a series, and those out of reach make room", () => {
    const plan = planWith(8 << 20);
    const ids = (from: number, count: number, t: number): string[] =>
      Array.from({ length: count }, (_, index) => line(t, "A", from + index));
    const lines = [
      ...ids(0, 1024, 0),
      ...ids(0, 1024, 1),
      ...ids(5000, 3, 2),
      // 0, 1 and 2 were forgotten; 3 and all others were not, until these three return.
      ...ids(3, 1021, 3),
      ...ids(0, 3, 4),
      // An hour later the first ones are out of reach, wherever they stand.
      ...ids(0, 1024, 3600),
      ...ids(9000, 600, 3601),
    ];
    const steps = [{ kind: "bytes" as const, bytes: Buffer.from(lines.join("")) }];
    const run = drive(kind.create(plan), steps);
    expect(exactLines(run)).toEqual(exactLines(drive(reference.create(plan), steps)));
    // 0, 1 and 2 for 5000 and on; three for those; of 1,021 new ones besides six three; then each of 600.
    expect(run.counters.forgotten).toBe(3 + 3 + 3 + 600);
    expect(run.outputs.slice(1024, 1030).map(({ values }) => values[0])).toEqual([5000, 5001, 5002, 0, 1, 2]);
  });

  test("goes on when the memory is used up", () => {
    const engine = kind.create(planWith(5 << 20));
    let passed = 0;
    let sent = 0;
    for (let id = 0; id < 1000; id++) {
      const lines = Array.from({ length: 100 }, (_, key) => line(id, `k${key}`, id));
      passed += push(engine, lines).length;
      sent += lines.length;
      // The newest one is remembered in any case, unless a series came when there was no room at all.
      passed += push(engine, lines.slice(0, 1)).length;
      sent++;
    }
    const { accepted, forgotten, refused } = engine.counters();
    expect([accepted, refused.state]).toEqual([sent, 0]);
    expect(passed).toBe(100_000);
    expect(forgotten).toBeGreaterThan(1000);
  });

  test("gives 1,000 instants between two records, and counts the others", () => {
    const plan = planWith(8 << 20, RESAMPLED);
    // 1,001 to 1,999 between the first two; of exactly 1,000 none is too many.
    const lines = [line(0, "A", 0), line(2000, "A", 2000), line(3001, "A", 3001), line(3002, "A", 3002)];
    const steps = [{ kind: "bytes" as const, bytes: Buffer.from(lines.join("")) }];
    const run = drive(kind.create(plan), steps);
    expect(exactLines(run)).toEqual(exactLines(drive(reference.create(plan), steps)));
    expect(run.counters.pipelines[0]!.emptySkipped).toBe(999);
    expect(run.outputs.map(({ values }) => values[1])).toEqual(
      Array.from({ length: 3003 }, (_, at) => at).filter((at) => at <= 1000 || at >= 2000),
    );
  });
});
