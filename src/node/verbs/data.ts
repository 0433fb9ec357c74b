import type { FileMeta } from '../../engine/import/import-candles.ts';
import type { Page } from '../../ui/api.ts';
import type { HolderView } from '../../ui/api-data.ts';
import { type FileOptions, readCandleFile } from '../candle-file.ts';
import { connectClient } from '../cli/client.ts';
import { progressBar } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { readApiAddress } from '../data-directory.ts';
import type { DatasetInfo, ImportReport } from '../data-store.ts';
import { type DatasetOrigin, findOrigin, forgetOrigin, saveOrigin } from '../import/origin.ts';
import { describeFile, describeJoined, previewOf } from '../import/preview.ts';
import { joinedLines, reportLines } from '../import/report-words.ts';
import { dataFolder, findHash, findText, openStore, refusing } from './flags.ts';

const iso = (ms: number) => new Date(ms).toISOString();
const isoGap = ({ from, to, missing }: DatasetInfo['gaps'][number]) => ({ from: iso(from), to: iso(to), missing });

function documentOf(info: DatasetInfo): object {
  return { ...info, from: iso(info.from), to: iso(info.to), gaps: info.gaps.map(isoGap) };
}

function printInfo(context: VerbContext, info: DatasetInfo): void {
  const missing = info.gaps.reduce((sum, gap) => sum + gap.missing, 0);
  const gaps = missing === 0 ? 'no gaps' : `${missing} bars missing in ${info.gaps.length} gaps`;
  context.print(info.hash);
  context.print(`  ${info.symbol} in ${info.quote} from ${info.source}${info.sample ? ' (synthetic sample)' : ''}`);
  context.print(`  ${info.bars} bars of ${info.barMs / 1000} s, ${iso(info.from)} to ${iso(info.to)}, ${gaps}`);
}

/** Tells of a data set that was added. */
export function reportAdded(context: VerbContext, report: ImportReport, origin?: DatasetOrigin): number {
  const { info, file, joined, added } = report;
  if (context.json) {
    const duplicates = file === undefined ? {} : { duplicates: file.duplicates, file: describeFile(file) };
    const parts = joined === undefined ? {} : describeJoined(joined);
    context.document({
      ...documentOf(info),
      ...duplicates,
      ...parts,
      added,
      ...(origin === undefined ? {} : { origin }),
    });
    return 0;
  }
  printInfo(context, info);
  if (file !== undefined) for (const line of reportLines(file, true)) context.print(line);
  if (joined !== undefined) for (const line of joinedLines(joined)) context.print(line);
  if (!added) context.print('  it was here already');
  return 0;
}

const FILE_OPTIONS: Verb['options'] = {
  symbol: { type: 'string', value: 'NAME', help: 'market, else as the rows or the name of the file say' },
  quote: { type: 'string', value: 'NAME', help: 'currency of the prices, else from the symbol' },
  source: { type: 'string', value: 'NAME', help: 'who measured, else from the name of the file' },
  columns: {
    type: 'string',
    value: 'LIST',
    help: 'time,open,high,low,close,volume in the order of the file; - skips one',
  },
  member: { type: 'string', value: 'NAME', help: 'which file of a .zip that holds several' },
};

function fileOf(context: VerbContext): string {
  const [file] = context.positionals;
  if (file === undefined) throw new UsageError('missing_argument', 'name a file', 'FILE');
  return file;
}

/** Of several files the first, and how many more. */
const nameOfAll = ([first, ...others]: readonly string[]): string =>
  others.length === 0 ? first! : `${first} and ${others.length} more`;

function givenMeta(context: VerbContext): Partial<FileMeta> {
  const meta: Partial<FileMeta> = {};
  for (const key of ['symbol', 'quote', 'source'] as const) {
    const value = findText(context, key);
    if (value !== undefined) meta[key] = value;
  }
  return meta;
}

function fileOptions(context: VerbContext, repair: boolean): FileOptions {
  const columns = findText(context, 'columns');
  const member = findText(context, 'member');
  return {
    repair,
    ...(columns === undefined ? {} : { columns: columns.split(',') }),
    ...(member === undefined ? {} : { member }),
    onProgress(share) {
      context.signal.throwIfAborted();
      context.note(`reading ${progressBar(share)}`, { transient: true });
    },
  };
}

export const dataImportVerb: Verb = {
  name: 'data import',
  summary: 'take candles from a .csv, .csv.gz or .zip file, or from several of one market',
  positionals: ['<FILE>', '[FILE…]'],
  options: {
    ...FILE_OPTIONS,
    repair: { type: 'boolean', help: 'raise highs, lower lows, leave out rows that cannot be, and say which' },
  },
  async run(context) {
    const file = fileOf(context);
    const repair = context.values.repair === true;
    const store = await openStore(context);
    const [meta, options, all] = [givenMeta(context), fileOptions(context, repair), context.positionals];
    const report = await refusing(() =>
      all.length === 1 ? store.importFile(file, meta, options) : store.importFiles(all, meta, options),
    );
    const faults = (report.joined?.files ?? [{ report: report.file! }]).reduce(
      (sum, one) => sum + one.report.faults.count,
      0,
    );
    const origin = { kind: 'import', file: nameOfAll(all), repaired: repair ? faults : 0 } as const;
    if (report.added) await saveOrigin(dataFolder(context), report.info.hash, origin);
    return reportAdded(context, report);
  },
};

export const dataPreviewVerb: Verb = {
  name: 'data preview',
  summary: 'how a file would be taken, and what is odd about it; stores nothing',
  positionals: ['<FILE>'],
  options: FILE_OPTIONS,
  async run(context) {
    const file = fileOf(context);
    const { candles, report } = await refusing(() =>
      readCandleFile(file, givenMeta(context), fileOptions(context, true)),
    );
    const preview = previewOf(candles, report);
    if (context.json) {
      context.document(preview);
      return 0;
    }
    const { symbol, quote, source, bars, barMs, from, to, acceptable, sampleBars } = preview;
    context.print(`${symbol} in ${quote} from ${source}: ${bars} bars of ${barMs / 1000} s, ${from} to ${to}`);
    for (const line of reportLines(report, false)) context.print(line);
    for (const bar of sampleBars) context.print(`  ${Object.values(bar).join('  ')}`);
    context.print(
      acceptable
        ? 'Nothing was stored; "data import" takes it as it is.'
        : 'Nothing was stored; it needs "data import --repair".',
    );
    return 0;
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

function originLine(origin: DatasetOrigin): string {
  switch (origin.kind) {
    case 'import':
      return `imported from ${origin.file}${origin.repaired === 0 ? '' : `, ${origin.repaired} repairs`}`;
    case 'download':
      return `downloaded from ${origin.exchange}${origin.parent === undefined ? '' : `, a later state of ${origin.parent}`}`;
    case 'larger':
      return `larger bars of ${origin.parent}`;
  }
}

const holdersOf = (context: VerbContext, hash: string): Promise<HolderView[]> =>
  connectClient(context.dataDir)
    .get<Page<HolderView>>(`datasets/${hash}/holders`)
    .then(({ items }) => items);

export const dataShowVerb: Verb = {
  name: 'data show',
  summary: 'one data set: span, gaps, where it came from, and which members have it',
  positionals: ['<HASH>'],
  options: { holders: { type: 'boolean', help: 'ask the members that are connected, through the running node' } },
  async run(context) {
    const store = await openStore(context);
    const hash = await findHash(store, context.positionals[0]!);
    const info = (await store.list()).find((each) => each.hash === hash)!;
    const origin = await findOrigin(dataFolder(context), hash);
    const holders = context.values.holders === true ? await holdersOf(context, hash) : undefined;
    if (context.json) {
      context.document({ ...documentOf(info), origin: origin ?? null, ...(holders === undefined ? {} : { holders }) });
      return 0;
    }
    printInfo(context, info);
    for (const { from, to, missing } of info.gaps) context.print(`  gap: ${missing} bars, ${iso(from)} to ${iso(to)}`);
    if (origin !== undefined) context.print(`  ${originLine(origin)}`);
    for (const { name, has } of holders ?? [])
      context.print(`  ${name}: ${has === null ? '—' : has ? 'has it' : 'has it not'}`);
    return 0;
  },
};

/** False when none answers: one that was killed left its address behind. */
async function removedByNode(context: VerbContext, hash: string): Promise<boolean> {
  try {
    await connectClient(context.dataDir).post(`datasets/${hash}/remove`, {});
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'not_reachable') return false;
    throw error;
  }
}

export const dataRemoveVerb: Verb = {
  name: 'data remove',
  summary: 'remove a data set from this machine',
  positionals: ['<HASH>'],
  options: { yes: { type: 'boolean', help: 'do it' } },
  async run(context) {
    const store = await openStore(context);
    const hash = await findHash(store, context.positionals[0]!);
    if (context.values.yes !== true) {
      throw new UsageError('not_confirmed', `this removes the candles of ${hash} from this machine: add --yes`, 'yes');
    }
    // A running node knows which jobs need it.
    if (readApiAddress(context.dataDir) === undefined || !(await removedByNode(context, hash))) {
      await store.remove(hash);
      await forgetOrigin(dataFolder(context), hash);
    }
    if (context.json) context.document({ removed: hash });
    else context.print(`removed ${hash}`);
    return 0;
  },
};

export const dataFetchVerb: Verb = {
  name: 'data fetch',
  summary: 'ask the other members for the candles of a job that are not here',
  positionals: ['<HASH>'],
  options: {},
  async run(context) {
    const hash = context.positionals[0]!;
    const answer = await connectClient(context.dataDir).post<{ hash: string }>(`datasets/${hash}/fetch`, {});
    if (context.json) context.document(answer);
    else context.print(`${hash} comes as soon as a member that has it is connected`);
    return 0;
  },
};

export const dataSampleVerb: Verb = {
  name: 'data sample',
  summary: 'add the built-in synthetic series, labelled SAMPLE',
  options: {},
  async run(context) {
    return reportAdded(context, await (await openStore(context)).addSample());
  },
};
