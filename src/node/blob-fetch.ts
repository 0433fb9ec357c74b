// Fetches one blob from all peers that have it, chunk by chunk. What came in stays, so that a broken fetch goes on where it
// ended; a chunk that is not what the list says is thrown away and its peer left.
//
// A list is proved only by the whole: peers that gave a list of which the whole has another name are not asked for that
// blob again.

import { type ChunkList, chunkCount, chunkLength } from '../protocol/blob.ts';
import { encode, equalBytes, fromHex, type Hex, sha256, toHex } from '../protocol/bytes.ts';
import { type Ask, askList, type BlobPeer } from './blob-service.ts';

/** Where the chunks go. */
export interface ChunkSink {
  /** Resolves to the chunks of this list that are there already, each checked. Called before the first `write`. */
  open(list: ChunkList): Promise<Set<number>>;
  write(index: number, bytes: Uint8Array): Promise<void>;
  /** SHA-256 of all that is there. */
  hash(): Promise<Hex>;
  /** Throws away what is there. */
  discard(): Promise<void>;
}

export interface BlobFetchDeps {
  /** Those that are connected at this moment. */
  peers(): readonly BlobPeer[];
  /** Peers that gave a wrong list of this blob, or a wrong chunk of it; more are added. */
  distrusted: Set<string>;
  /** Whether there is room for a blob of so many bytes. */
  hasRoom(bytes: number): Promise<boolean>;
  onProgress(progress: FetchProgress): void;
  signal: AbortSignal;
}

export interface FetchProgress {
  /** Share that is here, 0 to 1. */
  share: number;
  /** Peers that it comes from. */
  peers: number;
}

/** `nobody`: none of those that are connected has it, or only a part of it came. `no_room`: `bytes` do not fit. */
export type Fetched = { is: 'whole' } | { is: 'nobody' } | { is: 'no_room'; bytes: number };

/** Peers that are asked for one chunk: a second one only when all others are under way, so that a slow one holds nobody up. */
const ASKED_MAX = 2;

interface Offer {
  list: ChunkList;
  peers: BlobPeer[];
}

/** Rejects when the sink fails. */
export async function fetchBlob(deps: BlobFetchDeps, blob: Hex, sink: ChunkSink): Promise<Fetched> {
  const tried = new Set<string>();
  while (!deps.signal.aborted) {
    const offer = await findOffer(deps, blob, tried);
    if (offer === undefined) break;
    const { list, peers } = offer;
    if (!(await deps.hasRoom(list.bytes))) return { is: 'no_room', bytes: list.bytes };
    if (!(await new Download(deps, blob, offer, sink, tried).run())) continue;
    if ((await sink.hash()) === blob) return { is: 'whole' };
    for (const { peerId } of peers) deps.distrusted.add(peerId);
    await sink.discard();
  }
  return { is: 'nobody' };
}

/** The list that most of those that have the blob agree on. */
async function findOffer(deps: BlobFetchDeps, blob: Hex, tried: ReadonlySet<string>): Promise<Offer | undefined> {
  const peers = deps.peers().filter(({ peerId }) => !deps.distrusted.has(peerId) && !tried.has(peerId));
  const lists = await Promise.all(peers.map((peer) => peer.talk((ask) => askList(ask, blob)).catch(() => undefined)));
  const offers = new Map<Hex, Offer>();
  for (const [i, list] of lists.entries()) {
    if (list === undefined || chunkCount(list.bytes) !== list.chunks.length) continue;
    const key = toHex(sha256(encode([list.bytes, list.chunks])));
    const offer = offers.get(key) ?? { list, peers: [] };
    offers.set(key, offer);
    offer.peers.push(peers[i]!);
  }
  return [...offers.values()].sort((a, b) => b.peers.length - a.peers.length)[0];
}

class Download {
  readonly #deps: BlobFetchDeps;
  readonly #blob: Uint8Array;
  readonly #offer: Offer;
  readonly #sink: ChunkSink;
  /** Peers that did not give what they were asked for. */
  readonly #failed: Set<string>;
  #have = new Set<number>();
  /** How many peers are being asked for a chunk. */
  readonly #asked = new Map<number, number>();
  #active = 0;

  constructor(deps: BlobFetchDeps, blob: Hex, offer: Offer, sink: ChunkSink, failed: Set<string>) {
    this.#deps = deps;
    this.#blob = fromHex(blob);
    this.#offer = offer;
    this.#sink = sink;
    this.#failed = failed;
  }

  /** False when peers failed before all was there. */
  async run(): Promise<boolean> {
    const { list, peers } = this.#offer;
    this.#have = await this.#sink.open(list);
    this.#active = peers.length;
    this.#tell();
    await Promise.all(peers.map((peer) => this.#fetchFrom(peer)));
    return this.#have.size === list.chunks.length;
  }

  async #fetchFrom(peer: BlobPeer): Promise<void> {
    let failure: unknown;
    const work = async (ask: Ask): Promise<void> => {
      for (let index = this.#next(); index !== undefined; index = this.#next()) {
        const bytes = await this.#ask(ask, peer, index);
        if (this.#have.has(index)) continue;
        this.#have.add(index);
        await this.#sink.write(index, bytes).catch((error: unknown) => {
          failure = error;
          throw error;
        });
        this.#tell();
      }
    };
    // Whatever is wrong with a peer, the others bring what is missing.
    await peer.talk(work).catch(() => this.#failed.add(peer.peerId));
    this.#active -= 1;
    if (failure !== undefined) throw failure;
  }

  /** The first chunk that nobody is asked for, then one that somebody else is; undefined when there is nothing to do. */
  #next(): number | undefined {
    if (this.#deps.signal.aborted) return undefined;
    let next: number | undefined;
    let fewest = ASKED_MAX;
    for (let index = 0; index < this.#offer.list.chunks.length && fewest > 0; index += 1) {
      const asked = this.#asked.get(index) ?? 0;
      if (this.#have.has(index) || asked >= fewest) continue;
      next = index;
      fewest = asked;
    }
    return next;
  }

  /** Throws when the peer has it no more, or sends something else. */
  async #ask(ask: Ask, { peerId }: BlobPeer, index: number): Promise<Uint8Array> {
    const { list } = this.#offer;
    this.#asked.set(index, (this.#asked.get(index) ?? 0) + 1);
    try {
      const reply = await ask({ ask: 'chunk', blob: this.#blob, index });
      if (reply.is !== 'chunk') throw new Error('it does not have the chunk any more');
      const isRight = reply.bytes.length === chunkLength(list.bytes, index);
      if (isRight && equalBytes(sha256(reply.bytes), list.chunks[index]!)) return reply.bytes;
      this.#deps.distrusted.add(peerId);
      throw new Error('the chunk is not the one that its list names');
    } finally {
      this.#asked.set(index, this.#asked.get(index)! - 1);
    }
  }

  #tell(): void {
    const { chunks } = this.#offer.list;
    this.#deps.onProgress({ share: this.#have.size / chunks.length, peers: this.#active });
  }
}
