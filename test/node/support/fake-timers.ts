// Timers of a test's own.
import type { Test } from 'tap';

/** Timers that run when told to. */
export function fakeTimers(t: Test) {
  const timers = new Map<number, { at: number; run: () => void; every: number | undefined }>();
  const clock = { now: 0 };
  let id = 0;
  const add = (run: () => void, ms: number, every?: number) => {
    id += 1;
    timers.set(id, { at: clock.now + ms, run, every });
    return id as never;
  };
  const remove = (timer: unknown) => void timers.delete(timer as number);
  const replaced = {
    setTimeout: add,
    setInterval: (run: () => void, ms: number) => add(run, ms, ms),
    clearTimeout: remove,
    clearInterval: remove,
  };
  for (const [name, value] of Object.entries(replaced))
    t.intercept(globalThis, name as 'setTimeout', { value, configurable: true });
  const advance = (ms: number) => {
    for (const end = clock.now + ms; ; ) {
      const next = [...timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (next === undefined) {
        clock.now = end;
        return;
      }
      const [key, timer] = next;
      clock.now = timer.at;
      if (timer.every === undefined) timers.delete(key);
      else timer.at += timer.every;
      timer.run();
    }
  };
  return { clock, advance, timers };
}
