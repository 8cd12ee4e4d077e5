// The language's public face: definition files to plans, problems to text. Portable.
export { readDefinition, type ReadOptions, type ReadResult } from "./read-definition.ts";
export type * from "./definition.ts";
export { formatProblem, placeOf, type Problem } from "./problem.ts";
export { parseTopicTemplate } from "./file/topic-template.ts";
export { formatDuration } from "./units.ts";
export { explain, explainJson, templateText } from "./explain.ts";
export { aggregateText, expressionText, windowText } from "./describe.ts";
