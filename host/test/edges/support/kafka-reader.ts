// Reads a whole topic with @platformatic/kafka: another client than the one that the gateway writes with.
import { Consumer, stringDeserializers } from "@platformatic/kafka";
import { until } from "../../services/ports.ts";

export interface ReadRecord {
  partition: number;
  key: string | undefined;
  value: string;
  timestamp: bigint;
  headers: Record<string, string>;
}

let groups = 0;

/** The first `count` records of a topic, in the order of arrival within each partition. */
export async function readTopic(broker: string, topic: string, count: number, deadlineMs = 30_000): Promise<ReadRecord[]> {
  const consumer = new Consumer({
    groupId: `reader-${process.pid}-${groups++}`,
    clientId: "reader",
    bootstrapBrokers: [broker],
    deserializers: { ...stringDeserializers, value: (data?: Buffer) => data as never },
    maxBytes: 262_144,
  });
  const records: ReadRecord[] = [];
  try {
    const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false, sessionTimeout: 10_000, heartbeatInterval: 500 });
    stream.on("data", (message) => {
      records.push({
        partition: message.partition,
        key: message.key as string | undefined,
        value: (message.value as unknown as Buffer).toString("latin1"),
        timestamp: message.timestamp,
        headers: Object.fromEntries([...message.headers].map(([key, value]) => [String(key), String(value)])),
      });
    });
    await until(`${count} records of ${topic} (there are ${records.length})`, () => records.length >= count, deadlineMs);
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
