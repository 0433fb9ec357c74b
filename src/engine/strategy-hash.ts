import { canonicalJson } from './canonical-json.ts';
import { hashWithDomain, toHex, toUtf8 } from './hash.ts';
import type { Strategy } from './strategy.ts';

/** Canonical JSON of a parsed strategy, without its name: equal strategies have equal text. */
export function canonicalStrategy(strategy: Strategy): string {
  return canonicalJson({ ...strategy, name: undefined });
}

/** SHA-256 over the canonical JSON of a parsed strategy, hex: the strategy's name everywhere. */
export function strategyHash(strategy: Strategy): string {
  return toHex(hashWithDomain('stratmesh/engine/strategy/1', toUtf8(canonicalStrategy(strategy))));
}
