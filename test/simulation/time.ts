// Virtual time: what the program asks of timers happens in an order that the seed decides, as fast as it can be computed.
// Each timer belongs to the process that set it: with that process it dies, or waits while the machine sleeps.
import { AsyncLocalStorage } from 'node:async_hooks';

/** Chance that is the same for the same seed (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ x < 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  whole(below: number): number {
    return Math.floor(this.next() * below);
  }

  is(probability: number): boolean {
    return this.next() < probability;
  }

  of<T>(items: readonly T[]): T {
    return items[this.whole(items.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.whole(256));
  }

  fork(): Chance {
    return new Chance(this.whole(2 ** 32));
  }
}

/** A running program: `ended` for ever, or asleep until a time. */
export interface Process {
  ended: boolean;
  sleepsUntil: number;
  readonly host: string;
}

interface Timer {
  at: number;
  order: number;
  run: () => void;
  process: Process | undefined;
  every: number | undefined;
  cancelled: boolean;
}

/** What setTimeout gives: it can be unreferenced, which means nothing here. */
type Handle = Timer & { unref(): Handle; ref(): Handle };

const current = new AsyncLocalStorage<Process>();
const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
};

export class World {
  now = 0;
  /** Timers that fired. */
  steps = 0;
  readonly #heap: Timer[] = [];
  #order = 0;

  /** Until `restore` is called, the timers of this program are the world's. */
  takeOver(): () => void {
    const clear = (timer?: Timer): void => {
      if (timer !== undefined && timer !== null) timer.cancelled = true;
    };
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms = 0) => this.#arm(run, ms, undefined),
      setInterval: (run: () => void, ms = 0) => this.#arm(run, ms, Math.max(1, ms)),
      clearTimeout: clear,
      clearInterval: clear,
    });
    return () => {
      const { setImmediate: _, ...timers } = real;
      Object.assign(globalThis, timers);
    };
  }

  /** Whose program is running. */
  static get process(): Process | undefined {
    return current.getStore();
  }

  /** Runs `work` as part of a process. */
  inside<T>(process: Process, work: () => T): T {
    return current.run(process, work);
  }

  /** What happens to nobody's program: the network, the disk, the weather. */
  after(ms: number, run: () => void): void {
    current.exit(() => this.#arm(run, ms, undefined));
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => this.#arm(resolve, ms, undefined));
  }

  /** Lets everything happen that is due within `ms`. */
  async run(ms: number): Promise<void> {
    const end = this.now + ms;
    await settle();
    for (let next = this.#heap[0]; next !== undefined && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      if (next.cancelled || next.process?.ended === true) continue;
      if (next.process !== undefined && next.process.sleepsUntil > next.at) {
        this.#push({ ...next, at: next.process.sleepsUntil }, next);
        continue;
      }
      this.now = Math.max(this.now, next.at);
      this.steps += 1;
      const { run, process } = next;
      if (next.every !== undefined) this.#push({ ...next, at: this.now + next.every }, next);
      if (process === undefined) run();
      else current.run(process, run);
      await settle();
    }
    this.now = end;
  }

  #arm(run: () => void, ms: number, every: number | undefined): Handle {
    const timer = {
      at: this.now + Math.max(0, ms),
      order: 0,
      run,
      process: current.getStore(),
      every,
      cancelled: false,
    };
    const handle: Handle = Object.assign(timer, { unref: () => handle, ref: () => handle });
    this.#push(handle, handle);
    return handle;
  }

  /** Puts the changed timer back; it stays the object that can be cancelled. */
  #push(changed: Timer, timer: Timer): void {
    this.#order += 1;
    timer.at = changed.at;
    timer.order = this.#order;
    const heap = this.#heap;
    heap.push(timer);
    let i = heap.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i]!, heap[parent]!)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const right = left + 1;
      let least = i;
      if (left < heap.length && isBefore(heap[left]!, heap[least]!)) least = left;
      if (right < heap.length && isBefore(heap[right]!, heap[least]!)) least = right;
      if (least === i) return;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Everything that promises lead to at this moment has happened. */
function settle(): Promise<void> {
  return new Promise((resolve) => void real.setImmediate(resolve));
}
