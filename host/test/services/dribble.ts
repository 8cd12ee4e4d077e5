// A TCP proxy of loopback that passes bytes on in small pieces of changing size, or, when `mute`, takes connections
// and never says a word: what slow and broken networks do.
import { type Socket, connect, createServer } from "node:net";

export interface Proxy {
  port: number;
  /** Connections taken so far. */
  connections(): number;
  /** Cuts all connections. */
  cut(): void;
  close(): Promise<void>;
}

export async function startProxy(
  target: number,
  options: { pieceBytesMax?: number; mute?: boolean } = {},
): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    count++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    if (options.mute) return;
    const other = connect(target, "127.0.0.1");
    other.setNoDelay(true);
    socket.setNoDelay(true);
    other.on("error", () => socket.destroy());
    other.on("close", () => socket.destroy());
    socket.on("close", () => other.destroy());
    socket.pipe(other);
    void pass(other, socket, options.pieceBytesMax ?? 65536);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === "object" && address ? address.port : 0,
    connections: () => count,
    cut,
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Each piece is a write of its own, with a turn of the event loop between them, so that the reader sees the cuts. */
async function pass(from: Socket, to: Socket, pieceBytesMax: number): Promise<void> {
  let size = 1;
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length;) {
        size = (size % pieceBytesMax) + 1;
        to.write(chunk.subarray(at, at + size));
        at += size;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  } catch {
    to.destroy();
  }
}
