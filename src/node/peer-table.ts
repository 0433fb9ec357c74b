// Who is connected: one entry a peer, made by HELLO and gone with its last connection.
import type { Connection } from '@libp2p/interface';
import { equalBytes } from '../protocol/bytes.ts';
import type { Hello } from '../protocol/messages.ts';
import type { WayProblem } from '../ui/api-members.ts';
import { askHello, serveHello } from './hello.ts';
import type { MainLibp2p } from './transport.ts';

export interface Peer {
  peerId: string;
  hello: Hello;
  connection: Connection;
}

export interface PeerTableDeps {
  libp2p: MainLibp2p;
  mine(): Hello;
  /** HELLO was said for the first time on a connection: the first one of the peer, or another one. */
  onHello(peer: Peer, isNew: boolean): void;
  onGone(peerId: string): void;
  /** `address`: multiaddr of its end of the connection. */
  onRefused(peerId: string, address: string, problem: WayProblem): void;
  /** Two machines with one identity are up at the same time. */
  onTwin(hello: Hello): void;
}

export class PeerTable {
  readonly #deps: PeerTableDeps;
  readonly #peers = new Map<string, Peer>();
  /** Ids of the open connections on which HELLO was said. */
  readonly #introduced = new Set<string>();

  constructor(deps: PeerTableDeps) {
    this.#deps = deps;
  }

  /** From here on connections count. */
  async serve(): Promise<void> {
    const { libp2p, mine, onRefused } = this.#deps;
    libp2p.addEventListener('connection:close', (event) => this.#closed(event.detail));
    await serveHello({
      libp2p,
      mine,
      onHello: (connection, hello) => void this.#hello(connection, hello),
      onRefused: ({ remotePeer, remoteAddr }, problem) => {
        onRefused(remotePeer.toString(), remoteAddr.toString(), problem);
      },
    });
  }

  get size(): number {
    return this.#peers.size;
  }

  has(peerId: string): boolean {
    return this.#peers.has(peerId);
  }

  get(peerId: string): Peer | undefined {
    return this.#peers.get(peerId);
  }

  all(): Peer[] {
    return [...this.#peers.values()];
  }

  /** Asks all that are connected whether they still are, and drops who does not answer. */
  async dropDead(): Promise<void> {
    await Promise.all(
      this.all().map(async (peer) => {
        if (await this.#isAlive(peer)) return;
        const others = this.#deps.libp2p.getConnections(peer.connection.remotePeer);
        for (const each of others) each.abort(new Error('it does not answer any more'));
      }),
    );
  }

  async #hello(connection: Connection, hello: Hello): Promise<void> {
    // Said again it only shows that the connection lives. Taken for news, two connections would ask about each other for ever.
    if (this.#introduced.has(connection.id)) return;
    const peerId = connection.remotePeer.toString();
    const earlier = this.#peers.get(peerId);
    if (earlier !== undefined && !equalBytes(earlier.hello.boot, hello.boot) && (await this.#isAlive(earlier))) {
      this.#deps.onTwin(hello);
      connection.abort(new Error('another machine uses this identity'));
      return;
    }
    if (connection.status !== 'open') return;
    this.#introduced.add(connection.id);
    const peer = { peerId, hello, connection };
    // Meanwhile a dead first connection may have closed, and its end been told.
    const isNew = !this.#peers.has(peerId);
    this.#peers.set(peerId, peer);
    this.#deps.onHello(peer, isNew);
    if (earlier !== undefined && earlier.connection.id !== connection.id) await this.#dropIfSilent(earlier.connection);
  }

  /**
   * Who moved comes by another connection while the old one looks open here, and would hear nothing: gossip stays with the
   * first connection as long as it is there. So all are ended, and made anew.
   */
  async #dropIfSilent(connection: Connection): Promise<void> {
    if (connection.status !== 'open') return;
    const isSilent = await askHello(connection, this.#deps.mine(), TWIN_ANSWER_MS).then(
      () => false,
      () => connection.status === 'open',
    );
    const all = isSilent ? this.#deps.libp2p.getConnections(connection.remotePeer) : [];
    for (const each of all) each.abort(new Error('one of its connections does not answer any more'));
  }

  /** A machine that crashed and came back looks like a twin until its old connection is found to be dead. */
  async #isAlive({ connection, hello }: Peer): Promise<boolean> {
    if (connection.status !== 'open') return false;
    try {
      const again = await askHello(connection, this.#deps.mine(), TWIN_ANSWER_MS);
      return equalBytes(again.boot, hello.boot);
    } catch {
      connection.abort(new Error('it does not answer any more'));
      return false;
    }
  }

  #closed(connection: Connection): void {
    this.#introduced.delete(connection.id);
    const peerId = connection.remotePeer.toString();
    const peer = this.#peers.get(peerId);
    if (peer === undefined || peer.connection.id !== connection.id) return;
    const open = this.#deps.libp2p.getConnections(connection.remotePeer).find((each) => each.status === 'open');
    if (open !== undefined) {
      this.#peers.set(peerId, { ...peer, connection: open });
      return;
    }
    this.#peers.delete(peerId);
    this.#deps.onGone(peerId);
  }
}

const TWIN_ANSWER_MS = 3000;
