// The real clock. Only entry points hand it out; everything else gets time as an argument.

/** Host time in ms since 1970. */
export function nowMs(): number {
  return Date.now();
}
