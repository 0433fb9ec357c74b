// Trial statistics of many units as one, the same to the last bit in whatever order the units come.
import type { Trials } from '../outcome.ts';

const byNumber = (a: number | null, b: number | null): number => (a ?? 0) - (b ?? 0);

/** A total order up to equality of all three figures: what is equal may change places. */
const byFigures = (a: Trials, b: Trials): number =>
  a.count - b.count || byNumber(a.meanSharpe, b.meanSharpe) || byNumber(a.varianceSharpe, b.varianceSharpe);

/**
 * Count, mean and sample variance over the trials of all parts. They are put in an order of their own and summed in two
 * passes: N = Σ n, mean = Σ n m / N, V = (Σ (n − 1) v + Σ n (m − mean)²) / (N − 1). A part may be a pool itself, as long as
 * everybody makes the same pools of the same parts.
 */
export function poolTrials(parts: readonly Trials[]): Trials {
  const sorted = parts.filter(({ count }) => count > 0).sort(byFigures);
  if (sorted.length === 1) return sorted[0]!;
  let count = 0;
  let sum = 0;
  for (const part of sorted) {
    count += part.count;
    sum += part.count * part.meanSharpe!;
  }
  if (count === 0) return { count: 0, meanSharpe: null, varianceSharpe: null };
  const meanSharpe = sum / count;
  let squares = 0;
  for (const part of sorted) {
    const off = part.meanSharpe! - meanSharpe;
    squares += (part.count - 1) * (part.varianceSharpe ?? 0) + part.count * off * off;
  }
  return { count, meanSharpe, varianceSharpe: count < 2 ? null : squares / (count - 1) };
}
