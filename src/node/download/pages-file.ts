// What a download has got so far, on disk: one line of JSON for the request, then one a page. A line that a crash cut off is
// as if it had not come.
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Bar, Span } from './exchange.ts';

export interface StoredPage extends Span {
  bars: Bar[];
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const isBar = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 6 && value.every((each) => typeof each === 'number');

function isPage(value: unknown): value is StoredPage {
  if (typeof value !== 'object' || value === null) return false;
  const { from, to, bars } = value as Partial<StoredPage>;
  return typeof from === 'number' && typeof to === 'number' && Array.isArray(bars) && bars.every(isBar);
}

export class PagesFile {
  readonly path: string;
  readonly #request: string;

  constructor(path: string, request: object) {
    this.path = path;
    this.#request = JSON.stringify(request);
  }

  /** Pages of the same request, in the order in which they came; begins the file anew for another request. */
  async open(): Promise<StoredPage[]> {
    const text = await readFile(this.path, 'utf8').catch(() => '');
    // What stands behind the last line break was being written.
    const lines = text.split('\n').slice(0, -1);
    if (lines[0] === this.#request) {
      const pages = lines.slice(1).map(parseLine);
      const cut = pages.findIndex((page) => !isPage(page));
      const whole = (cut === -1 ? pages : pages.slice(0, cut)) as StoredPage[];
      await writeFile(this.path, [this.#request, ...lines.slice(1, 1 + whole.length), ''].join('\n'));
      return whole;
    }
    await mkdir(dirname(this.path), { recursive: true });
    await writeFile(this.path, `${this.#request}\n`);
    return [];
  }

  add(page: StoredPage): Promise<void> {
    return appendFile(this.path, `${JSON.stringify(page)}\n`);
  }

  remove(): Promise<void> {
    return rm(this.path, { force: true });
  }
}
