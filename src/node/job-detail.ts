// One job with its terms, what was spent on it and the state of each unit, as page and API show it.
import type { JobRecord } from '../ledger/derive.ts';
import { fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { unitId } from '../protocol/entry.ts';
import { RequestError, type UnitState, type UnitView } from '../ui/api.ts';
import type { JobDetail } from '../ui/api-work.ts';
import type { CandleCache } from './candle-cache.ts';
import { readSearch } from './permutations.ts';
import { resultViews } from './result-views.ts';
import { isoTime, jobViews, unitViews, type World } from './views.ts';

const LETTERS: Readonly<Record<UnitState, string>> = {
  open: 'o',
  running: 'r',
  provisional: 'p',
  disputed: 'd',
  validated: 'v',
  failed: 'f',
};

function recordOf(world: World, id: string): JobRecord {
  const record = world.state.jobs.get(id);
  if (record !== undefined) return record;
  throw new RequestError('job_unknown', `There is no job ${id}.`, { status: 404 });
}

function unitsOf(world: World, record: JobRecord): UnitView[] {
  const id = fromHex(record.id);
  return unitViews(world, record, (index): Hex => unitId(id, index));
}

/** Throws RequestError `job_unknown`. */
export function jobDetail(world: World, data: Pick<CandleCache, 'list'>, id: string): JobDetail {
  const record = recordOf(world, id);
  const votes = [...world.state.units.of(id)].flatMap((unit) => unit.votes);
  const dataset = toHex(record.job.dataset);
  const info = data.list().find(({ hash }) => hash === dataset);
  return {
    job: jobViews(world).find((job) => job.id === id)!,
    terms: termsOf(record),
    quorum: record.job.validation.quorum,
    candles: info === undefined ? null : { bars: info.bars, from: isoTime(info.from), to: isoTime(info.to) },
    spent: {
      answers: votes.length,
      backtests: votes.reduce((sum, { result }) => sum + result.backtests, 0),
      ms: votes.reduce((sum, { result }) => sum + result.ms, 0),
    },
    results: resultViews(world).filter(({ jobId }) => jobId === id).length,
    map: unitsOf(world, record)
      .map(({ state }) => LETTERS[state])
      .join(''),
  };
}

function termsOf({ job }: JobRecord): JobDetail['terms'] {
  try {
    const { equity, folds, holdout, embargo, warmup, minTrades, costs, allowShort, anchored } = readSearch(job).spec;
    const terms = { equity, folds, holdout, embargo, warmup, minTrades, spread: costs.spread, allowShort };
    return { ...terms, anchored: anchored === true };
  } catch {
    return null;
  }
}

/** Throws RequestError `job_unknown`, `unit_unknown`. */
export function unitDetail(world: World, id: string, index: number): UnitView {
  const unit = unitsOf(world, recordOf(world, id)).find((each) => each.index === index);
  if (unit !== undefined) return unit;
  throw new RequestError('unit_unknown', `The job has no unit ${index}.`, { status: 404 });
}
