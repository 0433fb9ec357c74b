// The addresses of other machines, and what came of trying each.
import { compareText } from '../protocol/bytes.ts';
import type { WayProblem } from '../ui/api-members.ts';

/** Members and strangers alike announce addresses; more than this is noise or an attack. */
const ADDRESSES_KEPT_MAX = 16;
const PEERS_KEPT_MAX = 1000;

/** Times are monotonic ms. */
export interface Way {
  readonly address: string;
  readonly heardAt: number;
  /** When it was last tried from here; undefined: never since this node was started. */
  readonly triedAt: number | undefined;
  /** Why it did not lead there then; undefined where it did. */
  readonly problem: WayProblem | undefined;
}

export class Ways {
  /** Peer → address → what is known of it. */
  readonly #peers = new Map<string, Map<string, Way>>();

  /** False for a stranger too many. */
  heard(peerId: string, addresses: readonly string[], heardAt: number): boolean {
    if (this.#peers.size >= PEERS_KEPT_MAX && !this.#peers.has(peerId)) return false;
    const ways = this.#peers.get(peerId) ?? new Map<string, Way>();
    this.#peers.set(peerId, ways);
    for (const address of addresses) {
      ways.set(address, { triedAt: undefined, problem: undefined, ...ways.get(address), address, heardAt });
    }
    for (const { address } of this.of(peerId).slice(ADDRESSES_KEPT_MAX)) ways.delete(address);
    return true;
  }

  /** Room for a peer that is a member: it is never one too many. */
  keep(peerId: string): void {
    if (!this.#peers.has(peerId)) this.#peers.set(peerId, new Map());
  }

  /** Newest first. */
  of(peerId: string): Way[] {
    const ways = [...(this.#peers.get(peerId)?.values() ?? [])];
    return ways.sort((a, b) => b.heardAt - a.heardAt || compareText(a.address, b.address));
  }

  /**
   * Newest first; those that did not answer in time last, and of them the one that has waited longest: a silent address
   * takes all the time of an attempt, and the next attempt is for the others.
   */
  inTurn(peerId: string): Way[] {
    const all = this.of(peerId);
    const silent = all.filter(isSilent);
    silent.sort((a, b) => a.triedAt! - b.triedAt!);
    return [...all.filter((way) => !isSilent(way)), ...silent];
  }

  /** What is known of one address; undefined where it is not known any more. */
  get(peerId: string, address: string): Way | undefined {
    return this.#peers.get(peerId)?.get(address);
  }

  /** Where the address is not known any more, nothing is kept. */
  note(peerId: string, address: string, what: Partial<Pick<Way, 'triedAt' | 'problem'>>): void {
    const way = this.get(peerId, address);
    if (way !== undefined) this.#peers.get(peerId)?.set(address, { ...way, ...what });
  }
}

const isSilent = ({ problem, triedAt }: Way): boolean => problem?.code === 'timed_out' && triedAt !== undefined;
