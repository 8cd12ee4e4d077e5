// Sink `mqtt`: publishes replay lines, in order, a bounded number of them unacknowledged. A message leaves the queue
// when the broker has acknowledged it (QoS 0: when it is written); after any error a new connection sends again what
// was not acknowledged, so a reader may see a message twice. One that the broker refuses is counted lost.
// Imports the mqtt package, encoders.
import { type IClientOptions, type MqttClient, connect } from "mqtt";
import type { Plan } from "../core/plan/plan.ts";
import { refusedLine } from "../encoders/refused-line.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import { fillLateTemplate, fillTemplate } from "../encoders/result-value.ts";
import type { MqttSink as MqttDefinition } from "../language/index.ts";
import { addressOf, readSecrets } from "../sources/secrets.ts";
import { RemoteSink } from "./remote-sink.ts";
import type { SinkItem } from "./sink.ts";

const IN_FLIGHT_MAX = 100;
/** About what a message costs besides its text: the item it was made from. */
const MESSAGE_BYTES = 200;
const TOPIC_BYTES_MAX = 65_535;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_MS = 60_000;
/** MQTT 5 reason code: the broker takes no more for now. */
const QUOTA_EXCEEDED = 0x97;

interface Message {
  topic: string;
  text: string;
  /** What the broker made of it; null while it has not said. */
  fate: "taken" | "refused" | null;
}

/** A connection that the broker accepted. */
interface Link {
  client: MqttClient;
  /** Unacknowledged messages that the broker takes at a time. */
  inFlightMax: number;
  /** Why the connection is lost, or given up. */
  failure: Error | null;
}

export class MqttSink extends RemoteSink<Message> {
  private readonly plan: Plan;
  private readonly lines: ReplayLines;
  private readonly definition: MqttDefinition;
  private readonly address: string;
  private client: MqttClient | null = null;
  private link: Link | null = null;
  /** The oldest messages of the queue, which this connection has sent. */
  private sent = 0;

  constructor(plan: Plan, definition: MqttDefinition, clientId: string) {
    const { host, port } = addressOf(definition);
    super(`mqtt ${host}:${port}`, definition.clientId ?? clientId);
    this.address = `${host}:${port}`;
    this.plan = plan;
    this.lines = new ReplayLines(plan);
    this.definition = definition;
  }

  get takesRefused(): boolean {
    return this.definition.deadLetter !== null;
  }

  write(item: SinkItem): void {
    const topic = this.topicOf(item);
    if (topic === null) return;
    if (Buffer.byteLength(topic) > TOPIC_BYTES_MAX) {
      if (item.kind !== "refused") this.lost++;
      return;
    }
    const text = item.kind === "refused" ? refusedLine(item) : this.lines.line(item);
    this.queue.push({
      item,
      encoded: { topic, text, fate: null },
      bytes: topic.length + text.length + MESSAGE_BYTES,
    });
    this.bell.ring();
  }

  private topicOf(item: SinkItem): string | null {
    const { topic, late, deadLetter } = this.definition;
    if (item.kind === "refused") return deadLetter;
    if (item.kind === "result") return fillTemplate(topic, this.plan, item, topicLevel);
    return late ?? fillLateTemplate(topic, this.plan, item, topicLevel);
  }

  protected async round(): Promise<void> {
    this.link ??= await this.open();
    this.status = { state: "connected", detail: `publishing to ${this.address}` };
    this.publish(this.link);
    await this.bell.wait(IDLE_MS);
    if (this.link.failure !== null) throw this.link.failure;
  }

  private async open(): Promise<Link> {
    const { definition } = this;
    const { host, port, secure } = addressOf(definition);
    const secrets = await readSecrets(definition.login, definition.tls);
    if (this.closing) throw new Error("closed");
    const options: IClientOptions = {
      ...secrets,
      protocol: secure ? "mqtts" : "mqtt",
      host,
      port,
      clientId: this.clientId,
      protocolVersion: definition.protocol === "5" ? 5 : 4,
      // Reconnecting is ours: with back-off.
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
    };
    const client = connect(options);
    this.client = client;
    const link: Link = { client, inFlightMax: IN_FLIGHT_MAX, failure: null };
    await new Promise<void>((resolve) => {
      const fail = (error: Error): void => {
        this.fail(link, error);
        resolve();
      };
      client.on("error", fail);
      client.on("close", () => fail(new Error("the connection was closed")));
      client.on("connect", ({ properties }) => {
        link.inFlightMax = Math.min(IN_FLIGHT_MAX, properties?.receiveMaximum ?? IN_FLIGHT_MAX);
        resolve();
      });
    });
    if (link.failure !== null) throw link.failure;
    return link;
  }

  private fail(link: Link, error: Error): void {
    link.failure ??= error;
    this.bell.ring();
  }

  /** Sends what waits, as much of it as may be unacknowledged. */
  private publish(link: Link): void {
    const { qos, retain } = this.definition;
    while (this.sent < Math.min(link.inFlightMax, this.queue.length)) {
      const message = this.queue.at(this.sent++).encoded;
      if (message.fate !== null) continue;
      link.client.publish(message.topic, message.text, { qos, retain }, (error) => {
        if (this.link !== link) return;
        const code = error && "code" in error ? error.code : null;
        const refused = typeof code === "number" && code !== QUOTA_EXCEEDED;
        if (error && !refused) return this.fail(link, error);
        message.fate = refused ? "refused" : "taken";
        this.dropSettled();
        this.bell.ring();
      });
    }
  }

  private dropSettled(): void {
    while (this.queue.length > 0 && this.queue.at(0).encoded.fate !== null) {
      const { fate } = this.queue.at(0).encoded;
      const outputs = this.queue.drop(1);
      if (fate === "taken") this.delivered += outputs;
      else this.lost += outputs;
      this.sent--;
    }
  }

  protected drop(): void {
    this.client?.end(true);
    this.client = null;
    this.link = null;
    this.sent = 0;
  }

  protected override async leave(): Promise<void> {
    if (this.link !== null && this.queue.length === 0) await this.link.client.endAsync();
    else this.drop();
  }

  /** Several addresses of one name fail together: then the message is in the parts. */
  protected reasonOf(error: Error): string {
    const parts = error instanceof AggregateError ? (error.errors as Error[]) : [];
    const reason = error.message || parts.map((part) => part.message).join(", ") || error.name;
    return `${this.address}: ${reason}`;
  }
}

/** A value as one level of a topic: what MQTT gives a meaning to becomes _. */
function topicLevel(text: string): string {
  return text === "" ? "_" : text.replace(/[+#/\0]/g, "_");
}
