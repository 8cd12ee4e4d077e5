// The tests of a definition file: their form only; the verb `test` runs them. Portable: imports yaml/section.
import { type YAMLMap, isMap } from "yaml";
import type { TestDefinition } from "../definition.ts";
import { suggestion } from "../suggest.ts";
import { Section, kindOf, nodePlace } from "../yaml/section.ts";

/** What `expect` may count besides the results of pipelines. */
const COUNTS = ["late", "refused", "filtered", "nulled", "records", "results"];

/** Checks the `tests:` of a file: each has a name, records for sources, results of pipelines or counts. */
export function readTests(
  file: Section,
  known: { sources: string[]; pipelines: string[] },
): TestDefinition[] {
  if (!file.has("tests")) return [];
  return file.list("tests").flatMap((node) => {
    const place = nodePlace(node, file.keyPlace("tests"));
    if (isMap(node)) return [readTest(new Section(file.file, node as YAMLMap, "a test", place), known)];
    file.error(
      "MR104",
      place,
      `a test is ${kindOf(node)}`,
      "- { name: …, given: { SOURCE: FILE }, expect: { PIPELINE: FILE } }",
    );
    return [];
  });
}

function readTest(entry: Section, known: { sources: string[]; pipelines: string[] }): TestDefinition {
  entry.only(["name", "given", "expect"]);
  entry.require("name", "what it shows, in words");
  entry.require("given", "the records: given: { SOURCE: FILE }");
  entry.require("expect", "what comes out: expect: { PIPELINE: FILE, late: 1 }");
  const given: TestDefinition["given"] = {};
  const expect: TestDefinition["expect"] = {};
  const sources = entry.section("given");
  for (const key of sources?.keys ?? []) {
    if (!known.sources.includes(key)) unknown(sources!, key, "source", known.sources);
    given[key] = sources!.path(key) ?? "";
  }
  const results = entry.section("expect");
  for (const key of results?.keys ?? []) {
    if (known.pipelines.includes(key)) expect[key] = results!.path(key) ?? "";
    else if (COUNTS.includes(key)) expect[key] = results!.whole(key, 0, 0, Number.MAX_SAFE_INTEGER);
    else unknown(results!, key, "pipeline", [...known.pipelines, ...COUNTS]);
  }
  return { name: entry.string("name") ?? "", given, expect };
}

function unknown(section: Section, key: string, what: string, names: string[]): void {
  section.error(
    "MR115",
    section.keyPlace(key),
    `unknown ${what} "${key}"`,
    suggestion(key, names, `${what}s`),
  );
}
