// Replay of recordings: what entered a gateway's engine enters this one, chunk by chunk and tick by tick, from the
// state that it began with. With the same build and definition the results are those of the gateway, to the byte; with
// another definition they are what it makes of the same input. Imports core, store.
import { basename } from "node:path";
import { MillraceError } from "../../core/errors.ts";
import type { Engine } from "../../core/engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import {
  type BeginEntry,
  type EndEntry,
  ENTRY_BEGIN,
  ENTRY_CHUNK,
  ENTRY_CONNECTION,
  ENTRY_END,
  ENTRY_FLUSH,
  ENTRY_HEADER,
  ENTRY_STATE,
  ENTRY_TICK,
  type Entry,
  hashOf,
} from "../../store/recording-format.ts";
import {
  inspectRecording,
  parseJson,
  readRecording,
  type Recording,
  tickOf,
} from "../../store/recording-reader.ts";
import { Progress } from "../progress.ts";
import type { VerbIo } from "../verb.ts";
import { unreadable } from "./inputs.ts";
import type { ReplayRun } from "./run.ts";

/** Looks through recordings of one source, in the order of their making. Throws MR151, MR152, MR407. */
export async function inspectRecordings(names: string[]): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const name of names) {
    const found = await inspectRecording(name).catch((error: Error) => {
      throw error instanceof MillraceError ? error : unreadable(name, error);
    });
    const before = recordings.at(-1);
    if (before !== undefined && before.first.atMs >= found.first.atMs)
      throw new MillraceError(
        "MR152",
        `recordings are given in the order of their making: ${name} before ${before.path}`,
      );
    if (before !== undefined && before.first.source !== found.first.source)
      throw new MillraceError(
        "MR408",
        `${before.path} is a recording of source "${before.first.source}", ${name} of "${found.first.source}": one at a time`,
      );
    recordings.push(found);
  }
  return recordings;
}

/** The source that a recording stands for. Throws MR408 when the definition has none of its name. */
export function sourceOf({ path, first }: Recording, sources: string[]): string {
  if (sources.includes(first.source)) return first.source;
  const list = sources.map((name) => `"${name}"`).join(", ");
  throw new MillraceError(
    "MR408",
    `${path} is a recording of source "${first.source}", the definition has ${list}: ` +
      "--source NAME says which of them it is to stand for",
  );
}

/** Throws MR408 when a recording's bytes are not of the kind that the source reads. */
export function checkFraming({ path, first }: Recording, plan: Plan): void {
  const { name, framing } = plan.source;
  if (first.framing === framing) return;
  const what = (kind: string): string => (kind === "mqtt" ? "MQTT messages" : "lines of a file");
  throw new MillraceError(
    "MR408",
    `${path} holds ${what(first.framing)}, and source "${name}" reads ${what(framing)}`,
  );
}

export class RecordingReplay {
  private readonly run: ReplayRun;
  private readonly engine: Engine;
  private readonly io: VerbIo;
  /** SHA-256 of the kernel, in hex. */
  private readonly build: string;
  private readonly empty: Uint8Array;
  private begun: BeginEntry | null = null;
  private state = new Uint8Array(0);
  private stateLeft = 0;
  /** What the last run left behind, by its hash. */
  private lastEnd: string | null = null;
  private runs = 0;
  /** See BeginEntry. */
  private skip = 0;

  constructor(run: ReplayRun, engine: Engine, io: VerbIo, build: string) {
    this.run = run;
    this.engine = engine;
    this.io = io;
    this.build = build;
    this.empty = engine.snapshot();
  }

  /** Replays one recording to its end, or until the run is to stop. */
  async read(recording: Recording): Promise<void> {
    const label = basename(recording.path);
    const progress = new Progress(this.io.stderr, label, recording.bytes, this.engine);
    if (recording.cutOffBytes > 0)
      this.say(
        `${label}: its last block was cut off (${recording.cutOffBytes} bytes): the replay ends before it`,
      );
    for await (const { entries, bytes } of readRecording(recording)) {
      for (const entry of entries) {
        await this.take(entry, label);
        if (this.run.stopped) break;
      }
      progress.advance(bytes);
      await this.run.handOn();
      if (this.run.stopped) break;
    }
    progress.end();
  }

  private say(text: string): void {
    this.io.stderr.write(`${text}\n`);
  }

  private async take({ kind, body }: Entry, label: string): Promise<void> {
    const { run, engine } = this;
    if (kind === ENTRY_TICK) {
      const ns = tickOf(body);
      if (run.pace.waits) await run.reach(ns);
      await run.take(engine.tick(ns));
    } else if (kind === ENTRY_CHUNK) {
      await run.take(engine.push(this.skip === 0 ? body : this.rest(body)));
      run.takeSamples(label);
    } else if (kind === ENTRY_CONNECTION) {
      await run.take(engine.endOfFile());
      engine.setMqttVersion(body[0] === 5 ? 5 : 4);
      this.skip = 0;
    } else if (kind === ENTRY_HEADER) engine.csvHeader(parseJson<string[]>(body));
    else if (kind === ENTRY_FLUSH) await run.take(engine.flush());
    else if (kind === ENTRY_BEGIN) await this.begin(parseJson<BeginEntry>(body), label);
    else if (kind === ENTRY_STATE) this.takeState(body, label);
    else if (kind === ENTRY_END) this.lastEnd = parseJson<EndEntry>(body).stateHash;
  }

  /** A chunk without the end of a message whose beginning is not there. */
  private rest(chunk: Uint8Array): Uint8Array {
    const newline = chunk.indexOf(10);
    const skipped = this.skip > 0 ? this.skip : newline < 0 ? chunk.length : newline + 1;
    if (this.skip > 0) this.skip = Math.max(0, this.skip - chunk.length);
    else if (newline >= 0) this.skip = 0;
    return chunk.subarray(Math.min(skipped, chunk.length));
  }

  private async begin(begin: BeginEntry, label: string): Promise<void> {
    this.run.pace.begin();
    this.begun = begin;
    this.skip = 0;
    this.state = new Uint8Array(begin.stateBytes);
    this.stateLeft = begin.stateBytes;
    if (this.stateLeft === 0) await this.beginEmpty(begin, label);
  }

  private async beginEmpty(begin: BeginEntry, label: string): Promise<void> {
    if (begin.state === "flushed" && this.runs > 0) await this.run.take(this.engine.flush());
    if (begin.state === "empty" && this.runs > 0 && this.engine.counters().openSlices > 0)
      this.say(`${label}: what was open when an earlier run ended is lost, as it was then`);
    this.engine.restore(this.empty);
    this.beginRun(begin);
  }

  private beginRun(begin: BeginEntry): void {
    this.engine.setMqttVersion(begin.mqttVersion);
    this.runs++;
    this.lastEnd = null;
    this.begun = null;
  }

  private takeState(piece: Uint8Array, label: string): void {
    const { begun } = this;
    if (begun === null || piece.length > this.stateLeft) return;
    this.state.set(piece, this.state.length - this.stateLeft);
    this.stateLeft -= piece.length;
    if (this.stateLeft > 0) return;
    const follows = this.lastEnd !== null && this.lastEnd === begun.stateHash;
    // Where one run follows the other the engine has this state already, whatever its definition.
    if (!follows && !this.restore(begun)) {
      this.say(
        `${label}: another definition or build of millrace made it, so what was open when it began is not known here: ` +
          "results of those windows lack their first records",
      );
      this.engine.restore(this.empty);
      if (begun.csvHeader !== null) this.engine.csvHeader(begun.csvHeader);
      this.skip = begun.skip;
    }
    this.beginRun(begun);
  }

  private restore(begun: BeginEntry): boolean {
    if (begun.build !== this.build || hashOf(this.state) !== begun.stateHash) return false;
    try {
      this.engine.restore(this.state);
      return true;
    } catch (error) {
      if (error instanceof MillraceError) return false;
      throw error;
    }
  }
}
