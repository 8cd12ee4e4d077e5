// Golden cases as files: their shape, how they are read, and how their rows become an engine's input. A case is a
// definition, rows in order, and what comes out: replay lines and counts, written by hand from docs/semantics.md.
import { readFileSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import type { Counters } from "../../core/engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { replayPlan } from "../../core/plan/replay-plan.ts";
import { formatProblem, readDefinition } from "../../language/index.ts";
import type { Step } from "./drive.ts";

/** One row of input: exactly one of the kinds, and why it is late, refused or there at all. */
export interface Row {
  comment?: string;
  /** A record, written as one JSON line. */
  at?: Record<string, unknown>;
  /** A line as it stands. */
  line?: string;
  /** The beginning of a line, without its end. */
  unfinished?: string;
  /** A line as bytes, in hexadecimal with spaces. */
  bytes?: string;
  /** An MQTT PUBLISH: payload as text, as JSON, or as bytes in hexadecimal with spaces. */
  frame?: { topic: string; text?: string; json?: unknown; hex?: string };
  /** An MQTT packet, or what is sent instead of one, as bytes in hexadecimal with spaces. */
  packet?: string;
  /** Column names of the CSV that follows. */
  header?: string[];
  /** Host time in seconds. */
  tick?: number;
  endOfFile?: true;
}

type PipelineCounts = Partial<Counters["pipelines"][number]>;

export interface GoldenCase {
  name: string;
  rule: string;
  definition: string[];
  mqttVersion?: 4 | 5;
  /** Room for texts; the dictionary is the kernel's, so such a case does not run on the reference. */
  dictionaryBytes?: number;
  rows: Row[];
  expect: {
    /** As objects, or as they are printed where an object cannot hold all digits. */
    lines: (Record<string, unknown> | string)[];
    /** Of each result among the lines: late records of its key since the one before. All 0 when absent. */
    lateCounts?: number[];
    /** What is not named is 0 under `refused`, `nulled`, and for late and filtered records of a pipeline. */
    counters: {
      received: number;
      refused?: Partial<Counters["refused"]>;
      nulled?: Partial<Counters["nulled"]>;
      /** Results that readers refused. */
      handed?: { refused: Partial<Counters["refused"]> };
      keysEvicted?: number;
      otherRecords?: number;
      early?: number;
      pipelines?: Record<string, PipelineCounts>;
    };
  };
}

const FOLDER = new URL("../cases/", import.meta.url);
const encoder = new TextEncoder();

/** Every case of the folder, by name. */
export function readCases(): GoldenCase[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => ({
    ...(JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Omit<GoldenCase, "name">),
    name: basename(file, ".json"),
  }));
}

/** The plan of a case: a source with frames stays as it is, one with lines is read as a replay reads it. */
export function planOf({ name, definition, rows, dictionaryBytes = 65536 }: GoldenCase): Plan {
  const text = definition.join("\n");
  const read = readDefinition(text, { fileName: `${name}.yaml`, env: {}, requireEnv: false });
  if (read.definition === null) {
    throw new Error(read.problems.map((problem) => formatProblem(problem, `${name}.yaml`, text)).join("\n"));
  }
  const whole = read.definition.plans[0]!;
  // A few keys in a small memory: an engine is made for every place that the input is cut at.
  const limits = {
    ...whole.limits,
    keys: Math.min(whole.limits.keys, 100),
    memoryBytes: 12 << 20,
    dictionaryBytes,
  };
  const plan = { ...whole, limits };
  if (rows.some((row) => row.frame !== undefined || row.packet !== undefined)) return plan;
  return replayPlan(plan, plan.source.format === "csv" ? "csv" : "json");
}

/** The rows as steps; rows that are bytes and follow one another are one run of bytes. */
export function stepsOf({ rows, mqttVersion }: Pick<GoldenCase, "rows" | "mqttVersion">): Step[] {
  const steps: Step[] = [];
  for (const row of rows) {
    if (row.tick !== undefined)
      steps.push({ kind: "tick", ns: BigInt(Math.round(row.tick * 1000)) * 1_000_000n });
    else if (row.header !== undefined) steps.push({ kind: "header", names: row.header });
    else if (row.endOfFile) steps.push({ kind: "endOfFile" });
    else {
      const bytes = bytesOf(row, mqttVersion ?? 4);
      const last = steps.at(-1);
      if (last?.kind === "bytes") last.bytes = Buffer.concat([last.bytes, bytes]);
      else steps.push({ kind: "bytes", bytes });
    }
  }
  return steps;
}

function bytesOf(row: Row, version: 4 | 5): Uint8Array {
  if (row.at !== undefined) return encoder.encode(`${JSON.stringify(row.at)}\n`);
  if (row.line !== undefined) return encoder.encode(`${row.line}\n`);
  if (row.unfinished !== undefined) return encoder.encode(row.unfinished);
  if (row.bytes !== undefined) return Buffer.concat([hex(row.bytes), Buffer.from("\n")]);
  if (row.packet !== undefined) return hex(row.packet);
  if (row.frame === undefined) throw new Error(`a row of no kind: ${JSON.stringify(row)}`);
  const { topic, text, json } = row.frame;
  const payload =
    row.frame.hex === undefined ? Buffer.from(text ?? JSON.stringify(json)) : hex(row.frame.hex);
  return publish(encoder.encode(topic), payload, version);
}

/** Bytes from pairs of hexadecimal digits with spaces between. */
function hex(text: string): Buffer {
  const pairs = text.split(" ").filter((pair) => pair !== "");
  if (!pairs.every((pair) => /^[0-9a-f]{2}$/.test(pair))) throw new Error(`no bytes: ${text}`);
  return Buffer.from(pairs.join(""), "hex");
}

/** PUBLISH with QoS 0; in MQTT 5 with an empty list of properties. */
function publish(topic: Uint8Array, payload: Uint8Array, version: 4 | 5): Uint8Array {
  const properties = version === 5 ? [0] : [];
  const body = Buffer.concat([
    Buffer.from([topic.length >> 8, topic.length & 255]),
    topic,
    Buffer.from(properties),
    payload,
  ]);
  const length: number[] = [];
  for (let rest = body.length; rest > 0 || length.length === 0; rest = rest >> 7)
    length.push((rest & 127) | (rest > 127 ? 128 : 0));
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}
