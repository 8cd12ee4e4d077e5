// What the kafka sink needs of a Kafka client: a connection that sends one batch at a time, and fails as a whole. The
// real one is kafkajs; it is used crash-only: after any error the whole connection is dropped and a new one is made.
// Imports the kafkajs package.
import kafkajs from "kafkajs";

export interface KafkaRecord {
  topic: string;
  key: string | null;
  value: Buffer;
  headers: Record<string, string>;
  /** Milliseconds since 1970, as decimal text. */
  timestamp: string;
}

export interface KafkaPortOptions {
  clientId: string;
  brokers: string[];
  /** PEM texts; null: no TLS. */
  tls: { ca: string | undefined; cert: string | undefined; key: string | undefined } | null;
  login: {
    mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
    username: string;
    password: string;
  } | null;
}

/** A connection to a cluster. Every method rejects when it cannot do what it is for; the connection is void then. */
export interface KafkaPort {
  connect(): Promise<void>;
  /** Sees to it that topics are there; `create` null: rejects with the names of those that are not. */
  ensureTopics(topics: string[], create: { partitions: number; replication: number } | null): Promise<void>;
  /** Sends records in order and resolves when all in-sync replicas have them. Called again only after that. */
  send(records: KafkaRecord[]): Promise<void>;
  /** Resolves when the cluster answers. */
  ping(): Promise<void>;
  /** Never rejects. */
  disconnect(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3000;
const REQUEST_TIMEOUT_MS = 15_000;

export function connectKafkaJs(options: KafkaPortOptions): KafkaPort {
  const { tls, login } = options;
  const client = new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: options.brokers,
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { retries: 1, initialRetryTime: 100 },
    ...(tls !== null && { ssl: tls }),
    ...(login !== null && { sasl: login as kafkajs.SASLOptions }),
  });
  const admin = client.admin();
  const producer = client.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { retries: 1, initialRetryTime: 50 },
  });
  return {
    connect: async () => {
      await admin.connect();
      await producer.connect();
    },
    ensureTopics: async (wanted, create) => {
      const existing = new Set(await admin.listTopics());
      const missing = wanted.filter((topic) => !existing.has(topic));
      if (missing.length === 0) return;
      if (create === null) {
        const one = missing.length === 1;
        const names = `${one ? "topic" : "topics"} ${missing.join(", ")} ${one ? "does" : "do"}`;
        throw new Error(
          `the ${names} not exist: create ${one ? "it" : "them"}, or add \`create: { partitions: 1 }\` to the sink`,
        );
      }
      const { partitions, replication } = create;
      const topics = missing.map((topic) => ({
        topic,
        numPartitions: partitions,
        replicationFactor: replication,
      }));
      await admin.createTopics({ topics, waitForLeaders: true });
    },
    send: async (records) => {
      const topics = [...new Set(records.map((record) => record.topic))];
      const topicMessages = topics.map((topic) => ({
        topic,
        messages: records.filter((record) => record.topic === topic),
      }));
      await producer.sendBatch({ acks: -1, topicMessages });
    },
    ping: async () => {
      await admin.describeCluster();
    },
    disconnect: async () => {
      await Promise.all([producer.disconnect().catch(() => {}), admin.disconnect().catch(() => {})]);
    },
  };
}
