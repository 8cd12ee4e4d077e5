// Frames as mqtt-packet writes them, 3.1.1 and 5 with every property of PUBLISH, all QoS, other packets between, cut
// anywhere: topic and payload come out as they went in.
import fc from "fast-check";
import { type Packet, generate } from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { kernels, reference } from "../support/engines.ts";
import { emptied, planOf, refusedBy } from "../kernel/support.ts";

const engines = [...kernels, reference];
const word = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .map((text) => text.replace(/[+#/\0\uFEFF]/g, "-"));
const blob = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

const properties = fc.record(
  {
    payloadFormatIndicator: fc.boolean(),
    messageExpiryInterval: fc.nat(),
    topicAlias: fc.integer({ min: 1, max: 65535 }),
    responseTopic: word,
    correlationData: blob,
    userProperties: fc.dictionary(word, word, { minKeys: 1, maxKeys: 8, noNullPrototype: true }),
    subscriptionIdentifier: fc.integer({ min: 1, max: 268_435_455 }),
    contentType: fc.string({ maxLength: 200 }),
  },
  { requiredKeys: [] },
);

const publish = fc.record({
  levels: fc.array(word, { minLength: 1, maxLength: 5 }),
  value: fc.record({
    x: fc.double({ noNaN: true, noDefaultInfinity: true }),
    s: fc.string({ unit: "binary", maxLength: 300 }),
  }),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  dup: fc.boolean(),
  retain: fc.boolean(),
  id: fc.integer({ min: 1, max: 65535 }),
  properties,
});

const others: Packet[] = [
  { cmd: "pingreq" },
  { cmd: "pingresp" },
  { cmd: "connect", clientId: "c", protocolId: "MQTT", protocolVersion: 4, clean: true, keepalive: 30 },
  { cmd: "connack", returnCode: 0, reasonCode: 0, sessionPresent: false },
  { cmd: "subscribe", messageId: 7, subscriptions: [{ topic: "a/#", qos: 1 }] },
  { cmd: "suback", messageId: 7, granted: [1, 0] },
  { cmd: "puback", messageId: 9, reasonCode: 0 },
  { cmd: "pubrec", messageId: 9, reasonCode: 0 },
  { cmd: "pubrel", messageId: 9, reasonCode: 0 },
  { cmd: "pubcomp", messageId: 9, reasonCode: 0 },
  { cmd: "unsuback", messageId: 9, granted: [0] },
];

const streams = fc.record({
  version: fc.constantFrom(4 as const, 5 as const),
  packets: fc.array(fc.oneof({ weight: 3, arbitrary: publish }, fc.constantFrom(...others)), {
    minLength: 1,
    maxLength: 12,
  }),
  sizes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }),
});

const plan = planOf({
  format: "json",
  framing: "mqtt",
  topic: [{ column: "first" }, "#"],
  fields: { x: "double", s: "string" },
});

const fresh = new Map(
  engines.flatMap((kind) =>
    ([4, 5] as const).map((version) => [
      `${kind.name} ${version}`,
      emptied(() => kind.create(plan, version)),
    ]),
  ),
);

describe("MQTT frames", () => {
  test("topics and payloads come out as they went in, wherever the stream is cut", () => {
    let records = 0;
    fc.assert(
      fc.property(streams, ({ version, packets, sizes }) => {
        const bytes = Buffer.concat(
          packets.map((packet) => {
            if ("cmd" in packet) return generate(packet, { protocolVersion: version });
            const { levels, value, id, ...flags } = packet;
            const properties = version === 5 ? packet.properties : undefined;
            return generate(
              {
                cmd: "publish",
                ...flags,
                properties,
                messageId: id,
                topic: levels.join("/"),
                payload: JSON.stringify(value),
              },
              { protocolVersion: version },
            );
          }),
        );
        const expected = packets.flatMap((packet) =>
          "cmd" in packet ? [] : [[0n, packet.levels[0]!, packet.value.x + 0, packet.value.s.toWellFormed()]],
        );
        records += expected.length;
        for (const kind of engines) {
          const engine = fresh.get(`${kind.name} ${version}`)!();
          engine.tick(0n);
          const rows = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length]!;
            rows.push(...[...engine.push(bytes.subarray(at, at + size))].map(({ values }) => values));
            at += size;
          }
          expect([...rows, ...[...engine.flush()].map(({ values }) => values)], kind.name).toEqual(expected);
          expect(refusedBy(engine)).toBe(0);
        }
      }),
      { numRuns: 600 },
    );
    expect(records).toBeGreaterThan(1000);
  });

  test.each([127, 128, 16_383, 16_384, 65_535, 1_048_000])(
    "a payload of %i bytes, whose length takes one byte more or less",
    (length) => {
      const long = planOf({ format: "json", framing: "mqtt", topic: ["#"], fields: { x: "double" } });
      for (const version of [4, 5] as const) {
        const payload = `{"x":7,"pad":"${"p".repeat(length - 16)}"}`;
        const bytes = generate(
          { cmd: "publish", qos: 1, messageId: 1, dup: false, retain: false, topic: "t", payload },
          { protocolVersion: version },
        );
        for (const kind of engines) {
          const engine = kind.create(long, version);
          engine.tick(0n);
          const outputs = [0, 1, 2, 3, 4, 5].flatMap((at) => [...engine.push(bytes.subarray(at, at + 1))]);
          outputs.push(...engine.push(bytes.subarray(6)));
          expect(outputs.map(({ values }) => values)).toEqual([[0n, 7]]);
        }
      }
    },
  );
});

const topics: [string, string, (string | null)[]][] = [
  ["{a}/x/{b}", "1/x/2", ["1", "2"]],
  ["{a}/x/{b}", "1/y/2", []],
  ["{a}/x/{b}", "1/x", []],
  ["{a}/x/{b}", "1/x/2/3", []],
  ["{a}/x/{b}", "/x/", ["", ""]],
  ["+/{b}", "anything/2", ["2"]],
  ["+/{b}", "2", []],
  ["{a}/#", "1", ["1"]],
  ["{a}/#", "1/2/3", ["1"]],
  ["{a}/#", "1/", ["1"]],
  ["{a}/{b}", "é/日本", ["é", "日本"]],
];

describe("topic templates", () => {
  test.each(topics)("%s takes of %s: %j", (template, topic, expected) => {
    const levels = template.split("/").map((level) => {
      if (level === "+" || level === "#") return level;
      return level.startsWith("{") ? { column: level.slice(1, -1) } : { literal: level };
    });
    const shape = planOf({ format: "value", framing: "mqtt", topic: levels, fields: { x: "double" } });
    const bytes = generate({ cmd: "publish", qos: 0, dup: false, retain: false, topic, payload: "1" });
    for (const kind of engines) {
      const engine = kind.create(shape);
      engine.tick(0n);
      // Twice: the second time the topic is known.
      const outputs = [...engine.push(Buffer.concat([bytes, bytes]))];
      expect(outputs.map(({ values }) => values.slice(1, -1))).toEqual(
        expected.length === 0 ? [] : [expected, expected],
      );
      expect(engine.counters().refused.topic).toBe(expected.length === 0 ? 2 : 0);
    }
  });

  test("topics that do not match take no room from those that do", () => {
    const shape = planOf({
      format: "value",
      framing: "mqtt",
      topic: [{ column: "a" }, { literal: "x" }],
      fields: { x: "double" },
    });
    const tight = { ...shape, limits: { ...shape.limits, dictionaryBytes: 4096 } };
    const topicsSent = [...Array.from({ length: 5000 }, (_, index) => `stranger-${index}/y`), "friend/x"];
    const bytes = Buffer.concat(
      topicsSent.map((topic) =>
        generate({ cmd: "publish", qos: 0, dup: false, retain: false, topic, payload: "1" }),
      ),
    );
    for (const kind of engines) {
      const engine = kind.create(tight);
      engine.tick(0n);
      expect(
        [...engine.push(bytes)].map(({ values }) => values),
        kind.name,
      ).toEqual([[0n, "friend", 1]]);
      expect(engine.counters().refused.topic).toBe(5000);
    }
  });
});
