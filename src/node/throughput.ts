// The mesh's rate over the last hour, sampled from what the members say of themselves.
import type { Snapshot } from '../ui/api.ts';

const SAMPLE_MS = 10_000;
const SAMPLES_MAX = 360;

export interface Throughput {
  samples(): Snapshot['throughput'];
  stop(): void;
}

/**
 * `measure`: backtests a second of all members together, null when nobody says; results so far, null while there is no
 * ledger to count them in. Samples hold the new ones: what was there when the counting began is not news.
 */
export function startThroughput(
  now: () => number,
  measure: () => { backtestsPerSecond: number | null; results: number | null },
): Throughput {
  const samples: Snapshot['throughput'] = [];
  let before = measure().results;
  const timer = setInterval(() => {
    const { backtestsPerSecond, results } = measure();
    const more = results === null || before === null ? 0 : Math.max(0, results - before);
    samples.push({ at: new Date(now()).toISOString(), backtestsPerSecond, results: more });
    before = results;
    if (samples.length > SAMPLES_MAX) samples.shift();
  }, SAMPLE_MS);
  return { samples: () => samples.slice(), stop: () => clearInterval(timer) };
}

/** Rate of a growing count over the last ten seconds or so; null until there are two readings. */
export function createRate(now: () => number, count: () => number): () => number | null {
  const readings: { at: number; count: number }[] = [];
  return () => {
    const at = now();
    const last = readings.at(-1);
    if (last === undefined || at - last.at >= 1000) readings.push({ at, count: count() });
    while (readings.length > 2 && at - readings[0]!.at > SAMPLE_MS) readings.shift();
    const first = readings[0]!;
    const newest = readings.at(-1)!;
    if (newest.at <= first.at) return null;
    return ((newest.count - first.count) / (newest.at - first.at)) * 1000;
  };
}
