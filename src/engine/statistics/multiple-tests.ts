// Several p-values at once. Each function returns adjusted p-values in the order given: a test is rejected at level α when its
// adjusted p-value is at most α.

/** Places of `p` from the smallest p-value to the largest; equal ones in the order given. */
const ascending = (p: readonly number[]): number[] => p.map((_, i) => i).sort((a, b) => p[a]! - p[b]! || a - b);

/** Holm (1979), "A simple sequentially rejective multiple test procedure": family-wise error under any dependence. */
export function holm(p: readonly number[]): number[] {
  const adjusted = p.map(() => 1);
  let largest = 0;
  ascending(p).forEach((place, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[place]!));
    adjusted[place] = largest;
  });
  return adjusted;
}

function stepUp(p: readonly number[], factor: number): number[] {
  const adjusted = p.map(() => 1);
  const order = ascending(p);
  let smallest = 1;
  for (let rank = p.length; rank >= 1; rank--) {
    const place = order[rank - 1]!;
    smallest = Math.min(smallest, (factor * p.length * p[place]!) / rank);
    adjusted[place] = smallest;
  }
  return adjusted;
}

/**
 * Benjamini & Hochberg (1995), "Controlling the false discovery rate": share of false among the rejected, for independent or
 * positively dependent tests.
 */
export const benjaminiHochberg = (p: readonly number[]): number[] => stepUp(p, 1);

/** Benjamini & Yekutieli (2001), "The control of the false discovery rate … under dependency": under any dependence. */
export function benjaminiYekutieli(p: readonly number[]): number[] {
  let harmonic = 0;
  for (let i = 1; i <= p.length; i++) harmonic += 1 / i;
  return stepUp(p, harmonic);
}
