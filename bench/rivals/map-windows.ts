// What a plain program does with decoded readings: a Map from device to its open window. It knows that
// its input is in order, keeps no late records and sums without care: it has less to do than the engine.
import type { WindowRow } from "../workload/rows.ts";

interface OpenWindow {
  startMs: number;
  count: number;
  minV: number;
  maxV: number;
  sumV: number;
  minW: number;
  maxW: number;
  sumW: number;
}

export class MapWindows {
  private readonly open = new Map<string, OpenWindow>();
  private readonly windowMs: number;
  /** Takes a window when it closed. */
  private readonly emit: (row: WindowRow) => void;

  constructor(windowMs: number, emit: (row: WindowRow) => void) {
    this.windowMs = windowMs;
    this.emit = emit;
  }

  add(device: string, timeMs: number, v: number, w: number): void {
    const startMs = timeMs - (timeMs % this.windowMs);
    let window = this.open.get(device);
    if (window === undefined || window.startMs !== startMs) {
      if (window !== undefined) this.close(device, window);
      window = {
        startMs,
        count: 0,
        minV: Infinity,
        maxV: -Infinity,
        sumV: 0,
        minW: Infinity,
        maxW: -Infinity,
        sumW: 0,
      };
      this.open.set(device, window);
    }
    window.count++;
    window.sumV += v;
    window.sumW += w;
    if (v < window.minV) window.minV = v;
    if (v > window.maxV) window.maxV = v;
    if (w < window.minW) window.minW = w;
    if (w > window.maxW) window.maxW = w;
  }

  flush(): void {
    for (const [device, window] of this.open) this.close(device, window);
    this.open.clear();
  }

  private close(key: string, window: OpenWindow): void {
    const { startMs, count, minV, maxV, sumV, minW, maxW, sumW } = window;
    this.emit({ key, startMs, numbers: [count, minV, maxV, sumV / count, minW, maxW, sumW / count] });
  }
}
