// Topic templates: `sensors/{site}/{device}/telemetry`. A level in braces becomes a STRING column; + and #
// are MQTT's wildcards. Portable: imports core types.
import type { TopicLevel } from "../../core/plan/plan.ts";

export interface TopicTemplate {
  levels: TopicLevel[];
  /** Columns in template order; a level's `column` counts in this list. */
  columns: string[];
  /** What to subscribe to: `sensors/+/+/telemetry`. */
  filter: string;
}

export interface TemplateFault {
  message: string;
  /** Where in the text. */
  offset: number;
  length: number;
}

/** The template, or what is wrong with it and where. */
export function parseTopicTemplate(text: string): TopicTemplate | TemplateFault {
  const columns: string[] = [];
  const levels: TopicLevel[] = [];
  const parts = text.split("/");
  let offset = 0;
  for (const [index, part] of parts.entries()) {
    const fault = (message: string): TemplateFault => ({ message, offset, length: Math.max(1, part.length) });
    const column = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(part)?.[1];
    if (column !== undefined) {
      if (columns.includes(column)) return fault(`the column "${column}" is there twice`);
      levels.push({ kind: "column", column: columns.push(column) - 1 });
    } else if (part === "+") levels.push({ kind: "any" });
    else if (part === "#") {
      if (index !== parts.length - 1) return fault("# stands for the rest of a topic: it comes last");
      levels.push({ kind: "rest" });
    } else if (/[{}]/.test(part))
      return fault(`the level "${part}" is neither text nor one {column} as a whole`);
    else if (/[+#]/.test(part)) return fault(`the level "${part}" mixes text and a wildcard`);
    else if (part.includes("\0")) return fault("a topic holds no NUL character");
    else levels.push({ kind: "literal", text: part });
    offset += part.length + 1;
  }
  const filter = levels
    .map((level) => (level.kind === "literal" ? level.text : level.kind === "rest" ? "#" : "+"))
    .join("/");
  return { levels, columns, filter };
}
