// The line of a refused record for dead letter targets, whichever sink writes it:
//   {"source":"plant","refused":"decode","message":17,"position":4,"text":"{\"ts\":"}
// Imports types of sinks.
import type { RefusedRecord } from "../sinks/sink.ts";

/** One line without its end. */
export function refusedLine({ source, reason, message, position, text }: RefusedRecord): string {
  return JSON.stringify({ source, refused: reason, message, position, text });
}
