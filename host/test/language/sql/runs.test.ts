// An SQL text that lint accepts must run: random right statements on the reference and on both kernels, over
// random records, give the same results to the bit. The seed is printed on failure; MILLRACE_SEED repeats it.
import fc from "fast-check";
import { expect, it } from "vitest";
import { replayPlan } from "../../../core/plan/replay-plan.ts";
import { drive, expectSameRun } from "../../support/drive.ts";
import { kernels, type MemoryPlace, reference } from "../../support/engines.ts";
import { FIELDS, type Gen, pick, statement } from "./random-sql.ts";
import { SOURCE, read, sqlFile } from "../read.ts";

const RUNS = Number(process.env.MILLRACE_RUNS ?? 300);
const seed = process.env.MILLRACE_SEED === undefined ? {} : { seed: Number(process.env.MILLRACE_SEED) };

/** One engine at a time. */
const place: MemoryPlace = [];

const VALUES = [
  "1",
  "-2.5",
  "1e308",
  "0",
  '"a"',
  '"it\'s -- no"',
  '"7"',
  "true",
  "false",
  "null",
  "[1]",
  '{"speed": 3, "state": "on"}',
];
const NAMES = ["temp", "hum", "value", "note", "odd name", "ok", "shut", "device", "motor"];

function lines(g: Gen): string {
  let ms = 0;
  const count = g(fc.integer, { min: 0, max: 25 });
  const texts = Array.from({ length: count }, () => {
    ms += g(fc.integer, { min: -3_000, max: 40_000 });
    const members = g(fc.subarray<string>, NAMES).map((name) => `"${name}": ${pick(g, VALUES)}`);
    return `{${[`"ts": ${ms}`, ...members].join(", ")}}`;
  });
  return texts.join("\n");
}

it(
  `runs what it accepts (${RUNS} statements, with declared fields and without)`,
  { timeout: 300_000 },
  () => {
    let ran = 0;
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const sql = statement(g);
        const bytes = new TextEncoder().encode(lines(g));
        for (const source of [SOURCE, SOURCE.replace("unit: ms }", `unit: ms }, ${FIELDS}`)]) {
          const { definition } = read(sqlFile(sql, source));
          if (definition === null) continue;
          const plan = replayPlan(definition.plans[0]!, "json");
          const expected = drive(reference.create(plan), [{ kind: "bytes", bytes }]);
          for (const kernel of kernels) {
            const run = drive(kernel.create(plan, 4, place), [{ kind: "bytes", bytes }]);
            expectSameRun(expected, run, `${kernel.name}: ${sql}`);
          }
          ran++;
        }
      }),
      { numRuns: RUNS, ...seed },
    );
    expect(ran).toBeGreaterThan(RUNS);
  },
);
