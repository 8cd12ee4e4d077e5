// What `explain` prints, whole; and the verbs lint and explain as a user runs them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { explain, explainJson, readDefinition } from "../../language/index.ts";
import { fine } from "./read.ts";

const FILE = `version: 1
sources:
  plant:
    mqtt: mqtt://localhost:1883
    topic: "{site}/{device}"
    username: me
    password: \${PASSWORD}
    format: json
    time: { field: ts, unit: ms }
    delay: 5s
    idle: off
  log: { file: log.csv, format: csv, time: { field: t, unit: s }, clock: source, fields: { level: string } }
pipelines:
  minute:
    sql: |
      SELECT site, COUNT(*) AS n, AVG(temp) - MIN(temp) AS spread, P99(temp) AS p99
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
      WHERE temp BETWEEN -40 AND 125
      GROUP BY site, device, window_start, window_end
      HAVING COUNT(*) > 1
    late: side
    to:
      - { kafka: "a:1,b:2", topic: t, key: "{site}/{device}", format: msgpack, late: l }
      - { mqtt: mqtt://b, topic: "r/{device}", qos: 0 }
  sliding:
    from: plant
    window: hop 25s slide 10s offset 1s
    group: [site, device]
    select: { hi: max(temp) }
    where: temp between -40 and 125
  errors: { sql: "SELECT * FROM log WHERE level = 'error'", to: { file: errors.ndjson } }
limits: { keys: 100 }
`;

const PRINTED = `source plant: mqtt://localhost:1883, filter +/+, QoS 1
  format   json; one clock for each key, 5s behind the newest record
  ahead    records more than 1m beyond host time are refused
  columns
    site    STRING     a level of the topic
    device  STRING     a level of the topic
    ts      TIMESTAMP  member ts, read as ms
    temp    DOUBLE     member temp

pipeline minute
  SQL
    SELECT site, COUNT(*) AS n, AVG(temp) - MIN(temp) AS spread, P99(temp) AS p99
    FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
    WHERE temp BETWEEN -40 AND 125
    GROUP BY site, device, window_start, window_end
    HAVING COUNT(*) > 1
  window   tumbling, 1m long
  where    (temp >= -40) AND (temp <= 125)
  keys     site, device
  having   COUNT(*) > 1
  result
    site    STRING  site
    n       DOUBLE  COUNT(*)
    spread  DOUBLE  AVG(temp) - MIN(temp)
    p99     DOUBLE  P99(temp)
  aggregates (bytes for each key and slice)
    COUNT(*)   0   the slice's own count
    AVG(temp)  24  an exact sum and a count
    MIN(temp)  8   the smallest value
    P99(temp)  32  extremes and a sketch: 264 bytes for each octave met, at most 2048 buckets
  late     handed out, one line for each window missed
  to       kafka a:1,b:2, topic t, key {site}/{device}, msgpack, late records to l
  to       mqtt://b, topic r/{device}, QoS 0

pipeline sliding
  the SQL that its short form equals
    SELECT site, device, window_start, window_end, max(temp) AS hi
    FROM TABLE(HOP(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '25' SECOND, INTERVAL '1' SECOND))
    WHERE temp between -40 and 125
    GROUP BY site, device, window_start, window_end
  window   hopping, 25s long, one every 10s, offset 1s
  where    (temp >= -40) AND (temp <= 125)
  keys     site, device
  result
    site          STRING     site
    device        STRING     device
    window_start  TIMESTAMP  window_start
    window_end    TIMESTAMP  window_end
    hi            DOUBLE     MAX(temp)
  aggregates (bytes for each key and slice)
    MAX(temp)  8  the largest value
  late     counted and dropped
  to       stdout

slices of minute, sliding (site, device): shared, same keys and same filter
  cut      every 1m, and every 10s from 1s on, and every 10s from 6s on
  bytes    80 for each key and slice; up to 17 open slices: 1400 bytes a key
  in all   136.7 KB at 100 keys

source log: file /etc/mill/log.csv
  format   csv; one clock for the whole source, 0s behind the newest record
  columns
    t      TIMESTAMP  member t, read as s
    level  STRING     member level

pipeline errors
  SQL
    SELECT * FROM log WHERE level = 'error'
  window   none: every record that WHERE keeps is a result
  where    level = 'error'
  result
    t      TIMESTAMP  t
    level  STRING     level
  late     none: without a window no record is late
  to       file /etc/mill/errors.ndjson

limits: 100 keys of each GROUP BY, 64 MB of memory and 8 MB of texts for each source
  beyond   records of further keys are refused (keys)
`;

describe("explain", () => {
  it("says what a definition means", () => {
    expect(explain(fine(FILE, { PASSWORD: "s3cret" }))).toBe(PRINTED);
  });

  it("says what overlapping windows may take besides", () => {
    const besides = (slide: string): boolean =>
      explain(fine(FILE.replace("slide 10s", slide), { PASSWORD: "s3cret" })).includes(
        "\n  besides  merged slices",
      );
    expect([besides("slide 5s"), besides("slide 10s")]).toEqual([true, false]);
  });

  it("says what is kept of streams: context, and records that wait", () => {
    const text = explain(
      fine(`version: 1
sources:
  s:
    mqtt: mqtt://b
    topic: "{site}/{device}/data"
    format: json
    time: { field: t, unit: s }
    idle: 30s
    reorder: 2s
    context: { topic: "{site}/{device}/about" }
  whole: { file: a.ndjson, format: json, time: { field: t, unit: s }, clock: source, reorder: { delay: 1m, records: 50 } }
pipelines:
  p: { sql: "SELECT v, UNIT(v) AS unit FROM s" }
  q: { sql: "SELECT t FROM whole" }
limits: { held: 400, streams: 20, keys: 100 }
`),
    );
    expect(text.split("\n").filter((line) => /^ {2}(reorder|context) /.test(line))).toEqual([
      "  reorder  within 2s, each site, device by itself; up to 1000 records of a stream, 400 in all, 84 bytes each",
      "  context  from +/+/about, for each site, device; up to 20 streams, 84 bytes each",
      "  reorder  within 1m, all records in one order; up to 50 of them, 52 bytes each",
    ]);
  });

  it("gives the plans as JSON, without passwords", () => {
    const json = explainJson(fine(FILE, { PASSWORD: "s3cret" }));
    expect(json).not.toContain("s3cret");
    const parsed = JSON.parse(json) as { plans: { pipelines: { window: { sizeNs: string } | null }[] }[] };
    expect(parsed.plans[0]!.pipelines[0]!.window!.sizeNs).toBe("60000000000");
  });
});

describe("the verbs", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-verbs-"));
  const main = new URL("../../cli/main.ts", import.meta.url).pathname;
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
      encoding: "utf8",
      env: {},
    });
    return { status, stdout, stderr };
  };
  const good = write("good.yaml", FILE);
  const bad = write(
    "bad.yaml",
    FILE.replace("COUNT(*) AS n", "CUONT(*) AS n").replace("delay: 5s", "delay: 5"),
  );
  const warned = write(
    "warned.yaml",
    FILE.replace(", fields: { level: string }", "").replace("SELECT *", "SELECT t, code"),
  );

  it("lint says ok on stdout, with status 0", () => {
    expect(run("lint", good)).toEqual({ status: 0, stdout: `${good}: ok\n`, stderr: "" });
  });

  it("lint prints all problems on stderr, with status 1", () => {
    const { status, stdout, stderr } = run("lint", good, bad);
    expect([status, stdout]).toEqual([1, `${good}: ok\n`]);
    expect(stderr).toBe(`${bad}:10:12  error  MR106  "5" is no duration for "delay"
  10 |     delay: 5
     |            ^ did you mean 5s? a number with its unit: 500ms 5s 10m 1h 1d
${bad}:16:20  error  MR204  unknown aggregate "CUONT"
  16 |       SELECT site, CUONT(*) AS n, AVG(temp) - MIN(temp) AS spread, P99(temp) AS p99
     |                    ^^^^^ did you mean COUNT?
${bad}: 2 errors
`);
  });

  it("lint warns with status 0", () => {
    const { status, stdout, stderr } = run("lint", warned);
    expect([status, stdout]).toEqual([0, `${warned}: ok, 1 warning\n`]);
    expect(stderr).toContain('warning  MR122  nothing tells the type of "code": it is read as a number');
  });

  it("lint prints JSON on stdout", () => {
    const { status, stdout, stderr } = run("lint", "--json", bad);
    expect([status, stderr]).toEqual([1, ""]);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines[0]).toEqual({
      file: bad,
      line: 10,
      column: 12,
      length: 1,
      severity: "error",
      code: "MR106",
      message: '"5" is no duration for "delay"',
      hint: "did you mean 5s? a number with its unit: 500ms 5s 10m 1h 1d",
    });
    expect(lines).toHaveLength(2);
  });

  it("explain prints to stdout; problems end it with status 1", () => {
    const { status, stdout, stderr } = run("explain", good);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("pipeline minute");
    expect(run("explain", bad)).toMatchObject({ status: 1, stdout: "" });
    expect(JSON.parse(run("explain", good, "--json").stdout)).toHaveProperty("plans");
  });

  it("say what is missing", () => {
    expect(run("lint")).toEqual({
      status: 1,
      stdout: "",
      stderr: "error  MR152  which definition? millrace lint PIPELINE.yaml…\n",
    });
    expect(run("explain").stderr).toBe("error  MR152  which definition? millrace explain PIPELINE.yaml\n");
    const missing = join(folder, "none.yaml");
    expect(run("lint", missing).stderr).toBe(`error  MR151  cannot read ${missing}: there is no such file\n`);
    expect(run("lint", good, "--jsno").stderr).toBe(
      "error  MR150  unknown option --jsno: did you mean --json?\n",
    );
  });

  it("have help with an example", () => {
    for (const verb of ["lint", "explain"]) {
      const { status, stdout } = run(verb, "--help");
      expect(status).toBe(0);
      expect(stdout).toMatch(new RegExp(`^Usage: millrace ${verb} [\\s\\S]*Example: millrace ${verb} `));
    }
  });

  it("says when results come out, and again", () => {
    const text = `version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: s }, idle: 30s, max_ahead: 5s }
pipelines:
  p:
    sql: |
      SELECT COUNT(*) AS n FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '10' SECOND))
      GROUP BY window_start, window_end
    late: update
    allow: 10m
    emit: complete
    empty: previous
  q: { sql: SELECT COUNT(*) AS n FROM s, emit: updates, every: 1m }
`;
    const { definition } = readDefinition(text, { fileName: "p.yaml", env: {}, requireEnv: false });
    const lines = explain(definition!).split("\n");
    for (const line of [
      "  idle     30s of silence let host time close windows",
      "  ahead    records more than 5s beyond host time are refused",
      "  late     added to their window until 10m behind its end, whose next revision comes out",
      "  emit     open windows as well, every 1s: all of them",
      "  empty    windows without records have the values of the one before",
      "  window   none: all records of a key, from its first one on",
      "  emit     open windows as well, every 1m: those that changed",
    ])
      expect(lines).toContain(line);
  });

  it("says what operators on series remember, and what RESAMPLE gives", () => {
    const text = `version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: s }, fields: { a: string, v: double } }
pipelines:
  p: { sql: "SELECT LAG(v, 2) OVER (PARTITION BY a) AS l FROM s WHERE DEDUP(v, INTERVAL '1' MINUTE)" }
  q: { sql: "SELECT a, LAG(v) OVER (PARTITION BY a ORDER BY t) AS l FROM s" }
  r: { sql: "SELECT t, INTERPOLATE(v) AS line FROM RESAMPLE(TABLE s, DESCRIPTOR(t), INTERVAL '1' SECOND)" }
`;
    const { definition } = readDefinition(text, { fileName: "p.yaml", env: {}, requireEnv: false });
    const lines = explain(definition!).split("\n");
    const from = lines.indexOf("operators on series");
    expect(lines.slice(from, from + 4)).toEqual([
      "operators on series",
      "  DEDUP(v, 1m) OVER (): 24 bytes a key, 64 to 16384 more for what it let through",
      "  LAG(v, 2) OVER (PARTITION BY a), of what WHERE keeps: 24 bytes a key",
      "  LAG(v) OVER (PARTITION BY a ORDER BY time): 16 bytes a key",
    ]);
    expect(lines).toContain("  window   over: a row for each record, in the order of time");
    expect(lines).toContain("  window   resampled: a row every 1s, from the first record to the newest");
    expect(lines.join("\n")).toContain("INTERPOLATE(v)");
  });

  it("says what holds when a window begins, and what a key costs then", () => {
    const text = (carry: boolean): string => `version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: s } }
pipelines:
  p:
    carry: ${carry}
    sql: |
      SELECT TIME_WEIGHTED_AVG(v) AS m, TIME_IN(v > 5) AS n
      FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '10' SECOND))
      GROUP BY window_start, window_end
limits: { values: 500 }
`;
    const linesOf = (carry: boolean): string[] => explain(fine(text(carry))).split("\n");
    const line = "  carry    what held before a window counts from its start on";
    expect([linesOf(true).includes(line), linesOf(false).includes(line)]).toEqual([true, false]);
    expect(linesOf(true).join("\n")).toContain("up to 500 values with times and numbers");
    // Each aggregate has the latest value besides: 24 bytes in the slice, and as many that are kept for the key.
    const bytes = (lines: string[]): number[] =>
      /(\d+) for each key and slice; up to (\d+) open slices: (\d+) bytes a key/
        .exec(lines.join("\n"))!
        .slice(1)
        .map(Number);
    const [[slice, open, key], [plainSlice, , plainKey]] = [bytes(linesOf(true)), bytes(linesOf(false))];
    expect([slice! - plainSlice!, key! - plainKey!]).toEqual([48, (open! + 1) * 48]);
  });

  it("says what silence does to rows of OVER", () => {
    const linesOf = (idle: string, selected: string): string[] =>
      explain(
        fine(`version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: s }, idle: ${idle} }
pipelines:
  p: { sql: "SELECT ${selected} FROM s" }
`),
      )
        .split("\n")
        .filter((line) => line.startsWith("  idle "));
    const sum = "SUM(v) OVER (ORDER BY t ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS x";
    const [brings, nothing, ...none] = [
      linesOf("5s", sum),
      linesOf("5s", `${sum}, LAG(v) OVER (ORDER BY t) AS y`),
      linesOf("off", sum),
    ].map((lines) => lines.at(-1));
    expect(brings).toContain("silence brings rows out");
    expect(nothing).toContain("silence brings out nothing");
    expect(none.join()).not.toContain("brings");
  });

  it("says how casts and text functions read, and what room the texts have that are made", () => {
    const text = `version: 1
sources:
  s: { file: s.ndjson, format: json, time: { field: t, unit: s }, fields: { a: string, v: double, n: bigint } }
pipelines:
  p: { sql: "SELECT a || '-' || UPPER(a) AS x, CAST(v AS STRING) AS y, SUBSTRING(a FROM n) AS z FROM s" }
  q: { sql: "SELECT UPPER(a) AS u FROM s WHERE CAST(a AS BOOLEAN) AND CAST(a AS BYTES) <> X'00'" }
  r: { sql: "SELECT LOWER(x) AS l FROM p" }
limits: { dictionary: 16MB }
`;
    const { definition } = readDefinition(text, { fileName: "p.yaml", env: {}, requireEnv: false });
    const lines = explain(definition!).split("\n");
    for (const line of [
      "    x  STRING  CONCAT(a, '-', UPPER(a))",
      "    y  STRING  CAST(v AS STRING)",
      "    z  STRING  SUBSTRING(a, n)",
      "  where    CAST(a AS BOOLEAN) AND (CAST(a AS BYTES) <> X'00')",
      "texts over s: 4 expressions make texts, up to 1 MB or 16384 of them each, further ones are NULL (nulled.dictionary)",
      "texts over p: 1 expression makes texts, up to 1 MB or 16384 of them, further ones are NULL (nulled.dictionary)",
    ])
      expect(lines).toContain(line);
  });
});
