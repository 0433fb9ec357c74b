// Runs a fast-check property inside a tap test. The seed is in the name of the assertion; FC_SEED=… repeats a run.
import fc from 'fast-check';
import type { Test } from 'tap';

const SEED = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31));

export async function holds<T>(
  t: Test,
  name: string,
  property: fc.IProperty<T> | fc.IAsyncProperty<T>,
  numRuns: number,
): Promise<void> {
  const details = await fc.check(property as fc.IAsyncProperty<T>, { seed: SEED, numRuns });
  const report = details.failed ? ((await fc.asyncDefaultReportMessage(details)) ?? 'failed') : '';
  t.equal(report, '', `${name} (${numRuns} runs, FC_SEED=${SEED})`);
}
