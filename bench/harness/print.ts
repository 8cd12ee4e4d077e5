// Tables as text, aligned, for a terminal.
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

function cellText(cell: number | null): string {
  if (cell === null) return "";
  const size = Math.abs(cell);
  return cell.toFixed(size < 10 ? 2 : size < 1000 ? 1 : 0);
}
