// PORTABLE: compiled by asc and by tsc; only `number` (f64) and basic arithmetic, so both give the same bits.
// Logarithms, the exponential function, sine and cosine, each in double-double from its series, rounded once: about
// 2^-95 relative error before that, so nearly always the nearest double. Imports math.
//
// Sine and cosine take the remainder of x · 2/π from as many digits of 2/π as x asks for, whatever its size.
// Method: Payne and Hanek, "Radian reduction for trigonometric functions" (1983).
import {
  LN2_HIGH, LN2_LOW, exponential, logOfMantissa, low, mantissa, over, plus, scale, split, times,
} from "./math.ts";

const LN10_HIGH: number = 2.302585092994046;
const LN10_LOW: number = -2.1707562233822494e-16;
const HALF_PI_HIGH: number = 1.5707963267948966;
const HALF_PI_LOW: number = 6.123233995736766e-17;
const QUARTER_PI: number = 0.7853981633974483;
/** 2^24: digits of the reduction are below it. */
const DIGIT: number = 16777216.0;

// Second half of the value that naturalOf and reduce found.
let rest: number = 0;

/** ln x of a finite x above zero; second half in `rest`. */
function naturalOf(x: number): number {
  const power = split(x);
  const ofMantissa = logOfMantissa(mantissa);
  const ofMantissaLow = low;
  const whole = times(power, 0.0, LN2_HIGH, LN2_LOW);
  const high = plus(whole, low, ofMantissa, ofMantissaLow);
  rest = low;
  return high;
}

/** The natural logarithm: of 0 −Infinity, of less NaN. */
export function ln(x: number): number {
  if (x == 0.0) return -Infinity;
  if (!(x > 0.0)) return NaN;
  if (x == Infinity) return x;
  const high = naturalOf(x);
  return high + rest;
}

/** The logarithm to base 10; exact of every power of ten that a double holds. */
export function log10(x: number): number {
  if (x == 0.0) return -Infinity;
  if (!(x > 0.0)) return NaN;
  if (x == Infinity) return x;
  const high = naturalOf(x);
  const quotient = over(high, rest, LN10_HIGH, LN10_LOW);
  return quotient + low;
}

/** e to the power of x. */
export function exp(x: number): number {
  if (x != x) return x;
  if (x > 710.0) return Infinity;
  if (x < -746.0) return 0.0;
  const power = Math.floor(x / LN2_HIGH + 0.5);
  const whole = times(power, 0.0, LN2_HIGH, LN2_LOW);
  const left = plus(x, 0.0, -whole, -low);
  return scale(exponential(left, low), power);
}

/** Digit `index` of 2/π behind the point, to base 2^24; 0 before the first one. */
function digitOf(index: number): number {
  if (index == 0.0) return 10680707.0;
  if (index == 1.0) return 7228996.0;
  if (index == 2.0) return 1387004.0;
  if (index == 3.0) return 2578385.0;
  if (index == 4.0) return 16069853.0;
  if (index == 5.0) return 12639074.0;
  if (index == 6.0) return 9804092.0;
  if (index == 7.0) return 4427841.0;
  if (index == 8.0) return 16666979.0;
  if (index == 9.0) return 11263675.0;
  if (index == 10.0) return 12935607.0;
  if (index == 11.0) return 2387514.0;
  if (index == 12.0) return 4345298.0;
  if (index == 13.0) return 14681673.0;
  if (index == 14.0) return 3074569.0;
  if (index == 15.0) return 13734428.0;
  if (index == 16.0) return 16653803.0;
  if (index == 17.0) return 1880361.0;
  if (index == 18.0) return 10960616.0;
  if (index == 19.0) return 8533493.0;
  if (index == 20.0) return 3062596.0;
  if (index == 21.0) return 8710556.0;
  if (index == 22.0) return 7349940.0;
  if (index == 23.0) return 6258241.0;
  if (index == 24.0) return 3772886.0;
  if (index == 25.0) return 3769171.0;
  if (index == 26.0) return 3798172.0;
  if (index == 27.0) return 8675211.0;
  if (index == 28.0) return 12450088.0;
  if (index == 29.0) return 3874808.0;
  if (index == 30.0) return 9961438.0;
  if (index == 31.0) return 366607.0;
  if (index == 32.0) return 15675153.0;
  if (index == 33.0) return 9132554.0;
  if (index == 34.0) return 7151469.0;
  if (index == 35.0) return 3571407.0;
  if (index == 36.0) return 2607881.0;
  if (index == 37.0) return 12013382.0;
  if (index == 38.0) return 4155038.0;
  if (index == 39.0) return 6285869.0;
  if (index == 40.0) return 7677882.0;
  if (index == 41.0) return 13102053.0;
  if (index == 42.0) return 15825725.0;
  if (index == 43.0) return 473591.0;
  if (index == 44.0) return 9065106.0;
  if (index == 45.0) return 15363067.0;
  if (index == 46.0) return 6271263.0;
  if (index == 47.0) return 9264392.0;
  if (index == 48.0) return 5636912.0;
  if (index == 49.0) return 4652155.0;
  if (index == 50.0) return 7056368.0;
  if (index == 51.0) return 13614112.0;
  return 0.0;
}

// Integer part and fraction of |x| · 2/π, to base 2^24.
let integer: number = 0;
let f1: number = 0;
let f2: number = 0;
let f3: number = 0;
let f4: number = 0;
let f5: number = 0;
let f6: number = 0;
/** What a column of digits hands on to the next one. */
let carry: number = 0;

function settled(sum: number): number {
  const total = sum + carry;
  carry = Math.floor(total / DIGIT);
  return total - carry * DIGIT;
}

/** Column `w` of the product of the digits m3 … m0 with those of 2/π, of which m0 · digit `first` is in column 0. */
function column(first: number, w: number, m0: number, m1: number, m2: number, m3: number): number {
  const index = first - w;
  return m0 * digitOf(index) + m1 * digitOf(index + 1.0) + m2 * digitOf(index + 2.0) + m3 * digitOf(index + 3.0);
}

/** |x| · 2/π, without multiples of 2^24, into `integer` and the digits of the fraction. */
function multiply(x: number): void {
  // |x| = m · 2^(24·q), where m is a whole number below 2^78.
  const power = split(x) - 53.0;
  const q = Math.floor(power / 24.0);
  let left = scale(mantissa, 53.0 + power - q * 24.0);
  const m3 = Math.floor(left / 4722366482869645213696.0);
  left -= m3 * 4722366482869645213696.0;
  const m2 = Math.floor(left / 281474976710656.0);
  left -= m2 * 281474976710656.0;
  const m1 = Math.floor(left / DIGIT);
  const m0 = left - m1 * DIGIT;
  const first = q - 1.0;
  carry = 0.0;
  settled(column(first, -7.0, m0, m1, m2, m3));
  f6 = settled(column(first, -6.0, m0, m1, m2, m3));
  f5 = settled(column(first, -5.0, m0, m1, m2, m3));
  f4 = settled(column(first, -4.0, m0, m1, m2, m3));
  f3 = settled(column(first, -3.0, m0, m1, m2, m3));
  f2 = settled(column(first, -2.0, m0, m1, m2, m3));
  f1 = settled(column(first, -1.0, m0, m1, m2, m3));
  integer = settled(column(first, 0.0, m0, m1, m2, m3));
}

let quadrant: number = 0;

/** x − quadrant · π/2 for |x|, between −π/4 and π/4; second half in `rest`, the quadrant in `quadrant`. */
function reduce(x: number): number {
  if (x <= QUARTER_PI) {
    quadrant = 0.0;
    rest = 0.0;
    return x;
  }
  multiply(x);
  let sign = 1.0;
  quadrant = integer % 4.0;
  if (f1 >= 8388608.0) {
    // From one half on: what is lacking to the next quadrant. The digits' complement is short of it by 2^-144.
    quadrant = (quadrant + 1.0) % 4.0;
    sign = -1.0;
    f1 = DIGIT - 1.0 - f1;
    f2 = DIGIT - 1.0 - f2;
    f3 = DIGIT - 1.0 - f3;
    f4 = DIGIT - 1.0 - f4;
    f5 = DIGIT - 1.0 - f5;
    f6 = DIGIT - 1.0 - f6;
  }
  let high = plus(f5 / DIGIT, 0.0, f6 / DIGIT / DIGIT, 0.0);
  high = plus(f4, 0.0, high, low);
  high = plus(f3, 0.0, high / DIGIT, low / DIGIT);
  high = plus(f2, 0.0, high / DIGIT, low / DIGIT);
  high = plus(f1, 0.0, high / DIGIT, low / DIGIT);
  const angle = times(high / DIGIT, low / DIGIT, HALF_PI_HIGH, HALF_PI_LOW);
  rest = sign * low;
  return sign * angle;
}

/** sin r (`from` = 29) or cos r (28) by its series, for |r| ≤ π/4. */
function series(r: number, rLow: number, from: number): number {
  const square = times(r, rLow, r, rLow);
  const squareLow = low;
  let high = 1.0;
  let highLow = 0.0;
  for (let n = from; n > 1.0; n -= 2.0) {
    high = times(high, highLow, square, squareLow);
    high = over(high, low, -(n * (n - 1.0)), 0.0);
    high = plus(1.0, 0.0, high, low);
    highLow = low;
  }
  if (from == 28.0) return high + highLow;
  high = times(high, highLow, r, rLow);
  return high + low;
}

/** The sine of an angle in radians. */
export function sin(x: number): number {
  const size = Math.abs(x);
  if (!(size < Infinity)) return NaN;
  if (size < 1e-9) return x;
  const r = reduce(size);
  const value = quadrant % 2.0 == 0.0 ? series(r, rest, 29.0) : series(r, rest, 28.0);
  return (quadrant >= 2.0) == (x < 0.0) ? value : -value;
}

/** The cosine of an angle in radians. */
export function cos(x: number): number {
  const size = Math.abs(x);
  if (!(size < Infinity)) return NaN;
  const r = reduce(size);
  const value = quadrant % 2.0 == 0.0 ? series(r, rest, 28.0) : series(r, rest, 29.0);
  return quadrant == 1.0 || quadrant == 2.0 ? -value : value;
}
