// `millrace sim` as a user has it: a process that sends to a real broker, says what it sent, and ends at Ctrl-C.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Subscriber } from "../../../sensors-sim/test/subscriber.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { freePort, until } from "../services/ports.ts";
import { Millrace, ROOT, folderWith, millrace } from "./millrace.ts";

let broker: Mosquitto;
beforeAll(async () => {
  broker = await startMosquitto({ lines: ["max_queued_messages 0"] });
});
afterAll(() => broker.close());

describe("millrace sim", () => {
  it("sends what it says, as JSON and in words", async () => {
    const subscriber = await Subscriber.connect(broker.url, "plant/#");
    const args = [
      "sim",
      "--url",
      broker.url,
      "--topic",
      "plant/{site}/{device}",
      "--rate",
      "300",
      "--seconds",
      "1",
    ];
    const faults = ["--fault", "duplicate=0.1", "--fault", "malformed=0.05"];
    const signals = ["--signal", "n=counter:step=1", "--signal", "hum=constant:value=40"];
    const json = await millrace([...args, ...faults, ...signals, "--qos", "1", "--json"]);
    expect([json.status, json.stderr]).toEqual([0, ""]);
    const report = JSON.parse(json.stdout) as { messages: number; records: number; readings: number };
    const messages = await subscriber.all(report.messages);
    const sound = messages.filter(
      ({ payload }) => payload.toString().startsWith('{"t":1') && payload.toString().endsWith(',"hum":40}'),
    );
    expect([report.readings, report.messages, report.records]).toEqual([300, messages.length, sound.length]);
    expect(new Set(messages.map(({ topic }) => topic)).size).toBe(20);

    const words = await millrace([...args, ...faults, ...signals, "--seed", "1"]);
    expect(words.stdout).toMatch(
      new RegExp(
        `^sent ${report.messages} messages with ${report.records} records in [\\d.]+ s \\(\\d+ messages/s\\)\n` +
          "faults: \\d+ duplicate, \\d+ malformed\n" +
          `n: ${report.records} values, sum \\d+, min 1, max 15\n` +
          `hum: ${report.records} values, sum ${report.records * 40}, min 40, max 40\n` +
          "largest lag behind the schedule: [\\d.]+ ms\n$",
      ),
    );
    await subscriber.close();
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends at %s with its totals and status 0", async (signal) => {
    const subscriber = await Subscriber.connect(broker.url);
    const run = new Millrace(["sim", "--url", broker.url, "--rate", "500"]);
    await until("some messages", () => subscriber.messages.length > 100);
    run.child.kill(signal);
    const { status, stdout, stderr } = await run.ended;
    expect([status, stderr]).toEqual([0, ""]);
    const [, messages, records] = /^sent (\d+) messages with (\d+) records in /.exec(stdout)!.map(Number);
    expect(await subscriber.all(messages!)).toHaveLength(messages!);
    expect(records).toBe(messages);
    await subscriber.close();
  });

  it("replays a series", async () => {
    const subscriber = await Subscriber.connect(broker.url);
    const file = join(ROOT, "sensors-sim/data/speed_t4013.csv");
    const { status, stdout } = await millrace([
      "sim",
      "--url",
      broker.url,
      "--series",
      file,
      "--speed",
      "1e7",
    ]);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^sent 2495 messages with 2495 records/)]);
    const messages = await subscriber.all(2495);
    expect(messages[0]!.payload.toString()).toBe(`{"t":${Date.UTC(2015, 8, 1, 11, 25)},"value":58}`);
    await subscriber.close();
  });

  it("ends with status 2 when the broker is not there", async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`;
    const { status, stdout, stderr } = await millrace(["sim", "--url", url]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error {2}MR304 {2}cannot send to mqtt:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  });

  const folder = folderWith({
    "bad.csv": "timestamp,value\n2020-01-01 00:00:00,1\n2020-01-01 00:05:00,one\n",
  });
  const wrong: [string, string][] = [
    ["here", 'MR152  sim takes no "here": see millrace sim --help'],
    ["--url http://x", "MR152  --url http://x: a broker's address is mqtt://HOST:1883 or mqtts://HOST:8883"],
    ["--devices 0", "MR152  --devices 0: it is a number of at least 1"],
    ["--devices 2.5", "MR152  --devices 2.5: it is a whole number"],
    ["--devices Infinity", "MR152  --devices Infinity: it is a whole number"],
    ["--rate fast", "MR152  --rate fast: it is a number of at least 0.001"],
    ["--qos 2", "MR152  --qos 2: (values: 0, 1)"],
    ["--format jsno", "MR152  --format jsno: did you mean json? (values: json, msgpack, csv, value)"],
    [
      "--format value --batch 2",
      "MR152  --format value: a message is one number, so one --signal and --batch 1",
    ],
    [
      "--fault lat=0.1",
      "MR152  --fault lat: did you mean late? (values: late, duplicate, outOfOrder, skewed, silent, burst, malformed)",
    ],
    ["--fault late=2", "MR152  --fault late 2: it is a number from 0 to 1"],
    ["--fault late", "MR152  --fault late: it is NAME=…"],
    [
      "--fault outOfOrder=0.6",
      "MR152  --fault: the shares of malformed, late, duplicate, outOfOrder, burst exceed 1 (outOfOrder counts twice)",
    ],
    [
      "--signal temp=sin",
      'MR152  --signal: no signal "sin": the signals are constant, sine, walk, square, counter',
    ],
    ["--series none.csv", "MR151  cannot read none.csv: there is no such file"],
    [
      "--series bad.csv",
      'MR151  cannot read bad.csv: line 3 is not "timestamp,value": 2020-01-01 00:05:00,one',
    ],
  ];
  it.each(wrong)("%s: status 1", async (args, error) => {
    expect(await millrace(["sim", ...args.split(" ")], { cwd: folder })).toEqual({
      status: 1,
      stdout: "",
      stderr: `error  ${error}\n`,
    });
  });
});
