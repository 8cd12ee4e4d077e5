// `millrace run` while Kafka is away: it waits with bounded memory, says why, loses nothing; other sinks of the
// pipeline go on as far as they can. With --exit-on-error it ends instead.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Kafka, startKafka } from "../services/kafka.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
import { GatewayProcess, newFolder } from "./support/gateway-process.ts";
import { readTopic, topicLength } from "./support/kafka-reader.ts";

let broker: Mosquitto;
let kafka: Kafka;
let sender: MqttClient;

beforeAll(async () => {
  [broker, kafka] = await Promise.all([startMosquitto({ lines: ["max_queued_messages 0"] }), startKafka()]);
  sender = await connectAsync(broker.url);
});
afterAll(async () => {
  await sender.endAsync(true);
  await Promise.all([broker.close(), kafka.close()]);
});

/** Every record is a result, for three sinks. */
function definition(name: string, create = ", create: { partitions: 1 }"): string {
  return `
version: 1
gateway: { id: ${name} }
sources:
  plant: { mqtt: "${broker.url}", topic: "${name}/{device}", format: json, time: { field: ts, unit: ms } }
pipelines:
  p:
    sql: SELECT device, n FROM plant WHERE n >= 0
    to:
      - { kafka: "${kafka.broker}", topic: ${name}, key: "{device}"${create} }
      - { file: out.ndjson }
      - { mqtt: "${broker.url}", topic: "echo/${name}/{device}" }
`;
}

async function send(name: string, from: number, to: number): Promise<void> {
  const all = [];
  for (let n = from; n < to; n += 100) {
    const records = Array.from({ length: 100 }, (_, index) => ({ ts: n + index, n: n + index }));
    all.push(sender.publishAsync(`${name}/d`, JSON.stringify(records), { qos: 1 }));
  }
  await Promise.all(all);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

it("waits with bounded memory, says why, and delivers everything when Kafka is back", async () => {
  const folder = newFolder();
  const gateway = new GatewayProcess(folder, definition("outage"));
  await gateway.ready();
  const echo: number[] = [];
  const listener = await connectAsync(broker.url);
  listener.on("message", (_, payload) =>
    echo.push((JSON.parse(payload.toString()) as { row: { n: number } }).row.n),
  );
  await listener.subscribeAsync("echo/outage/#", { qos: 1 });
  const residentBytes = async (): Promise<number> =>
    Number(/^process_resident_memory_bytes (\d+)$/m.exec((await gateway.get("/metrics")).text)![1]);
  await send("outage", 0, 10_000);
  await until("the first ones", async () => (await topicLength(kafka, "outage")) === 10_000);
  const before = await residentBytes();

  await kafka.stop("SIGKILL");
  await until("503", async () => (await gateway.get("/ready")).status === 503);
  const count = 100_000;
  await send("outage", 10_000, count);
  await until("the source to wait", async () => (await gateway.progress()).sources[0].waiting);
  const progress = await gateway.progress();
  expect(progress.ready).toBe(false);
  expect(progress.reasons.join("\n")).toMatch(
    /^source plant waits for its sinks\nsink kafka outage: 127\.0\.0\.1:\d+: .*ECONNREFUSED/,
  );
  expect(progress.sources[0].received).toBeLessThan(count);
  const [toKafka, toFile] = progress.sources[0].pipelines[0].sinks;
  expect(toKafka.queuedBytes).toBeLessThan(20_000_000);
  expect((await residentBytes()) - before).toBeLessThan(150_000_000);
  expect(gateway.stderr).toMatch(/^source plant waits: kafka outage is away \(.*ECONNREFUSED.*\)$/m);
  expect((await gateway.get("/live")).status).toBe(200);
  await until("the file to have what came in", async () => {
    const { sinks } = (await gateway.progress()).sources[0].pipelines[0];
    return sinks[1].delivered === progress.sources[0].received && sinks[1].delivered > toKafka.delivered;
  });
  expect(toFile.state).toBe("connected");

  await kafka.start();
  await until("all records", async () => (await gateway.progress()).sources[0].received === count, 90_000);
  await gateway.ready();
  expect(await gateway.stop()).toBe(0);
  expect(gateway.stderr).toContain(
    `kafka outage: ${count} delivered\n    file ${join(folder, "out.ndjson")}: ${count} delivered\n    mqtt`,
  );
  const records = await readTopic(kafka.broker, "outage", await topicLength(kafka, "outage"));
  // At least once: a batch that was under way when Kafka was killed may be there twice.
  const found = records.map(({ value }) => (JSON.parse(value) as { n: number }).n);
  expect([...new Set(found)]).toEqual(numbers(count));
  expect(found.length - count).toBeLessThanOrEqual(1000);
  const lines = readFileSync(join(folder, "out.ndjson"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { row: { n: number } }).row.n)).toEqual(numbers(count));
  await until("the echo", () => echo.length === count);
  expect(echo).toEqual(numbers(count));
  await listener.endAsync(true);
}, 180_000);

it("with --exit-on-error ends with 2 and keeps what Kafka did not get, for the next start", async () => {
  const folder = newFolder();
  const first = new GatewayProcess(folder, definition("exits"), ["--http", "127.0.0.1:0", "--exit-on-error"]);
  await first.ready();
  await send("exits", 0, 100);
  await until("the first ones", async () => (await topicLength(kafka, "exits")) === 100);
  await kafka.stop();
  await send("exits", 100, 200);
  expect(await first.ended).toBe(2);
  expect(first.stderr).toMatch(/^error {2}MR306 {2}sink kafka exits: 127\.0\.0\.1:\d+: .*ECONN/m);
  await kafka.start();
  const second = new GatewayProcess(folder, definition("exits"));
  await second.ready();
  await until("the rest", async () => (await topicLength(kafka, "exits")) >= 200);
  expect(await second.stop()).toBe(0);
  const records = await readTopic(kafka.broker, "exits", await topicLength(kafka, "exits"));
  expect([...new Set(records.map(({ value }) => (JSON.parse(value) as { n: number }).n))]).toEqual(
    numbers(200),
  );
}, 120_000);

it("says that a topic does not exist, and how to have it created", async () => {
  const gateway = new GatewayProcess(newFolder(), definition("absent", ""), [
    "--http",
    "127.0.0.1:0",
    "--exit-on-error",
  ]);
  expect(await gateway.ended).toBe(2);
  expect(gateway.stderr).toMatch(
    /MR306 .*the topic absent does not exist: create it, or add `create: \{ partitions: 1 \}` to the sink/,
  );
});
