// Reads a whole topic with @platformatic/kafka: another client than the one that the gateway writes with.
import { Consumer, stringDeserializers } from "@platformatic/kafka";
import type { Kafka } from "../../services/kafka.ts";
import { until } from "../../services/ports.ts";

export interface ReadRecord {
  partition: number;
  key: string | undefined;
  value: string;
  timestamp: bigint;
  headers: Record<string, string>;
}

let groups = 0;

const ATTEMPT_MS = 30_000;
const ATTEMPTS = 3;

/**
 * The first `count` records of a topic, in the order of arrival within each partition. A reader that got stuck while
 * it joined its group (seen on a busy machine) is replaced by a new one, which reads from the beginning.
 */
export async function readTopic(broker: string, topic: string, count: number): Promise<ReadRecord[]> {
  for (let attempt = 1; ; attempt++) {
    const records = await readOnce(broker, topic, count);
    if (records.length >= count) return records;
    if (attempt === ATTEMPTS) throw new Error(`${topic} has ${records.length} records, not ${count}`);
  }
}

/** What a consumer of its own group got of a topic, until it had `count` records or its time was over. */
async function readOnce(broker: string, topic: string, count: number): Promise<ReadRecord[]> {
  const consumer = new Consumer({
    groupId: `reader-${process.pid}-${groups++}`,
    clientId: "reader",
    bootstrapBrokers: [broker],
    deserializers: { ...stringDeserializers, value: (data?: Buffer) => data as never },
    maxBytes: 262_144,
  });
  const records: ReadRecord[] = [];
  try {
    const stream = await consumer.consume({
      topics: [topic],
      mode: "earliest",
      autocommit: false,
      sessionTimeout: 10_000,
      heartbeatInterval: 500,
    });
    stream.on("data", (message) => {
      records.push({
        partition: message.partition,
        key: message.key as string | undefined,
        value: (message.value as unknown as Buffer).toString("latin1"),
        timestamp: message.timestamp,
        headers: Object.fromEntries([...message.headers].map(([key, value]) => [String(key), String(value)])),
      });
    });
    await until("the records", () => records.length >= count, ATTEMPT_MS).catch(() => {});
    await stream.close();
  } finally {
    await consumer.close(true).catch(() => {});
  }
  return records;
}

/** Text of a value that readTopic gave as bytes. */
export function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

/** Number of records that a topic's partitions hold. */
export async function topicLength(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.client().admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
}

/** Partition of a key as Java's clients take it. Source: org.apache.kafka.common.utils.Utils.murmur2. */
export function javaPartition(key: string, partitions: number): number {
  const bytes = Buffer.from(key);
  const whole = bytes.length & ~3;
  let hash = 0x9747b28c ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), 0x5bd1e995);
    word = Math.imul(word ^ (word >>> 24), 0x5bd1e995);
    hash = Math.imul(hash, 0x5bd1e995) ^ word;
  }
  if (bytes.length > whole) {
    hash ^= bytes.readUIntLE(whole, bytes.length - whole);
    hash = Math.imul(hash, 0x5bd1e995);
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995);
  return ((hash ^ (hash >>> 15)) & 0x7fffffff) % partitions;
}
