// One connection of the simulator to a broker: mqtt.js connects and keeps it alive; QoS 0 messages are written as
// frames in large groups behind its back (several times cheaper), QoS 1 goes through the library. What the broker
// does not take piles up to a bound and no further. Imports the mqtt package, payload.
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { publishFrame } from "./payload.ts";

const BUFFERED_MAX_BYTES = 8 * 1024 * 1024;
const IN_FLIGHT_MAX = 1000;

export class Connection {
  private readonly client: MqttClient;
  private readonly qos: 0 | 1;
  private frames: Buffer[] = [];
  private inFlight = 0;

  private constructor(client: MqttClient, qos: 0 | 1) {
    this.client = client;
    this.qos = qos;
    client.on("error", () => {});
  }

  static async open(url: string, qos: 0 | 1, options: IClientOptions): Promise<Connection> {
    const client = await connectAsync(
      url,
      { protocolVersion: 4, reconnectPeriod: 1000, connectTimeout: 5000, ...options },
      false,
    );
    return new Connection(client, qos);
  }

  /** Takes a message for the next flush; false when too much waits already. */
  publish(topic: string, payload: Buffer): boolean {
    if (!this.client.connected) return false;
    if (this.qos === 1) {
      if (this.inFlight >= IN_FLIGHT_MAX) return false;
      this.inFlight++;
      this.client.publish(topic, payload, { qos: 1 }, (error) => {
        if (!error) this.inFlight--;
      });
      return true;
    }
    if (this.client.stream.writableLength > BUFFERED_MAX_BYTES) return false;
    this.frames.push(publishFrame(topic, payload));
    return true;
  }

  flush(): void {
    if (this.frames.length === 0) return;
    if (this.client.connected) this.client.stream.write(Buffer.concat(this.frames));
    this.frames = [];
  }

  /** Waits until everything is with the broker, then disconnects. Resolves with the messages not confirmed. */
  async close(): Promise<number> {
    this.flush();
    const deadline = performance.now() + 5000;
    while ((this.inFlight > 0 || this.client.stream.writableLength > 0) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const unconfirmed = this.inFlight;
    // A client that waits for what will not come would wait for ever.
    await this.client.endAsync(unconfirmed > 0 || !this.client.connected);
    return unconfirmed;
  }
}
