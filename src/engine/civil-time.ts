// Calendar arithmetic on integers; the engine never asks a clock or a locale.

const DAY_MS = 86_400_000;

/**
 * Days from 1970-01-01 to a date of the proleptic Gregorian calendar, by counting whole years, leap days and the days
 * of the months of a year that begins in March (so that the leap day comes last).
 */
export function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const beforeMonth = Math.floor((153 * marchMonth + 2) / 5);
  return marchYear * 365 + leapDays + beforeMonth + day - 719_469;
}

function daysInMonth(year: number, month: number): number {
  const next = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
  return next - daysFromCivil(year, month, 1);
}

const DATE = /^(\d{4})([-/])(\d\d)\2(\d\d)/;
const CLOCK = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;
/** `07-AM`, `7 PM`: hours of a clock of twelve. */
const HALF_DAY = /^(\d{1,2})[- ]?([AP])M$/i;
const OFFSET = /(Z|UTC|[+-]\d\d(?::?\d\d)?)$/;

/** Milliseconds since midnight, or undefined. */
function clockMs(text: string): number | undefined {
  const half = HALF_DAY.exec(text);
  if (half !== null) {
    const hour = Number(half[1]);
    if (hour < 1 || hour > 12) return undefined;
    return ((hour % 12) + (half[2]!.toUpperCase() === 'P' ? 12 : 0)) * 3_600_000;
  }
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = Number((match[4] ?? '0').padEnd(3, '0').slice(0, 3));
  return hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction;
}

/** Milliseconds that a clock with this offset is ahead of UTC, or undefined. */
function offsetMs(text: string): number | undefined {
  if (text === 'Z' || text === 'UTC') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(':', '') || 0);
  if (hours > 18 || minutes > 59) return undefined;
  return (text[0] === '-' ? -1 : 1) * (hours * 3_600_000 + minutes * 60_000);
}

/**
 * Milliseconds since 1970 UTC of `2025-07-01`, `2025-07-01 07:00:00`, `2025-07-01T07:00:00.250+02:00`, `2020-11-20 07-PM`;
 * without an offset it is UTC. Undefined for all else: days before months or a month's name are never guessed at.
 */
export function parseTextTime(text: string): number | undefined {
  const date = DATE.exec(text);
  if (date === null) return undefined;
  const [year, month, day] = [Number(date[1]), Number(date[3]), Number(date[4])];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  const rest = text.slice(date[0].length);
  if (rest !== '' && !/^[ T]/.test(rest)) return undefined;
  const zone = OFFSET.exec(rest)?.[1] ?? '';
  const clock = rest === '' ? 0 : clockMs(rest.slice(1, rest.length - zone.length).trim());
  const offset = zone === '' ? 0 : offsetMs(zone);
  if (clock === undefined || offset === undefined) return undefined;
  return daysFromCivil(year, month, day) * DAY_MS + clock - offset;
}
