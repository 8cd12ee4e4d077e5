// Source `mqtt`: subscribes with mqtt.js and hands PUBLISH frames on through the tap. QoS 1 messages are
// acknowledged when the engine has taken them. Reconnects with back-off for ever; a connection that hears nothing
// is rebuilt. Imports the tap, the mqtt package.
import { readFile } from "node:fs/promises";
import { connect as connectNet } from "node:net";
import { connect as connectTls } from "node:tls";
import type { IClientOptions } from "mqtt";
import { MqttClient } from "mqtt";
import { MillraceError } from "../core/errors.ts";
import type { Login, MqttBroker, MqttConnection, TlsDefinition } from "../language/index.ts";
import { MqttTap } from "./mqtt-tap.ts";
import type { Source, SourceHandler } from "./source.ts";

const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
const RECEIVE_MAXIMUM = 1000;
const SESSION_EXPIRY_S = 7 * 86_400;

/** What a login and TLS say once their files were read. Throws MR301 for a file that cannot be read. */
export async function readSecrets(login: Login | null, tls: TlsDefinition | null) {
  const read = async (path: string | null, what: string): Promise<string | undefined> => {
    if (path === null) return undefined;
    return readFile(path, "utf8").catch((cause: Error) => {
      throw new MillraceError("MR301", `cannot read ${what} ${path}: ${cause.message}`, { cause });
    });
  };
  return {
    username: login?.username,
    password: login?.password ?? (await read(login?.passwordFile ?? null, "password_file"))?.trimEnd(),
    ca: await read(tls?.ca ?? null, "tls.ca"),
    cert: await read(tls?.cert ?? null, "tls.cert"),
    key: await read(tls?.key ?? null, "tls.key"),
  };
}

/** Host, port and whether it is TLS, of an mqtt:// or mqtts:// address. */
export function addressOf(broker: MqttBroker): { host: string; port: number; secure: boolean } {
  const url = new URL(broker.url);
  const secure = url.protocol === "mqtts:" || broker.tls !== null;
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || (secure ? 8883 : 1883)), secure };
}

export class MqttSource implements Source {
  private readonly connection: MqttConnection;
  private readonly clientId: string;
  private readonly handler: SourceHandler;
  private client: MqttClient | null = null;
  private tap: MqttTap | null = null;
  private version: 4 | 5;
  private stopped = false;
  private paused = false;
  private failures = 0;
  private retry: NodeJS.Timeout | null = null;
  private secrets: Awaited<ReturnType<typeof readSecrets>> | null = null;

  constructor(connection: MqttConnection, defaultClientId: string, handler: SourceHandler) {
    this.connection = connection;
    this.clientId = connection.clientId ?? defaultClientId;
    this.handler = handler;
    this.version = connection.protocol === "3.1.1" ? 4 : 5;
  }

  start(): void {
    readSecrets(this.connection.login, this.connection.tls).then(
      (secrets) => {
        this.secrets = secrets;
        this.connect();
      },
      (error: Error) => this.handler.onEnd(error),
    );
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
    if (this.retry !== null) clearTimeout(this.retry);
    const { client } = this;
    if (client === null) return;
    // The session stays with the broker: only the connection ends.
    await new Promise<void>((resolve) => {
      const forced = setTimeout(() => client.end(true, {}, () => resolve()), 1000);
      client.end(false, {}, () => {
        clearTimeout(forced);
        resolve();
      });
    });
  }

  private connect(): void {
    if (this.stopped) return;
    const { host, port } = addressOf(this.connection);
    this.handler.onStatus({ state: "connecting", detail: `connecting to ${host}:${port}` });
    const client = new MqttClient(() => this.open(), this.options());
    this.client = client;
    client.on("connect", (packet) => {
      this.failures = 0;
      const options = { qos: this.connection.qos };
      client.subscribe(this.connection.filter, options, (error, granted) => {
        const refused = granted?.some((grant) => grant.qos >= 128) ?? false;
        if (error || refused) this.fail(`the broker refused the subscription to ${this.connection.filter}`);
        else {
          const session = packet.sessionPresent ? ", session resumed" : "";
          this.handler.onStatus({ state: "connected", detail: `subscribed to ${this.connection.filter}${session}` });
        }
      });
    });
    client.on("error", (error) => this.fail(error.message));
    client.on("close", () => this.fail("the connection closed"));
  }

  private options(): IClientOptions {
    const five = this.version === 5;
    return {
      clientId: this.clientId,
      clean: this.connection.qos === 0,
      protocolVersion: this.version,
      username: this.secrets?.username,
      password: this.secrets?.password,
      keepalive: 30,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      resubscribe: false,
      ...(five && {
        properties: {
          receiveMaximum: RECEIVE_MAXIMUM,
          ...(this.connection.qos === 1 && { sessionExpiryInterval: SESSION_EXPIRY_S }),
        },
      }),
    };
  }

  private open(): MqttTap {
    const { host, port, secure } = addressOf(this.connection);
    const socket = secure
      ? connectTls({ host, port, servername: /^[\d.]+$|:/.test(host) ? undefined : host, ca: this.secrets?.ca, cert: this.secrets?.cert, key: this.secrets?.key })
      : connectNet({ host, port });
    const tap = new MqttTap(socket, {
      onPublish: (bytes) => {
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
  private fail(reason: string): void {
    const { client } = this;
    if (client === null || this.stopped) return;
    this.client = null;
    this.tap?.destroy();
    this.tap = null;
    client.removeAllListeners();
    // Late errors of a connection that is given up already say nothing new.
    client.on("error", () => {});
    client.end(true);
    const protocolRefused = /protocol|unacceptable|Unsupported/i.test(reason);
    if (this.connection.protocol === "auto" && protocolRefused) this.version = this.version === 5 ? 4 : 5;
    const waitMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * (1 << Math.min(this.failures++, 10)));
    const { host, port } = addressOf(this.connection);
    this.handler.onStatus({ state: "connecting", detail: `${host}:${port}: ${reason}` });
    this.retry = setTimeout(() => this.connect(), waitMs);
  }
}
