// The demo as a newcomer meets it: what it prints, what is on its page, what is in its files, how it ends.
import type { ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { connectAsync } from "mqtt";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTopic } from "../edges/support/kafka-reader.ts";
import { Child } from "../services/child.ts";
import { spawnChild } from "../services/children.ts";
import { startProxy } from "../services/dribble.ts";
import { startKafka } from "../services/kafka.ts";
import { freePort, until } from "../services/ports.ts";
import { startBrowser, Visitor } from "./support/visitor.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const main = join(root, "host/cli/main.ts");

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

interface Demo {
  child: Child;
  address: string;
  results: string;
}

async function startDemo(args: string[] = []): Promise<Demo> {
  const results = join(mkdtempSync(join(tmpdir(), "millrace-demo-")), "results.ndjson");
  const ports = ["--http", `${await freePort()}`, "--mqtt", `${await freePort()}`];
  const argv = [
    "--disable-warning=ExperimentalWarning",
    main,
    "demo",
    "--results",
    results,
    ...ports,
    ...args,
  ];
  const child = new Child(process.execPath, argv);
  const address = await until("the address of the page", () => {
    if (child.over) throw new Error(child.output);
    return /live page\s+(http:\S+)/.exec(child.output)?.[1];
  });
  return { child, address, results };
}

const linesOf = (file: string): Record<string, any>[] =>
  (existsSync(file) ? readFileSync(file, "utf8") : "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

interface Summary {
  pipeline: string;
  results: number;
  late: number;
  sinks: Map<string, { delivered: number; undelivered: number }>;
}

/** Reads the summary and checks that every sum in it adds up. */
function addUp(output: string): Summary[] {
  const summaries: Summary[] = [];
  let accepted = NaN;
  for (const line of output.split("\n")) {
    const source = /^source (\w+): (\d+) received = (\d+) accepted \+ (\d+) refused/.exec(line);
    if (source !== null) {
      const [received, taken, refused] = source.slice(2).map(Number) as [number, number, number];
      expect(received, line).toBe(taken + refused);
      const sent = new RegExp(
        `^${source[1]}: the sensors sent (\\d+) messages, all of them arrived(?:, and (\\d+) of others)?$`,
        "m",
      ).exec(output);
      expect(sent, output).not.toBeNull();
      expect(Number(sent![1]) + Number(sent![2] ?? 0), line).toBe(received);
      accepted = taken;
    }
    const pipeline =
      /^ {2}(\w+): (\d+) accepted = (\d+) counted \+ (\d+) filtered \+ (\d+) late; (\d+) results$/.exec(line);
    if (pipeline !== null) {
      const [of, counted, filtered, late, results] = pipeline.slice(2).map(Number) as [
        number,
        number,
        number,
        number,
        number,
      ];
      expect(of, line).toBe(accepted);
      expect(of, line).toBe(counted + filtered + late);
      summaries.push({ pipeline: pipeline[1]!, results, late, sinks: new Map() });
    }
    const sink = /^ {4}(\w+) \S+: (\d+) delivered(?:, (\d+) undelivered)?$/.exec(line);
    if (sink !== null)
      summaries
        .at(-1)!
        .sinks.set(sink[1]!, { delivered: Number(sink[2]), undelivered: Number(sink[3] ?? 0) });
  }
  expect(summaries.map(({ pipeline }) => pipeline)).toEqual(["device_2s", "site_10s", "history_daily"]);
  return summaries;
}

/** Of the file of results: as many lines of each pipeline as the summary says. */
function expectInFile(summaries: Summary[], file: string): void {
  const lines = linesOf(file);
  for (const { pipeline, results, late, sinks } of summaries) {
    const mine = lines.filter((line) => line.pipeline === pipeline);
    expect(mine.filter((line) => !line.late)).toHaveLength(results);
    // Only device_2s hands its late records out, one line for the one window each of them missed.
    expect(mine.filter((line) => line.late)).toHaveLength(pipeline === "device_2s" ? late : 0);
    expect(sinks.get("file")).toEqual({ delivered: mine.length, undelivered: 0 });
  }
  expect(lines.length).toBe(summaries.reduce((sum, { sinks }) => sum + sinks.get("file")!.delivered, 0));
}

/** Takes a port, as another program of the user's would. */
async function takePort(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { port: (server.address() as { port: number }).port, server };
}

describe("the demo", () => {
  it("runs beside other programs, shows what it does, takes a reading of the user's, and ends with numbers that add up", async () => {
    const [http, mqtt] = [await takePort(), await takePort()];
    const demo = await startDemo(["--http", `${http.port}`, "--mqtt", `${mqtt.port}`]);
    const { output } = demo.child;
    expect(output).toContain(`port ${http.port} is taken: the page is on the next free one`);
    expect(output).toMatch(new RegExp(`port ${mqtt.port} is taken: the broker listens on \\d+`));
    expect(output.match(/^ {2}[123]\. .+:\s+\S.+$/gm)).toHaveLength(3);
    expect(output).toContain("Ctrl-C ends the demo.");

    const visitor = await Visitor.open(browser, demo.address);
    await until("a first window", async () =>
      ((await visitor.page.locator("#results td").nth(1).textContent()) ?? "").startsWith("20"),
    );
    await visitor.says("equal", "equal: yes");
    await until("twenty devices", async () => (await visitor.devices()).length === 20);

    // The second of the next steps, as it is printed but for the program that sends.
    const [, port, topic, payload] = /mosquitto_pub -p (\d+) -t (\S+) -m '(.+)$/m.exec(output)!;
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
    await client.publishAsync(topic!, payload!.slice(0, -1).replace("'$(date +%s000)'", `${Date.now()}`));
    await until("the user's device", async () => (await visitor.devices()).includes("site0/mine"));
    await client.endAsync();

    // The third, beside the demo: both gateways get what the sensors send.
    const own = mkdtempSync(join(tmpdir(), "millrace-mine-"));
    const [, definition] = /cp (\S+) mine\.yaml/.exec(output)!;
    copyFileSync(resolve(definition!), join(own, "mine.yaml"));
    const [, variables, options] = /^ +(MILLRACE_\S+ MILLRACE_\S+) .*millrace -- (run mine\.yaml.*)$/m.exec(
      output,
    )!;
    const mine = new Child(process.execPath, [main, ...options!.split(" ")], {
      cwd: own,
      env: { ...process.env, ...Object.fromEntries(variables!.split(" ").map((one) => one.split("="))) },
    });
    await until("results of the user's pipelines", () => {
      if (mine.over) throw new Error(mine.output);
      return linesOf(join(own, "mine.ndjson")).length > 20;
    });
    await mine.stop("SIGINT");
    expect(await mine.ended, mine.output).toBe(0);
    expect([mine.output, demo.child.output].join()).not.toContain("waiting: source");

    await visitor.page.selectOption("#sources", "history");
    await until(
      "the real series",
      async () => (await visitor.devices()).join() === "real/machine,real/traffic",
    );
    await visitor.says("equal", "equal: yes");
    await visitor.says("delay", /years$/);
    await visitor.close();

    await demo.child.stop("SIGINT");
    expect(await demo.child.ended, demo.child.output).toBe(0);
    const summaries = addUp(demo.child.output);
    for (const { results } of summaries) expect(results).toBeGreaterThan(0);
    expectInFile(summaries, demo.results);
    // Replayed series keep their original times.
    const days = linesOf(demo.results).filter(({ pipeline }) => pipeline === "history_daily");
    for (const { row } of days) expect(row.window_start).toMatch(/^20(13|15)-\d\d-\d\dT00:00:00\.000Z$/);
    // Nothing but text on a pipe: no bar, no colours.
    expect([...demo.child.output].filter((letter) => letter < " " && letter !== "\n")).toEqual([]);
    http.server.close();
    mqtt.server.close();
  });

  it("goes on while Kafka is away, says so once, and catches up when it is there", async () => {
    const kafka = await startKafka();
    await kafka.stop();
    const demo = await startDemo(["--kafka", kafka.broker]);
    await until("a word on Kafka", () => demo.child.output.includes("waiting: sink kafka"));
    const visitor = await Visitor.open(browser, demo.address);
    await visitor.says("state", "not ready");
    await visitor.says("notice", /^sink kafka millrace-device-2s: /);
    await visitor.says("equal", "equal: yes");
    await until("results in the file", () => linesOf(demo.results).length > 30);
    expect(demo.child.output.match(/^waiting/gm)).toHaveLength(1);
    await kafka.start();
    await visitor.says("state", "running");
    await until("the word", () => /^ready$/m.test(demo.child.output));
    await visitor.close();
    await demo.child.stop("SIGINT");
    expect(await demo.child.ended, demo.child.output).toBe(0);
    const summaries = addUp(demo.child.output);
    expectInFile(summaries, demo.results);
    for (const { pipeline, results, sinks } of summaries) {
      expect(sinks.get("kafka")).toEqual({ delivered: results, undelivered: 0 });
      const records = await readTopic(kafka.broker, `millrace-${pipeline.replaceAll("_", "-")}`, results);
      const mine = linesOf(demo.results).filter((line) => line.pipeline === pipeline && !line.late);
      expect(records.map(({ value }) => JSON.parse(value))).toEqual(mine.map(({ row }) => row));
    }
    await kafka.close();
  }, 240_000);

  it("counts what Kafka never got, and ends at once when asked twice", async () => {
    const away = `127.0.0.1:${await freePort()}`;
    const patient = await startDemo(["--kafka", away]);
    await until(
      "results",
      () => patient.child.output.includes("waiting") && linesOf(patient.results).length > 20,
    );
    await patient.child.stop("SIGINT");
    expect(await patient.child.ended).toBe(0);
    const summaries = addUp(patient.child.output);
    expectInFile(summaries, patient.results);
    for (const { results, sinks } of summaries)
      expect(sinks.get("kafka")).toEqual({ delivered: 0, undelivered: results });

    // A Kafka that takes connections and never says a word keeps a stop waiting.
    const mute = await startProxy(0, { mute: true });
    const impatient = await startDemo(["--kafka", `127.0.0.1:${mute.port}`]);
    await until("results", () => linesOf(impatient.results).length > 10);
    impatient.child.process.kill("SIGINT");
    await until("the stop", () => impatient.child.output.includes("stopping: once more ends at once"));
    impatient.child.process.kill("SIGINT");
    expect(await impatient.child.ended, impatient.child.output).toBe(1);
    expect(impatient.child.output).not.toContain("received =");
    await mute.close();
  });

  it("says what is wrong with its arguments before it starts anything", async () => {
    for (const [args, words] of [
      [["--kafka", "localhost"], "error  MR152  --kafka localhost: it is HOST:PORT"],
      [["--devices", "0"], "error  MR152  0: a whole number above 0 is wanted"],
      [["--http", "70000"], "error  MR152  a port is at most 65535"],
      [["--results", "/dev/null/results"], "error  MR151  --results /dev/null/results: "],
    ] as const) {
      const child = new Child(process.execPath, [
        "--disable-warning=ExperimentalWarning",
        main,
        "demo",
        ...args,
      ]);
      expect(await child.ended).toBe(1);
      expect(child.output).toContain(words);
      expect(child.output).not.toContain("live page");
    }
  });
});

describe("npm start at a terminal", () => {
  it("runs the demo; Ctrl-C ends it with its summary", async () => {
    const results = join(mkdtempSync(join(tmpdir(), "millrace-demo-")), "results.ndjson");
    const command = `npm start -- --http ${await freePort()} --mqtt ${await freePort()} --results ${results}`;
    const terminal = new Terminal(command);
    await until(
      "results",
      () => {
        if (terminal.over) throw new Error(terminal.output);
        return terminal.output.includes("Ctrl-C ends the demo.") && linesOf(results).length > 30;
      },
      120_000,
    );
    terminal.type("\u0003");
    // npm says 130 for a script that was interrupted, whatever its status.
    expect([0, 130], terminal.output).toContain(await terminal.ended);
    expectInFile(addUp(terminal.output.replaceAll("\r", "")), results);
  }, 240_000);
});

/** A command at a terminal of its own (util-linux' script), so that Ctrl-C goes to all of its processes as ever. */
class Terminal {
  output = "";
  over = false;
  readonly ended: Promise<number | null>;
  private readonly process: ChildProcess;

  constructor(command: string) {
    this.process = spawnChild("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: root,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.process.stdout!.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    this.ended = new Promise((resolve) =>
      this.process.on("close", (status) => {
        this.over = true;
        resolve(status);
      }),
    );
  }

  type(keys: string): void {
    this.process.stdin!.write(keys);
  }
}
