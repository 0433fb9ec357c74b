// The candles around a trade, with every trade in them.
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ResultView } from '../../api.ts';
import type { CandleWindow, IndicatorsView, StrategyRun, TradeView } from '../../api-strategy.ts';
import { Seg } from '../dialogs/fields.tsx';
import { Await, Failed, type Fetched, useFetched, useKept } from '../fetched.tsx';
import { count, gain, marketTime, plain } from '../format.ts';
import { Button, Panel } from '../parts.tsx';
import { query, setQuery } from '../router.ts';
import { theme } from '../theme.ts';
import { language } from '../words/words.ts';
import { CandlesOffer, holdsCandles } from './candles-missing.tsx';
import { LINE_TONES, panesOf } from './lines.ts';
import { strategyWords } from './words.ts';

const DAY_MS = 86_400_000;
const SPANS = ['16', '90', '365'] as const;
const BARS_MAX = 5_000;
/** px. */
const CANDLES_HEIGHT = 380;
const PANE_HEIGHT = 90;

/** The trade that the address names, as a place among the newest-first list. */
export function chosenTrade(total: number): number | undefined {
  const n = Number(query.value.get('trade') ?? Number.NaN);
  return Number.isSafeInteger(n) && n >= 1 && n <= total ? total - n : undefined;
}

/** Trades count from the oldest: the first is number 1. */
export const chooseTrade = (place: number, total: number): void => setQuery({ trade: String(total - place) });

interface Shown {
  candles: CandleWindow;
  /** Empty where the rules look at nothing but candles, or where the node did not tell. */
  lines: IndicatorsView['lines'];
}

/** Candles with the lines of the same window; undefined until both questions are answered. */
function shownOf(candles: Fetched<CandleWindow>, indicators: Fetched<IndicatorsView>): Shown | undefined {
  if (candles.value === undefined || (indicators.value === undefined && indicators.problem === undefined)) {
    return undefined;
  }
  const { time } = candles.value;
  const isSame = indicators.value?.time[0] === time[0] && indicators.value?.time.length === time.length;
  return { candles: candles.value, lines: isSame ? indicators.value!.lines : [] };
}

const lineName = ({ name, nameEs }: IndicatorsView['lines'][number]): string =>
  language.value === 'es' ? nameEs : name;

function Chart({ candles, lines, trades }: Shown & { trades: readonly TradeView[] }): VNode {
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
        stop = drawCandles(box.current, { candles, lines, trades: inside, percent: (r) => gain(r) });
    });
    return () => {
      gone = true;
      stop?.();
    };
  }, [candles, lines, trades, theme.value]);
  const label = w.chartLabel(count(candles.time.length), marketTime(from), marketTime(to), count(inside.length));
  const named = lines.length === 0 ? '' : `; ${w.linesOf(lines.map(lineName).join(', '))}`;
  const height = CANDLES_HEIGHT + PANE_HEIGHT * panesOf(lines).length;
  return (
    <div
      class="candle-chart"
      style={{ height: `${height}px` }}
      ref={box}
      role="img"
      aria-label={label + named}
      data-chart="candles"
    />
  );
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
  // What is missing is asked for again when it has come.
  const mark = holdsCandles(result.datasetHash);
  const candles = useFetched<CandleWindow>(`datasets/${result.datasetHash}/candles?bars=${bars}${at}`, mark);
  const indicators = useFetched<IndicatorsView>(`results/${result.id}/indicators?bars=${bars}${at}`, mark);
  const pair = shownOf(candles, indicators);
  const shown = useKept(useMemo(() => pair, [pair?.candles, pair?.lines]));
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
        {shown === undefined && candles.problem?.code === 'candles_missing' ? (
          <CandlesOffer hash={result.datasetHash} market={result.market} />
        ) : shown === undefined ? (
          <Await of={candles} lines={8}>
            {() => null}
          </Await>
        ) : (
          <Chart {...shown} trades={items} />
        )}
        {indicators.problem === undefined || candles.problem !== undefined ? null : (
          <Failed problem={indicators.problem} again={indicators.again} kept={shown !== undefined} />
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
        {(shown?.lines ?? []).map((line, i) => (
          <span key={line.name}>
            <i class={`key line tone-${LINE_TONES[i % LINE_TONES.length]}`} /> {lineName(line)}
            {line.levels.length === 0 ? null : <span class="dim"> {line.levels.map(plain).join(', ')}</span>}
          </span>
        ))}
        <a class="link credit" href="https://www.tradingview.com/" rel="noreferrer noopener" target="_blank">
          {w.credit}
        </a>
      </p>
    </Panel>
  );
}
