// A whole job on one thread: search, permutations, verdict. What `mine` does with a pool of threads, for tests and measurements.
import type { Candles } from '../candles.ts';
import { Evaluator } from '../fast/evaluator.ts';
import type { UnitOutcome } from '../outcome.ts';
import { concludeUnit } from '../search/conclude.ts';
import { advance, proposeGeneration, startState } from '../search/evolve.ts';
import type { SearchSpec } from '../search-spec.ts';
import type { UnitTask } from '../unit-task.ts';
import { type JobReport, judgeJob } from './judge-job.ts';
import { permutedFor } from './permutation.ts';
import type { Thresholds } from './thresholds.ts';

function searchUnit(candles: Candles, task: UnitTask, evaluator: Evaluator): UnitOutcome {
  let state = startState();
  while (state.generation < task.spec.generations) {
    const proposed = proposeGeneration(task, state, candles);
    state = advance(task, state, proposed, evaluator.evaluate(proposed));
  }
  return concludeUnit(candles, task, state);
}

/** `units` units of `spec`, as many re-runs of the first one on permuted bars as asked for, and the verdict. Throws InvalidInput. */
export async function searchAndJudge(
  candles: Candles,
  { seed, spec, units, permutations }: { seed: string; spec: SearchSpec; units: number; permutations: number },
  thresholds: Thresholds,
): Promise<JobReport> {
  const evaluator = new Evaluator(candles, spec);
  const taskOn = (dataset: string, unit: number): UnitTask => ({ dataset, seed, spec, unit });
  const outcomes = Array.from({ length: units }, (_, unit) =>
    searchUnit(candles, taskOn(candles.hash, unit), evaluator),
  );
  const scores = Array.from({ length: permutations }, (_, index) => {
    const permuted = permutedFor(candles, spec, seed, index);
    return searchUnit(permuted, taskOn(permuted.hash, 0), new Evaluator(permuted, spec)).score;
  });
  const job = {
    candles,
    spec,
    champions: outcomes.flatMap(({ champions }) => champions.map(({ strategy }) => strategy)),
    trials: outcomes.map(({ trials }) => trials),
    ...(permutations === 0 ? {} : { permutations: { best: outcomes[0]!.score, scores, pending: 0 } }),
  };
  return judgeJob(job, thresholds, async (strategies) => evaluator.evaluate(strategies));
}
