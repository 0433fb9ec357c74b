// Hours of the week, as people write them: "mon-fri 22:00-07:00, sat-sun 00:00-24:00". Local time; a span that ends before
// it begins goes on into the next day.

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const DAY_MINUTES = 1440;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const SPAN = /^([a-z]{3})(?:-([a-z]{3}))? (\d\d?):(\d\d)-(\d\d?):(\d\d)$/;

/** Minutes of the week, from Sunday 0:00: from, to; `to` may lie in the next week. */
export type Span = readonly [from: number, to: number];

/** Empty: always. Undefined when it cannot be read. */
export function parseSchedule(text: string): Span[] | undefined {
  const parts = text
    .toLowerCase()
    .split(',')
    .map((part) => part.trim().replace(/\s+/g, ' '))
    .filter((part) => part !== '');
  const spans: Span[] = [];
  for (const part of parts) {
    const read = parsePart(part);
    if (read === undefined) return undefined;
    spans.push(...read);
  }
  return spans;
}

function parsePart(part: string): Span[] | undefined {
  const [, first = '', last = first, ...times] = SPAN.exec(part) ?? [];
  const [from, to] = [dayOf(first), dayOf(last)];
  const [start, end] = [minuteOf(times[0], times[1]), minuteOf(times[2], times[3])];
  if (from < 0 || to < 0 || start === undefined || end === undefined || start === DAY_MINUTES) return undefined;
  const length = end > start ? end - start : end - start + DAY_MINUTES;
  const days = ((to - from + 7) % 7) + 1;
  return Array.from({ length: days }, (_, i) => {
    const at = ((from + i) % 7) * DAY_MINUTES + start;
    return [at, at + length] as const;
  });
}

const dayOf = (name: string): number => DAYS.indexOf(name as (typeof DAYS)[number]);

function minuteOf(hours: string | undefined, minutes: string | undefined): number | undefined {
  const [h, m] = [Number(hours), Number(minutes)];
  return h <= 24 && m < 60 && h * 60 + m <= DAY_MINUTES ? h * 60 + m : undefined;
}

/** When it may work again, as people say it; undefined when it may now. */
export function closedUntil(spans: readonly Span[], now: Date): string | undefined {
  if (spans.length === 0) return undefined;
  const minute = now.getDay() * DAY_MINUTES + now.getHours() * 60 + now.getMinutes();
  const isIn = ([from, to]: Span): boolean => (minute - from + WEEK_MINUTES) % WEEK_MINUTES < to - from;
  if (spans.some(isIn)) return undefined;
  const waits = spans.map(([from]) => (from - minute + WEEK_MINUTES) % WEEK_MINUTES);
  const next = (minute + Math.min(...waits)) % WEEK_MINUTES;
  return `${DAY_NAMES[Math.floor(next / DAY_MINUTES)]} at ${clock(next % DAY_MINUTES)}`;
}

function clock(minute: number): string {
  return `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
}
