// Walks a statement's syntax tree in the order of its text. Portable: imports types only.
import type { Span } from "./lexer.ts";
import type { Node, Statement } from "./tree.ts";

/** Parts of a node, in the order of the text. */
export function childrenOf(node: Node): Node[] {
  switch (node.kind) {
    case "number":
    case "string":
    case "boolean":
    case "bytes":
    case "null":
    case "interval":
    case "name":
      return [];
    case "call":
      return [...node.arguments, ...(node.over?.kind === "spec" ? node.over.partition : [])];
    case "unary":
      return [node.argument];
    case "binary":
      return [node.left, node.right];
    case "between":
      return [node.value, node.low, node.high];
    case "like":
      return [node.value, node.pattern, ...(node.escape ? [node.escape] : [])];
    case "in":
      return [node.value, ...node.list];
    case "isNull":
    case "cast":
      return [node.value];
    case "case": {
      const branches = node.branches.flatMap((branch) => [branch.when, branch.then]);
      return [
        ...(node.subject ? [node.subject] : []),
        ...branches,
        ...(node.otherwise ? [node.otherwise] : []),
      ];
    }
  }
}

/** Every node of a statement's expressions, outer ones before their parts. */
export function* nodesOf(statement: Statement): Generator<Node> {
  const { items, where, groupBy, having, windows } = statement;
  const open: Node[] = [...(items ?? []).map((item) => item.expression), ...(where ? [where] : [])];
  open.push(...(groupBy?.nodes ?? []), ...(having ? [having] : []));
  open.push(...(statement.resample?.partition?.columns ?? []));
  open.push(...windows.flatMap(({ spec }) => spec.partition));
  open.reverse();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    open.push(...childrenOf(node).toReversed());
  }
}

/** Every column name of a statement with its place, without the source's name or alias in front. */
export function columnNames(statement: Statement): { column: string; span: Span }[] {
  const names: { column: string; span: Span }[] = [];
  const table = statement.alias ?? statement.source.name;
  for (const node of nodesOf(statement)) {
    if (node.kind !== "name") continue;
    const qualified = node.parts.length > 1 && node.parts[0] === table;
    names.push({ column: (qualified ? node.parts.slice(1) : node.parts).join("."), span: node.span });
  }
  return names;
}
