// The definition that all benchmarks run, as the text that a user would write, and its plan.
import type { Plan } from "../../host/core/plan/plan.ts";
import { readDefinition } from "../../host/language/index.ts";

export interface DefinitionOptions {
  format?: "json" | "msgpack";
  broker?: string;
  /** `source`: windows close when the first record of any device is past them. */
  clock?: "key" | "source";
  /** The sink of every pipeline. */
  to?: string;
  /** Windows of the pipelines; one that tumbles every 10 seconds when absent. */
  windows?: string[];
  /** Condition of each pipeline; none when absent. */
  where?: (pipeline: number) => string;
  /** Whole statements in place of `windows`. */
  statements?: string[];
  delay?: string;
  /** Lines behind the pipelines. */
  more?: string;
}

export const TUMBLE_10S = "TUMBLE(TABLE plant, DESCRIPTOR(t), INTERVAL '10' SECOND)";

export const TUMBLE_1S = "TUMBLE(TABLE plant, DESCRIPTOR(t), INTERVAL '1' SECOND)";

const SELECT =
  "SELECT device, window_start, COUNT(*) AS n, MIN(v) AS min_v, MAX(v) AS max_v, AVG(v) AS mean_v, MIN(w) AS min_w, MAX(w) AS max_w, AVG(w) AS mean_w";

/** The definition file's text. */
export function definitionText(options: DefinitionOptions = {}): string {
  const { windows = [TUMBLE_10S], where = () => "", to = "stdout" } = options;
  const statements =
    options.statements ??
    windows.map(
      (window, index) => `${SELECT}
      FROM TABLE(${window}) ${where(index)}
      GROUP BY device, window_start, window_end`,
    );
  const pipelines = statements.map(
    (statement, index) => `  window_${index}:
    sql: |
      ${statement}
    to: ${to}
`,
  );
  return `version: 1
sources:
  plant:
    mqtt: ${options.broker ?? "mqtt://127.0.0.1:1883"}
    topic: plant/{device}/reading
    qos: 0
    format: ${options.format ?? "json"}
    time: { field: t, unit: ms }
    clock: ${options.clock ?? "key"}
    delay: ${options.delay ?? "0s"}
pipelines:
${pipelines.join("")}${options.more ?? ""}`;
}

/** The plan of the definition's one source. */
export function planOf(options: DefinitionOptions = {}): Plan {
  const read = readDefinition(definitionText(options), {
    fileName: "/bench.yaml",
    env: {},
    requireEnv: false,
  });
  if (read.definition === null) throw new Error(read.problems.map(({ message }) => message).join("\n"));
  return read.definition.plans[0]!;
}
