// The candles around a trade, with every trade in them.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ResultView } from '../../api.ts';
import type { CandleWindow, StrategyRun, TradeView } from '../../api-strategy.ts';
import { Seg } from '../dialogs/fields.tsx';
import { Await, useFetched, useKept } from '../fetched.tsx';
import { count, gain, marketTime } from '../format.ts';
import { Button, Panel } from '../parts.tsx';
import { query, setQuery } from '../router.ts';
import { theme } from '../theme.ts';
import { strategyWords } from './words.ts';

const DAY_MS = 86_400_000;
const SPANS = ['16', '90', '365'] as const;
const BARS_MAX = 5_000;

/** The trade that the address names, as a place among the newest-first list. */
export function chosenTrade(total: number): number | undefined {
  const n = Number(query.value.get('trade') ?? Number.NaN);
  return Number.isSafeInteger(n) && n >= 1 && n <= total ? total - n : undefined;
}

/** Trades count from the oldest: the first is number 1. */
export const chooseTrade = (place: number, total: number): void => setQuery({ trade: String(total - place) });

function Chart({ candles, trades }: { candles: CandleWindow; trades: readonly TradeView[] }): VNode {
  const w = strategyWords.value;
  const box = useRef<HTMLDivElement>(null);
  const [from, to] = [candles.time[0]!, candles.time.at(-1)!];
  const inside = trades.filter(({ entryAt, exitAt }) => Date.parse(exitAt) >= from && Date.parse(entryAt) <= to);
  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    // The library is fetched with the first chart that needs it.
    void import('./draw-candles.ts').then(({ drawCandles }) => {
      if (!gone && box.current !== null)
        stop = drawCandles(box.current, { candles, trades: inside, percent: (r) => gain(r) });
    });
    return () => {
      gone = true;
      stop?.();
    };
  }, [candles, trades, theme.value]);
  const label = w.chartLabel(count(candles.time.length), marketTime(from), marketTime(to), count(inside.length));
  return <div class="candle-chart" ref={box} role="img" aria-label={label} data-chart="candles" />;
}

function Steps({ place, total }: { place: number | undefined; total: number }): VNode | null {
  const w = strategyWords.value;
  if (total === 0) return null;
  const at = place ?? -1;
  return (
    <span class="pages">
      <Button
        kind="icon"
        label={w.previous}
        off={at < total - 1 ? undefined : w.previous}
        onClick={() => chooseTrade(at + 1, total)}
      >
        ‹
      </Button>
      <span>{w.tradeOf(place === undefined ? '—' : count(total - place), count(total))}</span>
      <Button kind="icon" label={w.next} off={at > 0 ? undefined : w.next} onClick={() => chooseTrade(at - 1, total)}>
        ›
      </Button>
    </span>
  );
}

function useArrows(place: number | undefined, total: number): (event: KeyboardEvent) => void {
  return (event) => {
    const step = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
    if (step === undefined || event.target instanceof HTMLInputElement) return;
    const next = (place ?? -1) + step;
    if (next < 0 || next >= total) return;
    event.preventDefault();
    chooseTrade(next, total);
  };
}

export function Candles({ result, run }: { result: ResultView; run: StrategyRun }): VNode {
  const w = strategyWords.value;
  const [days, setDays] = useState<(typeof SPANS)[number]>('16');
  const { items, total } = run.trades;
  const place = chosenTrade(total);
  const trade = place === undefined ? undefined : items[place];
  const bars = Math.min(BARS_MAX, Math.max(50, Math.round((Number(days) * DAY_MS) / result.barMs)));
  const at = trade === undefined ? '' : `&at=${Date.parse(trade.entryAt)}`;
  const candles = useFetched<CandleWindow>(`datasets/${result.datasetHash}/candles?bars=${bars}${at}`, bars);
  const shown = useKept(candles.value);
  const onKeyDown = useArrows(place, total);
  const texts = { '16': w.range16, '90': w.range90, '365': w.range365 };
  return (
    <Panel id="candles" title={w.candles} side={<Steps place={place} total={total} />}>
      {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/noNoninteractiveTabindex: a chart that keys move */}
      <div class="candles-body" role="group" tabIndex={0} aria-label={w.candles} onKeyDown={onKeyDown}>
        <Seg
          name="span"
          legend={w.range}
          hideLegend
          value={days}
          onChange={setDays}
          options={SPANS.map((value) => ({ value, text: texts[value] }))}
        />
        {shown === undefined ? (
          <Await of={candles} lines={8}>
            {() => null}
          </Await>
        ) : (
          <Chart candles={shown} trades={items} />
        )}
      </div>
      <p class="legend">
        <span>
          <i class="accent">▲</i> {w.entry}
        </span>
        <span>
          <i class="cyan">▼</i> {w.exitGain}
        </span>
        <span>
          <i class="red">▼</i> {w.exitLoss}
        </span>
        <a class="link credit" href="https://www.tradingview.com/" rel="noreferrer noopener" target="_blank">
          {w.credit}
        </a>
      </p>
    </Panel>
  );
}
