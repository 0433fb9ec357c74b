// Data sets made of others, and beside others.
import { makeCandles } from '../../engine/candle-codec.ts';
import { BARS_MIN, type Candles } from '../../engine/candles.ts';
import { compareCandles } from '../../engine/import/side-by-side.ts';
import { aggregate, fitTimeframe, parseTimeframe } from '../../engine/timeframes.ts';
import { barLabel, decimal, table } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { type DatasetOrigin, saveOrigin } from '../import/origin.ts';
import { reportAdded } from './data.ts';
import { dataFolder, getText, loadCandles, openStore, refusing } from './flags.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Larger bars in which base bars are missing: they are made of fewer. */
function countThin(base: Candles, barMs: number): number {
  return new Set(base.gaps.flatMap(({ from, to }) => [Math.floor(from / barMs), Math.floor(to / barMs)])).size;
}

export const dataLargerVerb: Verb = {
  name: 'data larger',
  summary: 'a new data set of larger bars, made of a smaller one by UTC boundaries',
  positionals: ['<HASH>'],
  options: { bars: { type: 'string', value: 'LENGTH', help: 'length of the larger bars: 15m, 1h, 4h, 1d …' } },
  async run(context) {
    const base = await loadCandles(context, context.positionals[0]!);
    const name = getText(context, 'bars');
    const barMs = await refusing(() => fitTimeframe(parseTimeframe(name, 'bars'), base.barMs, 'bars'));
    if (barMs === base.barMs)
      throw new UsageError('bad_value', `the bars of ${base.meta.symbol} are ${name} already`, 'bars');
    const columns = aggregate(base, barMs).candles;
    if (columns.length < BARS_MIN)
      throw new UsageError('too_few_bars', `the data set is too short for bars of ${name}`, 'bars');
    const report = await (await openStore(context)).addCandles(makeCandles(columns, { ...base.meta, barMs }));
    const thin = countThin(base, barMs);
    if (thin > 0) context.note(`${thin} of the larger bars lie at gaps and are made of fewer bars, or are missing`);
    const origin: DatasetOrigin = { kind: 'larger', parent: base.hash };
    if (report.added) await saveOrigin(dataFolder(context), report.info.hash, origin);
    return reportAdded(context, report, report.added ? origin : undefined);
  },
};

function printComparison(context: VerbContext, first: Candles, others: readonly Candles[]): void {
  const head = ['MARKET', 'SOURCE', 'BARS', 'FROM', 'TO', 'COMMON', 'EQUAL', 'CORRELATION'];
  const rows = [first, ...others].map((candles) => {
    const { meta, length, time } = candles;
    const own = [meta.symbol, meta.source, String(length), iso(time[0]!), iso(time[length - 1]!)];
    if (candles === first) return [...own, '', '', ''];
    const { common, equal, correlation } = compareCandles(first, candles);
    // Bars of another market are not expected to be equal.
    const agreed = meta.symbol === first.meta.symbol ? String(equal) : '—';
    return [...own, String(common), agreed, decimal(correlation ?? null)];
  });
  for (const line of table(head, rows)) context.print(line);
}

export const dataCompareVerb: Verb = {
  name: 'data compare',
  summary: 'data sets side by side: common bars, bars that agree, correlation with the first',
  positionals: ['<DATA>', '<DATA>', '[DATA]', '[DATA]', '[DATA]'],
  options: {},
  async run(context) {
    const all: Candles[] = [];
    for (const name of context.positionals) all.push(await loadCandles(context, name));
    const [first, ...others] = all as [Candles, ...Candles[]];
    const odd = others.find(({ barMs }) => barMs !== first.barMs);
    if (odd !== undefined) {
      const message = `${odd.meta.symbol} has bars of ${barLabel(odd.barMs)}, ${first.meta.symbol} of ${barLabel(first.barMs)}: make larger ones of the smaller`;
      throw new UsageError('bad_value', message, 'DATA');
    }
    if (!context.json) {
      printComparison(context, first, others);
      return 0;
    }
    const compared = others.map((candles) => {
      const { from, to, correlation, ...counts } = compareCandles(first, candles);
      const span = { from: from === undefined ? null : iso(from), to: to === undefined ? null : iso(to) };
      return { hash: candles.hash, symbol: candles.meta.symbol, ...counts, ...span, correlation: correlation ?? null };
    });
    context.document({ hash: first.hash, symbol: first.meta.symbol, others: compared });
    return 0;
  },
};
