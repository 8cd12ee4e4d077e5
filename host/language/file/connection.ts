// What sources and sinks have in common: addresses, logins, TLS. A secret never stands in the file itself.
// Portable: imports yaml/section and the definition's types.
import { isScalar } from "yaml";
import type { Login, MqttBroker, TlsDefinition } from "../definition.ts";
import type { Section } from "../yaml/section.ts";
import type { Text } from "../yaml/text.ts";

export const LOGIN_KEYS = ["username", "password", "password_file"];
export const MQTT_KEYS = ["mqtt", "client_id", "protocol", "tls", ...LOGIN_KEYS];

const MQTT_URL = /^mqtts?:\/\/(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/;
const HOST_PORT = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/;

/** How to reach the broker of the key `mqtt`. */
export function readBroker(section: Section): MqttBroker {
  const url = readMqttUrl(section);
  const tls = readTls(section);
  if (tls !== null && url.startsWith("mqtt:")) {
    section.error(
      "MR113",
      section.valuePlace("mqtt"),
      "`tls` with an address that has none",
      "write mqtts:// with the broker's TLS port",
    );
  }
  return {
    url,
    protocol: section.word("protocol", ["auto", "3.1.1", "5"], "auto"),
    clientId: section.string("client_id"),
    login: readLogin(section),
    tls: tls ?? (url.startsWith("mqtts:") ? { ca: null, cert: null, key: null } : null),
  };
}

function readMqttUrl(section: Section): string {
  const text = section.text("mqtt");
  if (text === null || !text.known) return "";
  const match = MQTT_URL.exec(text.value);
  if (match !== null && isPort(match[1] ?? "1883")) return text.value.replace(/\/$/, "");
  if (/:\/\/[^/]*@/.test(text.value)) {
    section.error(
      "MR111",
      text,
      "a login in an address",
      "use the keys username and password (with ${NAME}) or password_file",
    );
  } else {
    const scheme = HOST_PORT.test(text.value) ? `did you mean mqtt://${text.value}? ` : "";
    section.error(
      "MR108",
      text,
      `"${text.value}" is no MQTT address`,
      `${scheme}mqtt://HOST:1883, or mqtts://HOST:8883 with TLS`,
    );
  }
  return "";
}

const isPort = (text: string): boolean => Number(text) <= 65_535;

/** Whether a text is `host:port`. */
export function isHostPort(text: string): boolean {
  const match = HOST_PORT.exec(text);
  return match !== null && isPort(match[1]!);
}

/** `username`, and `password` (from the environment) or `password_file`; null when there is none of them. */
export function readLogin(section: Section): Login | null {
  if (!LOGIN_KEYS.some((key) => section.has(key))) return null;
  const password = readPassword(section);
  if (section.has("password") && section.has("password_file")) {
    section.error(
      "MR113",
      section.keyPlace("password_file"),
      "both password and password_file",
      "keep one of them",
    );
  }
  section.require("username", "the name that belongs to the password");
  return {
    username: section.string("username") ?? "",
    password: password?.value ?? null,
    passwordFile: section.path("password_file"),
  };
}

function readPassword(section: Section): Text | null {
  const text = section.text("password");
  if (text !== null && !text.fromEnvironment) {
    section.error(
      "MR111",
      text,
      "a password in the file's text",
      "write ${NAME} and set that variable, or use password_file",
    );
  }
  return text;
}

/** `tls: { ca, cert, key }` with paths, or `tls: true` for the system's certificates. */
export function readTls(section: Section): TlsDefinition | null {
  if (!section.has("tls")) return null;
  if (isScalar(section.node("tls")))
    return section.flag("tls", true) ? { ca: null, cert: null, key: null } : null;
  const tls = section.section("tls");
  if (tls === null) return null;
  tls.only(["ca", "cert", "key"]);
  if (tls.has("cert") !== tls.has("key")) {
    const [there, lacking] = tls.has("cert") ? ["cert", "key"] : ["key", "cert"];
    tls.error(
      "MR103",
      tls.keyPlace(there!),
      `${there} without ${lacking}`,
      "a client certificate needs both",
    );
  }
  return { ca: tls.path("ca"), cert: tls.path("cert"), key: tls.path("key") };
}
