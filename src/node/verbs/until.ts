// Times to come, as people type them: 8:00, "tomorrow 8:00", "mon 8:00", 2026-11-23T08:00, or a span such as 2h.
import { UsageError } from '../cli/verb.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const CLOCK = /^(?:([a-z]+) )?([01]?\d|2[0-3]):([0-5]\d)$/;

/** By this machine's clock and time zone; undefined when neither is given. Throws `bad_time`. */
export function parseUntil(
  { when, span }: { when: string | undefined; span: string | undefined },
  now: Date,
): Date | undefined {
  if (when !== undefined && span !== undefined)
    throw new UsageError('usage', 'Use --until or --for, not both.', 'until');
  if (span !== undefined) return afterSpan(span, now);
  return when === undefined ? undefined : atClock(when.trim().toLowerCase(), now);
}

function afterSpan(span: string, now: Date): Date {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([mhd])$/.exec(span.trim().toLowerCase()) ?? [];
  if (digits === undefined)
    throw new UsageError('bad_time', `--for is a span like 90m, 2h or 3d, not “${span}”`, 'for');
  return new Date(now.getTime() + Math.round(Number(digits) * UNIT_MS[unit]!));
}

function atClock(text: string, now: Date): Date {
  const [, word, hours, minutes] = CLOCK.exec(text) ?? [];
  const at = hours === undefined ? new Date(text.toUpperCase()) : onDay(word, Number(hours), Number(minutes), now);
  if (at !== undefined && at.getTime() > now.getTime()) return at;
  throw new UsageError(
    'bad_time',
    `--until is a time to come, like 8:00, “tomorrow 8:00” or 2026-11-23T08:00, not “${text}”`,
    'until',
  );
}

/** Undefined for a word that is no day. A time without a day is the next one; a day's name is the next such day. */
function onDay(word: string | undefined, hours: number, minutes: number, now: Date): Date | undefined {
  const on = (days: number): Date =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hours, minutes, 0, 0);
  if (word === 'tomorrow') return on(1);
  if (word === 'today') return on(0);
  if (word === undefined) return on(0).getTime() > now.getTime() ? on(0) : on(1);
  const day = DAYS.indexOf(word.slice(0, 3));
  if (day < 0) return undefined;
  const ahead = (day - now.getDay() + 7) % 7;
  return on(ahead).getTime() > now.getTime() ? on(ahead) : on(ahead + 7);
}
