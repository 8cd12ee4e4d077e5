// What the tests of partials share: every aggregate that has one, as SQL and as the type of a field.
import type { Plan } from "../../core/plan/plan.ts";
import { formatProblem, readDefinition } from "../../language/index.ts";

export interface PartialCase {
  sql: string;
  /** How the partial is declared where it is read. */
  type: string;
}

const cases = (...pairs: [sql: string, type: string][]): PartialCase[] =>
  pairs.map(([sql, type]) => ({ sql, type: `partial(${type})` }));

/** x, y DOUBLE; i, j BIGINT; s STRING, b BOOLEAN, z BYTES: every aggregate, as many as one result holds together. */
export const PARTIALS: Record<string, PartialCase[]> = {
  "of one value, sums, sketches": cases(
    ["COUNT(*)", "count(*)"],
    ["COUNT(s)", "count(string)"],
    ["SUM(x)", "sum(double)"],
    ["SUM(i)", "sum(bigint)"],
    ["AVG(x)", "avg(double)"],
    ["AVG(i)", "avg(bigint)"],
    ["MIN(x)", "min(double)"],
    ["MAX(i)", "max(bigint)"],
    ["MIN(s)", "min(string)"],
    ["MAX(b)", "max(boolean)"],
    ["MAX(z)", "max(bytes)"],
    ["RANGE(x)", "range(double)"],
    ["RANGE(j)", "range(bigint)"],
    ["VAR_POP(x)", "var_pop(double)"],
    ["VAR_SAMP(y)", "var_samp(double)"],
    ["STDDEV_POP(x)", "stddev_pop(double)"],
    ["STDDEV(y)", "stddev(double)"],
    ["FIRST_VALUE(s)", "first_value(string)"],
    ["LAST_VALUE(x)", "last_value(double)"],
    ["EARLIEST(i)", "earliest(bigint)"],
    ["LATEST(z)", "latest(bytes)"],
    ["DELTA(x)", "delta(double)"],
    ["DELTA(j)", "delta(bigint)"],
    ["MIN_BY(s, x)", "min_by(string, double)"],
    ["MAX_BY(x, j)", "max_by(double, bigint)"],
    ["COVAR_POP(x, y)", "covar_pop(double, double)"],
    ["CORR(x, y)", "corr(double, double)"],
    ["SLOPE(y)", "slope(double)"],
    ["P50(x)", "p50(double)"],
    ["QUANTILE(y, 0.9)", "quantile(double, 0.9)"],
    ["HISTOGRAM(x, -50, 50, 7)", "histogram(double, -50, 50, 7)"],
    ["COUNT(DISTINCT x)", "count(distinct double)"],
    ["APPROX_COUNT_DISTINCT(x)", "approx_count_distinct(double)"],
    ["APPROX_COUNT_DISTINCT(s)", "approx_count_distinct(string)"],
    ["MODE(j)", "mode(bigint)"],
    ["ARRAY_AGG(b)", "array_agg(boolean)"],
  ),
  "lists of texts": cases(
    ["COUNT(DISTINCT s)", "count(distinct string)"],
    ["MODE(z)", "mode(bytes)"],
    ["TOP_K(s, 3)", "top_k(string, 3)"],
  ),
  "in the order of time": cases(
    ["INCREASE(x)", "increase(double)"],
    ["TIME_WEIGHTED_AVG(y)", "time_weighted_avg(double)"],
  ),
  "of BIGINT and BOOLEAN in the order of time": cases(
    ["INCREASE(j)", "increase(bigint)"],
    ["TIME_IN(x > y)", "time_in(boolean)"],
  ),
  "a rate, a list, a share": cases(
    ["ARRAY_AGG(s)", "array_agg(string)"],
    ["RATE(x)", "rate(double)"],
    ["COVERAGE()", "coverage()"],
  ),
};

/** The plan of a definition of one source, with memory for a test. */
export function planOf(text: string): Plan {
  const { definition, problems } = readDefinition(text, { fileName: "t.yaml", env: {}, requireEnv: false });
  if (definition === null)
    throw new Error(problems.map((problem) => formatProblem(problem, "t.yaml", text)).join("\n"));
  const [plan] = definition.plans;
  return { ...plan!, limits: { keys: 100, memoryBytes: 48 << 20, dictionaryBytes: 1 << 20 } };
}
