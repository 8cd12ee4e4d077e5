// The gateway that the tests of the page look at, as a real process, and a real fleet for it.
import { parseSignal } from "../../../../sensors-sim/signal.ts";
import type { SimReport } from "../../../../sensors-sim/report.ts";
import { runFleet } from "../../../../sensors-sim/sim.ts";
import { GatewayProcess } from "../../edges/support/gateway-process.ts";

/** A gateway with windows of each device and of each site; `port` 0 is a free one. */
export function startGateway(folder: string, broker: string, port = 0): GatewayProcess {
  const definition = `
version: 1
sources:
  plant:
    mqtt: ${broker}
    topic: plant/{site}/{device}
    format: json
    time: { field: t, unit: ms }
    delay: 200ms
    clock: source
pipelines:
  device_1s:
    sql: |
      SELECT site, device, window_start, window_end, COUNT(*) AS n, AVG(temp) AS mean, P99(temp) AS p99
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(t), INTERVAL '1' SECOND))
      GROUP BY site, device, window_start, window_end
    late: side
    to: { file: results.ndjson }
  site_2s:
    sql: |
      SELECT site, window_end, MAX(temp) AS highest
      FROM TABLE(HOP(TABLE plant, DESCRIPTOR(t), INTERVAL '1' SECOND, INTERVAL '2' SECOND))
      WHERE temp > 16
      GROUP BY site, window_start, window_end
    to: { file: results.ndjson }
`;
  return new GatewayProcess(folder, definition, ["--http", `127.0.0.1:${port}`]);
}

/** Sends what a fleet with faults reads; `seconds` Infinity until the signal. */
export function sendFleet(
  url: string,
  fleet: { devices: number; rateHz: number; seconds: number },
  signal = new AbortController().signal,
): Promise<SimReport> {
  const signals = new Map([["temp", parseSignal("sine:mean=20,amplitude=5,period=10,noise=0.5")]]);
  const faults = { late: 0.01, duplicate: 0.01, outOfOrder: 0.02, malformed: 0.005 };
  return runFleet(
    { ...fleet, sites: 4, batch: 1, seed: 3, signals, faults },
    {
      url,
      topic: "plant/{site}/{device}",
      qos: 0,
      format: "json",
      timeField: "t",
      connections: 1,
      client: {},
      signal,
      nowMs: Date.now,
    },
  );
}
