// Candles on a canvas by lightweight-charts, in the colours of the theme. The only file that knows that library.
import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  LineSeries,
  LineStyle,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { CandleWindow, TradeView } from '../../api-strategy.ts';
import { LINE_TONES, type Line, panesOf } from './lines.ts';

const SECOND_MS = 1_000;
const VOLUME_SHARE = 0.84;
/** Height of the candles, where that of another pane is 1. */
const MAIN_STRETCH = 4;

const seconds = (ms: number): UTCTimestamp => Math.floor(ms / SECOND_MS) as UTCTimestamp;
const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function markersOf(trades: readonly TradeView[], percent: (ratio: number) => string): SeriesMarker<Time>[] {
  return trades
    .flatMap((trade): SeriesMarker<Time>[] => [
      { time: seconds(Date.parse(trade.entryAt)), position: 'belowBar', shape: 'arrowUp', color: colour('accent') },
      {
        time: seconds(Date.parse(trade.exitAt)),
        position: 'aboveBar',
        shape: 'arrowDown',
        color: colour(trade.pnl > 0 ? 'cyan' : 'red'),
        text: percent(trade.return),
      },
    ])
    .sort((a, b) => Number(a.time) - Number(b.time));
}

/** Each line in the pane of its scale, with the constants that the rules compare it with. */
function drawLines(chart: IChartApi, lines: readonly Line[], times: readonly UTCTimestamp[]): void {
  const panes = panesOf(lines);
  lines.forEach(({ scale, levels, values }, i) => {
    const tone = colour(LINE_TONES[i % LINE_TONES.length]!);
    const series = chart.addSeries(
      LineSeries,
      {
        ...{ color: tone, lineWidth: 1, priceLineVisible: false, crosshairMarkerVisible: false },
        lastValueVisible: panes.includes(scale),
        ...(scale === 'volume' ? { priceScaleId: 'volume' } : {}),
      },
      1 + panes.indexOf(scale),
    );
    series.setData(
      times.map((time, at) => {
        const value = values[at];
        return value === null || value === undefined ? { time } : { time, value };
      }),
    );
    for (const price of levels)
      series.createPriceLine({ price, color: tone, lineWidth: 1, lineStyle: LineStyle.Dashed });
  });
  const [main] = chart.panes();
  if (panes.length > 0) main?.setStretchFactor(MAIN_STRETCH);
}

interface Drawing {
  candles: CandleWindow;
  /** Of the same candles. */
  lines: readonly Line[];
  trades: readonly TradeView[];
  percent: (ratio: number) => string;
}

/** Draws into `box`, which gives the size; returns how to take it away. */
export function drawCandles(box: HTMLElement, { candles, lines, trades, percent }: Drawing): () => void {
  const chart = createChart(box, {
    autoSize: true,
    layout: {
      attributionLogo: false,
      background: { color: 'transparent' },
      textColor: colour('muted'),
      fontFamily: 'JetBrains Mono, ui-monospace, monospace',
      fontSize: 11,
      panes: { enableResize: false, separatorColor: colour('line-2') },
    },
    grid: { vertLines: { color: colour('line') }, horzLines: { color: colour('line') } },
    rightPriceScale: { borderColor: colour('line-2') },
    timeScale: { borderColor: colour('line-2'), timeVisible: true, secondsVisible: false },
  });
  const [up, down] = [colour('up'), colour('down')];
  // Falling candles are hollow: colour is not all that tells them apart.
  const series = chart.addSeries(CandlestickSeries, {
    ...{ upColor: up, borderUpColor: up, wickUpColor: up },
    ...{ downColor: 'transparent', borderDownColor: down, wickDownColor: down },
  });
  const times = candles.time.map(seconds);
  series.setData(
    times.map((time, i) => ({
      time,
      open: candles.open[i]!,
      high: candles.high[i]!,
      low: candles.low[i]!,
      close: candles.close[i]!,
    })),
  );
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: 'volume',
    color: colour('line-2'),
    lastValueVisible: false,
    priceLineVisible: false,
  });
  volume.priceScale().applyOptions({ scaleMargins: { top: VOLUME_SHARE, bottom: 0 } });
  volume.setData(times.map((time, i) => ({ time, value: candles.volume[i]! })));
  drawLines(chart, lines, times);
  createSeriesMarkers(series, markersOf(trades, percent));
  chart.timeScale().fitContent();
  return () => chart.remove();
}
