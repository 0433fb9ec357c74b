// Is the best of several strategies better than doing nothing, given that it is the best of several? White (2000), "A reality
// check for data snooping", Econometrica 68; Hansen (2005), "A test for superior predictive ability", Journal of Business &
// Economic Statistics 23. The benchmark is to hold nothing: a return of 0 in every bar.
import { ln } from '../math.ts';
import type { RandomStream } from '../random.ts';
import { BlockSampler, blockLengthOf } from './stationary-bootstrap.ts';

export interface SuperiorAbility {
  resamples: number;
  /** Mean block length in bars. */
  blockLength: number;
  /** White: p of max √n × mean, not studentised, all strategies recentred. */
  realityCheck: number;
  /** Hansen's SPA, studentised: p with strategies that do badly left out (lower), kept if not hopeless, all kept (upper). */
  lower: number;
  consistent: number;
  upper: number;
}

/** Prefix sums of returns less their mean, bar by bar: element i × strategies + s is the sum over the bars before i. */
function centredPrefix(returns: readonly Float64Array[], means: Float64Array): Float64Array {
  const width = returns.length;
  const bars = returns[0]!.length;
  const prefix = new Float64Array((bars + 1) * width);
  returns.forEach((row, s) => {
    let sum = 0;
    for (let i = 0; i < bars; i++) {
      sum += row[i]! - means[s]!;
      prefix[(i + 1) * width + s] = sum;
    }
  });
  return prefix;
}

/** Adds prefix[to] − prefix[from] to `sums`. */
function addSpan(sums: Float64Array, prefix: Float64Array, from: number, to: number): void {
  const width = sums.length;
  for (let s = 0; s < width; s++) sums[s]! += prefix[to * width + s]! - prefix[from * width + s]!;
}

/** √n × resampled mean of the centred returns: element b × strategies + s. */
function resampledMeans(
  returns: readonly Float64Array[],
  means: Float64Array,
  resamples: number,
  sampler: BlockSampler,
): Float64Array {
  const width = returns.length;
  const bars = returns[0]!.length;
  const prefix = centredPrefix(returns, means);
  const all = new Float64Array(resamples * width);
  const scale = 1 / Math.sqrt(bars);
  for (let b = 0; b < resamples; b++) {
    const sums = all.subarray(b * width, (b + 1) * width);
    sampler.draw();
    for (let k = 0; k < sampler.count; k++) {
      const from = sampler.starts[k]!;
      const to = from + sampler.lengths[k]!;
      addSpan(sums, prefix, from, Math.min(to, bars));
      if (to > bars) addSpan(sums, prefix, 0, to - bars);
    }
    for (let s = 0; s < width; s++) sums[s]! *= scale;
  }
  return all;
}

/** Root mean square of each strategy's resampled means: the bootstrap estimate of its long-run deviation (Hansen, 3.1). */
function deviationsOf(resampled: Float64Array, width: number): Float64Array {
  const deviations = new Float64Array(width);
  for (let i = 0; i < resampled.length; i++) deviations[i % width]! += resampled[i]! * resampled[i]!;
  return deviations.map((squares) => Math.sqrt((squares * width) / resampled.length));
}

/**
 * (1 + number of resamples whose largest (value + shift) × weight reaches `observed`) / (resamples + 1). The largest is at
 * least `floor`.
 */
function tailShare(
  resampled: Float64Array,
  { weights, shifts, floor }: { weights: Float64Array; shifts: Float64Array; floor: number },
  observed: number,
): number {
  const width = weights.length;
  let reached = 0;
  for (let at = 0; at < resampled.length; at += width) {
    let largest = floor;
    for (let s = 0; s < width; s++) largest = Math.max(largest, (resampled[at + s]! + shifts[s]!) * weights[s]!);
    if (largest >= observed) reached++;
  }
  return (1 + reached) / (resampled.length / width + 1);
}

/**
 * Both tests over `returns`: one row a strategy, all of one length (at least 3 bars), one return a bar. The resamples are
 * common to all strategies; the block length is the largest of `blockLengthOf` unless given. A strategy without spread
 * never wins. p-values are (1 + #{T* ≥ T}) / (B + 1), so the smallest is 1 / (B + 1).
 *
 * With d̄ the mean, ω² the bootstrap variance of √n d̄: T = max(0, max √n d̄ / ω); a strategy is recentred by max(0, d̄) (lower),
 * by d̄ if √n d̄ / ω ≥ −√(2 ln ln n) (consistent), or always (upper).
 */
export function superiorAbility(
  returns: readonly Float64Array[],
  { resamples, random, blockLength }: { resamples: number; random: RandomStream; blockLength?: number },
): SuperiorAbility {
  const width = returns.length;
  const bars = returns[0]!.length;
  const means = new Float64Array(width);
  returns.forEach((row, s) => {
    let sum = 0;
    for (let i = 0; i < bars; i++) sum += row[i]!;
    means[s] = sum / bars;
  });
  const length = blockLength ?? returns.reduce((most, row) => Math.max(most, blockLengthOf(row)), 1);
  const resampled = resampledMeans(returns, means, resamples, new BlockSampler(bars, length, random));
  const weights = deviationsOf(resampled, width).map((deviation) => (deviation > 0 ? 1 / deviation : 0));
  const scaled = means.map((mean) => Math.sqrt(bars) * mean);
  const none = new Float64Array(width);
  const hopeless = -Math.sqrt(2 * ln(ln(bars)));
  const lower = scaled.map((mean) => Math.min(mean, 0));
  const consistent = scaled.map((mean, s) => (mean * weights[s]! < hopeless ? mean : 0));
  const largest = (values: Float64Array, floor: number): number => values.reduce((a, b) => Math.max(a, b), floor);
  const observed = largest(
    scaled.map((mean, s) => mean * weights[s]!),
    0,
  );
  const studentised = (shifts: Float64Array) => tailShare(resampled, { weights, shifts, floor: 0 }, observed);
  const plain = { weights: new Float64Array(width).fill(1), shifts: none, floor: Number.NEGATIVE_INFINITY };
  return {
    resamples,
    blockLength: length,
    realityCheck: tailShare(resampled, plain, largest(scaled, Number.NEGATIVE_INFINITY)),
    lower: studentised(lower),
    consistent: studentised(consistent),
    upper: studentised(none),
  };
}
