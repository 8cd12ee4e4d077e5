// Sink `mqtt`: publishes replay lines, in order, a bounded number of them unacknowledged. A message leaves the queue
// when the broker has acknowledged it (QoS 0: when it is written); after any error a new connection sends again what
// was not acknowledged, so a reader may see a message twice. One that the broker refuses is counted lost.
// Imports the mqtt package, encoders.
import { type IClientOptions, type MqttClient, connect } from "mqtt";
import { backoffMs } from "../core/backoff.ts";
import type { Output } from "../core/engine.ts";
import type { Plan } from "../core/plan/plan.ts";
import { refusedLine } from "../encoders/refused-line.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import { fillLateTemplate, fillTemplate } from "../encoders/result-value.ts";
import type { MqttSink as MqttDefinition } from "../language/index.ts";
import { addressOf, readSecrets } from "../sources/secrets.ts";
import type { Sink, SinkItem, SinkStatus } from "./sink.ts";
import { atMost, Bell, Queue, waitUntil } from "./sink.ts";

const IN_FLIGHT_MAX = 100;
/** About what a message costs besides its text: the item it was made from. */
const MESSAGE_BYTES = 200;
const TOPIC_BYTES_MAX = 65_535;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_MS = 60_000;
const CLOSE_MS = 3000;
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

export class MqttSink implements Sink {
  name: string;
  status: SinkStatus = { state: "connecting", detail: "not connected yet" };
  delivered = 0;
  lost = 0;
  private readonly plan: Plan;
  private readonly lines: ReplayLines;
  private readonly definition: MqttDefinition;
  private readonly clientId: string;
  private readonly address: string;
  private readonly queue = new Queue<Message>();
  private readonly bell = new Bell();
  private readonly stopBell = new Bell();
  private client: MqttClient | null = null;
  private link: Link | null = null;
  /** The oldest messages of the queue, which this connection has sent. */
  private sent = 0;
  private closing = false;
  private running: Promise<void> | null = null;

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

  get queuedBytes(): number {
    return this.queue.bytes;
  }

  start(): void {
    this.running = this.loop();
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
    if (item.kind === "result") return fillTemplate(topic, item, topicLevel);
    return late ?? fillLateTemplate(topic, this.plan, item, topicLevel);
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.closing) {
      try {
        this.link ??= await this.open();
        this.status = { state: "connected", detail: `publishing to ${this.address}` };
        this.publish(this.link);
        await this.bell.wait(IDLE_MS);
        if (this.link.failure !== null) throw this.link.failure;
        failures = 0;
      } catch (error) {
        this.status = { state: "away", detail: `${this.address}: ${reasonOf(error as Error)}` };
        this.drop();
        if (!this.closing) await this.stopBell.wait(backoffMs(this.clientId, failures++));
      }
    }
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

  private drop(): void {
    this.client?.end(true);
    this.client = null;
    this.link = null;
    this.sent = 0;
  }

  pending(): Output[] {
    return this.queue.outputs();
  }

  drain(timeoutMs: number): Promise<boolean> {
    return waitUntil(() => this.queue.length === 0, timeoutMs);
  }

  async close(): Promise<void> {
    this.closing = true;
    this.bell.ring();
    this.stopBell.ring();
    if (this.link === null) this.drop();
    else if (this.queue.length === 0) await atMost(this.link.client.endAsync(), CLOSE_MS);
    this.drop();
    await atMost(this.running, CLOSE_MS);
  }
}

/** A value as one level of a topic: what MQTT gives a meaning to becomes _. */
function topicLevel(text: string): string {
  return text === "" ? "_" : text.replace(/[+#/\0]/g, "_");
}

/** Several addresses of one name fail together: then the message is in the parts. */
function reasonOf(error: Error): string {
  if (error.message !== "") return error.message;
  const parts = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return parts.map((part) => part.message).join(", ") || error.name;
}
