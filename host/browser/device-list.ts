// The list of devices: one is chosen by click or arrow key, more by Ctrl-click or the space bar. Rows stay where they
// are while their values change, so that a click hits what it was meant for. Imports numbers.
import type { View } from "./messages.ts";
import { formatColumn, formatCount } from "./numbers.ts";

export const COMPARED_MAX = 4;
const ALL = "All devices";

export class DeviceList {
  /** None: all together. */
  chosen: string[] = [];
  private readonly list: HTMLElement;
  private readonly more: HTMLElement;
  private readonly onChange: () => void;
  /** Name of each row; the first is for all, and is empty. */
  private names: string[] = [""];
  private active = 0;

  constructor(list: HTMLElement, more: HTMLElement, onChange: () => void) {
    this.list = list;
    this.more = more;
    this.onChange = onChange;
    list.addEventListener("click", (event) => {
      const row = (event.target as HTMLElement).closest("li");
      if (row === null) return;
      this.active = [...list.children].indexOf(row);
      this.choose(event.ctrlKey || event.metaKey || event.shiftKey);
    });
    list.addEventListener("keydown", (event) => this.key(event));
  }

  get title(): string {
    return this.chosen.length === 0 ? ALL : this.chosen.join(", ");
  }

  reset(): void {
    this.chosen = [];
    this.active = 0;
  }

  draw({ known, matching, rows }: View["devices"]): void {
    this.names = ["", ...rows.map(({ name }) => name)];
    this.active = Math.min(this.active, rows.length);
    while (this.list.children.length > this.names.length) this.list.lastElementChild!.remove();
    while (this.list.children.length < this.names.length) this.list.append(newRow(this.list.children.length));
    const values = [formatCount(known), ...formatColumn(rows.map(({ value }) => value))];
    this.names.forEach((name, index) => {
      const row = this.list.children[index] as HTMLElement;
      const [label, value] = row.children as unknown as [HTMLElement, HTMLElement];
      setText(label, name || ALL);
      row.title = name;
      setText(value, values[index]!);
    });
    this.mark();
    const hidden = matching - rows.length;
    const found = matching < known ? `${formatCount(matching)} of ${formatCount(known)} found. ` : "";
    const rest =
      hidden > 0
        ? `${formatCount(rows.length)} shown, ${formatCount(hidden)} more: search by name.`
        : known > 1
          ? "Ctrl-click to compare."
          : "";
    setText(this.more, `${found}${rest}`);
  }

  private mark(): void {
    this.names.forEach((name, index) => {
      const row = this.list.children[index]!;
      const selected = name === "" ? this.chosen.length === 0 : this.chosen.includes(name);
      row.setAttribute("aria-selected", String(selected));
      row.classList.toggle("active", index === this.active && this.list === document.activeElement);
    });
    this.list.setAttribute("aria-activedescendant", `device-${this.active}`);
  }

  private key(event: KeyboardEvent): void {
    const last = this.names.length - 1;
    const to = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, Home: 0, End: last, Escape: 0 }[
      event.key
    ];
    if (to === undefined && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    this.active = Math.max(0, Math.min(last, to ?? this.active));
    // With Ctrl the arrow goes on without choosing, so that the space bar can add.
    if (to === undefined || !event.ctrlKey) this.choose(event.key === " ");
    else this.mark();
    this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
  }

  private choose(another: boolean): void {
    const name = this.names[this.active] ?? "";
    if (name === "") this.chosen = [];
    else if (!another) this.chosen = [name];
    else if (this.chosen.includes(name)) this.chosen = this.chosen.filter((other) => other !== name);
    else this.chosen = [...this.chosen, name].slice(-COMPARED_MAX);
    this.mark();
    this.onChange();
  }
}

function newRow(index: number): HTMLLIElement {
  const row = document.createElement("li");
  row.id = `device-${index}`;
  row.role = "option";
  row.append(document.createElement("span"), document.createElement("span"));
  return row;
}

/** Leaves the page alone when nothing changed. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
