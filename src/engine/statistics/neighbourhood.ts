// Is a strategy a plateau or a needle? Its neighbours have one number changed a little; a real effect does not care.
import { canonicalJson } from '../canonical-json.ts';
import { InvalidInput } from '../errors.ts';
import type { Evaluation } from '../fitness.ts';
import { parseStrategy } from '../parse-strategy.ts';
import type { Strategy } from '../strategy.ts';

/** Factors that each number is multiplied by, one at a time. */
export const FACTORS = [0.8, 0.9, 1.1, 1.2] as const;
/** Numbers that count bars: rounded, and changed by one at least. */
const WHOLE = new Set(['period', 'fast', 'slow', 'signal', 'smooth', 'maxBars', 'barsAgo']);
const REAL = new Set(['deviations', 'value', 'times', 'percent', 'atr']);

export interface Neighbourhood {
  neighbours: number;
  /** Median of their annualised in-sample Sharpe ratios; null without neighbours. */
  medianSharpe: number | null;
  /** Share with an in-sample return above 0; null without neighbours. */
  profitable: number | null;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** `number` a little smaller or larger. */
function changed(key: string, number: number, factor: number): number {
  if (!WHOLE.has(key)) return number * factor;
  const step = Math.floor(number * factor + 0.5) - number;
  if (step !== 0) return number + step;
  return factor < 1 ? number - 1 : number + 1;
}

/** A number of a strategy: where it stands, and how it is replaced in place. */
interface Place {
  path: string[];
  value: number;
  replace(value: number): void;
}

/** Calls `visit` for each number under a key of WHOLE or REAL. */
function eachNumber(node: Json, above: readonly string[], visit: (place: Place) => void): void {
  if (node === null || typeof node !== 'object') return;
  for (const [key, child] of Object.entries(node)) {
    const holder = node as { [key: string]: Json };
    const path = [...above, key];
    if (typeof child !== 'number') eachNumber(child, path, visit);
    else if (WHOLE.has(key) || REAL.has(key)) {
      const replace = (value: number): void => {
        holder[key] = value;
      };
      visit({ path, value: child, replace });
    }
  }
}

/** One number of a strategy and the neighbours that differ in it. */
export interface Setting {
  /** Keys and places in the strategy's file: `entry`, `0`, `1`, `left`, `period`. */
  path: string[];
  value: number;
  /** One for each of FACTORS; null where that is no strategy, or one that came before. */
  neighbours: ({ value: number; strategy: Strategy } | null)[];
}

function parsed(input: Json): Strategy | undefined {
  try {
    return parseStrategy(input);
  } catch (error) {
    if (error instanceof InvalidInput) return undefined;
    throw error;
  }
}

/**
 * Each number of `strategy` with what it is when it is 10 or 20 % smaller or larger: parameters of indicators, constants,
 * factors, distances, time stop, bars ago (whole numbers rounded, by one at least). Sizes stay. What is no strategy is left out,
 * equal ones come once, in the order of the strategy's keys.
 */
export function settingsOf(strategy: Strategy): Setting[] {
  const copy = JSON.parse(canonicalJson(strategy)) as Json;
  const seen = new Set([canonicalJson(strategy)]);
  const settings: Setting[] = [];
  eachNumber(copy, [], ({ path, value, replace }) => {
    const neighbours = FACTORS.map((factor) => {
      const other = changed(path.at(-1)!, value, factor);
      replace(other);
      const neighbour = parsed(copy);
      const text = neighbour === undefined ? undefined : canonicalJson(neighbour);
      if (neighbour === undefined || text === undefined || seen.has(text)) return null;
      seen.add(text);
      return { value: other, strategy: neighbour };
    });
    replace(value);
    settings.push({ path, value, neighbours });
  });
  return settings;
}

/** All neighbours of `settingsOf`. */
export const neighboursOf = (strategy: Strategy): Strategy[] =>
  settingsOf(strategy).flatMap(({ neighbours }) => neighbours.flatMap((each) => each?.strategy ?? []));

/** The middle value, or the mean of the two in the middle; null of nothing. */
function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What the neighbours' evaluations say. */
export function neighbourhoodOf(evaluations: readonly Evaluation[]): Neighbourhood {
  const profitable = evaluations.filter((evaluation) => evaluation.return > 0).length;
  return {
    neighbours: evaluations.length,
    medianSharpe: median(evaluations.map(({ sharpe }) => sharpe)),
    profitable: evaluations.length === 0 ? null : profitable / evaluations.length,
  };
}
