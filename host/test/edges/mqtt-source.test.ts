// The mqtt source against a real mosquitto: nothing is lost, nothing comes twice, and every way in works.
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Aedes } from "aedes";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificates } from "../services/certificates.ts";
import { startProxy } from "../services/dribble.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { freePort, until } from "../services/ports.ts";
import { newFolder } from "./support/gateway-process.ts";
import { numbered, SourceProbe } from "./support/source-probe.ts";

let broker: Mosquitto;
let sender: MqttClient;

beforeAll(async () => {
  broker = await startMosquitto({ lines: ["max_queued_messages 0"] });
  sender = await connectAsync(broker.url);
});
afterAll(async () => {
  await sender.endAsync(true);
  await broker.close();
});

async function send(
  client: MqttClient,
  from: number,
  to: number,
  qos: 0 | 1 | 2 = 1,
  device = "d0",
): Promise<void> {
  const all = [];
  for (let n = from; n < to; n++) all.push(client.publishAsync(`test/${device}`, `{"n":${n}}`, { qos }));
  await Promise.all(all);
}

describe("what arrives", () => {
  for (const protocol of ["3.1.1", "5", "auto"]) {
    for (const qos of [0, 1] as const) {
      it(`is everything, once and in order: protocol ${protocol}, QoS ${qos}`, async () => {
        const probe = new SourceProbe(broker.url, `all-${protocol}-${qos}`, [
          `protocol: "${protocol}"`,
          `qos: ${qos}`,
        ]);
        await probe.connected();
        await send(sender, 0, 500, qos);
        await probe.received(500);
        await probe.source.stop();
        expect(probe.records).toEqual(numbered(0, 500));
        expect(probe.versions).toEqual([protocol === "3.1.1" ? 4 : 5]);
        expect(probe.refused()).toBe(0);
      });
    }
  }

  it("is the same when the network cuts frames anywhere", async () => {
    const proxy = await startProxy(broker.port, { pieceBytesMax: 9 });
    const probe = new SourceProbe(`mqtt://127.0.0.1:${proxy.port}`, "dribble");
    await probe.connected();
    await send(sender, 0, 400);
    await probe.received(400);
    await probe.source.stop();
    await proxy.close();
    expect(probe.records).toEqual(numbered(0, 400));
    expect(probe.refused()).toBe(0);
  });

  it("is a retained message too, and a message that was sent with QoS 2", async () => {
    await sender.publishAsync("test/kept", '{"n":7}', { qos: 1, retain: true });
    const probe = new SourceProbe(broker.url, "retained");
    await probe.connected();
    await send(sender, 8, 9, 2, "two");
    await probe.received(2);
    await probe.source.stop();
    await sender.publishAsync("test/kept", "", { qos: 1, retain: true });
    expect(probe.records).toEqual(["kept:7", "two:8"]);
  });

  it("is shared between the members of a group", async () => {
    const keys = ["share: halves"];
    const url = broker.url;
    const probes = ["a", "b"].map((name) => new SourceProbe(url, `share-${name}`, keys));
    await Promise.all(probes.map((probe) => probe.connected()));
    await send(sender, 0, 200);
    const all = (): string[] => probes.flatMap((probe) => probe.records);
    await until("all records", () => all().length >= 200);
    await Promise.all(probes.map((probe) => probe.source.stop()));
    expect(all().toSorted()).toEqual(numbered(0, 200).toSorted());
    expect(probes.map((probe) => probe.records.length)).not.toContain(0);
  });

  it("includes a payload of half a megabyte, and an oversized one is refused without harm", async () => {
    const probe = new SourceProbe(broker.url, "large");
    await probe.connected();
    await sender.publishAsync("test/big", `{"pad":"${"x".repeat(500_000)}","n":1}`, { qos: 1 });
    await sender.publishAsync("test/big", `{"pad":"${"x".repeat(2_000_000)}","n":2}`, { qos: 1 });
    await sender.publishAsync("test/big", '{"n":3}', { qos: 1 });
    await probe.received(2);
    await probe.source.stop();
    expect(probe.records).toEqual(["big:1", "big:3"]);
    expect(probe.refused()).toBe(1);
  });
});

describe("QoS 1", () => {
  it("keeps what was sent while the gateway was down, and sends nothing acknowledged again", async () => {
    const first = new SourceProbe(broker.url, "durable");
    await first.connected();
    await send(sender, 0, 100);
    await first.received(100);
    await first.source.stop();
    await send(sender, 100, 300);
    const second = new SourceProbe(broker.url, "durable");
    await second.connected();
    await send(sender, 300, 301);
    await second.received(201);
    await second.source.stop();
    expect(second.records).toEqual(numbered(100, 301));
  });

  it("gives nothing twice when the gateway stops while messages come in", async () => {
    const all: string[] = [];
    let sending: Promise<void> | null = null;
    while (all.length < 5000) {
      const probe = new SourceProbe(broker.url, "stopping");
      await probe.connected();
      sending ??= send(sender, 0, 5000);
      await probe.received(Math.min(700, 5000 - all.length));
      await probe.source.stop();
      all.push(...probe.records);
    }
    await sending;
    expect(all).toEqual(numbered(0, 5000));
  });

  it("survives a broker that is restarted", async () => {
    const own = await startMosquitto();
    const client = await connectAsync(own.url, { reconnectPeriod: 100 });
    const probe = new SourceProbe(own.url, "restart");
    await probe.connected();
    await send(client, 0, 50);
    await probe.received(50);
    await own.stop();
    await probe.away(/./);
    await own.start();
    await probe.connected(2);
    await send(client, 50, 100);
    await until("all of them", () => new Set(probe.records).size === 100);
    await probe.source.stop();
    await client.endAsync(true);
    await own.close();
    // What the broker had not yet seen acknowledged comes again; nothing is missing.
    expect([...new Set(probe.records)]).toEqual(numbered(0, 100));
    expect(probe.source.counters).toMatchObject({ connections: 2, sessionsLost: 0 });
  });

  it("counts a session that the broker lost", async () => {
    const own = await startMosquitto({ lines: ["autosave_interval 0"] });
    const probe = new SourceProbe(own.url, "forgotten");
    await probe.connected();
    // Killed, it has saved nothing.
    await own.stop("SIGKILL");
    await probe.away(/./);
    await own.start();
    await probe.connected(2);
    await probe.source.stop();
    await own.close();
    expect(probe.source.counters.sessionsLost).toBe(1);
    expect(probe.status?.detail).toContain("had lost the session");
  });

  it("loses nothing when the connection is cut again and again", async () => {
    const proxy = await startProxy(broker.port);
    const probe = new SourceProbe(`mqtt://127.0.0.1:${proxy.port}`, "cut");
    await probe.connected();
    for (let round = 0; round < 4; round++) {
      await send(sender, round * 50, round * 50 + 50);
      proxy.cut();
      await probe.connected(round + 2);
    }
    await send(sender, 200, 201);
    await until("the last record", () => probe.records.includes("d0:200"));
    await probe.source.stop();
    await proxy.close();
    // A message whose acknowledgement was cut off comes again; none is missing.
    expect([...new Set(probe.records)].toSorted()).toEqual(numbered(0, 201).toSorted());
  });
});

describe("getting in", () => {
  it("waits for a broker that is not there yet", async () => {
    const port = await freePort();
    const probe = new SourceProbe(`mqtt://127.0.0.1:${port}`, "early");
    expect(await probe.away(/./)).toMatch(/ECONNREFUSED/);
    await probe.source.stop();
    expect(probe.error).toBeNull();
  });

  it("goes back to 3.1.1 when a broker does not speak 5", async () => {
    const aedes = await Aedes.createBroker();
    const server = createServer((socket) => aedes.handle(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const probe = new SourceProbe(`mqtt://127.0.0.1:${port}`, "old");
    await probe.connected();
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
    await send(client, 0, 20);
    await probe.received(20);
    await client.endAsync();
    await probe.source.stop();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    server.close();
    expect(probe.records).toEqual(numbered(0, 20));
    expect(probe.versions.at(-1)).toBe(4);
  });

  it("with a login: the right one, from a file, the wrong one", async () => {
    const login = { username: "gateway", password: "s3cret" };
    const own = await startMosquitto({ login });
    const file = join(newFolder(), "password");
    writeFileSync(file, "s3cret\n");
    const right = new SourceProbe(own.url, "right", ["username: gateway", `password_file: ${file}`]);
    await right.connected();
    writeFileSync(file, "wrong\n");
    const wrong = new SourceProbe(own.url, "wrong", ["username: gateway", `password_file: ${file}`]);
    expect(await wrong.away(/./)).toMatch(/not authorized/i);
    // A renewed password is taken at the next attempt.
    writeFileSync(file, "s3cret\n");
    await wrong.connected();
    await Promise.all([right.source.stop(), wrong.source.stop()]);
    await own.close();
  });

  it("says which password file cannot be read", async () => {
    const probe = new SourceProbe(broker.url, "none", [
      "username: gateway",
      "password_file: /nowhere/password",
    ]);
    await expect.poll(() => probe.error?.message).toMatch(/cannot read password_file \/nowhere\/password/);
  });

  it("over TLS: trusted, not trusted, with a client certificate", async () => {
    const { ca, server, client, strangerCa } = makeCertificates();
    const own = await startMosquitto({ tls: { ca, ...server, requireClientCertificate: true } });
    const identity = `cert: ${client.cert}, key: ${client.key}`;
    const trusted = new SourceProbe(own.url, "trusted", [`tls: { ca: ${ca}, ${identity} }`]);
    await trusted.connected();
    const stranger = new SourceProbe(own.url, "stranger", [`tls: { ca: ${strangerCa}, ${identity} }`]);
    await stranger.away(/certificate/i);
    const anonymous = new SourceProbe(own.url, "anonymous", [`tls: { ca: ${ca} }`]);
    await anonymous.away(/./);
    await Promise.all([trusted, stranger, anonymous].map((probe) => probe.source.stop()));
    await own.close();
    expect(stranger.statuses.some((status) => status.state === "connected")).toBe(false);
    expect(anonymous.statuses.some((status) => status.state === "connected")).toBe(false);
  });
});
