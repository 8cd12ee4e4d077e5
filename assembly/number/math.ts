// PORTABLE: compiled by asc and by tsc; only `number` (f64) and basic arithmetic, so both give the same bits.
// What engines' own Math functions do not promise to the last bit: powers and decimal rounding. The reference
// engine and the kernel share it. No Math.pow, exp or log. It imports nothing.
//
// power() works in double-double: x = m · 2^k with m in [√½, √2); ln m by the series of artanh, with
// s = (m−1)/(m+1) in double-double; y·log₂x split into a whole number and a rest; 2^rest by its series in
// double-double. About 2^-95 relative error before the one final rounding. Whole exponents up to 1,024 are done
// by repeated squaring in double-double, which is exact wherever the result and its steps are representable.
// Arithmetic: Dekker 1971; series: any table.

// Second halves of the double-double results below.
export let low: number = 0;

function productOf(x: number, y: number): number {
  const high = x * y;
  const xScaled = x * 134217729.0;
  const xHigh = xScaled - (xScaled - x);
  const xLow = x - xHigh;
  const yScaled = y * 134217729.0;
  const yHigh = yScaled - (yScaled - y);
  const yLow = y - yHigh;
  low = xHigh * yHigh - high + xHigh * yLow + xLow * yHigh + xLow * yLow;
  return high;
}

/** (aHigh + aLow) · (bHigh + bLow); second half in `low`. */
export function times(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const high = productOf(aHigh, bHigh);
  const rest = low + (aHigh * bLow + aLow * bHigh);
  const sum = high + rest;
  low = rest - (sum - high);
  return sum;
}

/** (aHigh + aLow) + (bHigh + bLow); second half in `low`. */
export function plus(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const high = aHigh + bHigh;
  const seen = high - aHigh;
  const rest = aHigh - (high - seen) + (bHigh - seen) + (aLow + bLow);
  const sum = high + rest;
  low = rest - (sum - high);
  return sum;
}

/** (aHigh + aLow) ÷ (bHigh + bLow); second half in `low`. */
export function over(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const first = aHigh / bHigh;
  const back = times(first, 0.0, bHigh, bLow);
  const second = (aHigh - back - low + aLow) / bHigh;
  const sum = first + second;
  low = second - (sum - first);
  return sum;
}

/** value · 2^power for any whole power, in steps that stay within the range of double. */
export function scale(value: number, power: number): number {
  let result = value;
  let left = power;
  while (left > 1000.0) {
    result *= 1.0715086071862673e301;
    left -= 1000.0;
  }
  while (left < -900.0) {
    // One step below the normal range only, so that nothing is rounded twice.
    if (left < -1900.0) return result * 0.0;
    result *= 1.1830521861667747e-271;
    left += 900.0;
  }
  let factor = 1.0;
  let base = left < 0.0 ? 0.5 : 2.0;
  let count = Math.abs(left);
  while (count > 0.0) {
    if (count % 2.0 == 1.0) factor *= base;
    base *= base;
    count = Math.floor(count / 2.0);
  }
  return result * factor;
}

/** x^n for whole |n| ≤ 1,024 by squaring; NaN where the double-double leaves the safe range. */
function wholePower(x: number, n: number): number {
  let high = 1.0;
  let rest = 0.0;
  let baseHigh = x;
  let baseLow = 0.0;
  let count = Math.abs(n);
  while (count > 0.0) {
    if (count % 2.0 == 1.0) {
      high = times(high, rest, baseHigh, baseLow);
      rest = low;
    }
    count = Math.floor(count / 2.0);
    if (count > 0.0) {
      baseHigh = times(baseHigh, baseLow, baseHigh, baseLow);
      baseLow = low;
    }
  }
  if (n < 0.0) {
    high = over(1.0, 0.0, high, rest);
    rest = low;
  }
  const size = Math.abs(high);
  return size < 1e290 && size > 1e-280 ? high + rest : NaN;
}

// Whole part of log₂|x| and the mantissa that belongs to it, set by split().
export let mantissa: number = 0;

export function split(x: number): number {
  let m = x;
  let k = 0.0;
  while (m >= 1.3407807929942597e154) {
    m *= 7.458340731200207e-155;
    k += 512.0;
  }
  while (m < 7.458340731200207e-155) {
    m *= 1.3407807929942597e154;
    k -= 512.0;
  }
  let step = 256.0;
  let factor = 1.157920892373162e77;
  while (step >= 1.0) {
    if (m >= factor) {
      m /= factor;
      k += step;
    } else if (m * factor < 2.0) {
      m *= factor;
      k -= step;
    }
    step /= 2.0;
    factor = Math.sqrt(factor);
  }
  if (m > 1.4142135623730951) {
    m *= 0.5;
    k += 1.0;
  }
  mantissa = m;
  return k;
}

/** ln of the mantissa in [√½, √2): 2·(s + s³/3 + s⁵/5 + …); second half in `low`. */
export function logOfMantissa(m: number): number {
  const down = plus(m, 0.0, 1.0, 0.0);
  const downLow = low;
  const s = over(m - 1.0, 0.0, down, downLow);
  const sLow = low;
  const square = times(s, sLow, s, sLow);
  const squareLow = low;
  // Horner from the 45th power down: (0.1716)^2n/(2n+1) is below 2^-106 there.
  let high = 0.0;
  let rest = 0.0;
  for (let n = 45.0; n >= 1.0; n -= 2.0) {
    high = times(high, rest, square, squareLow);
    rest = low;
    const part = over(1.0, 0.0, n, 0.0);
    high = plus(high, rest, part, low);
    rest = low;
  }
  high = times(high, rest, s, sLow);
  const half = low;
  low = 2.0 * half;
  return 2.0 * high;
}

export const LN2_HIGH: number = 0.6931471805599453;
export const LN2_LOW: number = 2.3190468138462996e-17;

/** e^z for |z| ≤ 0.35 by Horner, rounded: z^27/27! is below 2^-106. */
export function exponential(z: number, zLow: number): number {
  let high = 1.0;
  let rest = 0.0;
  for (let n = 27.0; n >= 1.0; n -= 1.0) {
    high = times(high, rest, z, zLow);
    high = over(high, low, n, 0.0);
    high = plus(high, low, 1.0, 0.0);
    rest = low;
  }
  return high + rest;
}

/** |x|^y for finite x ≠ 0 and finite y ≠ 0. */
function generalPower(x: number, y: number): number {
  const k = split(Math.abs(x));
  const ln = logOfMantissa(mantissa);
  const lnLow = low;
  // t = y · (k + ln m / ln 2); beyond ±1,100 the result over- or underflows whatever its mantissa.
  const logTwo = over(ln, lnLow, LN2_HIGH, LN2_LOW);
  const logTwoLow = low;
  const whole = plus(k, 0.0, logTwo, logTwoLow);
  const wholeLow = low;
  if (Math.abs(y * whole) > 1100.0) return (y > 0.0) == (whole > 0.0) ? Infinity : 0.0;
  const t = times(whole, wholeLow, y, 0.0);
  const tLow = low;
  const power = Math.floor(t + 0.5);
  const r = plus(t, tLow, -power, 0.0);
  const rLow = low;
  const z = times(r, rLow, LN2_HIGH, LN2_LOW);
  return scale(exponential(z, low), power);
}

/**
 * x to the power of y, within 1 ulp; special cases as in IEEE 754 pow: x⁰ = 1 and 1^y = 1, a negative x with a
 * y that is not whole gives NaN, 0 with a negative y gives Infinity.
 */
export function power(x: number, y: number): number {
  if (y == 0.0 || x == 1.0) return 1.0;
  if (x != x || y != y) return NaN;
  const wholeExponent = Math.floor(y) == y;
  const odd = wholeExponent && Math.abs(y) < 9007199254740992.0 && Math.abs(y) % 2.0 == 1.0;
  if (x == -1.0 && wholeExponent) return odd ? -1.0 : 1.0;
  if (Math.abs(y) == Infinity) {
    return (Math.abs(x) > 1.0) == (y > 0.0) ? Infinity : 0.0;
  }
  if (x == 0.0) {
    if (y > 0.0) return odd ? x : 0.0;
    return odd && 1.0 / x < 0.0 ? -Infinity : Infinity;
  }
  if (Math.abs(x) == Infinity) {
    if (y < 0.0) return odd && x < 0.0 ? -0.0 : 0.0;
    return odd && x < 0.0 ? -Infinity : Infinity;
  }
  if (x < 0.0 && !wholeExponent) return NaN;
  if (wholeExponent && Math.abs(y) <= 1024.0 && Math.abs(x) < 1e100 && Math.abs(x) > 1e-100) {
    const exact = wholePower(x, y);
    if (exact == exact) return exact;
  }
  if (y == 0.5) return Math.sqrt(x);
  const size = generalPower(x, y);
  return x < 0.0 && odd ? -size : size;
}

/** Nearest whole number, halves away from zero. */
export function roundHalfAway(x: number): number {
  const size = Math.abs(x);
  if (!(size < 4503599627370496.0)) return x;
  const down = Math.floor(size);
  const rounded = size - down >= 0.5 ? down + 1.0 : down;
  return x < 0.0 ? -rounded : rounded;
}

/**
 * x rounded to `digits` decimal places, halves of its decimal text away from zero, as Flink does: 1.005 to two
 * places is 1.01, although the double is a little less. x itself beyond 2^52 units of the last place.
 */
export function roundDigits(x: number, digits: number): number {
  let power = 1.0;
  for (let digit = 0.0; digit < digits; digit += 1.0) power *= 10.0;
  const size = Math.abs(x);
  const down = Math.floor(size * power);
  if (!(down < 4503599627370496.0)) return x;
  // Both parts are whole below 2^53, so this is the double nearest to the half: x lies on its side of it.
  const half = (2.0 * down + 1.0) / (2.0 * power);
  const rounded = (size >= half ? down + 1.0 : down) / power;
  return x < 0.0 ? -rounded : rounded;
}
