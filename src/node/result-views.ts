// Champions as page, API and command line show them: only those that this node has run itself.
import { describeStrategy } from '../engine/describe-strategy.ts';
import { parseStrategy } from '../engine/parse-strategy.ts';
import { strategyHash } from '../engine/strategy-hash.ts';
import type { UnitRecord } from '../ledger/units.ts';
import { fromHex, type Hex, toHex } from '../protocol/bytes.ts';
import { peerIdText } from '../protocol/keys.ts';
import type { Job, Result } from '../protocol/kinds.ts';
import type { Assurance, ResultView } from '../ui/api.ts';
import { codeName } from './code-name.ts';
import { isPermutation } from './permutations.ts';
import { isoTime, Kept, leverageOf, nameOf, oneOf, type World } from './views.ts';

type ReadStrategy = Pick<ResultView, 'id' | 'codeName' | 'sentence' | 'sentenceEs'>;

/** What is read from a strategy stays the same as long as the entry that holds it lives. */
const readStrategies = new WeakMap<object, ReadStrategy | null>();

/** Undefined when this engine cannot read it. */
function readStrategy(strategy: Result['champions'][number]['strategy']): ReadStrategy | undefined {
  let known = readStrategies.get(strategy);
  if (known === undefined) {
    try {
      const parsed = parseStrategy(strategy);
      const id = strategyHash(parsed);
      const [sentence, sentenceEs] = [describeStrategy(parsed, 'en'), describeStrategy(parsed, 'es')];
      known = { id, codeName: codeName(id), sentence, sentenceEs };
    } catch {
      known = null;
    }
    readStrategies.set(strategy, known);
  }
  return known ?? undefined;
}

/** Champions of every unit with an answer in front, as far as this node has run them itself. Best out of sample first. */
export function resultViews(world: World): ResultView[] {
  const { units } = world.state;
  const jobs = new Map([...world.state.jobs].map(([id, { job }]) => [id, partsOfJob(job, units.of(id).tally.trials)]));
  const finders = new Map([...world.state.members.keys()].map((key) => [key, finderOf(world, key)]));
  const views = [...world.checked()].flatMap(({ job: id, index }) => {
    const [job, unit] = [jobs.get(id), units.of(id).at(index)];
    return job === undefined || job.isPermutation || unit === undefined ? [] : resultsOfUnit(world, unit, job, finders);
  });
  const best = new Map<string, ResultView>();
  for (const view of views) {
    const other = best.get(view.id + view.datasetHash);
    if (other === undefined || rank(view) > rank(other)) best.set(view.id + view.datasetHash, view);
  }
  return [...best.values()].sort((a, b) => b.outOfSample.return - a.outOfSample.return || (a.id < b.id ? -1 : 1));
}

/** The list of one session. Names of machines come by their news, which is no part of the ledger. */
export class ResultList {
  readonly #kept = new Kept<readonly ResultView[]>();

  of(world: World): readonly ResultView[] {
    const names = [...world.state.members.keys()].map((member) => nameOf(world, member));
    return this.#kept.of(world, () => resultViews(world), names);
  }
}

function rank(view: ResultView): number {
  return { validated: 2, provisional: 1, disputed: 0 }[view.state];
}

/** What all results of a job have in common. */
function partsOfJob(job: Job, trialsJob: number) {
  const { market, search, validation } = job;
  return {
    validation,
    isPermutation: isPermutation(job),
    parts: {
      market: market.symbol,
      barMs: market.barMs,
      sample: market.sample,
      leverage: leverageOf(job),
      datasetHash: toHex(job.dataset),
      risk: oneOf(search.risk, ['low', 'medium', 'high'], 'medium'),
      replicas: validation.replicas,
      trialsJob,
    },
  };
}

function finderOf(world: World, member: Hex): ResultView['foundBy'] {
  return { peerId: peerIdText(fromHex(member)), name: nameOf(world, member) };
}

function resultsOfUnit(
  world: World,
  unit: UnitRecord,
  { parts, validation }: ReturnType<typeof partsOfJob>,
  finders: ReadonlyMap<Hex, ResultView['foundBy']>,
): ResultView[] {
  const { leader, count, state } = unit.verdict;
  if (leader === undefined || state === 'failed' || state === 'open') return [];
  const check = world.check(unit.id, leader.answer);
  if (check?.state !== 'holds') return [];
  const ofUnit = {
    ...parts,
    jobId: unit.job,
    unitId: unit.id,
    assurance: assuranceOf(state, validation),
    state,
    votes: count,
    trialsUnit: leader.result.trials.count,
    foundBy: finders.get(leader.author) ?? finderOf(world, leader.author),
    foundAt: isoTime(leader.time),
  };
  return leader.result.champions.flatMap(({ strategy, inSample, outOfSample, holdout }, place) => {
    const read = readStrategy(strategy);
    if (read === undefined) return [];
    const { equity = [], outOfSampleDays = null } = check.champions[place] ?? {};
    return { ...ofUnit, ...read, strategy, inSample, outOfSample, holdout, outOfSampleDays, equity };
  });
}

function assuranceOf(state: UnitRecord['verdict']['state'], validation: { mode: string; quorum: number }): Assurance {
  if (state !== 'validated' || validation.quorum < 2) return 'reevaluated';
  return validation.mode === 'fuzzy' ? 'fuzzy' : 'quorum';
}
