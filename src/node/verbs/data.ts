import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import type { DatasetInfo, ImportReport } from '../data-store.ts';
import { findText, openStore, refusing } from './flags.ts';

const iso = (ms: number) => new Date(ms).toISOString();

function documentOf(info: DatasetInfo): object {
  return {
    ...info,
    from: iso(info.from),
    to: iso(info.to),
    gaps: info.gaps.map(({ from, to, missing }) => ({ from: iso(from), to: iso(to), missing })),
  };
}

function printInfo(context: VerbContext, info: DatasetInfo): void {
  const missing = info.gaps.reduce((sum, gap) => sum + gap.missing, 0);
  const gaps = missing === 0 ? 'no gaps' : `${missing} bars missing in ${info.gaps.length} gaps`;
  context.print(info.hash);
  context.print(`  ${info.symbol} in ${info.quote} from ${info.source}${info.sample ? ' (synthetic sample)' : ''}`);
  context.print(`  ${info.bars} bars of ${info.barMs / 1000} s, ${iso(info.from)} to ${iso(info.to)}, ${gaps}`);
}

function report(context: VerbContext, { info, duplicates, added }: ImportReport): number {
  if (context.json) {
    context.document({ ...documentOf(info), duplicates, added });
    return 0;
  }
  printInfo(context, info);
  for (const { from, to, missing } of info.gaps) context.print(`  gap: ${missing} bars, ${iso(from)} to ${iso(to)}`);
  if (duplicates > 0) context.print(`  ${duplicates} repeated rows were dropped`);
  if (!added) context.print('  it was here already');
  return 0;
}

export const dataImportVerb: Verb = {
  name: 'data import',
  summary: 'take candles from a .csv or .csv.gz file',
  positionals: ['<FILE>'],
  options: {
    symbol: { type: 'string', value: 'NAME', help: 'market, else from the name of the file' },
    quote: { type: 'string', value: 'NAME', help: 'currency of the prices, else from the symbol' },
    source: { type: 'string', value: 'NAME', help: 'who measured, else from the name of the file' },
  },
  async run(context) {
    const [file] = context.positionals;
    if (file === undefined) throw new UsageError('missing_argument', 'name a file', 'FILE');
    const meta: { symbol?: string; quote?: string; source?: string } = {};
    for (const key of ['symbol', 'quote', 'source'] as const) {
      const value = findText(context, key);
      if (value !== undefined) meta[key] = value;
    }
    const store = await openStore(context);
    return report(context, await refusing(() => store.importFile(file, meta)));
  },
};

export const dataListVerb: Verb = {
  name: 'data list',
  summary: 'data sets on this machine',
  options: {},
  async run(context) {
    const infos = await (await openStore(context)).list();
    if (context.json) context.document(infos.map(documentOf));
    else if (infos.length === 0) context.print('no data sets; "data import FILE" or "data sample" adds one');
    else for (const info of infos) printInfo(context, info);
    return 0;
  },
};

export const dataSampleVerb: Verb = {
  name: 'data sample',
  summary: 'add the built-in synthetic series, labelled SAMPLE',
  options: {},
  async run(context) {
    return report(context, await (await openStore(context)).addSample());
  },
};
