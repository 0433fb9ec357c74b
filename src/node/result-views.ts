// Champions as page, API and command line show them: only those that this node has run itself.
import { describeStrategy } from '../engine/describe-strategy.ts';
import { parseStrategy } from '../engine/parse-strategy.ts';
import { strategyHash } from '../engine/strategy-hash.ts';
import type { UnitRecord } from '../ledger/derive.ts';
import { fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { peerIdText } from '../protocol/keys.ts';
import type { Result } from '../protocol/kinds.ts';
import type { Assurance, ResultView } from '../ui/api.ts';
import { codeName } from './code-name.ts';
import { isoTime, nameOf, oneOf, type World } from './views.ts';

interface ReadStrategy {
  id: string;
  sentence: string;
}

/** What is read from a strategy stays the same as long as the entry that holds it lives. */
const readStrategies = new WeakMap<object, ReadStrategy | null>();

/** Undefined when this engine cannot read it. */
function readStrategy({ strategy }: Result['champions'][number]): ReadStrategy | undefined {
  let known = readStrategies.get(strategy);
  if (known === undefined) {
    try {
      const parsed = parseStrategy(strategy);
      known = { id: strategyHash(parsed), sentence: describeStrategy(parsed) };
    } catch {
      known = null;
    }
    readStrategies.set(strategy, known);
  }
  return known ?? undefined;
}

/** Champions of every unit with an answer in front, as far as this node has run them itself. Best out of sample first. */
export function resultViews(world: World): ResultView[] {
  const trialsByJob = new Map<Hex, number>();
  for (const { job, verdict } of world.state.units.values()) {
    if (verdict.state !== 'validated') continue;
    trialsByJob.set(job, (trialsByJob.get(job) ?? 0) + (verdict.leader?.result.trials.count ?? 0));
  }
  const views = [...world.state.units.values()].flatMap((unit) =>
    resultsOfUnit(world, unit, trialsByJob.get(unit.job) ?? 0),
  );
  const best = new Map<string, ResultView>();
  for (const view of views) {
    const other = best.get(view.id + view.datasetHash);
    if (other === undefined || rank(view) > rank(other)) best.set(view.id + view.datasetHash, view);
  }
  return [...best.values()].sort((a, b) => b.outOfSample.return - a.outOfSample.return || (a.id < b.id ? -1 : 1));
}

function rank(view: ResultView): number {
  return { validated: 2, provisional: 1, disputed: 0 }[view.state];
}

function resultsOfUnit(world: World, unit: UnitRecord, trialsJob: number): ResultView[] {
  const { leader, agreeing, state } = unit.verdict;
  const record = world.state.jobs.get(unit.job);
  if (leader === undefined || record === undefined || state === 'failed' || state === 'open') return [];
  const check = world.check(unit.id, leader.answer);
  if (check?.state !== 'holds') return [];
  const { job } = record;
  return leader.result.champions.flatMap((champion, place) => {
    const read = readStrategy(champion);
    if (read === undefined) return [];
    return {
      ...read,
      codeName: codeName(read.id),
      jobId: unit.job,
      unitId: unit.id,
      market: job.market.symbol,
      barMs: job.market.barMs,
      sample: job.market.sample,
      datasetHash: toHex(job.dataset),
      risk: oneOf(job.search.risk, ['low', 'medium', 'high'], 'medium'),
      strategy: champion.strategy,
      assurance: assuranceOf(state, job.validation),
      state,
      votes: agreeing.length,
      replicas: job.validation.replicas,
      inSample: champion.inSample,
      outOfSample: champion.outOfSample,
      holdout: champion.holdout,
      equity: check.champions[place]?.equity ?? [],
      trialsUnit: leader.result.trials.count,
      trialsJob,
      foundBy: { peerId: peerIdText(fromHex(leader.author)), name: nameOf(world, leader.author) },
      foundAt: isoTime(leader.time),
    };
  });
}

function assuranceOf(state: UnitRecord['verdict']['state'], validation: { mode: string; quorum: number }): Assurance {
  if (state !== 'validated' || validation.quorum < 2) return 'reevaluated';
  return validation.mode === 'fuzzy' ? 'fuzzy' : 'quorum';
}
