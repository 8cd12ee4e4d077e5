// A real Kafka broker on free ports of loopback, as a child process: one node that is its own controller. It can be
// stopped and started again with its data. The jars were fetched by the test command (host/setup/services.mjs).
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import kafkajs from "kafkajs";
import { kafkaJars } from "../../setup/services.mjs";
import { Child } from "./child.ts";
import { freePort, until } from "./ports.ts";

export interface KafkaOptions {
  /** The client port speaks TLS only; PEM files. */
  tls?: { ca: string; cert: string; key: string };
  /** The client port asks for this login, by SASL/PLAIN or SCRAM. */
  login?: { username: string; password: string };
}

export interface Kafka {
  port: number;
  /** `127.0.0.1:PORT` */
  broker: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
  /** A client with the broker's login, for the test's own needs. */
  client(): kafkajs.Kafka;
}

function properties(port: number, controller: number, data: string, options: KafkaOptions): string {
  const protocol = `${options.login ? "SASL_" : ""}${options.tls ? "SSL" : "PLAINTEXT"}`;
  const lines = [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    "controller.listener.names=CONTROLLER",
    `listeners=CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=CLIENT://127.0.0.1:${port}`,
    `listener.security.protocol.map=CLIENT:${protocol},CONTROLLER:PLAINTEXT`,
    "inter.broker.listener.name=CLIENT",
    `log.dirs=${data}`,
    "offsets.topic.replication.factor=1",
    "offsets.topic.num.partitions=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.num.partitions=1",
    "transaction.state.log.min.isr=1",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.num.partitions=1",
    "share.coordinator.state.topic.min.isr=1",
    "group.initial.rebalance.delay.ms=0",
    "num.network.threads=1",
    "num.io.threads=2",
    "log.segment.bytes=16777216",
    "log.index.size.max.bytes=1048576",
    "log.cleaner.dedupe.buffer.size=2097152",
    "log.cleaner.io.buffer.size=65536",
    "controlled.shutdown.enable=false",
    "broker.heartbeat.interval.ms=300",
    "broker.session.timeout.ms=1500",
    "auto.create.topics.enable=false",
    // Results carry their windows' times, which may be years ago.
    "log.retention.ms=-1",
  ];
  if (options.tls) {
    const { ca, cert, key } = options.tls;
    // Both in one file, as its PEM store wants them.
    const store = join(data, "..", "server-store.pem");
    writeFileSync(store, readFileSync(key, "utf8") + readFileSync(cert, "utf8"), { mode: 0o600 });
    lines.push(
      "ssl.keystore.type=PEM",
      `ssl.keystore.location=${store}`,
      "ssl.truststore.type=PEM",
      `ssl.truststore.location=${ca}`,
    );
  }
  if (options.login) {
    const { username, password } = options.login;
    const module = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    lines.push(
      "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
      "sasl.mechanism.inter.broker.protocol=PLAIN",
      `listener.name.client.plain.sasl.jaas.config=${module} username="${username}" password="${password}" user_${username}="${password}";`,
      ...["256", "512"].map(
        (bits) =>
          `listener.name.client.scram-sha-${bits}.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;`,
      ),
    );
  }
  return `${lines.join("\n")}\n`;
}

const CLUSTER_ID = "bWlsbHJhY2UtdGVzdHM_Xw";

/** Logins for SCRAM are part of the cluster's own data from its first start on. */
function formatWithLogins(config: string, { username, password }: NonNullable<KafkaOptions["login"]>): void {
  const logins = ["256", "512"].flatMap((bits) => [
    "--add-scram",
    `SCRAM-SHA-${bits}=[name=${username},password=${password}]`,
  ]);
  const tool = ["-cp", `${kafkaJars}/*`, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", config];
  execFileSync("java", ["-XX:TieredStopAtLevel=1", ...tool, ...logins], { stdio: "pipe" });
}

export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-kafka-"));
  const data = join(folder, "data");
  const config = join(folder, "server.properties");
  const port = await freePort();
  mkdirSync(data);
  writeFileSync(config, properties(port, await freePort(), data, options));
  if (options.login) formatWithLogins(config, options.login);
  else writeFileSync(join(data, "meta.properties"), `version=1\ncluster.id=${CLUSTER_ID}\nnode.id=1\n`);
  const broker = `127.0.0.1:${port}`;
  const memory = [
    "-Xmx256m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  ];
  let child: Child | null = null;
  const client = (): kafkajs.Kafka =>
    new kafkajs.Kafka({
      clientId: "test",
      brokers: [broker],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 0 },
      ...(options.tls && { ssl: { ca: readFileSync(options.tls.ca, "utf8") } }),
      ...(options.login && { sasl: { mechanism: "plain", ...options.login } }),
    });
  const kafka: Kafka = {
    port,
    broker,
    client,
    start: async () => {
      const started = new Child("java", [...memory, "-cp", `${kafkaJars}/*`, "kafka.Kafka", config]);
      child = started;
      await until(
        `Kafka on port ${port}`,
        async () => {
          if (started.over) throw new Error(`Kafka ended: ${started.output}`);
          const admin = client().admin();
          try {
            await admin.connect();
            return (await admin.describeCluster()).brokers.length > 0;
          } finally {
            await admin.disconnect();
          }
        },
        60_000,
      );
    },
    stop: async (signal) => {
      await child?.stop(signal);
      child = null;
    },
    close: async () => {
      await kafka.stop("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await kafka.start();
  return kafka;
}
