// One viewer of the live page: gets a snapshot of the running engine, then the very chunks and ticks that enter it,
// and what came out. A viewer that reads too slowly is sent nothing more but numbers until it asks for a new
// snapshot, so the gateway's memory stays bounded. Imports the gateway, the stream protocol.
import type { WebSocket } from "ws";
import type { Output } from "../core/engine.ts";
import type { Hello, Stats } from "../core/stream-protocol.ts";
import {
  bigintToJson,
  encodeMessage,
  MESSAGE_CHUNK,
  MESSAGE_FLUSH,
  MESSAGE_OUTPUTS,
  MESSAGE_SNAPSHOT,
  MESSAGE_TEXT,
  MESSAGE_TICK,
} from "../core/stream-protocol.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { InputTap } from "../gateway/source-runner.ts";

const BUFFERED_MAX_BYTES = 8 * 1024 * 1024;
const STATS_MS = 500;
/** A viewer that asks for snapshots gets no more than one in this time. */
const SNAPSHOT_EVERY_MS = 1000;

/** Serves one viewer until its socket closes. `sourceName` null is the first source. */
export function serveViewer(
  socket: WebSocket,
  gateway: Gateway,
  sourceName: string | null,
  nowMs: () => number,
): void {
  const runner =
    gateway.runners.find((candidate) => candidate.plan.source.name === sourceName) ?? gateway.runners[0];
  if (runner === undefined) return socket.close();
  const lines = new ReplayLines(runner.plan);
  const text = new TextEncoder();
  let sequence = 0;
  let following = false;
  const say = (kind: number, body: Uint8Array): void => socket.send(encodeMessage(kind, sequence, body));
  const sayJson = (value: Hello | Stats | { type: "paused" }): void =>
    say(MESSAGE_TEXT, text.encode(JSON.stringify(value)));

  let begunMs = -Infinity;
  let wanted: NodeJS.Timeout | null = null;

  const begin = (): void => {
    begunMs = nowMs();
    sequence = 0;
    following = true;
    sayJson({
      type: "hello",
      sources: gateway.runners.map((candidate) => candidate.plan.source.name),
      source: runner.plan.source.name,
      plan: JSON.stringify(runner.plan, bigintToJson),
      mqttVersion: runner.mqttVersion,
      csvHeader: runner.csvHeader,
    });
    say(MESSAGE_SNAPSHOT, runner.engine.snapshot());
  };
  const tooSlow = (): boolean => {
    if (socket.bufferedAmount <= BUFFERED_MAX_BYTES) return false;
    following = false;
    sayJson({ type: "paused" });
    return true;
  };
  const follow = (kind: number, body: () => Uint8Array): void => {
    if (!following || tooSlow()) return;
    sequence++;
    say(kind, body());
  };
  const beginAnew = (): void => {
    if (following && !tooSlow()) begin();
  };
  const tap: InputTap = {
    onChunk: (chunk) => follow(MESSAGE_CHUNK, () => chunk),
    onTick: (nowNs) =>
      follow(MESSAGE_TICK, () => {
        const body = new Uint8Array(8);
        new DataView(body.buffer).setBigInt64(0, nowNs, true);
        return body;
      }),
    onFlush: () => follow(MESSAGE_FLUSH, () => new Uint8Array(0)),
    onOutputs: (outputs: Output[]) =>
      follow(MESSAGE_OUTPUTS, () => text.encode(outputs.map((output) => lines.line(output)).join("\n"))),
    onConnection: () => beginAnew(),
    onHeader: () => beginAnew(),
  };
  runner.taps.add(tap);
  runner.whenAtRest(begin);
  const stats = setInterval(() => {
    if (socket.bufferedAmount <= BUFFERED_MAX_BYTES) sayJson(statsOf(gateway, runner, nowMs()));
  }, STATS_MS);
  socket.on("message", (data) => {
    if (String(data) !== '{"type":"resync"}' || wanted !== null) return;
    const ready = (): void => {
      // What still waits for the viewer would come before the snapshot: it has to be read first.
      if (socket.bufferedAmount > 0) {
        wanted = setTimeout(ready, SNAPSHOT_EVERY_MS);
        return;
      }
      wanted = null;
      runner.whenAtRest(begin);
    };
    wanted = setTimeout(ready, Math.max(0, begunMs + SNAPSHOT_EVERY_MS - nowMs()));
  });
  socket.on("close", () => {
    clearInterval(stats);
    if (wanted !== null) clearTimeout(wanted);
    runner.taps.delete(tap);
  });
  socket.on("error", () => socket.terminate());
}

function statsOf(gateway: Gateway, runner: Gateway["runners"][number], nowMs: number): Stats {
  const counters = runner.engine.counters();
  const watermark = runner.engine.watermark();
  return {
    type: "stats",
    received: counters.received,
    accepted: counters.accepted,
    refused: Object.values(counters.refused).reduce((sum, count) => sum + count, 0),
    late: counters.pipelines.reduce((sum, pipeline) => sum + pipeline.lateRecords, 0),
    results: counters.pipelines.reduce((sum, pipeline) => sum + pipeline.results, 0),
    keys: counters.keys,
    watermarkDelayMs: watermark === null ? null : nowMs - Number(watermark / 1_000_000n),
    waiting: runner.paused,
    notReady: gateway.notReady(),
  };
}
