// One job of the invented mesh and one unit of it.
import type { JobView, UnitState, UnitView } from '../../src/ui/api.ts';
import type { DisputesView } from '../../src/ui/api-ledger.ts';
import type { JobDetail } from '../../src/ui/api-work.ts';
import { peerOf, START } from './fixture-data.ts';

const LETTERS = { v: 'validated', r: 'running', p: 'provisional', d: 'disputed', f: 'failed', o: 'open' } as const;

/** One letter a unit: as many of each state as the job counts, those that are under way mixed. */
function mapOf({ counts }: JobView): string {
  const of = (letter: keyof typeof LETTERS): string[] => Array(counts[LETTERS[letter]]).fill(letter);
  const busy = [...of('r'), ...of('p'), ...of('d'), ...of('f')];
  const mixed = busy.map((_, i) => busy[(i * 7) % busy.length]!);
  const same = [...mixed].sort(byText).join() === [...busy].sort(byText).join();
  return [...of('v'), ...(same ? mixed : busy), ...of('o')].join('');
}

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

export function detailOf(job: JobView): JobDetail {
  return {
    job,
    terms: {
      ...{ equity: 10_000, folds: 4, holdout: 0.15, embargo: 24, warmup: 200, minTrades: 20 },
      ...{ spread: 0, allowShort: false, anchored: true },
    },
    quorum: 2,
    candles: job.datasetHere
      ? { bars: 17_518, from: '2024-11-21T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' }
      : null,
    spent: {
      answers: 2 * job.counts.validated,
      backtests: 40_000 * job.counts.validated,
      ms: 1_450_000 * job.counts.validated,
    },
    results: job.counts.validated,
    map: mapOf(job),
  };
}

const at = (minutes: number): string => new Date(START - minutes * 60_000).toISOString();

export function unitOf(job: JobView, index: number): UnitView {
  const state: UnitState = LETTERS[(mapOf(job)[index] ?? 'o') as keyof typeof LETTERS];
  const answers = { validated: 2, disputed: 2, provisional: 1, failed: 2, running: 0, open: 0 }[state];
  const names = ['torre-rog', 'studio-mbp'];
  return {
    id: `${job.id.slice(0, 8)}-${index}`,
    jobId: job.id,
    index,
    state,
    reason: state === 'disputed' ? 'Machines disagree (1 of 2 replicas agree); one more replica decides.' : null,
    digest: answers === 0 ? null : '7f3a91c2'.repeat(8),
    claims: state === 'running' ? [{ peerId: peerOf(1), name: 'studio-mbp', progress: 0.4, leaseMs: 600_000 }] : [],
    results: Array.from({ length: answers }, (_, n) => ({
      entryId: `e${index}-${n}`,
      peerId: peerOf(n),
      name: names[n]!,
      digest: (state === 'disputed' && n === 1 ? '41fc9a03' : '7f3a91c2').repeat(8),
      agrees: state === 'validated' ? true : null,
      at: at(30 - n * 9),
    })),
  };
}

/** An open one and a settled one of a job, and answers of others that lost before. */
export function disputesOf({ id, name }: JobView, open: number): DisputesView {
  const answer = (digits: string, who: number, valid: boolean | null) => ({
    answer: digits.repeat(8),
    by: [{ peerId: peerOf(who), name: ['torre-rog', 'studio-mbp', 'lab-hexa'][who]!, entryId: `d${who}`, at: at(who) }],
    valid,
  });
  const unit = (index: number) => ({ unitId: `${id.slice(0, 8)}-${index}`, jobId: id, jobName: name, index });
  return {
    ...{ open, failed: 0, dropped: 42 },
    items: [
      {
        ...unit(87),
        state: 'open',
        answers: [answer('e2b0a917', 0, null), answer('41fc9a03', 1, null)],
        differs: { figure: 'champion 1 outOfSample netProfit', values: [181.2204, 181.2203] },
      },
      {
        ...unit(53),
        state: 'settled',
        answers: [answer('7f3a91c2', 2, true), answer('90e55d32', 1, false)],
        differs: { figure: 'trials count', values: [20_000, 19_999] },
      },
    ],
  };
}
