// A plain gateway: mqtt.js, JSON.parse, a Map, kafkajs. Arguments: broker's URL, window in ms, then Kafka's address and
// a topic; without them results are counted only. It knows that all records come in order, and sends the windows of
// one end in one request.
import kafkajs from "kafkajs";
import mqtt from "mqtt";
import type { WindowRow } from "../workload/rows.ts";
import { deviceOf, type Reading } from "./decoders.ts";
import { MapWindows } from "./map-windows.ts";

const [url, windowMs, broker, topic] = process.argv.slice(2) as [string, string, string?, string?];

let producer: kafkajs.Producer | null = null;
if (broker !== undefined) {
  producer = new kafkajs.Kafka({
    clientId: "rival",
    brokers: [broker],
    logLevel: kafkajs.logLevel.NOTHING,
  }).producer();
  await producer.connect();
}

let closed: WindowRow[] = [];
let sending = Promise.resolve();
const windows = new MapWindows(Number(windowMs), (row) => closed.push(row));

function send(): void {
  const messages = closed.map(({ key, startMs, numbers }) => {
    const [n, min_v, max_v, mean_v, min_w, max_w, mean_w] = numbers;
    const row = {
      device: key,
      window_start: new Date(startMs).toISOString(),
      n,
      min_v,
      max_v,
      mean_v,
      min_w,
      max_w,
      mean_w,
    };
    return { key, value: JSON.stringify(row), timestamp: `${startMs + Number(windowMs) - 1}` };
  });
  closed = [];
  sending = sending.then(async () => void (await producer?.send({ topic: topic!, messages })));
}

let newest = 0;
const client = mqtt.connect(url, { protocolVersion: 5 });
client.on("message", (name, payload) => {
  const { t, v, w } = JSON.parse(payload.toString()) as Reading;
  const window = Math.floor(t / Number(windowMs));
  if (window > newest) {
    newest = window;
    windows.flush();
    if (closed.length > 0) send();
  }
  windows.add(deviceOf(name), t, v, w);
});
client.on("connect", () =>
  client.subscribe("plant/+/reading", { qos: 0 }, () => process.stdout.write("ready\n")),
);
