// Steps of a source's engine: what one brings out is handed on in pieces before the next begins, with one timer at most.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Output } from "../../core/engine.ts";
import { Steps } from "../../gateway/steps.ts";

const outputs = (count: number): Output[] => Array.from({ length: count }, () => ({}) as Output);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("steps", () => {
  it("pause between pieces with one timer, also when somebody says in the middle that there is room", () => {
    let handed = 0;
    const steps: Steps = new Steps(
      (piece) => {
        handed += piece.length;
        steps.goOn();
      },
      () => 2,
      () => undefined,
    );
    steps.add(() => outputs(1000));
    for (const seen of [256, 512, 768, 1000]) {
      expect([handed, vi.getTimerCount()]).toEqual([seen, seen === 1000 ? 0 : 1]);
      vi.advanceTimersByTime(2);
    }
    expect(steps.areAtRest).toBe(true);
  });

  it("wait for room, and begin no step before", () => {
    const begun: string[] = [];
    let room = false;
    let rests = 0;
    const steps = new Steps(
      () => undefined,
      () => (room ? 0 : null),
      () => rests++,
    );
    steps.add(() => {
      begun.push("first");
      return outputs(300);
    });
    steps.add(() => {
      begun.push("second");
      return [];
    });
    vi.advanceTimersByTime(1000);
    expect([begun, vi.getTimerCount(), rests]).toEqual([["first"], 0, 0]);
    room = true;
    steps.goOn();
    steps.goOn();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    expect([begun, rests, steps.areAtRest]).toEqual([["first", "second"], 1, true]);
  });

  it("leave no timer behind when they are finished", () => {
    let handed = 0;
    const steps = new Steps(
      (piece) => (handed += piece.length),
      () => 2,
      () => undefined,
    );
    steps.add(() => outputs(1000));
    steps.finish();
    expect([handed, vi.getTimerCount(), steps.areAtRest]).toEqual([1000, 0, true]);
  });
});
