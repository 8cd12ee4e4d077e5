// Numbers as text that a column can be read by. Imports nothing.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const MS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, year: 31_557_600_000 };

/** Whole, with thousands apart. */
export const formatCount = (value: number): string => whole.format(value);

/** Small rates with one digit behind the point. */
export const formatRate = (value: number): string => (value < 9.95 ? value.toFixed(1) : whole.format(value));

/** How far behind, in the unit that fits. */
export function formatDelay(ms: number): string {
  const size = Math.abs(ms);
  if (size < 2 * MS.minute) return `${(ms / MS.second).toFixed(1)} s`;
  if (size < 2 * MS.hour) return `${Math.round(ms / MS.minute)} min`;
  if (size < 2 * MS.day) return `${Math.round(ms / MS.hour)} h`;
  if (size < 2 * MS.year) return `${Math.round(ms / MS.day)} d`;
  return `${(ms / MS.year).toFixed(1)} years`;
}

/** About six digits. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  const size = Math.abs(value);
  return size >= 1e9 || size < 1e-3 ? value.toExponential(3) : value.toFixed(decimals(size));
}

const decimals = (size: number): number => (size >= 10_000 ? 1 : size >= 100 ? 2 : size >= 1 ? 3 : 5);

/** All values of a column alike, so that their points stand below each other. */
export function formatColumn(values: (number | null)[]): string[] {
  const numbers = values.filter((value) => value !== null);
  const sizes = numbers.map(Math.abs);
  const largest = Math.max(0, ...sizes);
  if (largest >= 1e9 || (largest > 0 && largest < 1e-3))
    return values.map((value) => (value === null ? "–" : formatNumber(value)));
  const digits = numbers.every(Number.isInteger) ? 0 : decimals(largest);
  return values.map((value) => (value === null ? "–" : value.toFixed(digits)));
}
