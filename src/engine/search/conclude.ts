// The end of a search: champions meet the data that the search never saw, once, and everything is put under one digest.
import { ByteWriter } from '../bytes.ts';
import type { Candles } from '../candles.ts';
import { canonicalJson } from '../canonical-json.ts';
import { evaluateChampion } from '../champion.ts';
import { hashWithDomain, toHex, toUtf8 } from '../hash.ts';
import type { Champion, SegmentMetrics, UnitOutcome } from '../outcome.ts';
import { taskIdentity, type UnitTask } from '../unit-task.ts';
import { hasEnoughTrades, type SearchState } from './evolve.ts';
import { summariseTrials } from './trials.ts';

const CHAMPIONS_MAX = 3;
/** Most bytes of the champions' canonical JSON: a result entry must stay small. */
const CHAMPIONS_BYTES_MAX = 2800;

function writeSegment(writer: ByteWriter, metrics: SegmentMetrics): void {
  writer.f64(metrics.netProfit).f64(metrics.return).optional(metrics.sharpe).f64(metrics.maxDrawdown);
  writer.u32(metrics.trades).optional(metrics.winRate).optional(metrics.profitFactor);
}

/** The best of the last population by in-sample fitness, each behaviour once. */
function chooseChampions(candles: Candles, task: UnitTask, state: SearchState): Champion[] {
  const behaviours = new Set<string>();
  const champions: Champion[] = [];
  for (const { strategy, evaluation } of state.population) {
    if (champions.length === CHAMPIONS_MAX || !hasEnoughTrades(evaluation, task.spec)) break;
    if (behaviours.has(evaluation.behaviour)) continue;
    behaviours.add(evaluation.behaviour);
    const { hash, inSample, outOfSample, holdout } = evaluateChampion(candles, task, strategy);
    champions.push({ strategy, hash, inSample, outOfSample, holdout });
  }
  while (toUtf8(canonicalJson(champions)).length > CHAMPIONS_BYTES_MAX) champions.pop();
  return champions;
}

function digestOutcome(task: UnitTask, state: SearchState, outcome: Omit<UnitOutcome, 'digest' | 'secret'>): string {
  const writer = new ByteWriter();
  writer.raw(taskIdentity(task)).u32(state.digests.length);
  for (const digest of state.digests) writer.raw(digest);
  writer.u32(outcome.champions.length);
  for (const champion of outcome.champions) {
    writer.text(canonicalJson(champion.strategy)).text(champion.hash);
    writeSegment(writer, champion.inSample);
    writeSegment(writer, champion.outOfSample);
    writeSegment(writer, champion.holdout);
  }
  const { count, meanSharpe, varianceSharpe } = outcome.trials;
  writer.u32(count).optional(meanSharpe).optional(varianceSharpe).optional(outcome.score);
  return toHex(hashWithDomain('stratmesh/engine/outcome/1', writer.finish()));
}

/** The outcome of a finished search; `state.generation` must be the last one of the task. */
export function concludeUnit(candles: Candles, task: UnitTask, state: SearchState): UnitOutcome {
  const champions = chooseChampions(candles, task, state);
  const outcome = {
    champions,
    trials: summariseTrials(state.trials),
    score: champions.length === 0 ? null : state.population[0]!.evaluation.fitness,
  };
  return {
    ...outcome,
    digest: digestOutcome(task, state, outcome),
    secret: toHex(hashWithDomain('stratmesh/engine/secret/1', ...state.digests)),
  };
}
