// Templates over results: `{site}/{device}` in a Kafka key or an MQTT topic. A name in braces is a column of
// the result or of GROUP BY. Portable: imports plan types and yaml/section.
import type { OutputPlan } from "../../core/plan/plan.ts";
import type { Template } from "../definition.ts";
import { suggestion } from "../suggest.ts";
import type { Section } from "../yaml/section.ts";
import { type Text, placeIn } from "../yaml/text.ts";

/** Reads a template; unknown names are reported unless `outputs` is null (the SQL has problems of its own). */
export function readTemplate(section: Section, text: Text, outputs: OutputPlan[] | null): Template {
  if (!text.known) return [{ kind: "text", text: text.value }];
  const template: Template = [];
  let at = 0;
  const literal = (to: number): void => {
    if (to > at) template.push({ kind: "text", text: text.value.slice(at, to) });
  };
  for (const match of text.value.matchAll(/\{([^{}]*)\}|[{}]/g)) {
    literal(match.index);
    at = match.index + match[0].length;
    const place = placeIn(text, match.index, match[0].length);
    const name = match[1];
    if (name === undefined)
      section.error("MR109", place, "a brace without its partner", "a column stands in braces: {device}");
    else if (outputs !== null) {
      const output = findOutput(outputs, name);
      if (output >= 0) template.push({ kind: "output", output, name });
      else {
        const names = [...new Set(outputs.map((known) => known.name))];
        section.error(
          "MR115",
          place,
          `"${name}" is no column of the results`,
          suggestion(name, names, "columns"),
        );
      }
    }
  }
  literal(text.value.length);
  return template;
}

/** Selected columns come before GROUP BY columns that are not selected. */
function findOutput(outputs: OutputPlan[], name: string): number {
  const shown = outputs.findIndex((output) => output.name === name && !output.hidden);
  return shown >= 0 ? shown : outputs.findIndex((output) => output.name === name);
}
