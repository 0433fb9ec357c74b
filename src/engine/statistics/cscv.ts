// Probability of Backtest Overfitting by combinatorially symmetric cross-validation: Bailey, Borwein, López de Prado & Zhu
// (2017), "The probability of backtest overfitting", Journal of Computational Finance 20(4), section 4.
import { ln } from '../math.ts';
import { sharpeOfSums } from './return-shape.ts';

export interface OverfittingReport {
  /** Ways to halve the blocks: C(S, S/2). */
  splits: number;
  /** PBO: share of splits in which the best in sample is at or below the median out of sample (logit ≤ 0). */
  pbo: number;
  /** Share of splits in which the best in sample has a Sharpe ratio below 0 out of sample. */
  lossProbability: number;
  /** Least squares of the out-of-sample on the in-sample Sharpe ratio of each split's best; null without spread. */
  slope: number | null;
  /** ln(ω / (1 − ω)) of each split, ω = rank out of sample of the best in sample / (strategies + 1). */
  logits: Float64Array;
}

/** Halves of 2 to 16 blocks: 16 gives the paper's 12,870 splits. */
const BLOCKS_MAX = 16;

/** Sum and sum of squares of each strategy (row) in each block (column). */
class BlockSums {
  readonly sum: Float64Array;
  readonly squares: Float64Array;
  readonly lengths: number[] = [];
  readonly #blocks: number;

  constructor(returns: readonly Float64Array[], blocks: number) {
    const bars = returns[0]!.length;
    this.#blocks = blocks;
    this.sum = new Float64Array(returns.length * blocks);
    this.squares = new Float64Array(returns.length * blocks);
    for (let b = 0; b < blocks; b++) {
      const [from, to] = [Math.floor((b * bars) / blocks), Math.floor(((b + 1) * bars) / blocks)];
      this.lengths.push(to - from);
      returns.forEach((row, s) => {
        let sum = 0;
        let squares = 0;
        for (let i = from; i < to; i++) {
          sum += row[i]!;
          squares += row[i]! * row[i]!;
        }
        this.sum[s * blocks + b] = sum;
        this.squares[s * blocks + b] = squares;
      });
    }
  }

  /** Sharpe ratio of strategy `s` over the blocks of `chosen` (all of one length together: `count`); 0 without spread. */
  sharpe(s: number, chosen: readonly number[], count: number): number {
    let sum = 0;
    let squares = 0;
    for (const b of chosen) {
      sum += this.sum[s * this.#blocks + b]!;
      squares += this.squares[s * this.#blocks + b]!;
    }
    return sharpeOfSums(sum, squares, count);
  }
}

/** All ways to choose `size` of 0 … count−1, ascending, in lexicographic order. */
export function combinations(count: number, size: number): number[][] {
  const found: number[][] = [];
  const chosen: number[] = [];
  const extend = (from: number): void => {
    if (chosen.length === size) {
      found.push([...chosen]);
      return;
    }
    for (let next = from; next <= count - (size - chosen.length); next++) {
      chosen.push(next);
      extend(next + 1);
      chosen.pop();
    }
  };
  extend(0);
  return found;
}

/** Rank of `values[place]` among `values`, 1 for the smallest; equal values share the mean of their ranks. */
function averageRank(values: Float64Array, place: number): number {
  let below = 0;
  let equal = 0;
  for (let s = 0; s < values.length; s++) {
    if (values[s]! < values[place]!) below++;
    else if (values[s] === values[place]) equal++;
  }
  return below + (equal + 1) / 2;
}

function slopeOf(x: Float64Array, y: Float64Array): number | null {
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < x.length; i++) {
    meanX += x[i]! / x.length;
    meanY += y[i]! / x.length;
  }
  let spread = 0;
  let common = 0;
  for (let i = 0; i < x.length; i++) {
    spread += (x[i]! - meanX) * (x[i]! - meanX);
    common += (x[i]! - meanX) * (y[i]! - meanY);
  }
  return spread > 0 ? common / spread : null;
}

/**
 * CSCV over `returns`: one row a strategy, all of one length, one return a bar. The bars are cut into `blocks` consecutive
 * blocks (lengths differ by one at most, nothing is dropped); each half of them is once the in-sample part and the other
 * half the out-of-sample part. The best in sample by Sharpe ratio is ranked out of sample; of equal bests the first one
 * counts. `blocks` even, 2–16, at most half the bars; at least two strategies: a programming error otherwise.
 *
 * Work: C(S, S/2) × strategies × S.
 */
export function overfittingOf(returns: readonly Float64Array[], blocks = BLOCKS_MAX): OverfittingReport {
  if (returns.length < 2 || blocks % 2 !== 0 || blocks < 2 || blocks > BLOCKS_MAX) throw new Error('CSCV: bad shape');
  const sums = new BlockSums(returns, blocks);
  const halves = combinations(blocks, blocks / 2);
  const outOfSample = new Float64Array(returns.length);
  const best = { inSample: new Float64Array(halves.length), outOfSample: new Float64Array(halves.length) };
  const logits = new Float64Array(halves.length);
  let overfitted = 0;
  let losses = 0;
  halves.forEach((half, c) => {
    // In lexicographic order the complement of the c-th half is the c-th from the end.
    const other = halves[halves.length - 1 - c]!;
    const counts = [half, other].map((part) => part.reduce((sum, b) => sum + sums.lengths[b]!, 0));
    let leader = 0;
    let top = Number.NEGATIVE_INFINITY;
    for (let s = 0; s < returns.length; s++) {
      const inSample = sums.sharpe(s, half, counts[0]!);
      outOfSample[s] = sums.sharpe(s, other, counts[1]!);
      if (inSample > top) [leader, top] = [s, inSample];
    }
    const rank = averageRank(outOfSample, leader);
    logits[c] = ln(rank / (returns.length + 1 - rank));
    best.inSample[c] = top;
    best.outOfSample[c] = outOfSample[leader]!;
    if (logits[c]! <= 0) overfitted++;
    if (outOfSample[leader]! < 0) losses++;
  });
  return {
    splits: halves.length,
    pbo: overfitted / halves.length,
    lossProbability: losses / halves.length,
    slope: slopeOf(best.inSample, best.outOfSample),
    logits,
  };
}
