// The cells of a row that another engine wrote: in the order of the columns, DOUBLE, BIGINT and TIMESTAMP 8 bytes, BOOLEAN
// 1, STRING, BYTES and partials their length (u32, TEXT_NULL for NULL) and bytes. Nothing is aligned. Imports layout, memory, the row.
import { COLUMN_BYTES, COLUMN_TYPE, PLAN_COLUMNS_AT, PLAN_COLUMN_COUNT, PLAN_TIME_COLUMN, TEXT_NULL, TYPE_BIGINT, TYPE_BOOLEAN, TYPE_INSTANT, TYPE_PARTIAL, TYPE_STRING, UNIT_NS } from "../layout";
import { NULL_WHOLE, f64At, i64At, u32At, u8At } from "../memory/raw";
import { plan } from "../memory/regions";
import { instantOfInteger } from "../number/instant";
import { fail } from "./failure";
import { TAKES_BYTES, keepTime, setBoolean, setBytes, setDouble, setNull, setText, setWhole, takes } from "./row";

/** Reads the cells of [from, end) into the row to come; false when they are not exactly those. */
export function decodeCells(from: usize, end: usize): bool {
  const columns = u32At(plan + PLAN_COLUMN_COUNT);
  const timeColumn = u32At(plan + PLAN_TIME_COLUMN);
  let at = from;
  for (let column: u32 = 0; column < columns; column++) {
    const type = u32At(plan + u32At(plan + PLAN_COLUMNS_AT) + <usize>column * COLUMN_BYTES + COLUMN_TYPE);
    const bytes: usize = type == TYPE_BOOLEAN ? 1 : type == TYPE_STRING || type == TYPE_PARTIAL ? 4 : 8;
    fail(at);
    if (end - at < bytes) return false;
    if (type == TYPE_STRING || type == TYPE_PARTIAL) {
      const length = u32At(at);
      at += 4;
      if (length == <u32>TEXT_NULL) setNull(column);
      else if (end - at < <usize>length) return false;
      else {
        if (type == TYPE_PARTIAL || takes(column) == TAKES_BYTES) setBytes(column, at, length);
        else setText(column, at, at + length);
        at += length;
      }
      continue;
    }
    if (column == timeColumn) {
      instantOfInteger(i64At(at), false, UNIT_NS);
      keepTime();
    } else if (type == TYPE_INSTANT) setWhole(column, i64At(at));
    else if (type == TYPE_BIGINT) {
      if (i64At(at) == NULL_WHOLE) setNull(column);
      else setWhole(column, i64At(at));
    }
    else if (type == TYPE_BOOLEAN) {
      if (u8At(at) > 1) setNull(column);
      else setBoolean(column, u8At(at) == 1);
    } else {
      const value = f64At(at);
      if (value == value) setDouble(column, value);
      else setNull(column);
    }
    at += bytes;
  }
  fail(at);
  return at == end;
}
