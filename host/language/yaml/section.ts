// One mapping of the definition file, read key by key. Every method checks the value's form, reports what is
// wrong at its place, and gives null (or the default) so that reading goes on: all problems at once.
// Portable: imports yaml, problem, suggest, units.
import { type Document, type Node, type YAMLMap, isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Problems } from "../problem.ts";
import { suggestion } from "../suggest.ts";
import { formatSize, parseDuration, parseSize } from "../units.ts";
import { scalarPlaces } from "./scalar-places.ts";
import { type Place, type Text, replaceVariables } from "./text.ts";

/** What all sections of a file share. */
export interface FileReading {
  text: string;
  document: Document;
  problems: Problems;
  env: Record<string, string | undefined>;
  requireEnv: boolean;
  fileName: string;
}

interface Entry {
  key: Place;
  value: Node | null;
}

const DURATIONS = "a number with its unit: 500ms 5s 10m 1h 1d";
const SIZES = "a number with its unit: 512KB 64MB 1GB";
const LONGEST_NS = 2n ** 61n;

/** Place of a node; `fallback` when it is empty. */
export function nodePlace(node: Node | null, fallback: Place): Place {
  const range = node?.range;
  return range && range[1] > range[0] ? { offset: range[0], length: range[1] - range[0] } : fallback;
}

/** Follows an alias to what it stands for; null for an empty value. */
export function resolveNode(file: FileReading, node: unknown): Node | null {
  const found = isAlias(node) ? node.resolve(file.document) : node;
  if (found === undefined || found === null || (isScalar(found) && found.value === null)) return null;
  return found as Node;
}

/** What a node is, in the user's words. */
export function kindOf(node: Node | null): string {
  if (isMap(node)) return "a mapping";
  if (isSeq(node)) return "a list";
  if (!isScalar(node)) return "empty";
  return typeof node.value === "string"
    ? "text"
    : typeof node.value === "number"
      ? "a number"
      : String(node.value);
}

/** The text of a scalar as it is written, with its places; null if the node is none. */
export function scalarText(file: FileReading, node: Node | null): Text | null {
  if (!isScalar(node)) return null;
  const value = typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
  const place = nodePlace(node, { offset: node.range?.[0] ?? 0, length: 1 });
  return {
    ...place,
    value,
    places: scalarPlaces(file.text, node, value),
    known: true,
    fromEnvironment: false,
  };
}

/** A scalar with `${ENV}` replaced; an unset variable is reported when the verb needs it. */
export function environmentText(file: FileReading, text: Text): Text {
  return replaceVariables(text, file.env, (name, place) => {
    if (!file.requireEnv) return;
    const hint = `set it for this start: ${name}=… millrace run ${file.fileName}`;
    file.problems.error(
      "MR110",
      place.offset,
      place.length,
      `the environment variable ${name} is not set`,
      hint,
    );
  });
}

export class Section {
  readonly file: FileReading;
  /** In the user's words: `source "plant"`. */
  readonly name: string;
  /** Where it is named: its key, or its beginning. */
  readonly place: Place;
  private readonly entries = new Map<string, Entry>();

  constructor(file: FileReading, node: YAMLMap, name: string, place: Place) {
    this.file = file;
    this.name = name;
    this.place = place;
    for (const pair of node.items) {
      const key = pair.key as Node | null;
      const keyPlace = nodePlace(key, place);
      const text = isScalar(key) && key.value !== null ? String(key.value) : null;
      if (text === null) this.error("MR104", keyPlace, `a key of ${name} is ${kindOf(key)}, it takes a name`);
      else if (this.entries.has(text))
        this.error("MR112", keyPlace, `the key "${text}" is there twice in ${name}`);
      else this.entries.set(text, { key: keyPlace, value: resolveNode(file, pair.value) });
    }
  }

  get keys(): string[] {
    return [...this.entries.keys()];
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  keyPlace(key: string): Place {
    return this.entries.get(key)?.key ?? this.place;
  }

  /** Place of the value, or of the key when it is empty. */
  valuePlace(key: string): Place {
    return nodePlace(this.entries.get(key)?.value ?? null, this.keyPlace(key));
  }

  error(code: string, place: Place, message: string, hint = ""): void {
    this.file.problems.error(code, place.offset, place.length, message, hint);
  }

  warn(code: string, place: Place, message: string, hint = ""): void {
    this.file.problems.warn(code, place.offset, place.length, message, hint);
  }

  /** Reports every key that is not among `known`; `later` are keys of a coming version, each with a hint. */
  only(known: string[], later: Record<string, string> = {}): void {
    for (const key of this.keys) {
      if (known.includes(key)) continue;
      const soon = Object.hasOwn(later, key) ? later[key] : undefined;
      if (soon !== undefined)
        this.error("MR114", this.keyPlace(key), `"${key}" is not in this version`, soon);
      else
        this.error(
          "MR102",
          this.keyPlace(key),
          `unknown key "${key}" in ${this.name}`,
          /[ (]/.test(key)
            ? "between { } a text with a comma goes in quotes"
            : suggestion(key, known, "keys"),
        );
    }
  }

  /** Reports a required key that is missing. */
  require(key: string, hint: string): boolean {
    if (this.has(key)) return true;
    this.error("MR103", this.place, `${this.name} lacks the key "${key}"`, hint);
    return false;
  }

  /** The value below a key, reported when it is empty; null also when there is no such key. */
  node(key: string): Node | null {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.value !== null) return entry?.value ?? null;
    this.error("MR104", entry.key, `"${key}" of ${this.name} is empty`);
    return null;
  }

  wrongKind(key: string, wanted: string): void {
    const node = this.entries.get(key)?.value ?? null;
    this.error(
      "MR104",
      this.valuePlace(key),
      `"${key}" of ${this.name} is ${kindOf(node)}, it takes ${wanted}`,
    );
  }

  /** A text just as it is written; `${ENV}` stays. */
  rawText(key: string): Text | null {
    const node = this.node(key);
    if (node === null) return null;
    const text = scalarText(this.file, node);
    if (text === null) this.wrongKind(key, "text");
    else if (text.value.trim() === "")
      this.error("MR104", this.valuePlace(key), `"${key}" of ${this.name} is empty`);
    else return text;
    return null;
  }

  text(key: string): Text | null {
    const text = this.rawText(key);
    return text === null ? null : environmentText(this.file, text);
  }

  /** The text where its form is not checked. */
  string(key: string): string | null {
    return this.text(key)?.value ?? null;
  }

  /** One of a closed list; `later` are values of a coming version, with what to do now. */
  word<W extends string>(
    key: string,
    words: readonly W[],
    fallback: W,
    later: Record<string, string> = {},
  ): W {
    const text = this.text(key);
    if (text === null || !text.known) return fallback;
    const found = words.find((word) => word === text.value);
    if (found !== undefined) return found;
    const soon = Object.hasOwn(later, text.value) ? later[text.value] : undefined;
    if (soon !== undefined) this.error("MR114", text, `"${key}: ${text.value}" is not in this version`, soon);
    else {
      const hint = suggestion(text.value, [...words], "one of");
      this.error("MR105", text, `"${text.value}" is no value of "${key}"`, hint);
    }
    return fallback;
  }

  durationNs(key: string, fallbackNs: bigint): bigint {
    const text = this.text(key);
    if (text === null || !text.known) return fallbackNs;
    const ns = parseDuration(text.value);
    if (ns !== null && ns <= LONGEST_NS) return ns;
    const bare = isBareNumber(text.value) ? `did you mean ${text.value}s? ` : "";
    const hint = ns === null ? `${bare}${DURATIONS}` : "at most 73 years";
    this.error("MR106", text, `"${text.value}" is no duration for "${key}"`, hint);
    return fallbackNs;
  }

  sizeBytes(key: string, fallbackBytes: number, leastBytes: number, mostBytes: number): number {
    const text = this.text(key);
    if (text === null || !text.known) return fallbackBytes;
    const bytes = parseSize(text.value);
    if (bytes !== null && bytes >= leastBytes && bytes <= mostBytes) return bytes;
    if (bytes === null) {
      const bare = isBareNumber(text.value) ? `did you mean ${text.value}MB? ` : "";
      this.error("MR106", text, `"${text.value}" is no size for "${key}"`, `${bare}${SIZES}`);
    } else
      this.error(
        "MR107",
        text,
        `"${key}" is out of range`,
        `from ${formatSize(leastBytes)} to ${formatSize(mostBytes)}`,
      );
    return fallbackBytes;
  }

  whole(key: string, fallback: number, least: number, most: number): number {
    const text = this.text(key);
    if (text === null || !text.known) return fallback;
    const value = /^\d{1,15}$/.test(text.value) ? Number(text.value) : Number.NaN;
    if (value >= least && value <= most) return value;
    this.error(
      "MR107",
      text,
      `"${text.value}" is no value of "${key}"`,
      `a whole number from ${least} to ${most}`,
    );
    return fallback;
  }

  flag(key: string, fallback: boolean): boolean {
    return this.word(key, ["true", "false"], fallback ? "true" : "false") === "true";
  }

  /** A path, seen from where the program runs. */
  path(key: string): string | null {
    const text = this.text(key);
    return text === null ? null : fromFolderOf(this.file.fileName, text.value);
  }

  /** The mapping below a key. */
  section(key: string, name = `"${key}" of ${this.name}`): Section | null {
    const node = this.node(key);
    if (node === null) return null;
    if (isMap(node)) return new Section(this.file, node as YAMLMap, name, this.keyPlace(key));
    this.wrongKind(key, "a mapping");
    return null;
  }

  /** The texts of a list, each with its place; `wanted` says what one is. */
  texts(key: string, wanted: string): Text[] {
    return this.list(key).flatMap((node) => {
      const raw = node === null ? null : scalarText(this.file, node);
      if (raw === null) this.wrongKind(key, wanted);
      return raw === null ? [] : [environmentText(this.file, raw)];
    });
  }

  /** The elements of a list; a value that is no list is its only element. */
  list(key: string): (Node | null)[] {
    const node = this.node(key);
    if (node === null) return [];
    return isSeq(node) ? node.items.map((item) => resolveNode(this.file, item)) : [node];
  }
}

const isBareNumber = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);

/** A path of the file, seen from where the program runs: relative ones start at the file's folder. */
export function fromFolderOf(fileName: string, path: string): string {
  const absolute = path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) || path === "-";
  const folder = fileName.replace(/[^/\\]*$/, "");
  return absolute || folder === "" ? path : folder + path.replace(/^\.\//, "");
}
