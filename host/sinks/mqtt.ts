// Sink `mqtt`: publishes replay lines, QoS 1 by default, with a bounded number of messages in flight. A message leaves
// the queue when the broker has acknowledged it; the client library sends it again after a reconnect. A message that
// the broker refuses is counted lost. Imports the mqtt package, encoders.
import { type IClientOptions, type MqttClient, connect } from "mqtt";
import { backoffMs } from "../core/backoff.ts";
import type { Output } from "../core/engine.ts";
import type { Plan } from "../core/plan.ts";
import { refusedLine } from "../encoders/refused-line.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import { fillLateTemplate, fillTemplate } from "../encoders/result-value.ts";
import type { MqttSink as MqttDefinition } from "../language/index.ts";
import { addressOf, readSecrets } from "../sources/secrets.ts";
import type { Sink, SinkItem, SinkStatus } from "./sink.ts";
import { waitUntil } from "./sink.ts";

const IN_FLIGHT_MAX = 100;
const MESSAGE_BYTES = 100;

interface Message {
  item: SinkItem;
  topic: string;
  text: string;
}

export class MqttSink implements Sink {
  readonly name: string;
  status: SinkStatus = { state: "connecting", detail: "not connected yet" };
  delivered = 0;
  lost = 0;
  queuedBytes = 0;
  private readonly plan: Plan;
  private readonly lines: ReplayLines;
  private readonly definition: MqttDefinition;
  private readonly clientId: string;
  private readonly address: string;
  private client: MqttClient | null = null;
  private readonly waiting: Message[] = [];
  private readonly inFlight = new Set<Message>();
  private failures = 0;
  private timer: NodeJS.Timeout | null = null;
  private closing = false;

  constructor(plan: Plan, definition: MqttDefinition, clientId: string) {
    this.plan = plan;
    this.lines = new ReplayLines(plan);
    this.definition = definition;
    this.clientId = definition.clientId ?? clientId;
    const { host, port } = addressOf(definition);
    this.address = `${host}:${port}`;
    this.name = `mqtt ${this.address}`;
  }

  get takesRefused(): boolean {
    return this.definition.deadLetter !== null;
  }

  start(): void {
    const { host, port, secure } = addressOf(this.definition);
    readSecrets(this.definition.login, this.definition.tls).then(
      (secrets) => {
        const options: IClientOptions = {
          ...secrets,
          protocol: secure ? "mqtts" : "mqtt",
          host,
          port,
          clientId: this.clientId,
          protocolVersion: this.definition.protocol === "5" ? 5 : 4,
          // Reconnecting is ours: with back-off.
          reconnectPeriod: 0,
          connectTimeout: 10_000,
        };
        this.client = connect(options);
        this.watch(this.client);
      },
      (error: Error) => {
        this.status = { state: "failed", detail: error.message };
      },
    );
  }

  private watch(client: MqttClient): void {
    client.on("connect", () => {
      this.failures = 0;
      this.status = { state: "connected", detail: `publishing to ${this.address}` };
      this.send();
    });
    client.on("error", (error) => {
      this.status = { state: "away", detail: `${this.address}: ${error.message || error.name}` };
    });
    client.on("close", () => {
      if (this.closing) return;
      if (this.status.state !== "away") this.status = { state: "away", detail: `${this.address}: the connection was closed` };
      if (this.timer !== null) clearTimeout(this.timer);
      this.timer = setTimeout(() => client.reconnect(), backoffMs(this.clientId, this.failures++));
    });
  }

  write(item: SinkItem): void {
    const topic = this.topicOf(item);
    if (topic === null) return;
    const text = item.kind === "refused" ? refusedLine(item) : this.lines.line(item);
    this.waiting.push({ item, topic, text });
    this.queuedBytes += text.length + MESSAGE_BYTES;
    this.send();
  }

  private topicOf(item: SinkItem): string | null {
    const { topic, late, deadLetter } = this.definition;
    if (item.kind === "refused") return deadLetter;
    if (item.kind === "result") return fillTemplate(topic, item, topicLevel);
    return late ?? fillLateTemplate(topic, this.plan, item, topicLevel);
  }

  private send(): void {
    const { client } = this;
    while (client?.connected && this.inFlight.size < IN_FLIGHT_MAX && this.waiting.length > 0) {
      const message = this.waiting.shift()!;
      this.inFlight.add(message);
      client.publish(message.topic, message.text, { qos: this.definition.qos, retain: this.definition.retain }, (error) => {
        // What was in flight at the end counts as pending.
        if (this.closing && error) return;
        this.inFlight.delete(message);
        this.queuedBytes -= message.text.length + MESSAGE_BYTES;
        if (message.item.kind !== "refused") {
          if (error) this.lost++;
          else this.delivered++;
        }
        this.send();
      });
    }
  }

  pending(): Output[] {
    return [...this.inFlight, ...this.waiting].flatMap(({ item }) => (item.kind === "refused" ? [] : [item]));
  }

  drain(timeoutMs: number): Promise<boolean> {
    return waitUntil(() => this.waiting.length === 0 && this.inFlight.size === 0, timeoutMs);
  }

  async close(): Promise<void> {
    this.closing = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.client?.endAsync(!this.client.connected || this.inFlight.size > 0);
  }
}

/** A value as one level of a topic: what MQTT gives a meaning to becomes _. */
function topicLevel(text: string): string {
  return text === "" ? "_" : text.replace(/[+#/\0]/g, "_");
}
