// The line of a refused record for dead letter targets, whichever sink writes it:
//   {"source":"plant","refused":"decode","message":17,"position":4,"text":"{\"ts\":"}
// Imports types of core.
import type { Refusal } from "../core/engine.ts";

/** A refused record for a dead letter target: the first few of each reason and moment (see Engine.takeSamples). */
export interface RefusedRecord {
  kind: "refused";
  source: string;
  reason: Refusal;
  /** Number of the frame or line. */
  message: number;
  /** Offset in the payload at which decoding stopped. */
  position: number;
  /** The beginning of the payload. */
  text: string;
  /** Host time of the refusal. */
  timeMs: number;
}

/** One line without its end. */
export function refusedLine({ source, reason, message, position, text }: RefusedRecord): string {
  return JSON.stringify({ source, refused: reason, message, position, text });
}
