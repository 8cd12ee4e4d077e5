// The real series as messages for MQTT, and what the reference engine makes of them: Kafka records that a gateway
// has to have written, made from the results without the gateway's encoders.
import { encode } from "@msgpack/msgpack";
import { generate } from "mqtt-packet";
import { readSeries } from "../../../../sensors-sim/series.ts";
import type { LateRecord, Output, Result, Value } from "../../../core/engine.ts";
import type { Plan } from "../../../core/plan/plan.ts";
import { ReferenceEngine } from "../../../core/reference/engine.ts";

export interface Message {
  topic: string;
  payload: Buffer;
  records: number;
}

const SERIES = {
  "plant/temperature": "machine_temperature_system_failure",
  "traffic/speed": "speed_t4013",
  "traffic/occupancy": "occupancy_t4013",
};

/** All readings in the order of their times, a message each (JSON), or arrays of up to 7 (MessagePack). */
export async function realMessages(root: string, format: "json" | "msgpack"): Promise<Message[]> {
  const messages: Message[] = [];
  const lists = await Promise.all(
    Object.entries(SERIES).map(async ([device, file]) => {
      const series = await readSeries(new URL(`../../../../sensors-sim/data/${file}.csv`, import.meta.url));
      return series.map(({ timeMs, value }, place) => ({ device, place, record: { t: timeMs, v: value } }));
    }),
  );
  // By place in their files: the three are mixed, each in its own order, steps back in time kept.
  const all = lists.flat().toSorted((a, b) => a.place - b.place);
  const waiting = new Map<string, object[]>();
  const send = (device: string, records: object[]): void => {
    const body = records.length === 1 ? records[0] : records;
    const payload = format === "json" ? Buffer.from(JSON.stringify(body)) : Buffer.from(encode(body));
    messages.push({ topic: `${root}/${device}`, payload, records: records.length });
  };
  for (const { device, record } of all) {
    const records = [...(waiting.get(device) ?? []), record];
    waiting.set(device, records);
    if (records.length < (format === "json" ? 1 : 7)) continue;
    send(device, records);
    waiting.delete(device);
  }
  for (const [device, records] of waiting) send(device, records);
  return messages;
}

/** What comes out when the engine reads `messages`, and how many windows are open then. */
export function referenceOutputs(plan: Plan, messages: Message[]): { outputs: Output[]; open: number } {
  const engine = new ReferenceEngine(plan);
  const outputs = messages.flatMap(({ topic, payload }) =>
    engine.push(generate({ cmd: "publish", topic, payload, qos: 0, dup: false, retain: false })),
  );
  return { outputs, open: engine.flush().length };
}

export interface ExpectedRecord {
  key: string;
  row: Record<string, unknown>;
  timestamp: bigint;
  headers: Record<string, string>;
}

const plain = (value: Value): unknown =>
  typeof value === "bigint" ? new Date(Number(value / 1_000_000n)).toISOString() : value;

const rowOf = (names: string[], values: Value[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name, index) => [name, plain(values[index]!)]));

/** The record of a result of windows by site and device, which are its first two columns. */
export function expectedResult(plan: Plan, result: Result): ExpectedRecord {
  const pipeline = plan.pipelines[result.pipeline]!;
  const [site, device] = result.values;
  return {
    key: `${site}/${device}`,
    row: rowOf(
      pipeline.outputs.map(({ name }) => name),
      result.values,
    ),
    timestamp: result.windowEnd / 1_000_000n - 1n,
    headers: {
      "millrace-id": JSON.stringify([
        pipeline.name,
        site,
        device,
        `${result.windowStart}`,
        `${result.windowEnd}`,
        1,
      ]),
      "millrace-revision": "1",
      "millrace-cause": "watermark",
      "millrace-count": `${result.count}`,
      "millrace-late": `${result.lateCount}`,
    },
  };
}

/** The record of a late record. */
export function expectedLate(plan: Plan, late: LateRecord): ExpectedRecord {
  const [site, device] = late.values;
  return {
    key: `${site}/${device}`,
    row: rowOf(
      plan.source.columns.map(({ name }) => name),
      late.values,
    ),
    timestamp: (late.values[plan.source.time.column] as bigint) / 1_000_000n,
    headers: {
      "millrace-window-start": `${late.windowStart}`,
      "millrace-window-end": `${late.windowEnd}`,
      "millrace-late-by-ns": `${late.byNs}`,
    },
  };
}
