// Logins and certificates of connections: read from their files each time a connection is made, so that a renewed
// password or certificate is taken without a restart. Imports the definition's types.
import { readFile } from "node:fs/promises";
import { MillraceError } from "../core/errors.ts";
import type { Login, MqttBroker, TlsDefinition } from "../language/index.ts";

export interface Secrets {
  username: string | undefined;
  password: string | undefined;
  /** PEM text. */
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}

/** What a login and TLS say once their files were read. Throws MR301 for a file that cannot be read. */
export async function readSecrets(login: Login | null, tls: TlsDefinition | null): Promise<Secrets> {
  const read = async (path: string | null, what: string): Promise<string | undefined> => {
    if (path === null) return undefined;
    return readFile(path, "utf8").catch((cause: Error) => {
      throw new MillraceError("MR301", `cannot read ${what} ${path}: ${cause.message}`, { cause });
    });
  };
  return {
    username: login?.username,
    password: login?.password ?? (await read(login?.passwordFile ?? null, "password_file"))?.trimEnd(),
    ca: await read(tls?.ca ?? null, "tls.ca"),
    cert: await read(tls?.cert ?? null, "tls.cert"),
    key: await read(tls?.key ?? null, "tls.key"),
  };
}

/** Host, port and whether it is TLS, of an mqtt:// or mqtts:// address. */
export function addressOf(broker: MqttBroker): { host: string; port: number; secure: boolean } {
  const url = new URL(broker.url);
  const secure = url.protocol === "mqtts:" || broker.tls !== null;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (secure ? 8883 : 1883)),
    secure,
  };
}
