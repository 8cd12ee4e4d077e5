// States as parts of partials: their kinds and types in bytes (PART_* and VALUE_* of assembly/layout/partials.ts), and how
// long they may be. The format is described in docs/partials.md. Portable: imports the layout.
import * as L from "../../layout.ts";
import type { StateForm } from "./aggregate-forms.ts";
import type { Type } from "../plan.ts";

const KINDS: Record<number, number> = {
  [L.STATE_COUNT]: L.PART_COUNT,
  [L.STATE_SUM]: L.PART_SUM,
  [L.STATE_SUM_WHOLE]: L.PART_SUM,
  [L.STATE_SQUARES]: L.PART_SQUARES,
  [L.STATE_PRODUCTS]: L.PART_PRODUCTS,
  [L.STATE_TIMES]: L.PART_TIMES,
  [L.STATE_TIME_PRODUCTS]: L.PART_TIME_PRODUCTS,
  [L.STATE_MIN]: L.PART_MIN,
  [L.STATE_MIN_TEXT]: L.PART_MIN,
  [L.STATE_MIN_WHOLE]: L.PART_MIN,
  [L.STATE_MAX]: L.PART_MAX,
  [L.STATE_MAX_TEXT]: L.PART_MAX,
  [L.STATE_MAX_WHOLE]: L.PART_MAX,
  [L.STATE_FIRST]: L.PART_FIRST,
  [L.STATE_LAST]: L.PART_LAST,
  [L.STATE_EARLIEST]: L.PART_EARLIEST,
  [L.STATE_LATEST]: L.PART_LATEST,
  [L.STATE_MIN_BY]: L.PART_MIN_BY,
  [L.STATE_MAX_BY]: L.PART_MAX_BY,
  [L.STATE_SKETCH]: L.PART_SKETCH,
  [L.STATE_VALUES]: L.PART_VALUES,
  [L.STATE_REGISTERS]: L.PART_REGISTERS,
  [L.STATE_SERIES]: L.PART_SERIES,
  [L.STATE_HISTOGRAM]: L.PART_HISTOGRAM,
  [L.STATE_SPAN]: L.PART_SPAN,
};

const VALUES: Partial<Record<Type, number>> = {
  double: L.VALUE_DOUBLE,
  bigint: L.VALUE_BIGINT,
  boolean: L.VALUE_BOOLEAN,
  string: L.VALUE_STRING,
  bytes: L.VALUE_BYTES,
};

/** Kinds that hold no values of the argument's type, which their bytes then do not tell. */
const WITHOUT_TYPE = new Set([L.PART_COUNT, L.PART_REGISTERS, L.PART_SPAN]);

export const partKind = ({ kind }: StateForm): number => KINDS[kind]!;

/** VALUE_* of the values that a part holds; 0 when it holds none. */
export function valueCode(form: StateForm): number {
  if (WITHOUT_TYPE.has(partKind(form))) return 0;
  return VALUES[form.type]!;
}

/** VALUE_* of a second argument; 0 when there is none. */
export const secondCode = ({ secondType }: StateForm): number => VALUES[secondType ?? "instant"] ?? 0;

/** An exact number: its head and its bytes, at most. */
const EXACT = 6 + L.EXACT_BYTES_MAX;
/** Bytes of a value that is not of any length. */
const VALUE = 8;

/** Bytes of a part's content, at most; Infinity when it holds texts. */
function contentBytes(form: StateForm): number {
  const isText = form.type === "string" || form.type === "bytes";
  switch (partKind(form)) {
    case L.PART_COUNT:
      return 8;
    case L.PART_SPAN:
      return 17;
    case L.PART_SUM:
    case L.PART_SQUARES:
    case L.PART_PRODUCTS:
    case L.PART_TIME_PRODUCTS:
      return EXACT;
    case L.PART_TIMES:
      return 2 * EXACT;
    case L.PART_SKETCH:
      return 4 + 8 * L.QUANTILE_BUCKETS_MAX;
    case L.PART_REGISTERS:
      return 1 + 4096;
    case L.PART_HISTOGRAM:
      return 20 + 8 * (form.cells! + 2);
    case L.PART_VALUES:
      return isText ? Infinity : 4 + L.VALUES_MAX * (8 + VALUE);
    case L.PART_SERIES:
      return isText ? Infinity : 4 + form.cells! * (16 + VALUE);
    default:
      return isText ? Infinity : 18 + VALUE;
  }
}

/** Bytes of a partial of these states, at most; one of texts that would be longer is not written. */
export function partialBytes(states: StateForm[]): number {
  const parts = states.length === 0 ? 8 + L.PART_HEAD_BYTES : 0;
  const bytes = states.reduce((sum, state) => sum + L.PART_HEAD_BYTES + contentBytes(state), parts);
  const isList = states.some((state) => LISTS.has(partKind(state)));
  const most = isList ? L.PARTIAL_TEXTS_BYTES : L.PARTIAL_TEXT_BYTES;
  return L.PARTIAL_HEAD_BYTES + (Number.isFinite(bytes) ? bytes : most);
}

const LISTS = new Set([L.PART_VALUES, L.PART_SERIES]);
