// Names given in SELECT that are used before it. Portable: imports the checked statement, walk.
import type { Node } from "../../syntax/tree.ts";
import { childrenOf } from "../../syntax/walk.ts";
import type { Checked } from "../build.ts";
import type { Report } from "../../report.ts";

/**
 * A name given in SELECT does not exist yet in WHERE and HAVING: without `fields:` it would silently mean a
 * field that no record has. Reported names join `told`.
 */
export function refuseAliases(
  node: Node,
  clause: string,
  checked: Checked,
  told: Set<Node>,
  report: Report,
): void {
  if (checked.scope.closed) return;
  const open = [node];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    open.push(...childrenOf(part));
    if (part.kind !== "name" || part.parts.length > 1) continue;
    const [name] = part.parts;
    const item = checked.statement.items?.find(({ alias }) => alias?.name === name);
    if (item === undefined || mentions(item.expression, name!, checked) || isOther(name!, checked)) continue;
    const hint = `${clause} comes before SELECT: repeat the expression, or declare the field under \`fields:\``;
    report("MR210", part.span, `"${name}" is a name given in SELECT`, hint);
    told.add(part);
  }
}

/** A topic column or key, which is meant although SELECT gives its name to something else. */
function isOther(name: string, { scope, keys }: Checked): boolean {
  const column = scope.find(name);
  return column !== undefined && (column.from === "topic" || keys.includes(column.index));
}

function mentions(node: Node, name: string, checked: Checked): boolean {
  if (node.kind === "name") return checked.nameOf(node) === name;
  return childrenOf(node).some((child) => mentions(child, name, checked));
}
