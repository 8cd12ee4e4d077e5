// JSON payloads by JSON.parse, whose reviver tells the source text of each number. Imports record.
import type { Found } from "./record.ts";

const DEPTH_MAX = 64;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** UTF-8 bytes to text; null when they are none. */
export function readUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** The members of one JSON object: a null-prototype-like view by path. */
export type JsonObject = Record<string, unknown>;

/** The value of a JSON text, or undefined when it is malformed or too deep. */
export function parseJson(text: string): unknown {
  if (depthOf(text) > DEPTH_MAX) return undefined;
  try {
    type Context = { source?: string };
    const reviver = (_key: string, value: unknown, context?: Context): unknown =>
      typeof value === "number" ? new NumberText(context?.source ?? String(value)) : value;
    return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}

/** Deepest nesting of brackets outside strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}

export function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof NumberText)
  );
}

export function isBlank(text: string): boolean {
  return /^[ \t]*$/.test(text);
}

/** The value at a path of member names. */
export function findInJson(object: JsonObject, path: string[]): Found | undefined {
  const value = memberOfJson(object, path);
  return value === undefined ? undefined : foundInJson(value);
}

/** What is at a path of member names; undefined when nothing is. */
export function memberOfJson(object: JsonObject, path: string[]): unknown {
  let value: unknown = object;
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** What a merge patch says of a path: undefined is nothing, NULL takes it away, as does another value on the way. */
export function patchOfJson(object: JsonObject, path: string[]): Found | undefined {
  let value: unknown = object;
  for (const name of path) {
    if (!isObject(value)) return { kind: "null" };
    if (!Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return foundInJson(value);
}

/** A value of parseJson. */
export function foundInJson(value: unknown): Found {
  if (value === null) return { kind: "null" };
  if (value instanceof NumberText) return { kind: "number", value: Number(value.text), text: value.text };
  if (typeof value === "string") return { kind: "string", value: value.toWellFormed() };
  if (typeof value === "boolean") return { kind: "boolean", value };
  return { kind: "other" };
}
