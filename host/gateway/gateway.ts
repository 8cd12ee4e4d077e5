// The running gateway: every source of a definition with its engine and sinks, started together, stopped in order.
// A clean stop keeps open windows and undelivered results in a file for each source; the next start goes on from it.
// Imports core, language, sources, sinks, store.
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { MillraceError } from "../core/errors.ts";
import { createKernelEngine } from "../core/kernel/kernel-engine.ts";
import type { Definition } from "../language/index.ts";
import { createSinks } from "../sinks/create.ts";
import { LineChannels } from "../sinks/line-channel.ts";
import { isOver, type Sink } from "../sinks/sink.ts";
import { FileSource } from "../sources/file.ts";
import { MqttSource } from "../sources/mqtt.ts";
import type { Source, SourceHandler } from "../sources/source.ts";
import { type FolderLock, lockFolder } from "../store/folder-lock.ts";
import { buildHash, prepareFolder } from "../store/snapshot-file.ts";
import { Recorder } from "./recorder.ts";
import { SourceRunner } from "./source-runner.ts";
import { keepState, type Restored, restoreState, type StartState } from "./state.ts";
import { summaryText } from "./summary.ts";

const DRAIN_MS = 10_000;
/** For a sink that is away; what it does not get is kept. */
const DRAIN_AWAY_MS = 1000;

export interface GatewayOptions {
  definition: Definition;
  kernel: { module: WebAssembly.Module; bytes: Uint8Array };
  /** Folder of snapshots; null keeps nothing over a stop. */
  data: string | null;
  /** Folder of recordings, and how much each source's may take; null records nothing. */
  record: { folder: string; bytesMax: number } | null;
  stdout: NodeJS.WritableStream;
  nowMs(): number;
  log(text: string): void;
}

/** What keeps the gateway from being ready. */
export interface Obstacle {
  text: string;
  /** A first connection is under way; the other side of one is not there; sinks are slow or one has failed for good. */
  state: "connecting" | "away" | "held";
}

const obstacleState = (state: string): Obstacle["state"] =>
  state === "connecting" || state === "away" ? state : "held";

export class Gateway {
  readonly runners: SourceRunner[];
  private readonly options: GatewayOptions;
  private readonly build: Buffer;
  private readonly channels: LineChannels;
  private started = false;
  private readonly locks: FolderLock[] = [];
  private readonly recorders = new Map<SourceRunner, Recorder>();

  constructor(options: GatewayOptions) {
    this.options = options;
    this.channels = new LineChannels(options.stdout);
    this.build = buildHash(options.kernel.bytes);
    this.runners = options.definition.sources.flatMap((source) =>
      source.plan === null ? [] : [this.createRunner(source)],
    );
  }

  private createRunner(source: Definition["sources"][number]): SourceRunner {
    const { definition, kernel, nowMs, log } = this.options;
    const id = definition.gateway.id ?? hostname();
    const plan = definition.plans[source.plan!]!;
    const sinks = plan.pipelines.map(({ name }, place) => {
      const pipeline = definition.pipelines.find(
        (candidate) => candidate.plan === source.plan && candidate.place === place,
      )!;
      return createSinks(plan, pipeline.sinks, `millrace-${id}-${name}`, this.channels);
    });
    const { connection } = source;
    const createSource = (handler: SourceHandler): Source =>
      connection.kind === "mqtt"
        ? new MqttSource(connection, `millrace-${id}-${source.name}`, handler)
        : new FileSource(connection.path, plan.source.format === "csv" ? "csv" : "json", handler);
    return new SourceRunner({
      plan,
      engine: createKernelEngine(plan, kernel.module),
      sinks,
      createSource,
      nowMs,
      log,
    });
  }

  private statePath(runner: SourceRunner): string | null {
    return this.options.data === null ? null : join(this.options.data, `${runner.plan.source.name}.snapshot`);
  }

  /** Begins the recording of a source, if it is to be. Throws MR151 when it cannot be written. */
  private async record(runner: SourceRunner, state: StartState): Promise<void> {
    const { record, nowMs, log } = this.options;
    if (record === null) return;
    const path = join(record.folder, `${runner.plan.source.name}.mrec`);
    const build = this.build.toString("hex");
    const recorder = new Recorder({ runner, path, bytesMax: record.bytesMax, build, nowMs, log });
    await recorder.begin(state);
    this.recorders.set(runner, recorder);
  }

  /** Whether what enters the engine of a source is recorded, and the disk takes it. */
  isRecording(runner: SourceRunner): boolean {
    return this.recorders.get(runner)?.recording ?? false;
  }

  /**
   * Goes on from what the last clean stop kept, then starts sinks and sources. Throws MR502 for a damaged file, MR504
   * when the next stop could keep nothing, MR505 when another gateway has the folder.
   */
  async start(): Promise<void> {
    const { data, record, log } = this.options;
    const folders = [data, record?.folder].flatMap((path) => (path == null ? [] : resolve(path)));
    for (const folder of new Set(folders)) {
      await prepareFolder(folder);
      this.locks.push(await lockFolder(folder, log));
    }
    for (const runner of this.runners) {
      const path = this.statePath(runner);
      const { positionBytes, state }: Restored =
        path === null
          ? { positionBytes: 0, state: { kind: "empty" } }
          : await restoreState(runner, path, this.build, this.options.log);
      await this.record(runner, state);
      for (const sink of runner.sinks.flat()) sink.start();
      runner.start(positionBytes);
    }
    this.started = true;
  }

  /** Resolves when every source is a bounded one and at its end; rejects as soon as one cannot go on. */
  async finished(): Promise<void> {
    const ends = this.runners.map(async (runner) => {
      const error = await runner.ended;
      if (error !== null) throw error;
    });
    await Promise.all(ends);
  }

  /** The first sink that nothing can be written to any more. */
  sinkThatIsOver(): Sink | null {
    return this.sinks().find(isOver) ?? null;
  }

  private sinks(): Sink[] {
    return this.runners.flatMap((runner) => runner.sinks.flat());
  }

  /** Why the gateway is not ready; empty when it is. */
  obstacles(): Obstacle[] {
    if (!this.started) return [{ text: "starting", state: "connecting" }];
    return this.runners.flatMap((runner) => {
      const list: Obstacle[] = [];
      const { name } = runner.plan.source;
      const { state, detail } = runner.status;
      if (state !== "connected" && state !== "ended")
        list.push({ text: `source ${name}: ${detail}`, state: obstacleState(state) });
      if (runner.paused) list.push({ text: `source ${name} waits for its sinks`, state: "held" });
      for (const sink of runner.sinks.flat()) {
        if (sink.status.state === "connected") continue;
        const { state, detail } = sink.status;
        list.push({ text: `sink ${sink.name}: ${detail}`, state: obstacleState(state) });
      }
      return list;
    });
  }

  /** The obstacles in words. */
  notReady(): string[] {
    return this.obstacles().map(({ text }) => text);
  }

  /**
   * Stops reading, drains the sinks, keeps what is open or undelivered. Returns a summary that adds up, and what could
   * not be kept: the state of one source says nothing about the others'.
   */
  async stop(): Promise<{ summary: string; failures: MillraceError[] }> {
    await Promise.all(this.runners.map((runner) => runner.stop()));
    await Promise.all(
      this.sinks().map((sink) => sink.drain(sink.status.state === "away" ? DRAIN_AWAY_MS : DRAIN_MS)),
    );
    await Promise.all(this.sinks().map((sink) => sink.close()));
    const summary = this.summary();
    const failures: MillraceError[] = [];
    for (const runner of this.runners) {
      const path = this.statePath(runner);
      this.recorders.get(runner)?.end(path === null ? null : runner.engine.snapshot());
      if (path === null) continue;
      try {
        await keepState(runner, path, this.build, this.options.log);
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error;
        failures.push(error);
      }
    }
    for (const lock of this.locks) lock.release();
    return { summary, failures };
  }

  /** Where every record and every result is; see summaryText. */
  summary(): string {
    return summaryText(this.runners);
  }
}
