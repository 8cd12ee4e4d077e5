// A definition: what a definition file says, checked and typed. Its plans go to the engines, its connections
// to sources and sinks. Plain data; `${ENV}` is already replaced, `*File` and paths start at the file's
// folder and are read by the host, never here. Portable: imports types of core only.
import type { KeysPolicy, Plan } from "../core/plan/plan.ts";

export interface Definition {
  /** As it was given to readDefinition. */
  fileName: string;
  /** Every source, in file order. */
  sources: SourceDefinition[];
  /** Every pipeline, in file order. */
  pipelines: PipelineDefinition[];
  /** One for each source that some pipeline reads, in the order of the sources. */
  plans: Plan[];
  limits: LimitsDefinition;
  gateway: GatewayDefinition;
  tests: TestDefinition[];
}

export interface LimitsDefinition {
  keys: number;
  /** What becomes of a record whose key would be one more. */
  keysPolicy: KeysPolicy;
  streams: number;
  /** Records of a source that wait to be put in order. */
  held: number;
  memoryBytes: number;
  diskBytes: number;
  dictionaryBytes: number;
  /** Values that aggregates which go by the order in time keep of a group. */
  values: number;
}

export interface GatewayDefinition {
  /** Name of this gateway; null: the host's name. */
  id: string | null;
  /** Folder of snapshots and logs. */
  data: string;
  http: { host: string; port: number };
}

export interface TestDefinition {
  name: string;
  /** File of records for each source named. */
  given: Record<string, string>;
  /** For each pipeline the file of its results; `late` and such: a count. */
  expect: Record<string, string | number>;
}

export interface SourceDefinition {
  name: string;
  connection: MqttConnection | FileConnection;
  /** How a message holds records: one an object, as columns, or one an event. */
  layout: "rows" | "columns" | "events";
  /** Index in Definition.plans; null when no pipeline reads it. */
  plan: number | null;
}

/** How to reach an MQTT broker; sources and sinks alike. */
export interface MqttBroker {
  /** `mqtt://host:port` or `mqtts://…`. */
  url: string;
  /** `auto` tries 5 and falls back to 3.1.1. */
  protocol: "auto" | "3.1.1" | "5";
  clientId: string | null;
  login: Login | null;
  tls: TlsDefinition | null;
}

export interface MqttConnection extends MqttBroker {
  kind: "mqtt";
  /** Topic filter of the SUBSCRIBE: the template with `+` for columns; `$share/group/` in front if shared. */
  filter: string;
  /** Besides, where context of streams comes from; null when `filter` has it, or there is none. */
  contextFilter: string | null;
  /** The template as it was written. */
  topic: string;
  qos: 0 | 1;
}

export interface FileConnection {
  kind: "file";
  path: string;
}

export interface Login {
  username: string;
  /** At most one of the two is not null. */
  password: string | null;
  passwordFile: string | null;
}

/** Paths of PEM files; all null means the system's own certificates. */
export interface TlsDefinition {
  ca: string | null;
  cert: string | null;
  key: string | null;
}

export interface PipelineDefinition {
  name: string;
  /** The source at the root of what it reads. */
  source: string;
  /** What its FROM names: that source, or another pipeline. */
  reads: string;
  /** Index in Definition.plans, and in the `pipelines` of that plan. */
  plan: number;
  place: number;
  /** The SQL; for the short form the SQL that it equals. */
  sql: string;
  shortForm: boolean;
  sinks: SinkDefinition[];
}

export type SinkDefinition = KafkaSink | FileSink | MqttSink | StdoutSink;

/** Text with values of the result in between. `output` counts in PipelinePlan.outputs. */
export type Template = ({ kind: "text"; text: string } | { kind: "output"; output: number; name: string })[];

export interface KafkaSink {
  kind: "kafka";
  /** `host:port` each. */
  brokers: string[];
  topic: string;
  /** null: a result has no key. */
  key: Template | null;
  format: "json" | "msgpack";
  /** Create the topic when it is not there. */
  create: { partitions: number; replication: number } | null;
  clientId: string | null;
  login: Login | null;
  /** SASL mechanism, with a login only. */
  sasl: "plain" | "scram-sha-256" | "scram-sha-512";
  tls: TlsDefinition | null;
  /** Topic of late records; null: they go nowhere but the counters. */
  late: string | null;
  /** Topic of refused records. */
  deadLetter: string | null;
}

export interface FileSink {
  kind: "file";
  path: string;
  /** Path of late records; null: they stand among the results, as replay prints them. */
  late: string | null;
  deadLetter: string | null;
}

export interface MqttSink extends MqttBroker {
  kind: "mqtt";
  topic: Template;
  qos: 0 | 1;
  retain: boolean;
  /** Topic of late records; null: they go where the results go. */
  late: string | null;
  deadLetter: string | null;
}

export interface StdoutSink {
  kind: "stdout";
}
