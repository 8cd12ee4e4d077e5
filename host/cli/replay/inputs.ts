// The inputs of a replay: files and standard input, looked at before the first one is read. Imports core.
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { MillraceError } from "../../core/errors.ts";
import { readError } from "../load-definition.ts";

export interface Input {
  /** A path, or `-`. */
  name: string;
  /** null: not known before it is read. */
  bytes: number | null;
}

/** Throws MR151 when the input cannot be read. */
export async function checkInput(name: string): Promise<Input> {
  if (name === "-") return { name, bytes: null };
  try {
    const found = await stat(name);
    if (found.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    await access(name, constants.R_OK);
    return { name, bytes: found.isFile() ? found.size : null };
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** MR151 with the reason in words. */
export function unreadable(name: string, cause: unknown): MillraceError {
  const what = name === "-" ? "standard input" : name;
  return new MillraceError("MR151", `cannot read ${what}: ${readError(cause as NodeJS.ErrnoException)}`, {
    cause,
  });
}

/**
 * The format by the inputs' extensions; where they say nothing, CSV if the source is a CSV file. Throws MR152 when they
 * are not all of one.
 */
export function formatOf(inputs: string[], csvSource: boolean): "json" | "csv" | "recording" {
  const formats = new Set(
    inputs.map((input) => {
      if (isRecording(input)) return "recording";
      if (/\.csv$/i.test(input)) return "csv";
      return csvSource && !/\.(ndjson|jsonl|json)$/i.test(input) ? "csv" : "json";
    }),
  );
  if (formats.size > 1)
    throw new MillraceError(
      "MR152",
      "the inputs of one replay are all .csv, all JSON lines, or all recordings (.mrec)",
    );
  return [...formats][0] ?? "json";
}

export const isRecording = (name: string): boolean => /\.mrec$/i.test(name);
