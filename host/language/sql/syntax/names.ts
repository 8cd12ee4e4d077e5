// How a name is written in SQL. Portable: imports reserved.
import { RESERVED } from "./reserved.ts";

/** The name as it is when SQL takes it so, else in backquotes. */
export function quoteName(name: string): string {
  const bare = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name.toUpperCase());
  return bare ? name : `\`${name.replaceAll("`", "``")}\``;
}
