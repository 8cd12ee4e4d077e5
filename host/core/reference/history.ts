// The reference's snapshot: everything that was done to the engine, as JSON. Imports nothing.

/** A call of the engine and what it was given. */
export interface Call {
  kind: "push" | "tick" | "flush" | "endOfFile" | "csvHeader" | "version";
  value: unknown;
}

export function writeHistory(history: Call[]): Uint8Array {
  const text = JSON.stringify(history, (_key, value: unknown) => {
    if (typeof value === "bigint") return { bigint: value.toString() };
    return value instanceof Uint8Array ? { bytes: [...value] } : value;
  });
  return new TextEncoder().encode(text);
}

export function readHistory(snapshot: Uint8Array): Call[] {
  const revive = (_key: string, value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if ("bigint" in value) return BigInt(value.bigint as string);
    return "bytes" in value ? new Uint8Array(value.bytes as number[]) : value;
  };
  return JSON.parse(new TextDecoder().decode(snapshot), revive) as Call[];
}
