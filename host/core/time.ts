// Instants as text: ISO 8601 in UTC with milliseconds, and with nine digits only where they say more.
// Portable: imports nothing.

const pad = (value: bigint, digits: number): string => value.toString().padStart(digits, "0");

const NS_A_MILLISECOND = 1_000_000n;

/** `2013-12-02T21:00:00.000Z`, or with `.000000001Z` where digits below the millisecond are not 0. */
export function formatInstant(ns: bigint): string {
  let rest = ns % NS_A_MILLISECOND;
  if (rest < 0n) rest += NS_A_MILLISECOND;
  const text = new Date(Number((ns - rest) / NS_A_MILLISECOND)).toISOString();
  return rest === 0n ? text : `${text.slice(0, -1)}${pad(rest, 6)}Z`;
}

/** Nanoseconds as milliseconds in exact decimal text: `1500`, `0.25`. */
export function formatMilliseconds(ns: bigint): string {
  const sign = ns < 0n ? "-" : "";
  const size = ns < 0n ? -ns : ns;
  const fraction = pad(size % NS_A_MILLISECOND, 6).replace(/0+$/, "");
  return `${sign}${size / NS_A_MILLISECOND}${fraction === "" ? "" : `.${fraction}`}`;
}
