// Ports for services of tests, and waiting for what they do. Imports nothing of the project.
import { createServer } from "node:net";

/** A TCP port of loopback that nothing listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/**
 * Resolves with what `probe` returns once that is neither false, null nor undefined, asking every 50 ms. Rejects with
 * `what` after `deadlineMs`, which is a limit for broken code, not an expectation.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  deadlineMs = 30_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  let last: unknown = null;
  while (performance.now() < end) {
    try {
      const found = await probe();
      if (found !== false && found !== null && found !== undefined) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${deadlineMs} ms in vain for ${what}`, { cause: last });
}
