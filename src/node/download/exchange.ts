// What a download knows of an exchange: how to ask for bars, and how to read what it answers.

/** One bar: opening time in ms UTC, open, high, low, close, volume. */
export type Bar = readonly [time: number, open: number, high: number, low: number, close: number, volume: number];

/** Opening times of the first and the last bar that is asked for, ms UTC. */
export interface Span {
  from: number;
  to: number;
}

export interface Exchange {
  /** As the command line calls it. */
  name: string;
  title: string;
  /** Address of its API; `--base` names another, such as a mirror. */
  base: string;
  /** What the data sets call their source, and what stands behind their symbol. */
  source: string;
  suffix: string;
  /** Bar lengths that it serves, ms. */
  bars: readonly number[];
  /** Most bars of one call. */
  pageBars: number;
  /** How many bars before the newest it serves; absent: all. */
  reachBars?: number;
  /** Least pause between two calls, ms. */
  pauseMs: number;
  path(symbol: string, barMs: number, span: Span): string;
  /** Bars in any order, also some that were not asked for. Throws AnswerError. */
  read(answer: unknown): Bar[];
  /** What it says is wrong; undefined where it says nothing. */
  complaint(answer: unknown): string | undefined;
}

/** An answer that is no list of bars. `retry`: it may be one the next time. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly retry: boolean;
  readonly limited: boolean;
  constructor(message: string, options: { retry: boolean; limited?: boolean }) {
    super(message);
    this.retry = options.retry;
    this.limited = options.limited === true;
  }
}

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** Exchanges write numbers as such or as texts. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : Number.NaN;
}

/** Reads rows by the places of their values; `scale` brings their times to ms. */
export function readBars(
  rows: unknown,
  places: readonly [number, number, number, number, number, number],
  scale: number,
): Bar[] {
  if (!Array.isArray(rows)) throw new AnswerError('the answer is no list of bars', { retry: true });
  return rows.map((row: unknown) => {
    const values = Array.isArray(row) ? places.map((place) => numberOf((row as unknown[])[place])) : [];
    if (values.length === 0 || values.some(Number.isNaN))
      throw new AnswerError('a bar of the answer is cut off', { retry: true });
    const [time, ...rest] = values as [number, number, number, number, number, number];
    return [time * scale, ...rest] as const;
  });
}

/** A text member of an answer. */
export function textIn(answer: unknown, key: string): string | undefined {
  const value = typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? value.slice(0, 200) : undefined;
}
