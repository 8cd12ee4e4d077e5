// Prometheus text of everything that is counted. Format: Prometheus exposition format 0.0.4. Imports core, the gateway.
import type { SourceCounters } from "../core/engine.ts";
import { handedOver } from "../core/plan/chain.ts";
import type { Gateway } from "../gateway/gateway.ts";

type Labels = Record<string, string>;

class Exposition {
  private readonly lines: string[] = [];

  family(name: string, type: "counter" | "gauge", help: string, samples: [Labels, number][]): void {
    if (samples.length === 0) return;
    this.lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) {
      const inner = Object.entries(labels).map(
        ([key, text]) => `${key}="${text.replace(/["\\\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`))}"`,
      );
      this.lines.push(`${name}${inner.length === 0 ? "" : `{${inner.join(",")}}`} ${value}`);
    }
  }

  text(): string {
    return `${this.lines.join("\n")}\n`;
  }
}

/** The text that /metrics serves. */
export function metricsText(gateway: Gateway, nowMs: number): string {
  const out = new Exposition();
  const runners = gateway.runners.map((runner) => ({
    runner,
    source: runner.plan.source.name,
    counters: runner.engine.counters(),
  }));
  const perSource = (value: (index: number) => number): [Labels, number][] =>
    runners.map(({ source }, index) => [{ source }, value(index)]);
  // Sources, and behind each what its pipelines hand over to others.
  const read = runners.flatMap(({ runner, source, counters }): [Labels, SourceCounters][] => [
    [{ source }, counters],
    ...handedOver(runner.plan, counters).map((one): [Labels, SourceCounters] => [
      { source: one.name, readers: one.readers.join(",") },
      one,
    ]),
  ]);
  const perRead = (value: (counters: SourceCounters) => number): [Labels, number][] =>
    read.map(([labels, counters]) => [labels, value(counters)]);
  out.family(
    "millrace_records_received_total",
    "counter",
    "Records read, refused ones included.",
    perRead(({ received }) => received),
  );
  out.family(
    "millrace_records_accepted_total",
    "counter",
    "Records taken by the engine.",
    perRead(({ accepted }) => accepted),
  );
  const byReason = (value: (counters: SourceCounters) => Record<string, number>): [Labels, number][] =>
    read.flatMap(([labels, counters]) =>
      Object.entries(value(counters)).map(([reason, count]): [Labels, number] => [
        { ...labels, reason },
        count,
      ]),
    );
  out.family(
    "millrace_records_refused_total",
    "counter",
    "Records not taken, by reason.",
    byReason(({ refused }) => refused),
  );
  out.family(
    "millrace_values_nulled_total",
    "counter",
    "Single values that became NULL, by reason.",
    byReason(({ nulled }) => nulled),
  );
  const perPipeline = (value: (source: number, pipeline: number) => number): [Labels, number][] =>
    runners.flatMap(({ runner }, source) =>
      runner.plan.pipelines.map(({ name }, pipeline): [Labels, number] => [
        { pipeline: name },
        value(source, pipeline),
      ]),
    );
  out.family(
    "millrace_dedup_forgotten_total",
    "counter",
    "Values that DEDUP forgot before their time.",
    perSource((index) => runners[index]!.counters.forgotten),
  );
  out.family(
    "millrace_pipeline_counted_total",
    "counter",
    "Records that entered a window or became a result.",
    perPipeline((s, p) => runners[s]!.counters.pipelines[p]!.counted),
  );
  out.family(
    "millrace_pipeline_filtered_total",
    "counter",
    "Records that WHERE removed.",
    perPipeline((s, p) => runners[s]!.counters.pipelines[p]!.filtered),
  );
  out.family(
    "millrace_pipeline_late_records_total",
    "counter",
    "Records late for every window they belong to.",
    perPipeline((s, p) => runners[s]!.counters.pipelines[p]!.lateRecords),
  );
  out.family(
    "millrace_pipeline_late_windows_total",
    "counter",
    "Pairs of record and window missed.",
    perPipeline((s, p) => runners[s]!.counters.pipelines[p]!.lateWindows),
  );
  out.family(
    "millrace_pipeline_late_updates_total",
    "counter",
    "Pairs of late record and window that took it.",
    perPipeline((s, p) => runners[s]!.counters.pipelines[p]!.lateUpdates),
  );
  out.family(
    "millrace_pipeline_empty_skipped_total",
    "counter",
    "Empty windows beyond 1,000 of a gap.",
    perPipeline((s, p) => runners[s]!.counters.pipelines[p]!.emptySkipped),
  );
  out.family(
    "millrace_pipeline_results_total",
    "counter",
    "Results.",
    perPipeline((s, p) => runners[s]!.counters.pipelines[p]!.results),
  );
  out.family(
    "millrace_source_bytes_total",
    "counter",
    "Bytes read.",
    perSource((i) => runners[i]!.runner.source.counters.bytes),
  );
  out.family(
    "millrace_source_connections_total",
    "counter",
    "Connections that the broker accepted.",
    perSource((i) => runners[i]!.runner.source.counters.connections),
  );
  out.family(
    "millrace_source_sessions_lost_total",
    "counter",
    "Reconnects at which the broker had forgotten the session.",
    perSource((i) => runners[i]!.runner.source.counters.sessionsLost),
  );
  out.family(
    "millrace_keys",
    "gauge",
    "Keys known.",
    perSource((i) => runners[i]!.counters.keys),
  );
  out.family(
    "millrace_keys_evicted_total",
    "counter",
    "Keys that made room for others.",
    perSource((i) => runners[i]!.counters.keysEvicted),
  );
  out.family(
    "millrace_records_other_total",
    "counter",
    "Records of the key for all others.",
    perSource((i) => runners[i]!.counters.otherRecords),
  );
  out.family(
    "millrace_records_held",
    "gauge",
    "Records that wait to be put in order.",
    perSource((i) => runners[i]!.counters.held),
  );
  out.family(
    "millrace_records_early_total",
    "counter",
    "Records that went on before they were in order.",
    perSource((i) => runners[i]!.counters.early),
  );
  out.family(
    "millrace_text_sweeps_total",
    "counter",
    "Times that texts were given back for want of room.",
    perSource((i) => runners[i]!.counters.textSweeps),
  );
  out.family(
    "millrace_texts_given_back_total",
    "counter",
    "Texts given back because nothing held them.",
    perSource((i) => runners[i]!.counters.textsGivenBack),
  );
  out.family(
    "millrace_context_messages_total",
    "counter",
    "Messages of context taken.",
    perSource((i) => runners[i]!.counters.contextMessages),
  );
  out.family(
    "millrace_streams",
    "gauge",
    "Streams of which context is kept.",
    perSource((i) => runners[i]!.runner.engine.streams().length),
  );
  out.family(
    "millrace_open_slices",
    "gauge",
    "Slices of open windows.",
    perSource((i) => runners[i]!.counters.openSlices),
  );
  const delays = runners.flatMap(({ runner, source }): [Labels, number][] => {
    const watermark = runner.engine.watermark();
    return watermark === null ? [] : [[{ source }, nowMs / 1000 - Number(watermark / 1_000_000n) / 1000]];
  });
  out.family("millrace_watermark_delay_seconds", "gauge", "Host time minus watermark.", delays);
  out.family(
    "millrace_source_connected",
    "gauge",
    "1 while the source is connected.",
    perSource((i) => (runners[i]!.runner.status.state === "connected" ? 1 : 0)),
  );
  out.family(
    "millrace_source_waiting",
    "gauge",
    "1 while the source waits for its sinks.",
    perSource((i) => (runners[i]!.runner.paused ? 1 : 0)),
  );
  out.family(
    "millrace_source_recording",
    "gauge",
    "1 while the source is recorded.",
    perSource((i) => (gateway.isRecording(runners[i]!.runner) ? 1 : 0)),
  );
  const sinks = runners.flatMap(({ runner }) =>
    runner.sinks.flatMap((list, pipeline) =>
      list.map((sink) => ({
        labels: { pipeline: runner.plan.pipelines[pipeline]!.name, sink: sink.name },
        sink,
      })),
    ),
  );
  out.family(
    "millrace_sink_delivered_total",
    "counter",
    "Outputs that the other side has.",
    sinks.map(({ labels, sink }) => [labels, sink.delivered]),
  );
  out.family(
    "millrace_sink_lost_total",
    "counter",
    "Outputs that the other side refused.",
    sinks.map(({ labels, sink }) => [labels, sink.lost]),
  );
  out.family(
    "millrace_sink_queued_bytes",
    "gauge",
    "Bytes that wait for the other side.",
    sinks.map(({ labels, sink }) => [labels, sink.queuedBytes]),
  );
  out.family(
    "millrace_sink_connected",
    "gauge",
    "1 while the sink is connected.",
    sinks.map(({ labels, sink }) => [labels, sink.status.state === "connected" ? 1 : 0]),
  );
  const memory = process.memoryUsage();
  out.family("process_resident_memory_bytes", "gauge", "Resident memory.", [[{}, memory.rss]]);
  const cpu = process.cpuUsage();
  out.family("process_cpu_seconds_total", "counter", "User and system CPU time.", [
    [{}, (cpu.user + cpu.system) / 1e6],
  ]);
  return out.text();
}
