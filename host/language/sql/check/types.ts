// Types found from use: each column and each expression has a type variable; using it in some place unifies
// it with what the place wants. A variable remembers what gave it its type, for the message when uses differ.
// Portable: imports types only.
import type { Type } from "../../../core/plan/plan.ts";

/** Types that nothing is grouped by. */
const NO_KEYS = new Set<Type>(["double", "instant", "partial"]);

export class TypeVariable {
  private parent: TypeVariable | null = null;
  private known: Type | null;
  /** Grouped by: STRING or BOOLEAN, STRING when nothing else is said. */
  private grouped = false;
  /** Used where any value goes: DOUBLE when nothing else is said. */
  private leaning = false;
  private because: string;

  /** `because` says which use gave the type, such as `AVG in pipeline "p"`. */
  constructor(type: Type | null = null, because = "") {
    this.known = type;
    this.because = because;
  }

  private root(): TypeVariable {
    let root: TypeVariable = this;
    while (root.parent !== null) root = root.parent;
    return root;
  }

  /** What is known of the type so far; grouping says STRING. */
  get type(): Type | null {
    const root = this.root();
    return root.known ?? (root.grouped ? "string" : null);
  }

  /** The use that the type comes from; empty when it is declared or a literal's. */
  get reason(): string {
    return this.root().because;
  }

  /** Nothing says what type it is; `settled` then takes DOUBLE. */
  get open(): boolean {
    return this.type === null && !this.root().leaning;
  }

  /** Uses it where any value goes: not open any more, yet of whatever type another use says. */
  lean(): void {
    this.root().leaning = true;
  }

  /** The type once everything was looked at: DOUBLE when nothing says otherwise. */
  get settled(): Type {
    return this.type ?? "double";
  }

  /** Grouping by it; false when its type is known and is no type of a key. */
  group(because: string): boolean {
    const root = this.root();
    if (root.known !== null && NO_KEYS.has(root.known)) return false;
    if (root.known === null && !root.grouped) root.because = because;
    root.grouped = true;
    return true;
  }

  /** Makes two types one; false when they are known and differ. */
  unify(other: TypeVariable): boolean {
    const a = this.root();
    const b = other.root();
    if (a === b) return true;
    const known = a.known ?? b.known;
    if (a.known !== null && b.known !== null && a.known !== b.known) return false;
    if ((a.grouped || b.grouped) && known !== null && NO_KEYS.has(known)) return false;
    if (a.known === null && (b.known !== null || !a.grouped)) a.because = b.because;
    b.parent = a;
    a.known = known;
    a.grouped ||= b.grouped;
    a.leaning ||= b.leaning;
    return true;
  }
}

export const typeName = (type: Type): string => (type === "instant" ? "TIMESTAMP" : type.toUpperCase());

/** How a value of one type becomes one of another that is wanted. */
export function castHint(need: string, have: string): string {
  const castable = ["DOUBLE", "BIGINT", "BOOLEAN", "STRING"].includes(have);
  return castable && (need === "STRING" || need === "BIGINT") ? `CAST(… AS ${need}) makes one of it` : "";
}
