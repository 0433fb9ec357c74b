// A champion is shown only after this node has run it itself. One check for each distinct answer, whoever gave it; the
// results are kept in memory and made again after a restart, since a check costs a few backtests.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Candles } from '../engine/candles.ts';
import { evaluateChampion } from '../engine/champion.ts';
import { parseStrategy } from '../engine/parse-strategy.ts';
import { strategyHash } from '../engine/strategy-hash.ts';
import { divideTime } from '../engine/time-line.ts';
import type { UnitTask } from '../engine/unit-task.ts';
import type { UnitRecord } from '../ledger/units.ts';
import type { Vote } from '../ledger/verdict.ts';
import type { Hex } from '../protocol/bytes.ts';
import type { Result, Segment } from '../protocol/kinds.ts';
import { elapsedMs } from './strategy-run.ts';

const DAY_MS = 86_400_000;

export interface CheckedChampion {
  hash: string;
  /** Points of the stitched out-of-sample equity, 1 = start. */
  equity: number[];
  /** Time that its figures out of sample are over, days. */
  outOfSampleDays: number;
}

export type Check =
  | { state: 'holds'; champions: CheckedChampion[] }
  /** The figures are not what this node computes: the answer is not shown. */
  | { state: 'differs'; message: string };

export interface RecheckDeps {
  /** Undefined when the candles are not here. */
  candles(dataset: Hex): Promise<Candles | undefined>;
  onChecked(unit: Hex, vote: Vote, check: Check): void;
  /** The check itself failed; it is made again when something changes. */
  onFailure(error: Error): void;
}

/** Which unit of which job. */
export type UnitPlace = Pick<UnitRecord, 'id' | 'job' | 'index'>;

export interface Recheck {
  /** Asks for the answer to be checked, once. Resolves when that is done, or cannot be. */
  request(unit: UnitPlace, task: UnitTask, vote: Vote): Promise<void>;
  /** Undefined until it has been checked here. */
  get(unit: Hex, answer: Hex): Check | undefined;
  /** Units of which an answer holds. */
  holding(): Iterable<UnitPlace>;
  /** How many answers were checked so far. */
  made(): number;
  /** Resolves when the check under way is done; the others are not begun. */
  stop(): Promise<void>;
}

export function createRecheck(deps: RecheckDeps): Recheck {
  const checks = new Map<string, Check>();
  const holding = new Map<Hex, UnitPlace>();
  const requested = new Set<string>();
  let queue: Promise<void> = Promise.resolve();
  let stopped = false;

  async function run(key: string, unit: UnitPlace, task: UnitTask, vote: Vote): Promise<void> {
    if (stopped) return;
    const candles = await deps.candles(task.dataset);
    if (candles === undefined) {
      // Asked for again when candles come, or anything else changes.
      requested.delete(key);
      return;
    }
    const check = await checkResult(candles, task, vote.result);
    checks.set(key, check);
    if (check.state === 'holds') holding.set(unit.id, unit);
    deps.onChecked(unit.id, vote, check);
  }

  return {
    request(unit, task, vote) {
      const key = `${unit.id}/${vote.answer}`;
      if (requested.has(key)) return queue;
      requested.add(key);
      queue = queue
        .then(() => run(key, unit, task, vote))
        .catch((error: unknown) => {
          requested.delete(key);
          deps.onFailure(error as Error);
        });
      return queue;
    },
    holding: () => holding.values(),
    made: () => checks.size,
    get: (unit, answer) => checks.get(`${unit}/${answer}`),
    stop() {
      stopped = true;
      return queue;
    },
  };
}

async function checkResult(candles: Candles, task: UnitTask, result: Result): Promise<Check> {
  const champions: CheckedChampion[] = [];
  const { outOfSample } = divideTime(candles.length, task.spec);
  const outOfSampleDays = outOfSample.reduce((sum, window) => sum + elapsedMs(candles, window), 0) / DAY_MS;
  for (const [place, champion] of result.champions.entries()) {
    await nextTurn();
    try {
      const strategy = parseStrategy(champion.strategy);
      const mine = evaluateChampion(candles, task, strategy);
      const parts = ['inSample', 'outOfSample', 'holdout'] as const;
      const odd = parts.find((part) => !isSameSegment(mine[part], champion[part]));
      if (odd !== undefined)
        return { state: 'differs', message: `champion ${place + 1} has other ${odd} figures here` };
      champions.push({ hash: strategyHash(strategy), equity: mine.equity, outOfSampleDays });
    } catch (error) {
      return { state: 'differs', message: `champion ${place + 1} cannot be run: ${(error as Error).message}` };
    }
  }
  return { state: 'holds', champions };
}

/** By value: there is no -0 on the wire, and NaN is equal to nothing. */
function isSameSegment(mine: Segment, claimed: Segment): boolean {
  return (Object.keys(claimed) as (keyof Segment)[]).every((field) => mine[field] === claimed[field]);
}
