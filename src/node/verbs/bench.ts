import type { Candles } from '../../engine/candles.ts';
import { engineFingerprint } from '../../engine/fingerprint.ts';
import { sampleCandles } from '../../engine/sample.ts';
import { proposeGeneration, startState } from '../../engine/search/evolve.ts';
import { type BenchRow, benchBacktests, benchIndicators, benchLong, handedOver } from '../bench/engines.ts';
import { benchEntries } from '../bench/entries.ts';
import { benchImport } from '../bench/import.ts';
import { benchGenerations, benchThreads, benchUnit } from '../bench/searches.ts';
import { benchTask, convergedStrategies, mirrorCandles, simpleStrategies } from '../bench/workloads.ts';
import type { Verb, VerbContext } from '../cli/verb.ts';
import { findText, loadCandles } from './flags.ts';

/** As many as the candles that the targets were set on. */
const SAMPLE_BARS = 59_206;
const LONG_BARS = 1_000_000;
const POPULATION = 2000;
const ENTRIES = 5000;

async function candlesOf(context: VerbContext, flag: string): Promise<Candles | undefined> {
  const data = findText(context, flag);
  return data === undefined ? undefined : loadCandles(context, data);
}

async function runAll(context: VerbContext, candles: Candles, minutes: Candles): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const part = async (name: string, work: () => BenchRow[] | Promise<BenchRow[]>) => {
    context.signal.throwIfAborted();
    context.note(`${name} …`, { transient: true });
    rows.push(...(await work()));
  };
  if (context.values.long === true) {
    // First, so that the most memory in use is its own.
    const long = mirrorCandles(minutes, LONG_BARS);
    const many = simpleStrategies(long, POPULATION);
    await part('long series', () => benchLong(long, many, `random population of ${POPULATION}`));
  }
  await part('indicators', () => benchIndicators(candles, 200));
  const random = simpleStrategies(candles, POPULATION);
  await part('random population', () => benchBacktests(candles, random, `random population of ${POPULATION}`));
  const converged = convergedStrategies(candles, 200, 30);
  await part('converged population', () => benchBacktests(candles, converged, 'converged population of 200'));
  await part('generations', () => benchGenerations(candles));
  await part('unit', async () => [await benchUnit(candles, 1, context.signal)]);
  await part('threads', () => benchThreads(candles));
  return rows;
}

const rounded = (value: number | undefined, digits: number): string =>
  value === undefined ? '—' : value.toFixed(digits);

function printTable(context: VerbContext, rows: readonly BenchRow[]): void {
  const cells = rows.map((row) => [
    row.part,
    row.what,
    row.bars === undefined ? '—' : String(row.bars),
    rounded(row.ms, 2),
    rounded(row.perSecond, 0),
    rounded(row.nsPerCandle, 3),
    rounded(row.nsPerTrade, 0),
    rounded(row.memoryMb, 0),
    row.ratio === undefined ? '—' : `${row.ratio.toFixed(2)} × ${row.ratioTo}`,
  ]);
  const table = [['part', 'what', 'bars', 'ms', 'per second', 'ns/candle', 'ns/trade', 'MB', 'ratio'], ...cells];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  for (const line of table) {
    context.print(
      line
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  '),
    );
  }
}

/** Rows that need no candles. */
function runRows(context: VerbContext, rows: readonly BenchRow[]): number {
  if (context.json) context.document({ node: process.version, rows });
  else {
    context.print(`Node ${process.version}`);
    printTable(context, rows);
  }
  return 0;
}

async function runEngine(context: VerbContext): Promise<number> {
  const candles = (await candlesOf(context, 'data')) ?? sampleCandles('bench', SAMPLE_BARS);
  const minutes = (await candlesOf(context, 'minutes')) ?? candles;
  const rows = await runAll(context, candles, minutes);
  const all = proposeGeneration(benchTask(POPULATION, 1), startState(), candles);
  const document = {
    data: { symbol: candles.meta.symbol, sample: candles.meta.sample, bars: candles.length, hash: candles.hash },
    node: process.version,
    fingerprint: engineFingerprint(),
    rows,
    /** Share of a search's random strategies that the fast engine hands to the plain one. */
    handedOver: handedOver(candles, all),
    memoryPeakMb: process.resourceUsage().maxRSS / 1024,
  };
  if (context.json) {
    context.document(document);
    return 0;
  }
  context.print(
    `${candles.meta.symbol}${candles.meta.sample ? ' (SAMPLE)' : ''}, ${candles.length} bars, Node ${process.version}`,
  );
  printTable(context, rows);
  context.print(
    `handed over to the plain engine: ${(document.handedOver * 100).toFixed(1)} % of a search's random strategies`,
  );
  context.print(`most memory in use: ${document.memoryPeakMb.toFixed(0)} MB`);
  return 0;
}

export const benchVerb: Verb = {
  name: 'bench',
  summary: 'measure the engine, the ledger or the import on this machine',
  options: {
    data: { type: 'string', value: 'FILE|HASH', help: 'candles (default: a sample series of 59,206 bars)' },
    minutes: { type: 'string', value: 'FILE|HASH', help: 'candles that --long repeats (default: those of --data)' },
    long: { type: 'boolean', help: 'also measure on 1,000,000 bars' },
    ledger: { type: 'boolean', help: 'reading and verifying entries of the ledger instead' },
    import: { type: 'boolean', help: 'a file of a million rows instead' },
  },
  async run(context) {
    if (context.values.import === true) return runRows(context, await benchImport());
    if (context.values.ledger === true) return runRows(context, await benchEntries(ENTRIES));
    return runEngine(context);
  },
};
