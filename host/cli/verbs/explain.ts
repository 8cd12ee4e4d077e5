// `millrace explain`: what a definition means, before it runs. Connects to nothing. Imports language.
import { MillraceError } from "../../core/errors.ts";
import { explain as explainText, explainJson } from "../../language/index.ts";
import { parseVerbArguments } from "../arguments.ts";
import { loadDefinition } from "../load-definition.ts";
import { LineWriter } from "../output.ts";
import type { Verb } from "../verb.ts";

const HELP = `Usage: millrace explain PIPELINE.yaml [--json]

Prints what a definition means: columns and their types, windows, aggregates, the slices that pipelines
share, and what a key costs in memory. For a pipeline in the short form also the SQL that it equals.

  --json    the checked definition with its plans as JSON (nanoseconds as strings)

Example: millrace explain examples/traffic.yaml
`;

const OPTIONS = {
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export const explain: Verb = {
  name: "explain",
  summary: "show the plan of a definition: types, windows, slices, memory",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = parseVerbArguments(args, OPTIONS);
    const [fileName, ...more] = positionals;
    if (fileName === undefined || more.length > 0) {
      throw new MillraceError("MR152", "which definition? millrace explain PIPELINE.yaml");
    }
    const definition = await loadDefinition(fileName, io, false);
    const writer = new LineWriter(io.stdout);
    writer.write((values.json ? explainJson(definition) : explainText(definition)).trimEnd());
    await writer.end();
    return 0;
  },
};
