// Who receives what the simulator sends: mqtt.js on its own connection. Knows nothing of the simulator.
import { type MqttClient, connectAsync } from "mqtt";
import { until } from "../../host/test/services/ports.ts";

export interface Message {
  topic: string;
  payload: Buffer;
  qos: number;
}

export class Subscriber {
  readonly messages: Message[] = [];
  private readonly client: MqttClient;

  private constructor(client: MqttClient) {
    this.client = client;
    client.on("message", (topic, payload, { qos }) => void this.messages.push({ topic, payload, qos }));
  }

  static async connect(url: string, filter = "sensors/#"): Promise<Subscriber> {
    const client = await connectAsync(url);
    const subscriber = new Subscriber(client);
    await client.subscribeAsync([filter, "end"], { qos: 1 });
    return subscriber;
  }

  /** All messages, once there are `count`; whatever the broker still had by then is among them. */
  async all(count: number): Promise<Message[]> {
    await until(`${count} messages`, () => this.messages.length >= count);
    await this.client.publishAsync("end", "", { qos: 1 });
    await until("the end", () => this.messages.some(({ topic }) => topic === "end"));
    return this.messages.filter(({ topic }) => topic !== "end");
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}
