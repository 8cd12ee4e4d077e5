// The contract of `millrace replay` (docs/replay.md), sentence by sentence, as other programs meet it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "../services/ports.ts";
import { MAIN, Millrace, folderWith, millrace, parsed, shell } from "./millrace.ts";

const PLANT = `version: 1
sources:
  plant:
    mqtt: mqtt://nowhere.invalid:1883
    topic: sensors/{site}/{device}/telemetry
    format: json
    time: { field: ts, unit: ms }
pipelines:
  temp_10s:
    sql: |
      SELECT site, device, window_start, window_end, COUNT(*) AS n, AVG(temp) AS mean
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND))
      GROUP BY site, device, window_start, window_end
    late: side
    to: { kafka: "nowhere.invalid:9092", topic: t, late: l }
  hot:
    sql: SELECT device, ts, temp FROM plant WHERE temp > 90
`;

const READINGS = `{"ts":1000,"site":"north","device":"a","temp":20}
{"ts":2000,"site":"north","device":"a","temp":20.5}
{"ts":3000,"site":"south","device":"b","temp":99.9}
{"ts":12000.25,"site":"north","device":"a","temp":null}
{"ts":9000,"site":"north","device":"a","temp":19}
`;

const result = (row: string, cause = "watermark", pipeline = "temp_10s"): string =>
  `{"pipeline":"${pipeline}","revision":1,"cause":"${cause}","row":${row}}\n`;

const A_0 =
  '{"site":"north","device":"a","window_start":"1970-01-01T00:00:00.000Z","window_end":"1970-01-01T00:00:10.000Z","n":2,"mean":20.25}';
const B_0 =
  '{"site":"south","device":"b","window_start":"1970-01-01T00:00:00.000Z","window_end":"1970-01-01T00:00:10.000Z","n":1,"mean":99.9}';
const A_1 =
  '{"site":"north","device":"a","window_start":"1970-01-01T00:00:10.000Z","window_end":"1970-01-01T00:00:20.000Z","n":1,"mean":null}';
const HOT = result('{"device":"b","ts":"1970-01-01T00:00:03.000Z","temp":99.9}', "record", "hot");
const LATE =
  '{"pipeline":"temp_10s","late":{"window_start":"1970-01-01T00:00:00.000Z","window_end":"1970-01-01T00:00:10.000Z","by_ms":2000.25},' +
  '"row":{"site":"north","device":"a","ts":"1970-01-01T00:00:09.000Z","temp":19}}\n';
const RESULTS = HOT + result(A_0) + LATE + result(B_0, "flush") + result(A_1, "flush");

const folder = folderWith({ "plant.yaml": PLANT, "in.ndjson": READINGS });
const replay = (args: string[], stdin?: string | Uint8Array) =>
  millrace(["replay", ...args], { cwd: folder, stdin });

describe("stdout", () => {
  it("has one line for each result and late record, and connects to nothing", async () => {
    expect(await replay(["plant.yaml", "in.ndjson"])).toEqual({ status: 0, stdout: RESULTS, stderr: "" });
  });

  it("is the same from standard input, at any speed, and with --strict or --json", async () => {
    const runs = [
      replay(["plant.yaml", "-"], READINGS),
      replay(["plant.yaml", "in.ndjson", "--speed", "100000"]),
      replay(["plant.yaml", "in.ndjson", "--strict"]),
      replay(["plant.yaml", "in.ndjson", "--json"]),
    ];
    for (const run of await Promise.all(runs))
      expect(run).toEqual({ status: 0, stdout: RESULTS, stderr: "" });
  });

  it("leaves out the open windows with --no-flush, other pipelines with --pipeline", async () => {
    expect((await replay(["plant.yaml", "in.ndjson", "--no-flush"])).stdout).toBe(HOT + result(A_0) + LATE);
    expect((await replay(["plant.yaml", "in.ndjson", "--pipeline", "hot"])).stdout).toBe(HOT);
  });

  it("prints doubles as JavaScript does, and nine digits of a second only where they say something", async () => {
    const doubles = [
      "0.1",
      "1e21",
      "1e-7",
      "-0.0",
      "123456789012345680000",
      "5e-324",
      "1.7976931348623157e308",
    ];
    const yaml = `version: 1
sources: { s: { file: none.ndjson, format: json, time: { field: t, unit: ns } } }
pipelines: { p: { sql: "SELECT t, v FROM s" } }`;
    const cwd = folderWith({ "p.yaml": yaml });
    const lines = doubles.map((text, n) => `{"t":${n * 999_999},"v":${text}}`).join("\n");
    const { stdout } = await millrace(["replay", "p.yaml", "-"], { cwd, stdin: lines });
    const times = [
      "000Z",
      "000999999Z",
      "001999998Z",
      "002999997Z",
      "003999996Z",
      "004999995Z",
      "005999994Z",
    ];
    const values = doubles.map((text) => JSON.stringify(Number(text)));
    const expected = times.map((time, n) =>
      result(`{"t":"1970-01-01T00:00:00.${time}","v":${values[n]}}`, "record", "p"),
    );
    expect(stdout).toBe(expected.join(""));
  });

  it("ends quietly when its reader has seen enough", async () => {
    const many = Array.from(
      { length: 200_000 },
      (_, n) => `{"ts":${n},"site":"s","device":"d","temp":91}\n`,
    ).join("");
    const cwd = folderWith({ "plant.yaml": PLANT, "many.ndjson": many });
    const line = "millrace replay plant.yaml many.ndjson --pipeline hot | head -1; exit ${PIPESTATUS[0]}";
    expect(await shell(line, cwd)).toEqual({
      status: 0,
      stdout: result('{"device":"d","ts":"1970-01-01T00:00:00.000Z","temp":91}', "record", "hot"),
      stderr: "",
    });
  });

  it("says why it cannot be written", async () => {
    const ended = await shell("millrace replay plant.yaml in.ndjson > /dev/full", folder);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/^error {2}MR151 {2}cannot write the output: ENOSPC/);
  });

  it("has results as they come, with a slow input", async () => {
    const run = new Millrace(["replay", "plant.yaml", "-"], { cwd: folder });
    run.child.stdin!.write(READINGS);
    await until("the first results", () => run.stdout.includes('"late"'));
    expect(run.stdout).toBe(HOT + result(A_0) + LATE);
    run.child.stdin!.end();
    expect((await run.ended).stdout).toBe(RESULTS);
  });
});

describe("inputs", () => {
  const [head, ...tail] = READINGS.trimEnd().split("\n") as [string, ...string[]];

  it("are read one after the other, each with its own line numbers", async () => {
    const cwd = folderWith({
      "plant.yaml": PLANT,
      "1.ndjson": `oops\n${head}`,
      "2.ndjson": `${tail.join("\n")}\nno\n`,
    });
    const ended = await millrace(["replay", "plant.yaml", "1.ndjson", "2.ndjson"], { cwd });
    expect(ended.stdout).toBe(RESULTS);
    expect(ended.stderr).toBe(
      "1.ndjson:1:1  refused  decode  malformed: oops\n2.ndjson:5:1  refused  decode  malformed: no\nrefused: 2 decode\n",
    );
  });

  const CSV = READINGS.trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .map(({ ts, site, device, temp }) => `${temp ?? ""},"${site}",unused,${ts},${device}`);
  const HEADER = 'temp,"site",other,ts,device';
  const BOM = "\ufeff";
  const forms: [string, string, string][] = [
    ["NDJSON without a last newline", "i.ndjson", READINGS.trimEnd()],
    [
      "NDJSON with CRLF, blank lines and a byte order mark",
      "i.ndjson",
      BOM + READINGS.replaceAll("\n", "\r\n\r\n"),
    ],
    ["arrays of records", "i.ndjson", `[${head},${tail[0]}]\n[${tail.slice(1).join(" , ")}]\n`],
    ["any other name as NDJSON", "readings.log", READINGS],
    ["CSV: columns in any order, quotes, one more", "i.csv", [HEADER, ...CSV, ""].join("\n")],
    ["CSV with CRLF, a byte order mark, no last newline", "i.CSV", BOM + [HEADER, ...CSV].join("\r\n")],
  ];
  it.each(forms)("may be %s", async (_, name, text) => {
    const cwd = folderWith({ "plant.yaml": PLANT, [name]: text });
    expect(await millrace(["replay", "plant.yaml", name], { cwd })).toEqual({
      status: 0,
      stdout: RESULTS,
      stderr: "",
    });
  });

  it("may each have a header row of their own", async () => {
    const cwd = folderWith({
      "plant.yaml": PLANT,
      "1.csv": [HEADER, ...CSV.slice(0, 2)].join("\n"),
      "2.csv": "ts,site,device,temp\n3000,south,b,99.9\n12000.25,north,a,\n9000,north,a,19\n",
    });
    expect((await millrace(["replay", "plant.yaml", "1.csv", "2.csv"], { cwd })).stdout).toBe(RESULTS);
  });

  it.each(["", "\n\n", BOM])("may be empty: %j", async (text) => {
    const cwd = folderWith({ "plant.yaml": PLANT, "i.ndjson": text, "i.csv": text, "s.json": "" });
    for (const name of ["i.ndjson", "i.csv"]) {
      const ended = await millrace(["replay", "plant.yaml", name, "--summary", "s.json"], { cwd });
      expect(ended).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(JSON.parse(readFileSync(join(cwd, "s.json"), "utf8"))).toMatchObject({ records: 0 });
    }
  });

  it("may be named by a source that is a file; standard input then has its format", async () => {
    const yaml = PLANT.replace(
      /mqtt:.*\n.*\n.*json/,
      "file: data/log.txt\n    format: csv\n    fields: { site: string, device: string, temp: double }",
    );
    const cwd = folderWith({ "x/plant.yaml": yaml, "x/data/log.txt": [HEADER, ...CSV].join("\n") });
    // Its columns are fields, which stand behind the time in a late record.
    const late = '"row":{"ts":"1970-01-01T00:00:09.000Z","site":"north","device":"a","temp":19}';
    const fine = { status: 0, stdout: RESULTS.replace(/"row":[^}]*19}/, late), stderr: "" };
    expect(await millrace(["replay", "x/plant.yaml"], { cwd })).toEqual(fine);
    const stdin = readFileSync(join(cwd, "x/data/log.txt"));
    expect(await millrace(["replay", "x/plant.yaml", "-"], { cwd, stdin })).toEqual(fine);
    expect(await millrace(["replay", "x/plant.yaml", "i.ndjson"], { cwd: folder, stdin })).toMatchObject({
      status: 1,
    });
  });

  it("stand for the source of --source", async () => {
    const two = `${PLANT}  other: { sql: "SELECT v * 2 AS w FROM spare" }\n`.replace(
      "pipelines:",
      "  spare: { file: in.ndjson, format: json, time: { field: ts, unit: s } }\npipelines:",
    );
    const cwd = folderWith({ "two.yaml": two, "in.ndjson": READINGS });
    const wrong = await millrace(["replay", "two.yaml", "in.ndjson"], { cwd });
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toBe(
      "error  MR153  the file has several sources: say which with --source (plant, spare)\n",
    );
    const one = await millrace(["replay", "two.yaml", "in.ndjson", "--source", "plant"], { cwd });
    expect(one.stdout).toBe(RESULTS);
    const other = await millrace(["replay", "two.yaml", "--pipeline", "other"], { cwd });
    expect(parsed(other.stdout)).toHaveLength(5);
  });
});

describe("bad lines", () => {
  const BAD = `not json
{"ts":1000,"site":"north","device":"a","temp":20}

7
[]
{"temp":1}
{"ts":"noon"}
{"ts":1e300}
{"ts":2000,"site":"north","device":"a","temp":"warm"}
{"ts":3000,"site":"north","device":"a","temp":1e999}
[{"ts":4000,"site":"north","device":"a"},{"ts":5000,"site":"north","device":"a"}]
{"ts":1,"site":"north"
`;

  it("are shown with their place and counted; the run goes on", async () => {
    const cwd = folderWith({ "plant.yaml": PLANT, "bad.ndjson": BAD });
    const ended = await millrace(["replay", "plant.yaml", "bad.ndjson", "--summary", "s.json"], { cwd });
    expect(ended.status).toBe(0);
    expect(ended.stderr).toBe(`bad.ndjson:1:1  refused  decode  malformed: not json
bad.ndjson:4:1  refused  decode  malformed: 7
bad.ndjson:5:2  refused  decode  malformed: []
bad.ndjson:6  refused  no_time  has no time: {"temp":1}
bad.ndjson:7  refused  time_format  its time is unreadable: {"ts":"noon"}
bad.ndjson:8  refused  time_range  its time is out of range: {"ts":1e300}
refused: 4 decode, 1 no_time, 1 time_format, 1 time_range
`);
    expect(parsed(ended.stdout)).toMatchObject([{ cause: "flush", row: { n: 5, mean: 20 } }]);
    const summary = JSON.parse(readFileSync(join(cwd, "s.json"), "utf8")) as Record<string, unknown>;
    expect(summary).toMatchObject({ records: 12, nulled: { type: 1, nonfinite: 1 } });
  });

  it("are shown three of a kind, without control characters and cut short", async () => {
    const lines = Array.from(
      { length: 9 },
      (_, n) => `${n}\u001b[31m\u009b1m\u007f\u202e${"x".repeat(500)}\n`,
    ).join("");
    const { stderr } = await replay(["plant.yaml", "-"], lines);
    expect(stderr.split("\n")).toHaveLength(5);
    expect(stderr).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
    expect(stderr.split("\n")[0]!.length).toBeLessThan(200);
    expect(stderr).toContain(
      "standard input:1:1  refused  decode  malformed: 0\\u001b[31m\\u009b1m\\u007f\\u202exxx",
    );
    expect(stderr).toContain("refused: 9 decode");
  });

  it("end a --strict run with status 3, before anything that follows them, however the input is cut", async () => {
    const [one, two, three, four] = READINGS.split("\n");
    const lines = [one, two, three, four, "oops", '{"ts":1000,"device":"c","temp":95}', ""].join("\n");
    const whole = await replay(["plant.yaml", "-", "--strict", "--summary", "strict.json"], lines);
    expect(whole).toEqual({
      status: 3,
      stdout: HOT + result(A_0),
      stderr: "standard input:5:1  refused  decode  malformed: oops\nrefused: 1 decode\n",
    });
    expect(JSON.parse(readFileSync(join(folder, "strict.json"), "utf8"))).toMatchObject({ records: 5 });
    const cut = new Millrace(["replay", "plant.yaml", "-", "--strict"], { cwd: folder });
    cut.child.stdin!.write(lines.slice(0, lines.indexOf("oops") + 2));
    await until("the first results", () => cut.stdout.includes("temp_10s"));
    cut.child.stdin!.end(lines.slice(lines.indexOf("oops") + 2));
    expect(await cut.ended).toEqual(whole);
  });

  it("name fields that no record had", async () => {
    const { status, stderr } = await replay(["plant.yaml", "-"], '{"ts":1}');
    expect([status, stderr]).toEqual([0, 'note: no record had "site", "device", "temp"\n']);
  });
});

describe("--summary", () => {
  it("writes counts, of every pipeline also when 0, and what the run cost", async () => {
    await replay(["plant.yaml", "in.ndjson", "--summary", "summary.json"]);
    const text = readFileSync(join(folder, "summary.json"), "utf8");
    const { wall_ms, cpu_ms, peak_rss_mb, ...counts } = JSON.parse(text) as Record<string, number>;
    expect(text.endsWith("}\n")).toBe(true);
    expect(Object.entries(counts).map(([name, value]) => [name, JSON.stringify(value)])).toEqual([
      ["records", "5"],
      ["results", '{"temp_10s":3,"hot":1}'],
      ["late", '{"temp_10s":{"records":1,"windows":1},"hot":{"records":0,"windows":0}}'],
      ["late_updates", '{"temp_10s":0,"hot":0}'],
      ["empty_skipped", '{"temp_10s":0,"hot":0}'],
      ["filtered", '{"temp_10s":0,"hot":4}'],
      [
        "refused",
        '{"decode":0,"no_time":0,"time_format":0,"time_range":0,"topic":0,"oversized":0,"keys":0,"dictionary":0,"state":0,"nonfinite":0,"future":0,"streams":0,"late":0}',
      ],
      ["nulled", '{"type":0,"nonfinite":0,"dictionary":0}'],
      ["forgotten", "0"],
      ["keys_evicted", "0"],
      ["other_records", "0"],
      ["held", "0"],
      ["early", "0"],
      ["context", "0"],
    ]);
    for (const cost of [wall_ms, cpu_ms, peak_rss_mb]) expect(cost).toBeGreaterThan(0);
  });

  it("that cannot be written is an error after the results", async () => {
    const { status, stdout, stderr } = await replay(["plant.yaml", "in.ndjson", "--summary", "none/s.json"]);
    expect([status, stdout]).toEqual([1, RESULTS]);
    expect(stderr).toBe("error  MR151  cannot write none/s.json: there is no such folder\n");
  });
});

describe("status 1, with nothing on stdout", () => {
  const wrong: [string, string[], string][] = [
    ["no definition", [], "MR152  which definition? millrace replay PIPELINE.yaml INPUT…"],
    [
      "no input",
      ["plant.yaml"],
      "MR152  which input? millrace replay PIPELINE.yaml INPUT… (- is standard input)",
    ],
    [
      "a definition that is not there",
      ["x.yaml", "in.ndjson"],
      "MR151  cannot read x.yaml: there is no such file",
    ],
    [
      "an input that is not there",
      ["plant.yaml", "in.ndjson", "x.ndjson"],
      "MR151  cannot read x.ndjson: there is no such file",
    ],
    ["an input that is a folder", ["plant.yaml", "in.ndjson", "."], "MR151  cannot read .: it is a folder"],
    [
      "two formats",
      ["plant.yaml", "in.ndjson", "x.csv"],
      "MR152  the inputs of one replay are all .csv, all JSON lines, or all recordings (.mrec)",
    ],
    [
      "no such pipeline",
      ["plant.yaml", "-", "--pipeline", "hott"],
      'MR153  no pipeline "hott": did you mean hot? (pipelines: temp_10s, hot)',
    ],
    [
      "no such source",
      ["plant.yaml", "-", "--source", "plan"],
      'MR153  no source "plan" that a pipeline reads: did you mean plant? (sources: plant)',
    ],
    [
      "a speed that is none",
      ["plant.yaml", "-", "--speed", "fast"],
      "MR152  --speed fast: it is max, or a number above 0",
    ],
    [
      "an unknown option",
      ["plant.yaml", "-", "--strct"],
      "MR150  unknown option --strct: did you mean --strict?",
    ],
    [
      "an option without its value",
      ["plant.yaml", "-", "--summary"],
      "MR150  Option '--summary <value>' argument missing",
    ],
  ];
  it.each(wrong)("%s", async (_, args, error) => {
    expect(await replay(args)).toEqual({ status: 1, stdout: "", stderr: `error  ${error}\n` });
  });

  it("a CSV file without an end of its header row", async () => {
    const cwd = folderWith({ "plant.yaml": PLANT, "endless.csv": "x".repeat(3_000_000) });
    expect(await millrace(["replay", "plant.yaml", "endless.csv"], { cwd })).toEqual({
      status: 1,
      stdout: "",
      stderr: "error  MR151  cannot read endless.csv: its header row has no end within 1 MiB\n",
    });
  });

  it("a wrong definition, with all that is wrong at once", async () => {
    const bad = PLANT.replace("COUNT(*)", "CUONT(*)")
      .replace("unit: ms", "unit: m")
      .replace("late: side", "lat: side");
    const cwd = folderWith({ "bad.yaml": bad, "in.ndjson": READINGS });
    const { status, stdout, stderr } = await millrace(["replay", "bad.yaml", "in.ndjson"], { cwd });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.match(/^bad\.yaml:\d+:\d+ {2}error {2}MR\d{3}/gm)).toEqual([
      "bad.yaml:7:30  error  MR105",
      "bad.yaml:11:54  error  MR204",
      "bad.yaml:14:5  error  MR102",
    ]);
  });

  it("a source with arrival time, which lines of a file have not", async () => {
    const cwd = folderWith({
      "p.yaml": PLANT.replace("{ field: ts, unit: ms }", "arrival").replace(/ts(?=[,)])/g, "arrival"),
    });
    const { status, stdout, stderr } = await millrace(["replay", "p.yaml", "-"], { cwd, stdin: READINGS });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^error {2}MR406 {2}source "plant" has `time: arrival`/);
  });

  it("Ctrl-C while it waits for input", async () => {
    const run = new Millrace(["replay", "plant.yaml", "-"], { cwd: folder });
    run.child.stdin!.write(READINGS);
    await until("the first results", () => run.stdout.includes('"late"'));
    run.child.kill("SIGINT");
    expect(await run.ended).toEqual({ status: 1, stdout: HOT + result(A_0) + LATE, stderr: "" });
  });
});

describe("progress", () => {
  const many = Array.from(
    { length: 300_000 },
    (_, n) => `{"ts":${n},"site":"s","device":"d","temp":1}\n`,
  ).join("");
  const cwd = folderWith({ "plant.yaml": PLANT, "many.ndjson": many });
  const line = "millrace replay plant.yaml many.ndjson --pipeline hot";

  it("is shown on a terminal, and taken away at the end", async () => {
    const script = `NODE=${process.execPath} MAIN=${MAIN} script -qec '"$NODE" "$MAIN" replay plant.yaml many.ndjson --pipeline hot > out' /dev/null`;
    const { stdout } = await shell(script, cwd);
    const [before, ...shown] = stdout.split("\r\u001b[K");
    expect([before, shown.pop()]).toEqual(["", ""]);
    expect(shown.length).toBeGreaterThan(0);
    for (const text of shown) expect(text).toMatch(/^many\.ndjson: \d+ %, [\d,]+ records\/s, \d+ s left$/);
    expect(readFileSync(join(cwd, "out"), "utf8")).toBe("");
  });

  it("never goes to a pipe", async () => {
    expect(await shell(line, cwd)).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});
