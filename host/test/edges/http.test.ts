// The gateway's HTTP: metrics in Prometheus' format, the stream of the live page, and who is refused.
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Engine, REFUSALS } from "../../core/engine.ts";
import { createKernelEngine } from "../../core/kernel/kernel-engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import * as protocol from "../../core/stream-protocol.ts";
import { ReplayLines } from "../../encoders/replay-line.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
import { GatewayProcess, newFolder } from "./support/gateway-process.ts";

let broker: Mosquitto;
let sender: MqttClient;
let gateway: GatewayProcess;
let sent = 0;

beforeAll(async () => {
  broker = await startMosquitto();
  sender = await connectAsync(broker.url);
  gateway = new GatewayProcess(
    newFolder(),
    `
version: 1
sources:
  plant: { mqtt: "${broker.url}", topic: "http/{device}", format: json, time: { field: ts, unit: ms }, delay: 1s }
pipelines:
  sums:
    sql: |
      SELECT device, window_start, SUM(v) AS total FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '2' SECOND))
      WHERE v <> 13 GROUP BY device, window_start, window_end
    late: side
  all: { sql: "SELECT device, ts, v FROM plant WHERE v >= 0" }
`,
  );
  await gateway.ready();
});
afterAll(async () => {
  await gateway.stop("SIGKILL");
  await sender.endAsync(true);
  await broker.close();
});

async function send(count: number): Promise<void> {
  const all = [];
  for (const end = sent + count; sent < end; sent++) {
    const time = sent % 10 === 9 ? 0 : sent * 100;
    all.push(
      sender.publishAsync(`http/d${sent % 4}`, sent % 50 === 49 ? "{" : `{"ts":${time},"v":${sent}}`, {
        qos: 1,
      }),
    );
  }
  await Promise.all(all);
  await gateway.received(sent);
}

interface Family {
  type: string;
  help: string;
  labels: string[];
}

/**
 * Samples of Prometheus' text format 0.0.4 by name and labels, and their families; throws for a line that is not of
 * the format: HELP, TYPE, then all samples of the family.
 */
function parseExposition(text: string): { samples: Map<string, number>; families: Map<string, Family> } {
  const samples = new Map<string, number>();
  const families = new Map<string, Family>();
  const label = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*"`;
  const sampleLine = new RegExp(String.raw`^([a-zA-Z_:][\w:]*)(?:\{(${label}(?:,${label})*)\})? (\S+)$`);
  let [name, help, family] = ["", "", null as Family | null];
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.split("\n").slice(0, -1)) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    const sample = sampleLine.exec(line);
    if (comment?.[1] === "HELP") [name, help, family] = [comment[2]!, comment[3]!, null];
    else if (comment !== null) {
      if (comment[2] !== name || family !== null || families.has(name))
        throw new Error(`out of place: ${line}`);
      if (!["counter", "gauge"].includes(comment[3]!)) throw new Error(`no type: ${line}`);
      family = { type: comment[3]!, help, labels: [] };
      families.set(name, family);
    } else {
      if (sample === null || sample[1] !== name || family === null) throw new Error(`no sample: ${line}`);
      const value = Number(sample[3]);
      if (Number.isNaN(value)) throw new Error(`no number: ${line}`);
      if ((family.type === "counter") !== name.endsWith("_total"))
        throw new Error(`counters end with _total: ${line}`);
      const id = sample[2] === undefined ? name : `${name}{${sample[2]}}`;
      if (samples.has(id)) throw new Error(`twice: ${line}`);
      samples.set(id, value);
      family.labels = sample[2]?.match(/\w+(?==")/g) ?? [];
    }
  }
  return { samples, families };
}

const metrics = async (): Promise<ReturnType<typeof parseExposition>> =>
  parseExposition((await gateway.get("/metrics")).text);

describe("/metrics", () => {
  it("is Prometheus text that adds up", async () => {
    await send(200);
    const { samples } = await metrics();
    const of = (name: string, labels = '{source="plant"}'): number => samples.get(`${name}${labels}`)!;
    const refused = [...samples]
      .filter(([id]) => id.startsWith("millrace_records_refused_total"))
      .reduce((sum, [, value]) => sum + value, 0);
    expect(refused).toBe(sent / 50);
    const reasons = [...samples.keys()].flatMap(
      (id) => /_refused_total\{.*reason="(\w+)"/.exec(id)?.[1] ?? [],
    );
    expect(reasons).toEqual(REFUSALS);
    expect(of("millrace_records_received_total")).toBe(sent);
    expect(of("millrace_records_accepted_total") + refused).toBe(sent);
    const sums = '{pipeline="sums"}';
    const parts = ["counted", "filtered", "late_records"].map((part) =>
      of(`millrace_pipeline_${part}_total`, sums),
    );
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(of("millrace_records_accepted_total"));
    expect(parts[1]).toBe(1);
    expect(parts[2]).toBeGreaterThan(0);
    await until("the sink", async () => {
      const now = (await metrics()).samples;
      return (
        now.get('millrace_sink_delivered_total{pipeline="all",sink="stdout"}') ===
        now.get('millrace_pipeline_results_total{pipeline="all"}')
      );
    });
    expect(of("process_resident_memory_bytes", "")).toBeGreaterThan(1e7);
  });

  it("has the families of docs/running.md and no other", async () => {
    const page = readFileSync(new URL("../../../docs/running.md", import.meta.url), "utf8");
    const rows = page.split("## Metrics")[1]!.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]+) \|$/gm);
    const described = [...rows].map(([, name, type, labels, help]): [string, Family] => [
      name!,
      { type: type!, help: help!, labels: labels!.match(/\w+/g) ?? [] },
    ]);
    expect(described).toEqual([...(await metrics()).families]);
  });
});

const residentBytes = async (): Promise<number> =>
  (await metrics()).samples.get("process_resident_memory_bytes")!;

describe("/progress", () => {
  it("says where everything stands", async () => {
    const progress = await gateway.progress();
    expect(progress).toMatchObject({
      ready: true,
      reasons: [],
      sources: [{ name: "plant", state: "connected", waiting: false }],
    });
    const [source] = progress.sources;
    expect(source.watermarkMs).toBe((sent - 2) * 100 - 1000);
    expect(source.pipelines.map((pipeline: { name: string }) => pipeline.name)).toEqual(["sums", "all"]);
    await until("a rate", async () => {
      await send(10);
      return (await gateway.progress()).sources[0].rateHz > 0;
    });
  });
});

/** A viewer as the live page is one: its own engine, fed by the stream. */
class Viewer {
  readonly socket: WebSocket;
  readonly texts: { type: string }[] = [];
  readonly theirs: string[] = [];
  readonly ours: string[] = [];
  readonly sequences: number[] = [];
  snapshots = 0;
  closed = false;
  private engine: Engine | null = null;
  private lines: ReplayLines | null = null;
  private readonly module: WebAssembly.Module;

  constructor(address: string, module: WebAssembly.Module, options: { origin?: string } = {}) {
    this.module = module;
    this.socket = new WebSocket(`${address.replace("http", "ws")}/stream?source=plant`, options);
    this.socket.on("message", (data) => this.take(new Uint8Array(data as Buffer)));
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
    });
  }

  private take(bytes: Uint8Array): void {
    const { kind, sequence, body } = protocol.decodeMessage(bytes);
    if (kind === protocol.MESSAGE_TEXT) this.takeText(new TextDecoder().decode(body));
    else if (kind === protocol.MESSAGE_SNAPSHOT) {
      this.snapshots++;
      this.sequences.length = 0;
      this.engine!.restore(body);
    } else if (kind === protocol.MESSAGE_OUTPUTS)
      this.theirs.push(...new TextDecoder().decode(body).split("\n"));
    else {
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
      const outputs =
        kind === protocol.MESSAGE_CHUNK
          ? this.engine!.push(body)
          : this.engine!.tick(view.getBigInt64(0, true));
      for (const output of outputs) this.ours.push(this.lines!.line(output));
    }
    this.sequences.push(sequence);
  }

  private takeText(text: string): void {
    const message = JSON.parse(text) as protocol.Hello;
    this.texts.push(message);
    if (message.type !== "hello") return;
    const plan = JSON.parse(message.plan, protocol.bigintFromJson) as Plan;
    this.engine = createKernelEngine(plan, this.module, { mqttVersion: message.mqttVersion });
    this.lines = new ReplayLines(plan);
  }
}

describe("/stream", () => {
  const kernelOf = async (): Promise<WebAssembly.Module> => {
    const response = await fetch(`${await gateway.address()}/kernel.wasm`);
    expect(response.headers.get("content-type")).toBe("application/wasm");
    return WebAssembly.compile(await response.arrayBuffer());
  };

  it("lets a second engine come to the same results, from a snapshot in the middle", async () => {
    const module = await kernelOf();
    await send(100);
    const viewer = new Viewer(await gateway.address(), module);
    await until("the snapshot", () => viewer.snapshots === 1);
    await send(300);
    await until("results", () => viewer.theirs.some((line) => line.includes(`"v":${sent - 2}`)));
    await until("ours", () => viewer.ours.length === viewer.theirs.length);
    expect(viewer.ours).toEqual(viewer.theirs);
    expect(viewer.theirs.some((line) => line.includes('"pipeline":"sums","late"'))).toBe(true);
    expect(viewer.theirs.some((line) => line.includes('"cause":"watermark"'))).toBe(true);
    viewer.socket.send('{"type":"resync"}');
    await until("another snapshot", () => viewer.snapshots === 2);
    await send(50);
    await until("more results", () => viewer.theirs.some((line) => line.includes(`"v":${sent - 2}`)));
    expect(viewer.ours).toEqual(viewer.theirs);
    await until("numbers", () =>
      viewer.texts.some((text) => text.type === "stats" && "received" in text && text.received === sent),
    );
    expect(viewer.texts.findLast(({ type }) => type === "stats")).toMatchObject({
      received: sent,
      notReady: [],
    });
    viewer.socket.close();
  });

  it("pauses for a viewer that does not read, with bounded memory, and goes on from a new snapshot", async () => {
    const pad = "x".repeat(10_000);
    const sendMegabytes = async (count: number): Promise<void> => {
      for (let end = sent + count * 100; sent < end; sent += 100) {
        const text = `{"ts":${sent * 100},"v":-1,"pad":"${pad}"}`;
        await Promise.all(
          Array.from({ length: 100 }, () => sender.publishAsync("http/pad", text, { qos: 1 })),
        );
      }
      await gateway.received(sent);
    };
    await sendMegabytes(100);
    const viewer = new Viewer(await gateway.address(), await kernelOf());
    await until("the snapshot", () => viewer.snapshots === 1);
    viewer.socket.pause();
    const before = await residentBytes();
    await sendMegabytes(100);
    // At most 8 MB of the 100 wait for the viewer.
    expect((await residentBytes()) - before).toBeLessThan(50_000_000);
    viewer.socket.resume();
    await until("the news", () => viewer.texts.some(({ type }) => type === "paused"));
    viewer.socket.send('{"type":"resync"}');
    await until("another snapshot", () => viewer.snapshots === 2);
    // The pause may come between a chunk and its results.
    const seen = { ours: viewer.ours.length, theirs: viewer.theirs.length };
    await send(50);
    await until("results", () => viewer.theirs.some((line) => line.includes(`"v":${sent - 2}`)));
    expect(viewer.ours.slice(seen.ours)).toEqual(viewer.theirs.slice(seen.theirs));
    viewer.socket.close();
  });

  it("is closed to a viewer that sends much, and to pages of other sites", async () => {
    const module = await kernelOf();
    const talker = new Viewer(await gateway.address(), module);
    await until("the snapshot", () => talker.snapshots === 1);
    talker.socket.send("x".repeat(5000));
    await until("the end", () => talker.closed);
    const stranger = new Viewer(await gateway.address(), module, { origin: "http://evil.example" });
    await until("the end", () => stranger.closed);
    expect(stranger.texts).toEqual([]);
    const own = new Viewer(await gateway.address(), module, { origin: await gateway.address() });
    await until("the snapshot", () => own.snapshots === 1);
    own.socket.close();
    expect((await gateway.get("/live")).status).toBe(200);
  });
});

describe("requests", () => {
  const ask = async (options: { method?: string; path?: string; host?: string }): Promise<number> => {
    const { port } = new URL(await gateway.address());
    return new Promise((resolve, reject) => {
      const { method = "GET", path = "/live", host = `127.0.0.1:${port}` } = options;
      const sending = request({ host: "127.0.0.1", port, method, path, headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sending.on("error", reject);
      sending.end();
    });
  };

  it("are answered by name and method", async () => {
    expect(await ask({})).toBe(200);
    expect(await ask({ method: "HEAD" })).toBe(200);
    expect(await ask({ method: "POST" })).toBe(405);
    expect(await ask({ path: "/nothing" })).toBe(404);
    expect(await ask({ path: "/../package.json" })).toBe(404);
    expect(await ask({ path: "//" })).toBe(404);
  });

  it("that are no request end with their connection, not with the gateway", async () => {
    const { port } = new URL(await gateway.address());
    const upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    for (const text of [
      `GET // HTTP/1.1\r\nHost: localhost\r\n${upgrade}\r\n`,
      `GET /stream HTTP/1.1\r\nHost: localhost\r\n${upgrade.replace("13", "x")}\r\n`,
      "\0\r\n\r\n",
    ]) {
      const socket = connect(Number(port), "127.0.0.1");
      socket.write(text);
      let answer = "";
      for await (const chunk of socket) answer += String(chunk);
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
    expect(await ask({})).toBe(200);
  });

  it("under the name of another site are refused on loopback", async () => {
    expect(await ask({ host: "localhost:1" })).toBe(200);
    expect(await ask({ host: "evil.example" })).toBe(403);
  });
});
