// When results arrive at a reader of Kafka, with another client than those that write.
import { Consumer, stringDeserializers } from "@platformatic/kafka";
import { rowOfObject, type WindowRow } from "../workload/rows.ts";

export interface Arrival {
  row: WindowRow;
  /** On the clock of the simulator's machine, which is this one. */
  atMs: number;
}

export class Arrivals {
  readonly list: Arrival[] = [];
  private readonly consumer;
  private readonly topic: string;

  constructor(broker: string, topic: string) {
    this.topic = topic;
    this.consumer = new Consumer({
      groupId: `bench-${topic}`,
      clientId: "bench-reader",
      bootstrapBrokers: [broker],
      deserializers: stringDeserializers,
      minBytes: 1,
      maxWaitTime: 200,
    });
  }

  /** Begins to read; resolves once it does. */
  async start(): Promise<void> {
    const stream = await this.consumer.consume({ topics: [this.topic], mode: "earliest", autocommit: false });
    stream.on("data", (message) => {
      const atMs = performance.timeOrigin + performance.now();
      const row = rowOfObject(JSON.parse(message.value) as Record<string, string | number>);
      this.list.push({ row, atMs });
    });
  }

  async stop(): Promise<void> {
    await this.consumer.close(true);
  }
}
