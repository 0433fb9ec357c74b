// Bytes on the wire with each member, as the system's own sockets count them: all that TCP carried, encryption and the
// words that begin a connection included, the headers of IP and TCP not. Counting costs nothing: the sockets do it anyhow.
import { Socket } from 'node:net';

export interface Bytes {
  in: number;
  out: number;
}

const NOTHING: Bytes = { in: 0, out: 0 };

export class Traffic {
  /** ms since 1970. */
  readonly since: number;
  readonly #ended = new Map<string, Bytes>();
  readonly #open = new Map<string, Set<Socket>>();
  /** Peers of whom not all bytes are known. */
  readonly #partial = new Set<string>();

  constructor(since: number) {
    this.since = since;
  }

  /** From here on what this connection carries counts as the peer's: what it has carried before, too. */
  follow(peerId: string, connection: object): void {
    const socket: unknown = (connection as { socket?: unknown }).socket;
    if (!(socket instanceof Socket)) {
      this.#partial.add(peerId);
      return;
    }
    const open = this.#open.get(peerId) ?? new Set<Socket>();
    this.#open.set(peerId, open.add(socket));
    socket.once('close', () => {
      if (!open.delete(socket)) return;
      this.#ended.set(peerId, sum([this.#ended.get(peerId) ?? NOTHING, bytesOf(socket)]));
    });
  }

  /** Undefined where it is not known. */
  of(peerId: string): Bytes | undefined {
    if (this.#partial.has(peerId)) return undefined;
    return sum([this.#ended.get(peerId) ?? NOTHING, ...[...(this.#open.get(peerId) ?? [])].map(bytesOf)]);
  }
}

function bytesOf({ bytesRead, bytesWritten }: Socket): Bytes {
  return { in: bytesRead, out: bytesWritten };
}

function sum(all: readonly Bytes[]): Bytes {
  return all.reduce((a, b) => ({ in: a.in + b.in, out: a.out + b.out }), NOTHING);
}
