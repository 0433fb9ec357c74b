// One text for equal strategies, and the hash over it.
import { canonicalJson } from './canonical-json.ts';
import { hashWithDomain, toHex, toUtf8 } from './hash.ts';
import type { Distance, Size, Strategy, TrailingDistance } from './strategy.ts';

/** Canonical JSON of a distance; shorter than `canonicalJson` because a search asks for millions. */
export function distanceText(distance: Distance | TrailingDistance): string {
  const of = 'of' in distance && distance.of !== undefined ? `"of":"${distance.of}",` : '';
  if ('percent' in distance) return `{${of}"percent":${distance.percent}}`;
  return `{"atr":${distance.atr},${of}"period":${distance.period}}`;
}

/** Canonical JSON of a size, likewise. */
export const sizeText = (size: Size): string =>
  'percentOfEquity' in size ? `{"percentOfEquity":${size.percentOfEquity}}` : canonicalJson(size);

/** Strategies are never changed in place, so a text is made once. */
const texts = new WeakMap<Strategy, string>();

/** As `canonicalStrategy`, for who knows the canonical JSON of both lists of conditions already. */
export function composeText(strategy: Strategy, entry: string, exit: string): string {
  const { breakEven, maxBars, maxPositions, side, size, stopLoss, takeProfit, trailing, v } = strategy;
  const start = breakEven === undefined ? '{' : `{"breakEven":${distanceText(breakEven)},`;
  const bars = maxBars === undefined ? '' : `,"maxBars":${maxBars}`;
  const stop = stopLoss === undefined ? '' : `,"stopLoss":${distanceText(stopLoss)}`;
  const target = takeProfit === undefined ? '' : `,"takeProfit":${distanceText(takeProfit)}`;
  const trail = trailing === undefined ? '' : `,"trailing":${distanceText(trailing)}`;
  const rules = `${start}"entry":${entry},"exit":${exit}${bars}`;
  const text = `${rules},"maxPositions":${maxPositions},"side":"${side}","size":${sizeText(size)}${stop}${target}${trail},"v":${v}}`;
  texts.set(strategy, text);
  return text;
}

/** Canonical JSON of a parsed strategy, without its name: equal strategies have equal text. */
export function canonicalStrategy(strategy: Strategy): string {
  const { entry, exit } = strategy;
  return texts.get(strategy) ?? composeText(strategy, canonicalJson(entry), canonicalJson(exit));
}

/** SHA-256 over the canonical JSON of a parsed strategy, hex: the strategy's name everywhere. */
export function strategyHash(strategy: Strategy): string {
  return toHex(hashWithDomain('stratmesh/engine/strategy/1', toUtf8(canonicalStrategy(strategy))));
}
