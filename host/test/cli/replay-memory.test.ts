// Long inputs: `millrace replay` holds neither the input nor its results, only keys and open windows.
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Millrace, folderWith, shell } from "./millrace.ts";

const RECORDS = 2_000_000;
const DEVICES = 100;
/** Far above what it needs, and far below the 118 MB of input or the results as objects. */
const ABOVE_SHORT_RUN_MB = 90;

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
