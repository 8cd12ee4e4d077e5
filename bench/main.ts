// `npm run bench [-- NAME… --brief --json FILE]`: runs benchmarks, prints their tables, writes figures with the machine
// they are from. It judges no time; a wrong result ends it with an error.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Bench, Effort, Table } from "./harness/bench.ts";
import { machine } from "./harness/machine.ts";
import { tableMarkdown, tableText } from "./harness/print.ts";
import { columnsBench } from "./columns.ts";
import { costsBench } from "./costs.ts";
import { endToEndBench } from "./end-to-end.ts";
import { kernelBench } from "./kernel.ts";
import { memoryBench } from "./memory.ts";
import { pipelineBench } from "./pipeline.ts";
import { windowsBench } from "./windows.ts";

const BENCHES: Bench[] = [
  kernelBench,
  columnsBench,
  costsBench,
  windowsBench,
  pipelineBench,
  endToEndBench,
  memoryBench,
];

const HELP = `Usage: npm run bench [-- NAME… options]

${BENCHES.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join("\n")}

  --brief       each once, briefly, as CI does
  --rounds N    rounds of each contest (7)
  --markdown    tables as in docs/performance.md
  --json FILE   where the figures are written (build/bench.json)
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      brief: { type: "boolean", default: false },
      rounds: { type: "string" },
      json: { type: "string", default: "build/bench.json" },
      markdown: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (values.help || unknown.length > 0) {
    process.stdout.write(unknown.length > 0 ? `no benchmark ${unknown.join(", ")}\n\n${HELP}` : HELP);
    return unknown.length > 0 ? 1 : 0;
  }
  const effort: Effort = {
    brief: values.brief,
    rounds: Number(values.rounds ?? (values.brief ? 1 : 7)),
    roundMs: values.brief ? 20 : 200,
    say: (text) => void process.stderr.write(`bench: ${text}\n`),
  };
  const facts = machine();
  process.stdout.write(
    `${facts.cpu}, ${facts.cores} cores, Node ${facts.node}, ${facts.date.slice(0, 10)}, commit ${facts.commit ?? "unknown"}\n\n`,
  );
  const results: { name: string; tables: Table[] }[] = [];
  for (const bench of BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const tables = await bench.run(effort);
    results.push({ name: bench.name, tables });
    for (const table of tables)
      process.stdout.write(`${values.markdown ? tableMarkdown(table) : tableText(table)}\n`);
  }
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine: facts, brief: values.brief, rounds: effort.rounds, results }, null, 1)}\n`,
  );
  return 0;
}

// kafkajs sets a timer in the past once; Node would warn of it.
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "TimeoutNegativeWarning") process.stderr.write(`warning: ${warning.message}\n`);
});
process.exitCode = await main();
