// The header row of a CSV file: its column names, and the bytes behind it. Imports nothing.

/** What has no line end for so long is no CSV file. */
const HEADER_MAX_BYTES = 1_048_576;

export class HeaderError extends Error {}

/**
 * Looks for the header's end in `begin` + `chunk`. `names` is null while it is not there yet; `rest` is then all
 * that was read so far, otherwise the bytes behind the header. Throws HeaderError when there is no end within 1 MiB.
 */
export function readHeader(
  begin: Uint8Array,
  chunk: Uint8Array,
): { names: string[] | null; rest: Uint8Array } {
  const bytes = new Uint8Array(begin.length + chunk.length);
  bytes.set(begin);
  bytes.set(chunk, begin.length);
  const newline = bytes.indexOf(10);
  if (newline < 0 && bytes.length > HEADER_MAX_BYTES)
    throw new HeaderError("its header row has no end within 1 MiB");
  if (newline < 0) return { names: null, rest: bytes };
  const line = new TextDecoder().decode(bytes.subarray(0, newline)).replace(/\r$/, "");
  return { names: splitHeader(line), rest: bytes.subarray(newline + 1) };
}

/** Names of a header row; quoted ones may hold commas. */
function splitHeader(line: string): string[] {
  const cells = line.match(/"(?:[^"]|"")*"|[^,]+|(?<=^|,)(?=,|$)/g) ?? [];
  return cells.map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell.trim()));
}
