// Every production of the grammar page, with statements that it takes and statements that it refuses.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GRAMMAR } from "./grammar-cases.ts";
import { codesOf, planOf } from "../read.ts";

const page = readFileSync(new URL("../../../../docs/sql.md", import.meta.url), "utf8");

describe("the grammar page", () => {
  it("has tests for each production, and no other", () => {
    const [block] = /```text\n([\s\S]*?)```/.exec(page)!.slice(1);
    const productions = [...block!.matchAll(/^([a-z]+) +=/gm)].map((match) => match[1]!);
    expect(Object.keys(GRAMMAR).toSorted()).toEqual(productions.toSorted());
  });

  const functions = new Set(
    [...page.matchAll(/`([A-Z][A-Z0-9_]*)(?:\([^)`]*\))?`/g)].map((match) => match[1]!),
  );
  it("names each function and aggregate", async () => {
    const { AGGREGATES, FUNCTIONS, OPERATORS, RESAMPLE_FUNCTIONS } =
      await import("../../../language/sql/words.ts");
    for (const name of RESAMPLE_FUNCTIONS) expect(functions).toContain(name);
    for (const name of [AGGREGATES, FUNCTIONS, OPERATORS].flatMap((words) => Object.keys(words)))
      expect(functions).toContain(name);
  });

  it("begins with an example that works", () => {
    const [example] = /```sql\n([\s\S]*?)```/.exec(page)!.slice(1);
    expect(planOf(example!.trim()).pipelines[0]!.aggregates).toHaveLength(3);
  });
});

describe.each(Object.entries(GRAMMAR))("%s", (_, { accepted, refused }) => {
  it.each(accepted)("takes %s", (sql) => {
    planOf(sql);
  });

  it.each(refused)("refuses %s", (sql, code) => {
    expect(codesOf(sql)).toContain(code);
  });
});
