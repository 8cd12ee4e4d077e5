// The definition file: YAML with SQL inside, to a Definition whose plans engines run. All problems of the
// file come at once, each where it stands. Portable: imports the readers of its parts, yaml.
import { type Node, type YAMLMap, isMap, parseDocument } from "yaml";
import type { KeysPolicy, Plan } from "../core/plan/plan.ts";
import { ORDERED_MAX } from "../core/plan/plan-limits.ts";
import { closesBySilence } from "../core/plan/plan.ts";
import { type CompiledPipeline, type PipelineDraft, compile } from "./compile.ts";
import type {
  Definition,
  GatewayDefinition,
  LimitsDefinition,
  PipelineDefinition,
  SinkDefinition,
} from "./definition.ts";
import { type Problem, Problems } from "./problem.ts";
import { isHostPort } from "./file/connection.ts";
import { readPipeline } from "./file/pipeline.ts";
import { readSinks } from "./file/sinks.ts";
import { type SourceDraft, readSource } from "./file/source.ts";
import { readTests } from "./file/tests.ts";
import { timeOfResults } from "./readers.ts";
import { parseWith } from "./sql/syntax/parse.ts";
import { type FileReading, Section, fromFolderOf, kindOf, nodePlace } from "./yaml/section.ts";

export interface ReadOptions {
  /** Where the text comes from; relative paths in it start at this file's folder. */
  fileName: string;
  env: Record<string, string | undefined>;
  /** An unset `${ENV}` is an error: for verbs that connect. */
  requireEnv: boolean;
}

export interface ReadResult {
  /** null when there is an error among the problems. */
  definition: Definition | null;
  /** Every problem of the file, in the order of its text. */
  problems: Problem[];
}

const FILE_KEYS = ["version", "sources", "pipelines", "tests", "limits", "gateway"];
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Reads and checks a definition file. Never throws for what a file can hold. */
export function readDefinition(text: string, options: ReadOptions): ReadResult {
  const problems = new Problems();
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  for (const { pos, code, message } of rootErrors(document.errors)) {
    const [said, hint] = yamlProblem(code, message, text, pos[0]);
    problems.error("MR101", pos[0], Math.max(1, pos[1] - pos[0]), said, hint);
  }
  let definition: Definition | null = null;
  if (!problems.hasErrors) {
    const file: FileReading = { text, document, problems, ...options };
    const contents = document.contents as Node | null;
    if (isMap(contents)) {
      definition = readFile(
        new Section(file, contents as YAMLMap, "the definition file", { offset: 0, length: 1 }),
      );
    } else {
      const { offset, length } = nodePlace(contents, { offset: 0, length: 1 });
      problems.error(
        "MR104",
        offset,
        length,
        `the definition file is ${kindOf(contents)}`,
        "it begins with `version: 1`",
      );
    }
  }
  const list = inOrder(problems.list);
  return { definition: problems.hasErrors ? null : definition, problems: list };
}

/** The errors up to the first unexpected token: whatever the parser says behind one only follows from it. */
function rootErrors<E extends { code: string }>(errors: E[]): E[] {
  const first = errors.findIndex((error) => error.code === "UNEXPECTED_TOKEN");
  return first < 0 ? errors : errors.slice(0, first + 1);
}

/** What the YAML parser found, with what helps where that is known. */
function yamlProblem(code: string, message: string, text: string, offset: number): [string, string] {
  if (text.startsWith("${", offset - 1)) return [message, "between { } a text with ${…} goes in quotes"];
  if (code === "MULTIPLE_DOCS") return ["a second YAML document begins here", "a file holds one definition"];
  const hints: Record<string, string> = {
    UNEXPECTED_TOKEN: "a text that begins with { [ * & ! % @ or ` goes in quotes",
    TAB_AS_INDENT: "YAML is indented with spaces",
    BAD_INDENT: "keys of one mapping stand below each other",
  };
  return [message, hints[code] ?? ""];
}

/** In the order of the text, each once. */
function inOrder(list: Problem[]): Problem[] {
  const seen = new Set<string>();
  const once = list.filter((problem) => {
    const id = `${problem.code} ${problem.offset} ${problem.message}`;
    return !seen.has(id) && seen.add(id);
  });
  return once.toSorted((a, b) => a.offset - b.offset);
}

function readFile(file: Section): Definition {
  file.only(FILE_KEYS);
  if (file.require("version", "version: 1")) {
    const version = file.text("version");
    if (version !== null && version.value !== "1")
      file.error("MR105", version, `version ${version.value} is not known`, "this program reads version: 1");
  }
  const limits = readLimits(file);
  const gateway = readGateway(file);
  const sourceSections = named(file, "sources", "source");
  const pipelineSections = named(file, "pipelines", "pipeline");
  const known = {
    sources: sourceSections.map(([name]) => name),
    pipelines: pipelineSections.map(([name]) => name),
  };
  for (const [name, section] of pipelineSections) {
    if (!known.sources.includes(name)) continue;
    section.error(
      "MR112",
      section.place,
      `"${name}" is the name of a source and of a pipeline`,
      "give one of them another name",
    );
  }
  const sources = sourceSections.flatMap(([name, section]) => readSource(name, section) ?? []);
  const drafts = readPipelines(pipelineSections, sources, known.sources);
  const { keys, keysPolicy, memoryBytes, dictionaryBytes, values } = limits;
  const ofPlans = {
    keys,
    ...(keysPolicy === "refuse" ? {} : { keysPolicy }),
    memoryBytes,
    dictionaryBytes,
    ...(values === ORDERED_MAX ? {} : { values }),
  };
  const compiled = compile(sources, drafts, known, ofPlans, limits);
  const plans = compiled.plans.filter((plan) => plan !== null);
  const planOf = (source: string): number => plans.findIndex((plan) => plan.source.name === source);
  return {
    fileName: file.file.fileName,
    sources: sources.map((source) => {
      const plan = planOf(source.name);
      warnUnread(source, compiled.pipelines);
      warnSilence(source, plans[plan]);
      const layout = source.layout?.kind ?? "rows";
      return { name: source.name, connection: source.connection, layout, plan: plan < 0 ? null : plan };
    }),
    pipelines: compiled.pipelines.map((pipeline): PipelineDefinition => {
      const plan = planOf(pipeline.source);
      const sinks = readSinks(
        pipeline.draft.section,
        pipeline.plan?.outputs ?? null,
        compiled.pipelines.some(({ reads }) => reads === pipeline.draft.name),
      );
      warnLate(pipeline.draft, sinks);
      return {
        name: pipeline.draft.name,
        source: pipeline.source,
        reads: pipeline.reads,
        plan,
        place: plans[plan]?.pipelines.findIndex((candidate) => candidate.name === pipeline.draft.name) ?? -1,
        sql: pipeline.draft.sql?.value.trim() ?? "",
        shortForm: !pipeline.draft.section.has("sql"),
        sinks,
      };
    }),
    plans,
    limits,
    gateway,
    tests: readTests(file, known),
  };
}

/** Every pipeline; one in the short form asks those that it reads what the time of their results is called. */
function readPipelines(
  sections: [string, Section][],
  sources: SourceDraft[],
  declared: string[],
): PipelineDraft[] {
  const drafts = new Map<string, PipelineDraft>();
  const begun = new Set<string>();
  const timeOf = (name: string): string | null => {
    const source = sources.find((candidate) => candidate.name === name);
    if (source !== undefined || declared.includes(name)) return source?.scope.timeName ?? null;
    const found = sections.find(([candidate]) => candidate === name);
    // What is not there, or reads itself, is reported when its statement is compiled.
    if (found === undefined || (begun.has(name) && !drafts.has(name))) return "window_time";
    const { sql } = draftOf(found);
    const statement =
      sql &&
      parseWith(
        sql.value,
        () => undefined,
        (parser) => parser.statement(),
      );
    if (statement === null) return null;
    const time = statement.window === null ? timeOf(statement.source.name) : "window_time";
    return time === null ? null : timeOfResults(statement, time).name;
  };
  const draftOf = ([name, section]: [string, Section]): PipelineDraft => {
    begun.add(name);
    const draft = drafts.get(name) ?? readPipeline(name, section, declared, timeOf);
    drafts.set(name, draft);
    return draft;
  };
  return sections.map(draftOf);
}

/** The named sections below a key of the file: sources, pipelines. */
function named(file: Section, key: string, what: string): [string, Section][] {
  if (!file.require(key, `at least one ${what}: ${key}: { NAME: { … } }`)) return [];
  const all = file.section(key, `"${key}"`);
  if (all === null) return [];
  if (all.keys.length === 0)
    file.error("MR103", file.keyPlace(key), `"${key}" is empty`, `it names at least one ${what}`);
  return all.keys.flatMap((name): [string, Section][] => {
    if (!NAME.test(name)) {
      all.error(
        "MR112",
        all.keyPlace(name),
        `"${name}" is no name of a ${what}`,
        "letters, digits and _, no digit first",
      );
    }
    const section = all.section(name, `${what} "${name}"`);
    return section === null ? [] : [[name, section]];
  });
}

function warnUnread(source: SourceDraft, pipelines: CompiledPipeline[]): void {
  const unsure = pipelines.some((pipeline) => pipeline.source === "");
  if (unsure || pipelines.some((pipeline) => pipeline.source === source.name)) return;
  source.section.warn(
    "MR120",
    source.section.place,
    `no pipeline reads source "${source.name}"`,
    "it is not connected to",
  );
}

/**
 * A key that falls silent keeps its last windows open: nothing but its own records or idleness closes them. Nor does
 * anything else let its last records go on when they wait to be put in order.
 */
function warnSilence({ name, section, connection }: SourceDraft, plan: Plan | undefined): void {
  const live = connection.kind === "mqtt";
  if (plan === undefined || !live || section.has("idle")) return;
  if (plan.source.reorder !== undefined) {
    const message = `the last records of a stream of source "${name}" that falls silent wait for its next one`;
    const hint = "idle: 30s lets them go on, and closes windows; idle: off says that it is meant";
    section.warn("MR123", section.keyPlace("reorder"), message, hint);
    return;
  }
  if (plan.source.clock !== "key") return;
  const silent = { ...plan.source, idleNs: 0n };
  if (!plan.pipelines.some((pipeline) => closesBySilence(silent, pipeline))) return;
  const message = `a key of source "${name}" that falls silent keeps its last windows open`;
  section.warn("MR123", section.place, message, "idle: 30s closes them, idle: off says that it is meant");
}

/** Late records that are handed out need a place, and the other way round. */
function warnLate({ section, emission: { late }, name }: PipelineDraft, sinks: SinkDefinition[]): void {
  const placed = sinks.some((sink) => sink.kind !== "kafka" || sink.late !== null);
  const named = sinks.some((sink) => sink.kind !== "stdout" && sink.late !== null);
  if (late === "side" && !placed && sinks.length > 0) {
    const hint = "give the Kafka sink a topic for them: late: TOPIC";
    section.warn(
      "MR121",
      section.valuePlace("late"),
      `the late records of pipeline "${name}" have no place to go`,
      hint,
    );
  }
  if (late !== "side" && named) {
    section.warn(
      "MR121",
      section.keyPlace("to"),
      `a sink of pipeline "${name}" waits for late records, which ${late === "drop" ? "are dropped" : "change results"}`,
      "add late: side",
    );
  }
}

function readLimits(file: Section): LimitsDefinition {
  const keysPolicy: KeysPolicy = "refuse";
  const defaults = {
    keys: 10_000,
    keysPolicy,
    streams: 1000,
    held: 10_000,
    memoryBytes: 64 * MIB,
    diskBytes: GIB,
    dictionaryBytes: 8 * MIB,
    values: ORDERED_MAX,
  };
  const limits = file.section("limits", "`limits`");
  if (limits === null) return defaults;
  limits.only(["keys", "keys_policy", "streams", "held", "values", "memory", "disk", "dictionary"]);
  return {
    keys: limits.whole("keys", defaults.keys, 1, 10_000_000),
    keysPolicy: limits.word("keys_policy", ["refuse", "evict-idle", "other"], "refuse"),
    streams: limits.whole("streams", defaults.streams, 1, 1_000_000),
    held: limits.whole("held", defaults.held, 1, 10_000_000),
    memoryBytes: limits.sizeBytes("memory", defaults.memoryBytes, 4 * MIB, 3 * GIB),
    diskBytes: limits.sizeBytes("disk", defaults.diskBytes, MIB, KIB * KIB * GIB),
    dictionaryBytes: limits.sizeBytes("dictionary", defaults.dictionaryBytes, 16 * KIB, 2 * GIB),
    values: limits.whole("values", defaults.values, 2, 10_000_000),
  };
}

function readGateway(file: Section): GatewayDefinition {
  const data = fromFolderOf(file.file.fileName, "./data");
  const gateway = file.section("gateway", "`gateway`");
  const http = { host: "127.0.0.1", port: 8080 };
  if (gateway === null) return { id: null, data, http };
  gateway.only(["id", "data", "http"]);
  const address = gateway.text("http");
  if (address !== null && address.known && !isHostPort(address.value)) {
    gateway.error(
      "MR108",
      address,
      `"${address.value}" is no address to listen on`,
      "HOST:PORT, as in 127.0.0.1:8080",
    );
  } else if (address !== null && address.known) {
    const at = address.value.lastIndexOf(":");
    http.host = address.value.slice(0, at).replace(/^\[|\]$/g, "");
    http.port = Number(address.value.slice(at + 1));
  }
  return { id: gateway.string("id"), data: gateway.path("data") ?? data, http };
}
