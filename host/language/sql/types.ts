// Types found from use: each column and each expression has a type variable; using it in some place unifies it
// with what the place wants. Portable: imports types only.
import type { Type } from "../../core/plan.ts";

export class TypeVariable {
  private parent: TypeVariable | null = null;
  private known: Type | null;
  /** Grouped by and not used otherwise: STRING, unless something makes it BOOLEAN. */
  grouped = false;

  constructor(type: Type | null = null) {
    this.known = type;
  }

  private root(): TypeVariable {
    return this.parent === null ? this : this.parent.root();
  }

  get type(): Type | null {
    return this.root().known;
  }

  /** The type once everything was looked at: DOUBLE when nothing says otherwise. */
  get settled(): Type {
    const root = this.root();
    return root.known ?? (root.grouped ? "string" : "double");
  }

  /** Nothing says what type it is; `settled` then takes DOUBLE. */
  get open(): boolean {
    const root = this.root();
    return root.known === null && !root.grouped;
  }

  markGrouped(): void {
    this.root().grouped = true;
  }

  /** Makes two types one; false when they are known and differ. */
  unify(other: TypeVariable): boolean {
    const a = this.root();
    const b = other.root();
    if (a === b) return true;
    if (a.known !== null && b.known !== null) return a.known === b.known;
    b.parent = a;
    a.known ??= b.known;
    a.grouped ||= b.grouped;
    return true;
  }
}

export const typeName = (type: Type): string => (type === "instant" ? "TIMESTAMP" : type.toUpperCase());
