// Texts that the states of a slice hold: they are marked, so that they stay when others are given back. Imports collect and
// the states that keep values.
import {
  GROUP_STATES_AT, GROUP_STATE_COUNT, STATE_BYTES, STATE_EARLIEST, STATE_FIRST, STATE_KIND, STATE_LAST, STATE_LATEST,
  STATE_MAX_BY, STATE_MAX_TEXT, STATE_MIN_BY, STATE_MIN_TEXT, STATE_OFFSET, STATE_SERIES, STATE_TYPE, STATE_VALUES,
  TYPE_STRING,
} from "../layout";
import { f64At, u32At } from "../memory/raw";
import { plan } from "../memory/regions";
import { markWord } from "../memory/collect";
import { markValues } from "./distinct/values";
import { markSeries } from "./in-time/series";
import { pickedValue } from "./picked";
import { placedValue } from "./places";

/** True when the state keeps values that are texts. */
function keepsTexts(state: usize): bool {
  switch (u32At(state + STATE_KIND)) {
    case STATE_MIN_TEXT:
    case STATE_MAX_TEXT: return true;
    case STATE_FIRST:
    case STATE_LAST:
    case STATE_EARLIEST:
    case STATE_LATEST:
    case STATE_MIN_BY:
    case STATE_MAX_BY:
    case STATE_VALUES:
    case STATE_SERIES: return u32At(state + STATE_TYPE) == TYPE_STRING;
    default: return false;
  }
}

/** True when some state of the group's slices keeps texts; `group` is the address of a GROUP_* struct. */
export function statesKeepTexts(group: usize): bool {
  let state = plan + u32At(group + GROUP_STATES_AT);
  const end = state + <usize>u32At(group + GROUP_STATE_COUNT) * STATE_BYTES;
  for (; state < end; state += STATE_BYTES) if (keepsTexts(state)) return true;
  return false;
}

/** Marks what the states of a slice hold. */
export function markStates(group: usize, slice: usize): void {
  let state = plan + u32At(group + GROUP_STATES_AT);
  const end = state + <usize>u32At(group + GROUP_STATE_COUNT) * STATE_BYTES;
  for (; state < end; state += STATE_BYTES) {
    if (!keepsTexts(state)) continue;
    const at = slice + u32At(state + STATE_OFFSET);
    switch (u32At(state + STATE_KIND)) {
      case STATE_MIN_TEXT:
      case STATE_MAX_TEXT: markWord(f64At(at)); break;
      case STATE_MIN_BY:
      case STATE_MAX_BY: markWord(pickedValue(at)); break;
      case STATE_VALUES: markValues(at); break;
      case STATE_SERIES: markSeries(at); break;
      default: markWord(placedValue(at));
    }
  }
}
