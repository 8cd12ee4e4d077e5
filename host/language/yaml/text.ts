// A text value of the definition file: its characters after `${ENV}` was replaced, and where each one stands.
// Portable: imports nothing.

export interface Place {
  offset: number;
  length: number;
}

export interface Text extends Place {
  value: string;
  /** File offset of each UTF-16 unit of `value`, and of its end. */
  places: number[];
  /** False when an `${ENV}` is not set and the verb can do without: its form is then not checked. */
  known: boolean;
  /** The value came, at least in part, from the environment. */
  fromEnvironment: boolean;
}

/** The place in the file of `length` characters of a text, from `from` on; at least one character long. */
export function placeIn(text: Text, from: number, length: number): Place {
  const at = Math.min(Math.max(from, 0), text.value.length);
  const end = Math.min(at + length, text.value.length);
  const offset = text.places[at]!;
  const last = end > at ? text.places[end - 1]! + 1 : offset + 1;
  return { offset, length: Math.max(1, last - offset) };
}

const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * Replaces each `${NAME}` from `env`; `$${` stands for `${` itself. `missing` hears of each name that is not
 * set, with its place.
 */
export function replaceVariables(
  text: Text,
  env: Record<string, string | undefined>,
  missing: (name: string, place: Place) => void,
): Text {
  if (!text.value.includes("${")) return text;
  const result: Text = { ...text, value: "", places: [] };
  let at = 0;
  const copy = (to: number): void => {
    result.value += text.value.slice(at, to);
    for (; at < to; at++) result.places.push(text.places[at]!);
  };
  for (const match of text.value.matchAll(VARIABLE)) {
    copy(match.index);
    const name = match[1];
    if (name === undefined) {
      at++;
      continue;
    }
    const found = Object.hasOwn(env, name) ? env[name] : undefined;
    result.fromEnvironment = true;
    if (found === undefined) {
      result.known = false;
      missing(name, placeIn(text, at, match[0].length));
    }
    const put = found ?? match[0];
    result.value += put;
    for (let index = 0; index < put.length; index++) result.places.push(text.places[match.index]!);
    at += match[0].length;
  }
  copy(text.value.length);
  result.places.push(text.places[text.value.length]!);
  return result;
}
