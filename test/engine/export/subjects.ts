// Strategies with their figures, ready to be exported, and Python to run what comes out.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RunRecord } from '../../../src/engine/book.ts';
import { makeCandles } from '../../../src/engine/candle-codec.ts';
import type { Candles } from '../../../src/engine/candles.ts';
import { ColumnStore } from '../../../src/engine/column-store.ts';
import type { ExportSubject } from '../../../src/engine/export/subject.ts';
import { metricsOf } from '../../../src/engine/metrics.ts';
import { parseStrategy } from '../../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../../src/engine/sample.ts';
import { type Account, simulate } from '../../../src/engine/simulate.ts';
import { fitStrategy } from '../../../src/engine/timeframes.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/python', import.meta.url));
const BAR_MS = 600_000;

/** Bars of ten minutes; `gapAt`: bars that are left out. */
export function tenMinuteBars(seed: string, bars: number, gapAt: readonly number[] = []): Candles {
  const sample = sampleCandles(seed, bars);
  const kept = Array.from({ length: bars }, (_, i) => i).filter((i) => !gapAt.includes(i));
  const column = (values: Float64Array) => Float64Array.from(kept, (i) => values[i]!);
  const columns = {
    length: kept.length,
    barMs: BAR_MS,
    time: Float64Array.from(kept, (i) => 1_704_067_200_000 + i * BAR_MS),
    open: column(sample.open),
    high: column(sample.high),
    low: column(sample.low),
    close: column(sample.close),
    volume: column(sample.volume),
  };
  return makeCandles(columns, { ...sample.meta, barMs: BAR_MS });
}

/** Every other bar of a sample, one after the other: each opens elsewhere than the one before closed. */
export function jumpyBars(seed: string, bars: number): Candles {
  const sample = tenMinuteBars(seed, bars * 2);
  const column = (values: Float64Array) => values.filter((_, i) => i % 2 === 0);
  const { open, high, low, close, volume } = sample;
  const columns = {
    length: bars,
    barMs: BAR_MS,
    time: sample.time.slice(0, bars),
    open: column(open),
    high: column(high),
    low: column(low),
    close: column(close),
    volume: column(volume),
  };
  return makeCandles(columns, sample.meta);
}

/** From bar 1 on, where backtesting.py begins. */
export function subjectOf(candles: Candles, input: object, account: Account): ExportSubject {
  const strategy = fitStrategy(parseStrategy(input), candles.barMs);
  const window = { from: 1, to: candles.length };
  const record = new RunRecord(candles.length);
  simulate(new ColumnStore(candles), strategy, window, account, record);
  const metrics = metricsOf(record, candles, window);
  return {
    strategy,
    candles,
    account,
    metrics,
    trades: record.trades.list(),
    version: '1.2.3',
    fingerprint: 'ab'.repeat(32),
  };
}

export const NO_PYTHON = spawnSync('python3', ['--version']).status === 0 ? false : 'no python3 here';

/** Runs exported files over the candles, the stand-in libraries on their path. */
export function runPython(
  folder: string,
  what: 'trades' | 'columns' | 'freqtrade' | 'stacked',
  candles: Candles,
  texts: readonly string[],
): unknown[] {
  mkdirSync(folder, { recursive: true });
  const files = texts.map((text, i) => {
    const path = join(folder, `exported_${i}.py`);
    writeFileSync(path, text);
    return path;
  });
  const { time, open, high, low, close, volume } = candles;
  const bars = Object.fromEntries(
    Object.entries({ time, open, high, low, close, volume }).map(([name, values]) => [name, [...values]]),
  );
  writeFileSync(join(folder, 'work.json'), JSON.stringify({ what, bars, files }));
  const options = {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: FIXTURES, PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 1e9,
  } as const;
  return JSON.parse(
    execFileSync('python3', [join(FIXTURES, 'run_exports.py'), join(folder, 'work.json')], options),
  ) as unknown[];
}
