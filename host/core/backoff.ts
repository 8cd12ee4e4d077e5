// How long to wait before the next attempt: doubled from 250 ms to 10 s, spread by a hash of who waits, so that many
// gateways that lost one broker do not come back in the same instant. No randomness: the same name waits the same.
// Portable: imports nothing.

const FIRST_MS = 250;
const MAX_MS = 10_000;

/** Milliseconds to wait after `failures` failures in a row (from 0); between half and all of the doubled time. */
export function backoffMs(name: string, failures: number): number {
  const whole = Math.min(MAX_MS, FIRST_MS * (1 << Math.min(failures, 10)));
  let hash = 0x811c9dc5;
  for (const letter of `${name} ${failures}`) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  return Math.round(whole / 2 + ((hash >>> 0) / 0x1_0000_0000) * (whole / 2));
}
