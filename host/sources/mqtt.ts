// Source `mqtt`: subscribes with mqtt.js and hands PUBLISH frames on through the tap. QoS 1 messages are
// acknowledged when the engine has taken them. Reconnects with back-off for ever; a connection that hears nothing,
// or that is never accepted, is rebuilt. Imports the tap, the mqtt package.
import { connect as connectNet } from "node:net";
import { connect as connectTls } from "node:tls";
import type { IClientOptions, IConnackPacket } from "mqtt";
import { MqttClient } from "mqtt";
import { backoffMs } from "../core/backoff.ts";
import type { MqttConnection } from "../language/index.ts";
import { MqttTap } from "./mqtt-tap.ts";
import { type Secrets, addressOf, readSecrets } from "./secrets.ts";
import type { Source, SourceCounters, SourceHandler } from "./source.ts";

const CONNECT_TIMEOUT_MS = 10_000;
/** From the first byte to the subscription; after it the keep-alive watches. */
const SUBSCRIBED_TIMEOUT_MS = 20_000;
const KEEPALIVE_S = 30;
const STOP_MS = 3000;
const RECEIVE_MAXIMUM = 1000;
const SESSION_EXPIRY_S = 7 * 86_400;

export class MqttSource implements Source {
  readonly counters: SourceCounters = { bytes: 0, connections: 0, sessionsLost: 0 };
  readonly positionBytes = 0;
  private readonly connection: MqttConnection;
  private readonly clientId: string;
  private readonly address: string;
  private readonly handler: SourceHandler;
  private readonly keepsSession: boolean;
  private client: MqttClient | null = null;
  private tap: MqttTap | null = null;
  private version: 4 | 5;
  private stopped = false;
  private paused = false;
  private failures = 0;
  private timer: NodeJS.Timeout | null = null;

  /** With a `brief` session the broker keeps nothing for it while it is away. */
  constructor(
    connection: MqttConnection,
    defaultClientId: string,
    handler: SourceHandler,
    session: "kept" | "brief" = "kept",
  ) {
    this.connection = connection;
    this.keepsSession = connection.qos === 1 && session === "kept";
    this.clientId = connection.clientId ?? defaultClientId;
    this.handler = handler;
    this.version = connection.protocol === "3.1.1" ? 4 : 5;
    const { host, port } = addressOf(connection);
    this.address = `${host}:${port}`;
  }

  start(): void {
    this.handler.onStatus({ state: "connecting", detail: `connecting to ${this.address}` });
    this.connect();
  }

  pause(): void {
    this.paused = true;
    this.tap?.pauseReading();
  }

  resume(): void {
    this.paused = false;
    this.tap?.resumeReading();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    const { client } = this;
    if (client === null) return;
    // A socket that is closed with bytes unread takes what was written last with it: the acknowledgements.
    this.tap?.resumeReading();
    // The session stays with the broker: only the connection ends.
    await new Promise<void>((resolve) => {
      const forced = setTimeout(() => client.end(true, {}, () => resolve()), STOP_MS);
      client.end(false, {}, () => {
        clearTimeout(forced);
        resolve();
      });
    });
    this.tap?.destroy();
  }

  private connect(): void {
    readSecrets(this.connection.login, this.connection.tls).then(
      (secrets) => this.connectWith(secrets),
      (error: Error) => this.handler.onEnd(error),
    );
  }

  private connectWith(secrets: Secrets): void {
    if (this.stopped) return;
    const attempt: Attempt = { client: null, reached: false, accepted: false };
    const client = new MqttClient(() => this.open(secrets, attempt), this.options(secrets));
    this.client = client;
    attempt.client = client;
    this.timer = setTimeout(() => this.fail("it does not answer", attempt), SUBSCRIBED_TIMEOUT_MS);
    client.on("connect", (packet) => {
      attempt.accepted = true;
      this.accepted(client, packet, attempt);
    });
    client.on("error", (error) => this.fail(reasonOf(error), attempt));
    client.on("close", () => this.fail("the connection was closed", attempt));
  }

  private accepted(client: MqttClient, packet: IConnackPacket, attempt: Attempt): void {
    const { filter, contextFilter, qos } = this.connection;
    // Context first, so that what the broker retains of it comes before the records that it is about.
    const filters = contextFilter === null ? [filter] : [contextFilter, filter];
    const lost = this.counters.connections++ > 0 && this.keepsSession && !packet.sessionPresent;
    if (lost) this.counters.sessionsLost++;
    client.subscribe(filters, { qos }, (error, granted) => {
      if (this.client !== client) return;
      const refused = granted?.some((grant) => grant.qos >= 128) ?? false;
      if (error || refused) {
        this.fail(
          `the broker refused the subscription to ${filters.join(" and ")}${error ? ` (${error.message})` : ""}`,
          attempt,
        );
        return;
      }
      this.failures = 0;
      if (this.timer !== null) clearTimeout(this.timer);
      const session = packet.sessionPresent
        ? ", session resumed"
        : lost
          ? ", the broker had lost the session"
          : "";
      this.handler.onStatus({
        state: "connected",
        detail: `subscribed to ${filters.join(" and ")} at ${this.address}${session}`,
      });
    });
  }

  private options(secrets: Secrets): IClientOptions {
    return {
      clientId: this.clientId,
      clean: !this.keepsSession,
      protocolVersion: this.version,
      username: secrets.username,
      password: secrets.password,
      keepalive: KEEPALIVE_S,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      resubscribe: false,
      ...(this.version === 5 && {
        properties: {
          receiveMaximum: RECEIVE_MAXIMUM,
          ...(this.keepsSession && { sessionExpiryInterval: SESSION_EXPIRY_S }),
        },
      }),
    };
  }

  private open({ ca, cert, key }: Secrets, attempt: Attempt): MqttTap {
    const { host, port, secure } = addressOf(this.connection);
    const isAddress = /^[\d.]+$|:/.test(host);
    const socket = secure
      ? connectTls({ host, port, ca, cert, key, ...(!isAddress && { servername: host }) })
      : connectNet({ host, port });
    socket.once(secure ? "secureConnect" : "connect", () => {
      attempt.reached = true;
    });
    const tap = new MqttTap(socket, {
      onPublish: (bytes) => {
        // Behind our DISCONNECT the broker hears no acknowledgement: it will send this again.
        if (this.stopped) return;
        this.counters.bytes += bytes.length;
        this.handler.onChunk(bytes);
        tap.acknowledge();
      },
    });
    this.tap = tap;
    if (this.paused) tap.pauseReading();
    this.handler.onConnection(this.version);
    return tap;
  }

  /** Drops the connection and tries again later; `auto` takes the other protocol when one is refused. */
  private fail(reason: string, attempt: Attempt): void {
    const { client } = this;
    // Late events of a connection that is given up already say nothing new.
    if (client === null || client !== attempt.client || this.stopped) return;
    this.client = null;
    if (this.timer !== null) clearTimeout(this.timer);
    this.tap?.destroy();
    this.tap = null;
    client.end(true);
    // Old brokers close the connection on a protocol they do not know, new ones say so.
    const refused =
      attempt.reached && !attempt.accepted && !/not authorized|bad username|identifier/i.test(reason);
    if (this.connection.protocol === "auto" && refused) this.version = this.version === 5 ? 4 : 5;
    this.handler.onStatus({ state: "away", detail: `${this.address}: ${reason}` });
    this.timer = setTimeout(() => this.connect(), backoffMs(this.clientId, this.failures++));
  }
}

/** How far an attempt to connect came. */
interface Attempt {
  client: MqttClient | null;
  /** The socket was open (and TLS agreed). */
  reached: boolean;
  /** The broker said yes. */
  accepted: boolean;
}

/** Several addresses of one name fail together: then the message is in the parts. */
function reasonOf(error: Error): string {
  if (error.message !== "") return error.message;
  const parts = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return parts.map((part) => part.message).join(", ") || error.name;
}
