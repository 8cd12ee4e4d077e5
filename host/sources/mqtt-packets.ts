// Splits an MQTT byte stream at packet boundaries: PUBLISH packets go on as they are, many in one piece, all other
// packets go to the client library. Nothing of a message is looked at but its length and packet id.
// Sources: OASIS MQTT 3.1.1 §2.2, §3.3; MQTT 5 §3.3. Imports nothing.

const PUBLISH = 3;
/** Packets up to this size are handed on whole; larger ones in pieces. */
const WHOLE_BYTES_MAX = 1 << 20;

export interface PacketHandler {
  /** One or more PUBLISH packets (or a piece of a very large one); nobody writes to them any more. */
  onPublish(bytes: Uint8Array): void;
  /** Bytes for the client library. */
  onOther(bytes: Uint8Array): void;
}

export class PacketSplitter {
  private readonly handler: PacketHandler;
  private pending: Uint8Array = new Uint8Array(0);
  /** What is left of a packet that goes on in pieces. */
  private pieceLeft = 0;
  /** Packet ids of QoS 1 messages that were handed on and are not acknowledged. */
  private ids: number[] = [];

  constructor(handler: PacketHandler) {
    this.handler = handler;
  }

  /** Takes the next bytes of the connection. */
  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.pending.length > 0) {
      bytes = new Uint8Array(this.pending.length + chunk.length);
      bytes.set(this.pending);
      bytes.set(chunk, this.pending.length);
      this.pending = new Uint8Array(0);
    }
    let at = 0;
    let publishFrom = -1;
    const flush = (): void => {
      if (publishFrom >= 0) this.handler.onPublish(bytes.subarray(publishFrom, at));
      publishFrom = -1;
    };
    while (at < bytes.length) {
      if (this.pieceLeft > 0) {
        const piece = Math.min(this.pieceLeft, bytes.length - at);
        if (publishFrom < 0) publishFrom = at;
        at += piece;
        this.pieceLeft -= piece;
        continue;
      }
      const packet = packetAt(bytes, at);
      if (packet === null) break;
      if (packet.publish && packet.bytes > WHOLE_BYTES_MAX) {
        if (bytes.length - at < packet.headBytes) break;
        this.pieceLeft = packet.bytes;
        if (packet.id !== 0) this.ids.push(packet.id);
        continue;
      }
      if (bytes.length - at < packet.bytes) break;
      if (packet.publish) {
        if (publishFrom < 0) publishFrom = at;
        if (packet.id !== 0) this.ids.push(packet.id);
        at += packet.bytes;
      } else {
        flush();
        this.handler.onOther(bytes.subarray(at, at + packet.bytes));
        at += packet.bytes;
      }
    }
    flush();
    if (at < bytes.length) this.pending = bytes.slice(at);
  }

  /** PUBACK packets for all QoS 1 messages handed on so far, in their order; null when there are none. */
  takeAcknowledgements(): Uint8Array | null {
    if (this.ids.length === 0) return null;
    const packets = new Uint8Array(this.ids.length * 4);
    this.ids.forEach((id, index) => packets.set([0x40, 2, id >> 8, id & 255], index * 4));
    this.ids = [];
    return packets;
  }
}

interface Packet {
  publish: boolean;
  bytes: number;
  /** Bytes up to the packet id, included. */
  headBytes: number;
  /** 0 for QoS 0. */
  id: number;
}

/** What the bytes at `at` begin; null while too few of them are there to say. */
function packetAt(bytes: Uint8Array, at: number): Packet | null {
  let length = 0;
  let shift = 0;
  let next = at + 1;
  for (;;) {
    const byte = bytes[next++];
    if (byte === undefined) return null;
    length += (byte & 127) << shift;
    if (byte < 128) break;
    shift += 7;
    // The client library will say what is wrong with this.
    if (shift === 28) return { publish: false, bytes: bytes.length - at, headBytes: 0, id: 0 };
  }
  const first = bytes[at]!;
  const packet: Packet = { publish: first >> 4 === PUBLISH, bytes: next - at + length, headBytes: 0, id: 0 };
  if (!packet.publish || (first & 6) === 0) return packet;
  if (next + 2 > bytes.length) return packet.bytes > bytes.length - at ? null : packet;
  const idAt = next + 2 + bytes[next]! * 256 + bytes[next + 1]!;
  packet.headBytes = idAt + 2 - at;
  if (idAt + 2 > bytes.length) return packet.bytes > bytes.length - at ? null : packet;
  packet.id = bytes[idAt]! * 256 + bytes[idAt + 1]!;
  return packet;
}
