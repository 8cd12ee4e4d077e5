// Reads a file in pieces and does nothing with them: what a program that reads it cannot be faster than.
import { createReadStream } from "node:fs";

let bytes = 0;
for await (const chunk of createReadStream(process.argv[2]!, { highWaterMark: 262_144 }))
  bytes += (chunk as Buffer).length;
process.stderr.write(`${bytes}\n`);
