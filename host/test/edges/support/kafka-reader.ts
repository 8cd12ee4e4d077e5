// Reads a whole topic with @platformatic/kafka: another client than the one that the gateway writes with.
import { Consumer } from "@platformatic/kafka";
import type { Kafka } from "../../services/kafka.ts";
import { until } from "../../services/ports.ts";

export interface ReadRecord {
  partition: number;
  key: string | undefined;
  value: string;
  timestamp: bigint;
  headers: Record<string, string>;
}

const DEADLINE_MS = 60_000;
const FETCH_BYTES = 1 << 20;

/**
 * The first `count` records of a topic, partition by partition in the order of their offsets. It fetches without a
 * group: nothing has to be joined, and nothing of the reader stays in Kafka.
 */
export async function readTopic(broker: string, topic: string, count: number): Promise<ReadRecord[]> {
  const consumer = new Consumer({ groupId: "unused", clientId: "reader", bootstrapBrokers: [broker] });
  try {
    const { id, partitions } = (await consumer.metadata({ topics: [topic] })).topics.get(topic)!;
    const records = partitions.map((): ReadRecord[] => []);
    const offsets = partitions.map(() => 0n);
    await until(
      `${count} records of ${topic}`,
      async () => {
        for (const [partition, { leader }] of partitions.entries()) {
          const from = {
            partition,
            currentLeaderEpoch: -1,
            fetchOffset: offsets[partition]!,
            lastFetchedEpoch: -1,
          };
          const topics = [{ topicId: id, partitions: [{ ...from, partitionMaxBytes: FETCH_BYTES }] }];
          const answer = await consumer.fetch({
            node: leader,
            topics,
            maxWaitTime: 100,
            maxBytes: FETCH_BYTES,
          });
          for (const batch of answer.responses[0]?.partitions[0]?.records ?? []) {
            for (const record of batch.records) {
              const offset = batch.firstOffset + BigInt(record.offsetDelta);
              if (offset < offsets[partition]!) continue;
              offsets[partition] = offset + 1n;
              records[partition]!.push(readRecord(partition, batch.firstTimestamp, record));
            }
          }
        }
        return records.flat().length >= count;
      },
      DEADLINE_MS,
    );
    return records.flat();
  } finally {
    await consumer.close(true).catch(() => {});
  }
}

type Fetched = {
  key: Buffer | null;
  value: Buffer | null;
  timestampDelta: bigint;
  headers: [Buffer | null, Buffer | null][];
};

function readRecord(partition: number, firstTimestamp: bigint, record: Fetched): ReadRecord {
  return {
    partition,
    key: record.key?.toString(),
    value: record.value!.toString("latin1"),
    timestamp: firstTimestamp + record.timestampDelta,
    headers: Object.fromEntries(record.headers.map(([name, value]) => [String(name), String(value)])),
  };
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
