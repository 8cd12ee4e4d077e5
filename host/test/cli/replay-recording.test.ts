// Replay of recordings made by hand: pace, time of arrival, what was open at the end, and errors that say what to do.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ENTRY_BYTES_MAX } from "../../store/recording-format.ts";
import { BEGIN, type Part, publish, writeRecording } from "../support/recordings.ts";
import { folderWith, millrace, parsed } from "./millrace.ts";

const definition = (time = "{ field: ts, unit: ms }"): string => `
version: 1
sources:
  plant: { mqtt: "mqtt://b", topic: "t/{device}", format: json, time: ${time} }
pipelines:
  p:
    sql: |
      SELECT device, window_start, COUNT(*) AS n
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND))
      GROUP BY device, window_start, window_end
    to: stdout
`;

const chunk = (seconds: number): Part => ({ chunk: publish("t/a", `{"ts":${seconds * 1000}}`) });
const RUN: Part[] = [{ tick: 1000 }, chunk(1), chunk(2), { tick: 2000 }, chunk(12), { tick: 3000 }, "end"];
const WINDOW =
  '{"pipeline":"p","revision":1,"cause":"watermark","row":{"device":"a","window_start":"1970-01-01T00:00:00.000Z","n":2}}\n';
const OPEN = "note: windows are still open where the recording ends: --flush brings them out\n";

function folder(parts: Part[] = RUN, first = {}, text = definition()): string {
  const cwd = folderWith({ "p.yaml": text });
  writeRecording(join(cwd, "plant.mrec"), parts, first);
  return cwd;
}

const replay = (cwd: string, ...more: string[]) => millrace(["replay", "p.yaml", ...more], { cwd });

describe("replay of a recording", () => {
  it("brings out what came out; --flush closes what stayed open", async () => {
    const cwd = folder();
    expect(await replay(cwd, "plant.mrec")).toEqual({ status: 0, stdout: WINDOW, stderr: OPEN });
    const { status, stdout, stderr } = await replay(cwd, "plant.mrec", "--flush");
    expect([status, stderr, stdout.startsWith(WINDOW)]).toEqual([0, "", true]);
    expect(parsed(stdout).map(({ cause, row }) => [cause, row.n])).toEqual([
      ["watermark", 2],
      ["flush", 1],
    ]);
    expect((await replay(cwd, "plant.mrec", "--no-flush")).stdout).toBe(WINDOW);
    const both = await replay(cwd, "plant.mrec", "--no-flush", "--flush");
    expect([both.status, both.stdout]).toEqual([1, ""]);
    expect(both.stderr).toBe("error  MR152  --flush or --no-flush: not both\n");
  });

  it("keeps to the pace of its ticks, with the same bytes", async () => {
    for (const speed of ["max", "20", "1e6"])
      expect((await replay(folder(), "plant.mrec", "--speed", speed)).stdout, speed).toBe(WINDOW);
  });

  it("of a source with the time of arrival, which lines have not", async () => {
    const { status, stdout } = await replay(
      folder(RUN, {}, definition("arrival").replace("DESCRIPTOR(ts)", "DESCRIPTOR(arrival)")),
      "plant.mrec",
      "--flush",
    );
    expect(status).toBe(0);
    expect(parsed(stdout).map(({ row }) => [row.window_start, row.n])).toEqual([
      ["1970-01-01T00:00:00.000Z", 3],
    ]);
  });

  it("of two runs without a state between them begins anew at the second, and says what is lost", async () => {
    const again: Part[] = [...RUN, { begin: { ...BEGIN, atMs: 2000 } }, chunk(13), chunk(22)];
    const { stdout, stderr } = await replay(folder(again), "plant.mrec");
    // The record of the first run at 12 s is not in the window of 10 s to 20 s.
    expect(parsed(stdout).map(({ row }) => [row.window_start.slice(17, 19), row.n])).toEqual([
      ["00", 2],
      ["10", 1],
    ]);
    expect(stderr).toContain("plant.mrec: what was open when an earlier run ended is lost, as it was then\n");
  });

  it("of a run whose windows came out with cause flush brings them out", async () => {
    const flushed: Part[] = [...RUN, { begin: { ...BEGIN, state: "flushed" } }, chunk(13)];
    const { stdout } = await replay(folder(flushed), "plant.mrec");
    expect(parsed(stdout).map(({ cause, row }) => [cause, row.n])).toEqual([
      ["watermark", 2],
      ["flush", 1],
    ]);
  });

  it("that begins in the middle of a message passes over the rest of it", async () => {
    const state = { state: "running" as const, stateBytes: 4, stateHash: "none", build: "none" };
    const cwd = folderWith({ "p.yaml": definition() });
    const whole = publish("t/a", '{"ts":1000}');
    writeRecording(
      join(cwd, "plant.mrec"),
      [{ state: new Uint8Array(4) }, { chunk: whole.subarray(9) }, chunk(2), chunk(12)],
      { ...state, skip: whole.length - 9 },
    );
    const { stdout, stderr } = await replay(cwd, "plant.mrec");
    expect(stderr).toContain("what was open when it began is not known here");
    expect(stderr).not.toContain("refused");
    expect(parsed(stdout).map(({ row }) => row.n)).toEqual([1]);
  });

  it("ends at the first refused record with --strict", async () => {
    const bad: Part = { chunk: publish("t/a", "{") };
    const { status, stdout, stderr } = await replay(
      folder([chunk(1), bad, chunk(12)]),
      "plant.mrec",
      "--strict",
    );
    expect([status, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/^plant\.mrec:2:2 {2}refused {2}decode/);
  });
});

describe("replay teaches", () => {
  const said = async (cwd: string, ...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await replay(cwd, ...args);
    expect([status, stdout]).toEqual([1, ""]);
    return stderr;
  };

  it("what is no recording, and one of another version", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "lines.mrec"), '{"ts":1000}\n');
    expect(await said(cwd, "lines.mrec")).toBe(
      "error  MR407  lines.mrec is no recording: those of millrace begin with MREC\n",
    );
    const bytes = readFileSync(join(cwd, "plant.mrec"));
    bytes[4] = 9;
    writeFileSync(join(cwd, "later.mrec"), bytes);
    expect(await said(cwd, "later.mrec")).toBe(
      "error  MR407  later.mrec is a recording of version 9, this millrace reads version 1: replay it with the version that wrote it\n",
    );
  });

  it("a damaged block, with what can be done", async () => {
    const long: Part = { chunk: new Uint8Array(ENTRY_BYTES_MAX) };
    const cwd = folder([...RUN, "flush", long, "flush", chunk(30)]);
    const bytes = readFileSync(join(cwd, "plant.mrec"));
    const at = bytes.indexOf("MRBK", 20);
    bytes[at + 500]! ^= 4;
    writeFileSync(join(cwd, "plant.mrec"), bytes);
    expect(await said(cwd, "plant.mrec")).toBe(
      `error  MR407  plant.mrec is damaged: block 1 at byte ${at} is not whole, and there is more behind it. ` +
        `What stands before it can be replayed: head -c ${at} plant.mrec > before.mrec\n`,
    );
    writeFileSync(join(cwd, "before.mrec"), bytes.subarray(0, at));
    expect((await replay(cwd, "before.mrec")).stdout).toBe(WINDOW);
  });

  it("a recording of another source, and of another kind", async () => {
    const cwd = folder(RUN, { source: "field" });
    expect(await said(cwd, "plant.mrec")).toBe(
      'error  MR408  plant.mrec is a recording of source "field", the definition has "plant": --source NAME says which of them it is to stand for\n',
    );
    expect((await replay(cwd, "plant.mrec", "--source", "plant")).stdout).toBe(WINDOW);
    expect(await said(folder(RUN, { framing: "lines" }), "plant.mrec")).toBe(
      'error  MR408  plant.mrec holds lines of a file, and source "plant" reads MQTT messages\n',
    );
  });

  it("recordings of two sources at once, in the wrong order, beside lines; one that is not there", async () => {
    const cwd = folder();
    writeRecording(join(cwd, "field.mrec"), RUN, { source: "field", atMs: 5000 });
    writeRecording(join(cwd, "later.mrec"), RUN, { atMs: 5000 });
    writeFileSync(join(cwd, "a.ndjson"), "");
    expect(await said(cwd, "plant.mrec", "field.mrec")).toMatch(
      /MR408 .*field\.mrec of "field": one at a time/,
    );
    expect(await said(cwd, "later.mrec", "plant.mrec")).toMatch(/MR152 .*plant\.mrec before later\.mrec/);
    expect(await said(cwd, "plant.mrec", "a.ndjson")).toMatch(/MR152 .*or all recordings/);
    expect(await said(cwd, "none.mrec")).toBe("error  MR151  cannot read none.mrec: there is no such file\n");
  });
});

describe("record teaches", () => {
  it.each([
    [[], "MR152", "--to FILE.mrec"],
    [["--to", "plant.txt"], "MR152", "--to FILE.mrec"],
    [["--to", "a.mrec", "--max", "5"], "MR152", "a size of at least 1MB"],
    [["--to", "a.mrec", "--for", "soon"], "MR152", "a duration"],
    [["--to", "a.mrec", "--source", "plnt"], "MR153", "did you mean plant?"],
    [["--to", "none/a.mrec"], "MR151", "there is no such folder"],
  ])("%s: %s", async (args, code, words) => {
    const cwd = folderWith({ "p.yaml": definition() });
    const { status, stdout, stderr } = await millrace(["record", "p.yaml", ...args], { cwd });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`error  ${code}  `);
    expect(stderr).toContain(words);
  });

  it("that a file is read as it is", async () => {
    const text = definition().replace('mqtt: "mqtt://b", topic: "t/{device}"', "file: a.ndjson");
    const cwd = folderWith({ "p.yaml": text.replaceAll("device", "kind") });
    const { status, stderr } = await millrace(["record", "p.yaml", "--to", "a.mrec"], { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain('source "plant" is a file, which replay reads as it is');
  });
});
