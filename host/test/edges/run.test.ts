// `millrace run` as a real process: exit statuses, /ready, what a stop keeps, sinks that are away, HTTP.
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { freePort, until } from "../services/ports.ts";
import { type GatewayProcess, Gateways, newFolder } from "./support/gateway-process.ts";

let broker: Mosquitto;
let sender: MqttClient;
const gateways = new Gateways();

beforeAll(async () => {
  broker = await startMosquitto({ lines: ["max_queued_messages 0"] });
  sender = await connectAsync(broker.url);
});
afterAll(async () => {
  await sender.endAsync(true);
  await broker.close();
});
afterEach(() => gateways.end());

const start = gateways.start.bind(gateways);

/** Windows of 10 s for each device of `topic`/{device}. */
function definition(url: string, topic: string, to = "stdout", extra = ""): string {
  return `
version: 1
gateway: { id: ${topic} }
sources:
  plant: { mqtt: "${url}", topic: "${topic}/{device}", format: json, time: { field: ts, unit: ms } }
pipelines:
  p:
    sql: |
      SELECT device, window_start, COUNT(*) AS n, SUM(v) AS total
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND))
      GROUP BY device, window_start, window_end
    to: ${to}
${extra}`;
}

async function send(topic: string, from: number, to: number): Promise<void> {
  const all = [];
  for (let n = from; n < to; n++)
    all.push(sender.publishAsync(`${topic}/d${n % 3}`, `{"ts":${n * 1000},"v":${n}}`, { qos: 1 }));
  await Promise.all(all);
}

const sorted = (lines: string[]): string[] => lines.toSorted();

describe("exit status", () => {
  it("1 for a definition that is wrong, is not there, or is not named", async () => {
    const folder = newFolder();
    const wrong = start(folder, definition(broker.url, "wrong").replace("SUM(v)", "SUN(v)"));
    expect(await wrong.ended).toBe(1);
    expect(wrong.stderr).toContain("SUN");
    const open = start(
      newFolder(),
      definition(broker.url, "open", "stdout", "  # nothing more\n").replace(
        "id: open",
        'id: open, http: "0.0.0.0:0"',
      ),
      [],
    );
    expect(await open.ended).toBe(1);
    expect(open.stderr).toContain("--http 0.0.0.0");
  });

  it("1 under a DEBUG that would print passwords", async () => {
    const gateway = start(newFolder(), definition(broker.url, "debug"), ["--no-http"], {
      DEBUG: "other,mqttjs*",
    });
    expect(await gateway.ended).toBe(1);
    expect(gateway.stderr).toContain("print passwords");
  });

  it("2 with --exit-on-error when the broker is not there", async () => {
    const gateway = start(newFolder(), definition(`mqtt://127.0.0.1:${await freePort()}`, "nobody"), [
      "--no-http",
      "--exit-on-error",
    ]);
    expect(await gateway.ended).toBe(2);
    expect(gateway.stderr).toMatch(/error {2}MR306 {2}source plant: 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  });

  it("2 when the port of the page is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const gateway = start(newFolder(), definition(broker.url, "taken"), ["--http", `127.0.0.1:${port}`]);
    expect(await gateway.ended).toBe(2);
    expect(gateway.stderr).toContain("the port is taken");
    taken.close();
  });

  it("0, and no error, when the reader of stdout is gone: what it did not get is kept", async () => {
    const gateway = start(newFolder(), definition(broker.url, "gone"));
    await gateway.ready();
    gateway.child.stdout!.destroy();
    await send("gone", 0, 100);
    expect(await gateway.ended).toBe(0);
    expect(gateway.stderr).not.toMatch(/error|EPIPE/i);
    expect(gateway.stderr).toMatch(/and \d+ undelivered results kept in/);
  });

  it("0 after SIGTERM when nobody reads the log either", async () => {
    const gateway = start(newFolder(), definition(broker.url, "silent"));
    await gateway.ready();
    gateway.child.stderr!.destroy();
    await sender.publishAsync("silent/a", "{", { qos: 1 });
    await gateway.received(1);
    expect(await gateway.stop()).toBe(0);
  });
});

describe("/ready", () => {
  it("says 503 and why while the broker is away, 200 when it is there, and the log says each once", async () => {
    const own = await startMosquitto();
    await own.stop();
    const gateway = start(newFolder(), definition(own.url, "late"));
    await until("the reason", async () => (await gateway.get("/ready")).text.includes("ECONNREFUSED"));
    const away = await gateway.get("/ready");
    expect(away.status).toBe(503);
    expect(JSON.parse(away.text).reasons[0]).toMatch(/^source plant: 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    await until("the log", () => gateway.stderr.includes("waiting: source plant: "));
    expect(await gateway.get("/live")).toEqual({ status: 200, text: "alive\n" });
    await own.start();
    await gateway.ready();
    await until("the log", () => gateway.stderr.includes("\nready\n"));
    await own.stop();
    await until("503 again", async () => (await gateway.get("/ready")).status === 503);
    expect(gateway.stderr.match(/^waiting: /gm)).toHaveLength(1);
    expect(await gateway.stop()).toBe(0);
    await own.close();
  });
});

describe("a stop", () => {
  it("keeps open windows for the next start: the results are those of one run", async () => {
    const folder = newFolder();
    const first = start(folder, definition(broker.url, "stop"));
    await first.ready();
    await send("stop", 0, 95);
    await first.received(95);
    expect(await first.stop("SIGTERM")).toBe(0);
    expect(first.stderr).toContain("95 received = 95 accepted + 0 refused");
    expect(first.stderr).toContain("3 open windows kept in");
    // Sent while nobody is there: the broker's session keeps it.
    await send("stop", 95, 130);
    const second = start(folder, definition(broker.url, "stop"));
    await second.ready();
    await send("stop", 130, 200);
    await second.received(200);
    expect(await second.stop("SIGINT")).toBe(0);
    expect(second.stderr).toContain("3 open windows restored");
    expect(second.stderr).toContain("200 received = 200 accepted");

    const whole = start(newFolder(), definition(broker.url, "whole"));
    await whole.ready();
    await send("whole", 0, 200);
    await whole.received(200);
    expect(await whole.stop()).toBe(0);
    expect(sorted([...first.lines(), ...second.lines()])).toEqual(sorted(whole.lines()));
    expect(whole.lines().length).toBeGreaterThan(50);
  });

  it("that is none, a crash, loses the open windows and nothing else: docs/running.md says so", async () => {
    const folder = newFolder();
    const results = join(folder, "out.ndjson");
    const first = start(folder, definition(broker.url, "crash", "{ file: out.ndjson }"));
    await first.ready();
    await send("crash", 0, 35);
    await until("the results", async () => {
      const [sink] = (await first.progress()).sources[0].pipelines[0].sinks;
      return sink.delivered === 9;
    });
    expect(await first.stop("SIGKILL")).toBe("SIGKILL");
    await send("crash", 35, 60);
    const second = start(folder, definition(broker.url, "crash", "{ file: out.ndjson }"));
    await second.ready();
    await second.received(25);
    expect(await second.stop()).toBe(0);
    const rows = readFileSync(results, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).row as { window_start: string; n: number });
    const byWindow = rows.reduce<Record<string, number>>(
      (sums, { window_start: at, n }) => ({ ...sums, [at.slice(17, 19)]: (sums[at.slice(17, 19)] ?? 0) + n }),
      {},
    );
    // Five records of the fourth window were in memory only; the last window is open.
    expect(byWindow).toEqual({ "00": 10, "10": 10, "20": 10, "30": 5, "40": 10 });
  });

  it("under another build: the open windows come out with cause flush", async () => {
    const folder = newFolder();
    const first = start(folder, definition(broker.url, "build"));
    await first.ready();
    await send("build", 0, 12);
    await first.received(12);
    await first.stop();
    const path = join(folder, "data", "plant.snapshot");
    const bytes = readFileSync(path);
    bytes[5]! ^= 1;
    writeFileSync(path, bytes);
    const second = start(folder, definition(broker.url, "build"));
    await second.ready();
    await until("the results", () => second.lines().length === 3);
    expect(second.stderr).toContain("another build of millrace wrote it");
    await second.stop();
    const rows = second.lines().map((line) => JSON.parse(line));
    expect(rows.map(({ cause, row }) => [cause, row.device, row.n])).toEqual([
      ["flush", "d0", 4],
      ["flush", "d1", 1],
      ["flush", "d2", 1],
    ]);
  });

  it("with another definition: what fits comes out, what does not is kept", async () => {
    const folder = newFolder();
    const first = start(folder, definition(broker.url, "changed"));
    await first.ready();
    await send("changed", 0, 12);
    await first.received(12);
    await first.stop();
    const second = start(
      folder,
      definition(broker.url, "changed").replace("SUM(v) AS total", "MAX(v) AS top"),
    );
    await second.ready();
    await second.stop();
    expect(second.stderr).toContain("it is of another definition");
    expect(second.stderr).toMatch(
      /3 results of .* have no pipeline any more: kept in .*plant\.snapshot\.old/,
    );
  });

  it("refuses a damaged file and leaves it alone", async () => {
    const folder = newFolder();
    const first = start(folder, definition(broker.url, "damage"));
    await first.ready();
    await first.stop();
    const path = join(folder, "data", "plant.snapshot");
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    const second = start(folder, definition(broker.url, "damage"));
    expect(await second.ended).toBe(1);
    expect(second.stderr).toMatch(/MR502 .*plant\.snapshot is damaged/);
    expect(readFileSync(path)).toEqual(bytes);
  });

  it("has its folder for itself while it runs, and a crash locks nobody out", async () => {
    const folder = newFolder();
    const first = start(folder, definition(broker.url, "lock"));
    await first.ready();
    await send("lock", 0, 5);
    await first.received(5);
    const second = start(folder, definition(broker.url, "lock").replace("id: lock", "id: other"));
    expect(await second.ended).toBe(1);
    expect(second.stderr).toMatch(
      /^error {2}MR505 {2}another gateway is at work in \S+\/data: stop that one, or give this one/m,
    );
    // The first one has noticed nothing.
    await send("lock", 5, 8);
    await first.received(8);
    await first.stop("SIGKILL");
    const third = start(folder, definition(broker.url, "lock"));
    await third.ready();
    expect(await third.stop()).toBe(0);
    const fourth = start(folder, definition(broker.url, "lock"));
    await fourth.ready();
    expect(await fourth.stop()).toBe(0);
    expect(fourth.stderr).not.toContain("cannot be locked");
  });

  it("needs a folder that can be written to: the start says so, not the stop", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "data"), "");
    const gateway = start(folder, definition(broker.url, "nowhere"));
    expect(await gateway.ended).toBe(1);
    expect(gateway.stderr).toMatch(/^error {2}MR504 {2}nothing can be kept in \S+\/data: /m);
  });

  it("that the disk does not take says so, with what was read, and ends with 1", async () => {
    const folder = newFolder();
    const gateway = start(folder, definition(broker.url, "full"));
    await gateway.ready();
    await send("full", 0, 5);
    await gateway.received(5);
    rmSync(join(folder, "data"), { recursive: true });
    writeFileSync(join(folder, "data"), "");
    expect(await gateway.stop()).toBe(1);
    expect(gateway.stderr).toMatch(
      /^error {2}MR504 {2}the state is lost, \S+\/plant\.snapshot cannot be written: /m,
    );
    expect(gateway.stderr).toContain("5 received = 5 accepted + 0 refused");
    expect(gateway.stderr).not.toContain("a bug of millrace");
  });

  it("keeps results that Kafka did not take", async () => {
    const folder = newFolder();
    const first = start(
      folder,
      definition(broker.url, "undelivered", `{ kafka: "127.0.0.1:${await freePort()}", topic: r }`),
    );
    await first.address();
    await until("the source", async () => (await first.progress()).sources[0].state === "connected");
    await send("undelivered", 0, 60);
    await first.received(60);
    first.child.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    const undelivered = Number(/kafka r: 0 delivered, (\d+) undelivered/.exec(first.stderr)?.[1]);
    expect(undelivered).toBeGreaterThan(0);
    expect(first.stderr).toContain(`and ${undelivered} undelivered results kept in`);
    const second = start(
      folder,
      definition(broker.url, "undelivered", `{ kafka: "127.0.0.1:${await freePort()}", topic: r }`),
    );
    await until(
      "the results to wait again",
      async () => (await second.progress()).sources[0].pipelines[0].sinks[0].queuedBytes > undelivered,
    );
    // Nobody wants to wait twice.
    second.child.kill("SIGTERM");
    await until("the first signal to be seen", () => second.stderr.includes("stopping"));
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(1);
  });
});

describe("a sink that takes nothing", () => {
  it("makes the source wait with bounded memory, and loses nothing", async () => {
    const folder = newFolder();
    const results = join(folder, "results.ndjson");
    symlinkSync("/dev/full", results);
    const text = `
version: 1
gateway: { id: full }
sources:
  plant: { mqtt: "${broker.url}", topic: "full/{device}", format: json, time: { field: ts, unit: ms }, fields: { n: double, pad: string } }
pipelines:
  p: { sql: "SELECT device, pad, n FROM plant WHERE n >= 0", to: { file: results.ndjson } }
`;
    const gateway = start(folder, text);
    await until("the source", async () => (await gateway.progress()).sources[0].state === "connected");
    const pad = "x".repeat(10_000);
    const count = 3000;
    const sent = [];
    for (let n = 0; n < count; n++)
      sent.push(sender.publishAsync("full/a", `{"ts":${n},"n":${n},"pad":"${pad}"}`, { qos: 1 }));
    await Promise.all(sent);
    await until("the source to wait", async () => (await gateway.progress()).sources[0].waiting);
    const progress = await gateway.progress();
    expect(progress.reasons.join()).toMatch(/waits for its sinks.*ENOSPC/s);
    expect(progress.sources[0].received).toBeLessThan(count);
    expect(progress.sources[0].pipelines[0].sinks[0].queuedBytes).toBeLessThan(20_000_000);
    expect(gateway.stderr).toContain("source plant waits");
    rmSync(results);
    await gateway.received(count);
    await gateway.ready();
    expect(await gateway.stop()).toBe(0);
    const lines = readFileSync(results, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).row.n)).toEqual(Array.from({ length: count }, (_, n) => n));
  });
});

describe("a sink that takes nothing, in the middle of what comes out at once", () => {
  const keys = 140_000;
  const text = `
version: 1
limits: { keys: ${keys}, memory: 160MB, dictionary: 32MB }
sources: { log: { file: in.ndjson, format: json, time: { field: ts, unit: ms } } }
pipelines:
  p:
    sql: |
      SELECT device, window_start, window_end, SUM(v) AS total, MIN(v) AS least, MAX(v) AS most
      FROM TABLE(TUMBLE(TABLE log, DESCRIPTOR(ts), INTERVAL '10' SECOND))
      GROUP BY device, window_start, window_end
    to: { file: results.ndjson }
`;
  /** A gateway that has read its file, and can write only so much of what its end brings out. */
  const stuck = async (): Promise<{ gateway: GatewayProcess; folder: string; results: string }> => {
    const folder = newFolder();
    const results = join(folder, "results.ndjson");
    symlinkSync("/dev/full", results);
    const lines = Array.from({ length: keys }, (_, n) => `{"ts":1000,"device":"device-${n}","v":${n}}\n`);
    writeFileSync(join(folder, "in.ndjson"), lines.join(""));
    const gateway = start(folder, text);
    await until("the sink to be full", async () => {
      const [source] = (await gateway.progress()).sources;
      return source.waiting && source.state === "ended";
    });
    return { gateway, folder, results };
  };
  const totals = (results: string): number[] =>
    readFileSync(results, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).row.total as number);
  const all = Array.from({ length: keys }, (_, n) => n);

  it("holds no more than its share, and goes on when there is room", async () => {
    const { gateway, results } = await stuck();
    const [source] = (await gateway.progress()).sources;
    expect(source.pipelines[0].sinks[0].queuedBytes).toBeLessThan(26_000_000);
    expect(source.openSlices).toBeGreaterThan(0);
    rmSync(results);
    expect(await gateway.ended).toBe(0);
    expect(totals(results)).toEqual(all);
  });

  it("loses nothing to a stop", async () => {
    const { gateway, folder, results } = await stuck();
    expect(await gateway.stop()).toBe(0);
    rmSync(results);
    const next = start(folder, text);
    expect(await next.ended).toBe(0);
    expect(totals(results)).toEqual(all);
  });
});

describe("bad records", () => {
  it("are counted, shown with their place, and kept in the dead letter file", async () => {
    const folder = newFolder();
    const gateway = start(
      folder,
      definition(broker.url, "bad", "{ file: out.ndjson, dead_letter: dead.ndjson }"),
    );
    await gateway.ready();
    await sender.publishAsync("bad/a", '{"ts":1000,"v":1}', { qos: 1 });
    await sender.publishAsync("bad/a", '{"ts":1000,"v":', { qos: 1 });
    await sender.publishAsync("bad/a", '{"v":2}', { qos: 1 });
    await gateway.received(3);
    expect(await gateway.stop()).toBe(0);
    expect(gateway.stderr).toMatch(/^plant:2:\d+ {2}refused {2}decode .*\{"ts":1000,"v":$/m);
    expect(gateway.stderr).toContain("3 received = 1 accepted + 2 refused (1 decode, 1 no_time)");
    const dead = readFileSync(join(folder, "dead.ndjson"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(dead.map(({ refused, message, text }) => [refused, message, text])).toEqual([
      ["decode", 2, '{"ts":1000,"v":'],
      ["no_time", 3, '{"v":2}'],
    ]);
  });
});

describe("a file source", () => {
  it("is read to its end, its windows come out, and the process ends with 0", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "in.csv"), "ts,device,v\n1000,a,1\n2000,b,5\n3000,a,2\n14000,a,7\n");
    const text = `
version: 1
sources: { log: { file: in.csv, format: csv, time: { field: ts, unit: ms } } }
pipelines:
  p:
    sql: |
      SELECT device, SUM(v) AS total FROM TABLE(TUMBLE(TABLE log, DESCRIPTOR(ts), INTERVAL '10' SECOND))
      GROUP BY device, window_start, window_end
    to: [stdout, { file: deep/out.ndjson }]
`;
    const gateway = start(folder, text, ["--no-http"]);
    expect(await gateway.ended).toBe(0);
    expect(
      gateway
        .lines()
        .map((line) => JSON.parse(line))
        .map(({ cause, row }) => [cause, row.device, row.total]),
    ).toEqual([
      ["watermark", "a", 3],
      ["flush", "b", 5],
      ["flush", "a", 7],
    ]);
    expect(readFileSync(join(folder, "deep/out.ndjson"), "utf8")).toBe(gateway.stdout);
  });

  it("that is not there ends the gateway with 2, also beside a broker", async () => {
    const both = `
version: 1
sources:
  log: { file: nowhere.ndjson, format: json, time: { field: ts, unit: ms } }
  plant: { mqtt: "${broker.url}", topic: "beside/{device}", format: json, time: { field: ts, unit: ms } }
pipelines:
  a: { sql: "SELECT v FROM log WHERE v > 0" }
  b: { sql: "SELECT v FROM plant WHERE v > 0" }
`;
    const gateway = start(newFolder(), both);
    expect(await gateway.ended).toBe(2);
    expect(gateway.stderr).toMatch(/MR302.*nowhere\.ndjson/);
  });
});
