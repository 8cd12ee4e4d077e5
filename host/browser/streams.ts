// What is known of streams besides their records, put into words: for each device that is looked at its state, name,
// parent and properties, and the parameters with unit and range. Imports core types, messages.
import type { Scalar, StreamContext } from "../core/engine.ts";
import type { ContextPlan, Plan } from "../core/plan/plan.ts";
import type { About } from "./messages.ts";

export class StreamWords {
  private readonly context: ContextPlan | null;
  /** Of each key column of the streams its place among the device's columns; -1 when a device does not tell it. */
  private readonly places: number[];

  constructor(plan: Plan, deviceColumns: number[]) {
    this.context = plan.source.context ?? null;
    this.places = (this.context?.keys ?? []).map((column) => deviceColumns.indexOf(column));
  }

  /** In words; `partsOf` gives the values of a device's columns. */
  about(chosen: string[], partsOf: (device: string) => string[], streams: StreamContext[]): About[] {
    const { context } = this;
    if (context === null || this.places.includes(-1)) return [];
    return chosen.flatMap((device): About[] => {
      const parts = partsOf(device);
      const key = this.places.map((place) => parts[place] ?? "");
      const stream = streams.find((one) => one.key.every((value, place) => (value ?? "–") === key[place]));
      if (stream === undefined) return [];
      return [
        {
          device,
          state: stream.cells[0] as string | null,
          ended: stream.ended,
          facts: factsOf(context, stream.cells),
        },
      ];
    });
  }
}

function factsOf({ cells }: ContextPlan, values: Scalar[]): string[] {
  const facts: string[] = [];
  const parameters = new Map<string, Record<string, Scalar>>();
  cells.forEach(({ path }, place) => {
    const [group, name, part] = path;
    const value = values[place]!;
    if (value === null || group === "state") return;
    if (group === "parameters") {
      const known = parameters.get(name!) ?? {};
      parameters.set(name!, { ...known, [part!]: value });
    } else facts.push(`${name ?? group} ${String(value)}`);
  });
  for (const [name, parameter] of parameters) facts.push(parameterText(name, parameter));
  return facts;
}

/** `temp (oil temperature) in °C, -40 to 125, shown as 0.0`. */
function parameterText(name: string, { name: long, unit, min, max, format }: Record<string, Scalar>): string {
  const range =
    min !== undefined && max !== undefined
      ? `, ${String(min)} to ${String(max)}`
      : min !== undefined
        ? `, from ${String(min)}`
        : max !== undefined
          ? `, to ${String(max)}`
          : "";
  const shown = format === undefined ? "" : `, shown as ${String(format)}`;
  return `${name}${long === undefined ? "" : ` (${String(long)})`}${unit === undefined ? "" : ` in ${String(unit)}`}${range}${shown}`;
}
