// Signals: what a parameter of a simulated device shows over time. `sine:mean=20,amplitude=5,period=60` and the like.
// Imports random.
import type { Random } from "./random.ts";

/** Value at `seconds` since the run began; called once for each reading, in order. */
export type Signal = (seconds: number, random: Random) => number;

type Settings = Record<string, number>;

const MAKERS: Record<string, { settings: Settings; make(settings: Settings): Signal }> = {
  constant: {
    settings: { value: 1 },
    make:
      ({ value }) =>
      () =>
        value!,
  },
  sine: {
    settings: { mean: 20, amplitude: 5, period: 60, noise: 0 },
    make:
      ({ mean, amplitude, period, noise }) =>
      (seconds, random) =>
        mean! + amplitude! * Math.sin((2 * Math.PI * seconds) / period!) + noise! * random.between(-1, 1),
  },
  walk: {
    settings: { start: 0, step: 1 },
    make: ({ start, step }) => {
      let value = start!;
      return (_seconds, random) => (value += step! * random.between(-1, 1));
    },
  },
  square: {
    settings: { low: 0, high: 1, period: 60 },
    make:
      ({ low, high, period }) =>
      (seconds) =>
        seconds % period! < period! / 2 ? low! : high!,
  },
  counter: {
    settings: { step: 1, reset: 1000 },
    make: ({ step, reset }) => {
      let value = 0;
      return () => {
        value += step!;
        if (value >= reset!) value = 0;
        return value;
      };
    },
  },
};

export const SIGNAL_NAMES = Object.keys(MAKERS);

/** A maker of signals from its text; a device gets one of its own. Throws an Error that says what is known. */
export function parseSignal(text: string): () => Signal {
  const [name = "", list = ""] = text.split(":", 2);
  const maker = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
  if (maker === undefined) throw new Error(`no signal "${name}": the signals are ${SIGNAL_NAMES.join(", ")}`);
  const settings = { ...maker.settings };
  for (const part of list === "" ? [] : list.split(",")) {
    const [key = "", value = ""] = part.split("=", 2);
    if (!Object.hasOwn(settings, key))
      throw new Error(`signal ${name} has no "${key}": it has ${Object.keys(settings).join(", ")}`);
    const number = Number(value.replace(/s$/, ""));
    if (value === "" || !Number.isFinite(number)) throw new Error(`signal ${name}: "${part}" is no number`);
    if (key === "period" && number <= 0) throw new Error(`signal ${name}: a period is longer than 0 s`);
    settings[key] = number;
  }
  return () => maker.make(settings);
}
