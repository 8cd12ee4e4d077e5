// Sink `kafka`: at least once, in order. One send in flight, ever; acks all; idempotent producer. On any error the
// producer is dropped and a new one sends the same batch again (kafkajs loses acknowledged records when two
// idempotent sends overlap), so a reader may see a result twice: header millrace-id tells. Keys are partitioned
// by murmur2, as Java's clients do. Imports the kafkajs package, encoders.
import type { Admin, Kafka as KafkaClient, Message, Producer } from "kafkajs";
import kafkajs from "kafkajs";
import type { Output } from "../core/engine.ts";
import type { Plan } from "../core/plan.ts";
import { encodeRow, fillTemplate, resultId, resultTimestampMs } from "../encoders/result-value.ts";
import type { KafkaSink as KafkaDefinition } from "../language/index.ts";
import { readSecrets } from "../sources/mqtt.ts";
import type { Sink, SinkStatus } from "./sink.ts";
import { waitUntil } from "./sink.ts";

const BATCH_RECORDS_MAX = 1000;
const BATCH_BYTES_MAX = 512 * 1024;
const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 10_000;

interface Queued {
  topic: string;
  message: Message;
  bytes: number;
}

export class KafkaSink implements Sink {
  readonly name: string;
  private readonly plan: Plan;
  private readonly definition: KafkaDefinition;
  private readonly clientId: string;
  private readonly queue: Queued[] = [];
  private producer: Producer | null = null;
  private client: KafkaClient | null = null;
  private wake: (() => void) | null = null;
  private closing = false;
  private sending = false;
  private running: Promise<void> | null = null;
  status: SinkStatus = { state: "connecting", detail: "not connected yet" };
  delivered = 0;
  queuedBytes = 0;

  constructor(plan: Plan, definition: KafkaDefinition, clientId: string) {
    this.name = `kafka ${definition.topic}`;
    this.plan = plan;
    this.definition = definition;
    this.clientId = definition.clientId ?? clientId;
  }

  start(): void {
    this.running = this.loop();
  }

  write(output: Output): void {
    const queued = this.encode(output);
    if (queued === null) return;
    this.queue.push(queued);
    this.queuedBytes += queued.bytes;
    this.wake?.();
  }

  private encode(output: Output): Queued | null {
    const { definition, plan } = this;
    const value = encodeRow(plan, output, definition.format);
    if (output.kind === "late") {
      if (definition.late === null) return null;
      const headers = { "millrace-window-start": `${output.windowStart}`, "millrace-window-end": `${output.windowEnd}`, "millrace-late-by-ns": `${output.byNs}` };
      return { topic: definition.late, message: { value, headers }, bytes: value.length + 100 };
    }
    const key = definition.key === null ? null : fillTemplate(definition.key, output);
    const headers = {
      "millrace-id": resultId(plan, output),
      "millrace-revision": `${output.revision}`,
      "millrace-cause": output.cause,
      "millrace-count": `${output.count}`,
      "millrace-late": `${output.lateCount}`,
    };
    const message = { key, value, headers, timestamp: resultTimestampMs(output) };
    return { topic: definition.topic, message, bytes: value.length + 200 };
  }

  /** Sends one batch after the other; never gives a batch up. */
  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.closing) {
      try {
        await this.ensureProducer();
        if (this.queue.length === 0) {
          await new Promise<void>((resolve) => (this.wake = resolve));
          this.wake = null;
          continue;
        }
        await this.sendBatch();
        failures = 0;
      } catch (error) {
        await this.dropProducer();
        if (this.closing) return;
        const waitMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * (1 << Math.min(failures++, 10)));
        this.status = { state: "connecting", detail: `${this.definition.brokers.join(",")}: ${(error as Error).message}` };
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  private async sendBatch(): Promise<void> {
    let count = 0;
    let bytes = 0;
    while (count < this.queue.length && count < BATCH_RECORDS_MAX && bytes < BATCH_BYTES_MAX) bytes += this.queue[count++]!.bytes;
    const batch = this.queue.slice(0, count);
    const topics = [...new Set(batch.map((queued) => queued.topic))];
    const topicMessages = topics.map((topic) => ({
      topic,
      messages: batch.filter((queued) => queued.topic === topic).map((queued) => queued.message),
    }));
    this.sending = true;
    try {
      await this.producer!.sendBatch({ acks: -1, topicMessages });
    } finally {
      this.sending = false;
    }
    this.queue.splice(0, count);
    this.queuedBytes -= bytes;
    this.delivered += count;
  }

  private async ensureProducer(): Promise<void> {
    if (this.producer !== null) return;
    const { definition } = this;
    const secrets = await readSecrets(definition.login, definition.tls);
    const credentials = { username: secrets.username ?? "", password: secrets.password ?? "" };
    this.client = new kafkajs.Kafka({
      clientId: this.clientId,
      brokers: definition.brokers,
      logLevel: kafkajs.logLevel.NOTHING,
      connectionTimeout: 3000,
      retry: { retries: 2, initialRetryTime: 100 },
      ...(definition.tls !== null && { ssl: { ca: secrets.ca, cert: secrets.cert, key: secrets.key } }),
      ...(definition.login !== null && { sasl: { mechanism: definition.sasl, ...credentials } as never }),
    });
    await this.ensureTopics();
    const producer = this.client.producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { retries: 0 },
    });
    await producer.connect();
    this.producer = producer;
    this.status = { state: "connected", detail: `sending to ${definition.topic}` };
  }

  private async ensureTopics(): Promise<void> {
    const { create, topic, late } = this.definition;
    const admin: Admin = this.client!.admin();
    await admin.connect();
    try {
      const wanted = late === null ? [topic] : [topic, late];
      const existing = new Set(await admin.listTopics());
      const missing = wanted.filter((name) => !existing.has(name));
      if (missing.length === 0) return;
      if (create === null) throw new Error(`the topic ${missing.join(", ")} does not exist: create it, or add \`create: { partitions: 1 }\` to the sink`);
      const topics = missing.map((name) => ({ topic: name, numPartitions: create.partitions, replicationFactor: create.replication }));
      await admin.createTopics({ topics, waitForLeaders: true });
    } finally {
      await admin.disconnect();
    }
  }

  private async dropProducer(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    await producer?.disconnect().catch(() => {});
  }

  async drain(timeoutMs: number): Promise<void> {
    const done = await waitUntil(() => this.queue.length === 0 && !this.sending, timeoutMs);
    if (!done) throw new Error(`${this.name}: ${this.queue.length} results wait; ${this.status.detail}`);
  }

  async close(): Promise<void> {
    this.closing = true;
    this.wake?.();
    await this.dropProducer();
    await Promise.race([this.running, new Promise((resolve) => setTimeout(resolve, 2000))]);
  }
}
