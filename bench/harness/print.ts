// Tables as text: aligned for a terminal, or as Markdown for docs/performance.md.
import type { Table } from "./bench.ts";

/** A table with its title, one line for each row. */
export function tableText(table: Table): string {
  const lines = [["", ...table.columns], ...table.rows.map((row) => [row.name, ...row.cells.map(cellText)])];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) => {
    const [name, ...cells] = line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
    );
    return `  ${[name, ...cells].join("  ")}`;
  });
  return `${table.title}\n  ${table.about}\n${text.join("\n")}\n`;
}

/** The same as Markdown. */
export function tableMarkdown(table: Table): string {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  const lines = [
    line([table.title, ...table.columns]),
    line(["---", ...table.columns.map(() => "---:")]),
    ...table.rows.map((row) => line([row.name, ...row.cells.map(cellText)])),
  ];
  return `${lines.join("\n")}\n\n${table.about}\n`;
}

function cellText(cell: number | null): string {
  if (cell === null) return "";
  const size = Math.abs(cell);
  return cell.toFixed(size < 10 ? 2 : size < 1000 ? 1 : 0);
}
