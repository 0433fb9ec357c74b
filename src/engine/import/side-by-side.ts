// Data sets beside one another: what they have in common, and how far they agree.
import type { CandleColumns } from '../candles.ts';

export interface Comparison {
  /** Bars of the same opening time. */
  common: number;
  /** Opening times of the first and last of them, ms UTC; undefined without any. */
  from: number | undefined;
  to: number | undefined;
  /** Common bars with the same open, high, low, close and volume. */
  equal: number;
  /** Pearson's correlation of the returns from one common bar to the next; undefined where one of them never moved. */
  correlation: number | undefined;
}

/** Indices of the bars that both have, in order. */
function commonBars(a: CandleColumns, b: CandleColumns): { inA: number[]; inB: number[] } {
  const inA: number[] = [];
  const inB: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const apart = a.time[i]! - b.time[j]!;
    if (apart === 0) {
      inA.push(i++);
      inB.push(j++);
    } else if (apart < 0) i++;
    else j++;
  }
  return { inA, inB };
}

const returnsAt = ({ close }: CandleColumns, bars: readonly number[]): number[] =>
  bars.slice(1).map((bar, k) => close[bar]! / close[bars[k]!]! - 1);

function correlate(a: readonly number[], b: readonly number[]): number | undefined {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    const [offA, offB] = [value - meanA, b[i]! - meanB];
    both += offA * offB;
    squaresA += offA * offA;
    squaresB += offB * offB;
  }
  const scale = Math.sqrt(squaresA * squaresB);
  return scale > 0 ? both / scale : undefined;
}

/** Two data sets of the same bar length. */
export function compareCandles(a: CandleColumns, b: CandleColumns): Comparison {
  const { inA, inB } = commonBars(a, b);
  const names = ['open', 'high', 'low', 'close', 'volume'] as const;
  const equal = inA.filter((i, k) => names.every((name) => a[name][i] === b[name][inB[k]!])).length;
  const [first, last] = [inA[0], inA.at(-1)];
  return {
    common: inA.length,
    from: first === undefined ? undefined : a.time[first],
    to: last === undefined ? undefined : a.time[last],
    equal,
    correlation: correlate(returnsAt(a, inA), returnsAt(b, inB)),
  };
}
