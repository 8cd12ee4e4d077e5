// Each signal against its formula, and what is said of a text that is none.
import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { parseSignal } from "../signal.ts";

/** Values at `seconds`, of one device. */
function values(spec: string, seconds: number[], seed = 1): number[] {
  const random = new Random(seed);
  const signal = parseSignal(spec)();
  return seconds.map((second) => signal(second, random));
}

const EVERY_SECOND = Array.from({ length: 1000 }, (_, second) => second);

describe("signals", () => {
  it("constant", () => {
    expect(values("constant:value=-2.5", [0, 1, 1e6])).toEqual([-2.5, -2.5, -2.5]);
    expect(values("constant", [0])).toEqual([1]);
  });

  it("sine: mean + amplitude · sin(2π t / period), within its noise", () => {
    const exact = EVERY_SECOND.map((second) => 20 + 5 * Math.sin((2 * Math.PI * second) / 60));
    values("sine:mean=20,amplitude=5,period=60s", EVERY_SECOND).forEach((value, second) => {
      expect(value).toBeCloseTo(exact[second]!, 12);
    });
    const noise = values("sine:mean=20,amplitude=5,period=60,noise=0.5", EVERY_SECOND).map(
      (value, second) => value - exact[second]!,
    );
    expect(Math.max(...noise)).toBeGreaterThan(0.45);
    expect(Math.max(...noise.map(Math.abs))).toBeLessThanOrEqual(0.5);
    expect(Math.abs(mean(noise))).toBeLessThan(0.05);
  });

  it("walk: steps that are independent and uniform up to `step`", () => {
    const walk = values("walk:start=100,step=2", EVERY_SECOND);
    const steps = walk.map((value, index) => value - (index === 0 ? 100 : walk[index - 1]!));
    expect(Math.max(...steps.map(Math.abs))).toBeLessThanOrEqual(2);
    expect(Math.abs(mean(steps))).toBeLessThan(0.2);
    // A uniform step of ±2 has the variance 4/3; neighbours have nothing in common.
    expect(mean(steps.map((step) => step * step))).toBeCloseTo(4 / 3, 0);
    expect(Math.abs(mean(steps.slice(1).map((step, index) => step * steps[index]!)))).toBeLessThan(0.15);
  });

  it("square: low in the first half of each period, high in the second", () => {
    expect(values("square:low=-1,high=3,period=4", [0, 1.9, 2, 3.9, 4, 6])).toEqual([-1, -1, 3, 3, -1, 3]);
  });

  it("counter: goes up by `step` and begins again at `reset`", () => {
    expect(values("counter:step=3,reset=10", [0, 0, 0, 0, 0])).toEqual([3, 6, 9, 0, 3]);
  });

  it("are the same for the same seed, and each device has its own", () => {
    for (const spec of ["walk", "sine:noise=1"]) {
      expect(values(spec, EVERY_SECOND, 7)).toEqual(values(spec, EVERY_SECOND, 7));
      expect(values(spec, EVERY_SECOND, 7)).not.toEqual(values(spec, EVERY_SECOND, 8));
    }
    const make = parseSignal("counter");
    const [one, other] = [make(), make()];
    const random = new Random(1);
    expect([one(0, random), one(0, random), other(0, random)]).toEqual([1, 2, 1]);
  });

  it.each([
    ["sinus", 'no signal "sinus": the signals are constant, sine, walk, square, counter'],
    ["constructor", 'no signal "constructor": the signals are constant, sine, walk, square, counter'],
    ["sine:phase=1", 'signal sine has no "phase": it has mean, amplitude, period, noise'],
    ["constant:value=", 'signal constant: "value=" is no number'],
    ["walk:step=big", 'signal walk: "step=big" is no number'],
    ["square:period=0", "signal square: a period is longer than 0 s"],
  ])("%s is none", (spec, message) => {
    expect(() => parseSignal(spec)).toThrow(message);
  });
});

const mean = (numbers: number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
