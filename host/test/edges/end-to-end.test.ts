// The whole path with real parts: real series over a real mosquitto through `millrace run` into a real Kafka, read by
// another client. What is there is what the reference engine computes over the same records, no more and no less, also
// when the gateway is stopped in the middle.
import { decode } from "@msgpack/msgpack";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Plan } from "../../core/plan/plan.ts";
import { readDefinition } from "../../language/index.ts";
import { type Kafka, startKafka } from "../services/kafka.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
import { GatewayProcess, newFolder } from "./support/gateway-process.ts";
import { javaPartition, type ReadRecord, readTopic, topicLength } from "./support/kafka-reader.ts";
import {
  type ExpectedRecord,
  expectedLate,
  expectedResult,
  type Message,
  realMessages,
  referenceOutputs,
} from "./support/real-series.ts";

const FORMATS = ["json", "msgpack"] as const;
const PARTITIONS = 5;

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

/** A source and two pipelines for each format of payloads; values in Kafka are of the same format. */
function definitionOf(): string {
  const sources = FORMATS.map(
    (format) =>
      `  ${format}: { mqtt: "${broker.url}", topic: "${format}/{site}/{device}", format: ${format}, time: { field: t, unit: ms } }`,
  );
  const sink = (topic: string, format: string, late = ""): string =>
    `{ kafka: "${kafka.broker}", topic: ${topic}, key: "{site}/{device}", format: ${format}, create: { partitions: ${PARTITIONS} }${late} }`;
  const pipelines = FORMATS.map(
    (format) => `  stats_${format}:
    sql: |
      SELECT site, device, window_start, window_end, COUNT(*) AS n, SUM(v) AS total, AVG(v) AS mean, MIN(v) AS low, MAX(v) AS high,
             STDDEV_SAMP(v) AS deviation, P99(v) AS p99, FIRST_VALUE(v) AS opening, LATEST(v) AS newest
      FROM TABLE(TUMBLE(TABLE ${format}, DESCRIPTOR(t), INTERVAL '30' MINUTE))
      GROUP BY site, device, window_start, window_end
    late: side
    to: ${sink(`stats-${format}`, format, `, late: late-${format}`)}
  warm_${format}:
    sql: |
      SELECT site, device, window_start, COUNT(*) AS n, AVG(v * 1.8 + 32) AS fahrenheit, CASE WHEN MAX(v) > 100 THEN 1 ELSE 0 END AS hot
      FROM TABLE(HOP(TABLE ${format}, DESCRIPTOR(t), INTERVAL '1' HOUR, INTERVAL '3' HOUR))
      WHERE v > 20 AND site IN ('plant', 'traffic')
      GROUP BY site, device, window_start, window_end
      HAVING COUNT(*) > 5
    to: ${sink(`warm-${format}`, format)}`,
  );
  return `version: 1\ngateway: { id: whole }\nsources:\n${sources.join("\n")}\npipelines:\n${pipelines.join("\n")}\n`;
}

/** What the reference engine says has to be in each topic, and which windows stay open. */
interface Wanted {
  topics: Map<string, ExpectedRecord[]>;
  open: Map<string, number>;
}

function wantedOf(plans: Plan[], messages: Map<string, Message[]>): Wanted {
  const topics = new Map<string, ExpectedRecord[]>();
  const open = new Map<string, number>();
  const add = (topic: string, record: ExpectedRecord): void =>
    void topics.set(topic, [...(topics.get(topic) ?? []), record]);
  for (const plan of plans) {
    const { name } = plan.source;
    const made = referenceOutputs(plan, messages.get(name)!);
    open.set(name, made.open);
    for (const output of made.outputs) {
      if (output.kind === "late") add(`late-${name}`, expectedLate(plan, output));
      else add(plan.pipelines[output.pipeline]!.name.replace("_", "-"), expectedResult(plan, output));
    }
  }
  return { topics, open };
}

function decoded({ value, key, timestamp, headers }: ReadRecord, topic: string): ExpectedRecord {
  const bytes = Buffer.from(value, "latin1");
  const row = topic.endsWith("json") ? JSON.parse(bytes.toString("utf8")) : decode(bytes);
  return { key: key!, row: row as Record<string, unknown>, timestamp, headers };
}

describe("the real series through MQTT and Kafka", () => {
  it("give the reference engine's results, each once, in order, also with a stop in the middle", async () => {
    const text = definitionOf();
    const { definition, problems } = readDefinition(text, {
      fileName: "/p.yaml",
      env: {},
      requireEnv: false,
    });
    // A live source without `idle` is warned of: here windows stay open on purpose.
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    const messages = new Map<string, Message[]>();
    for (const format of FORMATS) messages.set(format, await realMessages(format, format));
    const wanted = wantedOf(definition!.plans, messages);

    const folder = newFolder();
    const first = new GatewayProcess(folder, text);
    await first.ready();
    // The gateway stops while the second third comes in; nobody is there for the last one at first.
    const third = (part: number): Promise<unknown> =>
      Promise.all(
        [...messages.values()].flatMap((list) => {
          const size = Math.ceil(list.length / 3);
          const some = list.slice(part * size, (part + 1) * size);
          return some.map(({ topic, payload }) => sender.publishAsync(topic, payload, { qos: 1 }));
        }),
      );
    await third(0);
    await first.received(5000);
    const sending = third(1);
    await first.received(9500);
    expect(await first.stop("SIGTERM")).toBe(0);
    const early = await topicLength(kafka, "stats-json");
    expect(early).toBeGreaterThan(0);
    await Promise.all([sending, third(2)]);
    expect(early).toBeLessThan(wanted.topics.get("stats-json")!.length);
    const second = new GatewayProcess(folder, text);
    const counts = FORMATS.map((format) =>
      messages.get(format)!.reduce((sum, { records }) => sum + records, 0),
    );
    await until("all records", async () => {
      const { sources } = await second.progress();
      return counts.every((count, index) => sources[index].received >= count);
    });
    expect(await second.stop("SIGTERM")).toBe(0);
    for (const [index, name] of FORMATS.entries()) {
      expect(second.stderr).toContain(
        `source ${name}: ${counts[index]} received = ${counts[index]} accepted + 0 refused`,
      );
      expect(second.stderr).toContain(`source ${name}: ${wanted.open.get(name)} open windows kept in`);
    }

    expect([...wanted.topics.keys()].toSorted()).toEqual([
      "late-json",
      "late-msgpack",
      "stats-json",
      "stats-msgpack",
      "warm-json",
      "warm-msgpack",
    ]);
    const keys = new Set(wanted.topics.get("warm-json")!.map(({ key }) => key));
    expect(new Set([...keys].map((key) => javaPartition(key, PARTITIONS))).size).toBeGreaterThan(1);
    for (const [topic, records] of wanted.topics) {
      expect(await topicLength(kafka, topic), topic).toBe(records.length);
      const found = await readTopic(kafka.broker, topic, records.length);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const here = found
          .filter((record) => record.partition === partition)
          .map((record) => decoded(record, topic));
        expect(here, topic).toEqual(
          records.filter(({ key }) => javaPartition(key, PARTITIONS) === partition),
        );
      }
    }
  }, 180_000);
});
