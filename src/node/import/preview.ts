// How a file would be taken, as page, API and command line show it.
import type { Candles } from '../../engine/candles.ts';
import type { FileReport } from '../../engine/import/report.ts';
import type { PreviewView } from '../../ui/api-data.ts';
import type { JoinedFiles } from '../candle-file.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
/** Bars shown from each end. */
const BARS_SHOWN = 2;

/** The report with its times as text. */
export function describeFile(report: FileReport) {
  const { symbol: _, conflicts, badTicks, faults, gaps, ...rest } = report;
  const timed = <T extends { time: number }>(item: T) => ({ ...item, time: iso(item.time) });
  return {
    ...rest,
    conflicts: { count: conflicts.count, first: conflicts.first.map(timed) },
    badTicks: { count: badTicks.count, first: badTicks.first.map(timed) },
    faults: {
      count: faults.count,
      first: faults.first.map((fault) => ({ ...fault, from: fault.from ?? null, to: fault.to ?? null })),
    },
    gaps: gaps.map(({ from, to, missing }) => ({ from: iso(from), to: iso(to), missing })),
  };
}

/** What is to be said of several files, and of where they meet. */
export function describeJoined({ files, duplicates, conflicts }: Omit<JoinedFiles, 'candles'>) {
  return {
    files: files.map(({ path, report }) => ({ path, ...describeFile(report) })),
    duplicates,
    conflicts: { count: conflicts.count, first: conflicts.first.map((item) => ({ ...item, time: iso(item.time) })) },
  };
}

function barsOf({ length, time, open, high, low, close, volume }: Candles): PreviewView['sampleBars'] {
  const first = Array.from({ length: Math.min(BARS_SHOWN, length) }, (_, i) => i);
  const last = Array.from({ length: Math.min(BARS_SHOWN, length - first.length) }, (_, i) => length - 1 - i).reverse();
  const shown = [...first, ...last];
  return shown.map((i) => ({
    time: iso(time[i]!),
    open: open[i]!,
    high: high[i]!,
    low: low[i]!,
    close: close[i]!,
    volume: volume[i]!,
  }));
}

export function previewOf(candles: Candles, report: FileReport): PreviewView {
  const { symbol, quote, source, barMs } = candles.meta;
  const [from, to] = [iso(candles.time[0]!), iso(candles.time[candles.length - 1]!)];
  const market = { hash: candles.hash, symbol, quote, source, barMs, bars: candles.length, from, to };
  return { ...market, acceptable: report.faults.count === 0, ...describeFile(report), sampleBars: barsOf(candles) };
}
