// Times of work: processor time of this process where one thread works, time on the clock where several do.

export interface Timing {
  /** Median and least of the rounds, in ms. */
  medianMs: number;
  leastMs: number;
  rounds: number;
}

const ROUNDS_MIN = 3;
const ROUNDS_MAX = 40;
/** Rounds go on until they have taken this long together. */
const ENOUGH_MS = 600;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function summarise(times: number[]): Timing {
  times.sort((a, b) => a - b);
  return { medianMs: times[times.length >> 1]!, leastMs: times[0]!, rounds: times.length };
}

const isEnough = (times: readonly number[], spent: number): boolean =>
  times.length >= ROUNDS_MAX || (times.length >= ROUNDS_MIN && spent >= ENOUGH_MS);

/** Processor time of `work`, after one round that is not counted. */
export function measureCpu(work: () => void): Timing {
  work();
  const times: number[] = [];
  for (let spent = 0; !isEnough(times, spent); ) {
    const before = cpuMs();
    work();
    const ms = cpuMs() - before;
    times.push(ms);
    spent += ms;
  }
  return summarise(times);
}

/** Processor time of `work`, once. */
export function measureOnce(work: () => void): number {
  const before = cpuMs();
  work();
  return cpuMs() - before;
}

/** Time on the clock of `work`, after one round that is not counted. */
export async function measureClock(work: () => Promise<unknown>): Promise<Timing> {
  await work();
  const times: number[] = [];
  for (let spent = 0; !isEnough(times, spent); ) {
    const before = performance.now();
    await work();
    const ms = performance.now() - before;
    times.push(ms);
    spent += ms;
  }
  return summarise(times);
}
