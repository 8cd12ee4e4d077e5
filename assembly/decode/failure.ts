// Where the decoder at work could not go on: one place for all of them, since one payload is read at a time.
// It imports nothing.

export let failedAt: usize = 0;

/** Notes the place; returns 0, which decoders answer in place of the address behind what they read. */
// @ts-ignore: decorator
@inline export function fail(at: usize): usize {
  failedAt = at;
  return 0;
}
