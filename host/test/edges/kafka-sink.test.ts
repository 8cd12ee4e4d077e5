// The kafka sink against a real Kafka, read by another client: keys, partitions, headers, timestamps; nothing lost
// and nothing out of order while the broker comes and goes.
import { writeFileSync } from "node:fs";
import { decode } from "@msgpack/msgpack";
import kafkajs from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Output } from "../../core/engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { replayPlan } from "../../core/plan/replay-plan.ts";
import { ReferenceEngine } from "../../core/reference/engine.ts";
import type { KafkaSink as KafkaDefinition, PipelineDefinition } from "../../language/index.ts";
import { readDefinition } from "../../language/index.ts";
import { KafkaSink } from "../../sinks/kafka.ts";
import { makeCertificates } from "../services/certificates.ts";
import { type Kafka, startKafka } from "../services/kafka.ts";
import { until } from "../services/ports.ts";
import { newFolder } from "./support/gateway-process.ts";
import { javaPartition, readTopic, topicLength, utf8 } from "./support/kafka-reader.ts";
import { late, pipelineWith, result } from "./support/results.ts";

let kafka: Kafka;

beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(async () => {
  await kafka.close();
});

function sinkOf(broker: string, keys: string): KafkaSink {
  const { plan, pipeline } = pipelineWith(`{ kafka: "${broker}", ${keys} }`);
  const sink = new KafkaSink(plan, pipeline.sinks[0] as KafkaDefinition, "test-sink");
  sink.start();
  return sink;
}

/** A pipeline `p` that hands readings on. */
function readPlain(broker: string): { plan: Plan; pipeline: PipelineDefinition } {
  const text = `
version: 1
sources: { s: { mqtt: "mqtt://b", topic: "t/{device}", format: json, time: { field: ts, unit: ms } } }
pipelines: { p: { sql: "SELECT device, v FROM s WHERE v > 0", to: { kafka: "${broker}", topic: readings, create: { partitions: 1 } } } }
`;
  const { definition } = readDefinition(text, { fileName: "/t.yaml", env: {}, requireEnv: false });
  return { plan: definition!.plans[0]!, pipeline: definition!.pipelines[0]! };
}

/** murmur2 of some keys, as org.apache.kafka.common.utils.Utils gives it. */
const JAVA_MURMUR2: Record<string, number> = {
  "21": -973932308,
  foobar: -790332482,
  "a-little-bit-long-string": -985981536,
  "a-little-bit-longer-string": -1486304829,
  lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
};

describe("a record", () => {
  it("has its row, id, headers and the time of the window's last millisecond", async () => {
    const sink = sinkOf(kafka.broker, 'topic: plain, key: "dev-{device}", create: { partitions: 1 }');
    sink.write(result("a", 3));
    sink.write(result(null, 4));
    expect(await sink.drain(30_000)).toBe(true);
    await sink.close();
    const [first, second] = await readTopic(kafka.broker, "plain", 2);
    expect(first).toEqual({
      partition: 0,
      key: "dev-a",
      value: '{"device":"a","window_start":"1970-01-01T00:00:30.000Z","n":3,"mean":1}',
      timestamp: 39_999n,
      headers: {
        "millrace-id": '["p","a","30000000000","40000000000",1]',
        "millrace-revision": "1",
        "millrace-cause": "watermark",
        "millrace-count": "3",
        "millrace-late": "2",
      },
    });
    expect(second!.key).toBe("dev-");
    expect(JSON.parse(second!.value)).toMatchObject({ device: null, n: 4 });
    expect(sink.delivered).toBe(2);
  });

  it("of a pipeline without a window has an id of its own, however equal the readings", async () => {
    const { plan, pipeline } = readPlain(kafka.broker);
    const line = '{"device":"a","ts":1000,"v":5}\n';
    const run = (): Output[] => {
      const engine = new ReferenceEngine(replayPlan(plan, "json"));
      return [...engine.push(Buffer.from(line.repeat(3))), ...engine.flush()];
    };
    const sink = new KafkaSink(plan, pipeline.sinks[0] as KafkaDefinition, "test-plain");
    sink.start();
    // The second time is a repeated delivery: the ids are those of the first.
    for (const output of [...run(), ...run()]) sink.write(output);
    expect(await sink.drain(30_000)).toBe(true);
    await sink.close();
    const records = await readTopic(kafka.broker, "readings", 6);
    const ids = [1, 2, 3].map((number) => `["p","1000000000",${number},1]`);
    expect(records.map((record) => record.headers["millrace-id"])).toEqual([...ids, ...ids]);
    expect(records.map((record) => record.value)).toEqual(Array(6).fill('{"device":"a","v":5}'));
  });

  it("can be MessagePack, and needs no key", async () => {
    const sink = sinkOf(kafka.broker, "topic: packed, format: msgpack, create: { partitions: 1 }");
    sink.write(result("ü", 5));
    expect(await sink.drain(30_000)).toBe(true);
    await sink.close();
    const [record] = await readTopic(kafka.broker, "packed", 1);
    const row = { device: "ü", window_start: "1970-01-01T00:00:50.000Z", n: 5, mean: 5 / 3 };
    expect(decode(Buffer.from(record!.value, "latin1"))).toEqual(row);
    expect(record!.key).toBeFalsy();
  });

  it("lies in the partition that Java's clients take for its key", async () => {
    const sink = sinkOf(kafka.broker, 'topic: parted, key: "{device}", create: { partitions: 7 }');
    for (const key of Object.keys(JAVA_MURMUR2)) sink.write(result(key, 1));
    expect(await sink.drain(30_000)).toBe(true);
    await sink.close();
    const records = await readTopic(kafka.broker, "parted", 5);
    const found = Object.fromEntries(records.map((record) => [record.key, record.partition]));
    const wanted = Object.fromEntries(
      Object.entries(JAVA_MURMUR2).map(([key, hash]) => [key, (hash & 0x7fffffff) % 7]),
    );
    expect(found).toEqual(wanted);
    expect(wanted).toEqual(
      Object.fromEntries(Object.keys(JAVA_MURMUR2).map((key) => [key, javaPartition(key, 7)])),
    );
  });

  it("that is late or refused goes to a topic of its own", async () => {
    const sink = sinkOf(
      kafka.broker,
      'topic: onTime, late: tooLate, dead_letter: dead, key: "{device}", create: { partitions: 1 }',
    );
    sink.write(late("a", 1234));
    sink.write(result("a", 1));
    sink.write({
      kind: "refused",
      source: "plant",
      reason: "decode",
      message: 7,
      position: 3,
      text: '{"t',
      timeMs: 1000,
    });
    expect(await sink.drain(30_000)).toBe(true);
    await sink.close();
    const [tooLate] = await readTopic(kafka.broker, "tooLate", 1);
    expect(tooLate).toMatchObject({
      key: "a",
      timestamp: 1234n,
      headers: { "millrace-late-by-ns": "4250000" },
    });
    expect(JSON.parse(utf8(tooLate!.value))).toMatchObject({
      device: "a",
      ts: "1970-01-01T00:00:01.234Z",
      v: 1.5,
    });
    const [dead] = await readTopic(kafka.broker, "dead", 1);
    expect(JSON.parse(dead!.value)).toEqual({
      source: "plant",
      refused: "decode",
      message: 7,
      position: 3,
      text: '{"t',
    });
    expect(await readTopic(kafka.broker, "onTime", 1)).toHaveLength(1);
    expect(sink.delivered).toBe(2);
  });
});

describe("a topic", () => {
  it("that does not exist keeps the sink waiting, and says so, until it is there", async () => {
    const sink = sinkOf(kafka.broker, "topic: later");
    sink.write(result("a", 1));
    await until(
      "the reason",
      () => sink.status.state === "away" && /topic later does not exist/.test(sink.status.detail),
    );
    const admin = kafka.client().admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: "later", numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    expect(await sink.drain(30_000)).toBe(true);
    await sink.close();
    expect(await readTopic(kafka.broker, "later", 1)).toHaveLength(1);
  });
});

describe("a broker", () => {
  it("that goes away and comes back gets every result, in order", async () => {
    const own = await startKafka();
    const sink = sinkOf(own.broker, 'topic: away, key: "{device}", create: { partitions: 1 }');
    let n = 0;
    const writeSome = (): void => {
      for (let index = 0; index < 250; index++) sink.write(result("a", n++));
    };
    writeSome();
    expect(await sink.drain(30_000)).toBe(true);
    // In the middle of sending.
    writeSome();
    await own.stop("SIGKILL");
    writeSome();
    await until("the sink to see it", () => sink.status.state === "away");
    expect(sink.queuedBytes).toBeGreaterThan(0);
    await own.start();
    expect(await sink.drain(60_000)).toBe(true);
    // While nothing is sent at all.
    await own.stop();
    await until("an idle sink to see it", () => sink.status.state === "away");
    writeSome();
    await own.start();
    expect(await sink.drain(60_000)).toBe(true);
    expect(sink.status.state).toBe("connected");
    await sink.close();
    expect(sink.delivered).toBe(n);
    const records = await readTopic(own.broker, "away", await topicLength(own, "away"));
    await own.close();
    const ids = records.map((record) => record.headers["millrace-id"]);
    // At least once: a batch whose acknowledgement was lost is there twice, and its ids tell.
    const wanted = Array.from(
      { length: n },
      (_, index) => `["p","a","${index * 1e10}","${(index + 1) * 1e10}",1]`,
    );
    expect([...new Set(ids)]).toEqual(wanted);
  }, 180_000);

  it("that is not there leaves the results pending", async () => {
    const sink = sinkOf("127.0.0.1:1", "topic: nowhere");
    for (let n = 0; n < 3; n++) sink.write(result("a", n));
    await until(
      "the reason",
      () => sink.status.state === "away" && /127\.0\.0\.1:1/.test(sink.status.detail),
    );
    expect(await sink.drain(100)).toBe(false);
    await sink.close();
    expect(sink.pending()).toEqual([result("a", 0), result("a", 1), result("a", 2)]);
    expect(sink.delivered).toBe(0);
  });

  it("asks for TLS and a login, by PLAIN or SCRAM", async () => {
    const { ca, server, strangerCa } = makeCertificates();
    const own = await startKafka({
      tls: { ca, ...server },
      login: { username: "millrace", password: "s3cret" },
    });
    const file = `${newFolder()}/password`;
    const keys = `topic: secure, create: { partitions: 1 }, username: millrace, password_file: ${file}`;
    for (const sasl of ["plain", "scram-sha-256", "scram-sha-512"]) {
      writeFileSync(file, "wrong\n");
      const sink = sinkOf(own.broker, `${keys}, sasl: ${sasl}, tls: { ca: ${ca} }`);
      sink.write(result("a", 1));
      await until(
        "the login to be refused",
        () => sink.status.state === "away" && /authentication|credentials|password/i.test(sink.status.detail),
      );
      // A renewed password is taken at the next attempt.
      writeFileSync(file, "s3cret\n");
      expect(await sink.drain(30_000)).toBe(true);
      await sink.close();
      expect(sink.delivered).toBe(1);
    }
    const stranger = sinkOf(own.broker, `${keys}, tls: { ca: ${strangerCa} }`);
    await until(
      "the certificate to be refused",
      () => stranger.status.state === "away" && /certificate/i.test(stranger.status.detail),
    );
    await stranger.close();
    expect(await topicLength(own, "secure")).toBe(3);
    await own.close();
  }, 120_000);
});

it("kafkajs and Java agree on murmur2 of the empty key as well", () => {
  const partitioner = kafkajs.Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({ partitionId, leader: 1 }));
  const partition = partitioner({
    topic: "t",
    partitionMetadata: partitionMetadata as never,
    message: { key: "", value: "" },
  });
  expect(partition).toBe((275646681 & 0x7fffffff) % 7);
});
