// An independent parser of Flink SQL (dt-sql-parser), bundled first since Node cannot import its folders.
// Tests only.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

interface FlinkParser {
  validate(sql: string): { message: string }[];
}

/** Makes the parser; `validate` gives no errors for what is Flink SQL. */
export async function createFlinkParser(): Promise<FlinkParser> {
  const folder = await mkdtemp(join(tmpdir(), "flink-parser-"));
  const entry = createRequire(import.meta.url)
    .resolve("dt-sql-parser")
    .replace(/index\.js$/, "parser/flink/index.js");
  const outfile = join(folder, "flink.mjs");
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "error",
  });
  const { FlinkSQL } = (await import(pathToFileURL(outfile).href)) as { FlinkSQL: new () => FlinkParser };
  return new FlinkSQL();
}
