// A product without loss: Veltkamp's split and Dekker's product (1971), for machines without a fused
// multiply-add. Shared by sums of squares, quotients and decimal numbers. It imports nothing.

/** Low part of the last product: x·y − product(x, y), exactly. */
export let productLow: f64 = 0;

/** x·y rounded; its exact error goes to productLow (while |x|, |y| < 2^996 and the product is finite). */
// @ts-ignore: decorator
@inline export function product(x: f64, y: f64): f64 {
  const high = x * y;
  const xScaled = x * 134217729;
  const xHigh = xScaled - (xScaled - x);
  const xLow = x - xHigh;
  const yScaled = y * 134217729;
  const yHigh = yScaled - (yScaled - y);
  const yLow = y - yHigh;
  productLow = ((xHigh * yHigh - high) + xHigh * yLow + xLow * yHigh) + xLow * yLow;
  return high;
}
