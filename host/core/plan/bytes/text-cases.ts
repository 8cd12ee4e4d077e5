// Capital and small letters of the characters that UPPER and LOWER know: Latin, Greek, Cyrillic, Armenian. JavaScript's
// own, where a letter has one of the other kind that is a single character and no longer in UTF-8. Imports the layout.
import * as L from "../../layout.ts";

/** The capital letter of a character, or the small one; the character itself when it has none. */
export function changedCase(character: string, capital: boolean): string {
  if (character.codePointAt(0)! >= L.CASE_CHARACTERS) return character;
  const changed = capital ? character.toUpperCase() : character.toLowerCase();
  return changed.length === 1 && bytesOf(changed) <= bytesOf(character) ? changed : character;
}

const bytesOf = (character: string): number => {
  const point = character.codePointAt(0)!;
  return point < 0x80 ? 1 : point < 0x800 ? 2 : 3;
};

/** u16 for each character below CASE_CHARACTERS: its capital letter; then likewise its small one. */
export function caseTables(): Uint8Array {
  const bytes = new Uint8Array(L.CASE_CHARACTERS * 4);
  const view = new DataView(bytes.buffer);
  for (let point = 0; point < L.CASE_CHARACTERS; point++) {
    const character = String.fromCharCode(point);
    view.setUint16(point * 2, changedCase(character, true).charCodeAt(0), true);
    view.setUint16((L.CASE_CHARACTERS + point) * 2, changedCase(character, false).charCodeAt(0), true);
  }
  return bytes;
}
