// Sinks of a pipeline: `to:` is one sink or a list of them; without it results go to stdout.
// Portable: imports the readers of their parts, and the definition's types.
import { type Node, type YAMLMap, isMap } from "yaml";
import type { OutputPlan } from "../../core/plan/plan.ts";
import type { KafkaSink, MqttSink, SinkDefinition } from "../definition.ts";
import { LOGIN_KEYS, MQTT_KEYS, isHostPort, readBroker, readLogin, readTls } from "./connection.ts";
import { readTemplate } from "./template.ts";
import { Section, environmentText, kindOf, nodePlace, scalarText } from "../yaml/section.ts";
import { type Place, type Text, placeIn } from "../yaml/text.ts";

const KINDS = ["kafka", "file", "mqtt", "stdout"] as const;
type Kind = (typeof KINDS)[number];
const KEYS: Record<Kind, string[]> = {
  kafka: [
    "kafka",
    "topic",
    "key",
    "format",
    "create",
    "client_id",
    "sasl",
    "tls",
    "late",
    "dead_letter",
    ...LOGIN_KEYS,
  ],
  file: ["file", "format", "late", "dead_letter"],
  mqtt: [...MQTT_KEYS, "topic", "qos", "retain", "format", "late", "dead_letter"],
  stdout: ["stdout", "format"],
};
const ALL_KEYS = [...new Set(Object.values(KEYS).flat())];
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

/** The sinks of a pipeline; `outputs` is null when its SQL has problems. One that is `read` by others needs none. */
export function readSinks(pipeline: Section, outputs: OutputPlan[] | null, read: boolean): SinkDefinition[] {
  if (!pipeline.has("to")) return [{ kind: "stdout" }];
  const nodes = pipeline.list("to");
  const sinks = nodes.flatMap((node) => readSink(pipeline, node, outputs) ?? []);
  if (nodes.length === 0 && !read && pipeline.node("to") !== null)
    pipeline.error("MR104", pipeline.valuePlace("to"), "`to` is an empty list", "leave it out for stdout");
  return sinks;
}

function readSink(pipeline: Section, node: Node | null, outputs: OutputPlan[] | null): SinkDefinition | null {
  const place = nodePlace(node, pipeline.keyPlace("to"));
  const word = scalarText(pipeline.file, node);
  if (word !== null && environmentText(pipeline.file, word).value === "stdout") return { kind: "stdout" };
  if (!isMap(node)) {
    pipeline.error(
      "MR104",
      place,
      `a sink of ${pipeline.name} is ${kindOf(node)}`,
      `it is stdout or a mapping with one of ${KINDS.join(", ")}`,
    );
    return null;
  }
  const first = node.items[0]?.key as Node | null | undefined;
  const section = new Section(pipeline.file, node as YAMLMap, "a sink", nodePlace(first ?? null, place));
  const kind = readKind(section);
  if (kind === "kafka") return readKafka(section, outputs);
  if (kind === "mqtt") return readMqttSink(section, outputs);
  if (kind === "file") {
    section.word("format", ["json"], "json", { msgpack: "a file holds the lines of `replay`" });
    return {
      kind,
      path: section.path("file") ?? "",
      late: section.path("late"),
      deadLetter: section.path("dead_letter"),
    };
  }
  if (kind === "stdout") {
    section.word("format", ["json"], "json", { msgpack: "stdout gets the lines of `replay`" });
    return section.flag("stdout", true) ? { kind } : null;
  }
  return null;
}

function readKind(section: Section): Kind | null {
  const kinds = KINDS.filter((kind) => section.has(kind));
  if (kinds.length === 1) {
    const kind = kinds[0]!;
    const foreign = section.keys.filter((key) => ALL_KEYS.includes(key) && !KEYS[kind].includes(key));
    for (const key of foreign) {
      const homes = KINDS.filter((other) => KEYS[other].includes(key));
      section.error(
        "MR113",
        section.keyPlace(key),
        `"${key}" is no key of a ${kind} sink`,
        `it belongs to ${homes.join(", ")}`,
      );
    }
    section.only([...KEYS[kind], ...foreign]);
    return kind;
  }
  section.only(ALL_KEYS);
  if (kinds.length > 1) {
    section.error(
      "MR113",
      section.keyPlace(kinds[1]!),
      `a sink with ${kinds.join(" and ")}`,
      "write a list, one sink each: to: [ { … }, { … } ]",
    );
  } else {
    const slips = section.keys.some((key) => !ALL_KEYS.includes(key));
    if (!slips) section.require("kafka", `a sink has one of ${KINDS.join(", ")}`);
  }
  return null;
}

function readKafka(section: Section, outputs: OutputPlan[] | null): KafkaSink {
  const key = section.text("key");
  const create = section.section("create");
  create?.only(["partitions", "replication"]);
  const login = readLogin(section);
  if (section.has("sasl") && login === null) {
    section.error(
      "MR103",
      section.keyPlace("sasl"),
      "`sasl` without a login",
      "add username, and password or password_file",
    );
  }
  if (login !== null && !section.has("password") && !section.has("password_file")) {
    section.error(
      "MR103",
      section.keyPlace("username"),
      "a Kafka login lacks its password",
      "add password: ${NAME}, or password_file",
    );
  }
  return {
    kind: "kafka",
    brokers: readBrokers(section),
    topic: readKafkaTopic(section, "topic") ?? "",
    key: key === null ? null : readTemplate(section, key, outputs),
    format: section.word("format", ["json", "msgpack"], "json"),
    create: create && {
      partitions: create.whole("partitions", 1, 1, 10_000),
      replication: create.whole("replication", 1, 1, 100),
    },
    clientId: section.string("client_id"),
    login,
    sasl: section.word("sasl", ["plain", "scram-sha-256", "scram-sha-512"], "plain"),
    tls: readTls(section),
    late: readKafkaTopic(section, "late"),
    deadLetter: readKafkaTopic(section, "dead_letter"),
  };
}

/** `host:port`, several with commas or as a list. */
function readBrokers(section: Section): string[] {
  const brokers: string[] = [];
  const one = (text: Text, from: number, to: number): void => {
    const broker = text.value.slice(from, to).trim();
    if (text.known && !isHostPort(broker)) kafkaAddress(section, placeIn(text, from, to - from), broker);
    brokers.push(broker);
  };
  for (const node of section.list("kafka")) {
    const raw = scalarText(section.file, node);
    if (raw === null) {
      section.error(
        "MR104",
        nodePlace(node, section.keyPlace("kafka")),
        `a Kafka address is ${kindOf(node)}`,
        "as in localhost:9092",
      );
      continue;
    }
    const text = environmentText(section.file, raw);
    let from = 0;
    for (const part of text.value.split(",")) {
      const spaces = part.length - part.trimStart().length;
      one(text, from + spaces, from + part.length);
      from += part.length + 1;
    }
  }
  return brokers;
}

function kafkaAddress(section: Section, place: Place, broker: string): void {
  section.error(
    "MR108",
    place,
    `"${broker}" is no Kafka address`,
    "HOST:PORT, as in localhost:9092; several with commas",
  );
}

function readKafkaTopic(section: Section, key: string): string | null {
  if (key === "topic" && !section.require("topic", "the topic that gets the results")) return null;
  const text = section.text(key);
  if (text === null) return null;
  if (text.known && (!TOPIC.test(text.value) || text.value === "." || text.value === "..")) {
    section.error(
      "MR109",
      text,
      `"${text.value}" is no name of a Kafka topic`,
      "letters, digits, point, dash and _; at most 249",
    );
  }
  return text.value;
}

function readMqttSink(section: Section, outputs: OutputPlan[] | null): MqttSink {
  section.word("format", ["json"], "json", { msgpack: "MQTT sinks write the lines of `replay`" });
  return {
    kind: "mqtt",
    ...readBroker(section),
    topic: readPublishTopic(section, outputs),
    qos:
      section.word("qos", ["0", "1"], "1", { "2": "QoS 1 and the stable ids of results do its work" }) === "0"
        ? 0
        : 1,
    retain: section.flag("retain", false),
    late: plainTopic(section, "late"),
    deadLetter: plainTopic(section, "dead_letter"),
  };
}

function readPublishTopic(section: Section, outputs: OutputPlan[] | null): MqttSink["topic"] {
  if (!section.require("topic", "the topic that gets the results")) return [];
  const text = section.text("topic");
  if (text === null) return [];
  noWildcards(section, text);
  return readTemplate(section, text, outputs);
}

function plainTopic(section: Section, key: string): string | null {
  const text = section.text(key);
  if (text !== null) noWildcards(section, text);
  return text?.value ?? null;
}

function noWildcards(section: Section, text: Text): void {
  const at = text.value.search(/[+#]/);
  if (at >= 0)
    section.error("MR109", placeIn(text, at, 1), "a wildcard in a topic to publish to", "name one topic");
}
