// Exact sums of doubles with BigInt: every double is a whole number of 2^-1074, so sums need no care at all.
// The oracle of what the kernel does with a few doubles and wide accumulators. Imports nothing.

const bits = new DataView(new ArrayBuffer(8));

/** A finite double as a whole number of 2^-1074. */
export function toUnits(value: number): bigint {
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const size = exponent === 0 ? fraction : (fraction | 0x10000000000000n) << BigInt(exponent - 1);
  return word >> 63n === 1n ? -size : size;
}

/** A whole number of 2^-1074 as the nearest double, ties to even; ±Infinity beyond the largest. */
export function fromUnits(units: bigint): number {
  const negative = units < 0n;
  const size = negative ? -units : units;
  const length = size.toString(2).length;
  let exponent = 0;
  let mantissa = size;
  if (length > 53) {
    const shift = BigInt(length - 53);
    mantissa = size >> shift;
    const rest = size - (mantissa << shift);
    const half = 1n << (shift - 1n);
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa += 1n;
    exponent = length - 53;
    if (mantissa === 1n << 53n) {
      mantissa >>= 1n;
      exponent += 1;
    }
  }
  if (exponent + 1 >= 0x7ff) return negative ? -Infinity : Infinity;
  // Below 2^52 units the number is subnormal: its bits are the units themselves.
  const word =
    mantissa < 1n << 52n ? mantissa : (BigInt(exponent + 1) << 52n) | (mantissa & 0xfffffffffffffn);
  bits.setBigUint64(0, word | (negative ? 1n << 63n : 0n));
  return bits.getFloat64(0);
}

/** The exact sum as (nearest double, nearest double of what is left). */
export function twoDoubles(units: bigint): [number, number] {
  const high = fromUnits(units);
  if (!Number.isFinite(high)) return [high, 0];
  return [high, fromUnits(units - toUnits(high))];
}

/** x·y as (rounded product, its error): Veltkamp's split and Dekker's product, in the kernel's order. */
export function twoProduct(x: number, y: number): [number, number] {
  const high = x * y;
  const xScaled = x * 134217729;
  const xHigh = xScaled - (xScaled - x);
  const xLow = x - xHigh;
  const yScaled = y * 134217729;
  const yHigh = yScaled - (yScaled - y);
  const yLow = y - yHigh;
  return [high, xHigh * yHigh - high + xHigh * yLow + xLow * yHigh + xLow * yLow];
}
