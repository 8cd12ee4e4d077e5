// Messages of columns: the kernels against the reference on random messages, over MQTT and as lines, JSON and
// MessagePack, longer than a batch, cut anywhere, changed anywhere; and what a refused one leaves behind.
import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ColumnPlan, Plan } from "../../core/plan/plan.ts";
import { drive, expectSameRun } from "../support/drive.ts";
import { kernels, type MemoryPlace, reference } from "../support/engines.ts";
import { drawBatchColumns, drawBatchText, packed } from "../support/random/batch.ts";
import { Draw } from "../support/random/plan.ts";
import { Chance, frame, planOf } from "../kernel/support.ts";

const RUNS = Math.max(50, Math.ceil(Number(process.env.MILLRACE_RUNS ?? 2000) / 10));
const seed = process.env.MILLRACE_SEED === undefined ? {} : { seed: Number(process.env.MILLRACE_SEED) };
/** One engine at a time. */
const place: MemoryPlace = [];
const encoder = new TextEncoder();

const fields = { a: "string", flag: "boolean", v: "double", w: "double", "n.x": "double" } as const;

/** A plan that hands every record through, over MQTT, and random places for its columns. */
function drawColumnsPlan(draw: Draw, format: "json" | "msgpack"): Plan {
  const unit = draw.pick(["s", "ms", "iso8601"] as const);
  const plan = planOf({
    format,
    framing: "mqtt",
    fields,
    unit,
    topic: [{ literal: "d" }, { column: "site" }],
  });
  const typed = plan.source.columns.map((column): ColumnPlan => ({
    ...column,
    numberAsText: column.name === "a" && draw.chance(0.5),
  }));
  const nonfinite = draw.pick(["null", "refuse"] as const);
  return { ...plan, source: { ...plan.source, nonfinite, ...drawBatchColumns(draw, typed, unit) } };
}

function drawMessages(draw: Draw, plan: Plan, change: boolean): Uint8Array {
  const frames = Array.from({ length: draw.whole(1, 6) }, (_, index) => {
    const text = drawBatchText(draw, plan, index * 3, { long: 0.008, runs: 0.15 });
    const payload = Buffer.from(plan.source.format === "json" ? encoder.encode(text) : packed(text));
    if (change && payload.length > 0 && draw.chance(0.5)) {
      payload[draw.whole(0, payload.length - 1)] = draw.chance(0.5)
        ? draw.whole(0, 255)
        : draw.pick([0x2c, 0x5b, 0x5d, 0x7b, 0x22, 0xc0, 0x91, 0xdc]);
    }
    return frame(
      `d/${draw.pick(["A", "B"])}`,
      payload.subarray(0, change && draw.chance(0.1) ? draw.whole(0, payload.length) : payload.length),
    );
  });
  return Buffer.concat(frames);
}

describe.each(["json", "msgpack"] as const)("%s", (format) => {
  test.each([
    ["as they are sent", false],
    ["with bytes changed", true],
  ])(`random messages, %s (${RUNS})`, { timeout: 300_000 }, (_name, change) => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const draw = new Draw(g);
        const plan = drawColumnsPlan(draw, format);
        const bytes = drawMessages(draw, plan, change);
        const expected = drive(reference.create(plan), [{ kind: "bytes", bytes }]);
        accepted += expected.counters.accepted;
        const at = draw.whole(0, bytes.length);
        for (const kernel of kernels) {
          const run = drive(kernel.create(plan, 4, place), [
            { kind: "bytes", bytes: bytes.subarray(0, at) },
            { kind: "bytes", bytes: bytes.subarray(at) },
          ]);
          expectSameRun(expected, run, kernel.name);
        }
      }),
      { numRuns: RUNS, ...seed },
    );
    expect(accepted).toBeGreaterThan(RUNS * 2);
  });

  test.each(kernels)(
    "$name: a message that is cut off leaves nothing behind, wherever it is cut",
    (kernel) => {
      const plan = planOf({ format, framing: "mqtt", fields, unit: "s", topic: [{ column: "site" }] });
      const columnar = { ...plan, source: { ...plan.source, batch: { epoch: null } } };
      const bytesOf = (value: unknown): Uint8Array =>
        format === "json" ? encoder.encode(JSON.stringify(value)) : encode(value);
      const whole = bytesOf({
        v: [1.5, 2, 3],
        a: ["x", "y", "z"],
        flag: [true, false, true],
        n: { x: [7, 8, 9] },
        t: [1, 2, 3],
        w: 5,
      });
      const other = bytesOf({ t: [4, 5, 6, 7] });
      for (let length = 0; length < whole.length; length++) {
        const engine = kernel.create(columnar, 4, place);
        const { outputs, counters } = drive(engine, [
          { kind: "bytes", bytes: Buffer.concat([frame("A", whole.subarray(0, length)), frame("B", other)]) },
        ]);
        expect(counters.refused.decode).toBe(1);
        expect(outputs.map(({ values }) => values)).toEqual(
          [4, 5, 6, 7].map((t) => [BigInt(t) * 1_000_000_000n, "B", null, null, null, null, null]),
        );
      }
    },
  );
});

test.each(kernels)("$name: one message of 1 MiB is many batches", (kernel) => {
  const plan = planOf({ format: "json", fields: { v: "double", a: "string" }, unit: "ms" });
  const count = 60_000;
  const text = JSON.stringify({
    t: Array.from({ length: count }, (_, t) => t),
    v: Array.from({ length: count }, (_, t) => t / 4),
    a: "dev",
  });
  const { outputs, counters } = drive(
    kernel.create({ ...plan, source: { ...plan.source, batch: { epoch: null } } }),
    [{ kind: "bytes", bytes: encoder.encode(`${text}\n`) }],
  );
  expect(counters.accepted).toBe(count);
  expect(
    outputs.every(
      ({ values }, t) => values[0] === BigInt(t) * 1_000_000n && values[1] === t / 4 && values[2] === "dev",
    ),
  ).toBe(true);
});

test.each(kernels)(
  "$name: an epoch that takes times beyond the last instant refuses those records only",
  (kernel) => {
    const plan = planOf({ format: "json", fields: { v: "double" }, unit: "ns" });
    const last = 2n ** 62n;
    const engine = kernel.create(
      { ...plan, source: { ...plan.source, batch: { epoch: ["epoch"] } } },
      4,
      place,
    );
    for (const sign of [1n, -1n]) {
      const t = [0n, 7n, 8n, 6n, -5n].map((step) => sign * step);
      const text = `{"epoch":${sign * (last - 7n)},"t":[${t.join()}],"v":[1,2,3,4,5]}\n`;
      expect([...engine.push(encoder.encode(text))].map(({ values }) => values)).toEqual(
        [0, 1, 3, 4].map((row) => [sign * (last - 7n) + t[row]!, row + 1]),
      );
    }
    expect(engine.counters().refused.time_range).toBe(2);
  },
);

/** Numbers as text: digits of every length, a point anywhere, zeros in front and behind. */
function numberText(chance: Chance): string {
  const whole = chance.pick(["0", "", chance.digits(chance.whole(1, 17))]);
  const fraction = chance.pick(["", "", `.${chance.digits(chance.whole(1, 17))}`, ".0", ".50", "."]);
  const zeros = chance.whole(0, 40) === 0 ? "0" : "";
  const power = chance.whole(0, 40) === 0 ? chance.pick(["e3", "E-7", "e"]) : "";
  return `${chance.pick(["", "", "-"])}${zeros}${whole}${fraction}${power}`;
}

test.each(kernels)("$name: numbers in arrays are those of JSON.parse, or refused as there", (kernel) => {
  const chance = new Chance();
  const plan = planOf({ format: "json", fields: { v: "double" }, unit: "ns" });
  const engine = kernel.create({ ...plan, source: { ...plan.source, batch: { epoch: null } } }, 4, place);
  let refused = 0;
  for (let round = 0; round < 4000; round++) {
    // One kind or many of them in an array of up to three windows of what is looked at at once.
    const texts = Array.from({ length: chance.whole(1, 30) }, () => numberText(chance)).filter(
      (text, _, all) => round % 8 === 0 || (isNumber(text) && text.length <= Math.max(3, all[0]!.length)),
    );
    const t = texts.map((_, index) => 10 ** chance.whole(0, 17) + index);
    const gap = chance.pick([",", ",", ", ", " , "]);
    const line = `{"t":[${t.map((time) => BigInt(time)).join(gap)}],"v":[${texts.join(gap)}]}\n`;
    const rows = [...engine.push(encoder.encode(line))].map(({ values }) => values);
    if (texts.length > 0 && texts.every(isNumber))
      expect(rows, line).toEqual(texts.map((text, index) => [BigInt(t[index]!), finite(Number(text) + 0)]));
    else {
      expect(rows, line).toEqual([]);
      refused++;
    }
  }
  expect(engine.counters().refused.decode).toBe(refused);
  expect(refused).toBeGreaterThan(100);
});

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function isNumber(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "number";
  } catch {
    return false;
  }
}
