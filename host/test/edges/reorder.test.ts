// `reorder` in a real gateway: records that wait outlive a stop and a start, silence lets them go on, and /metrics and the
// summary say what became of all of them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
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
gateway: { id: reorder }
sources:
  valves: { mqtt: "${broker.url}", topic: "valves/{valve}", format: json, time: { field: ts, unit: s }, max_ahead: off, reorder: 10s, idle: 5s }
limits: { keys: 100, memory: 16MB, dictionary: 256KB }
pipelines:
  turned:
    sql: SELECT valve, ts, LAG(turn) OVER (PARTITION BY valve) AS last_turn FROM valves
    to: { file: turned.ndjson }
`;

function start(): GatewayProcess {
  const gateway = new GatewayProcess(folder, definition());
  running.push(gateway);
  return gateway;
}

async function send(valve: string, times: number[]): Promise<void> {
  for (const ts of times)
    await sender.publishAsync(`valves/${valve}`, JSON.stringify({ ts, turn: ts }), { qos: 1 });
}

/** Seconds of each valve's records as they went on, and that of the one before each. */
function written(): Record<string, [number, number | null][]> {
  const path = join(folder, "turned.ndjson");
  const all: Record<string, [number, number | null][]> = { a: [], b: [] };
  for (const line of existsSync(path) ? readFileSync(path, "utf8").split("\n") : []) {
    if (line === "") continue;
    const { row } = JSON.parse(line) as { row: { valve: string; ts: string; last_turn: number | null } };
    all[row.valve]!.push([Date.parse(row.ts) / 1000, row.last_turn]);
  }
  return all;
}

it(
  "lets records wait, over a stop and a start, until they are in order or silence ends",
  { timeout: 60_000 },
  async () => {
    const first = start();
    await first.ready();
    await send("a", [100, 95, 98, 108, 90]);
    await first.received(5);
    const metrics = (await first.get("/metrics")).text;
    expect(metrics).toMatch(/^millrace_records_refused_total\{source="valves",reason="late"\} 1$/m);
    expect(metrics).toMatch(/^millrace_records_early_total\{source="valves"\} 0$/m);
    expect(await first.stop()).toBe(0);
    // Whatever silence has let go on by then: every record is in one of the counts.
    const counts = /valves: 5 received = (\d) accepted \+ 1 refused \(1 late\)(?: \+ (\d) held)?/.exec(
      first.stderr,
    );
    expect(Number(counts?.[1]) + Number(counts?.[2] ?? 0)).toBe(4);
    const second = start();
    await second.ready();
    await send("b", [7, 3]);
    await until("all records", () => written().a!.length === 4 && written().b!.length === 2);
    expect(written()).toEqual({
      a: [
        [95, null],
        [98, 95],
        [100, 98],
        [108, 100],
      ],
      b: [
        [3, null],
        [7, 3],
      ],
    });
    await until("nothing held", async () =>
      (await second.get("/metrics")).text.includes('millrace_records_held{source="valves"} 0'),
    );
    expect(await second.stop()).toBe(0);
    expect(second.stderr).toMatch(/valves: 7 received = 6 accepted \+ 1 refused \(1 late\)/);
  },
);
