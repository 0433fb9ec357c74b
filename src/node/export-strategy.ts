// Strategies in other forms, with figures that are computed here: for the command line and the API.
import { RunRecord } from '../engine/book.ts';
import type { Candles } from '../engine/candles.ts';
import { ColumnStore } from '../engine/column-store.ts';
import { EXPORT_ENDINGS, exportStrategy } from '../engine/export/export.ts';
import type { ExportSubject, Finding } from '../engine/export/subject.ts';
import { engineFingerprint } from '../engine/fingerprint.ts';
import { metricsOf } from '../engine/metrics.ts';
import { parseStrategy } from '../engine/parse-strategy.ts';
import { type Account, simulate } from '../engine/simulate.ts';
import type { Strategy } from '../engine/strategy.ts';
import { strategyHash } from '../engine/strategy-hash.ts';
import { fitStrategy } from '../engine/timeframes.ts';
import { RequestError } from '../ui/api.ts';
import type { ExportInput, ExportView } from '../ui/api-export.ts';
import type { CandleCache } from './candle-cache.ts';
import { codeName } from './code-name.ts';
import { readSearch } from './permutations.ts';
import { resultViews } from './result-views.ts';
import { VERSION } from './version.ts';
import type { World } from './views.ts';

/** A strategy run over all bars of its candles. Throws InvalidInput where they do not fit. */
function subjectOf(found: Strategy, candles: Candles, account: Account, finding?: Finding): ExportSubject {
  const strategy = fitStrategy(found, candles.barMs);
  const window = { from: 0, to: candles.length };
  const record = new RunRecord(candles.length);
  simulate(new ColumnStore(candles), strategy, window, account, record);
  return {
    strategy,
    candles,
    account,
    metrics: metricsOf(record, candles, window),
    trades: record.trades.list(),
    version: VERSION,
    fingerprint: engineFingerprint(),
    ...(finding === undefined ? {} : { finding }),
  };
}

/** Throws InvalidInput (`not_expressible`, or what the candles do not fit). */
export function exportFile(
  strategy: Strategy,
  candles: Candles,
  account: Account,
  { as, lang }: ExportInput,
  finding?: Finding,
): ExportView {
  const text = exportStrategy(as, subjectOf(strategy, candles, account, finding), lang);
  const name = codeName(strategyHash(strategy))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  return { fileName: `${name}_${as}${EXPORT_ENDINGS[as]}`, lines: text.replace(/\n$/, '').split('\n') };
}

/** A result of the mesh, with the costs of its job. Throws RequestError `unknown_result`, `dataset_missing`; InvalidInput. */
export async function exportResult(
  world: World,
  data: Pick<CandleCache, 'candles'>,
  id: string,
  input: ExportInput,
): Promise<ExportView> {
  const view = resultViews(world).find((result) => result.id === id);
  const record = view === undefined ? undefined : world.state.jobs.get(view.jobId);
  if (view === undefined || record === undefined) {
    throw new RequestError('unknown_result', 'No such result on this node.', { status: 404 });
  }
  const candles = await data.candles(view.datasetHash);
  if (candles === undefined) {
    throw new RequestError('dataset_missing', 'The candles of this result are not on this machine.', { status: 409 });
  }
  const { costs, equity } = readSearch(record.job).spec;
  const { jobId: job, unitId: unit, state, votes, replicas, trialsUnit, trialsJob } = view;
  const finding = { job, unit, state, votes, replicas, trialsUnit, trialsJob };
  return exportFile(parseStrategy(view.strategy), candles, { equity, costs }, input, finding);
}
