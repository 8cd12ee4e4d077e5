// The page's worker: the connection to the gateway and the second engine, away from drawing. Bounded: the gateway
// stops sending frames to a viewer that is behind; then a new snapshot is asked for. Imports core, second-engine.
import type { Plan } from "../core/plan.ts";
import type { Hello, Stats } from "../core/stream-protocol.ts";
import {
  bigintFromJson,
  decodeMessage,
  MESSAGE_CHUNK,
  MESSAGE_OUTPUTS,
  MESSAGE_SNAPSHOT,
  MESSAGE_TEXT,
  MESSAGE_TICK,
} from "../core/stream-protocol.ts";
import type { ToPage, ToWorker } from "./messages.ts";
import { SecondEngine } from "./second-engine.ts";

const DATA_MS = 250;
const RETRY_MS = 1000;
const RESYNC_MS = 2000;

const post = (message: ToPage): void => self.postMessage(message);
const text = new TextDecoder();
const kernel = WebAssembly.compileStreaming(fetch("kernel.wasm"));

let socket: WebSocket | null = null;
let hello: Hello | null = null;
let engine: SecondEngine | null = null;
let paused = false;

function open(module: WebAssembly.Module, source: string | null): void {
  const query = source === null ? "" : `?source=${encodeURIComponent(source)}`;
  const opened = new WebSocket(`${self.location.origin.replace(/^http/, "ws")}/stream${query}`);
  socket = opened;
  opened.binaryType = "arraybuffer";
  opened.onmessage = (event: MessageEvent<ArrayBuffer>) => take(module, new Uint8Array(event.data));
  opened.onclose = () => {
    if (socket !== opened) return;
    engine = null;
    post({ type: "closed" });
    setTimeout(() => {
      if (socket === opened) open(module, source);
    }, RETRY_MS);
  };
}

function take(module: WebAssembly.Module, bytes: Uint8Array): void {
  const { kind, body } = decodeMessage(bytes);
  if (kind === MESSAGE_TEXT) takeText(JSON.parse(text.decode(body)) as Hello | Stats | { type: "paused" });
  else if (kind === MESSAGE_SNAPSHOT && hello !== null) {
    paused = false;
    engine = new SecondEngine(JSON.parse(hello.plan, bigintFromJson) as Plan, module, hello.mqttVersion, body);
    post({
      type: "plan",
      sources: hello.sources,
      source: hello.source,
      readings: engine.readingNames,
      pipelines: engine.plan.pipelines.map((pipeline) => ({ name: pipeline.name, outputs: pipeline.outputs.map((output) => output.name) })),
    });
  } else if (engine === null) return;
  else if (kind === MESSAGE_CHUNK) engine.chunk(body);
  else if (kind === MESSAGE_TICK) engine.tick(new DataView(body.buffer, body.byteOffset, 8).getBigInt64(0, true));
  else if (kind === MESSAGE_OUTPUTS) engine.gatewayLines(text.decode(body).split("\n"));
}

function takeText(message: Hello | Stats | { type: "paused" }): void {
  if (message.type === "hello") hello = message;
  else if (message.type === "stats") post({ type: "stats", stats: message });
  else {
    paused = true;
    engine = null;
    setTimeout(() => socket?.send('{"type":"resync"}'), RESYNC_MS);
  }
}

setInterval(() => {
  if (engine === null) {
    post({ type: "equal", equality: paused ? "paused" : "waiting", compared: 0, difference: "" });
    return;
  }
  post({ type: "data", ...engine.takePoints() });
  post({ type: "equal", equality: engine.equality, compared: engine.compared, difference: engine.difference });
}, DATA_MS);

self.onmessage = (event: MessageEvent<ToWorker>) => {
  const old = socket;
  socket = null;
  old?.close();
  engine = null;
  void kernel.then((module) => open(module, event.data.source));
};
