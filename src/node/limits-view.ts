// What an owner allows this machine, in the shape that page, API and command line show.
import { RequestError } from '../ui/api.ts';
import type { LimitsChange, LimitsView } from '../ui/api-limits.ts';
import type { Governor } from './power/governor.ts';
import type { TimeLine } from './power/time-line.ts';

export function limitsView({ rules, facts, decision, hold }: Governor, timeline: TimeLine): LimitsView {
  const { onBattery, charge, untouchedMs, temperature, programs, hook } = facts;
  return {
    rules,
    now: { run: decision.run, threads: decision.threads, share: decision.share, reason: decision.reason || null },
    pausedUntil: hold?.until === undefined ? null : new Date(hold.until).toISOString(),
    machine: {
      onBattery: onBattery ?? null,
      charge: charge ?? null,
      untouchedMs: untouchedMs ?? null,
      temperature: temperature ?? null,
      programs: programs === undefined ? null : [...programs],
      hook: hook ?? null,
    },
    timeline: timeline.all(),
  };
}

/** Throws RequestError `bad_value` naming the limit. */
export function changeLimits(governor: Governor, changes: LimitsChange): void {
  const wrong = governor.setRules(changes);
  if (wrong === undefined) return;
  const { field, message } = wrong;
  throw new RequestError('bad_value', `${field}: ${message}`, { status: 422, field });
}

const PAUSE_MS_MAX = 366 * 24 * 3_600_000;

/** ms since 1970 of an end of a pause. Throws RequestError `bad_time`. */
export function pauseEnd(until: string | undefined, now: number): number | undefined {
  if (until === undefined) return undefined;
  const end = Date.parse(until);
  if (end > now && end < now + PAUSE_MS_MAX) return end;
  throw new RequestError('bad_time', 'A pause ends later than now and within a year.', { status: 422, field: 'until' });
}
