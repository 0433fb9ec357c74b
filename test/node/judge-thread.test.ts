// The thread that judges: as the engine does, and within what its owner allows.
import t from 'tap';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { DEFAULT_THRESHOLDS } from '../../src/engine/statistics/thresholds.ts';
import { type JudgeTask, judge } from '../../src/node/verdicts/judge.ts';
import { judgeOnThread } from '../../src/node/verdicts/judge-thread.ts';
import { Pace, resting } from '../../src/node/verdicts/pace.ts';
import { candles, restsIn, scene, spec } from './support/verdicts.ts';

const WORKER = new URL('../../dist/node/verdicts/judge-worker.js', import.meta.url);
const NEVER = new AbortController().signal;
const NO_POOL = { lendThread: () => () => undefined };

async function taskOf(): Promise<JudgeTask> {
  const { ground, one, say } = scene();
  const { basis, findings } = await restsIn([...ground, say(one, 0, 40), say(one, 1, 100)], one);
  const champions = findings.champions.map((each) => parseStrategy(each));
  const { trials } = findings;
  return { candles, spec, champions, trials, searched: basis.searched, thresholds: DEFAULT_THRESHOLDS };
}

t.test('a thread judges as the engine does, and says why it cannot', async (t) => {
  const task = await taskOf();
  const there = judgeOnThread({ url: WORKER, lowestPriority: true, pace: new Pace(), pool: NO_POOL });
  t.same(await there(task, NEVER), await judge(task));
  await t.rejects(there({ ...task, candles: sampleCandles('short', 10) }, NEVER), { code: 'judging_failed' });
  await t.rejects(there(task, AbortSignal.abort()), { name: 'AbortError' });
});

t.test(
  'it begins when its owner allows it, takes a thread of the pool, and is held when the machine pauses',
  async (t) => {
    const task = await taskOf();
    const pace = new Pace();
    const lent = { now: 0, most: 0 };
    const lendThread = (): (() => void) => {
      lent.now += 1;
      lent.most = Math.max(lent.most, lent.now);
      return () => {
        lent.now -= 1;
      };
    };
    const there = judgeOnThread({ url: WORKER, lowestPriority: true, pace, pool: { lendThread } });
    pace.follow({ run: 'finish', share: 100 });
    let isDone = false;
    const waiting = there(task, NEVER).finally(() => {
      isDone = true;
    });
    const aborted = new AbortController();
    const never = there(task, aborted.signal);
    aborted.abort();
    await t.rejects(never, { name: 'AbortError' }, 'who is told to stop does not wait for leave');
    t.equal(lent.most, 0, 'nothing is begun before its owner allows it');
    pace.follow({ run: 'run', share: 100 });
    await new Promise(setImmediate);
    t.equal(lent.now, 1, 'one thread less for the others');
    // At once: no thread has started yet.
    pace.follow({ run: 'pause', share: 100 });
    const began = performance.now();
    const plain = await judge(task);
    const alone = performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 1000 + 3 * alone));
    t.notOk(isDone, 'held while it is under way');
    pace.follow({ run: 'finish', share: 100 });
    t.same(await waiting, plain, 'what is under way is ended');
    t.equal(lent.now, 0);
  },
);

t.test('a share of the time: it rests between its steps, and less when more is allowed', async (t) => {
  const pace = new Pace();
  let now = 0;
  const rest = resting(pace.shared, () => now);
  const restAfter = (worked: number): number => {
    now += worked;
    const began = performance.now();
    rest();
    return performance.now() - began;
  };
  t.ok(restAfter(40) < 20, 'not at full speed');
  pace.follow({ run: 'run', share: 25 });
  t.ok(restAfter(20) >= 55, 'three times as long as it worked, at a quarter');
});
