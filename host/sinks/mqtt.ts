// Sink `mqtt`: publishes replay lines, QoS 1 by default, with a bounded number of messages in flight; what is not
// acknowledged is sent again after a reconnect by the client library. Imports the mqtt package.
import { connect, type MqttClient } from "mqtt";
import type { Output } from "../core/engine.ts";
import type { ReplayLines } from "../encoders/replay-line.ts";
import { fillTemplate } from "../encoders/result-value.ts";
import type { MqttSink as MqttDefinition } from "../language/index.ts";
import { addressOf, readSecrets } from "../sources/mqtt.ts";
import type { Sink, SinkStatus } from "./sink.ts";
import { waitUntil } from "./sink.ts";

const IN_FLIGHT_MAX = 100;

export class MqttSink implements Sink {
  readonly name: string;
  private readonly lines: ReplayLines;
  private readonly definition: MqttDefinition;
  private readonly clientId: string;
  private client: MqttClient | null = null;
  private readonly queue: { topic: string; text: string }[] = [];
  private inFlight = 0;
  status: SinkStatus = { state: "connecting", detail: "not connected yet" };
  delivered = 0;
  queuedBytes = 0;

  constructor(lines: ReplayLines, definition: MqttDefinition, clientId: string) {
    this.name = `mqtt ${definition.url}`;
    this.lines = lines;
    this.definition = definition;
    this.clientId = definition.clientId ?? clientId;
  }

  start(): void {
    const { host, port, secure } = addressOf(this.definition);
    readSecrets(this.definition.login, this.definition.tls).then(
      (secrets) => {
        this.client = connect({
          ...secrets,
          protocol: secure ? "mqtts" : "mqtt",
          host,
          port,
          clientId: this.clientId,
          protocolVersion: this.definition.protocol === "5" ? 5 : 4,
          reconnectPeriod: 1000,
        });
        this.client.on("connect", () => {
          this.status = { state: "connected", detail: `publishing to ${host}:${port}` };
          this.send();
        });
        this.client.on("close", () => (this.status = { state: "connecting", detail: `${host}:${port} is away` }));
        this.client.on("error", (error) => (this.status = { state: "connecting", detail: `${host}:${port}: ${error.message}` }));
      },
      (error: Error) => (this.status = { state: "failed", detail: error.message }),
    );
  }

  write(output: Output): void {
    const { topic, late } = this.definition;
    const plainTopic = topic.map((part) => (part.kind === "text" ? part.text : part.name)).join("");
    const name = output.kind === "result" ? fillTemplate(topic, output) : (late ?? plainTopic);
    const text = this.lines.line(output);
    this.queue.push({ topic: name, text });
    this.queuedBytes += text.length;
    this.send();
  }

  private send(): void {
    const { client } = this;
    while (client?.connected && this.inFlight < IN_FLIGHT_MAX && this.queue.length > 0) {
      const { topic, text } = this.queue.shift()!;
      this.inFlight++;
      client.publish(topic, text, { qos: this.definition.qos, retain: this.definition.retain }, (error) => {
        this.inFlight--;
        this.queuedBytes -= text.length;
        if (!error) this.delivered++;
        this.send();
      });
    }
  }

  async drain(timeoutMs: number): Promise<void> {
    const done = await waitUntil(() => this.queue.length === 0 && this.inFlight === 0, timeoutMs);
    if (!done) throw new Error(`${this.name}: ${this.queue.length + this.inFlight} results wait; ${this.status.detail}`);
  }

  async close(): Promise<void> {
    await this.client?.endAsync(true);
  }
}
