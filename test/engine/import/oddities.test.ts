// What is odd in a file is told with its line; what cannot be is refused, or mended and told.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { importAll } from '../../../src/engine/import/import-candles.ts';
import { fault, read } from './table.ts';

const HEADER = 'timestamp,open,high,low,close,volume';
const START = 1_751_328_000;
const at = (minute: number) => (START + minute * 60) * 1000;
const bar = (minute: number, values = '10,11,9,10,1') => `${START + minute * 60},${values}`;
const csv = (...lines: string[]) => [HEADER, ...lines];
const MESSY = new URL('../../../../shared/data/messy_BTCUSDT_1h_cryptodatadownload.csv.gz', import.meta.url);

t.test('rows are sorted; exact repetitions dropped; gaps listed', async (t) => {
  const { candles, report } = read(
    csv(bar(9), bar(0), bar(2), bar(1), bar(0), bar(5), bar(6), bar(7), bar(10), bar(6)),
  );
  t.equal(report.order, 'mixed');
  t.equal(report.duplicates, 2);
  t.same([...candles.time], [0, 1, 2, 5, 6, 7, 9, 10].map(at));
  const gaps = [
    { from: at(3), to: at(4), missing: 2 },
    { from: at(8), to: at(8), missing: 1 },
  ];
  t.same(candles.gaps, gaps);
  t.same(report.gaps, gaps);
});

t.test('rows of one time that differ', async (t) => {
  const lines = csv(
    bar(0),
    bar(1, '10,11,9,10.5,3'),
    bar(1, '10,11,9,10.25,7'),
    bar(2, '10,11,9,10,5'),
    bar(2, '10,12,9,10,5'),
    bar(3, '10.12,11.14,9.19,10.5,4.25'),
    bar(3, '10.1234,11.1357,9.1888,10.5,4.2516'),
    bar(4, '10.123,11,9,10,1'),
    bar(4, '10.12,11,9,10,1'),
  );
  const { candles, report } = read(lines);
  t.equal(report.rounded, 2, 'the same with fewer digits is no conflict');
  t.same(report.conflicts, {
    count: 2,
    first: [
      { time: at(1), kept: 4, dropped: 3 },
      { time: at(2), kept: 5, dropped: 6 },
    ],
  });
  t.same([...candles.close], [10, 10.25, 10, 10.5, 10], 'the greater volume, else the first in the file');
  t.same([...candles.high].slice(2, 4), [11, 11.1357]);
  t.equal(candles.open[4], 10.123, 'more digits win wherever they stand');
  const swapped = read([HEADER, ...lines.slice(1).reverse()]);
  t.same(swapped.report.conflicts.first[0], { time: at(1), kept: 8, dropped: 9 }, 'lines are those of the file');
});

t.test('a bad tick is told with its line, a crash that stays is none', async (t) => {
  const lines = csv(
    bar(0, '40,40,9.9,10,1'),
    ...[1, 2, 3, 4, 5, 6, 7].map((minute) => bar(minute)),
    bar(8, '10,11,1,10,1'),
    bar(9),
    bar(10, '10,10,4.9,5,1'),
    ...[11, 12, 13].map((minute) => bar(minute, '5,5.1,4.9,5,0')),
  );
  const { report, candles } = read(lines.map((line) => line.replace('10,11,9,10,1', '10,10.01,9.99,10,1')));
  t.same(report.badTicks.first, [
    { line: 2, time: at(0), column: 'open', value: 40 },
    { line: 2, time: at(0), column: 'high', value: 40 },
    { line: 10, time: at(8), column: 'low', value: 1 },
  ]);
  t.equal(candles.high[0], 40, 'nothing was changed');
  t.same(report.zeroVolume, { count: 3, first: [13, 14, 15] });
});

const GOOD = [bar(0), bar(1), bar(2)];
const CASES: [string, string, string][] = [
  [bar(3, '10,11,9,ten,1'), 'bad_number', 'line 5, close'],
  [bar(3, '10,11,9,,1'), 'bad_number', 'line 5, close'],
  [bar(3, '10,11,9,NaN,1'), 'bad_number', 'line 5, close'],
  [bar(3, '10,9.9,9,10,1'), 'bad_candle', 'line 5, high'],
  [bar(3, '10,11,10.1,10,1'), 'bad_candle', 'line 5, low'],
  [bar(3, '0,11,0,10,1'), 'bad_candle', 'line 5, open'],
  [bar(3, '-10,11,-11,10,1'), 'bad_candle', 'line 5, open'],
  [bar(3, '10,1e999,9,10,1'), 'bad_candle', 'line 5, high'],
  [bar(3, '10,11,9,10,-1'), 'bad_candle', 'line 5, volume'],
  [`${START + 190},10,11,9,10,1`, 'bad_time', 'line 5, time'],
  ['yesterday,10,11,9,10,1', 'bad_time', 'line 5, time'],
  [bar(3, '10,11,9,10'), 'bad_row', 'line 5, row'],
  [bar(3, '10,11,9,10,1,7'), 'bad_row', 'line 5, row'],
];

t.test('what cannot be is refused with line and column, and with repair left out or enclosed', async (t) => {
  for (const [row, code, field] of CASES) {
    const error = fault(() => read(csv(...GOOD, row, bar(4))));
    t.same([error.code, error.field], [code, field], row);
    t.match(error.message, field);
    const { candles, report } = read(csv(...GOOD, row, bar(4)), { repair: true });
    const [mended] = report.faults.first;
    t.match(mended, { line: 5, code, column: field.split(', ')[1] }, row);
    t.equal(candles.length, mended!.remedy === 'left out' ? 4 : 5, row);
  }
  const { candles, report } = read(csv(...GOOD, bar(3, '10,9.9,9.8,9.7,1')), { repair: true });
  t.same([candles.high[3], candles.low[3]], [10, 9.7]);
  t.match(report.faults.first, [
    { column: 'high', remedy: 'raised', from: 9.9, to: 10 },
    { column: 'low', remedy: 'lowered', from: 9.8, to: 9.7 },
  ]);
  const worst = csv(bar(0), ...[1, 2, 3].map((minute) => bar(minute, '10,11,9,10,x')), bar(4));
  t.equal(fault(() => read(worst, { repair: true })).code, 'bad_number', 'more than half is not repaired');
  t.equal(fault(() => read(csv(bar(0)))).code, 'too_few_rows');
  t.equal(fault(() => read(csv(bar(0), bar(0)))).code, 'too_few_rows');
});

/** The forms of the real file below, made up: newest first, two units, two forms of dates, repeats with fewer digits. */
const MADE_UP = [
  'https://www.CryptoDataDownload.com',
  'unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount',
  '1605870000000,2020-11-20 11:00:00,BTC/USDT,118.10000000,119.25000000,117.00000000,118.50000000,6.50000000,770.25000000,31',
  '1605866400000,2020-11-20 10:00:00,BTC/USDT,117.41000000,118.62500000,117.00000000,118.10000000,4.12345600,485.55000000,22',
  '1605866400.0,2020-11-20 10-AM,BTC/USDT,117.41,118.63,117,118.1,4.12,485.55,NULL',
  '1605862800000,2020-11-20 09:00:00,BTC/USDT,117.00000000,117.80000000,116.50000000,117.41000000,5.25000000,615.12000000,28',
  '1605862800.0,2020-11-20 09-AM,BTC/USDT,117,117.8,116.5,117.2,3.2,375,NULL',
  '1605852000.0,2020-11-20 06-AM,BTC/USDT,116.9,117.3,116.5,117,0.0,0.0,NULL',
  '1605848400.0,2020-11-20 05-AM,BTC/USDT,116.9,117.3,116.5,116.9,2.5,292,NULL',
  '1605844800.0,2020-11-20 12-AM,BTC/USDT,450,450,116.5,116.9,2.5,292,NULL',
];

t.test('a made-up file with everything that is wrong with the real one', async (t) => {
  const { candles, report } = read(MADE_UP);
  t.equal(report.format, 'CryptoDataDownload');
  t.equal(report.symbol, 'BTC/USDT');
  t.equal(report.order, 'newest first');
  t.same(report.timeUnits, ['milliseconds', 'seconds']);
  t.equal(report.columns.find(({ role }) => role === 'volume')?.name, 'Volume BTC', 'in units, not in money');
  t.equal(report.rounded, 1);
  t.same(report.conflicts, { count: 1, first: [{ time: 1_605_862_800_000, kept: 6, dropped: 7 }] });
  t.same(report.datesApart, { count: 1, first: [10] });
  t.same(report.gaps, [{ from: 1_605_855_600_000, to: 1_605_859_200_000, missing: 2 }]);
  t.same(report.zeroVolume, { count: 1, first: [8] });
  t.same(
    report.badTicks.first.map(({ line, column }) => [line, column]),
    [
      [10, 'open'],
      [10, 'high'],
    ],
  );
  t.same([...candles.close], [116.9, 116.9, 117, 117.41, 118.1, 118.5]);
});

t.test('the messy file', { skip: existsSync(MESSY) ? false : 'no ../shared/data here' }, async (t) => {
  const { candles, report } = importAll(gunzipSync(readFileSync(MESSY)), ({ symbol }) => ({
    symbol: symbol!,
    quote: 'USDT',
    source: 'x',
  }));
  t.equal(report.rows, 36_062);
  t.equal(candles.length, 36_062 - 2649, 'its README counts 2,649 duplicate times');
  t.equal(report.duplicates + report.rounded + report.conflicts.count, 2649);
  t.equal(report.gaps.length, 8, 'and 8 gaps');
  t.same(
    report.badTicks.first.map(({ line, column, value }) => [line, column, value]),
    [
      [36_063, 'open', 16_199.91],
      [36_063, 'high', 16_199.91],
    ],
    'and a bad tick in the first bar',
  );
  t.same(report.timeUnits, ['milliseconds', 'seconds']);
  t.equal(candles.time[0], Date.UTC(2017, 7, 17, 4));
  t.equal(candles.close[candles.length - 1], 37_584.76);
  // Line 4831: the later form of a bar of which line 4832 holds an earlier state, with less volume.
  t.equal(candles.close[candles.time.indexOf(1_605_855_600_000)], 18_212);
});
