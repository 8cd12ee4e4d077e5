// The type of a declared field that holds partials: `partial(avg(double))`, an aggregate over types instead of columns.
// Portable: imports core types, words, units.
import type { AggregateName, PartialPlan, ScalarType } from "../../../core/plan/plan.ts";
import { parseDuration } from "../../units.ts";
import { AGGREGATES, type ArgumentKind } from "../words.ts";

/** What each kind of argument may be. */
const TYPES: Record<ArgumentKind, readonly string[]> = {
  any: ["double", "bigint", "boolean", "string", "bytes"],
  value: ["double", "bigint", "boolean", "string", "bytes"],
  double: ["double"],
  numeric: ["double", "bigint"],
  boolean: ["boolean"],
  number: [],
};

export const PARTIAL_FORM =
  "as in partial(avg(double)), partial(p99(double)), partial(count(*)), partial(min_by(string, double))";

export const isPartialType = (text: string): boolean => /^partial\s*\(/i.test(text);

/** What a type in the file says, or what is wrong with it. */
export function readPartialType(text: string): PartialPlan | { problem: string } {
  const match = /^partial\s*\(\s*([a-z_0-9]+)\s*\(([^()]*)\)\s*\)$/i.exec(text.trim());
  if (match === null) return { problem: `"${text}" is no partial of an aggregate` };
  const name = match[1]!.toUpperCase();
  const word = Object.hasOwn(AGGREGATES, name) ? AGGREGATES[name] : undefined;
  if (word === undefined) return { problem: `unknown aggregate "${match[1]}"` };
  const inside = match[2]!.trim().toLowerCase();
  if (name === "COUNT" && inside === "*") return { name: "count_all", argument: null, parameter: null };
  const distinct = /^distinct\s+(.*)$/.exec(inside);
  const given = (distinct?.[1] ?? inside).split(",").map((part) => part.trim());
  const written = given.length === 1 && given[0] === "" ? [] : given;
  if (word.name === "coverage") return coverage(written, text);
  if (written.length !== word.takes.length || (distinct !== null && name !== "COUNT"))
    return { problem: `${match[1]} takes ${word.takes.length} of them in "${text}"` };
  const takes: ArgumentKind[] = distinct === null ? word.takes : ["value"];
  const wrong = takes.findIndex((kind, place) => kind !== "number" && !TYPES[kind].includes(written[place]!));
  if (wrong >= 0) {
    const may = TYPES[takes[wrong]!].join(", ");
    return { problem: `"${written[wrong]}" is no type that ${match[1]} takes there: ${may}` };
  }
  const [argument, second] = written.filter((_, place) => takes[place] !== "number") as ScalarType[];
  const numbers = written.filter((_, place) => takes[place] === "number").map(Number);
  const plan: PartialPlan = {
    name: distinct === null ? word.name : ("count_distinct" as AggregateName),
    argument: argument!,
    ...(second === undefined ? {} : { second }),
    parameter: null,
  };
  return withNumbers(plan, word.parameter === undefined ? numbers : [word.parameter], text);
}

function coverage([every, ...more]: string[], text: string): PartialPlan | { problem: string } {
  const ns = every === undefined ? null : parseDuration(every);
  if (more.length > 0 || (every !== undefined && (ns === null || ns === 0n)))
    return { problem: `coverage takes what \`every\` says there, or nothing, in "${text}"` };
  return { name: "coverage", argument: null, parameter: ns === null ? null : Number(ns) };
}

function withNumbers(plan: PartialPlan, numbers: number[], text: string): PartialPlan | { problem: string } {
  const [first, second, third] = numbers as [number, number, number];
  const fine = (plan.name !== "quantile" || (first >= 0 && first <= 1)) && numbers.every(Number.isFinite);
  const whole = (value: number, most: number): boolean =>
    Number.isInteger(value) && value >= 1 && value <= most;
  if (!fine || (plan.name === "top_k" && !whole(first, 100)))
    return { problem: `a number is out of range in "${text}"` };
  if (plan.name !== "histogram") return { ...plan, parameter: first ?? null };
  if (!whole(third, 1000) || second <= first) return { problem: `a number is out of range in "${text}"` };
  return { ...plan, bins: { low: first, high: second, count: third } };
}
