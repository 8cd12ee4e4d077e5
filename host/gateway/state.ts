// What a stop keeps and a start takes up again, for each source: the engine's snapshot, results that no sink has, the
// place in a bounded input. Under another build or definition the snapshot cannot be read; the results that its open
// windows would have given stand beside it and come out instead, with cause `flush`. Imports core, store.
import type { Output, Outputs } from "../core/engine.ts";
import { MillraceError } from "../core/errors.ts";
import type { SnapshotNotes } from "../store/snapshot-file.ts";
import {
  readSnapshotFile,
  removeSnapshotFile,
  setSnapshotAside,
  writeSnapshotFile,
} from "../store/snapshot-file.ts";
import type { SourceRunner } from "./source-runner.ts";

/** Writes the state of a stopped source, or removes an old file when there is nothing to keep. */
export async function keepState(
  runner: SourceRunner,
  path: string,
  build: Buffer,
  log: (text: string) => void,
): Promise<void> {
  const { engine, plan } = runner;
  const { name } = plan.source;
  const undelivered = plan.pipelines.flatMap((pipeline, index) =>
    runner.sinks[index]!.map((sink) => ({
      pipeline: pipeline.name,
      sink: sink.name,
      outputs: sink.pending(),
    })),
  );
  const waiting = undelivered.filter(({ outputs }) => outputs.length > 0);
  const ended = runner.status.state === "ended";
  if (ended && waiting.length === 0) return removeSnapshotFile(path);
  const snapshot = engine.snapshot();
  // The engine is not needed any more: its open windows may close now, for a start that cannot read the snapshot.
  let open = 0;
  const results = function* (outputs: Outputs): Generator<Output> {
    for (const output of outputs) {
      if (output.kind !== "result") continue;
      open++;
      yield output;
    }
  };
  const pipelines = plan.pipelines.map((pipeline) => ({
    name: pipeline.name,
    outputs: pipeline.outputs.map((output) => output.name),
  }));
  await writeSnapshotFile(
    path,
    build,
    { positionBytes: runner.source.positionBytes, pipelines, undelivered: waiting },
    results(ended ? [] : engine.flush()),
    snapshot,
  );
  const count = waiting.reduce((sum, { outputs }) => sum + outputs.length, 0);
  log(
    `source ${name}: ${open} open windows${count > 0 ? ` and ${count} undelivered results` : ""} kept in ${path}`,
  );
}

/** What an engine begins with: nothing, what an earlier run kept, or nothing because that could not be read. */
export type StartState = { kind: "empty" } | { kind: "flushed" } | { kind: "restored"; snapshot: Uint8Array };

export interface Restored {
  /** The place at which a bounded input goes on. */
  positionBytes: number;
  state: StartState;
}

/**
 * Takes up what an earlier run kept: restores the engine and hands undelivered results to their sinks. Throws MR502
 * when the file is damaged.
 */
export async function restoreState(
  runner: SourceRunner,
  path: string,
  build: Buffer,
  log: (text: string) => void,
): Promise<Restored> {
  const found = await readSnapshotFile(path, build);
  if (found === null) return { positionBytes: 0, state: { kind: "empty" } };
  const { notes, open, openCount, snapshot, sameBuild } = found;
  const { name } = runner.plan.source;
  const homeless: Output[] = [];
  for (const { pipeline, sink, outputs } of notes.undelivered)
    homeless.push(...deliver(runner, notes, pipeline, sink, outputs));
  let reason: string | null = sameBuild ? null : "another build of millrace wrote it";
  if (reason === null) {
    try {
      runner.engine.restore(snapshot);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      reason = "it is of another definition";
    }
  }
  if (reason === null) log(`source ${name}: ${openCount} open windows restored from ${path}`);
  else {
    for (const output of open)
      homeless.push(...deliver(runner, notes, notes.pipelines[output.pipeline]!.name, null, [output]));
    log(
      `source ${name}: the windows of ${path} cannot go on (${reason}): ${openCount} came out with cause flush`,
    );
  }
  if (homeless.length > 0) {
    log(
      `source ${name}: ${homeless.length} results of ${path} have no pipeline any more: kept in ${await setSnapshotAside(path)}`,
    );
  } else await removeSnapshotFile(path);
  const { positionBytes } = notes;
  return { positionBytes, state: reason === null ? { kind: "restored", snapshot } : { kind: "flushed" } };
}

/** Writes outputs of an earlier run to the sinks they belong to (null: all of the pipeline); returns those that fit none. */
function deliver(
  runner: SourceRunner,
  notes: SnapshotNotes,
  pipeline: string,
  sinkName: string | null,
  outputs: Output[],
): Output[] {
  const index = runner.plan.pipelines.findIndex((candidate) => candidate.name === pipeline);
  const old = notes.pipelines.find((candidate) => candidate.name === pipeline);
  const now = runner.plan.pipelines[index]?.outputs.map((output) => output.name);
  const fits = now !== undefined && old !== undefined && now.join("\0") === old.outputs.join("\0");
  const sinks = fits
    ? runner.sinks[index]!.filter((sink) => sinkName === null || sink.name === sinkName)
    : [];
  if (sinks.length === 0) return outputs;
  for (const output of outputs) for (const sink of sinks) sink.write({ ...output, pipeline: index });
  return [];
}
