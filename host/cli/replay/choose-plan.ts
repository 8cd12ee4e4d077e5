// Which plan of a definition a replay runs, and which of its pipelines come out. Imports core, language.
import { MillraceError } from "../../core/errors.ts";
import { planOfPipeline } from "../../core/plan/chain.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { Definition } from "../../language/index.ts";
import { suggestion } from "../../language/suggest.ts";

export interface Choice {
  /** All pipelines of the source. */
  plan: Plan;
  /** Place of the one that is meant; null: all of them. */
  only: number | null;
}

/** The plan of the one source that is meant. Throws MR153 when there is none, or several. */
export function choosePlan(
  definition: Definition,
  source: string | undefined,
  pipeline: string | undefined,
): Choice {
  const pipelines = definition.pipelines.map((candidate) => candidate.name);
  if (pipeline !== undefined && !pipelines.includes(pipeline)) {
    throw new MillraceError(
      "MR153",
      `no pipeline "${pipeline}": ${suggestion(pipeline, pipelines, "pipelines")}`,
    );
  }
  const sources = definition.plans.map((plan) => plan.source.name);
  if (source !== undefined && !sources.includes(source)) {
    throw new MillraceError(
      "MR153",
      `no source "${source}" that a pipeline reads: ${suggestion(source, sources, "sources")}`,
    );
  }
  const fits = definition.plans.filter(
    (plan) =>
      (source === undefined || plan.source.name === source) &&
      (pipeline === undefined || plan.pipelines.some((candidate) => candidate.name === pipeline)),
  );
  if (fits.length === 0)
    throw new MillraceError("MR153", `pipeline "${pipeline}" does not read source "${source}"`);
  if (fits.length > 1)
    throw new MillraceError(
      "MR153",
      `the file has several sources: say which with --source (${sources.join(", ")})`,
    );
  const plan = fits[0]!;
  const only =
    pipeline === undefined ? null : plan.pipelines.findIndex((candidate) => candidate.name === pipeline);
  return { plan, only };
}

/** The plan with the chosen pipeline and what it reads: its results are the same as with the others. */
export function planOfChoice(choice: Choice): Choice {
  if (choice.only === null) return choice;
  const { plan, place } = planOfPipeline(choice.plan, choice.only);
  return { plan, only: place };
}
