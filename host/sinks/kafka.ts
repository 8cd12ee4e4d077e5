// Sink `kafka`: at least once, in order. One send in flight, ever; acks all; idempotent producer. On any error the
// connection is dropped and a new one sends the same batch again (kafkajs loses acknowledged records when two
// idempotent sends overlap), so a reader may see a result twice: header millrace-id tells. Keys are partitioned
// by murmur2, as Java's clients do. Imports the Kafka port, encoders.
import type { Plan } from "../core/plan/plan.ts";
import { refusedLine } from "../encoders/refused-line.ts";
import {
  encodeRow,
  fillLateTemplate,
  fillTemplate,
  lateTimestampMs,
  resultId,
  resultTimestampMs,
} from "../encoders/result-value.ts";
import type { KafkaSink as KafkaDefinition } from "../language/index.ts";
import { readSecrets } from "../sources/secrets.ts";
import type { KafkaPort, KafkaRecord } from "./kafka-port.ts";
import { connectKafkaJs } from "./kafka-port.ts";
import { RemoteSink } from "./remote-sink.ts";
import type { SinkItem } from "./sink.ts";

const BATCH_RECORDS_MAX = 1000;
const BATCH_BYTES_MAX = 512 * 1024;
/** About what a record costs besides its value: key, headers, the item it was made from. */
const RECORD_BYTES = 400;
/** While there is nothing to send, the cluster is asked so often whether it is there. */
const IDLE_MS = 3000;

export class KafkaSink extends RemoteSink<KafkaRecord> {
  private readonly plan: Plan;
  private readonly definition: KafkaDefinition;
  private port: KafkaPort | null = null;

  constructor(plan: Plan, definition: KafkaDefinition, clientId: string) {
    super(`kafka ${definition.topic}`, definition.clientId ?? clientId);
    this.plan = plan;
    this.definition = definition;
  }

  get takesRefused(): boolean {
    return this.definition.deadLetter !== null;
  }

  write(item: SinkItem): void {
    const record = this.encode(item);
    if (record === null) return;
    this.queue.push({ item, encoded: record, bytes: record.value.length + RECORD_BYTES });
    this.bell.ring();
  }

  /** null for what the definition names no topic for. */
  private encode(item: SinkItem): KafkaRecord | null {
    const { definition, plan } = this;
    const { key: template, format, topic, late, deadLetter } = definition;
    if (item.kind === "refused") {
      if (deadLetter === null) return null;
      const headers = { "millrace-refused": item.reason };
      return {
        topic: deadLetter,
        key: null,
        value: Buffer.from(refusedLine(item)),
        headers,
        timestamp: `${item.timeMs}`,
      };
    }
    const value = encodeRow(plan, item, format);
    if (item.kind === "late") {
      if (late === null) return null;
      const headers = {
        "millrace-window-start": `${item.windowStart}`,
        "millrace-window-end": `${item.windowEnd}`,
        "millrace-late-by-ns": `${item.byNs}`,
      };
      const key = template === null ? null : fillLateTemplate(template, plan, item);
      return { topic: late, key, value, headers, timestamp: lateTimestampMs(plan, item) };
    }
    const headers = {
      "millrace-id": resultId(plan, item),
      "millrace-revision": `${item.revision}`,
      "millrace-cause": item.cause,
      "millrace-count": `${item.count}`,
      "millrace-late": `${item.lateCount}`,
    };
    const key = template === null ? null : fillTemplate(template, plan, item);
    return { topic, key, value, headers, timestamp: resultTimestampMs(plan, item) };
  }

  /** Sends one batch after the other; never gives a batch up. */
  protected async round(): Promise<void> {
    await this.ensurePort();
    if (this.queue.length > 0) await this.sendBatch();
    else await this.port!.ping();
    this.status = { state: "connected", detail: `sending to ${this.definition.topic}` };
    if (this.queue.length === 0 && !this.closing) await this.bell.wait(IDLE_MS);
  }

  private async sendBatch(): Promise<void> {
    const batch = this.queue.peek(BATCH_RECORDS_MAX, BATCH_BYTES_MAX);
    await this.port!.send(batch.map(({ encoded }) => encoded));
    this.delivered += this.queue.drop(batch.length);
  }

  private async ensurePort(): Promise<void> {
    if (this.port !== null) return;
    const { brokers, login, sasl, tls, topic, late, deadLetter, create } = this.definition;
    const { username = "", password = "", ca, cert, key } = await readSecrets(login, tls);
    const port = connectKafkaJs({
      clientId: this.clientId,
      brokers,
      tls: tls === null ? null : { ca, cert, key },
      login: login === null ? null : { mechanism: sasl, username, password },
    });
    this.port = port;
    await port.connect();
    const topics = [topic, late, deadLetter].filter((name) => name !== null);
    await port.ensureTopics([...new Set(topics)], create);
  }

  protected async drop(): Promise<void> {
    const { port } = this;
    this.port = null;
    await port?.disconnect();
  }

  /** kafkajs hides the cause of a failed connection behind its retries. */
  protected reasonOf(error: Error): string {
    const reason = error.message.replace(/^Connection error: /, "") || error.name;
    return `${this.definition.brokers.join(",")}: ${reason}`;
  }
}
