// Seeded random numbers: xorshift128, so that every run with the same seed sends the same readings. Method:
// G. Marsaglia, "Xorshift RNGs" (2003). Imports nothing.

export class Random {
  private x: number;
  private y = 362436069;
  private z = 521288629;
  private w = 88675123;

  constructor(seed: number) {
    this.x = (seed ^ 0x9e3779b9) >>> 0 || 123456789;
    for (let round = 0; round < 16; round++) this.next();
  }

  /** Uniform in [0, 1). */
  next(): number {
    const t = this.x ^ (this.x << 11);
    this.x = this.y;
    this.y = this.z;
    this.z = this.w;
    this.w = (this.w ^ (this.w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    return this.w / 4294967296;
  }

  /** Uniform in [least, most). */
  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }
}
