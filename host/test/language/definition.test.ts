// What the keys of a definition file become: every key once, with its default and with a value.
import { describe, expect, it } from "vitest";
import type { MqttConnection, SinkDefinition } from "../../language/index.ts";
import { fine, read } from "./read.ts";

const MQTT = `mqtt: mqtt://localhost:1883
    topic: sensors/{site}/{device}/telemetry
    format: json
    time: { field: ts, unit: ms }`;

function source(body: string, env: Record<string, string> = {}, sql = "SELECT ts FROM plant") {
  const file = `version: 1\nsources:\n  plant:\n    ${body}\npipelines:\n  p: { sql: "${sql}" }\n`;
  const definition = fine(file, env);
  return { definition, connection: definition.sources[0]!.connection, plan: definition.plans[0]!.source };
}

function sink(to: string, env: Record<string, string> = {}): SinkDefinition[] {
  const file = `version: 1
sources:
  plant: { file: plant.ndjson, format: json, time: { field: ts, unit: ms } }
pipelines:
  p:
    late: side
    window: tumble 10s
    group: [site, device]
    select: { n: count(*) }
    to: ${to}
`;
  return fine(file, env).pipelines[0]!.sinks;
}

describe("sources", () => {
  it("fills in the defaults of an MQTT source", () => {
    const { connection, plan } = source(MQTT);
    expect(connection).toEqual({
      kind: "mqtt",
      url: "mqtt://localhost:1883",
      protocol: "auto",
      clientId: null,
      login: null,
      tls: null,
      topic: "sensors/{site}/{device}/telemetry",
      contextFilter: null,
      filter: "sensors/+/+/telemetry",
      qos: 1,
    });
    expect(plan).toMatchObject({
      framing: "mqtt",
      format: "json",
      delayNs: 0n,
      clock: "key",
      nonfinite: "null",
    });
    expect(plan.time).toEqual({ kind: "field", column: 2, unit: "ms" });
    expect(plan.columns.map((column) => [column.name, column.type, column.from])).toEqual([
      ["site", "string", "topic"],
      ["device", "string", "topic"],
      ["ts", "instant", "time"],
    ]);
    expect(plan.topic).toEqual([
      { kind: "literal", text: "sensors" },
      { kind: "column", column: 0 },
      { kind: "column", column: 1 },
      { kind: "literal", text: "telemetry" },
    ]);
  });

  it("reads every key of an MQTT source", () => {
    const env = { HOST: "broker.example", USER: "me", PASSWORD: "s3cret" };
    const { connection, plan } = source(
      `mqtt: mqtts://\${HOST}:8883
    topic: +/{device}/#
    share: mills
    qos: 0
    client_id: gateway-7
    protocol: 3.1.1
    username: \${USER}
    password: \${PASSWORD}
    tls: { ca: certs/ca.pem, cert: /certs/me.pem, key: ./me.key }
    format: json
    time: { field: header.stamp, unit: iso8601 }
    delay: 1500ms
    clock: source
    nonfinite: refuse
    context: { topic: "about/{device}" }
    fields: { temp: double, "motor.on": boolean, note: string }`,
      env,
      "SELECT note FROM plant",
    );
    expect(connection).toEqual({
      kind: "mqtt",
      url: "mqtts://broker.example:8883",
      protocol: "3.1.1",
      clientId: "gateway-7",
      login: { username: "me", password: "s3cret", passwordFile: null },
      tls: { ca: "/etc/mill/certs/ca.pem", cert: "/certs/me.pem", key: "/etc/mill/me.key" },
      topic: "+/{device}/#",
      contextFilter: "about/+",
      filter: "$share/mills/+/+/#",
      qos: 0,
    });
    expect(plan).toMatchObject({ delayNs: 1_500_000_000n, clock: "source", nonfinite: "refuse" });
    expect(plan.topic.map((level) => level.kind)).toEqual(["any", "column", "rest"]);
    expect(plan.columns).toEqual([
      { name: "device", type: "string", from: "topic", path: [], numberAsText: false },
      { name: "header.stamp", type: "instant", from: "time", path: ["header", "stamp"], numberAsText: false },
      { name: "temp", type: "double", from: "field", path: ["temp"], numberAsText: false },
      { name: "motor.on", type: "boolean", from: "field", path: ["motor", "on"], numberAsText: false },
      { name: "note", type: "string", from: "field", path: ["note"], numberAsText: false },
    ]);
  });

  it("takes TLS with the system's certificates from the address alone", () => {
    const tls = { ca: null, cert: null, key: null };
    const body = MQTT.replace("mqtt://localhost:1883", "mqtts://[::1]");
    expect((source(body).connection as MqttConnection).tls).toEqual(tls);
    expect((source(`${body}\n    tls: true`).connection as MqttConnection).tls).toEqual(tls);
    expect((source(`${MQTT}\n    tls: false`).connection as MqttConnection).tls).toBeNull();
  });

  it("keeps the path of a password file for the host to read", () => {
    const { connection } = source(`${MQTT}\n    username: me\n    password_file: secrets/mqtt`);
    const login = { username: "me", password: null, passwordFile: "/etc/mill/secrets/mqtt" };
    expect((connection as MqttConnection).login).toEqual(login);
  });

  it("takes arrival time", () => {
    const { plan } = source(
      MQTT.replace("{ field: ts, unit: ms }", "arrival"),
      {},
      "SELECT arrival FROM plant",
    );
    expect(plan.time).toEqual({ kind: "arrival", column: 2 });
    expect(plan.columns[2]).toEqual({
      name: "arrival",
      type: "instant",
      from: "time",
      path: [],
      numberAsText: false,
    });
  });

  it("gives a bare number the field `value`", () => {
    const body = MQTT.replace("json", "value").replace("{ field: ts, unit: ms }", "arrival");
    const { plan } = source(body, {}, "SELECT `value` FROM plant");
    expect(plan.columns.at(-1)).toMatchObject({ name: "value", type: "double", path: ["value"] });
  });

  it("keeps a dotted name of CSV as one column name", () => {
    const { plan, connection } = source(
      "file: ./in.csv\n    format: csv\n    time: { field: t.s, unit: s }",
      {},
      "SELECT AM2301.Temperature * 1.8 AS f FROM plant",
    );
    expect(connection).toEqual({ kind: "file", path: "/etc/mill/in.csv" });
    expect(plan.framing).toBe("lines");
    expect(plan.columns.map((column) => column.path)).toEqual([["t.s"], ["AM2301.Temperature"]]);
  });

  it("makes one plan for each source that is read, with its pipelines in file order", () => {
    const definition = fine(`version: 1
sources:
  a: { file: a.ndjson, format: json, time: { field: ts, unit: ms } }
  b: { file: b.ndjson, format: json, time: { field: ts, unit: ms } }
pipelines:
  p: { sql: SELECT ts FROM b }
  q: { sql: SELECT ts FROM a }
  r: { sql: SELECT ts FROM b }
`);
    expect(definition.plans.map((plan) => plan.pipelines.map((pipeline) => pipeline.name))).toEqual([
      ["q"],
      ["p", "r"],
    ]);
    expect(definition.sources.map(({ name, plan }) => [name, plan])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
    const places = definition.pipelines.map(({ name, source: from, plan, place }) => [
      name,
      from,
      plan,
      place,
    ]);
    expect(places).toEqual([
      ["p", "b", 1, 0],
      ["q", "a", 0, 0],
      ["r", "b", 1, 1],
    ]);
  });
});

describe("variables", () => {
  it("replaces them in every value, and $${ stands for ${", () => {
    const body = MQTT.replace("sensors", () => "$${a}-${A}-${B}");
    const { problems } = read(
      `version: 1\nsources:\n  plant:\n    ${body}\npipelines:\n  p: { sql: SELECT ts FROM plant }\n`,
      { A: "x", B: "y" },
    );
    expect(problems.map((problem) => problem.message)).toEqual([
      'the level "${a}-x-y" is neither text nor one {column} as a whole',
    ]);
  });

  it("does not take members of Object for variables", () => {
    const { problems } = read(
      `version: 1\nsources:\n  plant:\n    ${MQTT}\n    client_id: \${constructor}\npipelines:\n  p: { sql: SELECT ts FROM plant }\n`,
    );
    expect(problems.map((problem) => problem.code)).toEqual(["MR110"]);
  });

  it("follows anchors and aliases", () => {
    const definition = fine(`version: 1
sources:
  a: { file: a.ndjson, format: json, time: &time { field: ts, unit: us } }
  b: { file: b.ndjson, format: json, time: *time }
pipelines:
  p: { sql: SELECT ts FROM b, to: &to { file: &f out.ndjson } }
  q: { sql: SELECT ts FROM a, to: *to }
`);
    expect(definition.plans[1]!.source.time).toEqual({ kind: "field", column: 0, unit: "us" });
    expect(definition.pipelines[1]!.sinks).toEqual([
      { kind: "file", path: "/etc/mill/out.ndjson", late: null, deadLetter: null },
    ]);
  });
});

describe("sinks", () => {
  const plain = { clientId: null, login: null, tls: null };

  it("writes to stdout unless told", () => {
    const file =
      "version: 1\nsources: { s: { file: a.csv, format: csv, time: { field: t, unit: s } } }\npipelines: { p: { sql: SELECT t FROM s } }\n";
    expect(fine(file).pipelines[0]!.sinks).toEqual([{ kind: "stdout" }]);
    expect(sink("stdout")).toEqual([{ kind: "stdout" }]);
    expect(sink("{ stdout: true }")).toEqual([{ kind: "stdout" }]);
  });

  it("reads a Kafka sink with defaults and with every key", () => {
    expect(sink("{ kafka: localhost:9092, topic: temp-10s, late: late-10s }")).toEqual([
      {
        kind: "kafka",
        brokers: ["localhost:9092"],
        topic: "temp-10s",
        key: null,
        format: "json",
        create: null,
        ...plain,
        sasl: "plain",
        late: "late-10s",
        deadLetter: null,
      },
    ]);
    const every = `
      kafka: [a:9092, "b:9093, c:9094"]
      topic: t
      key: "{site}/{device}/{n}"
      format: msgpack
      create: { partitions: 3, replication: 2 }
      client_id: me
      username: me
      password: \${PASSWORD}
      sasl: scram-sha-512
      tls: { ca: ca.pem }
      late: l
      dead_letter: d`;
    expect(sink(every, { PASSWORD: "pw" })).toEqual([
      {
        kind: "kafka",
        brokers: ["a:9092", "b:9093", "c:9094"],
        topic: "t",
        key: [
          { kind: "output", output: 0, name: "site" },
          { kind: "text", text: "/" },
          { kind: "output", output: 1, name: "device" },
          { kind: "text", text: "/" },
          { kind: "output", output: 4, name: "n" },
        ],
        format: "msgpack",
        create: { partitions: 3, replication: 2 },
        clientId: "me",
        login: { username: "me", password: "pw", passwordFile: null },
        sasl: "scram-sha-512",
        tls: { ca: "/etc/mill/ca.pem", cert: null, key: null },
        late: "l",
        deadLetter: "d",
      },
    ]);
    expect(sink("{ kafka: localhost:9092, topic: t, create: {}, late: l }")[0]).toMatchObject({
      create: { partitions: 1, replication: 1 },
    });
  });

  it("reads a list of file, MQTT and stdout sinks", () => {
    const list = `
      - { file: out/results.ndjson, late: /var/late.ndjson }
      - { mqtt: "mqtt://b:1884", topic: "results/{device}", qos: 0, retain: true, late: late }
      - stdout`;
    expect(sink(list)).toEqual([
      { kind: "file", path: "/etc/mill/out/results.ndjson", late: "/var/late.ndjson", deadLetter: null },
      {
        kind: "mqtt",
        url: "mqtt://b:1884",
        protocol: "auto",
        ...plain,
        topic: [
          { kind: "text", text: "results/" },
          { kind: "output", output: 1, name: "device" },
        ],
        qos: 0,
        retain: true,
        late: "late",
        deadLetter: null,
      },
      { kind: "stdout" },
    ]);
  });

  it("lets a key name GROUP BY columns that are not selected; a selected name comes first", () => {
    const file = (select: string) => `version: 1
sources:
  s: { file: a.ndjson, format: json, time: { field: ts, unit: ms } }
pipelines:
  p:
    sql: SELECT ${select} FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY device, window_start, window_end
    to: { kafka: "a:1", topic: t, key: "{device}" }
`;
    const hidden = fine(file("COUNT(*) AS n")).pipelines[0]!.sinks[0]!;
    expect(hidden).toMatchObject({ key: [{ kind: "output", output: 1, name: "device" }] });
    const shown = fine(file("COUNT(*) AS device")).pipelines[0]!.sinks[0]!;
    expect(shown).toMatchObject({ key: [{ kind: "output", output: 0, name: "device" }] });
  });
});

describe("limits, gateway, tests", () => {
  const file = (more: string) => `version: 1
sources: { s: { file: a.csv, format: csv, time: { field: t, unit: s } } }
pipelines: { p: { sql: SELECT t FROM s, emit: final, empty: skip, late: drop } }
${more}`;

  it("has defaults", () => {
    const { limits, gateway, tests, plans } = fine(file(""));
    expect(limits).toEqual({
      keys: 10_000,
      keysPolicy: "refuse",
      streams: 1000,
      held: 10_000,
      memoryBytes: 64 * 2 ** 20,
      diskBytes: 2 ** 30,
      dictionaryBytes: 8 * 2 ** 20,
      values: 10_000,
    });
    expect(plans[0]!.limits).toEqual({
      keys: 10_000,
      memoryBytes: 64 * 2 ** 20,
      dictionaryBytes: 8 * 2 ** 20,
    });
    expect(gateway).toEqual({ id: null, data: "/etc/mill/data", http: { host: "127.0.0.1", port: 8080 } });
    expect(tests).toEqual([]);
  });

  it("takes what is given", () => {
    const { limits, gateway, tests, plans } = fine(
      file(`limits: { keys: 5, keys_policy: evict-idle, streams: 7, held: 20, memory: 32MB, disk: 2GB, dictionary: 1.5MB, values: 60000 }
gateway: { id: edge-1, data: /var/mill, http: "[::]:0" }
tests:
  - name: one late record
    given: { s: fixtures/late.ndjson }
    expect: { p: fixtures/late.expected.ndjson, late: 1 }
`),
    );
    expect(limits).toEqual({
      keys: 5,
      keysPolicy: "evict-idle",
      streams: 7,
      held: 20,
      memoryBytes: 2 ** 25,
      diskBytes: 2 ** 31,
      dictionaryBytes: 1.5 * 2 ** 20,
      values: 60_000,
    });
    expect(plans[0]!.limits).toMatchObject({ keysPolicy: "evict-idle", values: 60_000 });
    expect(gateway).toEqual({ id: "edge-1", data: "/var/mill", http: { host: "::", port: 0 } });
    expect(tests).toEqual([
      {
        name: "one late record",
        given: { s: "/etc/mill/fixtures/late.ndjson" },
        expect: { p: "/etc/mill/fixtures/late.expected.ndjson", late: 1 },
      },
    ]);
  });
});
