// An invented file with something of everything, as a preview shows it.
import type { PreviewView } from '../../src/ui/api-data.ts';

export const previewOfFile = (): PreviewView => ({
  hash: 'ab'.repeat(32),
  symbol: 'BTC-USDT',
  quote: 'USDT',
  source: 'binance',
  barMs: 3_600_000,
  bars: 33_413,
  from: '2017-08-17T04:00:00.000Z',
  to: '2021-06-10T00:00:00.000Z',
  acceptable: false,
  format: 'CryptoDataDownload',
  columns: [
    { role: 'time', column: 1, name: 'unix' },
    { role: 'close', column: 7, name: null },
  ],
  timeUnits: ['milliseconds', 'seconds'],
  order: 'newest first',
  rows: 36_062,
  duplicates: 0,
  rounded: 1207,
  conflicts: { count: 1442, first: [{ time: '2020-08-01T23:00:00.000Z', kept: 10_128, dropped: 10_127 }] },
  datesApart: { count: 91, first: [35_093] },
  gaps: [{ from: '2017-09-22T20:00:00.000Z', to: '2017-09-22T23:00:00.000Z', missing: 4 }],
  badTicks: { count: 1, first: [{ line: 36_063, time: '2017-08-17T04:00:00.000Z', column: 'open', value: 16_199.91 }] },
  zeroVolume: { count: 1, first: [2848] },
  faults: {
    count: 1,
    first: [
      {
        line: 12,
        column: 'high',
        code: 'bad_candle',
        message: 'the high lies below another price',
        remedy: 'raised',
        from: 9.9,
        to: 10,
      },
    ],
  },
  sampleBars: [
    { time: '2017-08-17T04:00:00.000Z', open: 16_199.91, high: 16_199.91, low: 1, close: 4308.83, volume: 44.51 },
  ],
});
