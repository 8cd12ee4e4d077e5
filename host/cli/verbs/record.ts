// `millrace record`: what a source sends, as a file that `replay` takes; runs no pipeline. Imports gateway, sources.
import { hostname } from "node:os";
import { MillraceError } from "../../core/errors.ts";
import { nowMs } from "../../effects/clock.ts";
import { Capture } from "../../gateway/capture.ts";
import type { Definition, MqttConnection, SourceDefinition } from "../../language/index.ts";
import { suggestion } from "../../language/suggest.ts";
import { parseDuration } from "../../language/units.ts";
import { MqttSource } from "../../sources/mqtt.ts";
import type { SourceStatus } from "../../sources/source.ts";
import { parseSizeOption, parseVerbArguments } from "../arguments.ts";
import { loadDefinition } from "../load-definition.ts";
import { isRecording } from "../replay/inputs.ts";
import type { Verb } from "../verb.ts";

const HELP = `Usage: millrace record PIPELINE.yaml --to FILE.mrec [options]

Writes what a source of the definition sends to a file, until Ctrl-C: messages as they come, and host time. Runs no
pipeline, writes to no sink, and does not disturb a gateway that runs: it has a session of its own at the broker.
\`millrace replay PIPELINE.yaml FILE.mrec\` then runs the pipelines over it. What a gateway
itself gets, with its state, \`millrace run\` records: see its help.

  --to FILE.mrec    the recording; it must not be there
  --source NAME     the source, when the definition has several
  --for DURATION    end after that time: 30s, 10m, 1h
  --max SIZE        end when the file has that size: 64MB, 2GB (1GB)

Example: millrace record examples/plant.yaml --to plant.mrec --for 10m
`;

const OPTIONS = {
  to: { type: "string" },
  source: { type: "string" },
  for: { type: "string" },
  max: { type: "string", default: "1GB" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** The longest time that a timer takes. */
const FOR_MAX_MS = 2 ** 31 - 1;

export const record: Verb = {
  name: "record",
  summary: "write what a source sends to a file for replay",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = parseVerbArguments(args, OPTIONS);
    const [fileName, ...more] = positionals;
    if (fileName === undefined || more.length > 0)
      throw new MillraceError("MR152", "one definition: millrace record PIPELINE.yaml --to FILE.mrec");
    if (values.to === undefined || !isRecording(values.to))
      throw new MillraceError("MR152", "where to? --to FILE.mrec: replay knows a recording by that ending");
    const bytesMax = parseSizeOption("max", values.max);
    const forMs = parseFor(values.for);
    const definition = await loadDefinition(fileName, io, true);
    const { source, connection } = chooseSource(definition, values.source);
    const { source: plan } = definition.plans[source.plan!]!;
    const say = (text: string): void => void io.stderr.write(`${text}\n`);
    let said = "";
    const onStatus = ({ state, detail }: SourceStatus): void => {
      if (detail !== said) say(state === "away" ? `waiting: ${detail}` : detail);
      said = detail;
    };
    const id = `${connection.clientId ?? `millrace-${definition.gateway.id ?? hostname()}-${source.name}`}-record-${process.pid}`;
    // A member of a shared subscription would take messages away from the others.
    const own = { ...connection, clientId: id, filter: connection.filter.replace(/^\$share\/[^/]+\//, "") };
    const capture = new Capture({
      plan,
      path: values.to,
      bytesMax,
      createSource: (handler) => new MqttSource(own, id, handler, "brief"),
      nowMs,
      onStatus,
    });
    capture.start();
    let timer: NodeJS.Timeout | null = null;
    const told = new Promise<void>((resolve) => {
      io.signal.addEventListener("abort", () => resolve());
      if (io.signal.aborted) resolve();
      if (forMs !== null) timer = setTimeout(resolve, forMs);
    });
    try {
      await Promise.race([capture.ended, told]);
    } finally {
      if (timer !== null) clearTimeout(timer);
      await capture.stop();
    }
    const full = capture.bytes >= bytesMax ? ", which is all that --max allows" : "";
    say(`${values.to}: ${capture.source.counters.bytes} bytes of messages recorded${full}`);
    return 0;
  },
};

function parseFor(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ns = parseDuration(text);
  const ms = ns === null ? 0 : Number(ns / 1_000_000n);
  if (ms < 1 || ms > FOR_MAX_MS)
    throw new MillraceError("MR152", `--for ${text}: it is a duration up to 24d, as in 30s, 10m, 1h`);
  return ms;
}

/** The source to record. Throws MR152, MR153. */
function chooseSource(
  definition: Definition,
  name: string | undefined,
): { source: SourceDefinition; connection: MqttConnection } {
  const sources = definition.sources.filter((candidate) => candidate.plan !== null);
  const names = sources.map((candidate) => candidate.name);
  if (name === undefined && sources.length !== 1)
    throw new MillraceError(
      "MR153",
      `the file has several sources: say which with --source (${names.join(", ")})`,
    );
  const source = name === undefined ? sources[0]! : sources.find((candidate) => candidate.name === name);
  if (source === undefined)
    throw new MillraceError(
      "MR153",
      `no source "${name}" that a pipeline reads: ${suggestion(name!, names, "sources")}`,
    );
  const { connection } = source;
  if (connection.kind !== "mqtt")
    throw new MillraceError(
      "MR152",
      `source "${source.name}" is a file, which replay reads as it is: millrace replay PIPELINE.yaml ${connection.path}`,
    );
  return { source, connection };
}
