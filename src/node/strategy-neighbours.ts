// A strategy beside its neighbours, each scored as the search scores. One at a time: between two of them the node talks.
import { setImmediate } from 'node:timers/promises';
import type { Candles } from '../engine/candles.ts';
import { Evaluator } from '../engine/fast/evaluator.ts';
import { parseStrategy } from '../engine/parse-strategy.ts';
import { FACTORS, settingsOf } from '../engine/statistics/neighbourhood.ts';
import type { Strategy } from '../engine/strategy.ts';
import type { NeighboursView, SeenFigures } from '../ui/api-strategy.ts';
import { readSearch } from './permutations.ts';
import type { RunInput } from './strategy-run.ts';

type Score = (strategy: Strategy) => Promise<SeenFigures>;

function scoring(candles: Candles, search: RunInput['search']): Score {
  const evaluator = new Evaluator(candles, readSearch({ search }).spec);
  return async (strategy) => {
    await setImmediate();
    const { return: gained, sharpe, trades } = evaluator.evaluate([strategy])[0]!;
    return { return: gained, sharpe, trades };
  };
}

/** Numbers without any neighbour are left out. Rejects with InvalidInput for a strategy that is none. */
export async function neighboursView({ result, search, candles }: RunInput): Promise<NeighboursView> {
  const strategy = parseStrategy(result.strategy);
  const score = scoring(candles, search);
  const own = await score(strategy);
  const settings: NeighboursView['settings'] = [];
  for (const setting of settingsOf(strategy)) {
    if (setting.neighbours.every((each) => each === null)) continue;
    const neighbours: NeighboursView['settings'][number]['neighbours'] = [];
    for (const each of setting.neighbours) {
      neighbours.push(each && { value: each.value, ...(await score(each.strategy)) });
    }
    settings.push({ path: setting.path, value: setting.value, neighbours });
  }
  return { id: result.id, own, factors: [...FACTORS], settings };
}
