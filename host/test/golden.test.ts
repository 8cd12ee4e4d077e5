// Golden cases: each rule of docs/semantics.md as a few rows and what must come out. Every case runs on the
// reference, the plain and the SIMD kernel: whole, byte by byte, cut in two at every place, and with the state
// saved and restored into a new engine at every place (every 7th for long inputs). All are equal to the bit, and
// equal to what the case says.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Counters } from "../core/engine.ts";
import { REFUSALS } from "../core/engine.ts";
import type { Plan } from "../core/plan.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import type { Run, Step } from "./support/drive.ts";
import { drive, exactLines } from "./support/drive.ts";
import type { EngineKind } from "./support/engines.ts";
import { kernels, reference } from "./support/engines.ts";
import type { GoldenCase } from "./support/golden-case.ts";
import { planOf, readCases, stepsOf } from "./support/golden-case.ts";

const LONG_BYTES = 600;
const cases = readCases();

/** Places to cut at: offsets within the steps' bytes. */
function places(steps: Step[]): number[] {
  const length = steps.reduce((sum, step) => sum + (step.kind === "bytes" ? step.bytes.length : 0), 0);
  const stride = length > LONG_BYTES ? 7 : 1;
  return Array.from({ length: Math.ceil(length / stride) }, (_, index) => index * stride);
}

/** The steps with the run of bytes that holds `place` cut there. */
function cutAt(steps: Step[], place: number): { before: Step[]; after: Step[] } {
  let seen = 0;
  for (const [index, step] of steps.entries()) {
    if (step.kind !== "bytes") continue;
    const at = place - seen;
    seen += step.bytes.length;
    if (place >= seen) continue;
    const part = (bytes: Uint8Array): Step => ({ kind: "bytes", bytes });
    return {
      before: [...steps.slice(0, index), part(step.bytes.subarray(0, at))],
      after: [part(step.bytes.subarray(at)), ...steps.slice(index + 1)],
    };
  }
  return { before: steps, after: [] };
}

const eachByte = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));

/** A run in two parts, the second one on a new engine that begins with the first one's snapshot. */
function restoredAt(create: () => ReturnType<EngineKind["create"]>, steps: Step[], place: number): Run {
  const { before, after } = cutAt(steps, place);
  const first = create();
  const begun = drive(first, before, { flush: false });
  const second = create();
  second.restore(first.snapshot());
  const ended = drive(second, after);
  return { outputs: [...begun.outputs, ...ended.outputs], counters: ended.counters };
}

function expectCounters(plan: Plan, counters: Counters, { expect: wanted }: GoldenCase): void {
  const none = Object.fromEntries(REFUSALS.map((reason) => [reason, 0]));
  expect(counters.received).toBe(wanted.counters.received);
  expect(counters.refused).toEqual({ ...none, ...wanted.counters.refused });
  expect(counters.nulled).toEqual({ type: 0, nonfinite: 0, ...wanted.counters.nulled });
  const refused = Object.values(counters.refused).reduce((sum, count) => sum + count, 0);
  expect(counters.received).toBe(counters.accepted + refused);
  const named = Object.keys(wanted.counters.pipelines ?? {});
  const names = plan.pipelines.map(({ name }) => name);
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
  plan.pipelines.forEach(({ name }, index) => {
    const found = counters.pipelines[index]!;
    expect(counters.accepted).toBe(found.counted + found.filtered + found.lateRecords);
    const quiet = { filtered: 0, lateRecords: 0, lateWindows: 0 };
    expect(found, name).toMatchObject({ ...quiet, ...wanted.counters.pipelines?.[name] });
  });
}

const hasNegativeZero = ({ outputs }: Run): boolean =>
  outputs.some(({ values }) => values.some((value) => Object.is(value, -0)));

describe.each(cases)("$name", (golden) => {
  const plan = planOf(golden);
  const steps = stepsOf(golden);
  const version = golden.mqttVersion ?? 4;
  const exact = exactLines(drive(reference.create(plan, version), steps));

  test.each([reference, ...kernels])("$name: what the case says", (kind) => {
    const run = drive(kind.create(plan, version), steps);
    const lines = new ReplayLines(plan);
    expect(run.outputs.map((output) => lines.line(output))).toEqual(
      golden.expect.lines.map((line) => JSON.stringify(line)),
    );
    expectCounters(plan, run.counters, golden);
    expect(hasNegativeZero(run)).toBe(false);
    expect(exactLines(run)).toEqual(exact);
  });

  test.each([reference, ...kernels])("$name: cut and restored anywhere", (kind) => {
    const create = (): ReturnType<EngineKind["create"]> => kind.create(plan, version);
    expect(exactLines(drive(create(), steps, { cut: eachByte })), "byte by byte").toEqual(exact);
    for (const place of places(steps)) {
      const { before, after } = cutAt(steps, place);
      expect(exactLines(drive(create(), [...before, ...after])), `cut at byte ${place}`).toEqual(exact);
      expect(exactLines(restoredAt(create, steps, place)), `restored at byte ${place}`).toEqual(exact);
    }
  });
});

describe("the cases as a whole", () => {
  test("there are at least 60, each with a rule", () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
    expect(cases.filter(({ rule }) => rule.length < 10).map(({ name }) => name)).toEqual([]);
  });

  test("a case with late or refused records says of each why", () => {
    const silent = cases.filter(({ rows, expect: { counters } }) => {
      const refused = Object.values(counters.refused ?? {}).reduce((sum, count) => sum + count, 0);
      const late = Object.values(counters.pipelines ?? {}).map(({ lateWindows }) => Number((lateWindows ?? 0) > 0));
      return rows.filter(({ comment }) => comment !== undefined).length < Math.max(0, refused > 0 ? 1 : 0, ...late);
    });
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  test("docs/semantics.md names every case, and no case that is not there", () => {
    const page = readFileSync(new URL("../../docs/semantics.md", import.meta.url), "utf8");
    const named = [...page.matchAll(/`case:([a-z0-9-]+)`/g)].map((match) => match[1]!);
    expect([...new Set(named)].sort()).toEqual(cases.map(({ name }) => name).sort());
  });
});
