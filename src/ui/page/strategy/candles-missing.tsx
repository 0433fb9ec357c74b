// Candles that a strategy needs and this machine does not hold: who has them, and a button that asks for them.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { HolderView } from '../../api-data.ts';
import { fetchData, report } from '../commands.ts';
import { Await, useFetched } from '../fetched.tsx';
import { count } from '../format.ts';
import { Button, Empty, Panel } from '../parts.tsx';
import { canWrite, datasets } from '../store.ts';
import { words } from '../words/words.ts';
import { strategyWords } from './words.ts';

interface Wanted {
  hash: string;
  market: string;
}

/** Whether this machine holds them, by what the stream says. */
export const holdsCandles = (hash: string): boolean => datasets.value.some((each) => each.hash === hash);

/** Inside of a panel. */
export function CandlesOffer({ hash, market }: Wanted): VNode {
  const w = strategyWords.value;
  const [isAsked, setAsked] = useState(false);
  const holders = useFetched<{ items: HolderView[] }>(`datasets/${hash}/holders`, isAsked);
  const ask = async (): Promise<void> => {
    const outcome = await fetchData(hash);
    report(outcome);
    setAsked(outcome.ok);
  };
  return (
    <div class="candles-offer">
      <Empty art="pulse" title={w.candlesGone(market)} text={w.candlesGoneText}>
        <Await of={holders} lines={1}>
          {({ items }) => {
            const has = items.filter((each) => each.has === true).length;
            return (
              <>
                {has === 0 ? <p class="small muted">{w.nobodyHas}</p> : null}
                <Button
                  off={canWrite.value ? undefined : words.value.writesOff}
                  busy={isAsked}
                  onClick={() => void ask()}
                >
                  {has === 0 ? w.fetchLater : w.fetchFrom(has, count(has))}
                </Button>
              </>
            );
          }}
        </Await>
        {isAsked ? (
          <p class="small muted" role="status">
            {w.coming}
          </p>
        ) : null}
      </Empty>
    </div>
  );
}

export function CandlesMissing(wanted: Wanted): VNode {
  return (
    <Panel id="candles-missing" title={strategyWords.value.candles}>
      <CandlesOffer {...wanted} />
    </Panel>
  );
}
