// Calendar arithmetic on integers; the engine never asks a clock or a locale.
import { InvalidInput } from './errors.ts';

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

const TEXT_TIME = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3})\d*)?)?(Z|\+00:00)?$/;

function parseTextTime(text: string): number | undefined {
  const match = TEXT_TIME.exec(text);
  if (match === null) return undefined;
  const part = (index: number) => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return daysFromCivil(year, month, day) * DAY_MS + hour * 3_600_000 + minute * 60_000 + second * 1000 + part(7);
}

export type TimeForm = 'text' | 'seconds' | 'milliseconds';

/** The form of a time stamp: digits are seconds up to 11 of them (year 5138), milliseconds beyond. */
export function detectTimeForm(text: string): TimeForm {
  if (!/^\d+$/.test(text)) return 'text';
  return text.length <= 11 ? 'seconds' : 'milliseconds';
}

/**
 * Milliseconds since 1970 UTC of `2025-07-01 00:00:00` (UTC), ISO 8601 in UTC, or digits. Throws `bad_time`.
 * Offsets other than zero are refused: a file in local time must say so by being converted first.
 */
export function parseTime(text: string, form: TimeForm, field: string): number {
  if (detectTimeForm(text) !== form) {
    throw new InvalidInput('bad_time', `${field}: "${text}" is not written like the first time stamp (${form})`, field);
  }
  const time = form === 'text' ? parseTextTime(text) : Number(text) * (form === 'seconds' ? 1000 : 1);
  if (time === undefined) throw new InvalidInput('bad_time', `${field}: "${text}" is not a time in UTC`, field);
  return time;
}
