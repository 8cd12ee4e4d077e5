// A Dockerfile as a list of steps, by the parser of the linter that checks it; and what .dockerignore keeps from the
// builder. Imports nothing of the project.
import { createRequire } from "node:module";

/** One instruction: `RUN --mount=type=cache,target=/x npm ci` has the flag `mount` and the text `npm ci`. */
export interface Instruction {
  keyword: string;
  flags: Map<string, string>;
  words: string[];
  /** The strings of the JSON form. */
  strings: string[];
  text: string;
}

interface ParsedInstruction {
  getKeyword(): string;
  getArguments(): { getValue(): string }[];
  getArgumentsContent(): string;
  getFlags?(): { getName(): string; getValue(): string }[];
}

const linter = createRequire(import.meta.url).resolve("dockerfile-utils");
const { DockerfileParser } = createRequire(linter)("dockerfile-ast") as {
  DockerfileParser: { parse(text: string): { getInstructions(): ParsedInstruction[] } };
};

export function readDockerfile(text: string): Instruction[] {
  return DockerfileParser.parse(text)
    .getInstructions()
    .map((instruction) => {
      const content = instruction.getArgumentsContent();
      const json = /\[.*\]$/.exec(content);
      return {
        keyword: instruction.getKeyword(),
        flags: new Map(instruction.getFlags?.().map((flag) => [flag.getName(), flag.getValue()])),
        words: instruction.getArguments().map((argument) => argument.getValue()),
        strings: json === null ? [] : (JSON.parse(json[0]) as string[]),
        text: content,
      };
    });
}

/** Says of a path of the checkout whether .dockerignore keeps it out: the last line that fits it decides. */
export function readDockerIgnore(text: string): (path: string) => boolean {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const rules = lines.map((line) => {
    const pattern = line.replace(/^!/, "").replace(/[.+^$()|[\]{}\\?]/g, "\\$&");
    return { keeps: line.startsWith("!"), fits: new RegExp(`^${pattern.replaceAll("*", "[^/]*")}(/|$)`) };
  });
  return (path) => rules.findLast(({ fits }) => fits.test(path))?.keeps === false;
}
