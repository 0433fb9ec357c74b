// JSON, CSV, words and Pine: nothing is left out, and nothing in a name becomes a command.
import fc from 'fast-check';
import t from 'tap';
import { describeStrategy } from '../../../src/engine/describe-strategy.ts';
import { exportStrategy } from '../../../src/engine/export/export.ts';
import { EXPORT_FORMATS, isoTime } from '../../../src/engine/export/subject.ts';
import { parseStrategy } from '../../../src/engine/parse-strategy.ts';
import { strategyHash } from '../../../src/engine/strategy-hash.ts';
import { strategyArbitrary } from '../random-strategies.ts';
import { subjectOf, tenMinuteBars } from './subjects.ts';

const candles = tenMinuteBars('texts', 600);
const rsi = { indicator: 'rsi', period: 7 };
const STRATEGY = {
  v: 1,
  name: '=HYPERLINK("http://evil","x")',
  side: 'long',
  entry: [[{ left: rsi, op: 'crosses_above', right: { value: 40 } }]],
  exit: [{ left: { indicator: 'macd', output: 'histogram', timeframe: '1h' }, op: '<', right: { value: -2.5 } }],
  stopLoss: { percent: 2 },
  trailing: { atr: 2, period: 14 },
  maxBars: 30,
  size: { percentOfEquity: 20 },
};
const ACCOUNT = { equity: 10_000, costs: { fee: 0.001, slippage: 0.0004, spread: 0.0002 } };
const FINDING = {
  job: 'c'.repeat(64),
  unit: 'd'.repeat(64),
  state: 'validated',
  votes: 2,
  replicas: 2,
  trialsUnit: 1200,
  trialsJob: 7200,
};
const subject = { ...subjectOf(candles, STRATEGY, ACCOUNT), finding: FINDING };

/** Cells of a CSV by RFC 4180. */
function cellsOf(text: string): string[][] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/"((?:[^"]|"")*)"|([^,]+)/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!,
      ),
    );
}

t.test('where it comes from and what it costs stands in every form', async (t) => {
  const plain = { ...subjectOf(candles, { ...STRATEGY, trailing: undefined }, ACCOUNT), finding: FINDING };
  for (const format of EXPORT_FORMATS) {
    const text = exportStrategy(format, format === 'freqtrade' ? plain : subject);
    const { strategy } = format === 'freqtrade' ? plain : subject;
    for (const part of [
      strategyHash(strategy),
      candles.hash,
      'SAMPLE',
      '0.001',
      '0.0004',
      '7200',
      FINDING.job,
      '1.2.3',
      'abababababababab',
    ]) {
      t.ok(text.includes(part), `${format}: ${part}`);
    }
    t.equal(text.at(-1), '\n');
    t.notMatch(text, /NaN|undefined|\[object/, format);
  }
});

t.test('JSON is read back as what it was', async (t) => {
  const read = JSON.parse(exportStrategy('json', subject)) as Record<string, unknown>;
  t.same(parseStrategy(read.strategy), parseStrategy(STRATEGY));
  t.same((read.trades as object[]).length, subject.trades.length);
  t.match(read, {
    metrics: { trades: subject.metrics.trades },
    provenance: { costs: ACCOUNT.costs, finding: FINDING },
  });
});

t.test('a spreadsheet sees no formula', async (t) => {
  const rows = cellsOf(exportStrategy('csv', subject));
  const head = rows.findIndex(([first]) => first === 'side');
  t.same(
    rows.slice(0, head).filter((row) => row.length !== 1),
    [],
    'a line of provenance is one cell',
  );
  t.equal(rows.length - head - 1, subject.trades.length);
  const [trade] = subject.trades;
  const first = Object.fromEntries(rows[head]!.map((name, i) => [name, rows[head + 1]![i]]));
  t.equal(first.entry_time, new Date(candles.time[trade!.entryBar]!).toISOString().replace('.000', ''));
  t.equal(Number(first.pnl), trade!.pnl);
  t.equal(Number(first.exit_price), trade!.exitPrice);
  const formulas = rows.flat().filter((cell) => /^\s*[=+\-@|%\t]/.test(cell) && Number.isNaN(Number(cell)));
  t.same(formulas, []);
  const named = { ...subject, strategy: { ...subject.strategy, name: 'x\r\n=cmd|/c calc' } };
  t.notMatch(exportStrategy('csv', named), /^=/m, 'nor does a name with a line of its own');
});

t.test('words in two languages', async (t) => {
  for (const language of ['en', 'es'] as const) {
    const text = exportStrategy('words', subject, language);
    t.ok(text.includes(describeStrategy(subject.strategy, language)), language);
    t.match(text, language === 'en' ? 'fee of 0.1 % a side' : 'comisión de 0,1 %');
    t.match(text, String(subject.metrics.trades));
  }
});

t.test('times are those of the calendar', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000 }),
      (seconds) => isoTime(seconds * 1000) === new Date(seconds * 1000).toISOString().replace('.000', ''),
    ),
    { seed: 5, numRuns: 2000 },
  );
});

/** Pine by its grammar: version line first, brackets that close, blocks indented by four. */
function pineFault(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
  if (!text.startsWith('//@version=6\n')) return 'no version';
  for (const line of lines) {
    const code = line.replace(/"[^"]*"/g, '""');
    for (const [open, close] of ['()', '[]'] as const) {
      if (code.split(open!).length !== code.split(close!).length) return `brackets: ${line}`;
    }
    if ((line.length - line.trimStart().length) % 4 !== 0) return `indent: ${line}`;
  }
  return undefined;
}

t.test('Pine says every rule', async (t) => {
  const text = exportStrategy('pine', subject);
  t.equal(pineFault(text), undefined);
  for (const part of [
    'ta.rsi(close, 7)',
    'request.security(syminfo.tickerid, "60", macdOf(12, 26, 9, "histogram"))',
    'ta.crossover(value1, 40)',
    'paid - paid * 2 / 100',
    '2 * atr',
    'bar_index - entryBar == 30',
    'strategy.equity * 20 / 100 / close',
    'pyramiding = 1',
    'commission_value = 0.15',
  ]) {
    t.ok(text.includes(part), part);
  }
  t.notMatch(text, /strategy\("[^"]*"[^,]/, 'a name cannot leave its quotes');
  const seed = 62;
  fc.assert(
    fc.property(
      strategyArbitrary,
      (input) => pineFault(exportStrategy('pine', subjectOf(candles, input, ACCOUNT))) === undefined,
    ),
    { seed, numRuns: 60 },
  );
});
