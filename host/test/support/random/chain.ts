// Pipelines that read pipelines, drawn for the property tests: further pipelines over results of those that a plan
// has, or over results of such ones, with clocks of their own.
import type {
  ChainedSource,
  PartialPlan,
  PipelinePlan,
  Plan,
  Type,
  ZonePlan,
} from "../../../core/plan/plan.ts";
import { firstAggregateColumn, isArray, partialOf } from "../../../core/plan/plan.ts";
import type { Draw } from "./plan.ts";
import { drawPipeline } from "./plan.ts";

const SECOND = 1_000_000_000n;

/** The plan with up to three more pipelines that read others, anywhere among them. */
export function drawChain(draw: Draw, plan: Plan, zones: ZonePlan[]): Plan {
  const pipelines: PipelinePlan[] = [...plan.pipelines];
  const chained: ChainedSource[] = [];
  const count = draw.whole(1, 3);
  for (let index = 0; index < count; index++) {
    // Two may read the same results, with the same clocks or with others.
    if (chained.length === 0 || draw.chance(0.7))
      chained.push(drawChained(draw, pipelines, chained, draw.whole(0, pipelines.length - 1)));
    const from = draw.whole(0, chained.length - 1);
    const inputs = chained[from]!.source.columns.map(({ type, partial }, column) => ({
      type,
      column,
      ...(partial === undefined ? {} : { partial }),
    }));
    pipelines.push({ ...drawPipeline(draw, `r${index}`, inputs, zones), from });
  }
  if (draw.chance(0.5)) return { ...plan, pipelines, chained };
  // Readers may stand before what they read.
  const order = pipelines.map((_, place) => place).reverse();
  return {
    ...plan,
    pipelines: order.map((place) => pipelines[place]!),
    chained: chained.map((one) => ({ ...one, pipeline: order.indexOf(one.pipeline) })),
  };
}

interface Shown {
  type: Type;
  name: string;
  output: number | null;
  partial?: PartialPlan;
}

function drawChained(
  draw: Draw,
  pipelines: PipelinePlan[],
  chained: ChainedSource[],
  pipeline: number,
): ChainedSource {
  const upstream = pipelines[pipeline]!;
  const first = upstream.window === null ? 0 : firstAggregateColumn(upstream);
  const shown = upstream.outputs.flatMap(({ expression, name }, output): Shown[] => {
    const { type } = expression;
    const place = expression.kind === "column" ? expression.column - first : -1;
    const own =
      upstream.window === null ? chained[upstream.from ?? -1]?.source.columns[place]?.partial : null;
    const partial = type === "partial" ? { partial: own ?? partialOf(upstream.aggregates[place]!) } : {};
    return isArray(type) ? [] : [{ type, name, output: output as number | null, ...partial }];
  });
  const time = draw.whole(0, shown.length);
  shown.splice(time, 0, { type: "instant", name: "time", output: null });
  return {
    pipeline,
    outputs: shown.map(({ output }) => output),
    source: {
      name: pipelines[pipeline]!.name,
      framing: "rows",
      format: "row",
      topic: [],
      time: { kind: "field", column: time, unit: "ns" },
      columns: shown.map(({ type, name, partial }, index) => ({
        ...(partial === undefined ? {} : { partial }),
        name,
        type,
        from: index === time ? "time" : "field",
        path: [name],
        numberAsText: false,
      })),
      delayNs: draw.pick([0n, SECOND, 7n * SECOND]),
      clock: draw.pick(["key", "source"] as const),
      nonfinite: "null",
      idleNs: draw.pick([null, SECOND, 5n * SECOND]),
      maxAheadNs: null,
    },
  };
}
