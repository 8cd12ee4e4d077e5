// The mqtt sink against a real mosquitto, read by a client of its own: topics, lines, QoS; nothing lost while the
// broker comes and goes; what the broker refuses.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MqttSink as MqttDefinition } from "../../language/index.ts";
import { createSinks } from "../../sinks/create.ts";
import { LineChannels } from "../../sinks/line-channel.ts";
import { MqttSink } from "../../sinks/mqtt.ts";
import { makeCertificates } from "../services/certificates.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
import { newFolder } from "./support/gateway-process.ts";
import { late, pipelineWith, result } from "./support/results.ts";

let broker: Mosquitto;

beforeAll(async () => {
  broker = await startMosquitto({ lines: ["max_queued_messages 0"] });
});
afterAll(async () => {
  await broker.close();
});

function sinkOf(url: string, keys: string): MqttSink {
  const { plan, pipeline } = pipelineWith(`{ mqtt: "${url}", ${keys} }`);
  const sink = new MqttSink(plan, pipeline.sinks[0] as MqttDefinition, `sink-${keys}`);
  sink.start();
  return sink;
}

/** A client that keeps what it gets, as [topic, text]. */
async function reader(
  url: string,
  filter: string,
  options: IClientOptions = {},
): Promise<{ client: MqttClient; got: [string, string][] }> {
  const client = await connectAsync(url, options);
  const got: [string, string][] = [];
  client.on("message", (topic, payload) => got.push([topic, payload.toString()]));
  await client.subscribeAsync(filter, { qos: 1 });
  return { client, got };
}

const line = (device: string, n: number): string =>
  `{"pipeline":"p","revision":1,"cause":"watermark","row":{"device":"${device}","window_start":"1970-01-01T00:0${Math.floor(n / 6)}:${n % 6}0.000Z","n":${n},"mean":${n / 3}}}`;

describe("a message", () => {
  it("is a replay line under a topic of the result's own; late and refused ones have theirs", async () => {
    const { client, got } = await reader(broker.url, "out/#");
    const sink = sinkOf(broker.url, 'topic: "out/{device}/mean", dead_letter: out/dead');
    sink.write(result("a", 3));
    sink.write(result("a/b+#", 4));
    sink.write(result(null, 5));
    sink.write(late("late", 1234));
    sink.write({
      kind: "refused",
      source: "plant",
      reason: "decode",
      message: 7,
      position: 3,
      text: '{"t',
      timeMs: 1000,
    });
    expect(await sink.drain(30_000)).toBe(true);
    await sink.close();
    await until("all messages", () => got.length >= 5);
    await client.endAsync();
    expect(got.map(([topic]) => topic)).toEqual([
      "out/a/mean",
      "out/a_b__/mean",
      "out/_/mean",
      "out/late/mean",
      "out/dead",
    ]);
    expect(got[0]![1]).toBe(line("a", 3));
    expect(JSON.parse(got[3]![1])).toMatchObject({ late: { by_ms: 4.25 }, row: { device: "late", v: 1.5 } });
    expect(JSON.parse(got[4]![1])).toMatchObject({ refused: "decode", text: '{"t' });
    expect([sink.delivered, sink.lost]).toEqual([4, 0]);
  });

  it("can be kept by the broker, and late ones go where the definition says", async () => {
    const sink = sinkOf(broker.url, 'topic: "kept/{device}", late: kept/late, retain: true, qos: 0');
    sink.write(result("a", 1));
    sink.write(result("a", 2));
    sink.write(late("a", 1234));
    expect(await sink.drain(30_000)).toBe(true);
    await sink.close();
    const { client, got } = await reader(broker.url, "kept/#");
    await until("what is kept", () => got.length >= 2);
    await client.endAsync();
    expect(got.find(([topic]) => topic === "kept/a")).toEqual(["kept/a", line("a", 2)]);
    expect(got.map(([topic]) => topic).toSorted()).toEqual(["kept/a", "kept/late"]);
  });
});

it("has a name of its own when a pipeline has two at one broker", () => {
  const { plan, pipeline } = pipelineWith(
    '[{ mqtt: "mqtt://b", topic: x }, stdout, { mqtt: "mqtt://b", topic: y }]',
  );
  const sinks = createSinks(plan, pipeline.sinks, "gateway", new LineChannels(process.stdout));
  expect(sinks.map(({ name }) => name)).toEqual(["mqtt b:1883", "stdout", "mqtt b:1883 (2)"]);
});

describe("a broker", () => {
  it.each(["3.1.1", "5"])(
    "that goes away and comes back gets every result, in order: protocol %s",
    async (protocol) => {
      // MQTT 5: it takes seven unacknowledged messages at a time, and throws out who sends more.
      const own = await startMosquitto({ lines: ["max_queued_messages 0", "max_inflight_messages 7"] });
      const read = await reader(own.url, "r/#", { clean: false, clientId: "reader", reconnectPeriod: 100 });
      const sink = sinkOf(own.url, `topic: r, protocol: "${protocol}"`);
      let n = 0;
      const writeSome = (): void => {
        for (let index = 0; index < 500; index++) sink.write(result("a", n++));
      };
      for (let round = 0; round < 2; round++) {
        writeSome();
        await until("some", () => sink.delivered > 0);
        // A clean stop keeps the reader's session, and what waits for it.
        await own.stop();
        writeSome();
        await until("the sink to see it", () => sink.status.state === "away");
        expect(sink.queuedBytes).toBeGreaterThan(0);
        await own.start();
        expect(await sink.drain(30_000)).toBe(true);
      }
      await until("the reader to have all", () => new Set(read.got.map(([, text]) => text)).size === n);
      await own.stop();
      await until("an idle sink to see it", () => sink.status.state === "away");
      await sink.close();
      await read.client.endAsync(true);
      await own.close();
      expect([sink.delivered, sink.lost]).toEqual([n, 0]);
      // At least once: a batch whose acknowledgement was lost comes again.
      const numbers = [
        ...new Set(read.got.map(([, text]) => (JSON.parse(text) as { row: { n: number } }).row.n)),
      ];
      expect(numbers).toEqual(Array.from({ length: n }, (_, index) => index));
    },
  );

  it("that is not there leaves the results pending", async () => {
    const sink = sinkOf("mqtt://127.0.0.1:1", "topic: nowhere");
    for (let n = 0; n < 3; n++) sink.write(result("a", n));
    await until("the reason", () => sink.status.state === "away" && /ECONNREFUSED/.test(sink.status.detail));
    expect(await sink.drain(100)).toBe(false);
    await sink.close();
    expect(sink.pending()).toEqual([result("a", 0), result("a", 1), result("a", 2)]);
  });

  it("asks for TLS and a login, and a renewed password is taken", async () => {
    const { ca, server } = makeCertificates();
    const own = await startMosquitto({
      tls: { ca, ...server },
      login: { username: "gateway", password: "s3cret" },
    });
    const file = join(newFolder(), "password");
    writeFileSync(file, "wrong\n");
    const sink = sinkOf(own.url, `topic: t, username: gateway, password_file: ${file}, tls: { ca: ${ca} }`);
    sink.write(result("a", 1));
    await until(
      "the login to be refused",
      () => sink.status.state === "away" && /not authorized/i.test(sink.status.detail),
    );
    writeFileSync(file, "s3cret\n");
    expect(await sink.drain(30_000)).toBe(true);
    await sink.close();
    await own.close();
    expect(sink.delivered).toBe(1);
  });

  it("that refuses a message has it counted as lost, and gets the next one", async () => {
    const folder = newFolder();
    const rules = join(folder, "rules");
    writeFileSync(rules, "topic write open/#\ntopic read #\n", { mode: 0o600 });
    const own = await startMosquitto({ lines: [`acl_file ${rules}`] });
    const sink = sinkOf(own.url, 'topic: "{device}/t", protocol: "5"');
    sink.write(result("open", 1));
    sink.write(result("closed", 2));
    sink.write(result("open", 3));
    expect(await sink.drain(30_000)).toBe(true);
    await sink.close();
    await own.close();
    expect([sink.delivered, sink.lost]).toEqual([2, 1]);
  });
});
