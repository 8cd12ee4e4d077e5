// Golden cases: each rule of docs/semantics.md as a few rows and what must come out. Every case runs on the
// reference, the plain and the SIMD kernel: whole, byte by byte, cut in two at every place, and with the state
// saved and restored into another engine at every place (every 7th for long inputs). All are equal to the bit, and
// equal to what the case says.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Counters, Engine } from "../core/engine.ts";
import { REFUSALS } from "../core/engine.ts";
import { countersOfSource } from "../core/plan/chain.ts";
import type { Plan } from "../core/plan/plan.ts";
import { ReferenceEngine } from "../core/reference/engine.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import type { Run, Step } from "./support/drive.ts";
import { drive, expectSameRun } from "./support/drive.ts";
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

const eachByte = (bytes: Uint8Array): Uint8Array[] =>
  Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));

/**
 * Engines in the state of new ones. A kernel's memory is made twice only, and emptied by restoring the snapshot of
 * an empty engine: which also shows that a restore leaves nothing of what was there before.
 */
function emptied(create: () => Engine): (which: 0 | 1) => Engine {
  if (create() instanceof ReferenceEngine) return create;
  const engines = [create(), create()] as const;
  const empty = engines[0].snapshot();
  return (which) => {
    engines[which].restore(empty);
    return engines[which];
  };
}

/** A run in two parts, the second one on another engine that begins with the first one's snapshot. */
function restoredAt(engine: (which: 0 | 1) => Engine, { before, after }: ReturnType<typeof cutAt>): Run {
  const first = engine(0);
  const begun = drive(first, before, { flush: false });
  const second = engine(1);
  second.restore(first.snapshot());
  const ended = drive(second, after);
  return { ...ended, outputs: [...begun.outputs, ...ended.outputs] };
}

const total = (refused: Counters["refused"]): number =>
  Object.values(refused).reduce((sum, count) => sum + count, 0);

function expectCounters(plan: Plan, counters: Counters, { expect: wanted }: GoldenCase): void {
  const none = Object.fromEntries(REFUSALS.map((reason) => [reason, 0]));
  expect(counters.received).toBe(wanted.counters.received);
  expect(counters.refused).toEqual({ ...none, ...wanted.counters.refused });
  expect(counters.keysEvicted).toBe(wanted.counters.keysEvicted ?? 0);
  expect(counters.otherRecords).toBe(wanted.counters.otherRecords ?? 0);
  expect(counters.early).toBe(wanted.counters.early ?? 0);
  expect(counters.held).toBe(0);
  expect(counters.nulled).toEqual({ type: 0, nonfinite: 0, dictionary: 0, ...wanted.counters.nulled });
  expect(counters.received).toBe(counters.accepted + total(counters.refused));
  const named = Object.keys(wanted.counters.pipelines ?? {});
  const names = plan.pipelines.map(({ name }) => name);
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
  for (const handed of counters.chained) {
    expect(handed.refused).toEqual({ ...none, ...wanted.counters.handed?.refused });
    expect(handed.nulled).toEqual({ type: 0, nonfinite: 0, dictionary: 0 });
    expect(handed.received).toBe(handed.accepted + total(handed.refused));
  }
  plan.pipelines.forEach(({ name }, index) => {
    const found = counters.pipelines[index]!;
    expect(countersOfSource(plan, counters, index).accepted).toBe(
      found.counted + found.filtered + found.lateRecords,
    );
    const quiet = { filtered: 0, lateRecords: 0, lateWindows: 0, lateUpdates: 0, emptySkipped: 0 };
    expect(found, name).toMatchObject({ ...quiet, ...wanted.counters.pipelines?.[name] });
  });
}

/** Rows that made records late or refused, without saying why. */
function silentRows(golden: GoldenCase): string[] {
  const engine = (golden.dictionaryBytes === undefined ? reference : kernels[0]!).create(
    planOf(golden),
    golden.mqttVersion,
  );
  const missed = (): number => {
    const { refused, pipelines } = engine.counters();
    const late = pipelines.reduce((sum, { lateWindows }) => sum + lateWindows, 0);
    return late + total(refused);
  };
  return golden.rows.flatMap((row) => {
    const before = missed();
    drive(engine, stepsOf({ ...golden, rows: [row] }), { flush: false });
    return missed() > before && row.comment === undefined ? `${golden.name}: ${JSON.stringify(row)}` : [];
  });
}

const hasNegativeZero = ({ outputs }: Run): boolean =>
  outputs.some(({ values }) => values.some((value) => Object.is(value, -0)));

describe.each(cases)("$name", (golden) => {
  const plan = planOf(golden);
  const steps = stepsOf(golden);
  const version = golden.mqttVersion ?? 4;
  const kinds = golden.dictionaryBytes === undefined ? [reference, ...kernels] : kernels;
  const exact = drive(kinds[0]!.create(plan, version), steps);

  test.each(kinds)("$name: what the case says", (kind) => {
    const run = drive(kind.create(plan, version), steps);
    const lines = new ReplayLines(plan);
    expect(run.outputs.map((output) => lines.line(output))).toEqual(
      golden.expect.lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))),
    );
    const lateCounts = run.outputs.flatMap((output) => (output.kind === "result" ? output.lateCount : []));
    expect(lateCounts).toEqual(golden.expect.lateCounts ?? lateCounts.map(() => 0));
    expectCounters(plan, run.counters, golden);
    expect(hasNegativeZero(run)).toBe(false);
    expectSameRun(exact, run, kind.name);
  });

  test.each(kinds)("$name: cut and restored anywhere", (kind) => {
    const engine = emptied(() => kind.create(plan, version));
    expectSameRun(exact, drive(engine(0), steps, { cut: eachByte }), "byte by byte");
    for (const place of places(steps)) {
      const parts = cutAt(steps, place);
      const cut = drive(engine(0), [...parts.before, ...parts.after]);
      expectSameRun(exact, cut, `cut at byte ${place}`);
      expectSameRun(exact, restoredAt(engine, parts), `restored at byte ${place}`);
    }
  });
});

describe("the cases as a whole", () => {
  test("there are at least 60, each with a rule", () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
    expect(cases.filter(({ rule }) => rule.length < 10).map(({ name }) => name)).toEqual([]);
  });

  test("each late or refused record has a comment that says why", () => {
    expect(cases.flatMap(silentRows)).toEqual([]);
  });

  test("docs/semantics.md names every case, and no case that is not there", () => {
    const page = readFileSync(new URL("../../docs/semantics.md", import.meta.url), "utf8");
    const named = [...page.matchAll(/`case:([a-z0-9-]+)`/g)].map((match) => match[1]!);
    expect([...new Set(named)].sort()).toEqual(cases.map(({ name }) => name).sort());
  });

  test("each rule on the page names a case, or the test that shows it", () => {
    const page = readFileSync(new URL("../../docs/semantics.md", import.meta.url), "utf8");
    const rules = page.slice(page.indexOf("\n## 1."), page.indexOf("\n## Not in this version"));
    const all = rules.split("\n");
    const isHead = (at: number): boolean => [all[at], all[at + 1]].some((line) => line?.startsWith("| ---"));
    const lines = all.filter((line, at) => /^(- |\| )/.test(line) && !isHead(at));
    expect(lines.length).toBeGreaterThan(150);
    expect(
      lines.filter((line) => !/`case:|\(every case|`host\/test\/[a-z/-]+\.test\.ts`/.test(line)),
    ).toEqual([]);
    const tests = [...rules.matchAll(/`(host\/test\/[a-z/-]+\.test\.ts)`/g)].map((match) => match[1]!);
    expect(tests.filter((file) => !existsSync(new URL(`../../${file}`, import.meta.url)))).toEqual([]);
  });
});
