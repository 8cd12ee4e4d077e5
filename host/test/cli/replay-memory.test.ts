// Long inputs: `millrace replay` holds neither the input nor its results, only keys and open windows. Nor does it hold
// what comes out all at once: the windows of many keys at the end, also where pipelines read them.
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Millrace, folderWith, shell } from "./millrace.ts";

const RECORDS = 2_000_000;
const DEVICES = 100;
/** Far above what it needs, and far below the 118 MB of input or the results as objects. */
const ABOVE_SHORT_RUN_MB = 90;
/** The collector's own room, and the texts and rows of 400,000 keys; as objects and lines their results are 900 MB. */
const HANDED_ON_MB = 300;

const folder = folderWith({
  "p.yaml": `version: 1
sources: { s: { mqtt: mqtt://nowhere.invalid, topic: "s/{device}", format: json, time: { field: ts, unit: ms } } }
pipelines:
  windows:
    sql: |
      SELECT device, window_start, COUNT(*) AS n, SUM(temp) AS total, P99(temp) AS p99
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
      GROUP BY device, window_start, window_end
  every: { sql: "SELECT device, ts, temp FROM s WHERE temp < 50" }
`,
  "keys.yaml": `version: 1
sources: { s: { mqtt: mqtt://nowhere.invalid, topic: "s/{device}", format: json, time: { field: ts, unit: ms } } }
limits: { keys: 400000, memory: 500MB, dictionary: 32MB }
pipelines:
  windows:
    sql: |
      SELECT device, window_start, COUNT(*) AS n, SUM(temp) AS total, MAX(temp) AS most
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
      GROUP BY device, window_start, window_end
  most: { sql: "SELECT device, most FROM windows WHERE most > 50" }
`,
});

/** The n-th record: a line of 59 bytes, 10 a millisecond, 100 devices in turn. */
const line = (n: number): string =>
  `{"ts":${1_700_000_000_000 + Math.floor(n / 10)},"device":"device-${String(n % DEVICES).padStart(4, "0")}","temp":${n % 100}.25}\n`;

const minuteOf = (n: number): number => Math.floor((JSON.parse(line(n)) as { ts: number }).ts / 60_000);

const linesFrom = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => line(from + index)).join("");

interface Summary {
  records: number;
  results: Record<string, number>;
  peak_rss_mb: number;
}

async function replayed(records: number, name: string): Promise<Summary> {
  const run = new Millrace(["replay", "p.yaml", "-", "--summary", name], { cwd: folder });
  // A user counts lines; nobody here keeps them.
  let lines = 0;
  run.child.stdout!.removeAllListeners("data").on("data", (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  });
  const stdin = run.child.stdin!;
  for (let from = 0; from < records; from += 10_000) {
    const text = linesFrom(from, Math.min(10_000, records - from));
    if (!stdin.write(text)) await once(stdin, "drain");
  }
  stdin.end();
  expect(await run.ended).toMatchObject({ status: 0, stderr: "" });
  const summary = JSON.parse(readFileSync(join(folder, name), "utf8")) as Summary;
  expect(lines).toBe(summary.results.windows! + summary.results.every!);
  return summary;
}

it("reads two million lines, with a million results, in bounded memory", { timeout: 300_000 }, async () => {
  const short = await replayed(20_000, "short.json");
  const long = await replayed(RECORDS, "long.json");
  const minutes = minuteOf(RECORDS - 1) - minuteOf(0) + 1;
  expect(long.records).toBe(RECORDS);
  expect(long.results.every).toBe(RECORDS / 2);
  expect(long.results.windows).toBe(DEVICES * minutes);
  expect(long.peak_rss_mb).toBeLessThan(short.peak_rss_mb + ABOVE_SHORT_RUN_MB);
});

it("waits for a slow reader instead of piling results up", { timeout: 300_000 }, async () => {
  const short = await replayed(20_000, "short.json");
  writeFileSync(join(folder, "in.ndjson"), linesFrom(0, 1_000_000));
  // 125 MB of results in front of a reader that does not read yet.
  const { status, stdout } = await shell(
    "millrace replay p.yaml in.ndjson in.ndjson --summary slow.json | (sleep 2; wc -l)",
    folder,
  );
  const slow = JSON.parse(readFileSync(join(folder, "slow.json"), "utf8")) as Summary;
  expect([status, Number(stdout)]).toEqual([0, slow.results.windows! + slow.results.every!]);
  expect(slow.results.every).toBe(1_000_000);
  expect(slow.peak_rss_mb).toBeLessThan(short.peak_rss_mb + ABOVE_SHORT_RUN_MB);
});

it(
  "hands the windows of 400,000 keys on one by one, into a slow reader as well",
  { timeout: 300_000 },
  async () => {
    const keys = 400_000;
    const readings = Array.from(
      { length: keys },
      (_, n) => `{"ts":1700000000000,"device":"device-${n}","temp":${n % 100}.25}\n`,
    );
    writeFileSync(join(folder, "keys.ndjson"), readings.join(""));
    const run = async (options: string): Promise<{ lines: number; summary: Summary }> => {
      const command = `millrace replay keys.yaml keys.ndjson --summary keys.json ${options} | (sleep 2; wc -l)`;
      const { status, stdout } = await shell(command, folder);
      expect(status).toBe(0);
      const summary = JSON.parse(readFileSync(join(folder, "keys.json"), "utf8")) as Summary;
      return { lines: Number(stdout), summary };
    };
    const open = await run("--no-flush");
    const closed = await run("");
    expect([open.lines, closed.lines]).toEqual([0, keys + keys / 2]);
    expect(closed.summary.results).toEqual({ windows: keys, most: keys / 2 });
    expect(closed.summary.peak_rss_mb).toBeLessThan(open.summary.peak_rss_mb + HANDED_ON_MB);
  },
);
