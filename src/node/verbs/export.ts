import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { parseStrategy } from '../../engine/parse-strategy.ts';
import type { ResultView } from '../../ui/api.ts';
import { EXPORT_FORMATS, type ExportInput, type ExportView } from '../../ui/api-export.ts';
import { connectClient } from '../cli/client.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { exportFile } from '../export-strategy.ts';
import { accountOf } from './backtest.ts';
import { COST_FLAGS, COST_OPTIONS, DATA_OPTION, findText, getText, loadCandles, readJson, refusing } from './flags.ts';

function choiceOf<T extends string>(context: VerbContext, flag: string, choices: readonly T[], otherwise?: T): T {
  const text = findText(context, flag) ?? otherwise ?? getText(context, flag);
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new UsageError('bad_value', `--${flag} is one of ${choices.join(', ')}, not "${text.slice(0, 20)}"`, flag);
}

/** A strategy file, with candles and costs from flags. */
async function exportOwn(context: VerbContext, path: string, input: ExportInput): Promise<ExportView> {
  const account = await refusing(() => accountOf(context));
  const json = await readJson(path, 'STRATEGY');
  const strategy = await refusing(() => parseStrategy(json));
  const candles = await loadCandles(context, getText(context, 'data'));
  return refusing(() => exportFile(strategy, candles, account, input));
}

/** A result of the mesh: candles and costs are those of its job. */
async function exportFound(context: VerbContext, wanted: string, input: ExportInput): Promise<ExportView> {
  const odd = ['data', 'equity', 'market', ...Object.keys(COST_FLAGS)].find(
    (flag) => findText(context, flag) !== undefined,
  );
  if (odd !== undefined) {
    throw new UsageError(
      'bad_value',
      `--${odd} is for strategy files; a result has the candles and costs of its job`,
      odd,
    );
  }
  const client = connectClient(context.dataDir);
  const found = (await client.all<ResultView>('results')).filter(({ id }) => id.startsWith(wanted));
  if (found.length !== 1) {
    const message =
      found.length === 0 ? `There is no file and no result ${wanted}.` : `${wanted} fits more than one result.`;
    throw new UsageError('unknown_result', message, 'STRATEGY');
  }
  return client.get<ExportView>(`results/${found[0]!.id}/export?as=${input.as}&lang=${input.lang}`);
}

export const exportVerb: Verb = {
  name: 'export',
  summary: 'a strategy for other programs, with where it comes from and its costs',
  positionals: ['<STRATEGY>'],
  options: {
    as: { type: 'string', value: 'FORMAT', help: 'json, csv (trades), pine, backtesting, freqtrade (Python) or words' },
    lang: { type: 'string', value: 'L', help: 'language of the words: en (default) or es' },
    out: { type: 'string', value: 'FILE', help: 'write it there, else to stdout' },
    ...DATA_OPTION,
    ...COST_OPTIONS,
  },
  async run(context) {
    const wanted = context.positionals[0]!;
    const as = choiceOf(context, 'as', EXPORT_FORMATS);
    const lang = choiceOf(context, 'lang', ['en', 'es'], 'en');
    const work = existsSync(wanted) ? exportOwn : exportFound;
    const file = await work(context, wanted, { as, lang });
    const out = findText(context, 'out');
    if (out !== undefined) {
      await writeFile(out, `${file.lines.join('\n')}\n`);
      context.note(`written to ${out}`);
    }
    if (context.json) context.document(out === undefined ? file : { ...file, out });
    else if (out === undefined) for (const line of file.lines) context.print(line);
    return 0;
  },
};
