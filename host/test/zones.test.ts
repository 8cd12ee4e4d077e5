// Zones against DuckDB, whose ICU has tables and code of its own: the offsets that go into plans, and the windows that
// the kernel and the reference make of them.
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, test } from "vitest";
import type { Output } from "../core/engine.ts";
import type { Plan } from "../core/plan/plan.ts";
import { replayPlan } from "../core/plan/replay-plan.ts";
import { readDefinition } from "../language/index.ts";
import { zonePlan } from "../language/zones.ts";
import { Chance } from "./kernel/support.ts";
import { kernels, reference } from "./support/engines.ts";

/** Offsets of quarters of an hour, changes of half an hour, at midnight, in Ramadan, of a whole day, none at all. */
const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "America/Havana",
  "America/Santiago",
  "America/St_Johns",
  "America/Scoresbysund",
  "America/Noronha",
  "Africa/Casablanca",
  "Asia/Gaza",
  "Asia/Kathmandu",
  "Asia/Tehran",
  "Atlantic/Azores",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIRST_MS = Date.UTC(1970, 0, 1);
/** What is decreed for later years the two zone databases may know differently. */
const LAST_MS = Date.UTC(2024, 0, 1);

/** What the wall clock of a zone shows at instants, as ms like those of UTC. */
let wallClock: (zone: string, instants: number[]) => Promise<number[]>;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  wallClock = async (zone, instants) => {
    const sql = `SELECT epoch_ms(timezone('${zone}', make_timestamptz(ms * 1000)))::DOUBLE AS shown
      FROM (SELECT unnest([${instants.join()}]::BIGINT[]) AS ms)`;
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS() as { shown: number }[];
    return rows.map(({ shown }) => shown);
  };
});

/** Changes of the zone's clock, in ms. */
const changesOf = (zone: string): number[] =>
  offsetsOf(zone)
    .map(({ from }) => from)
    .filter((ms) => ms >= FIRST_MS && ms < LAST_MS);

/** Its offsets, and from when on each is there, in ms. */
function offsetsOf(zone: string): { from: number; offset: number }[] {
  const { offsetNs, changes } = zonePlan(zone);
  return [{ atNs: -(2n ** 63n), offsetNs }, ...changes].map((change) => ({
    from: Number(change.atNs / 1_000_000n),
    offset: Number(change.offsetNs / 1_000_000n),
  }));
}

describe("offsets of zones", () => {
  test.each(ZONES)("%s: DuckDB's, at each change and every five days", async (zone) => {
    const between = Array.from(
      { length: (LAST_MS - FIRST_MS) / DAY_MS / 5 },
      (_, at) => FIRST_MS + at * 5 * DAY_MS,
    );
    const instants = [...changesOf(zone).flatMap((ms) => [ms - 1, ms]), ...between];
    const shown = await wallClock(zone, instants);
    const offsets = offsetsOf(zone);
    const wrong = instants.filter(
      (ms, index) => shown[index] !== ms + offsets.findLast(({ from }) => from <= ms)!.offset,
    );
    expect(wrong.map((ms) => new Date(ms).toISOString())).toEqual([]);
  });

  test("changes reach from the first to the last time that a record may have, in order", () => {
    const { changes, database } = zonePlan("Europe/Berlin");
    expect(new Date(Number(changes[0]!.atNs / 1_000_000n)).toISOString()).toBe("1893-03-31T23:06:32.000Z");
    expect(new Date(Number(changes.at(-1)!.atNs / 1_000_000n)).toISOString()).toBe(
      "2115-10-27T01:00:00.000Z",
    );
    expect(changes.every(({ atNs }, index) => index === 0 || atNs > changes[index - 1]!.atNs)).toBe(true);
    expect(database).toMatch(/^20\d\d[a-z]$/);
  });
});

const LENGTHS = {
  quarter: "'15' MINUTE",
  hour: "'1' HOUR",
  four: "'4' HOUR",
  day: "'1' DAY",
  week: "'7' DAY",
};
const SIZES_MS = [HOUR_MS / 4, HOUR_MS, 4 * HOUR_MS, DAY_MS, 7 * DAY_MS];

function planOf(zone: string): Plan {
  const pipelines = Object.entries(LENGTHS).map(
    ([name, length]) => `  ${name}:
    sql: |
      SELECT window_start, window_end, COUNT(*) AS n
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL ${length}))
      GROUP BY window_start, window_end
`,
  );
  const text = `version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: ms }, zone: ${zone} }
pipelines:
${pipelines.join("")}`;
  const { definition, problems } = readDefinition(text, { fileName: "z.yaml", env: {}, requireEnv: false });
  expect(problems).toEqual([]);
  return replayPlan(definition!.plans[0]!, "json");
}

/** Times in order, most of them within two days of a change. */
function timesOf(zone: string, chance: Chance, count: number): number[] {
  const changes = changesOf(zone);
  const times = Array.from({ length: count }, () =>
    changes.length > 0 && chance.whole(0, 9) > 0
      ? chance.pick(changes) + chance.whole(-2 * DAY_MS, 2 * DAY_MS)
      : FIRST_MS + chance.whole(0, (LAST_MS - FIRST_MS) / DAY_MS - 1) * DAY_MS + chance.whole(0, DAY_MS - 1),
  );
  return times.sort((a, b) => a - b);
}

describe("windows in a zone", () => {
  test.each(ZONES)("%s: each is as long as DuckDB's wall clock stays within it", async (zone) => {
    const times = timesOf(zone, new Chance(), 250);
    const plan = planOf(zone);
    const lines = new TextEncoder().encode(times.map((t) => `{"t":${t}}\n`).join(""));
    const [windows, ...others] = [reference, ...kernels].map((kind) => {
      const engine = kind.create(plan);
      return [...engine.push(lines), ...engine.flush()].map(windowOf);
    });
    for (const other of others) expect(other).toEqual(windows);
    const shown = await wallClock(zone, times);
    const edges = windows!.flatMap(({ start, end }) => [start - 1, start, end - 1, end]);
    const clock = await wallClock(zone, edges);
    for (const [pipeline, sizeMs] of SIZES_MS.entries()) {
      const counts = new Map<number, number>();
      windows!.forEach((window, index) => {
        if (window.pipeline !== pipeline) return;
        const periods = clock.slice(index * 4, index * 4 + 4).map((ms) => Math.floor(ms / sizeMs));
        const [before, first, last, behind] = periods as [number, number, number, number];
        if (first !== last || before === first || behind === last)
          throw new Error(`${new Date(window.start).toISOString()} begins no window of ${sizeMs} ms`);
        counts.set(first, (counts.get(first) ?? 0) + window.n);
      });
      const wanted = new Map<number, number>();
      for (const ms of shown) {
        const period = Math.floor(ms / sizeMs);
        wanted.set(period, (wanted.get(period) ?? 0) + 1);
      }
      expect([...counts].sort(([a], [b]) => a - b)).toEqual([...wanted].sort(([a], [b]) => a - b));
    }
  });
});

function windowOf(output: Output): { pipeline: number; start: number; end: number; n: number } {
  const [start, end, n] = output.values as [bigint, bigint, number];
  return { pipeline: output.pipeline, start: Number(start / 1_000_000n), end: Number(end / 1_000_000n), n };
}
