// PARTIAL and MERGE in the reference: the partial of a window's records, or of the partials among them, and what is read
// from partials. Imports core types, aggregates, states, codec.
import type { Scalar, Value } from "../../engine.ts";
import type { AggregatePlan, PartialPlan, Type } from "../../plan/plan.ts";
import { partialOf } from "../../plan/plan.ts";
import { aggregate, coveredShare, finite, plain, rooted } from "../aggregates/aggregate.ts";
import type { AggregateResult, Sampled } from "../aggregates/aggregate.ts";
import { approximateCount, ranked } from "../aggregates/distinct.ts";
import { averageOf, correlation, covariance, slope, variance } from "../aggregates/moments.ts";
import { quantileOf } from "../aggregates/quantile.ts";
import { bounded, quotient } from "../aggregates/whole.ts";
import { fromUnits } from "../exact.ts";
import type { Bounds } from "../windows.ts";
import { decode, encode } from "./codec.ts";
import { type Exact, type State, merge, partsOf, stateOf } from "./states.ts";

/** Bytes of the partials of one record that comes out. */
const RECORD_BYTES = 512_000;

/** The values of a record that comes out, in which a partial that does not fit behind the others any more is NULL. */
export function fitting(values: Value[], types: { type: Type }[]): Value[] {
  let bytes = 0;
  return values.map((value, place) => {
    if (types[place]!.type !== "partial" || value === null) return value;
    const length = Math.ceil((value as Uint8Array).length / 8) * 8;
    if (bytes + length > RECORD_BYTES) return null;
    bytes += length;
    return value;
  });
}

/** True when the bytes are a partial of that. */
export const isPartial = (of: PartialPlan, bytes: Uint8Array): boolean => decode(partsOf(of), bytes) !== null;

/** The result of an aggregate that is a partial, or reads some. */
export function ofPartials(plan: AggregatePlan, records: Sampled[], window: Bounds): AggregateResult {
  const states = statesOf(plan, records);
  if (plan.partial !== true) return read(plan, states, window);
  const bytes = encode(partsOf(partialOf(plan)), states);
  return { value: bytes, nonfinite: false, inexact: bytes === null || states.some(({ over }) => over) };
}

function statesOf(plan: AggregatePlan, records: Sampled[]): State[] {
  const parts = partsOf(partialOf(plan));
  if (plan.merges !== undefined)
    return records
      .filter(({ value }) => value !== null)
      .map(({ value }) => decode(parts, value as Uint8Array)!)
      .reduce(
        (a, b) => parts.map((part, place) => merge(part, a[place]!, b[place]!)),
        parts.map((part) => stateOf(part, [])),
      );
  const all = plan.name === "count_all" || plan.name === "coverage";
  const samples = records.filter(
    ({ value, second }) => all || (value !== null && (plan.second === undefined || second !== null)),
  );
  return parts.map((part) => stateOf(part, samples));
}

const numberOf = (exact: Exact | undefined): bigint => (typeof exact === "bigint" ? exact : 0n);
const productOf = (exact: Exact | undefined): bigint | null =>
  exact === "not finite" ? null : numberOf(exact);

/** True when a sum may be that of n BIGINTs: in partials that contradict themselves it is not. */
const isMean = (sum: bigint | null, n: bigint): boolean =>
  sum !== null && n > 0n && (sum < 0n ? -sum : sum) / n < 1n << 64n;

/** What is read from states. */
function read(plan: AggregatePlan, states: State[], window: Bounds): AggregateResult {
  const { name, merges, parameter } = plan;
  const inexact = states.some(({ over }) => over);
  const [a, b, c, d, e, f] = states;
  const noted = (result: AggregateResult): AggregateResult => ({
    ...result,
    inexact: result.inexact || inexact,
  });
  const isWhole = merges!.argument === "bigint";
  switch (name) {
    case "count_all":
    case "count":
      return noted(plain(Number(a!.count)));
    case "sum":
      if (isWhole) return noted(a!.whole === null ? plain(null) : bounded(a!.whole!));
      return noted(a!.exact![0] === "none" ? plain(null) : finite(fromUnits(numberOf(a!.exact![0]))));
    case "avg": {
      const n = b!.count!;
      if (isWhole) return noted(plain(isMean(a!.whole!, n) ? quotient(a!.whole!, n) : null));
      return noted(
        a!.exact![0] === "none" || n === 0n
          ? plain(null)
          : finite(averageOf(numberOf(a!.exact![0]), Number(n))),
      );
    }
    case "var_pop":
    case "var_samp":
    case "stddev_pop":
    case "stddev_samp": {
      const dof = name.endsWith("samp") ? 1 : 0;
      const n = Number(b!.count);
      if (n <= dof) return noted(plain(null));
      const sums = { n, x: numberOf(a!.exact![0]), xx: productOf(c!.exact![0]), y: 0n, yy: null, xy: null };
      const found = finite(variance(sums, dof));
      return noted(name.startsWith("stddev") ? rooted(found) : found);
    }
    case "covar_pop":
    case "corr": {
      const n = Number(a!.count);
      if (n === 0) return noted(plain(null));
      const sums = {
        n,
        x: numberOf(b!.exact![0]),
        y: numberOf(c!.exact![0]),
        xy: productOf(d!.exact![0]),
        xx: productOf(e?.exact?.[0]),
        yy: productOf(f?.exact?.[0]),
      };
      return noted(finite(name === "corr" ? correlation(sums) : covariance(sums)));
    }
    case "slope": {
      const n = Number(a!.count);
      if (n === 0) return noted(plain(null));
      const [t, tt] = c!.exact!.map((each) => numberOf(each) >> 1074n);
      const sums = { n, x: numberOf(b!.exact![0]), t: t!, tt: tt!, tx: productOf(d!.exact![0]) };
      return noted(finite(slope(sums, window.start)));
    }
    case "range":
    case "delta": {
      if (a!.picked === null || b!.picked === null) return noted(plain(null));
      const [from, to] = [a!.picked!.value, b!.picked!.value];
      if (isWhole) return noted(bounded((to as bigint) - (from as bigint)));
      return noted(finite((to as number) - (from as number)));
    }
    case "quantile": {
      if (a!.buckets!.size === 0 || b!.picked === null || c!.picked === null) return noted(plain(null));
      const sketch = { counts: a!.buckets!, over: a!.over };
      const [least, most] = [b!.picked!.value as number, c!.picked!.value as number];
      return noted(quantileOf(sketch, parameter!, least, most));
    }
    case "count_distinct":
      return noted(plain(a!.kept!.length));
    case "approx_count_distinct":
      return noted(plain(approximateCount(a!.registers!)));
    case "mode":
    case "top_k": {
      const order: Scalar[] = ranked(a!.kept!);
      if (order.length === 0) return noted(plain(null));
      return noted(plain(name === "mode" ? order[0]! : order.slice(0, parameter!)));
    }
    case "histogram":
      return noted(plain(a!.bins!.every((count) => count === 0n) ? null : a!.bins!.map(Number)));
    case "coverage": {
      if (parameter !== null) return noted(coveredShare(parameter, Number(a!.count), window));
      return noted(
        a!.span === null
          ? plain(null)
          : plain(Number(a!.span![1] - a!.span![0]) / Number(window.end - window.start)),
      );
    }
    case "array_agg":
    case "increase":
    case "rate":
    case "time_weighted_avg":
    case "time_in": {
      // What they read is the list itself.
      const over = { kind: "column", type: merges!.argument!, column: 0 } as const;
      return noted(aggregate({ name, argument: over, parameter: null }, a!.list!, window));
    }
    default:
      return noted(plain(a!.picked?.value ?? null));
  }
}
