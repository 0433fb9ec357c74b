// Entries as a mesh at work writes them, made without the work, and how fast they are read and verified.
import { availableParallelism } from 'node:os';
import { sampleCandles } from '../../engine/sample.ts';
import { proposeGeneration, startState } from '../../engine/search/evolve.ts';
import { sha256, utf8 } from '../../protocol/bytes.ts';
import { decodeEntry, type Entry, NOTHING, signEntry, verifyEntry } from '../../protocol/entry.ts';
import { createSigner, type Signer } from '../../protocol/keys.ts';
import type { Result } from '../../protocol/kinds.ts';
import { signaturesOnThreads } from '../signature-threads.ts';
import type { BenchRow } from './engines.ts';
import { measureClock, measureCpu } from './measure.ts';
import { benchTask } from './workloads.ts';

export const madeHash = (text: string): Uint8Array => sha256(utf8(text));
/** The engine that made up all results here. */
export const MADE_FINGERPRINT = madeHash('engine');

const segmentOf = (n: number) => ({
  netProfit: 1000.123456789 + n,
  return: 0.1000123456789 + n / 1e6,
  sharpe: 1.23456789 + n / 1e6,
  maxDrawdown: 0.123456789,
  trades: 100 + (n % 200),
  winRate: 0.523456789,
  profitFactor: 1.345678912,
});

/** Makes up results of one or two champions, about 1.5 KB each: equal for all members, but for the seal. */
export function resultMaker(): (job: Uint8Array, index: number, member: number) => Result {
  const strategies = proposeGeneration(benchTask(200, 1), startState(), sampleCandles('made', 600));
  return (job, index, member) => {
    const places = index % 2 === 0 ? [0] : [0, 1];
    const champions = places.map((place) => ({
      strategy: { ...strategies[(index * 7 + place) % strategies.length]! },
      inSample: segmentOf(index),
      outOfSample: segmentOf(index + 1),
      holdout: segmentOf(index + 2),
    }));
    return {
      ...{ job, index, fingerprint: MADE_FINGERPRINT },
      digest: sha256(job, utf8(String(index))),
      seal: sha256(job, utf8(`${index} ${member}`)),
      champions,
      trials: { count: 20_000, meanSharpe: 0.123456789, varianceSharpe: 0.0123456789 },
      ...{ ms: 345_678, backtests: 20_123 },
    };
  };
}

export function benchLog(count: number, signer: Signer): Entry[] {
  const make = resultMaker();
  const job = madeHash('job');
  return Array.from({ length: count }, (_, seq) => {
    const prev = seq === 0 ? NOTHING : job;
    const log = job.subarray(0, 16);
    return signEntry({ mesh: job, log, seq, prev, time: 0, kind: 'result', data: make(job, seq, 0) }, signer);
  });
}

/** Reading entries with their hashes, and their signatures one after the other (processor time), then on threads (time on the clock). */
export async function benchEntries(count: number): Promise<BenchRow[]> {
  const entries = benchLog(count, createSigner(madeHash('signer')));
  const bytes = entries.reduce((sum, { block }) => sum + block.length, 0);
  const row = (what: string, ms: number): BenchRow => ({ part: 'entries', what, ms, perSecond: (count / ms) * 1000 });
  const read = measureCpu(() => {
    for (const { block } of entries) decodeEntry(block);
  });
  const verified = measureCpu(() => {
    for (const entry of entries) verifyEntry(entry);
  });
  const onThreads = signaturesOnThreads(new URL('../signature-worker.js', import.meta.url), availableParallelism());
  const threaded = await onThreads((areSigned) => measureClock(() => areSigned(entries)));
  return [
    row(`reading ${count} entries of ${Math.round(bytes / count)} bytes`, read.medianMs),
    row('their signatures, one after the other', verified.medianMs),
    {
      ...row('their signatures, on all cores', threaded.medianMs),
      ratio: verified.medianMs / threaded.medianMs,
      ratioTo: 'one by one',
    },
  ];
}
