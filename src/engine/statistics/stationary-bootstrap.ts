// The stationary bootstrap (Politis & Romano 1994, "The stationary bootstrap", JASA 89) and its block length.
import { exp, ln } from '../math.ts';
import type { RandomStream } from '../random.ts';

const TWO_32 = 4_294_967_296;
const LN_10 = ln(10);

/**
 * A resample of `length` places as blocks of consecutive places, round the end to the beginning: block b starts at starts[b]
 * and has lengths[b] places. Starts are uniform, lengths geometric with mean `meanBlock` ≥ 1 (the last one is cut).
 */
export class BlockSampler {
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** Blocks of the resample drawn last. */
  count = 0;
  readonly #length: number;
  readonly #random: RandomStream;
  /** ln(1 − 1 / meanBlock); −∞ for blocks of one place. */
  readonly #lnStay: number;

  constructor(length: number, meanBlock: number, random: RandomStream) {
    this.starts = new Int32Array(length);
    this.lengths = new Int32Array(length);
    this.#length = length;
    this.#random = random;
    this.#lnStay = meanBlock > 1 ? ln(1 - 1 / meanBlock) : Number.NEGATIVE_INFINITY;
  }

  /** Replaces `starts`, `lengths` and `count`. */
  draw(): void {
    this.count = 0;
    for (let left = this.#length; left > 0; this.count++) {
      this.starts[this.count] = this.#random.below(this.#length);
      const drawn = 1 + Math.floor(ln((this.#random.next() + 1) / TWO_32) / this.#lnStay);
      this.lengths[this.count] = Math.min(drawn, left);
      left -= this.lengths[this.count]!;
    }
  }
}

/** Autocovariances of a series, divisor n, each computed when it is asked for. */
class Autocovariances {
  readonly #off: Float64Array;
  readonly #known: number[] = [];

  constructor(series: Float64Array) {
    let mean = 0;
    for (let i = 0; i < series.length; i++) mean += series[i]!;
    mean /= series.length;
    this.#off = series.map((x) => x - mean);
  }

  at(lag: number): number {
    const known = this.#known[lag];
    if (known !== undefined) return known;
    const off = this.#off;
    let sum = 0;
    for (let i = lag; i < off.length; i++) sum += off[i]! * off[i - lag]!;
    this.#known[lag] = sum / off.length;
    return sum / off.length;
  }
}

/**
 * The lag beyond which correlations are nothing but noise: the smallest m whose next `run` lags all stay below `bound`;
 * without one up to `lags`, the last lag that does not.
 */
function lastLag(covariance: Autocovariances, lags: number, run: number, bound: number): number {
  let large = 0;
  for (let lag = 1; lag <= lags; lag++) {
    if (Math.abs(covariance.at(lag)) >= bound * covariance.at(0)) large = lag;
    else if (lag - large >= run) return large;
  }
  return large;
}

/**
 * Mean block length for the mean of `series`, at least 1: Politis & White (2004), "Automatic block-length selection for the
 * dependent bootstrap", Econometric Reviews 23, as corrected by Patton, Politis & White (2009), same journal 28:
 * (2 G² / D)^(1/3) n^(1/3) with G = Σ λ(k/M) |k| R(k), D = 2 (Σ λ(k/M) R(k))², λ the flat-top window, M twice the last lag
 * (of ⌈√n⌉ + K at most) followed by K = max(5, ⌈√(log₁₀ n)⌉) correlations below 2 √(log₁₀ n / n). At most min(3 √n, n / 3).
 */
export function blockLengthOf(series: Float64Array): number {
  const n = series.length;
  if (n < 10) return 1;
  const log10 = ln(n) / LN_10;
  const run = Math.max(5, Math.ceil(Math.sqrt(log10)));
  const lags = Math.min(Math.ceil(Math.sqrt(n)) + run, n - 1);
  const covariance = new Autocovariances(series);
  if (!(covariance.at(0) > 0)) return 1;
  const last = lastLag(covariance, lags, run, 2 * Math.sqrt(log10 / n));
  const reach = Math.min(2 * Math.max(last, 1), lags);
  let weighted = 0;
  let spectrum = covariance.at(0);
  for (let k = 1; k <= reach; k++) {
    const share = k / reach;
    const window = share <= 0.5 ? 1 : 2 * (1 - share);
    weighted += 2 * window * k * covariance.at(k);
    spectrum += 2 * window * covariance.at(k);
  }
  const ratio = weighted / spectrum;
  if (!(ratio * ratio > 0 && ratio * ratio < Number.POSITIVE_INFINITY)) return 1;
  const length = exp(ln(ratio * ratio * n) / 3);
  return Math.max(1, Math.min(length, 3 * Math.sqrt(n), n / 3));
}
