// Recordings of a real gateway at a real broker: the replay prints what the gateway printed, to the byte, whatever
// happened to it: connections lost, stops and starts, recordings that were begun anew. And `millrace record`.
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Ended, Millrace, millrace } from "../cli/millrace.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
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

/** Silence, moments and arrival times: results that host time has a part in. */
function definition(url: string, topic: string, more = ""): string {
  return `
version: 1
gateway: { id: ${topic} }
sources:
  plant: { mqtt: "${url}", topic: "${topic}/{device}", format: json, time: { field: ts, unit: ms }, idle: 300ms${more} }
pipelines:
  moments:
    sql: |
      SELECT device, window_start, COUNT(*) AS n, SUM(v) AS total
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND))
      GROUP BY device, window_start, window_end
    emit: updates
    every: 200ms
    late: side
    to: stdout
  records: { sql: "SELECT device, ts, v FROM plant WHERE v >= 0", to: stdout }
`;
}

function start(folder: string, text: string, ...more: string[]): GatewayProcess {
  return gateways.start(folder, text, ["--http", "127.0.0.1:0", "--record", join(folder, "rec"), ...more]);
}

async function send(client: MqttClient, topic: string, from: number, to: number, pad = ""): Promise<void> {
  const all = [];
  for (let n = from; n < to; n++) {
    const message = `{"ts":${(n - (n % 7 === 0 ? 15 : 0)) * 1000},"v":${n},"pad":"${pad}"}`;
    all.push(client.publishAsync(`${topic}/d${n % 3}`, message, { qos: 1 }));
  }
  await Promise.all(all);
}

function replay(folder: string, names: string[], ...options: string[]): Promise<Ended> {
  const paths = names.map((name) => join(folder, "rec", name));
  return millrace(["replay", join(folder, "pipeline.yaml"), ...paths, ...options]);
}

describe("run --record", () => {
  it.each(["3.1.1", "5"])(
    "over lost connections, a stop and a start: the replay is the live run, to the byte (MQTT %s)",
    async (protocol) => {
      const own = await startMosquitto({ lines: ["max_queued_messages 0"] });
      const folder = newFolder();
      const topic = `live${protocol.replaceAll(".", "")}`;
      const text = definition(own.url, topic, `, protocol: "${protocol}"`);
      const first = start(folder, text);
      await first.ready();
      let client = await connectAsync(own.url);
      await send(client, topic, 0, 100);
      await first.received(100);
      // Silence closes windows: only the ticks know.
      await until("a close by silence", () => first.stdout.includes('"cause":"idle"'));
      await client.endAsync(true);
      await own.stop();
      await until("the loss", async () => (await first.get("/ready")).status === 503);
      await own.start();
      await first.ready();
      client = await connectAsync(own.url);
      await send(client, topic, 100, 150);
      await first.received(150);
      expect(await first.stop("SIGTERM")).toBe(0);
      await send(client, topic, 150, 170);
      const second = start(folder, text);
      await second.ready();
      await send(client, topic, 170, 250);
      await second.received(250);
      expect(await second.stop("SIGINT")).toBe(0);
      await client.endAsync(true);
      await own.close();

      const live = first.stdout + second.stdout;
      for (const cause of ["idle", "update", "record"]) expect(live).toContain(`"cause":"${cause}"`);
      expect(live).toContain('"late":');
      const again = await replay(folder, ["plant.mrec"], "--summary", join(folder, "summary.json"));
      expect([again.status, again.stderr]).toEqual([
        0,
        "note: windows are still open where the recording ends: --flush brings them out\n",
      ]);
      expect(again.stdout).toBe(live);
      expect(JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")).records).toBe(250);

      const one = await replay(folder, ["plant.mrec"], "--pipeline", "moments", "--speed", "1000");
      const mine = live.split("\n").filter((line) => line.startsWith('{"pipeline":"moments"'));
      expect(one.stdout).toBe(mine.map((line) => `${line}\n`).join(""));
    },
  );

  it("begun anew when it is full: each file goes on from the state of its moment", async () => {
    const folder = newFolder();
    const gateway = start(folder, definition(broker.url, "roll", ", max_ahead: off"), "--record-size", "1MB");
    await gateway.ready();
    const old = join(folder, "rec", "plant.old.mrec");
    const pad = "x".repeat(2000);
    let sent = 0;
    const more = async (): Promise<void> => {
      await send(sender, "roll", sent, (sent += 50), pad);
      await gateway.received(sent);
    };
    while (!existsSync(old)) await more();
    await more();
    const stateOf = async (): Promise<number> => statSync(old).ino;
    const firstOld = await stateOf();
    const sum = statSync(old).size + statSync(join(folder, "rec", "plant.mrec")).size;
    expect(sum).toBeLessThan(2_500_000);
    expect(await gateway.stop()).toBe(0);

    const whole = await replay(folder, ["plant.old.mrec", "plant.mrec"]);
    expect(whole.stdout).toBe(gateway.stdout);
    const rest = await replay(folder, ["plant.mrec"]);
    expect(rest.status).toBe(0);
    expect(rest.stdout.length).toBeGreaterThan(1000);
    expect(gateway.stdout.endsWith(rest.stdout)).toBe(true);
    const turned = await replay(folder, ["plant.mrec", "plant.old.mrec"]);
    expect([turned.status, turned.stdout]).toEqual([1, ""]);
    expect(turned.stderr).toMatch(/MR152 .*in the order of their making: \S+plant\.old\.mrec before/);

    // The next start goes on in the file, and begins a third one: the first is gone.
    const second = start(folder, definition(broker.url, "roll", ", max_ahead: off"), "--record-size", "1MB");
    await second.ready();
    const again = async (): Promise<void> => {
      await send(sender, "roll", sent, (sent += 50), pad);
      await second.received(sent);
    };
    while ((await stateOf()) === firstOld) await again();
    await again();
    expect(await second.stop()).toBe(0);
    const both = await replay(folder, ["plant.old.mrec", "plant.mrec"]);
    expect((gateway.stdout + second.stdout).endsWith(both.stdout)).toBe(true);

    // Another definition knows nothing of the windows that were open at its beginning, and says so once.
    const other = join(folder, "other.yaml");
    const text = readFileSync(join(folder, "pipeline.yaml"), "utf8").replace("SUM(v)", "MAX(v)");
    writeFileSync(other, text);
    const changed = await millrace([
      "replay",
      other,
      old,
      join(folder, "rec", "plant.mrec"),
      "--pipeline",
      "records",
    ]);
    expect(changed.status).toBe(0);
    expect(changed.stderr.match(/is not known here/g)).toHaveLength(1);
    const records = (lines: string): string[] =>
      lines.split("\n").filter((line) => line.includes('"records"'));
    expect(changed.stdout.split("\n").filter((line) => line !== "")).toEqual(records(both.stdout));
  });

  it("that crashed: what is there is the beginning of the live run; the next start goes on in the file", async () => {
    const folder = newFolder();
    const text = definition(broker.url, "crash");
    const first = start(folder, text);
    await first.ready();
    await send(sender, "crash", 0, 100);
    await first.received(100);
    const path = join(folder, "rec", "plant.mrec");
    // The block with the records, and one more, which is cut off.
    for (let block = 0; block < 2; block++) {
      const { size } = statSync(path);
      await until("a block", () => statSync(path).size > size);
    }
    await first.stop("SIGKILL");
    truncateSync(path, statSync(path).size - 3);
    const cut = await replay(folder, ["plant.mrec"]);
    expect(cut.status).toBe(0);
    expect(cut.stderr).toMatch(
      /^plant\.mrec: its last block was cut off \(\d+ bytes\): the replay ends before it\n/,
    );
    expect(first.stdout.startsWith(cut.stdout)).toBe(true);
    expect(cut.stdout.length).toBeGreaterThan(100);

    const second = start(folder, text);
    await second.ready();
    await send(sender, "crash", 100, 150);
    await second.received(50);
    await second.stop();
    const both = await replay(folder, ["plant.mrec"]);
    expect(both.stderr).not.toContain("cut off");
    expect(both.stdout).toBe(cut.stdout + second.stdout);
  });

  it("has its folder for itself", async () => {
    const folder = newFolder();
    const first = start(folder, definition(broker.url, "alone"));
    await first.ready();
    const second = start(folder, definition(broker.url, "alone"), "--data", join(folder, "other"));
    expect(await second.ended).toBe(1);
    expect(second.stderr).toMatch(/MR505 {2}another gateway is at work in \S+\/rec:/);
    expect(await first.stop()).toBe(0);
    const both = join(folder, "rec");
    const third = start(folder, definition(broker.url, "alone"), "--data", both);
    await third.ready();
    expect(await third.stop()).toBe(0);
  });

  it("whose disk does not take it ends, and the gateway goes on", async () => {
    const folder = newFolder();
    const gateway = start(folder, definition(broker.url, "gone"), "--record-size", "1MB");
    await gateway.ready();
    expect((await gateway.get("/metrics")).text).toContain('millrace_source_recording{source="plant"} 1\n');
    rmSync(join(folder, "rec"), { recursive: true });
    let sent = 0;
    while (!gateway.stderr.includes("the recording")) {
      await send(sender, "gone", sent, (sent += 50), "x".repeat(2000));
      await gateway.received(sent);
    }
    expect(gateway.stderr).toMatch(
      /source plant: the recording \S+ ends here, the disk does not take it: ENOENT/,
    );
    expect((await gateway.get("/metrics")).text).toContain('millrace_source_recording{source="plant"} 0\n');
    await send(sender, "gone", sent, sent + 50);
    await gateway.received(sent + 50);
    expect(await gateway.stop()).toBe(0);
  });
});

describe("millrace record", () => {
  it("beside a gateway: the same windows, and the gateway misses nothing", async () => {
    const folder = newFolder();
    const text = definition(broker.url, "beside").replace(/ +emit:.*\n +every:.*\n/, "");
    const plain = text.replace(", idle: 300ms", "");
    const gateway = gateways.start(folder, plain);
    await gateway.ready();
    const file = join(folder, "plant.mrec");
    const recorder = new Millrace(["record", join(folder, "pipeline.yaml"), "--to", file, "--max", "2MB"]);
    await until("the recorder", () => recorder.stderr.includes("subscribed"));
    await send(sender, "beside", 0, 200);
    await gateway.received(200);
    await until("the messages", () => existsSync(file) && statSync(file).size > 200 * 30);
    recorder.child.kill("SIGTERM");
    const ended = await recorder.ended;
    expect(ended.status).toBe(0);
    expect(ended.stdout).toBe("");
    expect(ended.stderr).toMatch(/plant\.mrec: \d+ bytes of messages recorded\n$/);
    expect(await gateway.stop()).toBe(0);
    const again = await millrace(["replay", join(folder, "pipeline.yaml"), file]);
    expect(again.status).toBe(0);
    expect(again.stdout).toBe(gateway.stdout);

    const twice = await millrace(["record", join(folder, "pipeline.yaml"), "--to", file]);
    expect([twice.status, twice.stdout]).toEqual([1, ""]);
    expect(twice.stderr).toMatch(/MR151 .*it is there already, and a recording replaces nothing/);
  });

  it("ends when the file has the size that it may have", async () => {
    const folder = newFolder();
    const file = join(folder, "plant.mrec");
    writeFileSync(join(folder, "pipeline.yaml"), definition(broker.url, "full"));
    const recorder = new Millrace(["record", join(folder, "pipeline.yaml"), "--to", file, "--max", "1MB"]);
    await until("the recorder", () => recorder.stderr.includes("subscribed"));
    let over = false;
    void recorder.ended.then(() => (over = true));
    for (let sent = 0; !over; sent += 50) await send(sender, "full", sent, sent + 50, "x".repeat(2000));
    const ended = await recorder.ended;
    expect(ended.status).toBe(0);
    expect(ended.stderr).toMatch(/bytes of messages recorded, which is all that --max allows\n$/);
    expect(statSync(file).size).toBeLessThan(2_500_000);
    const again = await millrace(["replay", join(folder, "pipeline.yaml"), file]);
    expect(again.status).toBe(0);
    expect(again.stdout.length).toBeGreaterThan(1000);
  });
});
