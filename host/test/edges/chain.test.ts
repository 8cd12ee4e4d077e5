// Pipelines that read pipelines in a real gateway: each with its own file, over a stop and a start; what /metrics,
// /progress and the summary say of what was handed over; the page's engine on the gateway's stream.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { SecondEngine } from "../../browser/second-engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { replayPlan } from "../../core/plan/replay-plan.ts";
import {
  bigintFromJson,
  decodeMessage,
  type Hello,
  MESSAGE_CHUNK,
  MESSAGE_OUTPUTS,
  MESSAGE_SNAPSHOT,
  MESSAGE_TEXT,
  MESSAGE_TICK,
} from "../../core/stream-protocol.ts";
import { ReplayLines } from "../../encoders/replay-line.ts";
import { readDefinition } from "../../language/index.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
import { kernelModule, kernels } from "../support/engines.ts";
import { GatewayProcess, newFolder } from "./support/gateway-process.ts";

let broker: Mosquitto;
let sender: MqttClient;
const folder = newFolder();
const running: GatewayProcess[] = [];

beforeAll(async () => {
  broker = await startMosquitto({ lines: ["max_queued_messages 0"] });
  sender = await connectAsync(broker.url);
});
afterAll(async () => {
  await Promise.all(running.map((gateway) => gateway.stop("SIGKILL")));
  await sender.endAsync(true);
  await broker.close();
});

const definition = (): string => `
version: 1
gateway: { id: chain }
sources:
  plant: { mqtt: "${broker.url}", topic: "chain/{site}/{device}", format: json, time: { field: ts, unit: ms }, max_ahead: off }
limits: { keys: 100, memory: 16MB, dictionary: 256KB }
pipelines:
  temp_1m:
    from: temp_1s
    window: tumble 60s
    group: [site]
    select: { n: sum(n), most: max(most) }
    delay: 10s
    to: { file: temp_1m.ndjson }
  temp_1s:
    window: tumble 1s
    group: [site, device]
    select: { n: count(*), most: max(v) }
    to: { file: temp_1s.ndjson }
  temp_5m:
    from: temp_1m
    window: tumble 5m
    select: { n: sum(n) }
    clock: source
    delay: 1m
    to: { file: temp_5m.ndjson }
  quiet: { sql: "SELECT site, device, most FROM temp_1s WHERE most > 1e9" }
`;

/** Readings of four devices, of which one is late now and then. */
const readings = Array.from({ length: 1200 }, (_, n) => ({
  topic: `chain/s${n % 2}/d${n % 4}`,
  record: { ts: n * 700 - (n % 50 === 7 ? 90_000 : 0), v: (n * 7919) % 1000 },
}));

async function send(from: number, to: number): Promise<void> {
  for (const { topic, record } of readings.slice(from, to))
    await sender.publishAsync(topic, JSON.stringify(record), { qos: 1 });
}

function start(): GatewayProcess {
  const gateway = new GatewayProcess(folder, definition());
  running.push(gateway);
  return gateway;
}

/** The lines of each pipeline that an engine without a stop gives, open windows left open. */
function expected(): Record<string, string[]> {
  const read = readDefinition(definition(), { fileName: "p.yaml", env: {}, requireEnv: false });
  const plan = replayPlan(read.definition!.plans[0]!, "json");
  const engine = kernels[0]!.create(plan);
  const lines = new ReplayLines(plan);
  const input = readings.map(({ topic, record }) => {
    const [, site, device] = topic.split("/");
    return `${JSON.stringify({ site, device, ...record })}\n`;
  });
  const all: Record<string, string[]> = { temp_1m: [], temp_1s: [], temp_5m: [], quiet: [] };
  for (const output of engine.push(Buffer.from(input.join(""))))
    all[plan.pipelines[output.pipeline]!.name]!.push(lines.line(output));
  return all;
}

const linesOf = (name: string): string[] =>
  readFileSync(join(folder, `${name}.ndjson`), "utf8")
    .split("\n")
    .filter((line) => line !== "");

describe("a gateway with pipelines that read pipelines", () => {
  it("gives each its results, over a stop and a start", { timeout: 60_000 }, async () => {
    const first = start();
    await first.ready();
    await send(0, 500);
    await first.received(500);
    const metrics = (await first.get("/metrics")).text;
    expect(metrics).toMatch(
      /^millrace_records_received_total\{source="temp_1s",readers="temp_1m"\} [1-9]\d*$/m,
    );
    expect(metrics).toMatch(
      /^millrace_records_accepted_total\{source="temp_1m",readers="temp_5m"\} [1-9]\d*$/m,
    );
    expect(metrics).toMatch(
      /^millrace_records_refused_total\{source="temp_1s",readers="quiet",reason="keys"\} 0$/m,
    );
    const progress = await first.progress();
    expect(progress.sources[0].chained.map(({ name, readers }: any) => [name, readers])).toEqual([
      ["temp_1s", ["temp_1m"]],
      ["temp_1m", ["temp_5m"]],
      ["temp_1s", ["quiet"]],
    ]);
    expect(await first.stop()).toBe(0);
    expect(first.stderr).toMatch(/results of temp_1s for temp_1m: \d+ received = \d+ accepted \+ 0 refused/);

    const second = start();
    await second.ready();
    await send(500, 1200);
    await second.received(1200);
    expect(await second.stop()).toBe(0);
    const wanted = expected();
    expect(wanted.temp_5m!.length).toBeGreaterThan(1);
    for (const name of ["temp_1s", "temp_1m", "temp_5m"]) expect(linesOf(name), name).toEqual(wanted[name]);
  });

  it("is followed by the page's engine, from a snapshot on", { timeout: 60_000 }, async () => {
    const gateway = start();
    await gateway.ready();
    const socket = new WebSocket(`${(await gateway.address()).replace("http", "ws")}/stream`);
    const seen = new Set<string>();
    let hello: Hello | null = null;
    let engine: SecondEngine | null = null;
    const text = new TextDecoder();
    socket.on("message", (data: Buffer) => {
      const { kind, body } = decodeMessage(new Uint8Array(data));
      if (kind === MESSAGE_TEXT) {
        const said = JSON.parse(text.decode(body)) as Hello;
        if (said.type === "hello") hello = said;
      } else if (kind === MESSAGE_SNAPSHOT) {
        const plan = JSON.parse(hello!.plan, bigintFromJson) as Plan;
        engine = new SecondEngine(plan, kernelModule("kernel-simd"), hello!, body, {
          onResult: ({ pipeline }) => seen.add(plan.pipelines[pipeline]!.name),
          onReading: () => {},
        });
      } else if (kind === MESSAGE_CHUNK) engine!.chunk(body);
      else if (kind === MESSAGE_TICK)
        engine!.tick(new DataView(body.buffer, body.byteOffset, 8).getBigInt64(0, true));
      else if (kind === MESSAGE_OUTPUTS) engine!.gatewayLines(text.decode(body).split("\n"));
    });
    await until("a snapshot", () => engine !== null);
    for (let n = 0; n < 400; n++)
      await sender.publishAsync(`chain/s0/d${n % 2}`, JSON.stringify({ ts: 900_000 + n * 1500, v: n }), {
        qos: 1,
      });
    await until("results of all three", () => seen.size === 3);
    await until("equality", () => engine!.equality === "yes");
    expect(engine!.difference).toBe("");
    socket.close();
    expect(await gateway.stop()).toBe(0);
  });
});
