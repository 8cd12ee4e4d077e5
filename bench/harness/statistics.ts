// What is said about a list of measurements: the middle, the best, and how far they lie apart.

export interface Statistics {
  median: number;
  min: number;
  /** Median absolute deviation from the median. */
  mad: number;
  samples: number[];
}

export function statistics(samples: number[]): Statistics {
  const middle = median(samples);
  return {
    median: middle,
    min: Math.min(...samples),
    mad: median(samples.map((sample) => Math.abs(sample - middle))),
    samples,
  };
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The value that a share `q` of the sorted samples does not exceed (nearest rank). */
export function percentile(samples: number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))]!;
}
