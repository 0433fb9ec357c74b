// Numbers, times and spans as the reader writes them. Unknown is a dash, never 0; signs and units are always there.
import { timeZone } from './theme.ts';
import { language, words } from './words/words.ts';

type Maybe = number | null | undefined;

const UNKNOWN = '—';
const MINUS = '\u2212';
const NBSP = '\u00a0';
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const formatters = new Map<string, Intl.NumberFormat>();

function digits(value: number, least: number, most: number): string {
  const key = `${language.value} ${least} ${most}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.NumberFormat(language.value, {
      minimumFractionDigits: least,
      maximumFractionDigits: most,
      useGrouping: 'always',
    });
    formatters.set(key, formatter);
  }
  return formatter.format(value).replace('-', MINUS);
}

const isKnown = (value: Maybe): value is number => typeof value === 'number' && Number.isFinite(value);

export const count = (value: Maybe): string => (isKnown(value) ? digits(value, 0, 0) : UNKNOWN);
export const decimal = (value: Maybe, places = 2): string => (isKnown(value) ? digits(value, places, places) : UNKNOWN);
export const plain = (value: number): string => digits(value, 0, 6);

/** Large counts short: 9.6 M, 7.3 k. */
export function short(value: Maybe): string {
  if (!isKnown(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size >= 999_950_000) return `${digits(value / 1e9, 1, 1)}${NBSP}G`;
  if (size >= 999_950) return `${digits(value / 1e6, 1, 1)}${NBSP}M`;
  if (size >= 10_000) return `${digits(value / 1e3, 1, 1)}${NBSP}k`;
  return digits(value, 0, 0);
}

/** Decimal units: 1.1 MB. */
export function bytes(value: Maybe): string {
  if (!isKnown(value)) return UNKNOWN;
  if (value >= 1e9) return `${digits(value / 1e9, 1, 1)}${NBSP}GB`;
  if (value >= 1e6) return `${digits(value / 1e6, 1, 1)}${NBSP}MB`;
  return value >= 1e3 ? `${digits(value / 1e3, 0, 0)}${NBSP}kB` : `${digits(value, 0, 0)}${NBSP}B`;
}

/** A ratio as a percentage without sign. */
export const share = (ratio: Maybe, places = 1): string =>
  isKnown(ratio) ? `${digits(ratio * 100, places, places)}${NBSP}%` : UNKNOWN;

function signed(value: number, text: string): string {
  if (/^[0.,]*$/.test(text.replace(/[^0-9.,]/g, ''))) return text;
  return `${value < 0 ? MINUS : '+'}${text}`;
}

/** A return: +3.6 %, −0.4 %. */
export const gain = (ratio: Maybe, places = 1): string =>
  isKnown(ratio) ? signed(ratio, share(Math.abs(ratio), places)) : UNKNOWN;

/** A loss from a peak, always below zero. */
export const drop = (ratio: Maybe): string => (isKnown(ratio) ? gain(-Math.abs(ratio)) : UNKNOWN);

export const money = (value: Maybe): string => {
  if (!isKnown(value)) return UNKNOWN;
  return signed(value, `$${digits(Math.abs(value), 2, 2)}`);
};

/** The two largest units of a span: 1 h 12 min, 34 min, 14 s. */
export function span(ms: Maybe): string {
  if (!isKnown(ms)) return UNKNOWN;
  const { unitDay, unitHour, unitMinute, unitSecond } = words.value;
  const join = (first: number, unit: string, second: number, smaller: string): string =>
    second === 0 ? `${count(first)}${NBSP}${unit}` : `${count(first)}${NBSP}${unit} ${count(second)}${NBSP}${smaller}`;
  const minutes = Math.round(ms / MINUTE_MS);
  if (ms >= DAY_MS) return join(Math.floor(ms / DAY_MS), unitDay, Math.floor((ms % DAY_MS) / HOUR_MS), unitHour);
  if (minutes >= 60) return join(Math.floor(minutes / 60), unitHour, minutes % 60, unitMinute);
  if (ms >= 59_500) return `${count(minutes)}${NBSP}${unitMinute}`;
  return `${count(Math.max(0, Math.round(ms / SECOND_MS)))}${NBSP}${unitSecond}`;
}

/** Ages under 10 s with one decimal. */
export const age = (ms: number): string =>
  ms < 9_950 ? `${digits(Math.max(0, ms) / SECOND_MS, 1, 1)}${NBSP}${words.value.unitSecond}` : span(ms);

/** Candle size: 5 min, 1 h, 1 d. */
export function barSize(ms: number): string {
  const { unitDay, unitHour, unitMinute, unitSecond } = words.value;
  if (ms % DAY_MS === 0) return `${ms / DAY_MS}${NBSP}${unitDay}`;
  if (ms % HOUR_MS === 0) return `${ms / HOUR_MS}${NBSP}${unitHour}`;
  if (ms % MINUTE_MS === 0) return `${ms / MINUTE_MS}${NBSP}${unitMinute}`;
  return `${ms / SECOND_MS}${NBSP}${unitSecond}`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** Date and hours of a moment by the clock of UTC, or of this browser. */
function clockOf(time: string | number, zone: 'utc' | 'local'): { date: number; hours: number; minutes: number } {
  const date = new Date(time);
  return zone === 'utc'
    ? { date: date.getUTCDate(), hours: date.getUTCHours(), minutes: date.getUTCMinutes() }
    : { date: date.getDate(), hours: date.getHours(), minutes: date.getMinutes() };
}

function dayTimeIn(time: string | number, zone: 'utc' | 'local'): string {
  const { date, hours, minutes } = clockOf(time, zone);
  const options = { month: 'short', ...(zone === 'utc' ? { timeZone: 'UTC' } : {}) } as const;
  const month = new Intl.DateTimeFormat(language.value, options).format(new Date(time));
  return `${date}${NBSP}${month}${NBSP}${two(hours)}:${two(minutes)}`;
}

/** 18:42, in the reader's choice of time. */
export function hourMinute(time: string | number): string {
  const { hours, minutes } = clockOf(time, timeZone.value);
  return `${two(hours)}:${two(minutes)}`;
}

/** 18:42:07, in the reader's choice of time. */
export const clockTime = (time: number): string => `${hourMinute(time)}:${two(new Date(time).getUTCSeconds())}`;

/** 21 Nov 18:42, in the reader's choice of time: of what happened here and in the mesh. */
export const dayTime = (time: string | number): string => dayTimeIn(time, timeZone.value);

/** 21 Nov 18:42, always UTC: of candles and what rests on them, as charts and files have it. */
export const marketTime = (time: string | number): string => dayTimeIn(time, 'utc');

/** What the times of `dayTime` are in: UTC, or the name of this browser's zone. */
export function zoneName(time: string | number = Date.now()): string {
  if (timeZone.value === 'utc') return 'UTC';
  const parts = new Intl.DateTimeFormat(language.value, { timeZoneName: 'short' }).formatToParts(new Date(time));
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** 21 Nov 18:42 UTC. */
export const stamp = (time: string | number): string => `${dayTime(time)} ${zoneName(time)}`;

/** 2026-11-21, UTC. */
export const day = (time: string): string => time.slice(0, 10);

/** The first characters of a hash. */
export const shortHash = (hash: string): string => hash.slice(0, 8);

/** A peer id by its last characters: all of them begin alike. */
export const shortId = (peerId: string): string => `…${peerId.slice(-8)}`;
