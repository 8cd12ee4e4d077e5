// The running gateway: every source of a definition with its engine and sinks, started together, stopped in order.
// A clean stop keeps the open windows in a snapshot for each source; the next start of the same build restores them.
// Imports core, language, sources, sinks, store.
import { hostname } from "node:os";
import { join } from "node:path";
import { MillraceError } from "../core/errors.ts";
import { createKernelEngine } from "../core/kernel-engine.ts";
import type { Definition } from "../language/index.ts";
import { createSink } from "../sinks/create.ts";
import { FileSource } from "../sources/file.ts";
import { MqttSource } from "../sources/mqtt.ts";
import type { Source, SourceHandler } from "../sources/source.ts";
import { buildHash, readSnapshotFile, removeSnapshotFile, writeSnapshotFile } from "../store/snapshot-file.ts";
import { SourceRunner } from "./source-runner.ts";

const DRAIN_MS = 10_000;

export interface GatewayOptions {
  definition: Definition;
  kernel: { module: WebAssembly.Module; bytes: Uint8Array };
  /** Folder of snapshots. */
  data: string;
  stdout: NodeJS.WritableStream;
  nowMs(): number;
  log(text: string): void;
}

export class Gateway {
  readonly runners: SourceRunner[];
  private readonly options: GatewayOptions;
  private readonly build: Buffer;

  constructor(options: GatewayOptions) {
    this.options = options;
    this.build = buildHash(options.kernel.bytes);
    const { definition } = options;
    const id = definition.gateway.id ?? hostname();
    this.runners = definition.sources.flatMap((source) => {
      if (source.plan === null) return [];
      const plan = definition.plans[source.plan]!;
      const pipelines = definition.pipelines.filter((pipeline) => pipeline.plan === source.plan);
      const sinks = plan.pipelines.map((_, place) => {
        const pipeline = pipelines.find((candidate) => candidate.place === place)!;
        return pipeline.sinks.map((sink) => createSink(plan, sink, `millrace-${id}-${pipeline.name}`, options.stdout));
      });
      const { connection } = source;
      const createSource = (handler: SourceHandler): Source =>
        connection.kind === "mqtt"
          ? new MqttSource(connection, `millrace-${id}-${source.name}`, handler)
          : new FileSource(connection.path, plan.source.format === "csv" ? "csv" : "json", handler);
      const engine = createKernelEngine(plan, options.kernel.module);
      return [new SourceRunner({ plan, engine, sinks, createSource, nowMs: options.nowMs, log: options.log })];
    });
  }

  private snapshotPath(runner: SourceRunner): string {
    return join(this.options.data, `${runner.plan.source.name}.snapshot`);
  }

  /** Restores what the last clean stop kept, then starts sinks and sources. */
  async start(): Promise<void> {
    for (const runner of this.runners) {
      for (const sink of runner.sinks.flat()) sink.start();
      await this.restore(runner);
      runner.start();
    }
  }

  /** A file is read from its beginning again, so nothing of it is kept. */
  private isBounded(runner: SourceRunner): boolean {
    const source = this.options.definition.sources.find((candidate) => candidate.name === runner.plan.source.name);
    return source?.connection.kind === "file";
  }

  private async restore(runner: SourceRunner): Promise<void> {
    if (this.isBounded(runner)) return;
    const path = this.snapshotPath(runner);
    const found = await readSnapshotFile(path, this.build);
    if (found === null) return;
    const { name } = runner.plan.source;
    try {
      if (!found.sameBuild) throw new MillraceError("MR502", "it was written by another build of millrace");
      runner.engine.restore(found.snapshot);
      this.options.log(`source ${name}: ${runner.engine.counters().openSlices} slices of open windows restored from ${path}`);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      const kept = found.flushed.filter((output) => output.pipeline < runner.sinks.length);
      this.options.log(`source ${name}: ${path} cannot be restored: ${error.message}; its ${kept.length} open windows come out with cause flush`);
      runner.give(kept);
    }
    await removeSnapshotFile(path);
  }

  /** Resolves when every source is a bounded one and at its end; rejects when one cannot go on. */
  async finished(): Promise<void> {
    const errors = await Promise.all(this.runners.map((runner) => runner.ended));
    const failed = errors.find((error) => error !== null);
    if (failed) throw failed;
  }

  /** Why the gateway is not ready; empty when it is. */
  notReady(): string[] {
    return this.runners.flatMap((runner) => {
      const reasons: string[] = [];
      const { name } = runner.plan.source;
      if (runner.status.state === "connecting" || runner.status.state === "failed") reasons.push(`source ${name}: ${runner.status.detail}`);
      if (runner.paused) reasons.push(`source ${name} waits for its sinks`);
      for (const sink of runner.sinks.flat()) {
        if (sink.status.state !== "connected") reasons.push(`sink ${sink.name}: ${sink.status.detail}`);
      }
      return reasons;
    });
  }

  /** Stops reading, drains the sinks, keeps open windows. Says what could not be done. */
  async stop(): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.stop()));
    for (const runner of this.runners) {
      for (const sink of runner.sinks.flat()) {
        await sink.drain(DRAIN_MS).catch((error: Error) => this.options.log(`not delivered: ${error.message}`));
      }
      if (!this.isBounded(runner)) await this.keep(runner);
      for (const sink of runner.sinks.flat()) await sink.close();
    }
  }

  private async keep(runner: SourceRunner): Promise<void> {
    const { openSlices } = runner.engine.counters();
    const path = this.snapshotPath(runner);
    const snapshot = runner.engine.snapshot();
    const flushed = createKernelEngine(runner.plan, this.options.kernel.module);
    flushed.restore(snapshot);
    await writeSnapshotFile(path, this.build, { snapshot, flushed: flushed.flush() });
    this.options.log(`source ${runner.plan.source.name}: ${openSlices} slices of open windows kept in ${path}`);
  }

  /** A summary that adds up: received = accepted + refused; for each pipeline accepted = counted + filtered + late. */
  summary(): string {
    const lines: string[] = [];
    for (const runner of this.runners) {
      const { name } = runner.plan.source;
      const counters = runner.engine.counters();
      const refused = Object.entries(counters.refused).filter(([, count]) => count > 0);
      const total = refused.reduce((sum, [, count]) => sum + count, 0);
      const reasons = refused.length === 0 ? "" : ` (${refused.map(([reason, count]) => `${count} ${reason}`).join(", ")})`;
      lines.push(`source ${name}: ${counters.received} received = ${counters.accepted} accepted + ${total} refused${reasons}`);
      counters.pipelines.forEach((pipeline, index) => {
        const delivered = runner.sinks[index]!.map((sink) => `${sink.delivered} to ${sink.name}`).join(", ");
        const { counted, filtered, lateRecords, results } = pipeline;
        lines.push(
          `  ${runner.plan.pipelines[index]!.name}: ${counters.accepted} accepted = ${counted} counted + ${filtered} filtered + ${lateRecords} late; ${results} results${delivered === "" ? "" : `, delivered ${delivered}`}`,
        );
      });
      lines.push(`  ${counters.keys} keys, ${counters.openSlices} slices still open`);
    }
    return lines.join("\n");
  }
}
