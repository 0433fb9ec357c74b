// Places of equal size in the kernel's memory that keep what was asked for last.
import type { Shelf } from './layout.ts';

export interface Item {
  readonly key: string;
  /** 0 while it has no place. */
  address: number;
  /** Batch that needs it. */
  batch: number;
}

/** A store that forgets what was used least recently; what the current batch needs stays. */
export class ItemShelf<T extends Item> {
  readonly places: number;
  readonly #items = new Map<string, T>();
  readonly #free: number[] = [];
  #batch = 0;
  /** Items that the current batch needs. */
  #needed = 0;

  constructor({ address, bytes, places }: Shelf) {
    for (let place = places - 1; place >= 0; place--) this.#free.push(address + place * bytes);
    this.places = places;
  }

  /** From now on nothing is needed but what is asked for again. */
  startBatch(): void {
    this.#batch++;
    this.#needed = 0;
  }

  find(key: string): T | undefined {
    return this.#items.get(key);
  }

  /** How many more items the current batch can ask for. */
  get room(): number {
    return this.places - this.#needed;
  }

  /** True when the item is there already; false when its place is new and to be filled. Needs room. */
  need(item: T): boolean {
    if (item.batch === this.#batch && item.address !== 0) return true;
    item.batch = this.#batch;
    this.#needed++;
    const there = item.address !== 0;
    if (there) this.#items.delete(item.key);
    else item.address = this.#free.pop() ?? this.#takeOldest();
    this.#items.set(item.key, item);
    return there;
  }

  #takeOldest(): number {
    for (const [key, item] of this.#items) {
      if (item.batch === this.#batch) continue;
      this.#items.delete(key);
      const { address } = item;
      item.address = 0;
      return address;
    }
    throw new Error('a shelf was asked for more than its places');
  }
}
