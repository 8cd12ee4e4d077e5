// The format of partials as its page has it: a reader written from the page reads what every engine writes, and finds in
// it what the records were; the page's list of parts and its example are true.
import { readFileSync } from "node:fs";
import { encode } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import type { Output } from "../../core/engine.ts";
import { readDefinition } from "../../language/index.ts";
import { frame } from "../kernel/support.ts";
import { kernels, reference } from "../support/engines.ts";
import { type Exact, type ReadPart, readPartial } from "./reader.ts";
import { PARTIALS, planOf } from "./support.ts";

const page = readFileSync(new URL("../../../docs/partials.md", import.meta.url), "utf8");
const engines = [reference, ...kernels];

const definition = (items: string[]): string => `
version: 1
sources:
  s:
    file: s.ndjson
    format: json
    time: { field: t, unit: s }
    fields: { x: double, y: double, i: bigint, j: bigint, s: string, b: boolean, z: bytes }
pipelines:
  p:
    sql: |
      SELECT ${items.map((item, index) => `PARTIAL(${item}) AS p${index}`).join(", ")}
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '10' SECOND)) GROUP BY window_start, window_end
`;

/** Partials of one window of records, which every engine writes alike. */
function partialsOf(items: string[], records: object[]): Uint8Array[] {
  const plan = planOf(definition(items));
  const bytes = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const [first, ...others] = engines.map((kind): Output[] => {
    const engine = kind.create(plan);
    return [...engine.push(bytes), ...engine.flush()];
  });
  for (const other of others) expect(other).toEqual(first);
  expect(first).toHaveLength(1);
  return first![0]!.values as Uint8Array[];
}

const partsOf = (item: string, records: object[]): ReadPart[] => readPartial(partialsOf([item], records)[0]!);
const contents = (item: string, records: object[]): unknown[] =>
  partsOf(item, records).map(({ content }) => content);
const units = (value: number): bigint => BigInt(Math.round(value * 2 ** 20)) * 2n ** 1054n;

const RECORDS = [
  { t: 1, x: 1.5, y: -2, i: 5, j: 1, s: "b", b: true, z: "AQ==" },
  { t: 4, x: -3, y: 8, i: -7, j: 1, s: "a", b: false, z: "" },
  { t: 3, x: 4, y: 0.25, i: 9007199254740992, j: 2, s: "b", b: true, z: "AQ==" },
];
const SECOND = 1_000_000_000n;

test("what the records were is found in their partials", () => {
  expect(contents("AVG(x)", RECORDS)).toEqual([units(2.5), 3n]);
  expect(contents("SUM(i)", RECORDS)).toEqual([9007199254740990n]);
  expect(contents("VAR_POP(x)", RECORDS)).toEqual([units(2.5), 3n, units(2.25 + 9 + 16)]);
  expect(contents("COVAR_POP(x, y)", RECORDS)).toEqual([3n, units(2.5), units(6.25), units(-3 - 24 + 1)]);
  expect(contents("RANGE(y)", RECORDS)).toEqual([-2, 8]);
  expect(contents("MIN(s)", RECORDS)).toEqual(["a"]);
  expect(contents("MAX(z)", RECORDS)).toEqual([[1]]);
  expect(contents("FIRST_VALUE(s)", RECORDS)).toEqual([{ arrival: 0n, value: "b" }]);
  expect(contents("LATEST(b)", RECORDS)).toEqual([{ arrival: 1n, time: 4n * SECOND, value: false }]);
  expect(contents("MAX_BY(s, y)", RECORDS)).toEqual([{ arrival: 1n, y: 8, value: "a" }]);
  expect(contents("MIN_BY(x, j)", RECORDS)).toEqual([{ arrival: 0n, y: 1n, value: 1.5 }]);
  expect(contents("HISTOGRAM(x, 0, 4, 2)", RECORDS)).toEqual([{ low: 0, high: 4, counts: [1n, 1n, 0n, 1n] }]);
  expect(contents("COVERAGE()", RECORDS)).toEqual([[SECOND, 4n * SECOND]]);
  expect(contents("INCREASE(j)", RECORDS)).toEqual([
    [
      { time: SECOND, arrival: 0n, value: 1n },
      { time: 3n * SECOND, arrival: 2n, value: 2n },
      { time: 4n * SECOND, arrival: 1n, value: 1n },
    ],
  ]);
  const [values] = contents("MODE(s)", RECORDS) as [{ count: bigint; value: string }[]];
  expect(values.toSorted((a, b) => (a.value < b.value ? -1 : 1))).toEqual([
    { count: 1n, value: "a" },
    { count: 2n, value: "b" },
  ]);
  const [buckets] = contents("P50(x)", RECORDS) as [{ bucket: number; count: number }[]];
  // 2^0 is exponent 1023: 1.5 is its bucket 32; 3 is bucket 32 of exponent 1024, 4 bucket 0 of 1025.
  expect(buckets).toEqual([
    { bucket: -1 - (1024 * 64 + 32), count: 1 },
    { bucket: 1023 * 64 + 32, count: 1 },
    { bucket: 1025 * 64, count: 1 },
  ]);
  const [ranks] = contents("APPROX_COUNT_DISTINCT(s)", RECORDS) as [number[]];
  expect(ranks.filter((rank) => rank > 0)).toHaveLength(2);
  const [, , times] = contents("SLOPE(x)", RECORDS) as [unknown, unknown, Exact[]];
  expect(times!.map((time) => (time as bigint) / 2n ** 1074n)).toEqual([8n * SECOND, 26n * SECOND * SECOND]);
});

test("nothing is there when no record has a value", () => {
  const [none] = [[{ t: 1 }]];
  expect(contents("AVG(x)", none)).toEqual(["none", 0n]);
  expect(contents("SUM(i)", none)).toEqual([null]);
  expect(contents("STDDEV(x)", none)).toEqual(["none", 0n, 0n]);
  expect(contents("MIN(s)", none)).toEqual([null]);
  expect(contents("DELTA(x)", none)).toEqual([null, null]);
  expect(contents("P50(x)", none)).toEqual([[], null, null]);
  expect(contents("COUNT(*)", none)).toEqual([1n]);
});

test("squares beyond double make a sum that is not finite", () => {
  expect(contents("VAR_POP(x)", [{ t: 1, x: 1e200 }])[2]).toBe("not finite");
});

test("each aggregate has the parts that the page lists", () => {
  const section = page.slice(page.indexOf("## Which parts"), page.indexOf("The numbers q, k"));
  const listed = new Map<string, string>();
  for (const [, names, parts] of section.matchAll(/^\| (.*`.*) \| (.*) \|$/gm)) {
    const each = names!.split("/");
    const kinds = parts!.split("/");
    each.forEach((some, index) => {
      for (const [, name] of some.matchAll(/`([A-Z_0-9]+)/g))
        if (!listed.has(name!)) listed.set(name!, kinds[index] ?? kinds[0]!);
    });
  }
  for (const { sql } of Object.values(PARTIALS).flat()) {
    const name = /^[A-Z_0-9]+/.exec(sql)![0].replace(/^STDDEV$/, "STDDEV_SAMP");
    const key = sql.startsWith("COUNT(DISTINCT") ? "MODE" : name.startsWith("P5") ? "QUANTILE" : name;
    const own = partsOf(sql, RECORDS).map(({ kind }) => kind);
    const written = (text: string): number[] =>
      text.startsWith(" those") || text.startsWith("those")
        ? [...written(listed.get("COVAR_POP")!), 3, 3]
        : [...text.replace(/;.*|, [\d,]+ values.*/, "").matchAll(/\d+/g)].map(([kind]) => Number(kind));
    expect(own, sql).toEqual(written(listed.get(key)!));
  }
});

test("the page's example", () => {
  const text = /is `(bXAB[^`]+)`/.exec(page)![1]!;
  const [bytes] = partialsOf(
    ["AVG(x)"],
    [
      { t: 1, x: 1.5 },
      { t: 2, x: 2 },
    ],
  );
  expect(Buffer.from(bytes!).toString("base64")).toBe(text);
  const shown = page.slice(page.indexOf("```text"));
  const pairs = [...shown.matchAll(/^ *((?:[0-9a-f]{2} +)+)/gm)].flatMap(([, line]) =>
    line!.trim().split(/ +/),
  );
  expect(pairs.join("")).toBe(Buffer.from(bytes!).toString("hex"));
});

test("a partial of long texts is NULL, and flagged", () => {
  const plan = planOf(definition(["MAX(s)", "MIN(x)"]));
  for (const kind of engines) {
    const engine = kind.create(plan);
    const line = `${JSON.stringify({ t: 1, x: 1, s: "x".repeat(16_400) })}\n`;
    const [result] = [...engine.push(Buffer.from(line)), ...engine.flush()];
    expect(result!.values[0]).toBeNull();
    expect(readPartial(result!.values[1] as Uint8Array)[0]!.content).toBe(1);
    expect(result!.kind === "result" && result!.inexact).toBe(true);
  }
});

test("more than one result holds is a problem of the definition", () => {
  const text = definition(["INCREASE(x)", "INCREASE(y)", "RATE(i)"]);
  const { problems } = readDefinition(text, { fileName: "t.yaml", env: {}, requireEnv: false });
  expect(problems.map(({ code }) => code)).toEqual(["MR116"]);
});

test("a partial comes as MessagePack bin, and late records hand it on", () => {
  const [partial] = partialsOf(["AVG(x)"], RECORDS);
  const plan = planOf(`
version: 1
sources:
  s:
    mqtt: mqtt://localhost:1883
    topic: plant
    format: msgpack
    time: { field: t, unit: s }
    idle: 5s
    fields: { m: "partial(avg(double))" }
pipelines:
  p:
    sql: |
      SELECT MERGE(m) AS m FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '10' SECOND))
      GROUP BY window_start, window_end
    late: side
    to: { file: results.ndjson, late: late.ndjson }
`);
  const bytes = partial!;
  const sent = [
    { t: 1, m: bytes },
    { t: 2, m: Buffer.from(bytes).toString("base64") },
    { t: 3, m: bytes.subarray(1) },
    { t: 30, m: null },
    { t: 4, m: bytes },
  ];
  const frames = Buffer.concat(sent.map((record) => frame("plant", encode(record))));
  for (const kind of engines) {
    const engine = kind.create(plan);
    engine.tick(0n);
    const [merged, late] = engine.push(frames);
    expect(merged!.values, kind.name).toEqual([2.5 / 3]);
    expect(late!.kind, kind.name).toBe("late");
    expect(late!.values[1], kind.name).toEqual(bytes);
    expect(engine.counters().nulled.type).toBe(1);
  }
});
