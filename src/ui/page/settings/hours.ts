// Hours of the week as rows of a form, and back into the text that the node reads (docs/operating.md, `--schedule`).

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export interface Hours {
  from: Day;
  to: Day;
  /** 22:00 */
  start: string;
  /** 07:00; 24:00 is the end of the day. Not after `start`: the next morning. */
  end: string;
}

const HALVES_A_DAY = 48;
const HALVES_A_WEEK = 7 * HALVES_A_DAY;
const PART = /^([a-z]{3})(?:-([a-z]{3}))? (\d\d?:\d\d)-(\d\d?:\d\d)$/;

const dayOf = (text: string): Day | undefined => DAYS.find((day) => day === text);
const padded = (time: string): string => time.padStart(5, '0');

/** Undefined where a part is none of these forms. */
export function parseHours(text: string): Hours[] | undefined {
  const parts = text.toLowerCase().split(',');
  const rows = parts
    .map((part) => part.trim().replace(/\s+/g, ' '))
    .filter((part) => part !== '')
    .map((part): Hours | undefined => {
      const [, first = '', last = first, start = '', end = ''] = PART.exec(part) ?? [];
      const [from, to] = [dayOf(first), dayOf(last)];
      return from === undefined || to === undefined ? undefined : { from, to, start: padded(start), end: padded(end) };
    });
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

export const hoursText = (rows: readonly Hours[]): string =>
  rows.map(({ from, to, start, end }) => `${from === to ? from : `${from}-${to}`} ${start}-${end}`).join(', ');

function halfOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 2 + Number(minutes) / 30;
}

/** Which half hours of the week are allowed, from Monday 0:00; all without rows. */
export function allowedHalves(rows: readonly Hours[]): boolean[] {
  const week = Array.from({ length: HALVES_A_WEEK }, () => rows.length === 0);
  for (const { from, to, start, end } of rows) {
    const [first, begin] = [DAYS.indexOf(from), halfOf(start)];
    const days = ((DAYS.indexOf(to) - first + 7) % 7) + 1;
    const length = (halfOf(end) - begin + HALVES_A_DAY) % HALVES_A_DAY || HALVES_A_DAY;
    for (let day = 0; day < days; day++) {
      const at = (first + day) * HALVES_A_DAY + begin;
      for (let half = Math.floor(at); half < at + length; half++) week[half % HALVES_A_WEEK] = true;
    }
  }
  return week;
}
