// The pace of a replay: waits until a moment of the input's own time has come, at the chosen speed. It changes when
// something is printed, never what. Imports nothing.

const NAP_MS = 100;

export class Pace {
  /** Infinity: without waiting. */
  private readonly speed: number;
  private readonly signal: AbortSignal;
  private firstNs: bigint | null = null;
  private firstMoment = 0;

  constructor(speed: number, signal: AbortSignal) {
    this.speed = speed;
    this.signal = signal;
  }

  get waits(): boolean {
    return this.speed !== Infinity;
  }

  /** The next moment follows at once: behind a time in which nothing ran. */
  begin(): void {
    this.firstNs = null;
  }

  /** Resolves when the moment has come, or the signal; `beforeWaiting` is called if there is something to wait for. */
  async reach(timeNs: bigint | null, beforeWaiting: () => void): Promise<void> {
    if (!this.waits || timeNs === null) return;
    if (this.firstNs === null) {
      this.firstNs = timeNs;
      this.firstMoment = performance.now();
    }
    const due = this.firstMoment + Number(timeNs - this.firstNs) / 1e6 / this.speed;
    if (performance.now() < due) beforeWaiting();
    while (performance.now() < due && !this.signal.aborted)
      await new Promise((resolve) => setTimeout(resolve, Math.min(NAP_MS, due - performance.now())));
  }
}
