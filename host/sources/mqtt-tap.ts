// The tap: a Duplex between the socket and mqtt.js. The library keeps doing CONNECT, TLS, SUBSCRIBE, keep-alive and
// reconnecting; PUBLISH packets never reach it: they go to the engine as bytes, and their PUBACKs are written by
// us in groups, between its packets. Imports mqtt-packets.
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { PacketSplitter } from "./mqtt-packets.ts";

const PINGREQ = 0xc0;
const PINGRESP = new Uint8Array([0xd0, 0]);

export interface TapHandler {
  onPublish(bytes: Uint8Array): void;
}

export class MqttTap extends Duplex {
  private readonly wire: Socket;
  private readonly splitter: PacketSplitter;
  private paused = false;

  constructor(socket: Socket, handler: TapHandler) {
    super({ allowHalfOpen: false });
    this.wire = socket;
    this.splitter = new PacketSplitter({
      onPublish: (bytes) => handler.onPublish(bytes),
      onOther: (bytes) => void this.push(Buffer.from(bytes)),
    });
    socket.on("data", (chunk: Buffer) => this.splitter.push(chunk));
    socket.on("end", () => void this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
  }

  /** Acknowledges every QoS 1 message handed on so far. */
  acknowledge(): void {
    const packets = this.splitter.takeAcknowledgements();
    if (packets !== null && !this.wire.destroyed) this.wire.write(packets);
  }

  /** Stops reading from the broker. Its answers to pings are then read late, so the tap gives them. */
  pauseReading(): void {
    this.paused = true;
    this.wire.pause();
  }

  resumeReading(): void {
    this.paused = false;
    this.wire.resume();
  }

  override _read(): void {
    // The socket is read whether the library is ready or not: what it gets is little.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.wire.write(chunk);
    if (this.paused && chunk[0] === PINGREQ) this.push(Buffer.from(PINGRESP));
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "binary", done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.wire.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.wire.destroy();
    done(error);
  }
}
