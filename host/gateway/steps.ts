// What is done to an engine, one step after the other: a step begins when all that came out of the one before was handed
// on. That happens in pieces, between which the process reads and writes; it waits while there is no room. So a step may
// bring out more than memory holds. Imports types of core.
import type { Output, Outputs } from "../core/engine.ts";

/** Few enough to be garbage before the collector looks at them twice. */
const PIECE_OUTPUTS = 256;

/** A call of the engine, or of others about its state, which is at rest then; it adds no step. */
export type Step = () => Outputs;

export class Steps {
  private readonly waiting: Step[] = [];
  /** What the last step brings out, until it was handed on. */
  private taking: Iterator<Output> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private running = false;
  private readonly handOn: (outputs: Output[]) => void;
  private readonly pauseMs: () => number | null;
  private readonly atRest: () => void;

  /**
   * `handOn` gets what comes out, in order. Before it gets more the process does other things for `pauseMs`, if that is
   * not 0; null: until somebody calls goOn. `atRest` is called when steps that had to wait are done.
   */
  constructor(handOn: (outputs: Output[]) => void, pauseMs: () => number | null, atRest: () => void) {
    this.handOn = handOn;
    this.pauseMs = pauseMs;
    this.atRest = atRest;
  }

  /** A step that is added now is done at once. */
  get areAtRest(): boolean {
    return this.taking === null;
  }

  /** Does something at once, or when it is its turn. */
  add(step: Step): void {
    this.waiting.push(step);
    if (this.areAtRest) this.run(true);
  }

  /** There is room again. */
  goOn(): void {
    if (!this.areAtRest && !this.running && this.timer === null) this.goOnIn(0);
  }

  private goOnIn(ms: number): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      this.run(true);
      if (this.areAtRest) this.atRest();
    }, ms);
  }

  /** Does all that waits at once, with room or without. */
  finish(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.run(false);
  }

  private run(pauses: boolean): void {
    this.running = true;
    try {
      this.handOnAll(pauses);
    } finally {
      this.running = false;
    }
  }

  private handOnAll(pauses: boolean): void {
    while (this.taking !== null || this.waiting.length > 0) {
      this.taking ??= this.waiting.shift()!()[Symbol.iterator]();
      const piece = this.takePiece(this.taking);
      if (piece.length > 0) this.handOn(piece);
      const pauseMs = this.taking !== null && pauses ? this.pauseMs() : 0;
      if (pauseMs === 0) continue;
      if (pauseMs !== null) this.goOnIn(pauseMs);
      return;
    }
  }

  private takePiece(outputs: Iterator<Output>): Output[] {
    const piece: Output[] = [];
    while (piece.length < PIECE_OUTPUTS) {
      const { done, value } = outputs.next();
      if (done === true) {
        this.taking = null;
        break;
      }
      piece.push(value as Output);
    }
    return piece;
  }
}
