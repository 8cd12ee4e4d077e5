// Random values of BIGINT and BYTES columns as each format spells them, for the property tests: small ones that collide,
// those around the ends of exactness and of the type, and wrong ones.
import type { Draw } from "./plan.ts";

/** A member's value: its JSON text, what MessagePack sends, its CSV cell. */
export interface Spelled {
  json: string;
  packed: unknown;
  cell: string;
}

export const spelled = (json: string, packed: unknown, cell: string = json): Spelled => ({
  json,
  packed,
  cell,
});

const whole = (value: bigint): Spelled => spelled(`${value}`, value);

const ODD_WHOLES = [
  whole(2n ** 53n + 1n),
  whole(-(2n ** 53n) - 1n),
  whole(2n ** 63n - 1n),
  whole(1n - 2n ** 63n),
  whole(-(2n ** 63n)),
  whole(2n ** 63n),
  whole(2n ** 62n),
  spelled("null", null, ""),
  spelled('"12"', "12", '"12"'),
  spelled('"9223372036854775807"', "9223372036854775807", " 9223372036854775807 "),
  spelled('"x"', "x", "x"),
  spelled('""', "", '""'),
  spelled("1.5", 1.5),
  spelled("3.0", 3, "+3."),
  spelled("12e2", 1200),
  spelled("92233720368547758070e-1", 2 ** 62, "92233720368547758070e-1"),
  spelled("0.1e1", -(2 ** 63), "01"),
  spelled("1e19", 1e19),
  spelled("1e400", Infinity, "inf"),
  spelled("-0", -0, "NaN"),
  spelled("true", true),
  spelled("[1]", [1], "0x1"),
  spelled("1234567890123456789.00000", 1e300),
  spelled("1234567890123456789.000001", 1e-300),
];

export function drawWhole(draw: Draw): Spelled {
  if (draw.chance(0.3)) return draw.pick(ODD_WHOLES);
  return whole(BigInt(draw.whole(-9, 9)) * (draw.chance(0.1) ? 2n ** 59n : 1n));
}

const bytes = (text: string): Spelled => spelled(JSON.stringify(text), Buffer.from(text, "base64"), text);

const ODD_BYTES = [
  spelled("null", null, ""),
  spelled('"AB"', "AQI=", "AQ="),
  spelled('"AQJ="', 7, "AQJ="),
  spelled('"A==="', [1], "A==="),
  spelled('"AQI= "', true, " AQI= "),
  spelled('"_-8="', "_-8=", "_-8="),
  spelled("7", 7),
  spelled('"\\u0041QI="', Buffer.from([1, 2]), '"AQI="'),
  spelled('"\\u00e9\\u00e9"', "é", "éé"),
];

export function drawBytes(draw: Draw): Spelled {
  const fresh = draw.freshText();
  if (fresh !== null) return bytes(Buffer.from(fresh).toString("base64"));
  if (draw.chance(0.25)) return draw.pick(ODD_BYTES);
  return bytes(draw.pick(["", "AQI=", "AQID", "/w==", "AAAAAAAAAAA=", "azA="]));
}
