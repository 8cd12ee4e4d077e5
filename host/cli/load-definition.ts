// Reading a definition file for a verb: its problems go to stderr as they are printed everywhere; errors end the
// verb with status 1. Imports language.
import { readFile } from "node:fs/promises";
import { MillraceError } from "../core/errors.ts";
import type { Definition } from "../language/index.ts";
import { formatProblem, readDefinition } from "../language/index.ts";
import type { VerbIo } from "./verb.ts";

/** Thrown when the problems were printed already. */
export class AlreadySaid extends Error {
  readonly status: number;

  constructor(status: number) {
    super("the problems were printed");
    this.status = status;
  }
}

/** The definition of a file without errors. Throws MR151 when the file cannot be read, AlreadySaid after problems. */
export async function loadDefinition(fileName: string, io: VerbIo, requireEnv: boolean): Promise<Definition> {
  const text = await readFile(fileName, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new MillraceError("MR151", `cannot read ${fileName}: ${readError(cause)}`, { cause });
  });
  const { definition, problems } = readDefinition(text, { fileName, env: io.env, requireEnv });
  // What silence does matters to a verb that connects, and to lint.
  const said = requireEnv ? problems : problems.filter(({ code }) => code !== "MR123");
  for (const problem of said) io.stderr.write(`${formatProblem(problem, fileName, text)}\n`);
  if (definition === null) throw new AlreadySaid(1);
  return definition;
}

/** What a file error means, in words. */
export function readError(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "there is no such file";
  if (error.code === "EACCES") return "permission denied";
  if (error.code === "EISDIR") return "it is a folder";
  return error.message;
}
