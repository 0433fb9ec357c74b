// What keeps this machine from a job: another engine, candles that are not here, a search that it does not know.
import type { JobRecord } from '../ledger/derive.ts';
import { toHex } from '../protocol/bytes.ts';
import { readSearch } from './permutations.ts';
import type { WorkDeps } from './work-loop.ts';

type ObstacleDeps = Pick<WorkDeps, 'fingerprint' | 'hasCandles' | 'missing'>;

/** Its candles are on their way: nothing is wrong. */
export function isComing(deps: ObstacleDeps, { job }: JobRecord): boolean {
  const dataset = toHex(job.dataset);
  return toHex(job.fingerprint) === deps.fingerprint && !deps.hasCandles(dataset) && deps.missing(dataset).isComing;
}

/** Why this machine takes no unit of a job, in one sentence; undefined where it can. */
export function obstacle(deps: ObstacleDeps, { job }: JobRecord): string | undefined {
  const { symbol } = job.market;
  if (toHex(job.fingerprint) !== deps.fingerprint) {
    return `“${job.name}” was made for engine ${toHex(job.fingerprint).slice(0, 8)}, this machine has ${deps.fingerprint.slice(0, 8)}: it takes no unit of it. Run the same version everywhere.`;
  }
  const dataset = toHex(job.dataset);
  if (!deps.hasCandles(dataset)) {
    return `“${job.name}” needs the ${symbol} data set ${dataset.slice(0, 8)}, which ${deps.missing(dataset).clause}.`;
  }
  try {
    readSearch(job);
  } catch (error) {
    return `“${job.name}” asks for what this engine does not know: ${(error as Error).message}`;
  }
  return undefined;
}
