// Seven days of a member as this node saw it: a bar an hour, and the same as a table.
import type { VNode } from 'preact';
import type { WeekView } from '../../api-members.ts';
import { dayTime, span } from '../format.ts';
import { TableBox, TableHead } from '../parts.tsx';
import { peersWords } from './words.ts';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const HEIGHT = 24;
const NBSP = '\u00a0';
/** How high an hour is in which it was not there. */
const AWAY_HEIGHT = 5;

const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);

/** Outlines of the bars: as high as the share of the hour that it was there, of the time that somebody looked. */
function bars({ online, offline }: WeekView): { there: string; away: string } {
  const bar = (hour: number, height: number): string =>
    `M${hour} ${HEIGHT}v-${height.toFixed(1)}h.8v${height.toFixed(1)}z`;
  const hours = online.map((there, hour) => ({ hour, there, away: offline[hour]! }));
  return {
    there: hours
      .map(({ hour, there, away }) => (there > 0 ? bar(hour, (HEIGHT * there) / (there + away)) : ''))
      .join(''),
    away: hours.map(({ hour, there, away }) => (there === 0 && away > 0 ? bar(hour, AWAY_HEIGHT) : '')).join(''),
  };
}

interface Day {
  from: number;
  online: number;
  offline: number;
  unknown: number;
}

/** Times of 24 hours each, ms; the last ones end with the hour of now. */
function daysOf({ from, online, offline }: WeekView): Day[] {
  return Array.from({ length: online.length / DAY_HOURS }, (_, day) => {
    const part = (all: readonly number[]): number => sum(all.slice(day * DAY_HOURS, (day + 1) * DAY_HOURS));
    const [there, away] = [part(online), part(offline)];
    return {
      from: Date.parse(from) + day * DAY_HOURS * HOUR_MS,
      ...{ online: there, offline: away, unknown: DAY_HOURS * HOUR_MS - there - away },
    };
  });
}

export function Week({ week }: { week: WeekView }): VNode {
  const w = peersWords.value;
  const days = daysOf(week);
  const total = (of: 'online' | 'offline' | 'unknown'): string => span(sum(days.map((day) => day[of])));
  const { there, away } = bars(week);
  const columns: [string, string][] = [
    [w.dayFrom, ''],
    [w.online, 'number'],
    [w.offline, 'number'],
    [w.unknown, 'number'],
  ];
  return (
    <div class="attended">
      <h3 class="sub-title">{w.week}</h3>
      <svg
        viewBox={`0 0 ${week.online.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={w.weekLabel(total('online'), total('offline'), total('unknown'))}
      >
        {days.map(({ from }, day) => (
          <path key={from} class="attended-day" d={`M${day * DAY_HOURS} 0v${HEIGHT}`} />
        ))}
        <path class="attended-there" d={there} />
        <path class="attended-away" d={away} />
      </svg>
      <div class="attended-days" aria-hidden="true">
        {days.map(({ from }) => (
          <span key={from}>{dayTime(from).split(NBSP).slice(0, 2).join(NBSP)}</span>
        ))}
      </div>
      <p class="legend">
        <span>
          <i class="key attended-key there" /> {w.online} {total('online')}
        </span>
        <span>
          <i class="key attended-key away" /> {w.offline} {total('offline')}
        </span>
        <span>
          <i class="key attended-key unknown" /> {w.unknown} {total('unknown')}
        </span>
        <span>{w.weekHint}</span>
      </p>
      <details>
        <summary>{w.asTable}</summary>
        <TableBox label={w.week}>
          <table>
            <TableHead columns={columns} />
            <tbody>
              {days.map((day) => (
                <tr key={day.from}>
                  <th scope="row">{dayTime(day.from)}</th>
                  <td class="number">{span(day.online)}</td>
                  <td class="number">{span(day.offline)}</td>
                  <td class="number">{span(day.unknown)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableBox>
      </details>
    </div>
  );
}
