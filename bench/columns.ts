// Messages of columns: the same readings of one parameter as one message each and as arrays of many, over MQTT.
import { decode, encode } from "@msgpack/msgpack";
import { parser, type IPublishPacket } from "mqtt-packet";
import type { Plan } from "../host/core/plan/plan.ts";
import { readDefinition } from "../host/language/index.ts";
import { publishFrame } from "../sensors-sim/payload.ts";
import { type Bench, contestTable } from "./harness/bench.ts";
import { type Contest, rivalContestant, runContest } from "./harness/contest.ts";
import { expectedRows, type Input, kernelContestant, KERNELS } from "./harness/kernels.ts";
import { deviceOf, readFrames } from "./rivals/decoders.ts";
import { MapWindows } from "./rivals/map-windows.ts";
import { chunksOf, makeReadings, type Readings, SOCKET_BYTES } from "./workload/readings.ts";
import type { WindowRow } from "./workload/rows.ts";

type Format = "json" | "msgpack";

interface Columns {
  epoch: number;
  t: number[];
  v: number[];
}

const WINDOW_MS = 10_000;
/** Readings of a message. */
const LENGTH = 100;

export const columnsBench: Bench = {
  name: "columns",
  about: "messages of columns against messages of one reading",
  run: async (effort) => {
    const readings = makeReadings({ count: effort.brief ? 20_000 : 300_000, devices: 100, intervalMs: 100 });
    return (["json", "msgpack"] as const).map((format) => {
      const contest = columnsContest(format, readings);
      effort.say(contest.title);
      return contestTable(contest, runContest(contest, effort));
    });
  },
};

function planOf(format: Format, columns: boolean): Plan {
  const text = `version: 1
sources:
  plant:
    mqtt: mqtt://127.0.0.1:1883
    topic: plant/{device}/reading
    format: ${format}
    ${columns ? "layout: columns" : ""}
    time: { field: t, unit: ms${columns ? ", epoch: epoch" : ""} }
pipelines:
  p:
    sql: |
      SELECT device, window_start, COUNT(*) AS n, MIN(v) AS a, MAX(v) AS b, AVG(v) AS c
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(t), INTERVAL '10' SECOND))
      GROUP BY device, window_start, window_end
`;
  const read = readDefinition(text, { fileName: "/bench.yaml", env: {}, requireEnv: false });
  if (read.definition === null) throw new Error(read.problems.map(({ message }) => message).join("\n"));
  return read.definition.plans[0]!;
}

function inputOf(format: Format, columns: boolean): (readings: Readings) => Input {
  const bytesOf = (value: unknown): Buffer =>
    format === "json" ? Buffer.from(JSON.stringify(value)) : Buffer.from(encode(value));
  return (readings) => {
    const { count, device, devices, timeMs, v } = readings;
    const waiting = devices.map((): number[] => []);
    const frames: Buffer[] = [];
    const send = (index: number, payload: unknown): void => {
      frames.push(publishFrame(`plant/${devices[index]!}/reading`, bytesOf(payload)));
    };
    const sendColumns = (index: number): void => {
      const rows = waiting[index]!.splice(0);
      const epoch = timeMs[rows[0]!]!;
      send(index, { epoch, t: rows.map((row) => timeMs[row]! - epoch), v: rows.map((row) => v[row]!) });
    };
    for (let row = 0; row < count; row++) {
      const index = device[row]!;
      if (!columns) send(index, { t: timeMs[row], v: v[row] });
      else if (waiting[index]!.push(row) === LENGTH) sendColumns(index);
    }
    waiting.forEach((rows, index) => rows.length > 0 && sendColumns(index));
    return { plan: planOf(format, columns), chunks: chunksOf(Buffer.concat(frames), SOCKET_BYTES) };
  };
}

function columnsContest(format: Format, readings: Readings): Contest {
  const rows = inputOf(format, false);
  const columns = inputOf(format, true);
  const input = columns(readings);
  const oneByOne = rows(readings);
  const expected = expectedRows(columns, readings);
  const plain = expectedRows(rows, readings);
  const bytes = input.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const rival = (name: string, work: (windows: MapWindows) => void) =>
    rivalContestant(name, expected, () => {
      const found: WindowRow[] = [];
      const windows = new MapWindows(WINDOW_MS, (row) =>
        found.push({ ...row, numbers: row.numbers.slice(0, 4) }),
      );
      work(windows);
      windows.flush();
      return found;
    });
  const decoder = format === "json" ? "JSON.parse" : "@msgpack/msgpack";
  return {
    title: `MQTT frame + ${format === "json" ? "JSON" : "MessagePack"} columns → window`,
    about: `one parameter, ${LENGTH} readings a message, ${(bytes / readings.count).toFixed(1)} bytes a reading; 100 devices, 10 s windows of 100 readings`,
    records: readings.count,
    contestants: [
      ...KERNELS.map(({ name, module }) => kernelContestant(name, module, input, expected)),
      kernelContestant("SIMD kernel, one reading a message", KERNELS[0]!.module, oneByOne, plain),
      rival(`mqtt-packet + ${decoder} + Map`, (windows) => {
        const packets = parser({ protocolVersion: 4 });
        packets.on("packet", (packet) => {
          const { topic, payload } = packet as IPublishPacket;
          const { epoch, t, v } = (
            format === "json" ? JSON.parse(payload.toString()) : decode(payload as Buffer)
          ) as Columns;
          const device = deviceOf(topic);
          for (let index = 0; index < t.length; index++) windows.add(device, epoch + t[index]!, v[index]!, 0);
        });
        for (const chunk of input.chunks) packets.parse(chunk as Buffer);
      }),
      rival(`mqtt-packet + ${decoder} + Map, one reading a message`, (windows) => {
        readFrames(oneByOne.chunks as Buffer[], format, (device, { t, v }) => windows.add(device, t, v, 0));
      }),
    ],
  };
}
