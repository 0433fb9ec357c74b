// What follows from the definitions alone: series that can never change places. Comparing them says nothing about a
// market, so the search does not.
import type { Operand } from '../strategy.ts';

/** A series that lies within the bars that it is made of, counted back from the current one. */
interface Span {
  /** `high` and `low`: at or beyond the extreme of these bars; `between`: somewhere between the two. */
  kind: 'high' | 'low' | 'between';
  /** Made of closes alone, so that it says nothing about highs and lows. */
  closes: boolean;
  from: number;
  to: number;
}

/** A series at a fixed number of standard deviations from the mean of `period` closes. */
interface Band {
  period: number;
  barsAgo: number;
  place: number;
}

/** What is known of a series beforehand, its factor left aside. */
export interface Bounds {
  /** Series of different time frames have different bars. */
  timeframe?: string;
  span?: Span;
  band?: Band;
  /** Values that it never leaves. */
  range?: { min: number; max: number };
}

type Series = Exclude<Operand, { value: number }>;

/** Places in a Bollinger band; the average itself is the middle of every band of its period. */
const BAND_PLACES: Readonly<Record<string, number>> = { upper: 1, middle: 0, lower: -1 };
const CHANNEL_KINDS: Readonly<Record<string, Span['kind']>> = { upper: 'high', middle: 'between', lower: 'low' };

function findBand(operand: Series): Band | undefined {
  if ('field' in operand) return undefined;
  const { indicator, output, period = 1, deviations = 0, barsAgo = 0 } = operand;
  if (indicator === 'sma') return { period, barsAgo, place: 0 };
  const place = indicator === 'bollinger' ? BAND_PLACES[output!] : undefined;
  return place === undefined ? undefined : { period, barsAgo, place: place * deviations };
}

function findKind(operand: Series, band: Band | undefined): Span['kind'] | undefined {
  if ('field' in operand) {
    if (operand.field === 'volume') return undefined;
    return operand.field === 'high' || operand.field === 'low' ? operand.field : 'between';
  }
  if (operand.indicator === 'donchian') return CHANNEL_KINDS[operand.output!];
  if (operand.indicator === 'vwap') return 'between';
  if (band === undefined) return undefined;
  return band.place === 0 ? 'between' : findOuterLine(band);
}

/**
 * Of n numbers none is further from their mean than √(n − 1) of their population standard deviations (Samuelson 1968,
 * "How deviant can you be?"), so a short band with many deviations holds its closes for ever.
 */
const deviationsMax = (period: number) => Math.sqrt(period - 1);

/** Where the close can stand in its own Bollinger band. */
function findRange(operand: Series): Bounds['range'] {
  if ('field' in operand || operand.output !== 'percent_b') return undefined;
  const { period = 1, deviations = 1 } = operand;
  const reach = deviationsMax(period) / (2 * deviations);
  return { min: 0.5 - reach, max: 0.5 + reach };
}

/** The extreme of its closes that a line of a band is, if it lies so far out that they cannot reach it. */
function findOuterLine({ period, place }: Band): Span['kind'] | undefined {
  if (Math.abs(place) < deviationsMax(period)) return undefined;
  return place > 0 ? 'high' : 'low';
}

function findSpan(operand: Series, band: Band | undefined): Span | undefined {
  const kind = findKind(operand, band);
  if (kind === undefined) return undefined;
  const from = operand.barsAgo ?? 0;
  const bars = 'field' in operand ? 1 : (operand.period ?? 1);
  const closes = band !== undefined || ('field' in operand && operand.field === 'close');
  return { kind, closes, from, to: from + bars - 1 };
}

export function boundsOf(operand: Series): Bounds {
  const { timeframe } = operand;
  const band = findBand(operand);
  const span = findSpan(operand, band);
  const range = findRange(operand);
  return {
    ...(timeframe === undefined ? {} : { timeframe }),
    ...(band === undefined ? {} : { band }),
    ...(span === undefined ? {} : { span }),
    ...(range === undefined ? {} : { range }),
  };
}

const contains = (outer: Span, inner: Span) => outer.from <= inner.from && inner.to <= outer.to;
const overlap = (a: Span, b: Span) => a.from <= b.to && b.from <= a.to;

/** Whether `inner` cannot leave `outer`, which is the high or low of its bars. */
function holds(outer: Span, inner: Span): boolean {
  if (!contains(outer, inner)) return false;
  return inner.kind === 'between' ? inner.closes || !outer.closes : !inner.closes && !outer.closes;
}

function isAboveBySpan(a: Span, b: Span): boolean {
  if (a.kind === 'high' && b.kind === 'low') return overlap(a, b);
  if (a.kind === 'high') return holds(a, b);
  return b.kind === 'low' && holds(b, a);
}

const isAboveByBand = (a: Band, b: Band) => a.period === b.period && a.barsAgo === b.barsAgo && a.place >= b.place;

/** Whether a series is on one side of a constant on every bar, whatever the market does. */
export const isBeyond = ({ range }: Bounds, value: number): boolean =>
  range !== undefined && (value <= range.min || value >= range.max);

/** Whether the first series is at or above the second on every bar, whatever the market does. */
export function isNeverBelow(a: Bounds, b: Bounds): boolean {
  if (a.timeframe !== b.timeframe) return false;
  if (a.band !== undefined && b.band !== undefined && isAboveByBand(a.band, b.band)) return true;
  return a.span !== undefined && b.span !== undefined && isAboveBySpan(a.span, b.span);
}
