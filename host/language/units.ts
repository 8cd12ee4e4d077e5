// Durations (500ms 5s 10m 1h 1d) and sizes (64MB) as the definition file writes them; a bare number is
// refused. Portable: imports nothing.

const durationNs: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};
const sizeBytes: Record<string, number> = { B: 1, KB: 1024, MB: 1048576, GB: 1073741824 };

/** Nanoseconds of a duration such as `1.5s`; null when it is none or finer than 1 ns. */
export function parseDuration(text: string): bigint | null {
  const match = /^(\d{1,15})(?:\.(\d{1,9}))?\s*(ns|us|ms|s|m|h|d)$/.exec(text.trim());
  if (match === null) return null;
  const unit = durationNs[match[3]!]!;
  const fraction = match[2] ?? "";
  const scaled = BigInt(match[1]! + fraction) * unit;
  const divisor = BigInt("1" + "0".repeat(fraction.length));
  return scaled % divisor === 0n ? scaled / divisor : null;
}

/** The shortest way to write a duration. */
export function formatDuration(ns: bigint): string {
  if (ns === 0n) return "0s";
  const units = Object.entries(durationNs).toReversed();
  const [name, size] = units.find(([, unit]) => ns % unit === 0n)!;
  return `${ns / size}${name}`;
}

/** A size in the largest unit that divides it. */
export function formatSize(bytes: number): string {
  const units = Object.entries(sizeBytes).toReversed();
  const [name, size] = units.find(([, unit]) => bytes % unit === 0)!;
  return `${bytes / size}${name}`;
}

/** Bytes of a size such as `64MB` (1,024-based); null when it is none. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/i.exec(text.trim());
  return match === null ? null : Math.round(Number(match[1]) * sizeBytes[match[2]!.toUpperCase()]!);
}
