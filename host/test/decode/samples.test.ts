// What people are shown of a refused record is what was sent: texts with escapes and quotes are looked up elsewhere.
import { expect, test } from "vitest";
import { kernels } from "../support/engines.ts";
import { planOf } from "../kernel/support.ts";

const shown = (format: "json" | "csv", line: string): string[][] =>
  kernels.map((kind) => {
    const engine = kind.create(planOf({ format, fields: { s: "string", d: "double" } }));
    if (format === "csv") engine.csvHeader(["s", "d", "t"]);
    engine.push(new TextEncoder().encode(`${line}\n`));
    return engine.takeSamples().map(({ text }) => new TextDecoder().decode(text));
  });

test.each([
  ["json", '{"\\u0073":"\\u0041\\"\\n\\ud83d\\ude00","d":}'],
  ["json", '[{"s":"\\u0041","d":1},{"s":"\\u0042"},7,'],
  ["csv", '"say ""yes"" twice",1,"never""'],
] as const)("%s: %s", (format, line) => {
  expect(shown(format, line)).toEqual([[line], [line]]);
});
