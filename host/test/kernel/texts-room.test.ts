// Room for texts: streams of texts that never repeat go on for ever, whatever carries them; when hardly anything comes free
// it is not looked for at each record; messages of columns and those of rows find room for the same records.
import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import type { Engine } from "../../core/engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { readDefinition } from "../../language/index.ts";
import { drive } from "../support/drive.ts";
import { kernels } from "../support/engines.ts";

const encoder = new TextEncoder();

function planOf(source: string, sql: string, dictionaryBytes: number): Plan {
  const yaml = `version: 1
sources:
  s: { file: s.ndjson, time: { field: t, unit: s }, fields: { a: string, b: string, m: string, n: double }, ${source} }
pipelines:
  p:
    sql: ${JSON.stringify(sql)}
`;
  const { definition } = readDefinition(yaml, { fileName: "texts.yaml", env: {}, requireEnv: false });
  const plan = definition!.plans[0]!;
  return { ...plan, limits: { ...plan.limits, keys: 100, memoryBytes: 16 << 20, dictionaryBytes } };
}

const window = (seconds: number, aggregates: string): string =>
  `SELECT window_start, window_end, ${aggregates} FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '${seconds}' SECOND)) GROUP BY window_start, window_end`;

/** All outputs are taken before the next call. */
const drain = (outputs: Iterable<unknown>): number => [...outputs].length;

const push = (engine: Engine, records: object[]): void => {
  drain(engine.push(encoder.encode(records.map((record) => `${JSON.stringify(record)}\n`).join(""))));
};

describe.each(kernels)("$name", (kernel) => {
  test("a hundred times as many texts as there is room for", () => {
    const engine = kernel.create(
      planOf("format: json", window(1, "LAST_VALUE(m) AS m, MIN(b) AS b"), 65_536),
    );
    for (let from = 0; from < 100_000; from += 1000)
      push(
        engine,
        Array.from({ length: 1000 }, (_, index) => ({
          t: (from + index) / 100,
          m: `id-${from + index}`,
          b: `b${from + index}`,
        })),
      );
    const { accepted, refused, textSweeps, textsGivenBack } = engine.counters();
    expect([accepted, refused.dictionary]).toEqual([100_000, 0]);
    // The last window's texts and what came since the last time are there still.
    expect(200_000 - textsGivenBack).toBeLessThanOrEqual(1024);
    expect(textSweeps).toBeLessThan(220);
  });

  test("where all is held, what may be free is looked for once for a sixteenth of the texts", () => {
    const engine = kernel.create(planOf("format: json", window(1000, "ARRAY_AGG(m) AS m"), 65_536));
    const texts = (from: number, count: number): object[] =>
      Array.from({ length: count }, (_, index) => ({ t: 1, m: `${from + index}` }));
    push(engine, texts(0, 1000));
    expect(engine.counters()).toMatchObject({ textSweeps: 0, refused: { dictionary: 0 } });
    // ARRAY_AGG keeps a thousand: of the others those that were there before stay until they are looked for.
    push(engine, texts(1000, 24 + 1));
    expect(engine.counters()).toMatchObject({ textSweeps: 1, refused: { dictionary: 0 } });
    push(engine, texts(2000, 24));
    expect(engine.counters()).toMatchObject({ textSweeps: 1, refused: { dictionary: 1 } });
    push(engine, texts(3000, 64 - 1 - 24 - 1));
    expect(engine.counters()).toMatchObject({ textSweeps: 1, refused: { dictionary: 39 } });
    push(engine, texts(4000, 2));
    expect(engine.counters()).toMatchObject({ textSweeps: 2 });
    // When the window has gone, so have its texts.
    push(engine, [{ t: 2000 }]);
    push(
      engine,
      Array.from({ length: 500 }, (_, index) => ({ t: 2000, m: `later ${index}` })),
    );
    const { refused, textSweeps } = engine.counters();
    expect(textSweeps).toBe(3);
    expect(refused.dictionary).toBeLessThan(39 + 64);
  });

  test.each(["json", "msgpack"])("messages of columns as %s: the same records as in rows", (format) => {
    for (const [bytes, held] of [
      [600, "LAST_VALUE(a) AS a, MIN(b) AS b"],
      [2000, "ARRAY_AGG(a) AS a, LAST_VALUE(m) AS m"],
      [20_000, "LAST_VALUE(a) AS a, MODE(b) AS b"],
      [6000, "COUNT(DISTINCT a) AS a, LAST_VALUE(b) AS b, MAX(m) AS m"],
    ] as const) {
      const sql = window(10, held);
      let number = 0;
      const messages = [5, 700, 1, 2600, 40, 1500, 3000].map((count, place) => {
        const rows = Array.from({ length: count }, () => {
          number++;
          return {
            t: number / 20,
            a: number % 7 === 0 ? "again" : `a${number}`,
            b: `${number}${"b".repeat(number % 30)}`,
          };
        });
        return { m: `message ${place}`, rows };
      });
      const asRows = messages.map(({ m, rows }) => rows.map((row) => ({ ...row, m })));
      const asColumns = messages.map(({ m, rows }) => ({
        m,
        t: rows.map(({ t }) => t),
        a: rows.map(({ a }) => a),
        b: rows.map(({ b }) => b),
      }));
      const rowPlan = planOf("format: json", sql, bytes);
      const columnPlan = planOf("format: json, layout: columns", sql, bytes);
      const frames = (values: unknown[]): Uint8Array =>
        Buffer.concat(
          values.map((value) =>
            frame(format === "json" ? encoder.encode(JSON.stringify(value)) : encode(value)),
          ),
        );
      const run = (plan: Plan, values: unknown[]): ReturnType<typeof drive> =>
        drive(
          kernel.create({ ...plan, source: { ...plan.source, ...OVER_MQTT, format: format as "json" } }),
          [{ kind: "bytes", bytes: frames(values) }],
        );
      const expected = run(rowPlan, asRows);
      const found = run(columnPlan, asColumns);
      expect(expected.counters.textsGivenBack).toBeGreaterThan(50);
      expect(found.outputs).toEqual(expected.outputs);
      expect(found.counters.refused).toEqual(expected.counters.refused);
      // One message at a time, so that other rows are decoded together.
      const engine = kernel.create({
        ...columnPlan,
        source: { ...columnPlan.source, ...OVER_MQTT, format: format as "json" },
      });
      const apart = drive(
        engine,
        asColumns.map((value) => ({ kind: "bytes", bytes: frames([value]) })),
      );
      expect(apart.outputs).toEqual(found.outputs);
      expect(apart.counters).toEqual(found.counters);
    }
  });

  test("a text that all records of a message of columns have stays, though nothing else holds it", () => {
    const held = "LAST_VALUE(CASE WHEN n = 2500 THEN m END) AS m, LAST_VALUE(a) AS a";
    const plan = planOf("format: json, layout: columns", window(10, held), 2000);
    const numbers = Array.from({ length: 2600 }, (_, index) => index);
    const message = {
      m: "of all records",
      t: numbers.map((number) => number / 20),
      n: numbers,
      a: numbers.map((number) => `a${number}`),
    };
    const payload = encoder.encode(JSON.stringify(message));
    const engine = kernel.create({ ...plan, source: { ...plan.source, ...OVER_MQTT } });
    const { outputs, counters } = drive(engine, [{ kind: "bytes", bytes: frame(payload) }]);
    expect([counters.accepted, counters.refused.dictionary, counters.textSweeps > 1]).toEqual([
      2600,
      0,
      true,
    ]);
    const values = outputs.map(({ values }) => values.slice(2));
    expect(values).toEqual(
      Array.from({ length: 13 }, (_, place) => [
        place === 12 ? "of all records" : null,
        `a${place * 200 + 199}`,
      ]),
    );
  });
});

const OVER_MQTT = { framing: "mqtt" as const, topic: [{ kind: "rest" as const }] };

/** A PUBLISH packet of protocol 3.1.1. */
function frame(payload: Uint8Array): Uint8Array {
  const rest = Buffer.concat([Buffer.from([0, 1, 120]), payload]);
  const length: number[] = [];
  for (let left = rest.length; ; left >>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  return Buffer.concat([Buffer.from([0x30, ...length]), rest]);
}
