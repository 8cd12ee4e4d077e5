// Arguments of verbs: node:util's parser, with errors that name what was meant. Imports core, language.
import type { ParseArgsOptionsConfig } from "node:util";
import { parseArgs } from "node:util";
import { MillraceError } from "../core/errors.ts";
import { nearest } from "../language/suggest.ts";
import { parseSize } from "../language/units.ts";

/** Smaller recordings would be begun anew all the time. */
const SIZE_MIN_BYTES = 1 << 20;

/** Parses a verb's arguments. Throws MR150 with the nearest known option when one is unknown. */
export function parseVerbArguments<T extends ParseArgsOptionsConfig>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const unknown = /^Unknown option '(--?[^']+)'/.exec((error as Error).message);
    if (unknown === null) throw new MillraceError("MR150", (error as Error).message.split(". ")[0]!);
    const names = Object.keys(options).map((name) => `--${name}`);
    const near = nearest(unknown[1]!, names);
    const hint = near === null ? `the options are ${names.join(", ")}` : `did you mean ${near}?`;
    throw new MillraceError("MR150", `unknown option ${unknown[1]}: ${hint}`);
  }
}

/** Bytes of an option such as `--max 512MB`. Throws MR152 when it is no size, or less than 1MB. */
export function parseSizeOption(name: string, text: string): number {
  const bytes = parseSize(text);
  if (bytes === null || bytes < SIZE_MIN_BYTES)
    throw new MillraceError("MR152", `--${name} ${text}: it is a size of at least 1MB, as in 512MB or 2GB`);
  return bytes;
}
