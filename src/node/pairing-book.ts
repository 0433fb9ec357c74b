// Nonces and digits of one pairing window. With one machine there is one set of nonces, however often the two meet; whoever
// changes its part of them begins anew, and how often that happens is counted: each beginning is one try at equal digits.
import { equalBytes, type Hex, toHex } from '../protocol/bytes.ts';
import { commitmentTo, commitsFirst, digitsOf, NONCE_BYTES } from '../protocol/pairing.ts';

/**
 * Pairings that may begin in one window. Who begins as many on both sides of two machines, with machines that nobody
 * knows on both screens, meets equal digits somewhere once in a thousand windows.
 */
export const BEGINNINGS_MAX = 32;

class PairingError extends Error {
  override readonly name = 'PairingError';
  readonly code: 'too_many' | 'changed' | 'bad_commitment';
  constructor(code: PairingError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface Pair {
  readonly mine: Uint8Array;
  /** Where the other side commits. */
  commitment: Uint8Array | undefined;
  theirs: Uint8Array | undefined;
}

export class PairingBook {
  readonly #self: Uint8Array;
  readonly #randomBytes: (length: number) => Uint8Array;
  readonly #pairs = new Map<Hex, Pair>();
  #begun = 0;

  /** `self`: this node's public key. */
  constructor(self: Uint8Array, randomBytes: (length: number) => Uint8Array) {
    this.#self = self;
    this.#randomBytes = randomBytes;
  }

  /** Another window. */
  clear(): void {
    this.#pairs.clear();
    this.#begun = 0;
  }

  /** No other machine can be met in this window. */
  get isFull(): boolean {
    return this.#begun >= BEGINNINGS_MAX;
  }

  commitsTo(peer: Uint8Array): boolean {
    return commitsFirst(this.#self, peer);
  }

  /** Where this side commits: to which nonce. Throws PairingError `too_many`. */
  commit(peer: Uint8Array): Uint8Array {
    return commitmentTo(this.#self, peer, this.#pair(peer).mine);
  }

  /**
   * This side's nonce, after it has seen the other's. Throws PairingError `changed` where it showed its own for another one
   * before: it must not be used twice.
   */
  reveal(peer: Uint8Array, theirs: Uint8Array): Uint8Array {
    const pair = this.#pair(peer);
    if (pair.theirs !== undefined && !equalBytes(pair.theirs, theirs)) {
      this.#begin(peer);
      throw new PairingError('changed', 'The other machine began anew.');
    }
    pair.theirs = theirs;
    return pair.mine;
  }

  /** Where the other side commits: this side's nonce. Throws PairingError `too_many`. */
  answer(peer: Uint8Array, commitment: Uint8Array): Uint8Array {
    let pair = this.#pair(peer);
    if (pair.commitment !== undefined && !equalBytes(pair.commitment, commitment)) pair = this.#begin(peer);
    pair.commitment = commitment;
    return pair.mine;
  }

  /** The other side shows what it had committed to. Throws PairingError `bad_commitment`. */
  open(peer: Uint8Array, theirs: Uint8Array): void {
    const pair = this.#pairs.get(toHex(peer));
    const promised = pair?.commitment;
    if (pair === undefined || promised === undefined || !equalBytes(promised, commitmentTo(peer, this.#self, theirs))) {
      throw new PairingError('bad_commitment', 'The other machine did not keep to its nonce.');
    }
    pair.theirs = theirs;
  }

  /** Undefined until both sides have shown their nonces. */
  digits(peer: Uint8Array): string | undefined {
    const pair = this.#pairs.get(toHex(peer));
    if (pair?.theirs === undefined) return undefined;
    const mine = [this.#self, pair.mine] as const;
    const other = [peer, pair.theirs] as const;
    return this.commitsTo(peer) ? digitsOf(mine, other) : digitsOf(other, mine);
  }

  #pair(peer: Uint8Array): Pair {
    return this.#pairs.get(toHex(peer)) ?? this.#begin(peer);
  }

  #begin(peer: Uint8Array): Pair {
    if (this.isFull) {
      const message = `${BEGINNINGS_MAX} pairings were begun in this window. Close it and open it again.`;
      throw new PairingError('too_many', message);
    }
    this.#begun += 1;
    const pair: Pair = { mine: this.#randomBytes(NONCE_BYTES), commitment: undefined, theirs: undefined };
    this.#pairs.set(toHex(peer), pair);
    return pair;
  }
}
