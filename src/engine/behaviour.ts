// The name of what a strategy did: equal for equal side, entry bars and exit bars. A search uses it to tell strategies
// that trade alike from others; 64 bits are enough for that, and nobody gains by forging one.
import type { Side } from './strategy.ts';
import type { TradeLog } from './trade-log.ts';

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** MurmurHash3's finaliser (Appleby, public domain). */
function scatter(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const hex8 = (x: number): string => x.toString(16).padStart(8, '0');

/** Two words of 32 bits, followed word by word; fast/kernel does the same steps. */
export class BehaviourHash {
  #a: number;
  #b: number;

  constructor(side: Side) {
    this.#a = side === 'long' ? 0x243f6a88 : 0x13198a2e;
    this.#b = side === 'long' ? 0x85a308d3 : 0x03707344;
  }

  #add(word: number): void {
    this.#a = Math.imul(rotate(this.#a ^ word, 13), 0x9e3779b1);
    this.#b = Math.imul(rotate(this.#b + word, 17), 0x85ebca77);
  }

  /** Adds the trades of one run; `part` tells runs over different stretches apart. */
  add(part: number, log: TradeLog): void {
    this.#add(-1 - part);
    for (let row = 0; row < log.length; row++) {
      this.#add(log.entryBar[row]!);
      this.#add(log.exitBar[row]!);
    }
  }

  /** 16 hex digits. */
  finish(): string {
    return nameBehaviour(this.#a, this.#b);
  }
}

/** The name for the two words that a run ended with: 16 hex digits. */
export const nameBehaviour = (a: number, b: number): string => hex8(scatter(a)) + hex8(scatter(b));
