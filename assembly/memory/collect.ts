// Giving back texts that nobody holds: marked are all that somebody does (by text-holders.ts), the others leave, and those
// that stay move together, so that free bytes are in one piece. Ids stay what they are; free ones are given out again.
// Cost: linear in the texts that are there, and in what may hold one. The hash table is made anew at the end, so its place
// keeps the marks before: a byte for each id. Imports dictionary, regions and layout.
import {
  HEADER_DICTIONARY_BYTES, HEADER_DICTIONARY_ENTRIES, HEADER_SWEEPS, HEADER_SWEEP_AT, HEADER_SWEEP_WAIT,
  HEADER_TEXTS_GIVEN_BACK, PLAN_DICTIONARY_BYTES, PLAN_DICTIONARY_ENTRIES_MAX, PLAN_LITERAL_COUNT,
} from "../layout";
import { FREE, TEXT_HEAD, endSweep, freeText, rebuildDictionary, textsClock } from "./dictionary";
import { addI64, setI64, setU32, setU8, u32At, u8At } from "./raw";
import { dictionaryIndex, dictionaryPayers, dictionaryTable, dictionaryText, dictionaryUsed, header, plan } from "./regions";

/** Nothing is marked but the plan's own texts. */
export function beginMarks(): void {
  memory.fill(dictionaryTable, 0, <usize>u32At(header + HEADER_DICTIONARY_ENTRIES) + 1);
  for (let id: u32 = 1; id <= u32At(plan + PLAN_LITERAL_COUNT); id++) markText(id);
}

/** Somebody holds the text; 0 is none. An id that is not one of a text is a bug of ours. */
// @ts-ignore: decorator
@inline export function markText(id: u32): void {
  assert(id <= u32At(header + HEADER_DICTIONARY_ENTRIES) && (u32At(dictionaryIndex + (<usize>id << 2)) & FREE) == 0);
  setU8(dictionaryTable + id, 1);
}

/** The same of an id that is kept as a double; NaN is none. */
// @ts-ignore: decorator
@inline export function markWord(value: f64): void { if (value == value) markText(<u32>value); }

/** Gives back what is not marked. */
export function sweepTexts(): void {
  let texts: u32 = 0;
  let bytes: u32 = 0;
  let from = dictionaryText + TEXT_HEAD;
  let to = from;
  const end = dictionaryText + u32At(header + HEADER_DICTIONARY_BYTES);
  while (from < end) {
    const id = u32At(from);
    const length = u32At(from + 4);
    const whole = TEXT_HEAD + <usize>length;
    let stays = u8At(dictionaryTable + id) != 0;
    if (!stays) {
      const payers = dictionaryPayers + (<usize>id << 2);
      if (dictionaryPayers == 0 || (u32At(payers) & 1) != 0) {
        texts++;
        bytes += length;
      }
      if (dictionaryPayers != 0) {
        setU32(payers, u32At(payers) & ~1);
        stays = u32At(payers) != 0;
      }
    }
    if (!stays) freeText(id);
    else {
      if (to != from) {
        memory.copy(to, from, whole);
        setU32(dictionaryIndex + (<usize>id << 2), <u32>(to + TEXT_HEAD - dictionaryText));
      }
      to += whole;
    }
    from += whole;
  }
  setU32(header + HEADER_DICTIONARY_BYTES, <u32>(to - dictionaryText));
  if (dictionaryPayers != 0) {
    setU32(dictionaryUsed, u32At(dictionaryUsed) - bytes);
    setU32(dictionaryUsed + 4, u32At(dictionaryUsed + 4) - texts);
  }
  rebuildDictionary();
  noteSweep(texts, bytes);
}

/** When little was given back, it is not done again at once: what it costs is spread over as many records. */
function noteSweep(texts: u32, bytes: u32): void {
  const little = texts < u32At(plan + PLAN_DICTIONARY_ENTRIES_MAX) >> 4 && bytes < u32At(plan + PLAN_DICTIONARY_BYTES) >> 4;
  setU32(header + HEADER_SWEEP_WAIT, little ? 1 : 0);
  setI64(header + HEADER_SWEEP_AT, textsClock());
  setU32(header + HEADER_SWEEPS, u32At(header + HEADER_SWEEPS) + 1);
  addI64(header + HEADER_TEXTS_GIVEN_BACK, texts);
  endSweep();
}
