// Nearest known names for a name that is not known. Portable: imports nothing.

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other. */
export function editDistance(a: string, b: string): number {
  let previous: number[] = [];
  let current = Array.from({ length: b.length + 1 }, (_, index) => index);
  let beforePrevious: number[] = [];
  for (let i = 1; i <= a.length; i++) {
    beforePrevious = previous;
    previous = current;
    current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforePrevious[j - 2]! + 1);
      }
      current.push(best);
    }
  }
  return current[b.length]!;
}

/** The known name nearest to `name`, when it is near enough to be meant; case does not count. */
export function nearest(name: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    const same = Math.max(name.length, candidate.length) - distance;
    if (distance < bestDistance && same > 0) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** "did you mean x? " when something is near, and the whole list when it is short. */
export function suggestion(name: string, known: string[], what: string): string {
  const near = nearest(name, known);
  const all = known.length > 0 && known.length <= 32 ? `(${what}: ${known.join(", ")})` : "";
  return [near === null ? "" : `did you mean ${near}?`, all].filter((part) => part !== "").join(" ");
}
