// /progress: where every source, pipeline and sink stands, as JSON. Names are those of the counters (docs/running.md).
// Imports core, the gateway.
import { handedOver } from "../core/plan/chain.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { SourceRunner } from "../gateway/source-runner.ts";

/** Plain data; times in ms since 1970, lags in ms. */
export function progressOf(
  gateway: Gateway,
  nowMs: number,
): { ready: boolean; reasons: string[]; sources: unknown[] } {
  const reasons = gateway.notReady();
  return {
    ready: reasons.length === 0,
    reasons,
    sources: gateway.runners.map((runner) => sourceProgress(runner, nowMs)),
  };
}

function sourceProgress(runner: SourceRunner, nowMs: number): unknown {
  const all = runner.engine.counters();
  const { pipelines, ...counters } = all;
  const watermark = runner.engine.watermark();
  const watermarkMs = watermark === null ? null : Number(watermark / 1_000_000n);
  return {
    name: runner.plan.source.name,
    ...runner.status,
    waiting: runner.paused,
    rateHz: runner.rateHz,
    positionBytes: runner.source.positionBytes,
    ...runner.source.counters,
    watermarkMs,
    lagMs: watermarkMs === null ? null : nowMs - watermarkMs,
    ...counters,
    chained: handedOver(runner.plan, all),
    pipelines: pipelines.map((pipeline, index) => ({
      name: runner.plan.pipelines[index]!.name,
      ...pipeline,
      sinks: runner.sinks[index]!.map(({ name, status, delivered, lost, queuedBytes }) => ({
        name,
        ...status,
        delivered,
        lost,
        queuedBytes,
      })),
    })),
  };
}
