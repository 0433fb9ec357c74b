// When a running node came to know of entries, as its own log at level `debug` says: nobody has to ask it meanwhile.
import { closeSync, openSync, readSync } from 'node:fs';
import type { TestNode } from '../support/nodes.ts';

const CHUNK_BYTES = 1 << 16;

export class LogFollower {
  readonly #file: string;
  #read = 0;
  #rest = '';
  /** Number of entries and since when it has been at least that, ms since 1970, in order. */
  readonly #seen: { entries: number; at: number }[] = [];

  constructor({ logFile }: TestNode) {
    this.#file = logFile;
  }

  /** When the node first held this many entries, ms since 1970; undefined when it does not yet. */
  heldAt(entries: number): number | undefined {
    this.#readOn();
    return this.#seen.find((each) => each.entries >= entries)?.at;
  }

  #readOn(): void {
    const handle = openSync(this.#file, 'r');
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let length = -1; length !== 0; this.#read += length) {
      length = readSync(handle, chunk, 0, CHUNK_BYTES, this.#read);
      this.#rest += chunk.toString('latin1', 0, length);
    }
    closeSync(handle);
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    if (!line.includes('"ledger.changed"')) return;
    const { entries, time } = JSON.parse(line) as { entries?: number; time: string };
    if (entries !== undefined) this.#seen.push({ entries, at: Date.parse(time) });
  }
}
